package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// idleGaps are the times in which a checkpoint was due and none was in progress: what the checkpoint cleaner makes of the schedule where
// it holds back the next trigger (CheckpointRequestDecider: more checkpoints being cleaned than may run at once).
type idleGaps struct {
	// count is how many pairs of neighbours were looked at; late how many of them began an interval or more after they were due.
	count, late int
	// largest and total are idle time beyond what was due. The median is no use: gaps alternate between none and 30 s
	// (measured with two io threads and a serial cleaner).
	largest, total time.Duration
}

// severalIntervals is how many intervals late one start must be at least to be no accident, where the timeout is short.
const severalIntervals = 5

// mean is the mean idle time beyond what was due.
func (g idleGaps) mean() time.Duration {
	if g.count == 0 {
		return 0
	}
	return g.total / time.Duration(g.count)
}

// suspicious tells whether checkpoints start much later than the interval asks: two or more whole intervals late, and on the average
// an interval each. One late start is an accident (a full collection, a restart of the REST gateway); half of them alternate. One that is later than
// the timeout is none: a metadata write held the checkpoint before, of which Flink tells the duration until the last acknowledgement.
func (g idleGaps) suspicious(w *window) bool {
	interval := w.interval
	if interval <= 0 {
		return false
	}
	held := g.largest >= max(w.timeout, severalIntervals*interval) && !w.guessed
	return held || g.late >= 2 && g.largest >= 2*interval && g.mean() >= interval
}

// measureGaps looks at neighbours in the history whose ids follow one another, newest first. A restart of the job explains any gap,
// so gaps that begin with one (a failover, an expiry that is not tolerated) or contain the moment at which the job last began to run do not count.
// Where a longer interval holds while sources report a backlog, which no answer of Flink's tells, that one is due.
func measureGaps(s *model.Snapshot, w *window) idleGaps {
	var g idleGaps
	due, never := duringBacklog(s, w.interval)
	if w.interval <= 0 || never {
		return g
	}
	var next *model.Checkpoint
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if next != nil && next.ID == c.ID+1 && !next.Savepoint && !c.Savepoint && restartFree(s, c, next) {
			g.add(idleBetween(w, c, next, due), w.interval)
		}
		next = c
	}
	return g
}

func (g *idleGaps) add(idle, interval time.Duration) {
	g.count++
	g.total += idle
	g.largest = max(g.largest, idle)
	if idle >= interval {
		g.late++
	}
}

func restartFree(s *model.Snapshot, before, after *model.Checkpoint) bool {
	if before.Failure != nil && before.Failure.Kind == model.FailureFailover || cutShort(s, before) {
		return false
	}
	for i := range s.Exceptions {
		if at := s.Exceptions[i].At; at.After(before.Trigger) && at.Before(after.Trigger) {
			return false
		}
	}
	since := s.Job.RunningSince
	return since.IsZero() || !since.After(before.Trigger) || since.After(after.Trigger)
}

// keyIntervalBacklog is the interval while any source processes its backlog, from Flink 1.19 on (FLIP-309); 0 turns checkpoints off meanwhile.
const keyIntervalBacklog = "execution.checkpointing.interval-during-backlog"

// duringBacklog is the longest interval that the configuration allows, and whether there may be none at all.
func duringBacklog(s *model.Snapshot, interval time.Duration) (longest time.Duration, never bool) {
	longest = interval
	see := func(config map[string]string) {
		if text, set := config[keyIntervalBacklog]; set {
			if d, err := model.ParseDuration(text); err == nil {
				longest, never = max(longest, d), never || d == 0
			}
		}
	}
	see(s.Settings.Cluster)
	see(s.Target.Config) // of a FlinkSessionJob, whose configuration the cluster does not show
	for i := range s.Target.Others {
		see(s.Target.Others[i].Config)
	}
	return longest, never
}

// idleBetween is how long nothing was in progress after the next trigger was due: an interval after the trigger before, or the minimal pause
// after that one's end, whichever is later.
func idleBetween(w *window, before, after *model.Checkpoint, interval time.Duration) time.Duration {
	if before.Duration < 0 || before.Trigger.IsZero() || after.Trigger.IsZero() {
		return 0
	}
	ended := before.Trigger.Add(before.Duration)
	due := before.Trigger.Add(interval)
	if paused := ended.Add(w.minPause); paused.After(due) {
		due = paused
	}
	return max(after.Trigger.Sub(due), 0)
}
