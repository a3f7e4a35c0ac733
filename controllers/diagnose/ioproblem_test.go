package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// "IO-problem detected" is Flink's word for any IOException while it triggers: it is not the storage's where memory ran
// out and nothing names the storage.
func TestAnIOProblemIsNotTheStoragesWhereMemoryRanOut(t *testing.T) {
	for _, tt := range []struct {
		name             string
		logs             []model.LogSignal
		room             bool
		possible, likely bool
	}{
		{"alone", nil, false, true, true},
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
