package controllers

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// noneTolerated is Flink's default: every expiry restarts the job from the last checkpoint that completed.
var noneTolerated = set("0", "spec", "flinkConfiguration", "execution.checkpointing.tolerable-failed-checkpoints")

// Each expiry is a failover, and none of them begins the judging anew: a remedy that does not help is undone for what expired.
func TestWithNoToleratedFailureARemedyIsJudgedAcrossFailovers(t *testing.T) {
	w := newWorld(t, "story-failover")
	fraud, _ := flinksim.CaseNamed("fraud")
	w.deployCase("fraud", fraud.SlowsAgain(20*time.Second, 4000), noneTolerated)
	w.watch("fraud", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("fraud").Status.Remediations) == 1 })
	w.run(240, "judged", func() bool { return w.health("fraud").Status.LastOutcome != api.OutcomePending })
	s := w.health("fraud").Status
	if s.LastOutcome != api.OutcomeRolledBack || !strings.Contains(s.Remediations[0].Message, "3 of the last 3 checkpoints failed since the remedy") {
		t.Errorf("%s: %s", s.LastOutcome, s.Remediations[0].Message)
	}
}

// The same job is cured all the same, where the remedy suffices.
func TestWithNoToleratedFailureACureIsSeen(t *testing.T) {
	w := newWorld(t, "story-failover-cure")
	w.deploy("fraud", "fraud", noneTolerated)
	w.watch("fraud", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("fraud").Status.Remediations) == 1 })
	w.run(120, "effective", func() bool { return w.health("fraud").Status.LastOutcome == api.OutcomeEffective })
}
