package diagnose

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Where checkpoints may be unaligned, the asynchronous part of a task does not only upload: it lasts until the last barrier has come, of which the channel state
// is a part, and where the aligned time-out is not over until those behind have taken theirs from the output. That wait is taken off here, so that a rule
// that asks for uploads finds uploads.

// withoutWaits is a snapshot whose asynchronous parts are what was left of them when all barriers had come; the snapshot itself where checkpoints are aligned.
func withoutWaits(s *model.Snapshot) *model.Snapshot {
	if !slices.ContainsFunc(s.Checkpoints.History, mayBeUnaligned) {
		return s
	}
	out := *s
	out.Checkpoints.History = slices.Clone(s.Checkpoints.History)
	for i := range out.Checkpoints.History {
		if c := &out.Checkpoints.History[i]; mayBeUnaligned(*c) {
			c.Tasks = tasksWithoutWaits(s, c)
		}
	}
	return &out
}

func mayBeUnaligned(c model.Checkpoint) bool {
	return slices.ContainsFunc(c.Tasks, func(t model.TaskLedger) bool {
		return slices.ContainsFunc(t.Entries, func(e model.SubtaskLedger) bool { return e.Unaligned && e.Reported && !e.Finished })
	})
}

func tasksWithoutWaits(s *model.Snapshot, c *model.Checkpoint) []model.TaskLedger {
	tasks, last := slices.Clone(c.Tasks), lastBarrier(c)
	for j := range tasks {
		t := &tasks[j]
		t.Entries = slices.Clone(t.Entries)
		open := waitsForChildren(s, c, t.Vertex)
		for k := range t.Entries {
			if e := &t.Entries[k]; e.Unaligned && e.Reported && !e.Finished {
				takeOffWait(e, last, open)
			}
		}
	}
	return tasks
}

// takeOffWait takes off what of an asynchronous part was over before the last barrier of all had come; all of it where it may be a wait for those behind.
func takeOffWait(e *model.SubtaskLedger, last time.Duration, open bool) {
	if e.Unfinished == model.PhaseAsync && (open || last > max(e.StartDelay, 0)+max(e.Alignment, 0)) {
		e.Unfinished = model.PhaseAlignment
		return
	}
	if e.Async < 0 || e.StartDelay < 0 {
		return
	}
	ended := e.StartDelay + max(e.Sync, 0) + e.Async
	if aligned := ended + max(e.Alignment, 0); aligned <= e.EndToEnd {
		ended = aligned // it was not overtaken after all: the alignment came first
	}
	own := min(max(ended-last, 0), e.Async)
	if open {
		own = 0
	}
	e.Async = own
}

// lastBarrier is when the last barrier had come to the last subtask that reported, from the trigger on.
func lastBarrier(c *model.Checkpoint) time.Duration {
	last := time.Duration(0)
	forEntries(c, func(_ int, e *model.SubtaskLedger) {
		if e.StartDelay >= 0 {
			last = max(last, e.StartDelay+max(e.Alignment, 0))
		}
	})
	return last
}

// waitsForChildren tells whether a subtask behind a vertex never reported.
func waitsForChildren(s *model.Snapshot, c *model.Checkpoint, v int) bool {
	for child := range s.Vertices {
		if slices.Contains(s.Vertices[child].Inputs, v) && slices.ContainsFunc(entriesOf(c, child), func(e model.SubtaskLedger) bool { return !e.Reported && !e.Finished }) {
			return true
		}
	}
	return false
}
