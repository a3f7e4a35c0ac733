package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A JobManager that is seen to be short is no level that a job was made for, however long and alike its checkpoints are.
func TestALevelJobWithAJobManagerThatIsShort(t *testing.T) {
	for name, tt := range map[string]struct {
		short  bool
		took   time.Duration
		known  int
		likely bool
	}{
		"short of heap, eight of six minutes":    {true, 6 * time.Minute, 8, true},
		"short of heap, all four of six minutes": {true, 6 * time.Minute, 4, true},
		"short of heap, eight of twenty seconds": {true, 20 * time.Second, 8, true},
		"it has room, eight of six minutes":      {false, 6 * time.Minute, 8, false},
		"it has room, all four took six minutes": {false, 6 * time.Minute, 4, false},
	} {
		s := add(jobOf(4), times(tt.known, completed(tt.took))...)
		s.Checkpoints.Counts.Completed = int64(tt.known)
		if tt.short {
			s.JobManager.CPUUsage, s.JobManager.CPULoad, s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(1), model.Measured(1), model.Measured(0.5), model.Measured(1020<<20)
			s.Requests = model.RequestTimes{Count: 10, Median: 4 * time.Second, Max: 9 * time.Second}
		}
		d := diagnosed(t, s)
		if got := d.Top().Cause == api.CauseJobManagerOverload && d.Top().Score >= likelyScore; d.Health != api.HealthAtRisk || got != tt.likely {
			t.Errorf("%s: %s, %s", name, d.Health, ranking(d.Findings))
		}
	}
}

// Tasks that began to initialize a moment ago have kept no checkpoint from beginning, long as the newest one took or the pause is.
func TestTasksThatHaveJustBegunToInitialize(t *testing.T) {
	for name, tt := range map[string]struct {
		timeout, pause, took, ended, failed time.Duration
		want                                api.Health
	}{
		"long checkpoints, a task failed":        {30 * time.Minute, 0, 12 * time.Minute, 30 * time.Second, 20 * time.Second, api.HealthHealthy},
		"long checkpoints, nothing failed":       {30 * time.Minute, 0, 12 * time.Minute, 30 * time.Second, 0, api.HealthHealthy},
		"a long pause, a task failed":            {10 * time.Minute, 20 * time.Minute, 20 * time.Second, 15 * time.Minute, 20 * time.Second, api.HealthHealthy},
		"a long pause, nothing failed":           {10 * time.Minute, 20 * time.Minute, 20 * time.Second, 15 * time.Minute, 0, api.HealthHealthy},
		"for long, a task failed at its begin":   {10 * time.Minute, 0, 20 * time.Second, 30 * time.Minute, 29 * time.Minute, api.HealthAtRisk},
		"a task failed and the job restores now": {10 * time.Minute, 0, 20 * time.Second, 30 * time.Minute, 20 * time.Second, api.HealthHealthy},
	} {
		s := jobOf(4)
		s.Settings.Timeout, s.Settings.MinPause = set(tt.timeout), set(tt.pause)
		s.Checkpoints.Counts.Completed = 100
		for i := range 8 {
			c := completed(tt.took)
			c.ID, c.Trigger = int64(8121-i), testNow.Add(-tt.ended-tt.took-time.Duration(i)*(tt.took+max(time.Minute, tt.pause)))
			s.Checkpoints.History = append(s.Checkpoints.History, c)
		}
		s.Past.HealthyDuration = tt.took
		if tt.failed > 0 {
			s.Exceptions = []model.JobException{{At: testNow.Add(-tt.failed)}}
		}
		s.Vertices[state].Status = "INITIALIZING"
		s.Job.TasksRunning -= 4
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s %s", name, d.Health, d.Message)
		}
	}
}
