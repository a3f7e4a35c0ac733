package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Uploads that never end: none of them tells its rate. What was measured earlier in the same spell does; else that they are still at work after so much
// time is a bound by itself.

// boundUploads takes the rate of the spell, or a bound of it, where the missing subtasks do nothing but wait for uploads that are at work and no
// checkpoint of this pass tells their rate.
func (f *features) boundUploads() {
	u := &f.upload
	if u.now.Known || u.ceiling.Known || !f.onlyUploads() {
		return
	}
	if !f.uploadsHang() && f.s.At.Sub(f.s.Past.SlowUploadAt) <= max(oldRate, 6*f.w.timeout) {
		u.before, u.beforeAgo = f.s.Past.SlowUploadRate, f.s.At.Sub(f.s.Past.SlowUploadAt)
	}
	if !u.before.Known && !f.cut {
		u.ceiling = f.endlessRate()
	}
}

// oldRate is how long a rate of the same spell is known still: an hour, or six timeouts, in which a storage may have come to another state unseen.
const oldRate = time.Hour

// onlyUploads tells whether the missing subtasks were looked at, all of them are idle, and most of them have an upload at work.
func (f *features) onlyUploads() bool {
	t := &f.threads
	return t.known && t.uploads > 0 && t.idle == len(t.tasks) && 2*t.uploads >= t.idle && t.uploading.kind == filesystemKind
}

// endlessRate is what the missing subtasks upload at most: what a checkpoint can have to write, over the subtasks that are missing and the time that did
// not suffice, the timeout where one expired.
func (f *features) endlessRate() model.Measure {
	missing, took := len(f.missing.now), f.w.counts.PendingFor
	if f.w.counts.Expired > 0 {
		took = max(took, f.w.timeout)
	}
	bytes := f.mostBytes()
	if missing == 0 || bytes <= 0 || f.w.guessed || 2*took < f.w.timeout {
		return model.Measure{}
	}
	return model.Measured(bytes / float64(missing) / took.Seconds())
}

// mostBytes is the most that a checkpoint can have to write now, by the last completed one. A state that is written whole grows no faster than it did from
// the job's start until then; of increments as many come together as intervals have passed since. 0 where nothing tells.
func (f *features) mostBytes() float64 {
	last, before := lastCompleted(f.s)
	start := f.s.Job.StartTime
	if last == nil || last.CheckpointedSize <= 0 || start.IsZero() || !last.Trigger.After(start) {
		return 0
	}
	grown := float64(f.now.Sub(start)) / float64(last.Trigger.Sub(start))
	if every := rhythm(f, last, before); every > 0 && last.CheckpointedSize < last.StateSize {
		grown = max(grown, float64(f.now.Sub(last.Trigger))/float64(every))
	}
	return float64(last.CheckpointedSize) * grown
}

// rhythm is the time in which the increment of the last completed checkpoint came together: since the one before, or an interval.
func rhythm(f *features, last, before *model.Checkpoint) time.Duration {
	since := f.w.interval
	if before != nil && last.Trigger.After(before.Trigger) && (since <= 0 || last.Trigger.Sub(before.Trigger) < since) {
		since = last.Trigger.Sub(before.Trigger)
	}
	return since
}

// measured is the rate now, else the one that was measured before in this spell; text says which, in words.
func (u *upload) measured() (rate model.Measure, text string) {
	if u.now.Known || !u.before.Known {
		return u.now, ""
	}
	return u.before, ", as measured " + span(u.beforeAgo) + " ago"
}
