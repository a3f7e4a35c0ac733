package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A JobManager whose memory ended is not healthy by the checkpoints that completed before, and its heap is possible at least, however long ago it was;
// it is healthy again with the next one.
func TestAJobManagerOutOfMemoryIsNotHealthy(t *testing.T) {
	for _, tt := range []struct {
		name    string
		process string
		ago     time.Duration
		want    api.Health
	}{
		{"at the end", model.JobManagerProcess, 0, api.HealthAtRisk},
		{"long ago, nothing since", model.JobManagerProcess, 5 * time.Hour, api.HealthAtRisk},
		{"one has completed since", model.JobManagerProcess, 7 * time.Hour, api.HealthHealthy},
		{"a TaskManager's", "tm-1", 0, api.HealthHealthy},
	} {
		s := add(jobOf(4), times(10, completed(20*time.Second))...)
		for i := range s.Checkpoints.History {
			c := &s.Checkpoints.History[i]
			c.Trigger = c.Trigger.Add(-6 * time.Hour)
		}
		s.JobManager, s.Requests = model.JobManager{}, model.RequestTimes{}
		s.Logs = []model.LogSignal{{Kind: model.LogOutOfMemory, Process: tt.process, Count: 1, Last: testNow.Add(-tt.ago)}}
		d := diagnosed(t, s)
		if d.Health != tt.want {
			t.Errorf("%s: %s: %s, want %s", tt.name, d.Health, d.Message, tt.want)
		}
		if heap := finding(&d, api.CauseJobManagerOverload, api.SubCauseHeap); tt.want != api.HealthHealthy && heap.Score < possibleScore {
			t.Errorf("%s: the heap has %d:\n%s", tt.name, heap.Score, ranking(d.Findings))
		}
	}
}
