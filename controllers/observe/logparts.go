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
		if len(r.events) == 0 || r.events[0].at.IsZero() {
			continue
		}
		if at := r.events[0].at; checkpoints.From.IsZero() || at.Before(checkpoints.From) {
			checkpoints.From = at
		}
		if r.Last.After(checkpoints.To) {
			checkpoints.To = r.Last
		}
	}
	for _, r := range reports {
		known := !checkpoints.From.IsZero() && !r.First.IsZero() && len(r.events) == 0
		if known && (r.Last.Before(checkpoints.From) || r.First.After(checkpoints.To)) {
			apart = append(apart, r)
		}
	}
	return checkpoints, apart
}
