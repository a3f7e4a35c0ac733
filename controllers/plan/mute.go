package plan

import (
	"fmt"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// firstMute is how long a lever rests after it failed for a cause: a working shift, so that what a person changes meanwhile counts. It
	// does not shrink with short timeouts: whoever is woken by a second attempt has no faster clock.
	firstMute = 6 * time.Hour
	// longestMute bounds the doubling (6h, 12h, 24h, 48h, 96h): a week later the world may have changed.
	longestMute = 7 * 24 * time.Hour
)

// muteFor is how long a lever rests after that many failures in a row.
func muteFor(failures int) time.Duration {
	d := firstMute
	for ; failures > 1 && d < longestMute; failures-- {
		d *= 2
	}
	return min(d, longestMute)
}

// failed are the outcomes of a remedy that did not help.
var failed = []api.Outcome{api.OutcomeRolledBack, api.OutcomeIneffective, api.OutcomeHarmful, api.OutcomeInconclusive}

// failuresOf counts how often a lever failed for a cause since it last helped, and when it last did. Receipts are newest first.
func failuresOf(receipts []model.Receipt, cause api.Cause, sub api.SubCause, lever api.Lever) (int, time.Time) {
	failures, last := 0, time.Time{}
	for i := range receipts {
		r := &receipts[i]
		if r.Cause != cause || r.SubCause != sub || r.Lever != lever {
			continue
		}
		switch { // else it is not judged yet, or somebody else's
		case r.Outcome == api.OutcomeEffective:
			return failures, last
		case slices.Contains(failed, r.Outcome):
			failures++
			if at := finished(r); at.After(last) {
				last = at
			}
		}
	}
	return failures, last
}

// muted says that a lever failed for this cause and rests.
func (v *view) muted(lever api.Lever) model.Refusal {
	failures, last := failuresOf(v.target().Receipts, v.top.Cause, v.top.SubCause, lever)
	if failures == 0 {
		return model.Refusal{}
	}
	rest := last.Add(muteFor(failures)).Sub(v.in.Now)
	if rest <= 0 {
		return model.Refusal{}
	}
	return model.Refusal{
		Reason:  api.ReasonMuted,
		Message: fmt.Sprintf("did not help against %s %s; it rests for another %s", v.top.Cause, countOf(failures, "time"), span(rest)),
		Retry:   rest,
	}
}

// triedLonger says that a timeout of at least that failed for this cause a short while ago, beside another lever: by itself, or shorter, it is known not to
// help. It rests as long as the lever does with which it failed.
func (v *view) triedLonger(timeout time.Duration) model.Refusal {
	receipts := v.target().Receipts
	for i := range receipts {
		r := &receipts[i]
		if r.Cause != v.top.Cause || r.SubCause != v.top.SubCause || !slices.Contains(failed, r.Outcome) {
			continue
		}
		for k := range r.Changes {
			to, ok := durationOf(r.Changes[k].To)
			if r.Changes[k].Field != keyTimeout || !ok || to < timeout {
				continue
			}
			failures, last := failuresOf(receipts, r.Cause, r.SubCause, r.Lever)
			if rest := last.Add(muteFor(failures)).Sub(v.in.Now); failures > 0 && rest > 0 {
				return model.Refusal{Reason: api.ReasonMuted, Retry: rest, Message: fmt.Sprintf(
					"%s did not help against %s together with another change, so that %s would not by itself; it rests for another %s", span(to), r.Cause, span(timeout), span(rest))}
			}
		}
	}
	return model.Refusal{}
}

// finished is when a receipt was settled; when it was applied, where that was not recorded.
func finished(r *model.Receipt) time.Time {
	if r.FinishedAt != nil {
		return *r.FinishedAt
	}
	return r.AppliedAt
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
