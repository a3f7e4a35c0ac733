package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// With a timeout about as short as the time between two looks hardly one of them meets a checkpoint beyond half its timeout. Where the one before expired,
// and the next look comes too late for this one, it is looked at sooner.
func TestStacksBeforeItExpiresUnseen(t *testing.T) {
	const timeout = 10 * time.Second
	for name, tt := range map[string]struct {
		before         model.Checkpoint
		lastLook, past time.Duration
		pending        time.Duration
		want           bool
	}{
		"the next look comes too late":          {*expiredOf(8), 9 * time.Second, 300 * time.Millisecond, 1200 * time.Millisecond, true},
		"the next look comes in time":           {*expiredOf(8), 5 * time.Second, 300 * time.Millisecond, 1200 * time.Millisecond, false},
		"a healthy one takes as long":           {*expiredOf(8), 9 * time.Second, 500 * time.Millisecond, 1200 * time.Millisecond, false},
		"below a tenth of the timeout":          {*expiredOf(8), 9500 * time.Millisecond, 100 * time.Millisecond, 800 * time.Millisecond, false},
		"how long healthy ones take is unknown": {*expiredOf(8), 9 * time.Second, 0, 2 * time.Second, false},
		"unknown, and for a quarter of it":      {*expiredOf(8), 9 * time.Second, 0, 2500 * time.Millisecond, true},
		"the one before completed":              {model.Checkpoint{ID: 8, Status: model.CheckpointCompleted}, 9 * time.Second, 300 * time.Millisecond, 1200 * time.Millisecond, false},
		"the first look":                        {*expiredOf(8), 0, 300 * time.Millisecond, 1200 * time.Millisecond, false},
		"none is pending":                       {*expiredOf(8), 9 * time.Second, 300 * time.Millisecond, 0, false},
	} {
		clock := &fakeClock{now: time.UnixMilli(1772366400000)}
		p := &pass{now: clock.now, opts: &Options{Now: clock.read}, memory: &Memory{healthyDuration: tt.past}, snapshot: &model.Snapshot{}}
		p.snapshot.Settings.Timeout = model.Setting[time.Duration]{Known: true, Value: timeout}
		if tt.lastLook > 0 {
			p.memory.judgedAt = clock.now.Add(-tt.lastLook)
		}
		if tt.pending > 0 {
			p.snapshot.Checkpoints.History = []model.Checkpoint{{ID: 9, Status: model.CheckpointInProgress, Trigger: clock.now.Add(-tt.pending)}}
		}
		p.snapshot.Checkpoints.History = append(p.snapshot.Checkpoints.History, tt.before)
		if got := p.worthADump(clock.now); got != tt.want {
			t.Errorf("%s: a dump %v, want %v", name, got, tt.want)
		}
	}
}
