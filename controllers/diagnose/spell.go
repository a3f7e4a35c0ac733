package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// spellStart is when the present trouble began, as far as is known: what earlier passes remember, or the first failure since the last row of
// completed checkpoints, whichever is earlier; else now.
func spellStart(f *features) time.Time {
	start := f.now
	if since := f.s.Past.UnhealthySince; !since.IsZero() && f.s.JobManagerTime(since).Before(start) {
		start = f.s.JobManagerTime(since)
	}
	row := 0
	for i := range f.s.Checkpoints.History { // newest first
		c := &f.s.Checkpoints.History[i]
		switch {
		case completes(c):
			row++
			if row >= max(f.p.Detection.HealthyAfter, 1) {
				return start
			}
		case c.Failure != nil && !c.Savepoint:
			row = 0
			if !c.Trigger.IsZero() && c.Trigger.Before(start) {
				start = c.Trigger
			}
		}
	}
	return start
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
