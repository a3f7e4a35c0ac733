package plan

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

const (
	// debtAfter is how long the cause of a raised timeout must be gone before it may be walked back: a day holds a rush hour.
	debtAfter = 24 * time.Hour
	// debtShare: walking back is safe where the longest checkpoint takes at most half of the timeout that was before, which is where AtRisk begins.
	debtShare = 2
)

// timeoutDebt says that a raised timeout can be walked back: a long timeout hides the next hang for as long.
func (v *view) timeoutDebt() string {
	longest := max(v.d.Facts.Max, v.d.Facts.P95)
	for i := range v.target().Receipts {
		r := &v.target().Receipts[i]
		if r.Lever != api.LeverCheckpointTimeout || r.Outcome != api.OutcomeEffective {
			continue
		}
		for _, c := range r.Changes {
			before, ok := durationOf(c.From)
			if c.Field != keyTimeout || !ok || longest <= 0 || longest > before/debtShare || v.s.Settings.Timeout.Value <= before {
				continue
			}
			if v.in.Now.Sub(finished(r)) < debtAfter {
				return ""
			}
			return fmt.Sprintf("%s was raised from %s to %s on %s against %s; checkpoints now take at most %s, so it can go back to %s",
				keyTimeout, c.From, c.To, r.AppliedAt.UTC().Format("2 Jan 2006"), r.Cause, span(longest), pick(c.WasSet, c.From, "its default"))
		}
		return ""
	}
	return ""
}
