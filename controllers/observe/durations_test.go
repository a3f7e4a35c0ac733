package observe

import (
	"slices"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// completedOnesOf are the checkpoints from one id to another, the newest first; each took as many seconds as its id says.
func completedOnesOf(newest, oldest int64) []model.Checkpoint {
	var all []model.Checkpoint
	for id := newest; id >= oldest; id-- {
		all = append(all, model.Checkpoint{ID: id, Status: model.CheckpointCompleted, Duration: time.Duration(id) * time.Second})
	}
	return all
}

// How long checkpoints took that the history has lost is known for three times as many as it holds, until one fails or a pass comes too late.
func TestDurationsOutliveTheHistory(t *testing.T) {
	var r durationRow
	if got := r.note(completedOnesOf(10, 1)); len(got) != 0 {
		t.Errorf("before the first of all: %v", got)
	}
	if got := r.note(completedOnesOf(14, 5)); !slices.Equal(got, []time.Duration{4 * time.Second, 3 * time.Second, 2 * time.Second, time.Second}) {
		t.Errorf("after four more: %v", got)
	}
	saved := completedOnesOf(17, 8)
	saved[0].Savepoint, saved[1].Status = true, model.CheckpointInProgress
	if got := r.note(saved); len(got) != 7 || got[0] != 7*time.Second {
		t.Errorf("a savepoint and one in progress: %v", got)
	}
	saved[1].Status, saved[1].Duration = model.CheckpointCompleted, 99*time.Second
	r.note(saved)
	for id := int64(20); id <= 60; id += 5 {
		r.note(completedOnesOf(id, id-9))
	}
	if got := r.note(completedOnesOf(60, 51)); len(got) != maxRow-10 || got[0] != 50*time.Second {
		t.Errorf("at the bound: %v", got)
	}
	failed := completedOnesOf(62, 53)
	failed[0].Status = model.CheckpointFailed
	if got := r.note(failed); len(got) != 0 {
		t.Errorf("after a failure: %v", got)
	}
	r.note(completedOnesOf(72, 63))
	if got := r.note(completedOnesOf(90, 81)); len(got) != 0 {
		t.Errorf("after a pass that came too late: %v", got)
	}
}

// A job at risk is looked at while a checkpoint is pending for half as long as the newest took, and for a tenth of the timeout; a healthy one is not.
func TestStacksOfAJobAtRisk(t *testing.T) {
	clock := &fakeClock{now: time.Unix(1772366400, 0)}
	for name, tt := range map[string]struct {
		health  api.Health
		took    time.Duration
		pending time.Duration
		want    bool
	}{
		"at risk, half as long":          {api.HealthAtRisk, 150 * time.Second, 80 * time.Second, true},
		"at risk, too short":             {api.HealthAtRisk, 150 * time.Second, 70 * time.Second, false},
		"at risk, all of them short":     {api.HealthAtRisk, 20 * time.Second, 50 * time.Second, false},
		"healthy":                        {api.HealthHealthy, 150 * time.Second, 80 * time.Second, false},
		"unhealthy waits for half of it": {api.HealthUnhealthy, 150 * time.Second, 80 * time.Second, false},
	} {
		p := &pass{memory: &Memory{health: tt.health}, opts: &Options{Now: clock.read}, snapshot: &model.Snapshot{}}
		p.snapshot.Settings.Timeout = model.Setting[time.Duration]{Value: 10 * time.Minute, Known: true}
		p.snapshot.Checkpoints.History = append([]model.Checkpoint{{ID: 9, Status: model.CheckpointInProgress, Trigger: clock.now.Add(-tt.pending)}}, completedOnesOf(8, 5)...)
		for i := range p.snapshot.Checkpoints.History[1:] {
			p.snapshot.Checkpoints.History[i+1].Duration = tt.took
		}
		if got := p.pendingAsLong(clock.now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
