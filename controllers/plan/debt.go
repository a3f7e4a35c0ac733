package plan

import (
	"fmt"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// debtAfter is how long the cause of a raised timeout must be gone before it may be walked back: a day holds a rush hour.
	debtAfter = 24 * time.Hour
	// debtShare: walking back is safe where the longest checkpoint takes at most half of the timeout that was before, which is where AtRisk begins.
	debtShare = 2
)

// repay recommends to walk a raised timeout back where that is safe: a long timeout hides the next hang for as long. It is never applied by
// itself, for it restarts a healthy job.
func (v *view) repay(d *model.Decision) {
	receipt, change := v.debt()
	if receipt == nil {
		return
	}
	now := &v.s.Settings.Timeout
	r := &model.Remedy{
		Cause: receipt.Cause, SubCause: receipt.SubCause, Lever: api.LeverCheckpointTimeout, Object: receipt.Object,
		Changes: []model.Change{v.change(api.LeverCheckpointTimeout, keyTimeout, flinkDuration(now.Value), change.From, now.Origin)},
		Reason: fmt.Sprintf("it was raised from %s to %s on %s against %s; checkpoints now take at most %s", change.From, change.To,
			receipt.AppliedAt.UTC().Format("2 Jan 2006"), receipt.Cause, span(v.longest())),
		Replay: v.replay(), Downtime: v.downtime(),
	}
	v.place(r.Changes)
	r.Cost = costOn(v.object(r), r.Changes)
	r.Criterion = v.criterion(r, 0)
	r.Hash = v.hash(r)
	d.Remedy = r
	d.Debt = fmt.Sprintf("%s was raised from %s to %s on %s against %s; checkpoints now take at most %s, so it can go back to %s: apply the recommended change when a restart suits",
		keyTimeout, change.From, change.To, receipt.AppliedAt.UTC().Format("2 Jan 2006"), receipt.Cause, span(v.longest()), pick(change.WasSet, change.From, "its default"))
	d.WhyNot.Message += " but to walk the raised timeout back when a restart suits"
	d.Refusals = []model.Refusal{d.WhyNot}
}

// longest is the longest of the recent checkpoints; 0 where it is not known.
func (v *view) longest() time.Duration { return max(v.d.Facts.Max, v.d.Facts.P95) }

// debt finds the newest longer timeout that helped, by itself or beside an interval, once its cause is gone for a day; nil where none is or where it is
// needed yet.
func (v *view) debt() (*model.Receipt, *model.ChangeRecord) {
	for i := range v.target().Receipts {
		r := &v.target().Receipts[i]
		if r.Outcome != api.OutcomeEffective || !slices.ContainsFunc(r.Changes, func(c model.ChangeRecord) bool { return c.Field == keyTimeout }) {
			continue
		}
		c := v.repayable(r)
		if c == nil || v.in.Now.Sub(finished(r)) < debtAfter {
			return nil, nil
		}
		return r, c
	}
	return nil, nil
}

// repayable is the change of a longer timeout that is still in force and not needed any more; nil where there is none.
func (v *view) repayable(r *model.Receipt) *model.ChangeRecord {
	for i := range r.Changes {
		c := &r.Changes[i]
		before, okFrom := durationOf(c.From)
		raised, okTo := durationOf(c.To)
		inForce := c.Field == keyTimeout && okFrom && okTo && v.s.Settings.Timeout.Value == raised
		if longest := v.longest(); inForce && longest > 0 && longest <= before/debtShare {
			return c
		}
	}
	return nil
}
