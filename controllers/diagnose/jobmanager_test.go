package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A JobManager without CPU or heap is likely the cause only where its own part of a checkpoint was late, or nothing failed yet.
func TestAnOverloadNeedsAnEffect(t *testing.T) {
	none := func(*model.Snapshot) {}
	for _, tt := range []struct {
		name   string
		make   func() *model.Snapshot
		change func(*model.Snapshot)
		likely bool
	}{
		{"expiries without details", func() *model.Snapshot { return add(jobOf(4), times(5, expired())...) }, none, false},
		{"expiries without details, late ones", func() *model.Snapshot { return add(jobOf(4), times(5, expired())...) },
			func(s *model.Snapshot) { s.Checkpoints.History[0].Duration += 2 * time.Minute }, true},
		{"failures that are no expiries", func() *model.Snapshot {
			return add(jobOf(4), times(5, failed(model.FailureDeclined, "Checkpoint was declined.", time.Second))...)
		}, none, false},
		{"expiries with quick acknowledgements", func() *model.Snapshot {
			return expiredThrice(4, shares{all(quick), all(entry(mib, 0.1, 0.1, 0.1, 660, 0.1)), all(quick)})
		}, none, false},
		{"acknowledged late everywhere", func() *model.Snapshot {
			late := all(entry(mib, 0.1, 0, 0.1, 0.2, 640))
			return expiredThrice(4, shares{late, late, late})
		}, none, true},
		{"at risk", func() *model.Snapshot { return add(jobOf(4), times(5, completed(time.Second))...) }, none, true},
	} {
		for sub, starve := range map[api.SubCause]func(*model.Snapshot){
			api.SubCauseCPU: func(s *model.Snapshot) {
				s.JobManager.CPUUsage, s.Requests = model.Measured(0.99), model.RequestTimes{Count: 3, Median: 700 * time.Millisecond, Max: time.Second}
			},
			api.SubCauseHeap: func(s *model.Snapshot) { s.JobManager.GCShare = model.Measured(0.7) },
		} {
			s := tt.make()
			tt.change(s)
			starve(s)
			d := diagnosed(t, s)
			f := finding(&d, api.CauseJobManagerOverload, sub)
			if likely := f.Score >= likelyScore; likely != tt.likely {
				t.Errorf("%s: %s is %s with %d", tt.name, sub, f.Verdict, f.Score)
			}
		}
	}
}
