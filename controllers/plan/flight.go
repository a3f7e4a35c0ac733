package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flight decides on the remedy that verify judged: wait, record the outcome, or undo it. Nothing else is begun meanwhile.
func (v *view) flight() model.Decision {
	if begun, yes := v.halfUndone(); yes {
		return v.takeBack(api.OutcomeRolledBack, v.settled(api.OutcomeRolledBack, begun.Message))
	}
	switch outcome := v.in.Verification.Outcome; outcome {
	case api.OutcomeEffective, api.OutcomeInconclusive, api.OutcomeSuperseded:
		return v.settle(outcome, v.in.Verification.Message)
	case api.OutcomeIneffective:
		return v.ineffective()
	case api.OutcomeHarmful:
		return v.rollback(api.OutcomeHarmful)
	default:
	}
	r := v.in.Verification.Receipt
	why := refuse(api.ReasonRemedyPending, orElse(v.in.Verification.Message, fmt.Sprintf("remedy %s is not judged yet", r.ID)))
	why.Retry = max(r.AppliedAt.Add(time.Duration(r.Criterion.DeadlineSeconds)*time.Second).Sub(v.in.Now), 0)
	return none(why)
}

// ineffective undoes a remedy that did not help, unless the policy keeps it or undoing it costs more replay than the policy bears. Where each expiry
// restarts the job that replay is paid at the next one anyway.
func (v *view) ineffective() model.Decision {
	if why := v.undecided(api.OutcomeIneffective); why.Refused() {
		return v.later(api.OutcomeIneffective, why)
	}
	message := v.in.Verification.Message
	if v.p.Verification.OnIneffective == api.IneffectiveKeep {
		return v.settle(api.OutcomeIneffective, join(message, "kept, as the policy says", v.restText()))
	}
	undo := v.undo()
	if why := replayTooLong(v, undo); why.Message != "" && !v.d.Facts.CutShort {
		return v.settle(api.OutcomeIneffective, join(message, "kept, for undoing it restarts the job as well: "+why.Message, v.restText()))
	}
	if why := networkTooSlow(v, undo); why.Message != "" {
		return v.settle(api.OutcomeIneffective, join(message, "kept, for undoing it restarts the job as well: "+why.Message, v.restText()))
	}
	if why := v.undoHarms(undo); why.Refused() {
		return v.settle(api.OutcomeIneffective, join(message, "kept, for undoing it restarts the job as well: "+why.Message, v.restText()))
	}
	return v.rollback(api.OutcomeIneffective)
}

// undo is the restart that undoing the receipt in flight is.
func (v *view) undo() *model.Remedy {
	r := v.in.Verification.Receipt
	return &model.Remedy{Object: r.Object, Cost: costOn(v.target().At(r.Object), changesOf(r)), Replay: v.replay()}
}

// undoHarms says why the present upgradeMode, which its owner may have changed since the patch, would make the undoing restart a harm of
// its own: stateless drops the state; savepoint stops the sick job with a savepoint, which fails and restarts it each time. The undo sets
// last-state itself where the remedy did, for that had a person's word. An upgrade that is not taken up yet is only withdrawn, which
// restarts nothing and ends the attempts to stop with a savepoint (measured on 1.7.0: the spec is then the one last deployed).
func (v *view) undoHarms(undo *model.Remedy) model.Refusal {
	if why := stateless(v, undo); why.Message != "" {
		why.Reason = api.ReasonUpgradeModeStateless
		return why
	}
	if why := sessionJobs(v, undo); why.Message != "" {
		why.Reason = api.ReasonSessionJobUnsafe
		return why
	}
	t := v.object(undo)
	withdrawn := t.ObservedGeneration != 0 && t.ObservedGeneration < t.Generation
	if undo.Cost != api.CostJobRestart || t.UpgradeMode != "savepoint" || withdrawn || len(holdOf(v.in.Verification.Receipt)) > 0 {
		return model.Refusal{}
	}
	if t.Kind == kindSessionJob {
		why := v.savepointOfSessionJob()
		if why.Message != "" {
			why.Reason = api.ReasonUpgradeModeSavepoint
		}
		return why
	}
	return refuse(api.ReasonUpgradeModeSavepoint, "spec.job.upgradeMode is savepoint since, and a stop with savepoint would fail on the sick job and restart it each time: "+
		"set it to last-state, which restarts nothing")
}

// rollback restores the prior values. What harms is undone at once; what merely did not help waits for the policy's window.
func (v *view) rollback(outcome api.Outcome) model.Decision {
	message := join(v.in.Verification.Message, v.restText())
	if why := v.undoOutsideWindow(v.undo()); outcome == api.OutcomeHarmful && why.Refused() {
		message = join(message, "undone at once although "+why.Message+": what harms does not wait for it")
	}
	return v.takeBack(outcome, v.settled(api.OutcomeRolledBack, message))
}

// takeBack writes an undo unless something holds it. Outcome RolledBack is for one that began already: its ConfigMap has the prior text, so
// whatever the checkpoints say by now, the job loses the remedy with its next start.
func (v *view) takeBack(outcome api.Outcome, receipt *model.Receipt) model.Decision {
	held := v.ask(brakes, nil)
	if outcome == api.OutcomeHarmful && v.p.UndoesHarm {
		held = slices.DeleteFunc(held, func(why model.Refusal) bool { return why.Reason == api.ReasonPolicyInvalid })
	}
	undo := v.undo()
	if why := v.undoHarms(undo); why.Refused() && !v.in.Verification.NeverRolledOut {
		held = append(held, why)
	}
	if why := v.undoOutsideWindow(undo); outcome == api.OutcomeIneffective && why.Refused() {
		held = append(held, why)
	}
	if refused := v.refusedBefore(receipt); refused.Reason == api.ReasonOwnedByOtherManager && outcome != api.OutcomeRolledBack {
		return v.settle(api.OutcomeSuperseded, join(v.in.Verification.Message, "not undone, for somebody else owns what it wrote by now: "+refused.Message))
	} else if refused.Refused() {
		held = append(held, refused)
	}
	if len(held) > 0 {
		why := held[0]
		why.Message = fmt.Sprintf("remedy %s is %s (%s) and would be undone (%s), but %s", receipt.ID, outcome, v.in.Verification.Message, priorValues(receipt), why.Message)
		return model.Decision{Action: model.ActionNone, Receipt: v.in.Verification.Receipt, WhyNot: why, Refusals: held}
	}
	return model.Decision{Action: model.ActionRollback, Receipt: receipt, Hold: v.hold(receipt)}
}

// settle records an outcome; no field changes. It is bookkeeping of what was begun, so the mode does not hold it back, but people do.
func (v *view) settle(outcome api.Outcome, message string) model.Decision {
	if why := v.undecided(outcome); why.Refused() {
		return v.later(outcome, why)
	}
	for _, why := range v.ask(brakes, nil) {
		if ofThePolicy(why) {
			continue
		}
		return v.later(outcome, why)
	}
	receipt := v.settled(outcome, message)
	if refused := v.refusedBefore(receipt); refused.Refused() && refused.Reason != api.ReasonOwnedByOtherManager {
		return model.Decision{Action: model.ActionNone, Receipt: v.in.Verification.Receipt, WhyNot: refused, Refusals: []model.Refusal{refused}}
	}
	return model.Decision{Action: model.ActionSettle, Receipt: receipt}
}

// undecided says that a verdict is not recorded while the policy is not there, or cannot be used, for more hangs on it than a word: a revert stands
// until the policy changes, and its mending would be taken for a change; and whether what did not help is kept for good is not for the built-in limits
// to say.
func (v *view) undecided(outcome api.Outcome) model.Refusal {
	problem := v.p.Problem
	switch {
	case problem.Refused() && outcome == api.OutcomeSuperseded:
		return refuse(problem.Reason, "it stands until the policy changes, and the policy must be one that can be used first")
	case problem.Reason == api.ReasonPolicyNotFound && outcome == api.OutcomeIneffective:
		return refuse(problem.Reason, "whether it is undone or kept is for the policy to say, and that is not there")
	}
	return model.Refusal{}
}

// later is a verdict that cannot be recorded now.
func (v *view) later(outcome api.Outcome, why model.Refusal) model.Decision {
	why.Message = fmt.Sprintf("remedy %s is %s, to be recorded later: %s", v.in.Verification.Receipt.ID, outcome, why.Message)
	return model.Decision{Action: model.ActionNone, Receipt: v.in.Verification.Receipt, WhyNot: why, Refusals: []model.Refusal{why}}
}

// undoOutsideWindow says that an undo would restart the job while every window of the policy is closed.
func (v *view) undoOutsideWindow(undo *model.Remedy) model.Refusal {
	if undo.Cost == api.CostNoRestart || v.in.Verification.NeverRolledOut {
		return model.Refusal{}
	}
	why := v.windowClosed()
	if why.Message != "" {
		why.Reason = api.ReasonOutsideWindow
	}
	return why
}

// refusedBefore is what the API server said lately to undoing or settling a receipt: it is not asked in every pass.
func (v *view) refusedBefore(receipt *model.Receipt) model.Refusal {
	if v.in.Controls.WriteRefusedHash != receipt.ID {
		return model.Refusal{}
	}
	return v.in.Controls.WriteRefused
}

// settled is a copy of the receipt with its outcome.
func (v *view) settled(outcome api.Outcome, message string) *model.Receipt {
	r := *v.in.Verification.Receipt
	at := v.in.Now
	r.Outcome, r.Message, r.FinishedAt = outcome, message, &at
	r.RevertedBy = v.in.Verification.RevertedBy
	if v.in.Verification.Receipt.Pending() {
		if r.Held = v.hold(&r); len(r.Held) > 0 {
			r.Message = join(message, "job.upgradeMode stays last-state until the job is healthy and then goes back to savepoint by itself")
		}
		r.MedianMilliseconds = v.in.Verification.Median.Milliseconds()
		r.DowntimeSeconds = int64(v.in.Verification.Downtime.Round(time.Second) / time.Second)
	}
	r.SettledGeneration, r.PolicyGeneration = generationThen(v.target().At(r.Object)), v.p.Generation
	return &r
}

// generationThen is the generation of an object once the outcome is written on it: an annotation makes a new one of a Deployment, and of
// nothing else.
func generationThen(t *model.Target) int64 {
	if t.Kind == "Deployment" {
		return t.Generation + 1
	}
	return t.Generation
}

// restText says how long the lever rests now that it failed once more.
func (v *view) restText() string {
	r := v.in.Verification.Receipt
	failures, _ := failuresOf(v.target().Receipts, r.Cause, r.SubCause, r.Lever)
	return fmt.Sprintf("muted for %s", span(muteFor(failures+1)))
}

// holdOf are the fields that an undo keeps as the remedy wrote them: back at savepoint, the very undo would stop the sick job with a savepoint.
func holdOf(r *model.Receipt) []string {
	for i := range r.Changes {
		if r.Changes[i].Field == fieldUpgradeMode && r.Changes[i].From == "savepoint" {
			return []string{fieldUpgradeMode}
		}
	}
	return nil
}

// hold is what is kept of the receipt in flight. Nothing where the new spec was refused: job.upgradeMode may be what was refused, and putting it
// back restarts nothing.
func (v *view) hold(r *model.Receipt) []string {
	if v.in.Verification.NeverRolledOut {
		return nil
	}
	return holdOf(r)
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
