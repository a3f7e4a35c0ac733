package controllers

import (
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// A team runs Flink as a plain Deployment with a flink-conf.yaml. Deletes hold its only io thread: the operator adds a line to the file,
// rolls the JobManager, sees the checkpoints complete, and has touched nothing else.
func TestAStandaloneJobManagerWithFlinkConfIsCured(t *testing.T) {
	w := newWorld(t, "story-standalone-lines")
	w.deployStandalone("inventory", simulated.FormLines)
	before := w.file("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", inline(quick))
	w.run(90, "patched", func() bool { return w.applied("inventory") })
	want := strings.Replace(before, "cleanup-in-background: true", "cleanup-in-background: false", 1) + "jobmanager.io-pool.size: 5\n"
	if got := w.file("inventory", simulated.FormLines); got != want {
		t.Errorf("the file is now\n%s\nwant\n%s", got, want)
	}
	w.run(120, "effective and healthy", func() bool { return w.cured("inventory") })
	d := w.deployment("inventory")
	if d.Spec.Template.Annotations[api.AnnotationConfigHash] == "" || w.workloads.Starts(client.ObjectKeyFromObject(d)) != 2 {
		t.Errorf("%d starts, template annotations %v", w.workloads.Starts(client.ObjectKeyFromObject(d)), d.Spec.Template.Annotations)
	}
	if r := w.receipts(d); len(r) != 1 || r[0].Outcome != api.OutcomeEffective {
		t.Errorf("receipts %+v", r)
	}
	checkSettings(t, w)
	w.after(30)
	if got := w.deployment("inventory").Generation; got != d.Generation || len(w.errors) > 0 {
		t.Errorf("the cured workload was written again: generation %d, then %d; errors %v", d.Generation, got, w.errors)
	}
}

// checkSettings: status tells of each value which very place sets it, and what would win over a patch.
func checkSettings(t *testing.T, w *world) {
	t.Helper()
	timeout := w.health("inventory").Status.Settings.Timeout
	if timeout.Origin != api.OriginConfigMap || !strings.HasPrefix(timeout.Source, "ConfigMap/inventory-config, key flink-conf.yaml, line ") {
		t.Errorf("the timeout comes from %+v", timeout)
	}
	if !strings.Contains(timeout.OverriddenBy, "job graph that high availability stores") {
		t.Errorf("what would win over a patch: %q", timeout.OverriddenBy)
	}
}

// The heap is too small. The process size in a config.yaml and the container's limit grow together, in one remedy: with either alone the
// JobManager would be killed or nothing be gained.
func TestAStandaloneJobManagerWithConfigYAMLGetsALargerProcessAndContainer(t *testing.T) {
	w := newWorld(t, "story-standalone-yaml")
	w.deployStandalone("sessions", simulated.FormYAML)
	before := w.file("sessions", simulated.FormYAML)
	w.watchWorkload("Deployment", "sessions", inline(quick))
	w.run(120, "patched", func() bool { return w.applied("sessions") })
	receipt := w.receipts(w.deployment("sessions"))[0]
	process, limit := changeOf(receipt, "jobmanager.memory.process.size"), changeOf(receipt, "jobManager.resources.limits.memory")
	if process.Place == nil || process.Prior != "1024m" || limit.From != "1Gi" {
		t.Fatalf("changes %+v", receipt.Changes)
	}
	if got, want := w.file("sessions", simulated.FormYAML), strings.Replace(before, `"1024m"`, `"`+process.To+`"`, 1); got != want {
		t.Errorf("the file is now\n%s\nwant\n%s", got, want)
	}
	memory := w.deployment("sessions").Spec.Template.Spec.Containers[0].Resources.Limits[corev1.ResourceMemory]
	if size, err := model.ParseMemory(process.To); err != nil || size > memory.Value() {
		t.Errorf("a process of %s in a container of %s", process.To, memory.String())
	}
	w.run(180, "effective and healthy", func() bool { return w.cured("sessions") })
}

func changeOf(receipt model.Receipt, field string) model.ChangeRecord {
	for _, change := range receipt.Changes {
		if change.Field == field {
			return change
		}
	}
	return model.ChangeRecord{}
}

// The configuration stands in FLINK_PROPERTIES, or in arguments: that is where the remedy goes, in one request on the workload.
func TestAStandaloneJobManagerIsCuredWhereItsConfigurationStands(t *testing.T) {
	for _, form := range []simulated.Form{simulated.FormProperties, simulated.FormArguments} {
		t.Run(string(form), func(t *testing.T) {
			w := newWorld(t, "story-standalone-"+strings.ToLower(strings.ReplaceAll(string(form), "_", "-")))
			w.deployStandalone("inventory", form)
			before := w.deployment("inventory").Spec.Template.Spec.Containers[0]
			w.watchWorkload("Deployment", "inventory", inline(quick))
			w.run(90, "patched", func() bool { return w.applied("inventory") })
			after := w.deployment("inventory").Spec.Template.Spec.Containers[0]
			if form == simulated.FormProperties {
				want := strings.Replace(before.Env[0].Value, "cleanup-in-background: true", "cleanup-in-background: false", 1) + "jobmanager.io-pool.size: 5\n"
				if after.Env[0].Value != want || len(after.Args) != len(before.Args) {
					t.Errorf("FLINK_PROPERTIES is now\n%s\nwant\n%s", after.Env[0].Value, want)
				}
			} else if words := strings.Join(after.Args, " "); !strings.HasSuffix(words, "-Djobmanager.io-pool.size=5") || !strings.Contains(words, "cleanup-in-background=false") {
				t.Errorf("the arguments are now %s", words)
			}
			w.run(120, "effective and healthy", func() bool { return w.cured("inventory") })
			if got := w.workloads.Starts(client.ObjectKey{Namespace: w.namespace, Name: "inventory"}); got != 2 {
				t.Errorf("%d starts, want 2", got)
			}
		})
	}
}

// FLINK_JM_HEAP sizes the heap, in MiB without a unit: it grows there, and the container with it.
func TestAStandaloneJobManagerWithAHeapInItsEnvironmentGetsMore(t *testing.T) {
	w := newWorld(t, "story-standalone-heap")
	w.deployStandalone("sessions", simulated.FormLines, func(d *appsv1.Deployment, file *corev1.ConfigMap) {
		lines("jobmanager.memory.process.size: 1024m\n", "")(d, file)
		d.Spec.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "FLINK_JM_HEAP", Value: "448"}}
	})
	before := w.file("sessions", simulated.FormLines)
	w.watchWorkload("Deployment", "sessions", inline(strings.Replace(quick, "treat: AtRisk", "treat: Unhealthy", 1)))
	w.run(120, "patched", func() bool { return w.applied("sessions") })
	container := w.deployment("sessions").Spec.Template.Spec.Containers[0]
	heap, err := strconv.Atoi(container.Env[0].Value)
	if memory := container.Resources.Limits.Memory(); err != nil || heap <= 448 || memory.Value() <= 1<<30 || w.file("sessions", simulated.FormLines) != before {
		t.Errorf("FLINK_JM_HEAP=%s in a container of %s", container.Env[0].Value, memory)
	}
	w.run(180, "effective and healthy", func() bool { return w.cured("sessions") })
}

// A StatefulSet is no different, and CPU is the container's own.
func TestAStandaloneStatefulSetGetsMoreCPU(t *testing.T) {
	w := newWorld(t, "story-standalone-set")
	w.standalone()
	fraud, _ := flinksim.CaseNamed("fraud")
	w.cases["fraud"] = fraud
	set, file := simulated.StandaloneSet(w.namespace, fraud, simulated.FormLines)
	for _, object := range simulated.Objects(set, file) {
		w.create(object)
	}
	text := file.Data[string(simulated.FormLines)]
	w.watchWorkload("StatefulSet", "fraud", inline(quick))
	w.run(120, "patched", func() bool { return w.applied("fraud") })
	w.run(180, "effective and healthy", func() bool { return w.cured("fraud") })
	var now appsv1.StatefulSet
	w.get("fraud", &now)
	if cpu := now.Spec.Template.Spec.Containers[0].Resources.Limits.Cpu(); cpu.AsApproximateFloat64() <= 0.25 {
		t.Errorf("the CPU limit is %s", cpu)
	}
	if got := w.file("fraud", simulated.FormLines); got != text {
		t.Errorf("the file was touched:\n%s", got)
	}
}

// A larger heap does not help where it fills up again. File and pod template become what they were, byte for byte.
func TestAStandaloneRemedyThatDoesNotHelpIsUndoneToTheByte(t *testing.T) {
	w := newWorld(t, "story-standalone-undo")
	sessions, _ := flinksim.CaseNamed("sessions")
	w.deployStandaloneCase(sessions.FillsAgain(22*time.Second, 3<<30), simulated.FormYAML)
	before, template := w.file("sessions", simulated.FormYAML), w.deployment("sessions").Spec.Template
	w.watchWorkload("Deployment", "sessions", inline(quick))
	w.run(120, "patched", func() bool { return w.applied("sessions") })
	w.run(300, "rolled back", func() bool { return w.health("sessions").Status.LastOutcome == api.OutcomeRolledBack })
	if got := w.file("sessions", simulated.FormYAML); got != before {
		t.Errorf("the file is\n%s\nwant\n%s", got, before)
	}
	if got := w.deployment("sessions").Spec.Template; got.String() != template.String() {
		t.Errorf("the pod template is\n%s\nwant\n%s", got.String(), template.String())
	}
}
