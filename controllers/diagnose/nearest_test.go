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
		"much speaks for it": {45, 0, api.CauseUserCodeBlocking},
		"little does":        {44, 0, api.CauseDataSkew},
		"one is possible":    {55, 30, api.CauseDataSkew},
	} {
		assessed := []assessment{{rule: &dataSkew}, {rule: &userCodeBlocking}}
		findings := []model.Finding{
			{Cause: api.CauseDataSkew, Score: c.score, Verdict: api.VerdictRuledOut, Evidence: []model.Evidence{{Weight: 30}}},
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
