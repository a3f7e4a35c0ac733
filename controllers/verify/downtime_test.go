package verify

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

func TestDowntimeIsMeasuredOnTheWorkloadItself(t *testing.T) {
	restored := applied.Add(70 * time.Second)
	for _, c := range []struct {
		name   string
		change func(*model.Snapshot)
		want   time.Duration
	}{
		{"tasks seen running", func(s *model.Snapshot) { s.Job.TasksRunningSince = restored.Add(20 * time.Second) }, 90 * time.Second},
		{"the first checkpoint was triggered before a pass looked", func(s *model.Snapshot) {
			s.Job.TasksRunningSince = restored.Add(time.Minute)
			s.Checkpoints.History = []model.Checkpoint{{ID: 2, Trigger: restored.Add(40 * time.Second)}, {ID: 1, Trigger: restored.Add(10 * time.Second)}}
		}, 80 * time.Second},
		{"checkpoints of the run before tell nothing", func(s *model.Snapshot) {
			s.Checkpoints.History = []model.Checkpoint{{ID: 1, Trigger: applied.Add(-time.Second)}}
		}, 0},
		{"running since before the patch", func(s *model.Snapshot) { s.Job.TasksRunningSince = applied.Add(-time.Hour) }, 0},
		{"no restart seen yet", func(s *model.Snapshot) {
			s.Job.StartTime = applied.Add(-time.Hour)
			s.Job.TasksRunningSince = applied.Add(time.Minute)
		}, 0},
		{"a remedy without a restart", func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "kubernetes.operator.savepoint.cleanup.enabled", To: "false"}
			s.Job.TasksRunningSince = restored.Add(time.Minute)
		}, 0},
	} {
		s := treated()
		s.Job.StartTime, s.Checkpoints.LatestRestored, s.Checkpoints.History = restored, nil, nil
		c.change(s)
		if got := Verify(s, nil, nil, applied.Add(5*time.Minute)).Downtime; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
