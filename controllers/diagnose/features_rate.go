package diagnose

import (
	"iter"

	"checkpointhealth.dev/operator/controllers/model"
)

// healthyRate is the rate that this job had while it was well, from earlier passes or from its own quick checkpoints; else while checkpoints of less
// state completed.
func healthyRate(f *features) (rate model.Measure, when string) {
	if f.s.Past.HealthyUploadRate.Known {
		return f.s.Past.HealthyUploadRate, "this job's own healthy rate"
	}
	var quick bytesAndTime
	for c := range detailedOnes(f.s) {
		if 4*c.Duration <= f.w.timeout {
			quick.addCheckpoint(c)
		}
	}
	if quick.rate().Known {
		return quick.rate(), "this job's own healthy rate"
	}
	if rate = rateOfSmaller(f); !rate.Known {
		rate = f.s.Past.CompletedUploadRate
	}
	return rate, "this job's own rate while its checkpoints completed"
}

// rateOfSmaller is the rate of completed checkpoints that wrote two thirds at most of what is written now. Slow as they may have been, where the
// rate stayed the same and the bytes grew it is the bytes.
func rateOfSmaller(f *features) model.Measure {
	largest := int64(0)
	for i := range f.s.Checkpoints.History {
		if c := &f.s.Checkpoints.History[i]; !c.Savepoint {
			largest = max(largest, c.CheckpointedSize)
		}
	}
	var smaller bytesAndTime
	for c := range detailedOnes(f.s) {
		if 3*c.CheckpointedSize <= 2*largest {
			smaller.addCheckpoint(c)
		}
	}
	return smaller.rate()
}

// detailedOnes are the completed checkpoints whose subtasks were read, the one that the history lost included.
func detailedOnes(s *model.Snapshot) iter.Seq[*model.Checkpoint] {
	return func(yield func(*model.Checkpoint) bool) {
		lost := s.Checkpoints.Detailed
		for i := range s.Checkpoints.History {
			c := &s.Checkpoints.History[i]
			if lost != nil && lost.ID == c.ID {
				lost = nil
			}
			if completes(c) && !yield(c) {
				return
			}
		}
		if lost != nil {
			yield(lost)
		}
	}
}

// completes tells whether a periodic checkpoint completed.
func completes(c *model.Checkpoint) bool {
	return !c.Savepoint && c.Status == model.CheckpointCompleted
}

// addCheckpoint adds the uploads of a checkpoint that are large enough to have a rate.
func (b *bytesAndTime) addCheckpoint(c *model.Checkpoint) {
	forEntries(c, func(_ int, e *model.SubtaskLedger) {
		b.add(e.CheckpointedSize, e.Async, e.CheckpointedSize >= minRateBytes)
	})
}

// ceilingRate is the bytes of a checkpoint, over the subtasks that are missing now and the timeout that did not suffice. It is only asked where they
// are uploading.
func ceilingRate(f *features) model.Measure {
	missing := 0
	for _, n := range f.missing.nowByVertex {
		missing += n
	}
	bytes := float64(bytesOfACheckpoint(f))
	if f.cut {
		bytes = restoredBytes(f)
	}
	if missing == 0 || bytes <= 0 || f.w.timeout <= 0 {
		return model.Measure{}
	}
	return model.Measured(bytes / float64(missing) / f.w.timeout.Seconds())
}

// restoredBytes is the most that a checkpoint writes where each expiry restarts the job: what the last completed one wrote, from which the tasks
// begin again each time, and as much more as it had grown since the one before, or as subtasks that did acknowledge say. Of the one before nothing
// is known where the history has lost it: then as much again. 0 where none completed, or the state grows too fast for it to say anything.
func restoredBytes(f *features) float64 {
	last, before := lastCompleted(f.s)
	if last == nil {
		return 0
	}
	grown, since := 1.0, grownSince(f)
	switch {
	case before == nil:
		grown = 2
	case before.CheckpointedSize > 0:
		grown = max(float64(last.CheckpointedSize)/float64(before.CheckpointedSize), 1)
	}
	if before != nil && grown >= growsFast || since >= growsFast {
		return 0
	}
	return float64(last.CheckpointedSize) * max(grown, since)
}

// growsFast is growth from one checkpoint to the next by which what an earlier one wrote says little of the next: half as much again.
const growsFast = 1.5

// lastCompleted are the two newest completed checkpoints that are known, the newest first; nil where there is none.
func lastCompleted(s *model.Snapshot) (last, before *model.Checkpoint) {
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		switch {
		case !completes(c):
		case last == nil:
			last = c
		default:
			return last, c
		}
	}
	if last == nil && s.Checkpoints.LatestCompleted != nil && completes(s.Checkpoints.LatestCompleted) {
		return s.Checkpoints.LatestCompleted, nil
	}
	return last, nil
}

// grownSince is how many times as much the subtasks that acknowledged the newest sick checkpoint wrote as they did in a completed one, over the
// vertices of which some are missing; 1 where nothing tells.
func grownSince(f *features) float64 {
	if len(f.profile) == 0 {
		return 1
	}
	var now, then float64
	for j := range f.profile[0].tasks {
		if f.profile[0].tasks[j].missing() == 0 || j >= len(f.profile[0].c.Tasks) {
			continue
		}
		t := &f.profile[0].c.Tasks[j]
		before := completedEntries(f.s, t.Vertex)
		for k := range t.Entries[:min(len(t.Entries), len(before))] {
			if e := &t.Entries[k]; e.Reported && !e.Aborted && before[k].Reported {
				now += float64(e.CheckpointedSize)
				then += float64(before[k].CheckpointedSize)
			}
		}
	}
	if then < minRateBytes || now < minRateBytes {
		return 1
	}
	return max(now/then, 1)
}

// bytesOfACheckpoint is the most that two expired checkpoints agree on within a quarter: late reports raise the size of an expired checkpoint, so
// that two alike have had them all. What subtasks wrote that were in time anyway is no agreement. What a completed one wrote counts only where
// late reports cannot come (up to 1.17): the state may have grown since.
func bytesOfACheckpoint(f *features) int64 {
	most, inTime, cancelled := int64(0), int64(0), f.ledger.all.unfinished[inAsync] > 0
	if len(f.profile) > 0 {
		forEntries(f.profile[0].c, func(_ int, e *model.SubtaskLedger) {
			if !e.Aborted {
				inTime += e.CheckpointedSize
			}
		})
	}
	last := int64(0)
	for i := range f.s.Checkpoints.History {
		c := &f.s.Checkpoints.History[i]
		switch {
		case c.Savepoint:
		case c.Status == model.CheckpointCompleted:
			if cancelled {
				most = max(most, c.CheckpointedSize)
			}
		case c.Expired():
			if both := min(last, c.CheckpointedSize); both > 2*inTime && 4*both >= 3*max(last, c.CheckpointedSize) {
				most = max(most, both)
			}
			last = c.CheckpointedSize
		}
	}
	return most
}
