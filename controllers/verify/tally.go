package verify

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// clockSlack is what the JobManager's clock may be behind what we take it for: a redeploy takes many times that, and the run before it began long ago.
const clockSlack = 2 * time.Second

// tally counts the checkpoints after the restart.
type tally struct {
	// began is when the run with the new values began, on the JobManager's clock; zero while it has not.
	began time.Time
	// completed and failed are in a row, up to the newest; one of them is 0. Seen are all that counted.
	completed, failed, seen int
	// failures are all of them since the last row of completed ones that would have sufficed, or since the restart; since is how many ended in that time.
	failures, since int
	// durations are those of the completed ones in a row.
	durations []time.Duration
	// lastFailure is the newest failure's message.
	lastFailure string
}

// tally reads the history, newest first. Savepoints, and failures that only follow from a restart, say nothing of the remedy.
func (c *verdict) tally() tally {
	var t tally
	began, ok := c.began()
	if !ok {
		return t
	}
	t.began = began
	rowOver, between := false, 0
	for i := range c.s.Checkpoints.History {
		k := &c.s.Checkpoints.History[i]
		if !c.counts(k, began) {
			continue
		}
		t.seen++
		rowOver = rowOver || !t.extend(k)
		switch {
		case between >= max(c.r.Criterion.CompleteInRow, 1): // what failed before a whole row counts no more
		case k.Status == model.CheckpointCompleted:
			between++
		default:
			t.since += between + 1
			between = 0
			t.failures++
		}
	}
	c.beyondHistory(&t, rowOver)
	return t
}

// extend makes the row longer by an older checkpoint; false where that one ends it.
func (t *tally) extend(k *model.Checkpoint) bool {
	switch completed := k.Status == model.CheckpointCompleted; {
	case completed && t.failed == 0:
		t.completed++
		if k.Duration > 0 {
			t.durations = append(t.durations, k.Duration)
		}
		return true
	case !completed && t.completed == 0:
		t.failed++
		if t.lastFailure == "" && k.Failure != nil {
			t.lastFailure = k.Failure.Message
		}
		return true
	}
	return false
}

// stuckFactor: a checkpoint that is pending for twice its timeout never will expire; it counts as failed. (The timer waits for the
// coordinator's lock, which a metadata write can hold for ever.)
const stuckFactor = 2

// beyondHistory adds what the history does not show: the completed ones before it (it holds 10 by default), where nothing of this run
// failed, and the one that is stuck.
func (c *verdict) beyondHistory(t *tally, rowOver bool) {
	if counts := &c.s.Checkpoints.Counts; t.failed == 0 && !rowOver && t.completed > 0 && c.restarts() && !c.failedSince(t.began) {
		t.completed = max(t.completed, int(min(counts.Completed, 1<<30)))
	}
	timeout := c.s.Settings.Timeout
	stuck := timeout.Known && timeout.Value > 0 && c.d.Counts.PendingFor > stuckFactor*timeout.Value
	if stuck && t.completed == 0 && c.s.JobManagerTime(c.now).Add(-c.d.Counts.PendingFor).After(t.began.Add(-clockSlack)) {
		t.failed, t.failures, t.seen, t.since = t.failed+1, t.failures+1, t.seen+1, t.since+1
		t.lastFailure = "pending for " + say(c.d.Counts.PendingFor)
	}
}

// failedSince tells whether a checkpoint of the run with the new values failed, by any kind of failure and even where the history has lost
// it. (counts.failed does not tell: it grows at every start.)
func (c *verdict) failedSince(began time.Time) bool {
	l := &c.s.Checkpoints
	if l.LatestFailed != nil && !l.LatestFailed.Savepoint && !l.LatestFailed.Trigger.Before(began) {
		return true
	}
	return slices.ContainsFunc(l.History, func(k model.Checkpoint) bool {
		return k.Status == model.CheckpointFailed && !k.Savepoint && !k.Trigger.Before(began)
	})
}

// counts tells whether a checkpoint speaks for the run with the new values.
func (c *verdict) counts(k *model.Checkpoint, began time.Time) bool {
	if k.Savepoint || k.Status == model.CheckpointInProgress || k.Trigger.Before(began) {
		return false
	}
	if k.Status == model.CheckpointCompleted || k.Failure == nil {
		return true
	}
	return k.Failure.Kind != model.FailureFailover && k.Failure.Kind != model.FailureTrigger
}

// began is when the run with the new values began: when its JobManager started the job, after the patch. A failover restores the job within
// the same run and moves nothing: with tolerable-failed-checkpoints 0 every expiry is one, and it would never be counted. A remedy without
// a restart begins with the patch.
func (c *verdict) began() (time.Time, bool) {
	if !c.restarts() {
		return c.applied(), true
	}
	began := c.s.Job.StartTime
	// A restart that the redeploy did not cause counts as little as none: the generation must have been observed.
	if began.Before(c.applied().Add(-clockSlack)) || c.unobserved() {
		return time.Time{}, false
	}
	return began, true
}

// unobserved tells that the Flink operator has not taken up the present generation.
func (c *verdict) unobserved() bool {
	t := c.object()
	return t.ObservedGeneration != 0 && t.ObservedGeneration < t.Generation
}

func median(durations []time.Duration) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Clone(durations)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// restartFree tells whether the Flink operator takes a field without a redeploy.
func restartFree(field string) bool {
	return strings.HasPrefix(field, "kubernetes.operator.") || strings.HasPrefix(field, "job.autoscaler.")
}
