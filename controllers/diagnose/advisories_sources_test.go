package diagnose

import (
	"slices"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Unaligned barriers that do not overtake are a bug of a sink only where the sources sent them: a source that waits for buffers with the
// checkpoint lock in hand never does, in versions with the fix as well.
func TestABugOfSinksNeedsSourcesThatAcknowledged(t *testing.T) {
	for name, tt := range map[string]struct {
		sources func(int) model.SubtaskLedger
		want    bool
	}{
		"sources acknowledge":      {all(quick), true},
		"sources were never there": {absentAll, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := expiredThrice(2, shares{tt.sources, absentAll, absentAll})
			s.Job.FlinkVersion, s.Settings.Unaligned = "1.20.1", set(true)
			s.Vertices[sink].Name = "Sink: warehouse: Writer"
			press(s, source, 1, 0)
			press(s, state, 1, 0)
			press(s, sink, 0, 1)
			d := diagnosed(t, s)
			named := slices.ContainsFunc(d.Facts.Advisories, func(a model.AdvisoryMatch) bool { return a.ID == "FLINK-37870" })
			if named != tt.want {
				t.Errorf("FLINK-37870 named: %t, want %t (%v)", named, tt.want, d.Facts.Advisories)
			}
			if top := d.Top(); !tt.want && top.Cause == api.CauseFlinkVersionBug {
				t.Errorf("got %+v", top)
			}
		})
	}
}
