package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// spellStart is when the present trouble began, as far as is known: what earlier passes remember, or the first failure since the last row of
// completed checkpoints, whichever is earlier; else now.
func spellStart(f *features) time.Time {
	start := f.now
	if since := f.s.Past.UnhealthySince; !since.IsZero() {
		start = earlier(start, f.s.JobManagerTime(since))
	}
	if since := f.s.Past.SickSince; !since.IsZero() { // what made it sick had begun a timeout before, and may have left the history
		start = earlier(start, f.s.JobManagerTime(since).Add(-f.w.timeout))
	}
	if len(f.again) > 0 {
		start = earlier(start, f.again[len(f.again)-1].At)
	}
	start = earlier(start, f.stalled)
	if at, holds := f.s.JobManagerOutOfMemory(); holds {
		start = earlier(start, at)
	}
	row, apart := 0, spacing{}
	for i := range f.s.Checkpoints.History { // newest first
		c := &f.s.Checkpoints.History[i]
		switch {
		case completes(c):
			row += count(apart.takes(c, f.w.interval))
			if row >= max(f.p.Detection.HealthyAfter, 1) {
				return start
			}
		case c.Failure != nil && !c.Savepoint:
			row, apart = 0, spacing{}
			start = earlier(start, c.Trigger)
		}
	}
	return start
}

// earlier is the earlier of two times; a zero one is not known.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// ofThisMismatch tells whether a word of versions that do not match can have to do with a job that is stalled: a process of the wrong version
// may have tried to register before the job began, by as long as a start takes.
func (f *features) ofThisMismatch(at time.Time) bool {
	return f.ofThisSpell(at) || !f.stalled.IsZero() && !at.Before(f.stalled.Add(-startTime(&f.w)))
}

// ofThisSpell tells whether something that happened once, such as a line in a log, can have to do with the present trouble: not if it is older than
// the beginning by more than a checkpoint's own rhythm (interval + timeout). Without a time it can.
func (f *features) ofThisSpell(at time.Time) bool {
	return at.IsZero() || !at.Before(f.spell.Add(-f.w.interval-f.w.timeout))
}

// ago says how long ago something was seen last: ", 3m ago"; empty where that is not known.
func (f *features) ago(at time.Time) string {
	if at.IsZero() || at.After(f.now) {
		return ""
	}
	return ", " + span(f.now.Sub(at)) + " ago"
}

// last says how long ago the newest line of some kinds was written.
func (f *features) last(kinds ...model.LogKind) string {
	newest := time.Time{}
	for _, kind := range kinds {
		if s := f.words.logs[kind]; s != nil && s.Last.After(newest) {
			newest = s.Last
		}
	}
	return f.ago(newest)
}

// says is an exception with its age.
func (f *features) says(e *model.JobException) string {
	age := f.ago(e.At)
	return bounded(says(e), maxObserved-len(age)) + age
}
