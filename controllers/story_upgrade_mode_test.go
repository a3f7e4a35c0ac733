package controllers

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// upgradeMode changes the upgrade mode of payments as its owner, or reads it where to is "".
func (w *world) upgradeMode(to, manager string) string {
	w.t.Helper()
	target := w.target("payments")
	if to != "" {
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"job":{"upgradeMode":"`+to+`"}}}`))
		if err := admin.Patch(w.t.Context(), target, patch, client.FieldOwner(manager)); err != nil {
			w.t.Fatal(err)
		}
	}
	mode, _, err := unstructured.NestedString(target.Object, "spec", "job", "upgradeMode")
	if err != nil {
		w.t.Fatal(err)
	}
	return mode
}

// While a remedy is judged its owner sets upgradeMode to stateless. Undoing the remedy would now drop the job's state: it is kept, and the
// history says what to do.
func TestAnUndoDoesNotDropTheStateWhereTheUpgradeModeWasChanged(t *testing.T) {
	w := newWorld(t, "story-undo-stateless")
	payments, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", payments.SlowsAgain(45*time.Second, 4))
	w.watch("payments", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.after(5)
	w.upgradeMode("stateless", "kubectl-edit")
	raised := w.timeout()
	w.run(240, "judged", func() bool { return w.health("payments").Status.LastOutcome != api.OutcomePending })
	w.after(30)
	s := w.health("payments").Status
	if s.LastOutcome != api.OutcomeIneffective || !strings.Contains(s.Remediations[0].Message, "set it to last-state") || w.timeout() != raised {
		t.Errorf("%s, timeout %q: %s", s.LastOutcome, w.timeout(), s.Remediations[0].Message)
	}
}

// Flux keeps upgradeMode savepoint in Git. The remedy set last-state with a person's approval, Flux put savepoint back, the remedy does not
// help: undoing it sets last-state again, for with savepoint the undo could never stop the sick job.
func TestAnUndoSetsLastStateAgainWhereItWasPutBack(t *testing.T) {
	w := newWorld(t, "story-undo-savepoint")
	payments, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", payments.SlowsAgain(45*time.Second, 4), set("savepoint", "spec", "job", "upgradeMode"))
	w.watch("payments", inline(quick))
	w.run(90, "asks", func() bool { return w.whyNot("payments") == api.ReasonUpgradeModeSavepoint })
	health := w.health("payments")
	patch := client.MergeFrom(health.DeepCopy())
	health.Annotations = map[string]string{api.AnnotationApprove: health.Status.Recommendation.Hash}
	if err := admin.Patch(t.Context(), health, patch); err != nil {
		t.Fatal(err)
	}
	w.run(60, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.after(8)
	w.upgradeMode("savepoint", "kustomize-controller")
	w.run(300, "undone", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeRolledBack })
	if mode := w.upgradeMode("", ""); mode != "last-state" || w.timeout() != "10 s" {
		t.Errorf("upgradeMode %q and timeout %q, want last-state and the 10 s it was", mode, w.timeout())
	}
	w.run(60, "back", func() bool { return w.health("payments").Status.Health == api.HealthUnhealthy })
}
