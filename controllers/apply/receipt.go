package apply

import (
	"encoding/json"
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxReceiptsBytes bounds the annotation: the API server takes 256 KiB of annotations in all, and others write there too. Ten receipts
// of about 1.5 KiB are 15 KiB; twice that is room enough.
const maxReceiptsBytes = 32 << 10

// NewReceipt is the receipt of the pass's remedy. Its id is the same for the same remedy on the same generation of the target, so that a
// crash between the patch and our status never makes a second patch.
func NewReceipt(pass *model.Pass) model.Receipt {
	remedy, target := pass.Decision.Remedy, pass.Object()
	receipt := model.Receipt{
		ID:         fmt.Sprintf("%s-%d", remedy.Hash, target.Generation),
		Cause:      remedy.Cause,
		SubCause:   remedy.SubCause,
		Lever:      remedy.Lever,
		AppliedAt:  pass.Now.UTC().Truncate(time.Second),
		Generation: target.Generation,
		Baseline:   baseline(pass),
		Criterion:  remedy.Criterion,
		Reason:     remedy.Reason,
		Outcome:    api.OutcomePending,
		Object:     remedy.Object,
	}
	if target.Standalone != nil {
		receipt.Workload = target.UID
	}
	for _, change := range remedy.Changes {
		receipt.Changes = append(receipt.Changes, model.ChangeRecord{
			Field: change.Field, From: change.From, WasSet: change.WasSet, To: change.To, Place: change.Place,
		})
	}
	return receipt
}

// moment is what a failover may take without a job being down: half of the two minutes that a whole redeploy takes. A job that expiries restart is
// caught in one now and then.
const moment = time.Minute

// baseline is what the job was like before the patch.
func baseline(pass *model.Pass) model.Baseline {
	snapshot, diagnosis := pass.Snapshot, &pass.Diagnosis
	b := model.Baseline{
		Health:             diagnosis.Health,
		Expired:            diagnosis.Counts.Expired,
		Window:             diagnosis.Counts.Window,
		MedianMilliseconds: diagnosis.Facts.P50.Milliseconds(),
		JobID:              snapshot.Job.ID,
		TargetError:        pass.Object().ErrorMark(),
	}
	if since := snapshot.Past.TasksDownSince; !since.IsZero() {
		b.Down = pass.Now.Sub(since) >= moment
	}
	if snapshot.Job.Restarts.Known {
		b.Restarts = int64(snapshot.Job.Restarts.Value)
	}
	if len(snapshot.Checkpoints.History) > 0 {
		b.LastCheckpointID = snapshot.Checkpoints.History[0].ID
	}
	if pass.Decision.Remedy.Replay > 0 {
		b.SinceCompletedSeconds = int64(pass.Decision.Remedy.Replay / time.Second)
	}
	return b
}

// Merge puts a receipt in front of the others, in place of one with its id, and drops settled ones beyond the bounds. Those of the last day
// go last, for the policy's daily limit counts them, and pending ones never, for they are to be undone or settled.
func Merge(receipts []model.Receipt, newest model.Receipt) []model.Receipt {
	merged := make([]model.Receipt, 0, len(receipts)+1)
	replaced := false
	for _, receipt := range receipts {
		if receipt.ID == newest.ID {
			receipt, replaced = newest, true
		}
		merged = append(merged, receipt)
	}
	if !replaced {
		merged = append([]model.Receipt{newest}, merged...)
	}
	for len(merged) > api.MaxRemediations || size(merged) > maxReceiptsBytes {
		oldest := oldestDroppable(merged)
		if oldest < 0 {
			break
		}
		merged = append(merged[:oldest], merged[oldest+1:]...)
	}
	return merged
}

// oldestDroppable finds the receipt that is missed least; -1 where there is none. Of those older than a day the ones that are in force are
// kept longer: they tell whether their values are still in place.
func oldestDroppable(receipts []model.Receipt) int {
	dayAgo := receipts[0].AppliedAt.Add(-24 * time.Hour)
	for _, droppable := range []func(*model.Receipt) bool{
		func(r *model.Receipt) bool { return !r.InForce() && r.AppliedAt.Before(dayAgo) },
		func(r *model.Receipt) bool { return !r.Pending() && r.AppliedAt.Before(dayAgo) },
		func(r *model.Receipt) bool { return !r.InForce() },
		func(r *model.Receipt) bool { return !r.Pending() },
	} {
		for i := len(receipts) - 1; i > 0; i-- {
			if droppable(&receipts[i]) {
				return i
			}
		}
	}
	return -1
}

func size(receipts []model.Receipt) int {
	text, err := json.Marshal(receipts)
	if err != nil {
		return 0
	}
	return len(text)
}

// encode writes the annotation's value.
func encode(receipts []model.Receipt) (string, error) {
	text, err := json.Marshal(receipts)
	if err != nil {
		return "", fmt.Errorf("receipts cannot be written as JSON: %w", err)
	}
	return string(text), nil
}

// decode reads the annotation's value; an empty one is no receipt.
func decode(text string) ([]model.Receipt, error) {
	if text == "" {
		return nil, nil
	}
	var receipts []model.Receipt
	if err := json.Unmarshal([]byte(text), &receipts); err != nil {
		return nil, fmt.Errorf("annotation %s is not a list of receipts: %w", api.AnnotationReceipts, err)
	}
	return receipts, nil
}
