package controllers

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
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
