package controllers

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// fuse is a client of a process that dies when it is about to write an object of a kind, once it is armed.
type fuse struct {
	client.Client
	kind         string
	armed, blown bool
}

// Apply dies at the first write of the kind; a rehearsal is none.
func (f *fuse) Apply(ctx context.Context, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	var resolved client.ApplyOptions
	resolved.ApplyOptions(options)
	if f.blown {
		return errCrash
	}
	if object, ok := configuration.(interface{ GetKind() string }); ok && f.armed && len(resolved.DryRun) == 0 && object.GetKind() == f.kind {
		f.blown = true
		return errCrash
	}
	return f.Client.Apply(ctx, configuration, options...)
}

// restart is the process after it, which remembers nothing.
func (w *world) restart(with client.Client) {
	w.t.Helper()
	w.client = with
	w.start()
}

// configMapReceipts are those of the ConfigMap.
func (w *world) configMapReceipts(name string) []model.Receipt {
	w.t.Helper()
	var file corev1.ConfigMap
	w.get(name, &file)
	return w.receipts(&file)
}

// The manager dies between the ConfigMap and the workload. The next one completes what was begun: one remedy, one rollout.
func TestAStandaloneRemedyIsCompletedAfterACrashBetweenItsTwoWrites(t *testing.T) {
	w := newWorld(t, "story-standalone-crash")
	process := &fuse{Client: admin, kind: "Deployment", armed: true}
	w.client = process
	w.start()
	w.deployStandalone("inventory", simulated.FormLines)
	before := w.file("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", inline(quick))
	w.run(90, "died between the two writes", func() bool { return process.blown })
	written := w.file("inventory", simulated.FormLines)
	if d := w.deployment("inventory"); written == before || len(w.receipts(d)) > 0 {
		t.Fatalf("not between the two: receipts %+v", w.receipts(d))
	}
	w.restart(admin)
	w.run(120, "effective and healthy", func() bool { return w.cured("inventory") })
	d := w.deployment("inventory")
	if got := w.receipts(d); len(got) != 1 || got[0].ID != w.configMapReceipts("inventory-config")[0].ID {
		t.Errorf("receipts %+v", got)
	}
	if got := w.file("inventory", simulated.FormLines); got != written || w.workloads.Starts(client.ObjectKeyFromObject(d)) != 2 {
		t.Errorf("%d starts, and the file is\n%s\nwant\n%s", w.workloads.Starts(client.ObjectKeyFromObject(d)), got, written)
	}
}

// leverOff takes the levers that cure inventory out of the policy.
func (w *world) leverOff() {
	w.t.Helper()
	policy := &api.RemediationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "standalone"}}
	off := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"remedies":{"ioPoolSize":{"action":"Off"},"backgroundCleanup":{"action":"Off"}}}}`))
	if err := admin.Patch(w.t.Context(), policy, off); err != nil {
		w.t.Fatal(err)
	}
}

// The manager dies between the two, and when the next one looks the policy does not want the remedy any more: the ConfigMap gets its text
// back, and the JobManager is never restarted.
func TestAStandaloneRemedyThatIsNotWantedAfterACrashIsTakenBack(t *testing.T) {
	w := newWorld(t, "story-standalone-unwanted")
	process := &fuse{Client: admin, kind: "Deployment", armed: true}
	w.client = process
	w.start()
	w.policy("standalone", quick)
	w.deployStandalone("inventory", simulated.FormLines)
	before := w.file("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", "policyRef: {name: standalone}\n")
	w.run(90, "died between the two writes", func() bool { return process.blown })
	w.leverOff()
	w.restart(admin)
	w.run(60, "taken back", func() bool { return w.file("inventory", simulated.FormLines) == before })
	w.after(30)
	d := w.deployment("inventory")
	if got := w.configMapReceipts("inventory-config"); len(got) != 1 || got[0].Outcome != api.OutcomeRolledBack {
		t.Errorf("receipts of the ConfigMap %+v", got)
	}
	if starts := w.workloads.Starts(client.ObjectKeyFromObject(d)); starts != 1 || w.file("inventory", simulated.FormLines) != before {
		t.Errorf("%d starts, file\n%s", starts, w.file("inventory", simulated.FormLines))
	}
}

// The manager dies between the two writes of an undo. The next one ends it: file and pods are what they were.
func TestAnUndoOfAStandaloneRemedyIsCompletedAfterACrash(t *testing.T) {
	w := newWorld(t, "story-standalone-undo-crash")
	process := &fuse{Client: admin, kind: "Deployment"}
	w.client = process
	w.start()
	sessions, _ := flinksim.CaseNamed("sessions")
	w.deployStandaloneCase(sessions.FillsAgain(28*time.Second, 3<<30), simulated.FormYAML)
	before := w.file("sessions", simulated.FormYAML)
	w.watchWorkload("Deployment", "sessions", inline(quick))
	w.run(120, "patched", func() bool { return w.applied("sessions") })
	process.armed = true
	w.run(300, "died while undoing", func() bool { return process.blown })
	w.restart(admin)
	w.run(60, "rolled back", func() bool { return w.health("sessions").Status.LastOutcome == api.OutcomeRolledBack })
	w.after(10)
	d := w.deployment("sessions")
	if got := w.file("sessions", simulated.FormYAML); got != before || d.Spec.Template.Annotations[api.AnnotationConfigHash] != "" {
		t.Errorf("template annotations %v, and the file is\n%s\nwant\n%s", d.Spec.Template.Annotations, got, before)
	}
	if memory := d.Spec.Template.Spec.Containers[0].Resources.Limits.Memory().String(); memory != "1Gi" || w.workloads.Starts(client.ObjectKeyFromObject(d)) != 3 {
		t.Errorf("memory %s, %d starts", memory, w.workloads.Starts(client.ObjectKeyFromObject(d)))
	}
}
