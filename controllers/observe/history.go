package observe

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// failureTexts tell the kind of a failure_message (CheckpointFailureReason, Flink 1.15 to 2.3). The message may have text before and after.
var failureTexts = []struct {
	text string
	kind model.FailureKind
}{
	{"Checkpoint expired before completing", model.FailureExpired},
	{"Checkpoint was declined", model.FailureDeclined},
	{"Asynchronous task checkpoint failed", model.FailureAsync},
	{"IO-problem detected", model.FailureIO},
	{"Failure to finalize checkpoint", model.FailureFinalize},
	{"Trigger checkpoint failure", model.FailureTrigger},
	{"Checkpoint Coordinator is suspending", model.FailureFailover},
	{"Checkpoint Coordinator is shutting down", model.FailureFailover},
	{"FailoverRegion is restarting", model.FailureFailover},
	{"Task has failed", model.FailureFailover},
	{"Task local checkpoint failure", model.FailureDeclined},
	{"The job has failed", model.FailureFailover},
	{"Not all required tasks are currently running", model.FailureTrigger},
}

// failureKind says what a failure message means, by what it contains.
func failureKind(message string) model.FailureKind {
	for _, known := range failureTexts {
		if strings.Contains(message, known.text) {
			return known.kind
		}
	}
	return model.FailureOther
}

// ledgerOf turns Flink's statistics into the ledger; no details yet.
func ledgerOf(answer *flink.Checkpoints) model.CheckpointLedger {
	ledger := model.CheckpointLedger{
		Counts: model.CheckpointCounts{
			Restored: answer.Counts.Restored, Total: answer.Counts.Total, InProgress: answer.Counts.InProgress,
			Completed: answer.Counts.Completed, Failed: answer.Counts.Failed,
		},
		History: make([]model.Checkpoint, 0, min(len(answer.History), maxHistory)),
		Summary: summaryOf(&answer.Summary.EndToEndDuration, answer.Counts.Completed),
	}
	for i := range answer.History {
		if i == maxHistory {
			break
		}
		ledger.History = append(ledger.History, checkpointOf(&answer.History[i]))
	}
	if latest := answer.Latest.Completed; latest != nil {
		completed := checkpointOf(latest)
		ledger.LatestCompleted = &completed
	}
	if latest := answer.Latest.Failed; latest != nil {
		failed := checkpointOf(latest)
		ledger.LatestFailed = &failed
	}
	if restored := answer.Latest.Restored; restored != nil {
		ledger.LatestRestored = &model.Restored{ID: restored.ID, At: moment(restored.RestoreTimestamp),
			Savepoint: restored.IsSavepoint, Path: withoutUser(restored.ExternalPath)}
	}
	return ledger
}

// maxHistory bounds the checkpoints that are looked at; web.checkpoints.history is 10 by default.
const maxHistory = 100

// summaryOf takes Flink's distribution over completed checkpoints; zero where none completed.
func summaryOf(stats *flink.Stats, completed int64) model.DurationSummary {
	if completed == 0 && stats.Max == 0 {
		return model.DurationSummary{}
	}
	quantile := func(f flink.Float) time.Duration {
		v, ok := f.Value()
		if !ok {
			return 0
		}
		return max(millis(int64(v)), 0)
	}
	return model.DurationSummary{
		Min: max(millis(stats.Min), 0), Avg: max(millis(stats.Avg), 0), Max: max(millis(stats.Max), 0),
		P50: quantile(stats.P50), P95: quantile(stats.P95),
	}
}

// checkpointOf turns one entry of the history into the ledger's.
func checkpointOf(c *flink.Checkpoint) model.Checkpoint {
	checkpoint := model.Checkpoint{
		ID: c.ID, Status: model.CheckpointStatus(c.Status), Savepoint: c.IsSavepoint,
		Unaligned: c.Type == "UNALIGNED_CHECKPOINT",
		Trigger:   moment(c.TriggerTimestamp), LatestAck: moment(c.LatestAckTimestamp), Duration: millis(c.EndToEndDuration),
		CheckpointedSize: c.CheckpointedSize, StateSize: c.StateSize,
		Subtasks: c.NumSubtasks, Acknowledged: c.NumAcknowledgedSubtasks,
		ExternalPath: withoutUser(c.ExternalPath),
	}
	if c.Status == flink.CheckpointFailed {
		checkpoint.Failure = &model.CheckpointFailure{
			At: moment(c.FailureTimestamp), Kind: failureKind(c.FailureMessage), Message: quotedText(c.FailureMessage, maxMessage),
		}
	}
	return checkpoint
}
