package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// taskManagerGap tells that every log that was given is a JobManager's: what a task does, and what a TaskManager drops, is in none of them.
func taskManagerGap(reports []*LogReport) []model.Gap {
	for _, r := range reports {
		if r.Component != model.ComponentJobManager {
			return nil
		}
	}
	return []model.Gap{{Kind: model.GapTaskManagerLogs, Signal: "logs of the TaskManagers", Why: "none was given"}}
}

// Span is from when to when something was logged.
type Span struct{ From, To time.Time }

// Apart are the logs of which no line is of the time of the checkpoints, which is spanned by the logs of the JobManager from their first checkpoint on; what
// they tell is no evidence then. Call it after FromLogs, which brings the clocks together.
func Apart(reports []*LogReport) (checkpoints Span, apart []*LogReport) {
	for _, r := range reports {
		if len(r.events) > 0 && !r.events[0].at.IsZero() {
			checkpoints = checkpoints.with(r.events[0].at, r.Last)
		}
	}
	for _, r := range reports {
		if len(r.events) == 0 && !r.First.IsZero() && checkpoints.misses(r.First, r.Last) {
			apart = append(apart, r)
		}
	}
	return checkpoints, apart
}

// with is the span and another one.
func (s Span) with(from, to time.Time) Span {
	if s.From.IsZero() || from.Before(s.From) {
		s.From = from
	}
	if to.After(s.To) {
		s.To = to
	}
	return s
}

// apartBy is how far from the checkpoints a log must be to be of another time: a TaskManager that is well says nothing after its start.
const apartBy = time.Hour

// misses tells whether another span is apart from a known one.
func (s Span) misses(from, to time.Time) bool {
	return !s.From.IsZero() && (to.Before(s.From.Add(-apartBy)) || from.After(s.To.Add(apartBy)))
}
