package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Where nothing is possible the cause is listed for which the most speaks, though something speaks against it; one for which little speaks is not.
func TestTheNearestThatContradictsItself(t *testing.T) {
	f := featuresOf(t, expiredThrice(2, shares{all(quick), absentAll, absentAll}))
	for name, c := range map[string]struct {
		speaks, score int
		want          api.Cause
	}{
		"much speaks for it": {25, 0, api.CauseUserCodeBlocking},
		"little does":        {24, 0, api.CauseDataSkew},
		"one is possible":    {55, 30, api.CauseDataSkew},
	} {
		assessed := []assessment{{rule: &dataSkew}, {rule: &userCodeBlocking}}
		findings := []model.Finding{
			{Cause: api.CauseDataSkew, Score: c.score, Verdict: api.VerdictRuledOut, Evidence: []model.Evidence{{Weight: 20}}},
			{Cause: api.CauseUserCodeBlocking, Verdict: api.VerdictRuledOut, Evidence: []model.Evidence{{Weight: c.speaks}, {Weight: -60}}},
		}
		listContradicted(f, findings, assessed)
		if got := findings[0]; got.Cause != c.want || (got.Verdict == api.VerdictPossible) != (c.want == api.CauseUserCodeBlocking) || got.Score >= likelyScore {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Tasks that initialize for longer than any start takes keep checkpoints from beginning: the job is not well for those that completed before.
func TestTasksThatInitializeForLong(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		ago    time.Duration
		want   api.Health
	}{
		"for long":            {"INITIALIZING", 30 * time.Minute, api.HealthAtRisk},
		"for a start's time":  {"INITIALIZING", 5 * time.Minute, api.HealthHealthy},
		"they run":            {"RUNNING", 30 * time.Minute, api.HealthHealthy},
		"they wait for slots": {"SCHEDULED", 30 * time.Minute, api.HealthHealthy},
	} {
		s := add(jobOf(4), times(6, completed(20*time.Second))...)
		for i := range s.Checkpoints.History {
			h := &s.Checkpoints.History[i]
			h.Trigger = h.Trigger.Add(-c.ago)
		}
		s.Vertices[state].Status = c.status
		s.Job.TasksRunning -= 4
		d := diagnosed(t, s)
		if d.Health != c.want {
			t.Errorf("%s: %s %s", name, d.Health, d.Message)
		}
		if f := findingOf(&d, api.CauseUserCodeBlocking); c.want == api.HealthAtRisk && (f == nil || f.Verdict != api.VerdictPossible) {
			t.Errorf("%s: %s", name, ranking(d.Findings))
		}
	}
}

// The writer of a newer sink flushes before the synchronous part, so that a long one is its snapshot; of an older one either may be.
func TestALongSynchronousPartOfAWriter(t *testing.T) {
	for name, want := range map[string]bool{"warehouse: Writer": true, "count -> warehouse: Writer -> warehouse: Committer": true, "Sink: warehouse": false, "warehouse": false} {
		s := add(jobOf(2), times(3, detailed(expired(), 2, shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(mib, 0.1, 0, 650, 0.1, 0.1) }}))...)
		s.Vertices[sink].Name = name
		d := diagnosed(t, s)
		if first := d.Top().Cause == api.CauseSlowSyncPhase && d.Top().Score >= likelyScore; first != want {
			t.Errorf("%s: %s", name, ranking(d.Findings))
		}
	}
}

// Of a young checkpoint anybody is missing, and what dumps of two checkpoints show is no commit in passing.
func TestWhoIsMissingBesideACommit(t *testing.T) {
	for name, c := range map[string]struct {
		age, before float64
		want        api.Verdict
	}{
		"in one dump of an old one": {400, 0, ""},
		"in one of a young one":     {60, 0, api.VerdictPossible},
	} {
		s := expiredThrice(2, shares{all(quick), absentAll, absentAll})
		if c.before > 0 {
			h := &s.Checkpoints.History[1]
			s.Stacks = append(s.Stacks, model.StackSample{At: h.Trigger.Add(seconds(c.before)), PendingCheckpoint: h.ID, PendingFor: seconds(c.before),
				Threads: []model.ThreadStack{taskThreadOf(sink, 0, commitFrames, "com.shop.Other.send")}})
		}
		s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: seconds(c.age),
			Threads: append(idleThreads(state, 2), taskThreadOf(sink, 0, commitFrames, "com.shop.Notice.send"), idleThread(sink, 1))})
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseCommitBlocksTask)
		if against := f != nil && contradicted(f); f == nil || against != (c.want == "") || !against && f.Verdict != c.want {
			t.Errorf("%s: %+v\n%s", name, f, ranking(d.Findings))
		}
	}
}
