package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// "IO-problem detected" is Flink's word for any IOException while it triggers: likely the storage's only where something names the storage or the
// JobManager's heap has room, and not where memory ran out.
func TestAnIOProblemAloneIsNotTheStorages(t *testing.T) {
	for _, tt := range []struct {
		name             string
		logs             []model.LogSignal
		room             bool
		possible, likely bool
	}{
		{"alone", nil, false, true, false},
		{"alone, in a heap with room", nil, true, true, true},
		{"with a storage exception", []model.LogSignal{{Kind: model.LogStorageError, Process: model.JobManagerProcess, Count: 3, Last: testNow}}, false, true, true},
		{"with the end of the heap", []model.LogSignal{{Kind: model.LogOutOfMemory, Process: model.JobManagerProcess, Count: 1, Last: testNow}}, true, false, false},
	} {
		s := add(jobOf(4), times(6, failed(model.FailureIO, "An Exception occurred while triggering the checkpoint. IO-problem detected.", time.Second))...)
		s.Logs = tt.logs
		if !tt.room {
			s.JobManager = model.JobManager{}
		}
		d := diagnosed(t, s)
		score := finding(&d, api.CauseStorageFailure, "").Score
		if score >= likelyScore != tt.likely || score >= possibleScore != tt.possible {
			t.Errorf("%s: StorageFailure has %d:\n%s", tt.name, score, ranking(d.Findings))
		}
	}
}
