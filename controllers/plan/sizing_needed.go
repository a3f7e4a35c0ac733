package plan

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// need is what is known of the time that a checkpoint needs, where late acknowledgements do not tell all of it.
type need struct {
	// least is the longest that it takes at least, or that has not sufficed, and known says so; want is the timeout to be written, with why and arithmetic.
	least, want            time.Duration
	known, why, arithmetic string
}

// take adds one thing that is known, where it is more than the timeout.
func (n *need) take(now, least, want time.Duration, why, arithmetic string) {
	if least <= now {
		return
	}
	if least > n.least {
		n.least, n.known = least, why
	}
	if want > n.want {
		n.want, n.why, n.arithmetic = want, why, arithmetic
	}
}

// needed is the largest of what is known; the zero value where nothing is known beyond the timeout.
func (v *view) needed(now time.Duration) need {
	best := need{}
	take := func(least time.Duration, factor float64, why string) {
		want, arithmetic := v.given(least, factor)
		best.take(now, least, want, why, arithmetic)
	}
	late := v.longestLate(now)
	room, piles := v.room()
	take(late, room, fmt.Sprintf("late acknowledgements came after %s and some never came%s", span(late), piles))
	switch cause := v.topOrNone().Cause; {
	case cause == api.CauseCheckpointPressure:
		took, why := v.uploadTimeSaid()
		take(took, headroom, why)
		return best
	case !v.slowUploads():
		if answer, _ := v.slowestAnswer(); v.d.Facts.CutShort && networkLikely(*v.topOrNone()) {
			take(answer, headroom, fmt.Sprintf("each expiry restarts the job, so that none comes late, but an answer of a TaskManager takes %s", span(answer)))
		}
		return best
	}
	waited, rest := v.waited()
	if rest > 0 {
		waited = 0
	}
	want, arithmetic := v.blindTimeout(waited, v.blindFactor(), withFactor(now, v.policyGrowth()))
	best.take(now, waited, want, fmt.Sprintf("acknowledgements have not come %s after their checkpoint began, and their uploads move", span(waited)), arithmetic)
	took, why := v.uploadTimeSaid()
	take(took, room, why+piles)
	return best
}

// topOrNone is the first finding, a finding of nothing where there is none.
func (v *view) topOrNone() *model.Finding {
	if v.top == nil {
		return &model.Finding{}
	}
	return v.top
}

// slowUploads tells whether what takes time is uploads, and they move.
func (v *view) slowUploads() bool {
	return v.topOrNone().Cause == api.CauseSlowStateBackend && v.d.Facts.UploadMoves
}

// waited is for how long uploads of the first expired checkpoint will have been under way that are not acknowledged yet, when they have been waited for in
// full: it did not suffice. rest is how long that is from now, 0 where it is over: until then it would be another value at each look. Behind the first
// others queue, so that of those it does not tell. One wait is all that is asked: where an earlier one was over and another expired meanwhile nothing is
// said, for such expiries may come more often than a wait takes, and none would ever end. Up to Flink 1.17 an expiry cancels the upload, and so does a restart.
func (v *view) waited() (full, rest time.Duration) {
	if v.d.Facts.CutShort || !v.version.known || v.version.before(1, 18, 0) {
		return 0, 0
	}
	first := v.firstExpired()
	if first == nil || v.restartedSince(first.Trigger) {
		return 0, 0
	}
	if !anyMissing(first) {
		return 0, 0
	}
	rest = v.waitFor(first)
	if rest > 0 && v.waitedBefore(first) {
		return 0, 0
	}
	return first.Failure.At.Add(model.LateFor(v.s.Settings.Timeout.Value)).Sub(first.Trigger), rest
}

// waitFor is how long acknowledgements of an expired checkpoint are to be waited for yet; 0 where that is over.
func (v *view) waitFor(c *model.Checkpoint) time.Duration {
	return max(c.Failure.At.Add(model.LateFor(v.s.Settings.Timeout.Value)).Sub(v.s.JobManagerTime(v.in.Now)), 0)
}

// firstExpiredKept is how many expired checkpoints that follow a completed one Flink's history of 10 keeps at most. With so many, and no others, of which none was waited for
// in full, none ever will be: each has left the history before.
const firstExpiredKept = 5

// waitedBefore tells whether an earlier checkpoint that expired like this one, in the same run of the job, was waited for in full, or none ever will be.
func (v *view) waitedBefore(first *model.Checkpoint) bool {
	history, alike := v.s.Checkpoints.History, 0
	for i := range history {
		c := &history[i]
		if c.ID > first.ID || !v.expiredFirst(i) || v.restartedSince(c.Trigger) || !anyMissing(c) {
			continue
		}
		alike++
		if c.ID < first.ID && v.waitFor(c) == 0 {
			return true
		}
	}
	return alike >= firstExpiredKept && 2*alike >= len(history)
}

// anyMissing tells whether a subtask did not acknowledge a checkpoint.
func anyMissing(c *model.Checkpoint) bool {
	for i := range c.Tasks {
		for k := range c.Tasks[i].Entries {
			if e := &c.Tasks[i].Entries[k]; !e.Reported && !e.Finished {
				return true
			}
		}
	}
	return false
}

// stillComing refuses where uploads are under way that would tell what suffices, and nothing else does yet. With two expiries and a timeout of a minute
// or more the first has been waited for in full already, and so has an earlier one where they alternate with such as complete.
func (v *view) stillComing() model.Refusal {
	took, _ := v.uploadTime()
	if _, rest := v.waited(); rest > 0 && v.slowUploads() && v.d.Health == api.HealthUnhealthy && !v.d.Facts.LateComplete && took <= v.s.Settings.Timeout.Value {
		return model.Refusal{Reason: api.ReasonSnapshotIncomplete, Retry: rest, Message: fmt.Sprintf(
			"what would suffice is not known yet: acknowledgements of an expired checkpoint are waited for, whose uploads move, for another %s", span(rest))}
	}
	return model.Refusal{}
}

// fewMissing tells that what is known of slow uploads is who is missing, and that is a half of a vertex's subtasks at most, whose siblings came: a storage
// that is slow is so for all that write. No rate was measured, and nothing came late. A state that has grown in one subtask looks like that at first.
func (v *view) fewMissing() bool {
	first := v.firstExpired()
	if first == nil || !v.slowUploads() || v.d.Health != api.HealthUnhealthy || v.d.Facts.UploadRate.Known || len(v.d.Facts.LateAcks) > 0 {
		return false
	}
	few := false
	for i := range first.Tasks {
		missing, came := missingOf(&first.Tasks[i])
		if missing > came {
			return false
		}
		few = few || missing > 0
	}
	return few
}

// missingOf counts the subtasks of a vertex that are missing in a checkpoint, and those that came in time.
func missingOf(t *model.TaskLedger) (missing, came int) {
	for k := range t.Entries {
		switch e := &t.Entries[k]; {
		case e.Finished:
		case e.Reported && !e.Aborted:
			came++
		default:
			missing++
		}
	}
	return missing, came
}

// firstExpired is the newest expired checkpoint behind which nothing was queued, for the one before it completed; nil where none was read.
func (v *view) firstExpired() *model.Checkpoint {
	history := v.s.Checkpoints.History
	for i := range history {
		if v.expiredFirst(i) {
			return &history[i]
		}
	}
	return nil
}

// expiredFirst tells whether a checkpoint of the history expired, was read and had nothing before it to wait for.
func (v *view) expiredFirst(i int) bool {
	c := &v.s.Checkpoints.History[i]
	return c.Expired() && !c.Savepoint && c.Tasks != nil && v.followsCompleted(i)
}

// followsCompleted tells whether the checkpoint before one of the history completed, or there was none.
func (v *view) followsCompleted(i int) bool {
	l := &v.s.Checkpoints
	before := l.History[i].ID - 1
	switch {
	case before <= 0, l.LatestCompleted != nil && l.LatestCompleted.ID == before, l.LatestRestored != nil && l.LatestRestored.ID == before:
		return true
	}
	return i+1 < len(l.History) && l.History[i+1].Status == model.CheckpointCompleted
}

func (v *view) restartedSince(at time.Time) bool {
	restored := v.s.Checkpoints.LatestRestored
	return restored != nil && restored.At.After(at)
}

// uploadTime is what the largest of the uploads that did not come in time takes at the rate of those that came, without the wait behind others; 0 where
// that is not known.
func (v *view) uploadTime() (took time.Duration, bytes float64) {
	rate, bytes := v.d.Facts.UploadRate, v.lateBytes()
	if !rate.AtLeast(1) {
		return 0, 0
	}
	return times(time.Second, bytes/rate.Value), bytes
}

// lateBytes is what the largest of the uploads that did not come in time writes: what it wrote where it came late, else what it had written in the newest
// completed checkpoint whose subtasks were read; 0 where that is not known.
func (v *view) lateBytes() float64 {
	before, bytes := v.lastDetailed(), 0.0
	for i := range v.s.Checkpoints.History {
		c := &v.s.Checkpoints.History[i]
		if !c.Expired() || c.Savepoint {
			continue
		}
		for k := range c.Tasks {
			bytes = max(bytes, mostMissing(&c.Tasks[k], before))
		}
	}
	return bytes
}

// uploadTimeSaid is uploadTime with its arithmetic.
func (v *view) uploadTimeSaid() (took time.Duration, arithmetic string) {
	took, bytes := v.uploadTime()
	return took, fmt.Sprintf("%s to upload take %s at the %s/s of those that came", bytesText(bytes), span(took), bytesText(v.d.Facts.UploadRate.Value))
}

// mostMissing is the most that a subtask of a vertex wrote that did not acknowledge an expired checkpoint in time.
func mostMissing(t *model.TaskLedger, before *model.Checkpoint) float64 {
	most := int64(0)
	for k := range t.Entries {
		switch e := &t.Entries[k]; {
		case e.Finished || e.Reported && !e.Aborted:
		case e.Late:
			most = max(most, e.CheckpointedSize)
		default:
			most = max(most, writtenBy(before, t.VertexID, k))
		}
	}
	return float64(most)
}

// lastDetailed is the newest completed checkpoint whose subtasks were read; nil if none.
func (v *view) lastDetailed() *model.Checkpoint {
	for i := range v.s.Checkpoints.History {
		if c := &v.s.Checkpoints.History[i]; c.Status == model.CheckpointCompleted && !c.Savepoint && c.Tasks != nil {
			return c
		}
	}
	return v.s.Checkpoints.Detailed
}

// writtenBy is what a subtask wrote in a checkpoint, in bytes; 0 where that was not read.
func writtenBy(c *model.Checkpoint, vertex string, subtask int) int64 {
	if c == nil {
		return 0
	}
	for i := range c.Tasks {
		if t := &c.Tasks[i]; t.VertexID == vertex && subtask < len(t.Entries) && t.Entries[subtask].Reported {
			return t.Entries[subtask].CheckpointedSize
		}
	}
	return 0
}
