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

// A remedy that set last-state with a person's approval helps. Once the job is healthy, upgradeMode goes back to savepoint by itself, which
// restarts nothing.
func TestUpgradeModeGoesBackToSavepointOnceTheJobIsHealthy(t *testing.T) {
	w := newWorld(t, "story-held")
	w.deploy("payments", "payments", set("savepoint", "spec", "job", "upgradeMode"))
	w.watch("payments", inline(quick))
	w.run(90, "asks", func() bool { return w.whyNot("payments") == api.ReasonUpgradeModeSavepoint })
	health := w.health("payments")
	patch := client.MergeFrom(health.DeepCopy())
	health.Annotations = map[string]string{api.AnnotationApprove: health.Status.Recommendation.Hash}
	if err := admin.Patch(t.Context(), health, patch); err != nil {
		t.Fatal(err)
	}
	w.run(240, "effective", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	if message := w.health("payments").Status.Remediations[0].Message; !strings.Contains(message, "goes back to savepoint by itself") {
		t.Errorf("the history does not say what stays: %s", message)
	}
	raised := w.timeout()
	w.run(120, "savepoint again", func() bool { return w.upgradeMode("", "") == "savepoint" })
	generation := w.target("payments").GetGeneration()
	for range 60 {
		w.tick()
		if state, _, _ := unstructured.NestedString(w.target("payments").Object, "status", "lifecycleState"); state != "STABLE" {
			t.Fatalf("it restarted: %s", state)
		}
	}
	s := w.health("payments").Status
	if w.timeout() != raised || s.LastOutcome != api.OutcomeEffective || !strings.Contains(s.Remediations[0].Message, "savepoint again") {
		t.Errorf("timeout %q, %s: %s", w.timeout(), s.LastOutcome, s.Remediations[0].Message)
	}
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("written again: generation %d, then %d", generation, got)
	}
}
