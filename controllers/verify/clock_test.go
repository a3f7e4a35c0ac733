package verify

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// onClock moves all times of Flink's as far as the JobManager's clock is ahead of ours.
func onClock(s *model.Snapshot, ahead time.Duration, now time.Time) {
	s.At, s.JobManagerNow = now, now.Add(ahead)
	s.Job.StartTime = s.Job.StartTime.Add(ahead)
	for i := range s.Checkpoints.History {
		s.Checkpoints.History[i].Trigger = s.Checkpoints.History[i].Trigger.Add(ahead)
	}
}

// A JobManager whose clock is ahead makes no run before the remedy one with it, and one whose clock is behind hides none.
func TestClocksThatDisagree(t *testing.T) {
	const m = time.Minute
	for _, ahead := range []time.Duration{0, 10 * m, -10 * m} {
		now := applied.Add(40 * m)
		s := treated(run(9*m, completed, completed, completed)...)
		s.Job.TasksRunningSince = restarted.Add(30 * time.Second) // on our clock
		onClock(s, ahead, now)
		v := Verify(s, &model.Diagnosis{}, nil, now)
		if v.Outcome != api.OutcomeEffective || v.Downtime != 2*m {
			t.Errorf("%s ahead: %s after %s, want Effective after 2m: %s", ahead, v.Outcome, v.Downtime, v.Message)
		}
		before := treated(run(time.Second, completed, completed, completed)...)
		before.Job.StartTime = applied.Add(-6 * m)
		onClock(before, ahead, now)
		if v := Verify(before, &model.Diagnosis{}, nil, now); v.Outcome != api.OutcomePending {
			t.Errorf("%s ahead: the run before makes it %s: %s", ahead, v.Outcome, v.Message)
		}
	}
}
