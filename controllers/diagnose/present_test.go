package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// uploads is an expired checkpoint whose upload took the time.
func uploads() model.Checkpoint {
	return detailed(expired(), 2, shares{all(quick), all(entry(64<<20, 0, 0, 0, 0.95, 0)), all(quick)})
}

// What lies before a row of quick checkpoints, and the first one of a run that went well afterwards, is no evidence of the trouble there is now.
func TestWhatBelongsToThePresentTrouble(t *testing.T) {
	fast := detailed(completed(seconds(2)), 2, shares{all(quick), all(quick), all(quick)})
	for _, tt := range []struct {
		name        string
		checkpoints []model.Checkpoint
		young       bool // the job began to run with the oldest of them
		want        int
	}{
		{"two expired in a row", []model.Checkpoint{uploads(), uploads(), fast}, false, 2},
		{"one of them before a row of three", []model.Checkpoint{uploads(), fast, fast, fast, uploads()}, false, 1},
		{"one of them before a row of two", []model.Checkpoint{uploads(), fast, fast, uploads()}, false, 2},
		{"the first of a run, and it went well then", []model.Checkpoint{uploads(), fast, uploads()}, true, 1},
		{"the first of a run, and it did not", []model.Checkpoint{uploads(), uploads()}, true, 2},
		{"the only one of a run", []model.Checkpoint{uploads()}, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := add(jobOf(2), tt.checkpoints...)
			if history := s.Checkpoints.History; tt.young {
				s.Job.RunningSince = history[len(history)-1].Trigger.Add(-10 * time.Second)
			}
			if got := len(featuresOf(t, s).profile); got != tt.want {
				t.Errorf("%d checkpoints are evidence, want %d", got, tt.want)
			}
		})
	}
}

// One expiry before a row of quick checkpoints sizes nothing, and nor does what the first checkpoint of a run took.
func TestAnOldExpiryNamesNothing(t *testing.T) {
	fast := completed(seconds(3))
	s := add(jobOf(2), detailed(expired(), 2, shares{all(quick), all(quick), absentFirst}), fast, fast, fast, completed(seconds(500)))
	d := diagnosed(t, s)
	if top := d.Top(); d.Health != api.HealthAtRisk || top.Cause != api.CauseUndetermined || d.Facts.Max != seconds(3) {
		t.Errorf("got %s, %+v, longest %s; want a job at risk of nothing known, 3s", d.Health, top, d.Facts.Max)
	}
}
