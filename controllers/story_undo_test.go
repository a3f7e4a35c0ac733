package controllers

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// A remedy that does not help is undone exactly, muted, and the history says why; the job is not restarted over and over.
func TestARemedyThatDoesNotHelpIsUndoneAndMuted(t *testing.T) {
	w := newWorld(t, "story-undo")
	payments, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", payments.SlowsAgain(45*time.Second, 4))
	w.watch("payments", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.run(240, "rolled back", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeRolledBack })
	if got := w.timeout(); got != "10 s" {
		t.Errorf("the timeout is %q, want the 10 s it was", got)
	}
	generation := w.target("payments").GetGeneration()
	w.after(60)
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("a muted lever was pulled again: generation %d, then %d", generation, got)
	}
	if text := strings.Join(w.health("payments").Status.Assessment, " "); !strings.Contains(text, "muted") {
		t.Errorf("the assessment does not say that the lever is muted: %s", text)
	}
}

// Somebody puts a patched field back. The operator does not fight: it says so and only recommends from then on.
func TestARevertIsNotFought(t *testing.T) {
	w := newWorld(t, "story-revert")
	w.deploy("payments", "payments")
	w.watch("payments", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.after(3)
	target := w.target("payments")
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"flinkConfiguration":{"execution.checkpointing.timeout":"10 s"}}}`))
	if err := admin.Patch(t.Context(), target, patch, client.FieldOwner("argocd-controller")); err != nil {
		t.Fatal(err)
	}
	w.run(60, "superseded", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeSuperseded })
	generation := w.target("payments").GetGeneration()
	w.after(60)
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("the operator fights: generation %d, then %d", generation, got)
	}
	if got := w.timeout(); got != "10 s" {
		t.Errorf("the timeout is %q, want the 10 s that was put back", got)
	}
}

// A GitOps tool puts a field back after its remedy was effective. That is remembered, so that it is not fought a day later either.
func TestARevertOfAnEffectiveRemedyIsNotFoughtADayLater(t *testing.T) {
	w := newWorld(t, "story-revert-later")
	w.deploy("fraud", "fraud")
	w.watch("fraud", inline(strings.Replace(quick, "cooldownSeconds: 5", "cooldownSeconds: 5, maxReplaySeconds: 604800", 1)))
	w.run(240, "effective", func() bool { return w.health("fraud").Status.LastOutcome == api.OutcomeEffective })
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"jobManager":{"resource":{"cpu":0.25}}}}`))
	if err := admin.Patch(t.Context(), w.target("fraud"), patch, client.FieldOwner("argocd-controller")); err != nil {
		t.Fatal(err)
	}
	generation := w.target("fraud").GetGeneration()
	w.run(60, "superseded", func() bool { return w.health("fraud").Status.LastOutcome == api.OutcomeSuperseded })
	w.run(120, "sick again and not treated", func() bool { return w.whyNot("fraud") == api.ReasonRevertedByGitOps })
	w.clock.SetTime(w.clock.Now().Add(25 * time.Hour))
	w.after(60)
	if got := w.target("fraud").GetGeneration(); got != generation {
		t.Errorf("the operator fights a day later: generation %d, then %d", generation, got)
	}
	if why := w.whyNot("fraud"); why != api.ReasonRevertedByGitOps {
		t.Errorf("a day later it is held back by %q\n%s", why, w.story())
	}
}
