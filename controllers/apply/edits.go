package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// planApply writes the remedy, unless another is in flight, a field is no longer what the remedy was sized from, or nothing can hold it.
func (w *Writer) planApply(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, live *unstructured.Unstructured, receipts []model.Receipt) (edit, error) {
	remedy, target := pass.Decision.Remedy, pass.Object()
	for i := range receipts {
		if receipts[i].Pending() {
			return edit{refused: model.Refusal{Reason: api.ReasonRemedyPending,
				Message: fmt.Sprintf("remedy %s was applied %s and is not judged yet", receipts[i].ID, receipts[i].AppliedAt.Format("15:04 MST"))}}, nil
		}
	}
	receipt := NewReceipt(pass)
	receipt.UID = string(owner.GetUID())
	change := edit{set: map[string]*string{}, receipt: receipt, receipts: Merge(receipts, receipt), restarts: true}
	for i := range remedy.Changes {
		field := &remedy.Changes[i]
		value, set := liveValue(live, fieldPath(target, field.Field))
		if set != field.WasSet || (set && !sameValue(field.Field, value, field.From)) {
			change.refused = changed("%s of %s/%s is %q and not %q", field.Field, target.Kind, target.Name, value, field.From)
			return change, nil
		}
		change.set[field.Field] = &field.To
	}
	refused, err := w.capacity(ctx, pass)
	change.refused = refused
	return change, err
}

// planRollback restores the prior values, where the field still holds ours; a field somebody else changed since stays theirs.
func (w *Writer) planRollback(_ context.Context, _ *api.CheckpointHealth, pass *model.Pass, live *unstructured.Unstructured, receipts []model.Receipt) (edit, error) {
	receipt, refused := current(pass.Decision.Receipt, receipts)
	if refused.Refused() {
		return edit{refused: refused}, nil
	}
	target := pass.Object()
	change := edit{set: map[string]*string{}, restarts: true}
	var restored, foreign []string
	for i := range receipt.Changes {
		record := &receipt.Changes[i]
		value, set := liveValue(live, fieldPath(target, record.Field))
		ours := set && sameValue(record.Field, value, record.To)
		switch {
		case slices.Contains(pass.Decision.Hold, record.Field):
			// Going back would itself harm; the plan says why. Carried over where it is ours still, written again where somebody put it back.
			if !ours {
				change.set[record.Field] = &record.To
			}
		case !ours || keptByOthers(target, record):
			foreign = append(foreign, record.Field)
		case record.WasSet:
			change.set[record.Field] = &record.From
			restored = append(restored, fmt.Sprintf("%s %s", record.Field, record.From))
		default:
			change.set[record.Field] = nil
			restored = append(restored, record.Field+" unset again")
		}
	}
	finished := pass.Now.UTC()
	receipt.FinishedAt = &finished
	receipt.DowntimeSeconds = pass.Decision.Receipt.DowntimeSeconds
	receipt.Outcome = api.OutcomeRolledBack
	receipt.Message = rollbackMessage(pass.Decision.Receipt.Message, restored, foreign)
	if len(restored) == 0 {
		receipt.Outcome = api.OutcomeSuperseded
		change.restarts = false
	}
	change.receipt, change.receipts = receipt, Merge(receipts, receipt)
	return change, nil
}

// keptByOthers tells that giving a field up would leave it in place, for another manager wants the same value.
func keptByOthers(target *model.Target, record *model.ChangeRecord) bool {
	return !record.WasSet && len(target.Owners[record.Field]) > 0
}

// planSettle records the outcome; no field of the spec changes and nothing restarts. A settled remedy that is in force may be superseded yet.
func (w *Writer) planSettle(_ context.Context, _ *api.CheckpointHealth, pass *model.Pass, _ *unstructured.Unstructured, receipts []model.Receipt) (edit, error) {
	receipt, refused := current(pass.Decision.Receipt, receipts)
	reverted := pass.Decision.Receipt != nil && pass.Decision.Receipt.Outcome == api.OutcomeSuperseded && receipt.ID != "" && receipt.InForce()
	if refused.Refused() && !reverted {
		return edit{refused: refused}, nil
	}
	finished := pass.Now.UTC()
	receipt.FinishedAt = &finished
	decided := pass.Decision.Receipt
	receipt.Outcome, receipt.Message = decided.Outcome, decided.Message
	receipt.DowntimeSeconds, receipt.MedianMilliseconds = decided.DowntimeSeconds, decided.MedianMilliseconds
	receipt.RevertedBy, receipt.SettledGeneration, receipt.PolicyGeneration = decided.RevertedBy, decided.SettledGeneration, decided.PolicyGeneration
	return edit{receipt: receipt, receipts: Merge(receipts, receipt)}, nil
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
	if len(restored) > 0 {
		parts = append(parts, "restored "+strings.Join(restored, ", "))
	}
	if len(foreign) > 0 {
		parts = append(parts, "left as somebody else changed or owns it since: "+strings.Join(foreign, ", "))
	}
	return strings.TrimPrefix(strings.Join(parts, "; "), "; ")
}
