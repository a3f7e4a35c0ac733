package observe

import (
	"encoding/json"
	"fmt"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// maxReceiptsBytes bounds the annotation that is read: an object's annotations are 256 KiB at most.
	maxReceiptsBytes = 256 << 10
	// maxReceipts bounds the receipts: apply keeps api.MaxRemediations, and more only while they are in force.
	maxReceipts = 4 * api.MaxRemediations
)

// decodeReceipts reads what was patched before. What cannot be read is an error in words: nothing is written while it stands, for a
// patch that cannot be remembered cannot be undone.
func decodeReceipts(annotation string) (receipts []model.Receipt, problem string) {
	receipts, problem = readReceipts(annotation)
	if problem != "" {
		problem += "; remove the annotation once the fields it speaks of are as you want them"
	}
	return receipts, problem
}

// readReceipts is decodeReceipts without the advice.
func readReceipts(annotation string) (receipts []model.Receipt, problem string) {
	if annotation == "" {
		return nil, ""
	}
	if len(annotation) > maxReceiptsBytes {
		return nil, fmt.Sprintf("annotation %s has %d bytes, at most %d are read", api.AnnotationReceipts, len(annotation), maxReceiptsBytes)
	}
	if err := json.Unmarshal([]byte(annotation), &receipts); err != nil {
		return nil, fmt.Sprintf("annotation %s is not a list of receipts: %s", api.AnnotationReceipts, cleanText(err.Error(), 200))
	}
	if len(receipts) > maxReceipts {
		return nil, fmt.Sprintf("annotation %s holds %d receipts, expected at most %d", api.AnnotationReceipts, len(receipts), maxReceipts)
	}
	for i := range receipts {
		if problem := receiptProblem(&receipts[i]); problem != "" {
			return nil, fmt.Sprintf("annotation %s: receipt %d %s", api.AnnotationReceipts, i, problem)
		}
	}
	slices.SortStableFunc(receipts, func(a, b model.Receipt) int { return b.AppliedAt.Compare(a.AppliedAt) })
	return receipts, ""
}

func receiptProblem(receipt *model.Receipt) string {
	switch {
	case receipt.ID == "":
		return "has no id"
	case receipt.AppliedAt.IsZero():
		return "has no appliedAt"
	case receipt.Outcome == "":
		return "has no outcome"
	}
	return ""
}
