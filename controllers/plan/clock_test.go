package plan

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// How much would be processed again does not depend on our clock.
func TestReplayIsOnTheJobManagersClock(t *testing.T) {
	ours := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, ahead := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		flink := ours.Add(ahead)
		s := &model.Snapshot{At: ours, JobManagerNow: flink}
		s.Checkpoints.LatestCompleted = &model.Checkpoint{Status: model.CheckpointCompleted, Trigger: flink.Add(-time.Minute)}
		if got := look(Input{Snapshot: s, Now: ours.Add(time.Second)}).replay(); got != time.Minute+time.Second {
			t.Errorf("%s ahead: %s, want 1m1s", ahead, got)
		}
	}
}
