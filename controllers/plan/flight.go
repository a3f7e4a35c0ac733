package plan

import (
	"fmt"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flight decides on the remedy that verify judged: wait, record the outcome, or undo it. Nothing else is begun meanwhile.
func (v *view) flight() model.Decision {
	switch outcome := v.in.Verification.Outcome; outcome {
	case api.OutcomeEffective, api.OutcomeInconclusive, api.OutcomeSuperseded:
		return v.settle(outcome, v.in.Verification.Message)
	case api.OutcomeIneffective:
		return v.ineffective()
	case api.OutcomeHarmful:
		return v.rollback(api.OutcomeHarmful, nil)
	default:
	}
	r := v.in.Verification.Receipt
	why := refuse(api.ReasonRemedyPending, orElse(v.in.Verification.Message, fmt.Sprintf("remedy %s is not judged yet", r.ID)))
	why.Retry = max(r.AppliedAt.Add(time.Duration(r.Criterion.DeadlineSeconds)*time.Second).Sub(v.in.Now), 0)
	return none(why)
}

// ineffective undoes a remedy that did not help, unless the policy keeps it or undoing it costs more replay than the policy bears.
func (v *view) ineffective() model.Decision {
	message := v.in.Verification.Message
	if v.p.Verification.OnIneffective == api.IneffectiveKeep {
		return v.settle(api.OutcomeIneffective, join(message, "kept, as the policy says", v.restText()))
	}
	undo := &model.Remedy{Cost: v.costOf(changesOf(v.in.Verification.Receipt)), Replay: v.replay()}
	if why := replayTooLong(v, undo); why.Message != "" {
		return v.settle(api.OutcomeIneffective, join(message, "kept, for undoing it restarts the job as well: "+why.Message, v.restText()))
	}
	return v.rollback(api.OutcomeIneffective, undo)
}

// rollback restores the prior values. What harms is undone at once; what merely did not help waits for the policy's window.
func (v *view) rollback(outcome api.Outcome, undo *model.Remedy) model.Decision {
	receipt := v.settled(api.OutcomeRolledBack, join(v.in.Verification.Message, v.restText()))
	held := v.ask(brakes, nil)
	if outcome == api.OutcomeIneffective && undo != nil && undo.Cost != api.CostNoRestart {
		if why := v.windowClosed(); why.Message != "" {
			why.Reason = api.ReasonOutsideWindow
			held = append(held, why)
		}
	}
	if len(held) > 0 {
		why := held[0]
		why.Message = fmt.Sprintf("remedy %s is %s (%s) and would be undone (%s), but %s", receipt.ID, outcome, v.in.Verification.Message, priorValues(receipt), why.Message)
		return model.Decision{Action: model.ActionNone, Receipt: v.in.Verification.Receipt, WhyNot: why, Refusals: held}
	}
	return model.Decision{Action: model.ActionRollback, Receipt: receipt, Hold: holdOf(receipt)}
}

// settle records an outcome; no field changes. It is bookkeeping of what was begun, so the mode does not hold it back, but people do.
func (v *view) settle(outcome api.Outcome, message string) model.Decision {
	for _, why := range v.ask(brakes, nil) {
		if why.Reason == api.ReasonModeRecommend || why.Reason == api.ReasonModeObserve {
			continue
		}
		held := why
		held.Message = fmt.Sprintf("remedy %s is %s, to be recorded later: %s", v.in.Verification.Receipt.ID, outcome, why.Message)
		return model.Decision{Action: model.ActionNone, Receipt: v.in.Verification.Receipt, WhyNot: held, Refusals: []model.Refusal{held}}
	}
	return model.Decision{Action: model.ActionSettle, Receipt: v.settled(outcome, message)}
}

// settled is a copy of the receipt with its outcome.
func (v *view) settled(outcome api.Outcome, message string) *model.Receipt {
	r := *v.in.Verification.Receipt
	at := v.in.Now
	r.Outcome, r.Message, r.FinishedAt = outcome, message, &at
	r.RevertedBy = v.in.Verification.RevertedBy
	r.DowntimeSeconds = int64(v.in.Verification.Downtime.Round(time.Second) / time.Second)
	r.SettledGeneration, r.PolicyGeneration = v.target().Generation, v.p.Generation
	return &r
}

// restText says how long the lever rests now that it failed once more.
func (v *view) restText() string {
	r := v.in.Verification.Receipt
	failures, _ := failuresOf(v.target().Receipts, r.Cause, r.SubCause, r.Lever)
	return fmt.Sprintf("muted for %s", span(muteFor(failures+1)))
}

// holdOf are the fields that an undo leaves alone for now: back at savepoint, the very undo would stop the sick job with a savepoint.
func holdOf(r *model.Receipt) []string {
	for i := range r.Changes {
		if r.Changes[i].Field == fieldUpgradeMode && r.Changes[i].From == "savepoint" {
			return []string{fieldUpgradeMode}
		}
	}
	return nil
}

func changesOf(r *model.Receipt) []model.Change {
	changes := make([]model.Change, 0, len(r.Changes))
	for i := range r.Changes {
		changes = append(changes, model.Change{Field: r.Changes[i].Field})
	}
	return changes
}

func priorValues(r *model.Receipt) string {
	var parts []string
	for i := range r.Changes {
		c := &r.Changes[i]
		parts = append(parts, fmt.Sprintf("%s back to %s", c.Field, pick(c.WasSet, c.From, "not set")))
	}
	return strings.Join(parts, ", ")
}
