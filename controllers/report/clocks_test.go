package report

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What Flink's times are compared with is the JobManager's clock; where it is not ours that is said.
func TestAgesAreOnTheJobManagersClock(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Minute, -time.Hour} {
		flink := at.Add(ahead)
		pass := base()
		s := pass.Snapshot
		s.JobManagerNow, s.Job.RunningSince = flink, flink.Add(-3*time.Hour)
		s.Checkpoints.History = []model.Checkpoint{
			{ID: 9000, Status: model.CheckpointInProgress, Trigger: flink.Add(-5 * time.Minute), Duration: model.Unknown, Subtasks: 16},
			expired(8999, flink.Add(-20*time.Minute)), completed(8998, flink.Add(-30*time.Minute), time.Second),
		}
		s.Checkpoints.LatestCompleted = &s.Checkpoints.History[2]
		pass.Diagnosis = model.Diagnosis{Health: api.HealthUnhealthy, Counts: model.WindowCounts{Window: 2, Expired: 1, ConsecutiveExpired: 1, Completed: 1}}
		if ahead != 0 {
			s.Gaps = []model.Gap{{Kind: model.GapClocks, Signal: "clock of the JobManager", Why: "it is apart"}}
		}
		text := Text(pass, TextOptions{})
		narrow(t, text, textColumns)
		for _, want := range []string{"RUNNING 3h,", "pending 5m", "completed since 02:21 UTC; a restart now would replay 30m", "(10m)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s ahead: %q is not in\n%s", ahead, want, text)
			}
		}
		if said := strings.Contains(text, "Clocks disagree: clock of the JobManager (it is apart)."); said != (ahead != 0) {
			t.Errorf("%s ahead: that the clocks disagree is said: %t", ahead, said)
		}
	}
}
