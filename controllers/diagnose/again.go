package diagnose

import (
	"fmt"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// A job that fails again and again is not well for the checkpoints that complete in between: each failure takes it down and makes it process anew. One
// failure is an accident, and so are several that are over.

// failsAgain are the failures of a job that keeps failing, newest first; none for one that does not. It takes three, the newest three within three times what
// a start and two checkpoints take, as for a job of which none begins (see restartsOnlySince): one every few hours is no such loop. And they must go on: where
// twice the longest pause between two of them has passed without another the trouble is over.
func failsAgain(q *patient) []*model.JobException {
	failures := apart(q.s)
	if len(failures) < manyFailures {
		return nil
	}
	newest, longest := failures[0].At, time.Duration(0)
	for i := 1; i < manyFailures; i++ {
		longest = max(longest, failures[i-1].At.Sub(failures[i].At))
	}
	within := manyFailures * (startTime(&q.w) + 2*q.w.interval)
	if newest.Sub(failures[manyFailures-1].At) > within || q.now.Sub(newest) > 2*longest {
		return nil
	}
	n := manyFailures
	for n < len(failures) && failures[n-1].At.Sub(failures[n].At) <= max(2*longest, model.FailureBurst) {
		n++
	}
	return failures[:n]
}

// apart are the failures of a job that did not follow one another at once, newest first: a process that is gone makes a new start fail each second. What an
// expired checkpoint did is none.
func apart(s *model.Snapshot) (failures []*model.JobException) {
	last := time.Time{}
	for i := range s.Exceptions {
		e := &s.Exceptions[i]
		if e.At.IsZero() || isIntolerance(e) || followsRestart(e) {
			continue
		}
		if last.IsZero() || last.Sub(e.At) > model.FailureBurst {
			failures = append(failures, e)
		}
		last = e.At
	}
	return failures
}

// keepsFailing is the line of the table of health.
func keepsFailing(q *patient) (string, bool) {
	failures := failsAgain(q)
	if len(failures) == 0 {
		return "", false
	}
	return fmt.Sprintf("the job failed %d times in %s, %s ago last, whatever completes in between: %s", len(failures), span(q.now.Sub(failures[len(failures)-1].At)),
		span(max(q.now.Sub(failures[0].At), 0)), bounded(says(failures[0]), 160)), true
}

// gone tells whether all that is said of lost messages is that a process is not there any more: nobody waited for an answer in vain, and no heartbeat ran out.
func (w *words) gone() bool { return w.rpc != nil && w.timeouts == 0 && w.silences == 0 }

// againTheSame tells whether the newest failures of a job that keeps failing are of one kind, or all of processes that are gone.
func (f *features) againTheSame() bool {
	for i := 1; i < manyFailures; i++ {
		if f.again[i].Name != f.again[0].Name && !f.words.gone() {
			return false
		}
	}
	return true
}

// failsByItself tells whether a job keeps failing of something that has no cause of its own: lost messages, the storage, memory, versions.
func (f *features) failsByItself() bool {
	w := &f.words
	return len(f.again) > 0 && (w.rpc == nil || w.gone()) && w.storage == nil && w.versions == nil && w.memory == nil
}
