package verify

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// walkedBackAfter is how old an effective longer timeout must be for its going back to what it was to count as walking back, which is
// recommended once the cause is gone, and not as a revert.
const walkedBackAfter = 24 * time.Hour

// kept tells whether the values of settled remedies are still in place. The newest receipt that wrote a field speaks for it. A remedy that
// was reverted is to be recorded as Superseded: what is only seen and not recorded would be written again one day, and that is a fight.
func kept(s *model.Snapshot, p *model.Policy, now time.Time) model.Verification {
	seen := map[string]bool{}
	for i := range s.Target.Receipts {
		r := &s.Target.Receipts[i]
		object := s.Target.At(r.Object)
		for j := range r.Changes {
			change := &r.Changes[j]
			value, known := fieldOf(object, change.Field)
			id := r.Object.String() + " " + change.Field
			first := !seen[id] && change.Field != fieldUpgradeMode
			seen[id] = true
			if !first || !known || same(value, change.To) {
				continue
			}
			if v := revertOf(object, p, r, change, value, now); v != (model.Verification{}) {
				return v
			}
		}
	}
	return model.Verification{}
}

// revertOf says what it means that a field of a settled remedy holds another value: nothing, a revert that is to be recorded, or one that
// was recorded and stands. A GitOps tool reverts with any value; a person only by putting an effective remedy's prior value back.
func revertOf(t *model.Target, p *model.Policy, r *model.Receipt, change *model.ChangeRecord, value string, now time.Time) model.Verification {
	who := revertedBy(t, change.Field)
	v := model.Verification{RevertedBy: who}
	if who != "" {
		v.Misaligned, v.MisalignedMessage = api.ReasonRevertedByGitOps, changedText(t, change, value)
	}
	switch {
	case r.Outcome == api.OutcomeSuperseded && who != "" && r.RevertedBy != "" && stands(t, p, r):
		return v
	case !r.InForce(), walkedBack(r, change, value, now):
		return model.Verification{}
	case who == "" && (r.Outcome != api.OutcomeEffective || !putBack(change, value)):
		return model.Verification{}
	}
	receipt := *r
	v.Receipt, v.Outcome = &receipt, api.OutcomeSuperseded
	v.Message = fmt.Sprintf("it was %s; then %s", r.Outcome, changedText(t, change, value))
	return v
}

// stands tells that neither target nor policy changed since a revert was recorded. A policy that is not there, or cannot be used, is none that changed.
func stands(t *model.Target, p *model.Policy, r *model.Receipt) bool {
	return t.Generation <= r.SettledGeneration && (p == nil || p.Generation == r.PolicyGeneration || p.Problem.Refused())
}

// putBack tells whether a field holds what it held before the remedy.
func putBack(change *model.ChangeRecord, value string) bool {
	if !change.WasSet {
		return value == ""
	}
	return same(value, change.From)
}

// walkedBack tells a timeout that went back to what it was, a day or more after it helped.
func walkedBack(r *model.Receipt, change *model.ChangeRecord, value string, now time.Time) bool {
	return r.Outcome == api.OutcomeEffective && r.Lever == api.LeverCheckpointTimeout && putBack(change, value) &&
		(r.FinishedAt == nil || now.Sub(*r.FinishedAt) > walkedBackAfter)
}
