package diagnose

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// The JVM's load is of one moment. Where it says no more than that the JobManager is at work, late answers to us and late acknowledgements of all kinds of
// vertices together say that it has too little CPU; one of them alone does not, nor where its limit is known.
func TestAJobManagerAtWorkThatIsLateWithEverything(t *testing.T) {
	make := func(load float64, answers time.Duration, residual float64) *model.Snapshot {
		late := all(entry(mib, 0.1, 0.1, 0.1, 0.2, residual))
		slow := detailed(completed(seconds(residual+1)), 4, shares{late, late, late})
		s := add(jobOf(4), times(4, slow)...)
		s.Past.HealthyDuration = seconds(2)
		s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measure{}, model.Measure{}, model.Measured(load)
		s.Requests = model.RequestTimes{Count: 12, Median: answers, Max: 9 * answers}
		return s
	}
	known := make(0.52, 500*time.Millisecond, 400)
	known.JobManager.CPUUsage, known.JobManager.CPULimit = model.Measured(0.3), model.Measured(2)
	for _, tt := range []struct {
		name   string
		s      *model.Snapshot
		likely bool
	}{
		{"at work and late", make(0.52, 500*time.Millisecond, 400), true},
		{"idle and late", make(0.3, 500*time.Millisecond, 400), false},
		{"at work, and answers at once", make(0.52, 20*time.Millisecond, 400), false},
		{"its limit is known", known, false},
	} {
		f := featuresOf(t, tt.s)
		if a := jobManagerCPU.assess(f); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: CPU %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
		if a := networkLatency.assess(f); tt.likely && a.finding.Score >= likelyScore {
			t.Errorf("%s: network %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
	}
	quick := add(jobOf(4), times(4, detailed(completed(seconds(400)), 4, shares{all(quick), all(entry(mib, 0.1, 0.1, 0.1, 390, 0.1)), all(quick)}))...)
	quick.JobManager = make(0.52, time.Second, 400).JobManager
	quick.Requests = model.RequestTimes{Count: 12, Median: 500 * time.Millisecond, Max: time.Second}
	if s := cpuHigh(featuresOf(t, quick)); s.state == present {
		t.Errorf("it does its part at once: %+v", s)
	}
}
