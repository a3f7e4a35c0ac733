package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// planApply writes the remedy, unless another is in flight, a field is no longer what the remedy was sized from, or nothing can hold it.
func (w *Writer) planApply(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, on *subject) (edit, error) {
	for i := range on.receipts {
		if on.receipts[i].Pending() {
			return edit{refused: model.Refusal{Reason: api.ReasonRemedyPending,
				Message: fmt.Sprintf("remedy %s was applied %s and is not judged yet", on.receipts[i].ID, on.receipts[i].AppliedAt.Format("15:04 MST"))}}, nil
		}
	}
	receipt := NewReceipt(pass)
	receipt.UID = string(owner.GetUID())
	change := edit{set: map[string]*string{}, restarts: true}
	if refused := on.draftChanges(pass.Decision.Remedy.Changes, &receipt, &change); refused.Refused() {
		return edit{refused: refused}, nil
	}
	change.receipt, change.receipts = receipt, Merge(on.receipts, receipt)
	refused, err := w.capacity(ctx, pass)
	change.refused = refused
	return change, err
}

// draftChanges takes the changes into the edit, where each field still is what the remedy was sized from.
func (on *subject) draftChanges(changes []model.Change, receipt *model.Receipt, change *edit) model.Refusal {
	for i := range changes {
		field := &changes[i]
		value, set := on.value(field.Field, field.Place)
		if set != field.WasSet || (set && !sameValue(field.Field, value, field.From)) {
			return changed("%s of %s/%s is %q and not %q", field.Field, on.target.Kind, on.target.Name, value, field.From)
		}
		if on.draft == nil {
			change.set[field.Field] = &field.To
			continue
		}
		prior, err := on.draft.put(field.Field, field.Place, field.To)
		if err != nil {
			return model.Refusal{Reason: api.ReasonConfigurationFixed, Message: err.Error()}
		}
		receipt.Changes[i].Prior = prior
	}
	return model.Refusal{}
}

// planRollback restores the prior values, where the field still holds ours; a field somebody else changed since stays theirs.
func (w *Writer) planRollback(_ context.Context, _ *api.CheckpointHealth, pass *model.Pass, on *subject) (edit, error) {
	if on.neverRolledOut(pass.Decision.Receipt) {
		return edit{receipt: *pass.Decision.Receipt, receipts: on.receipts, restarts: true, filesOnly: true}, nil
	}
	receipt, refused := current(pass.Decision.Receipt, on.receipts)
	if refused.Refused() {
		return edit{refused: refused}, nil
	}
	change := edit{set: map[string]*string{}, restarts: true}
	restored, foreign := on.restore(&receipt, pass.Decision.Hold, &change)
	finished := pass.Now.UTC()
	receipt.FinishedAt = &finished
	receipt.DowntimeSeconds = pass.Decision.Receipt.DowntimeSeconds
	receipt.Outcome, receipt.Held = api.OutcomeRolledBack, pass.Decision.Receipt.Held
	receipt.Message = rollbackMessage(pass.Decision.Receipt.Message, restored, foreign)
	if len(restored) == 0 {
		receipt.Outcome = api.OutcomeSuperseded
		change.restarts = false
	}
	change.receipt, change.receipts = receipt, Merge(on.receipts, receipt)
	return change, nil
}

// giveUp tells that undoing a change leaves its field out of the request. What stands in a text or a list goes out of it by writing the text
// anew, and where another manager holds that as well the API server says so.
func giveUp(record *model.ChangeRecord) bool { return record.Place == nil && !record.WasSet }

// keptByOthers tells that giving a field up would leave it in place, for another manager wants the same value.
func keptByOthers(target *model.Target, record *model.ChangeRecord) bool {
	return len(target.Owners[record.Field]) > 0
}

// restore takes into the edit what goes back, and tells it from what somebody else changed since.
func (on *subject) restore(receipt *model.Receipt, hold []string, change *edit) (restored, foreign []string) {
	for i := range receipt.Changes {
		record := &receipt.Changes[i]
		value, set := on.value(record.Field, record.Place)
		ours := set && sameValue(record.Field, value, record.To)
		switch {
		case slices.Contains(hold, record.Field):
			// Going back would itself harm; the plan says why. Carried over where it is ours still, written again where somebody put it back.
			if !ours {
				change.set[record.Field] = &record.To
			}
		case !ours:
			foreign = append(foreign, record.Field)
		case !on.undo(record, change):
			foreign = append(foreign, record.Field)
		default:
			restored = append(restored, restoredText(record))
		}
	}
	return restored, foreign
}

// undo takes one prior value into the edit; false where it cannot be put back.
func (on *subject) undo(record *model.ChangeRecord, change *edit) bool {
	switch {
	case giveUp(record) && keptByOthers(on.target, record):
		return false
	case on.draft != nil:
		return on.draft.undo(record)
	case record.WasSet:
		change.set[record.Field] = &record.From
	default:
		change.set[record.Field] = nil
	}
	return true
}

func restoredText(record *model.ChangeRecord) string {
	if record.WasSet {
		return fmt.Sprintf("%s %s", record.Field, record.From)
	}
	return record.Field + " unset again"
}

// neverRolledOut tells that a receipt is on a ConfigMap and not on the workload: undoing it is a matter of the ConfigMap alone.
func (on *subject) neverRolledOut(receipt *model.Receipt) bool {
	if receipt == nil {
		return false
	}
	for _, halfway := range on.halfway {
		if halfway.Pending() && halfway.ID == receipt.ID {
			return true
		}
	}
	return false
}

// planRestore puts back what a settled remedy holds yet. Which fields those are the live receipt says.
func (w *Writer) planRestore(_ context.Context, _ *api.CheckpointHealth, pass *model.Pass, on *subject) (edit, error) {
	receipt, _ := current(pass.Decision.Receipt, on.receipts)
	if receipt.ID == "" || receipt.Pending() || len(receipt.Held) == 0 {
		return edit{refused: changed("nothing of remedy %s is held any more", pass.Decision.Receipt.ID)}, nil
	}
	change := edit{set: map[string]*string{}, restarts: true}
	for i := range receipt.Changes {
		record := &receipt.Changes[i]
		value, set := on.value(record.Field, record.Place)
		if slices.Contains(receipt.Held, record.Field) && set && sameValue(record.Field, value, record.To) {
			change.set[record.Field] = &record.From
		}
	}
	receipt.Held, receipt.Message = nil, pass.Decision.Receipt.Message
	change.receipt, change.receipts = receipt, Merge(on.receipts, receipt)
	return change, nil
}

// planSettle records the outcome; no field of the spec changes and nothing restarts. A settled remedy that is in force may be superseded yet.
func (w *Writer) planSettle(_ context.Context, _ *api.CheckpointHealth, pass *model.Pass, on *subject) (edit, error) {
	receipt, refused := current(pass.Decision.Receipt, on.receipts)
	if refused.Refused() && on.untold(&receipt) && receipt.Outcome == pass.Decision.Receipt.Outcome {
		return edit{receipt: receipt, receipts: on.receipts, filesOnly: true}, nil
	}
	reverted := pass.Decision.Receipt != nil && pass.Decision.Receipt.Outcome == api.OutcomeSuperseded && receipt.ID != "" && receipt.InForce()
	if refused.Refused() && !reverted {
		return edit{refused: refused}, nil
	}
	finished := pass.Now.UTC()
	receipt.FinishedAt = &finished
	decided := pass.Decision.Receipt
	receipt.Outcome, receipt.Message = decided.Outcome, decided.Message
	receipt.Held = decided.Held
	receipt.DowntimeSeconds, receipt.MedianMilliseconds = decided.DowntimeSeconds, decided.MedianMilliseconds
	receipt.RevertedBy, receipt.SettledGeneration, receipt.PolicyGeneration = decided.RevertedBy, decided.SettledGeneration, decided.PolicyGeneration
	return edit{receipt: receipt, receipts: Merge(on.receipts, receipt)}, nil
}

// untold tells that a ConfigMap still calls pending what the target knows to be judged.
func (on *subject) untold(judged *model.Receipt) bool {
	for _, file := range on.files {
		receipts, err := decode(file.Annotations[api.AnnotationReceipts])
		if r, ok := model.Untold(receipts, on.receipts); err == nil && ok && r.ID == judged.ID {
			return true
		}
	}
	return false
}

// current finds the live receipt that a decision speaks of, and refuses where it was settled already.
func current(decided *model.Receipt, receipts []model.Receipt) (model.Receipt, model.Refusal) {
	if decided == nil {
		return model.Receipt{}, changed("no receipt was named")
	}
	for _, receipt := range receipts {
		if receipt.ID == decided.ID {
			receipt.Object = decided.Object
			if !receipt.Pending() {
				return receipt, changed("remedy %s was settled as %s already", receipt.ID, receipt.Outcome)
			}
			return receipt, model.Refusal{}
		}
	}
	return model.Receipt{}, changed("the receipt of remedy %s is gone from the target", decided.ID)
}

func rollbackMessage(why string, restored, foreign []string) string {
	parts := []string{why}
	// The message of an undo that ended halfway says it already.
	if text := "restored " + strings.Join(restored, ", "); len(restored) > 0 && !strings.Contains(why, text) {
		parts = append(parts, text)
	}
	if len(foreign) > 0 {
		parts = append(parts, "left as somebody else changed or owns it since: "+strings.Join(foreign, ", "))
	}
	return strings.TrimPrefix(strings.Join(parts, "; "), "; ")
}
