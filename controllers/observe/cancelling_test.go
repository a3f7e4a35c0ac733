package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Where an expiry restarts the job the task that held up the checkpoint must end first: what it does meanwhile tells, though none is pending.
func TestStacksWhileAnExpiryEndsTheTasks(t *testing.T) {
	for name, c := range map[string]struct {
		state     string
		tolerated int
		ago       time.Duration
		vertex    int
		want      int64
	}{
		"a task does not come back":       {"RESTARTING", 0, 20 * time.Second, 2, 8},
		"tasks end at once":               {"RESTARTING", 0, 2 * time.Second, 2, 0},
		"the job runs":                    {"RUNNING", 0, 20 * time.Second, 2, 0},
		"failed checkpoints are no harm":  {"RESTARTING", 3, 20 * time.Second, 2, 0},
		"it restarts for something else":  {"RESTARTING", 0, time.Hour, 2, 0},
		"the JobManager alone was dumped": {"RESTARTING", 0, 20 * time.Second, -1, 0},
	} {
		clock := &fakeClock{now: time.UnixMilli(1772366400000)}
		p := &pass{now: clock.now, opts: &Options{Now: clock.read}, memory: &Memory{}, snapshot: &model.Snapshot{Job: model.Job{State: c.state}}}
		p.snapshot.Vertices = []model.Vertex{{Status: "CANCELED"}, {Status: "CANCELING"}}
		p.snapshot.Settings.Timeout = model.Setting[time.Duration]{Known: true, Value: 10 * time.Second}
		p.snapshot.Settings.TolerableFailed = model.Setting[int]{Known: true, Value: c.tolerated}
		expired := expiredOf(8)
		expired.Trigger, expired.Failure.At = clock.now.Add(-c.ago-10*time.Second), clock.now.Add(-c.ago)
		p.snapshot.Checkpoints.History = []model.Checkpoint{*expired}
		if got := p.worthADump(clock.now); got != (c.want > 0 || c.vertex < 0) {
			t.Errorf("%s: a dump %v", name, got)
		}
		p.snapshot.Vertices[1].Status = "CANCELED"
		if p.worthADump(clock.now) {
			t.Errorf("%s: a dump though no task is left", name)
		}
		p.snapshot.Vertices[1].Status = "CANCELING"
		p.keepSample(model.StackSample{At: clock.now, Threads: []model.ThreadStack{{Vertex: c.vertex}}})
		if got := p.memory.stacks[0].PendingCheckpoint; got != c.want {
			t.Errorf("%s: of checkpoint %d, want %d", name, got, c.want)
		}
	}
}
