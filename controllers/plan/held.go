package plan

import (
	"fmt"

	"checkpointhealth.dev/operator/controllers/model"
)

// restoreHeld puts back what a settled remedy holds yet, now that the job is healthy: job.upgradeMode alone restarts nothing (the Flink
// operator ignores it in its diff). Where somebody changed it since it is theirs. ok is false where there is nothing to put back now; where
// something forbids it, that is advice.
func (v *view) restoreHeld() (d model.Decision, advice string, ok bool) {
	for i := range v.target().Receipts {
		r := &v.target().Receipts[i]
		object := v.target().At(r.Object)
		change := heldChange(r)
		if change == nil || r.Pending() || object.UpgradeMode != change.To || object.Upgrading() {
			continue
		}
		held := v.ask(brakes, nil)
		if refused := v.refusedBefore(r); refused.Refused() {
			held = append(held, refused)
		}
		if len(held) > 0 {
			return d, fmt.Sprintf("spec.job.upgradeMode is %s since remedy %s; it goes back to %s, which restarts nothing, but %s", change.To, r.ID, change.From, held[0].Message), false
		}
		receipt := *r
		receipt.Held = nil
		receipt.Message = join(r.Message, "job.upgradeMode is "+change.From+" again")
		return model.Decision{Action: model.ActionRestore, Receipt: &receipt}, "", true
	}
	return d, "", false
}

// heldChange is the change of job.upgradeMode that a settled receipt holds yet; nil where it holds none.
func heldChange(r *model.Receipt) *model.ChangeRecord {
	if len(r.Held) == 0 {
		return nil
	}
	for i := range r.Changes {
		if r.Changes[i].Field == fieldUpgradeMode {
			return &r.Changes[i]
		}
	}
	return nil
}
