package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// With Flink's defaults an answer is waited for 10 s and a checkpoint for 10 minutes: a slow network shows as triggers that fail, and nothing expires.
func TestTriggersThatFail(t *testing.T) {
	slow := []model.LogSignal{
		{Kind: model.LogTriggerFailed, Process: model.JobManagerProcess, Count: 6, Sample: "Triggering Checkpoint 7 for job a failed due to java.util.concurrent.TimeoutException: Invocation of [RemoteRpcInvocation(TaskExecutorGateway.triggerCheckpoint(...))] timed out", Last: testNow},
		{Kind: model.LogRPCTimeout, Process: model.JobManagerProcess, Count: 6, Last: testNow},
	}
	for _, tt := range []struct {
		name   string
		logs   []model.LogSignal
		change func(*model.Snapshot)
		cause  api.Cause
	}{
		{"answers that come too late", slow, func(*model.Snapshot) {}, api.CauseNetworkLatency},
		{"a JobManager without CPU", slow, func(s *model.Snapshot) { s.JobManager.CPUUsage = model.Measured(0.97) }, api.CauseJobManagerOverload},
		{"whatever it was", nil, func(*model.Snapshot) {}, api.CauseUndetermined},
	} {
		s := add(jobOf(4), times(6, failed(model.FailureTrigger, "Trigger checkpoint failure.", 10*time.Second))...)
		s.Logs = tt.logs
		tt.change(s)
		if d := diagnosed(t, s); d.Top().Cause != tt.cause {
			t.Errorf("%s: got %s with %d, want %s\n%s", tt.name, d.Top().Cause, d.Top().Score, tt.cause, ranking(d.Findings))
		}
	}
}
