package diagnose

import (
	"slices"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A subtask that has work all the time, of many records, and alone of its vertex comes late gets more than it can take, though its siblings get half as many and
// small records make nobody wait before it.
func TestOneAtItsLimitThatAloneIsLate(t *testing.T) {
	for name, tt := range map[string]struct {
		late []int
		busy float64
		want bool
	}{
		"it alone is late":              {[]int{2}, 60, true},
		"others are late as well":       {[]int{1, 2}, 60, false},
		"it is late, and idle at times": {[]int{2}, 50, false},
		"another one is late, not it":   {[]int{1}, 60, false},
	} {
		s := expiredThrice(4, shares{all(quick), func(i int) model.SubtaskLedger {
			if slices.Contains(tt.late, i) {
				return entry(mib, 640, 0.1, 0.1, 0.2, 0.1)
			}
			return quick
		}, all(quick)})
		press(s, state, 0, 0.55)
		press(s, state, 0, 0.98, 2)
		for i := range 4 {
			works(s, state, i, 33, 1000)
		}
		works(s, state, 2, tt.busy, 1600)
		f := featuresOf(t, s)
		if got := f.lateAlone(state, 2); got != (len(tt.late) == 1 && tt.late[0] == 2) {
			t.Errorf("%s: late alone %v", name, got)
		}
		a := dataSkew.assess(f)
		if got := a.finding.Verdict == api.VerdictPossible; got != tt.want || a.finding.Score >= likelyScore {
			t.Errorf("%s: %s %d of %+v", name, a.finding.Verdict, a.finding.Score, a.finding.Evidence)
		}
	}
}
