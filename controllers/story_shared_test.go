package controllers

import (
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// Four jobs write to one bucket, each under a policy of its own that may patch. For three of them it becomes slow at once: that is one cause
// and no job's, and none is patched. What was found in each stands second.
func TestJobsThatSickenOfOneBucketAreNotPatched(t *testing.T) {
	w := newWorld(t, "story-shared")
	payments, _ := flinksim.CaseNamed("payments")
	sick := []string{"payments", "refunds", "invoices"}
	for _, name := range sick {
		w.deployCase(name, payments)
		w.watch(name, inline(quick))
	}
	w.deploy("search", "search")
	w.watch("search", inline(quick))
	shared := func() bool {
		return !slices.ContainsFunc(sick, func(name string) bool { return w.health(name).Status.Cause != api.CauseSharedDependencyDegraded })
	}
	w.run(90, "one cause for all three", shared)
	w.start() // what is shared is read anew, from what status kept
	w.after(40)
	if !shared() {
		t.Fatalf("the cause does not stay\n%s", w.story())
	}
	for _, name := range sick {
		w.heldBackTogether(name)
	}
	if s := w.health("search").Status; s.Health != api.HealthHealthy || s.Settings.CheckpointStorage.Value != "s3://acme-flink" {
		t.Errorf("search is %s and writes to %q", s.Health, s.Settings.CheckpointStorage.Value)
	}
}

// heldBackTogether checks that a job was not patched for what it shares with others, and is told so.
func (w *world) heldBackTogether(name string) {
	w.t.Helper()
	s := w.health(name).Status
	if len(s.Remediations) != 0 || w.target(name).GetGeneration() != 1 {
		w.t.Errorf("%s was patched: %+v", name, s.Remediations)
	}
	if s.Recommendation.WhyNotNow.Reason != api.ReasonSharedDependency {
		w.t.Errorf("%s is held back by %q", name, s.Recommendation.WhyNotNow.Reason)
	}
	if len(s.Diagnoses) < 2 || s.Diagnoses[1].Cause != api.CauseSlowStateBackend {
		w.t.Errorf("%s: its own cause is not second: %+v", name, s.Diagnoses)
	}
	if text := strings.Join(strings.Fields(strings.Join(s.Assessment, " ")), " "); !strings.Contains(text, "s3://acme-flink") {
		w.t.Errorf("%s is not told what is shared:\n%s", name, text)
	}
}
