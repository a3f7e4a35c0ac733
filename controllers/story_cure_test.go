package controllers

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// A payments team has a job whose storage became slow. Its checkpoints expire; the operator finds out why, raises the timeout, waits for
// the redeploy, sees the checkpoints complete and says so. The target carries a receipt, and nothing but the timeout is ours.
func TestASickJobIsDiagnosedPatchedVerifiedAndEndsHealthy(t *testing.T) {
	w := newWorld(t, "story-cure")
	w.deploy("payments", "payments")
	w.watch("payments", inline(quick))
	w.run(60, "diagnosed", func() bool { return w.health("payments").Status.Cause == api.CauseSlowStateBackend })
	w.run(60, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	if got := w.timeout(); got == "10 s" {
		t.Fatalf("the timeout is still %s", got)
	}
	if !strings.Contains(w.target("payments").GetAnnotations()[api.AnnotationReceipts], `"outcome":"Pending"`) {
		t.Errorf("the target carries no receipt: %v", w.target("payments").GetAnnotations())
	}
	if !meta.IsStatusConditionTrue(w.health("payments").Status.Conditions, api.ConditionRemediating) {
		t.Error("the condition Remediating is not True while the remedy is not judged")
	}
	w.run(120, "effective and healthy", func() bool {
		s := w.health("payments").Status
		return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
	})
	checkTraces(t, w)
	generation := w.target("payments").GetGeneration()
	w.after(60)
	checkStillSlow(t, w)
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("the cured target was written again: generation %d, then %d", generation, got)
	}
	if len(w.errors) > 0 {
		t.Errorf("passes failed: %v", w.errors)
	}
}

// checkStillSlow looks that a cure by a longer timeout does not hide the storage, which is as slow as it was: status says so with whom to ask, and
// what the job was like before stays its baseline.
func checkStillSlow(t *testing.T, w *world) {
	t.Helper()
	s := w.health("payments").Status
	if text := strings.Join(s.Assessment, " "); !strings.Contains(text, "Healthy with the longer timeout") || !strings.Contains(text, "Uploads are still at") || !strings.Contains(text, "Ask the storage team") {
		t.Errorf("the assessment hides that the storage is still slow:\n%s", w.story())
	}
	if rate := ptr.Deref(s.Baseline.UploadBytesPerSecond, 0); rate < 5e6 {
		t.Errorf("the illness became the baseline: %d bytes a second, want above 5 MB/s", rate)
	}
}

// checkTraces looks at what a cure leaves behind: events, and ownership of nothing but what the remedy changed.
func checkTraces(t *testing.T, w *world) {
	t.Helper()
	for _, reason := range []string{"Diagnosed", "RemedyApplied", "RemedyEffective"} {
		if !w.told(reason) {
			t.Errorf("no event %s was sent", reason)
		}
	}
	for _, entry := range w.target("payments").GetManagedFields() {
		if entry.Manager == api.FieldManager && strings.Contains(entry.FieldsV1.GetRawString(), "interval") {
			t.Errorf("we own more than the remedy changed: %s", entry.FieldsV1.GetRawString())
		}
	}
}

// The storage is quick again. A day later the raised timeout is walked back, by recommendation: it shows in status by itself, and nothing is
// written to the healthy job.
func TestARaisedTimeoutIsWalkedBackByRecommendation(t *testing.T) {
	w := newWorld(t, "story-debt")
	payments, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", payments.SlowsAgain(150*time.Second, 0.01))
	w.watch("payments", inline(quick))
	w.run(140, "effective", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	w.run(120, "quick again", func() bool { return w.health("payments").Status.Health == api.HealthHealthy })
	generation := w.target("payments").GetGeneration()
	w.clock.SetTime(w.clock.Now().Add(25 * time.Hour))
	w.run(60, "recommended", func() bool { return len(w.health("payments").Status.Recommendation.Changes) == 1 })
	s := w.health("payments").Status
	change := s.Recommendation.Changes[0]
	if change.Field != "execution.checkpointing.timeout" || change.To != "10 s" || !strings.Contains(s.Recommendation.Patch, "10 s") {
		t.Errorf("%+v\n%s", change, s.Recommendation.Patch)
	}
	if !strings.Contains(strings.Join(s.Assessment, " "), "Debt: ") {
		t.Errorf("the assessment does not say it: %s", strings.Join(s.Assessment, "\n"))
	}
	w.after(30)
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("a healthy job was restarted: generation %d, then %d", generation, got)
	}
}
