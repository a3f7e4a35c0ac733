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
	idle := idleThreads(source, 2)
	held := []model.ThreadStack{taskThreadOf(source, 0, sourceFrames), taskThreadOf(source, 1, sourceFrames)}
	const commits = "Sink: warehouse: Writer -> Sink: warehouse: Committer"
	for name, tt := range map[string]struct {
		sources func(int) model.SubtaskLedger
		threads []model.ThreadStack
		sink    string
		want    bool
	}{
		"sources acknowledge":                        {all(quick), nil, commits, true},
		"sources wait idle for what is in buffers":   {absentAll, idle, commits, true},
		"sources wait for buffers themselves":        {absentAll, held, commits, false},
		"nothing is known of what sources do":        {absentAll, nil, commits, false},
		"a sink that commits nothing, of any source": {all(quick), nil, "Sink: warehouse: Writer", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := expiredThrice(2, shares{tt.sources, absentAll, absentAll})
			s.Job.FlinkVersion, s.Settings.Unaligned = "1.20.1", set(true)
			s.Vertices[sink].Name = tt.sink
			dumps(s, tt.threads...)
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
