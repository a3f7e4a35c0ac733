package observe

import (
	"cmp"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// maxRow bounds the durations that are remembered: Flink keeps ten checkpoints by default, and what grows slowly shows in three times as many.
const maxRow = 30

// durationRow is how long the newest periodic checkpoints took, none of which failed: more of them than Flink's history holds.
type durationRow struct{ all []rowEntry } // the oldest first

type rowEntry struct {
	id   int64
	took time.Duration
}

// note takes a history, the newest first, and returns the durations before its oldest checkpoint, the newest first. A failure ends the row, and so does a
// pass that came too late to see all that lies between.
func (r *durationRow) note(history []model.Checkpoint) (earlier []time.Duration) {
	if len(history) == 0 {
		return nil
	}
	oldest := history[len(history)-1].ID
	if n := len(r.all); n > 0 && r.all[n-1].id < oldest-1 {
		r.all = nil
	}
	for i := len(history) - 1; i >= 0; i-- {
		r.take(&history[i])
	}
	for _, e := range slices.Backward(r.all) {
		if e.id < oldest {
			earlier = append(earlier, e.took)
		}
	}
	return earlier
}

// take takes one checkpoint; savepoints have no interval and say nothing of it.
func (r *durationRow) take(c *model.Checkpoint) {
	switch {
	case c.Savepoint:
	case c.Status == model.CheckpointFailed:
		r.all = nil
	case c.Status == model.CheckpointCompleted && c.Duration >= 0:
		r.add(c)
	}
}

// add adds a checkpoint in its place, for one that began earlier may complete later, and drops the oldest that is too many.
func (r *durationRow) add(c *model.Checkpoint) {
	i, known := slices.BinarySearchFunc(r.all, c.ID, func(e rowEntry, id int64) int { return cmp.Compare(e.id, id) })
	if known {
		return
	}
	r.all = slices.Insert(r.all, i, rowEntry{c.ID, c.Duration})
	if len(r.all) > maxRow {
		r.all = slices.Delete(r.all, 0, len(r.all)-maxRow)
	}
}
