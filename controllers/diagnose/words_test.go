package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Exceptions of the user's classes are the task's failure; only Flink's own classes and RPC methods tell of versions that differ.
func TestOnlyFlinksOwnClassesAreAVersionMismatch(t *testing.T) {
	for _, tt := range []struct {
		name, message string
		mismatch      bool
	}{
		{"java.io.InvalidClassException", "java.io.InvalidClassException: com.shop.Order; local class incompatible: stream classdesc serialVersionUID = 1", false},
		{"java.lang.NoSuchMethodException", "com.shop.Order.<init>()", false},
		{"java.io.InvalidClassException", "org.apache.flink.runtime.checkpoint.CheckpointOptions; local class incompatible", true},
		{"java.io.InvalidClassException", "java.io.InvalidClassException: org.apache.flink.runtime.rpc.messages.RemoteRpcInvocation; local class incompatible", true},
		{"org.apache.flink.runtime.rpc.exceptions.RpcConnectionException", "Could not find rpc method for rpc invocation", true},
		{"java.lang.NoSuchMethodException", "org.apache.flink.runtime.resourcemanager.ResourceManager.registerTaskExecutor(java.time.Duration)", true},
	} {
		s := add(jobOf(4), times(8, failed(model.FailureFailover, "Checkpoint Coordinator is suspending.", time.Second))...)
		s.Exceptions = []model.JobException{{At: testNow, Name: tt.name, Message: tt.message}}
		d := diagnosed(t, s)
		if got := finding(&d, api.CauseFlinkVersionBug, api.SubCauseVersionMismatch).Score >= likelyScore; got != tt.mismatch {
			t.Errorf("%s: %s: a version mismatch %v, want %v", tt.name, tt.message, got, tt.mismatch)
		}
		if d.Top().Cause != api.CauseTaskFailure && !tt.mismatch {
			t.Errorf("%s: %s: first is %s:\n%s", tt.name, tt.message, d.Top().Cause, ranking(d.Findings))
		}
	}
}
