package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What happened long before the trouble began is no evidence for it: neither a line in a log, nor an exception, nor a container that was killed.
// What did tells how long ago it was.
func TestOldEvidenceIsNone(t *testing.T) {
	tests := []struct {
		name  string
		cause api.Cause
		sub   api.SubCause
		tell  func(s *model.Snapshot, at time.Time)
	}{
		{"a line in a log", api.CauseOversizedAck, "", func(s *model.Snapshot, at time.Time) {
			s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Process: "tm-1", Count: 1, Last: at}}
		}},
		{"an exception", api.CauseStorageFailure, "", func(s *model.Snapshot, at time.Time) {
			s.Exceptions = []model.JobException{{At: at, Name: "software.amazon.awssdk.services.s3.model.S3Exception", Message: "denied"}}
		}},
		{"a TaskManager that was killed", api.CauseTaskManagerPressure, "", func(s *model.Snapshot, at time.Time) {
			s.Pods = []model.Pod{{Name: "orders-1", Component: model.ComponentTaskManager, OOMKilled: true, LastTerminationAt: at}}
		}},
		{"a JobManager that was killed", api.CauseJobManagerOverload, api.SubCauseHeap, func(s *model.Snapshot, at time.Time) {
			s.Pods = []model.Pod{{Name: "orders-0", Component: model.ComponentJobManager, OOMKilled: true, LastTerminationAt: at}}
		}},
	}
	// Three expiries began 30 minutes ago; interval and timeout are 11 minutes.
	for _, tt := range tests {
		for ago, counts := range map[time.Duration]bool{2 * time.Minute: true, 35 * time.Minute: true, 2 * time.Hour: false} {
			s := expiredThrice(4, shares{all(quick), all(quick), absentFirst})
			tt.tell(s, testNow.Add(-ago))
			d := diagnosed(t, s)
			text := span(ago) + " ago"
			told := false
			for _, e := range finding(&d, tt.cause, tt.sub).Evidence {
				told = told || strings.Contains(e.Observed, text)
			}
			if told != counts {
				t.Errorf("%s %s: evidence %v, want %v", tt.name, text, told, counts)
			}
		}
		remembered := spell(expiredThrice(4, shares{all(quick), all(quick), absentFirst}), api.CauseUndetermined)
		remembered.Past.UnhealthySince = testNow.Add(-2 * time.Hour)
		tt.tell(remembered, testNow.Add(-2*time.Hour))
		d := diagnosed(t, remembered)
		if len(finding(&d, tt.cause, tt.sub).Evidence) == 0 {
			t.Errorf("%s as old as the spell that is remembered does not count", tt.name)
		}
	}
}
