package report

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// borneHead begins the assessment of a job that is healthy only as a remedy bears what made it sick.
const borneHead = "Healthy with the longer timeout"

// borneAdvice is whom to ask about a cause that a longer timeout leaves as it is.
var borneAdvice = map[api.Cause]string{
	api.CauseSlowStateBackend:    "Ask the storage team for write latency and throttling of the checkpoint directory since then.",
	api.CauseNetworkLatency:      "Ask the network team about latency and loss between the TaskManagers and the checkpoint directory since then.",
	api.CauseTaskManagerPressure: "See what else uses the CPU and the memory of the TaskManagers and their nodes since then.",
}

// borneRemedy is the remedy under which uploads are as slow as before it; nil where none is or where they are not.
func borneRemedy(pass *model.Pass) *model.Receipt {
	s := pass.Snapshot
	if s == nil || !s.Past.BorneUploadRate.Known || !s.Past.HealthyUploadRate.Known {
		return nil
	}
	return s.Bearing(pass.Now)
}

// borne says that the cause is still there, how large it is and whom to ask.
func (s *story) borne(r *model.Receipt) {
	past := &s.snapshot().Past
	s.add("", 2, fmt.Sprintf("Uploads are still at %s/s a subtask, %s/s before %s (%s, which a longer timeout bears and does not cure).",
		formatBytes(past.BorneUploadRate.Value), formatBytes(past.HealthyUploadRate.Value), s.time(r.AppliedAt), r.Cause))
}

// borneNow tells whether an assessment is of such a job.
func borneNow(assessment []string) bool {
	return slices.ContainsFunc(assessment, func(line string) bool { return strings.HasPrefix(line, borneHead) })
}
