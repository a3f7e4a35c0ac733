package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// presentOnes are the checkpoints of the present trouble, newest first: what is before a row of completed ones that show no illness is another
// story, such as the first checkpoint of a run, of a JVM that is not warm yet.
func presentOnes(f *features) []*model.Checkpoint {
	var present []*model.Checkpoint
	quick, apart := 0, spacing{}
	for i := range f.s.Checkpoints.History {
		c := &f.s.Checkpoints.History[i]
		switch {
		case c.Savepoint || warmsUp(f, i):
			continue
		case !completes(c) || illness(f, c) > 0:
			quick, apart = 0, spacing{}
		default:
			quick += count(apart.takes(c, f.w.interval))
		}
		present = append(present, c)
		if quick == max(f.p.Detection.HealthyAfter, 1) {
			break
		}
	}
	return present
}

// lagOf is the largest duration beyond the timeout of expired and of completed checkpoints of the present trouble.
func lagOf(f *features) (excess, beyond time.Duration) {
	for _, c := range presentOnes(f) {
		switch {
		case c.Expired():
			excess = max(excess, c.Duration-f.w.timeout)
		case completes(c) && !f.w.guessed:
			beyond = max(beyond, c.Duration-f.w.timeout)
		}
	}
	return excess, beyond
}

// warmsUp tells the first checkpoint of a run where the next one completed without a sign of illness: classes were loaded, code was compiled and state
// was restored meanwhile. Where each expiry restarts the job the next one is of another run.
func warmsUp(f *features, i int) bool {
	history := f.s.Checkpoints.History
	if i == 0 || !firstOfRun(f, i) {
		return false
	}
	next := &history[i-1]
	return completes(next) && illness(f, next) == 0
}

// firstOfRun tells the first checkpoint since the job began to run: by its id, or as none of this run is known before it and it began within two
// intervals.
func firstOfRun(f *features, i int) bool {
	history, since := f.s.Checkpoints.History, f.s.Job.RunningSince
	c := &history[i]
	switch {
	case since.IsZero() || c.Trigger.Before(since):
		return false
	case i+1 < len(history):
		return history[i+1].Trigger.Before(since)
	}
	return c.ID == 1 || c.Trigger.Sub(since) <= 2*f.w.interval
}
