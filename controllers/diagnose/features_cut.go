package diagnose

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Flink tolerates no failed checkpoint by default (execution.checkpointing.tolerable-failed-checkpoints: 0): an expiry restarts all tasks. Then
// the expiry is cut short: what was still on its way is dropped with the tasks, and no late acknowledgement can come. The restart and its
// exception are consequences of the expiry and tell nothing of its cause.

// intolerance is what Flink says where it restarts a job because too many checkpoints failed (CheckpointFailureManager, 1.15 to 2.3).
const intolerance = "Exceeded checkpoint tolerable failure threshold"

// restartsSoon is how long after a failed checkpoint the restart comes that it causes: at once, but for a JobManager that has little time.
const restartsSoon = 5 * time.Second

// cutShort tells whether an expired checkpoint restarted the job.
func cutShort(s *model.Snapshot, c *model.Checkpoint) bool {
	if !c.Expired() || c.Savepoint {
		return false
	}
	if t := s.Settings.TolerableFailed; t.Known && t.Value == 0 {
		return true
	}
	for i := range s.Exceptions {
		if e := &s.Exceptions[i]; isIntolerance(e) && e.At.Sub(c.Failure.At).Abs() <= restartsSoon {
			return true
		}
	}
	return false
}

func isIntolerance(e *model.JobException) bool { return strings.Contains(e.Message, intolerance) }

// allCutShort tells whether every expired checkpoint that was looked at restarted the job.
func allCutShort(f *features) bool {
	cut := false
	for i := range f.profile {
		c := f.profile[i].c
		if c.Expired() && !cutShort(f.s, c) {
			return false
		}
		cut = cut || c.Expired()
	}
	return cut
}

// lostWithRestart counts checkpoints of the window that a restart ended, but for those that another one's expiry took with it.
func (f *features) lostWithRestart() int {
	n, seen := 0, 0
	for i := range f.s.Checkpoints.History {
		c := &f.s.Checkpoints.History[i]
		if c.Savepoint || c.Status == model.CheckpointInProgress || !counts(c) {
			continue
		}
		seen++
		if seen > f.w.counts.Window {
			break
		}
		n += count(c.Failure != nil && c.Failure.Kind == model.FailureFailover && !f.takenAlong(c))
	}
	return n
}

// takenAlong tells whether a checkpoint ended with the restart that the expiry of another one caused.
func (f *features) takenAlong(c *model.Checkpoint) bool {
	for i := range f.s.Checkpoints.History {
		if o := &f.s.Checkpoints.History[i]; cutShort(f.s, o) && o.Failure.At.Sub(c.Failure.At).Abs() <= restartsSoon {
			return true
		}
	}
	return false
}

// outside tells whether the time passes outside the tasks: those that are missing were looked at while a checkpoint was pending, are done or were
// never told, and so are subtasks of sources among them or of several vertices.
func (f *features) outside() bool {
	if !f.threads.quiet() || f.threads.coordinator != nil {
		return false
	}
	vertices, sources := 0, 0
	for v, n := range f.missing.nowByVertex {
		vertices += count(n > 0)
		sources += count(n > 0 && f.role(v) == model.RoleSource)
	}
	return vertices > 1 && sources > 0
}
