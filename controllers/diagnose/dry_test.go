package diagnose

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Half of the subtasks get nothing: because the topic has fewer partitions, which no salt changes, or because one key takes all.
func TestSubtasksThatGetNothing(t *testing.T) {
	for name, c := range map[string]struct {
		sources int64 // records that the sources before the others gave
		skewed  bool
		says    string
	}{
		"fewer partitions than subtasks": {sources: 0, says: "fewer partitions"},
		"one key takes all":              {sources: 900, skewed: true, says: "the median of the others none"},
	} {
		s := expiredThrice(8, shares{all(quick), func(i int) model.SubtaskLedger {
			if i < 3 {
				return absentEntry()
			}
			return quick
		}, absentAll})
		for i := range 8 {
			works(s, source, i, 3, c.sources)
			works(s, state, i, 0.001, 0)
			press(s, state, 0, 0, i)
		}
		for i := range 3 {
			works(s, source, i, 3, 5000)
			works(s, state, i, 60, 5000)
			press(s, source, 0.95, 0.02, i)
			press(s, state, 0, 1, i)
		}
		dumps(s, append(idleThreads(sink, 8), taskThreadOf(state, 0, elementFrames, "java.util.HashMap.put", "io.harbour.Cargo.processElement"))...)
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseDataSkew)
		if f == nil || f.Score >= likelyScore != c.skewed {
			t.Errorf("%s: likely, want %v (%+v)", name, c.skewed, f)
			continue
		}
		if !strings.Contains(f.Evidence[0].Observed, c.says) || strings.Contains(f.Evidence[0].Observed, "times as many") {
			t.Errorf("%s: %s", name, f.Evidence[0].Observed)
		}
	}
}
