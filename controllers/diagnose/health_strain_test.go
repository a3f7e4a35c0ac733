package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// alternating is a job whose JobManager's checkpoints are now quick and now slow, the newest first, in seconds of a timeout of ten minutes.
func alternating(took ...float64) *model.Snapshot {
	s := strained(0.97, 20*time.Millisecond, 2)
	s.Requests.Max = 900 * time.Millisecond
	var row []model.Checkpoint
	for _, d := range took {
		row = append(row, completed(seconds(d)))
	}
	s.Checkpoints.History = nil
	return add(s, row...)
}

// A JobManager that waits for its share of a processor is quick in between: in single answers, in single checkpoints, and its gauge reads 0 now and then.
func TestAStarvedJobManagerIsQuickNowAndThen(t *testing.T) {
	slow := []float64{30, 90, 2, 100, 20, 80, 2}
	for name, tt := range map[string]struct {
		s    *model.Snapshot
		want bool
	}{
		"one late answer, half of the checkpoints slow": {alternating(slow...), true},
		"a third of the checkpoints slow":               {alternating(2, 90, 2, 2, 100, 2, 2), false},
		"no late answer": {func() *model.Snapshot {
			s := alternating(slow...)
			s.Requests.Max = 100 * time.Millisecond
			return s
		}(), false},
		"no late answer, and it was found before": {func() *model.Snapshot {
			s := alternating(slow...)
			s.Requests.Max = 100 * time.Millisecond
			s.Past.Health, s.Past.Cause = api.HealthAtRisk, api.CauseJobManagerOverload
			return s
		}(), true},
		"something else was found before": {func() *model.Snapshot {
			s := alternating(slow...)
			s.Requests.Max = 100 * time.Millisecond
			s.Past.Health, s.Past.Cause = api.HealthAtRisk, api.CauseSlowStateBackend
			return s
		}(), false},
		"the gauge reads 0, and 0.9 before": {func() *model.Snapshot {
			s := alternating(slow...)
			s.JobManager.CPULoad, s.JobManager.CPUUsage, s.Past.JobManagerLoad = model.Measured(0), model.Measured(0.16), model.Measured(0.9)
			return s
		}(), true},
		"the gauge reads 0.1, and 0.9 before": {func() *model.Snapshot {
			s := alternating(slow...)
			s.JobManager.CPULoad, s.JobManager.CPUUsage, s.Past.JobManagerLoad = model.Measured(0.1), model.Measured(0.16), model.Measured(0.9)
			return s
		}(), false},
	} {
		d := diagnosed(t, tt.s)
		if got := d.Health == api.HealthAtRisk; got != tt.want {
			t.Errorf("%s: %s (%s)", name, d.Health, d.Message)
		}
		if top := d.Top(); tt.want && top.Cause != api.CauseJobManagerOverload && findingOf(&d, api.CauseJobManagerOverload).Score < possibleScore {
			t.Errorf("%s: %+v", name, top)
		}
	}
}

// What goes together nowhere else makes the cause likely in the first pass, though the gauge of that moment is lower; more is not said by it.
func TestAStrainedJobManagerIsLikelyAtOnce(t *testing.T) {
	for load, want := range map[float64]api.Verdict{0.52: api.VerdictLikely, 0.97: api.VerdictConfirmed} {
		s := strained(load, 600*time.Millisecond, 70)
		late := all(entry(mib, 0.1, 0.1, 0.1, 0.2, 69))
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i] = detailed(s.Checkpoints.History[i], 4, shares{late, late, late})
		}
		d := diagnosed(t, s)
		if top := d.Top(); top.Cause != api.CauseJobManagerOverload || top.SubCause != api.SubCauseCPU || top.Verdict != want {
			t.Errorf("load %.2f: %+v", load, top)
		}
	}
}
