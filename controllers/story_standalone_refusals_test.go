package controllers

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// lines edits the configuration file of a story.
func lines(from, to string) func(*appsv1.Deployment, *corev1.ConfigMap) {
	return func(_ *appsv1.Deployment, file *corev1.ConfigMap) {
		for key, text := range file.Data {
			file.Data[key] = strings.Replace(text, from, to, 1)
		}
	}
}

// Each row is a standalone JobManager whose remedy must not be written, and what its owner reads: the reason, and what would be right.
func TestStandaloneJobManagersThatAreOnlyRecommendedTo(t *testing.T) {
	yes := true
	cases := []struct {
		name, job, policy string
		reason, says      string
		change            func(*appsv1.Deployment, *corev1.ConfigMap)
	}{
		{"job-graph", "payments", quick, api.ReasonStoredJobGraph, "submit the job anew", nil},
		{"no-ha", "inventory", quick, api.ReasonNoHighAvailability, "a restart would lose it", lines("high-availability.type: kubernetes\n", "")},
		{"immutable", "inventory", quick, api.ReasonConfigurationFixed, "it is immutable", func(_ *appsv1.Deployment, file *corev1.ConfigMap) { file.Immutable = &yes }},
		{"generated", "inventory", quick, api.ReasonConfigurationFixed, "kustomize", func(d *appsv1.Deployment, file *corev1.ConfigMap) {
			file.Name = "inventory-7bc94f8d2k"
			d.Spec.Template.Spec.Volumes[0].ConfigMap.Name = file.Name
		}},
		{"duplicate", "inventory", quick, api.ReasonDuplicateKey, "line 10: execution.savepoint.cleanup-in-background is there already in line 1",
			lines("# What inventory runs with.\n", "execution.savepoint.cleanup-in-background: true\n# What inventory runs with.\n")},
		{"session", "inventory", quick, api.ReasonSessionCluster, "guards.clusterChanges", func(d *appsv1.Deployment, _ *corev1.ConfigMap) {
			d.Spec.Template.Spec.Containers[0].Args = []string{"jobmanager"}
		}},
		{"owner", "inventory", strings.Replace(quick, "conflicts: Force\n", "", 1), api.ReasonOwnedByOtherManager, "commit the patch there", nil},
		{"secret", "inventory", quick, api.ReasonConfigurationFixed, "Secret more", func(d *appsv1.Deployment, _ *corev1.ConfigMap) {
			d.Spec.Template.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "more"}}}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "story-standalone-"+c.name)
			change := c.change
			if change == nil {
				change = func(*appsv1.Deployment, *corev1.ConfigMap) {}
			}
			w.deployStandalone(c.job, simulated.FormLines, change)
			w.watchWorkload("Deployment", c.job, inline(c.policy))
			if got := w.held(c.job, c.reason); !strings.Contains(strings.Join(strings.Fields(got), " "), c.says) {
				t.Errorf("it says\n%s\nwithout %q", got, c.says)
			}
			w.untouched(t, c.job)
		})
	}
}

// untouched makes sure that a workload carries no receipt and was started once.
func (w *world) untouched(t *testing.T, name string) {
	t.Helper()
	d := w.deployment(name)
	if starts := w.workloads.Starts(client.ObjectKeyFromObject(d)); len(w.receipts(d)) > 0 || starts != 1 {
		t.Errorf("it was written: receipts %+v, %d starts", w.receipts(d), starts)
	}
	if w.health(name).Status.Recommendation.Patch == "" {
		t.Error("nothing is recommended")
	}
}

// What happens to a JobManager that runs already: its file is broken, another workload takes its ConfigMap, its rollout is paused. Each is
// said, and nothing is written.
func TestAStandaloneJobManagerThatChangedUnderUsIsOnlyRecommendedTo(t *testing.T) {
	cases := []struct {
		name, reason, says string
		change             func(*world)
	}{
		{"broken", api.ReasonConfigurationBroken, "ConfigMap/inventory-config, key config.yaml: line ", func(w *world) {
			var file corev1.ConfigMap
			w.get("inventory-config", &file)
			file.Data["config.yaml"] += "high-availability: [kubernetes\nb: 1\n"
			w.update(&file)
		}},
		{"shared", api.ReasonConfigurationFixed, "Deployment/other uses it as well", func(w *world) {
			other, _ := simulated.Standalone(w.namespace, w.cases["inventory"], simulated.FormYAML)
			none := int32(0)
			other.Name, other.Spec.Replicas = "other", &none
			w.create(other)
		}},
		{"paused", api.ReasonRolloutPaused, "resume it first", func(w *world) {
			d := w.deployment("inventory")
			d.Spec.Paused = true
			w.update(d)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "story-standalone-now-"+c.name)
			w.deployStandalone("inventory", simulated.FormYAML)
			w.watchWorkload("Deployment", "inventory", inline(quick))
			w.after(8)
			c.change(w)
			if got := w.held("inventory", c.reason); !strings.Contains(strings.Join(strings.Fields(got), " "), c.says) {
				t.Errorf("it says\n%s\nwithout %q", got, c.says)
			}
			w.untouched(t, "inventory")
		})
	}
}

func (w *world) update(object client.Object) {
	w.t.Helper()
	if err := admin.Update(w.t.Context(), object); err != nil {
		w.t.Fatal(err)
	}
}

// A StatefulSet that is rolled out by hand is recommended to.
func TestAStandaloneStatefulSetWithOnDeleteIsRolledOutByHand(t *testing.T) {
	w := newWorld(t, "story-standalone-ondelete")
	w.standalone()
	inventory, _ := flinksim.CaseNamed("inventory")
	w.cases["inventory"] = inventory
	set, file := simulated.StandaloneSet(w.namespace, inventory, simulated.FormLines)
	set.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType
	for _, object := range simulated.Objects(set, file) {
		w.create(object)
	}
	w.watchWorkload("StatefulSet", "inventory", inline(quick))
	if got := w.held("inventory", api.ReasonRolledOutByHand); !strings.Contains(got, "OnDelete") {
		t.Errorf("it says\n%s", got)
	}
}
