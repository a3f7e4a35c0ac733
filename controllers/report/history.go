package report

import (
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// fieldWords are the short names of the fields that remedies write, for the list view and events.
var fieldWords = map[string]string{
	"execution.checkpointing.timeout":                         "timeout",
	"execution.checkpointing.interval":                        "interval",
	"execution.checkpointing.max-concurrent-checkpoints":      "concurrency",
	"execution.checkpointing.incremental":                     "incremental",
	"state.backend.incremental":                               "incremental",
	"execution.checkpointing.unaligned":                       "unaligned",
	"execution.checkpointing.unaligned.enabled":               "unaligned",
	"execution.checkpointing.aligned-checkpoint-timeout":      "aligned timeout",
	"execution.savepoint.cleanup-in-background":               "cleanup flag",
	"execution.checkpointing.cleaner.parallel-mode":           "parallel cleaner",
	"state.checkpoint.cleaner.parallel-mode":                  "parallel cleaner",
	"state.checkpoint.cleaner.parallel-mode.enabled":          "parallel cleaner",
	"kubernetes.operator.savepoint.cleanup.enabled":           "savepoint cleanup",
	"jobmanager.io-pool.size":                                 "io pool",
	"cluster.io-pool.size":                                    "cluster io pool",
	"state.backend.rocksdb.checkpoint.transfer.thread.num":    "transfer threads",
	"execution.checkpointing.rocksdb.checkpoint.transfer.num": "transfer threads",
	"jobManager.resource.cpu":                                 "JobManager CPU",
	"jobManager.resource.memory":                              "JobManager memory",
	"jobManager.resources.requests.cpu":                       "JobManager CPU",
	"jobManager.resources.limits.cpu":                         "JobManager CPU",
	"jobManager.resources.requests.memory":                    "JobManager memory",
	"jobManager.resources.limits.memory":                      "JobManager memory",
	"job.upgradeMode":                                         "upgradeMode",
	"akka.framesize":                                          "frame size",
	"pekko.framesize":                                         "frame size",
}

// shortField is a field in a word or two; one without a word of its own keeps its last two segments.
func shortField(field string) string {
	if word, ok := fieldWords[field]; ok {
		return word
	}
	parts := strings.Split(field, ".")
	return strings.Join(parts[max(len(parts)-2, 0):], ".")
}

// listText is a remedy in the words of the list view: timeout 10m→15m. Only the main field is spelled out.
func listText(r *model.Receipt) string {
	if len(r.Changes) == 0 {
		return ""
	}
	main := r.Changes[0]
	for _, c := range r.Changes {
		if leverWord[r.Lever] == shortField(c.Field) {
			main = c
			break
		}
	}
	text := shortField(main.Field) + " " + fromTo(main.Field, main.From, main.To, "→")
	if n := len(r.Changes) - 1; n > 0 {
		text += " and more"
	}
	return clean(text, 120)
}

// leverWord is the short name of each lever's main field.
var leverWord = map[api.Lever]string{
	api.LeverCheckpointTimeout: "timeout", api.LeverCheckpointInterval: "interval", api.LeverJobManagerCPU: "JobManager CPU",
	api.LeverJobManagerHeap: "JobManager memory", api.LeverBackgroundCleanup: "cleanup flag",
	api.LeverMaxConcurrentCheckpoints: "concurrency", api.LeverIncrementalCheckpoints: "incremental",
	api.LeverUnalignedCheckpoints: "unaligned", api.LeverTransferThreads: "transfer threads", api.LeverIOPoolSize: "io pool",
}

// remediations are the receipts as status keeps them, newest first.
func remediations(all []model.Receipt) []api.Remediation {
	var out []api.Remediation
	for i := range all {
		if len(out) == api.MaxRemediations {
			break
		}
		m := remediation(&all[i])
		if m.ID == "" || m.Cause == "" || m.Lever == "" || m.AppliedTime == nil || m.Outcome == "" {
			continue // status refuses an incomplete one; the receipt on the target still has it
		}
		out = append(out, m)
	}
	return out
}

func remediation(r *model.Receipt) api.Remediation {
	m := api.Remediation{
		ID: clean(r.ID, 64), Cause: r.Cause, Lever: r.Lever, AppliedTime: moment(r.AppliedAt), Outcome: r.Outcome, Message: clean(r.Message, 1024),
	}
	if r.Object != (model.ObjectKey{}) {
		m.Object = clean(r.Object.String(), 320)
	}
	if r.FinishedAt != nil {
		m.FinishedTime = moment(*r.FinishedAt)
	}
	for _, c := range r.Changes {
		if len(m.Changes) < api.MaxChanges && c.Field != "" {
			m.Changes = append(m.Changes, api.Change{Field: clean(c.Field, 253), From: clean(c.From, 256), To: clean(c.To, 256)})
		}
	}
	return m
}

// recommendation is what would be done next. Advice alone is a recommendation without changes.
func recommendation(pass *model.Pass) api.Recommendation {
	d := &pass.Decision
	if d.Remedy == nil {
		if len(d.Advice) == 0 {
			return api.Recommendation{}
		}
		return api.Recommendation{Cause: topCause(pass), Summary: clean(strings.Join(d.Advice, " "), 1024), WhyNotNow: whyNotNow(pass)}
	}
	r := d.Remedy
	out := api.Recommendation{
		Hash: clean(r.Hash, 64), Cause: r.Cause, Summary: clean(r.Reason, 1024), Cost: r.Cost,
		Patch: cleanLines(pass.Patch, 4096), WhyNotNow: whyNotNow(pass), HeldBy: heldBy(pass),
	}
	if r.Object != (model.ObjectKey{}) {
		out.Object = clean(r.Object.String(), 320)
	}
	if r.Replay >= 0 {
		seconds := int64(r.Replay.Seconds())
		out.ReplaySeconds = &seconds
	}
	for _, c := range r.Changes {
		if len(out.Changes) < api.MaxChanges && c.Field != "" {
			out.Changes = append(out.Changes, api.Change{Field: clean(c.Field, 253), From: clean(c.From, 256), To: clean(c.To, 256), Uncapped: clean(c.Uncapped, 256)})
		}
	}
	return out
}

// heldBy are the reasons of all that holds the remedy back; those of the API server come after the guards'.
func heldBy(pass *model.Pass) []string {
	var reasons []string
	for i := range pass.Decision.Refusals {
		reasons = append(reasons, clean(pass.Decision.Refusals[i].Reason, 64))
	}
	if w := pass.Written; w != nil && w.Refused.Refused() {
		reasons = append(reasons, clean(w.Refused.Reason, 64))
	}
	return slices.Compact(reasons)
}

// whyNotNow is the refusal of the API server where it spoke last, else the guard's.
func whyNotNow(pass *model.Pass) api.WhyNotNow {
	why := pass.Decision.WhyNot
	if w := pass.Written; w != nil && w.Refused.Refused() {
		why = w.Refused
	}
	if !why.Refused() {
		return api.WhyNotNow{}
	}
	out := api.WhyNotNow{Reason: clean(why.Reason, 64), Message: clean(why.Message, 1024)}
	if why.Retry > 0 {
		out.RetryTime = moment(pass.Now.Add(why.Retry))
	}
	return out
}

func topCause(pass *model.Pass) api.Cause {
	if top := pass.Diagnosis.Top(); top != nil {
		return top.Cause
	}
	return ""
}
