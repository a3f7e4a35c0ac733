package model

import "time"

// CheckpointStatus is Flink's status of a checkpoint.
type CheckpointStatus string

// The statuses of CheckpointStatsStatus.
const (
	CheckpointCompleted  CheckpointStatus = "COMPLETED"
	CheckpointFailed     CheckpointStatus = "FAILED"
	CheckpointInProgress CheckpointStatus = "IN_PROGRESS"
)

// FailureKind is what a failure_message says, by CheckpointFailureReason (Flink 1.15 to 2.3).
type FailureKind string

const (
	// FailureExpired is "Checkpoint expired before completing."
	FailureExpired FailureKind = "Expired"
	// FailureDeclined is "Checkpoint was declined."
	FailureDeclined FailureKind = "Declined"
	// FailureAsync is "Asynchronous task checkpoint failed."
	FailureAsync FailureKind = "AsyncException"
	// FailureIO is "An Exception occurred while triggering the checkpoint. IO-problem detected."
	FailureIO FailureKind = "IOException"
	// FailureFinalize is "Failure to finalize checkpoint."
	FailureFinalize FailureKind = "Finalize"
	// FailureTrigger is "Trigger checkpoint failure."
	FailureTrigger FailureKind = "Trigger"
	// FailureFailover is a consequence of a restart: "Checkpoint Coordinator is suspending.", "FailoverRegion is restarting.", "Task has failed."
	FailureFailover FailureKind = "Failover"
	// FailureOther is any other message.
	FailureOther FailureKind = "Other"
)

// FailurePattern is how many checkpoints must fail after a remedy to speak against it: one is an accident, the second a pattern.
const FailurePattern = 2

// FailuresThatDecide is how many failures in a row decide against a remedy that asks for so many completed checkpoints in a row: as many, and a pattern at least.
func FailuresThatDecide(checkpoints int) int { return max(checkpoints, FailurePattern) }

// FailureBurst is how close to one another failures of a job are one: a process that is gone makes each new start fail at once.
const FailureBurst = 5 * time.Second

// LateFor is how long after an expiry its acknowledgements are waited for, and so known to be out: as long as the timeout, 1 to 15 minutes.
func LateFor(timeout time.Duration) time.Duration {
	return min(max(timeout, time.Minute), 15*time.Minute)
}

// CheckpointLedger is the checkpoint history Flink keeps and what was read of it.
type CheckpointLedger struct {
	// Counts are Flink's own; failed also counts triggers that never became a checkpoint: never diagnose from it.
	Counts CheckpointCounts
	// History is newest first, checkpoints in progress included, savepoints too. Behind what Flink keeps stands the first expiry of the
	// present spell where it was read before Flink dropped it: the timeout is sized from it.
	History []Checkpoint
	// LatestCompleted is the newest completed checkpoint even where the history has lost it; nil if none.
	LatestCompleted *Checkpoint
	// BeginsAt is the first checkpoint that the logs tell of, where what was before it is in none of them; 0 where all of the run is known, and always
	// over REST.
	BeginsAt int64
	// LatestFailed is the newest failed one, as well; nil if none, and nil for a trigger that never became a checkpoint.
	LatestFailed *Checkpoint
	// Detailed is the newest completed checkpoint whose subtasks were read, even where the history has lost it; nil if none. It tells what subtasks
	// write that never report any more.
	Detailed *Checkpoint
	// Earlier is how long the periodic checkpoints took that completed before the oldest of History, the newest first; nothing failed since.
	Earlier []time.Duration
	// LatestRestored is what the job was restored from; nil if none.
	LatestRestored *Restored
	// Summary is over all completed checkpoints of this run (up to 10,000).
	Summary DurationSummary
}

// CheckpointCounts are Flink's counters; all restart with the JobManager.
type CheckpointCounts struct {
	Restored, Total, InProgress, Completed, Failed int64
}

// Restored is what a job was restored from.
type Restored struct {
	ID        int64
	At        time.Time
	Savepoint bool
	Path      string
}

// DurationSummary is a distribution of end-to-end durations; the zero value means none.
type DurationSummary struct {
	Min, Avg, Max, P50, P95, P99 time.Duration
}

// Checkpoint is one checkpoint (or savepoint) of the history.
type Checkpoint struct {
	ID        int64
	Status    CheckpointStatus
	Savepoint bool
	// Unaligned is what the checkpoint's type says, where the version tells (1.16.2+, 1.17.1+, 1.18+).
	Unaligned bool
	// Trigger is the JobManager's clock at the start of triggering, before the io-pool step.
	Trigger time.Time
	// TriggerLag is how long after Trigger the coordinator logged that it triggers: the io-pool step. From logs only; 0 where unknown.
	TriggerLag time.Duration
	// LatestAck is zero if none acknowledged.
	LatestAck time.Time
	// Duration is trigger to last acknowledgement, for FAILED to the failure; Unknown where nothing acknowledged yet.
	Duration time.Duration
	// CheckpointedSize and StateSize are in bytes: written by this one, and in full.
	CheckpointedSize, StateSize int64
	Subtasks, Acknowledged      int
	// Failure is nil unless FAILED.
	Failure *CheckpointFailure
	// ExternalPath is where a completed one lies; empty if unknown.
	ExternalPath string
	// Tasks are the vertices' shares; nil unless details were read.
	Tasks []TaskLedger
	// LateAcks are the acknowledgements that came after the checkpoint had expired, as a log tells them; of the other subtasks it tells nothing.
	LateAcks []LateAck
}

// LateAck is one late acknowledgement.
type LateAck struct {
	// VertexID is empty where the line does not tell it (Flink 1.15 and earlier).
	VertexID string
	// Subtask is -1 where it is not known.
	Subtask int
	// EndToEnd is from the trigger to the message: a timeout that would have sufficed. Unknown where the trigger is.
	EndToEnd time.Duration
}

// End is when the checkpoint was over, on the JobManager's clock: its last acknowledgement where it completed. A restart replays from its
// trigger, which is earlier.
func (c *Checkpoint) End() time.Time { return c.Trigger.Add(max(c.Duration, 0)) }

// CheckpointFailure is how a checkpoint failed.
type CheckpointFailure struct {
	At      time.Time
	Kind    FailureKind
	Message string
}

// Expired tells whether the checkpoint failed by timeout.
func (c *Checkpoint) Expired() bool { return c.Failure != nil && c.Failure.Kind == FailureExpired }

// TaskLedger is one vertex's share in one checkpoint.
type TaskLedger struct {
	VertexID string
	// Vertex is the index into Snapshot.Vertices; -1 where unknown.
	Vertex                 int
	Subtasks, Acknowledged int
	CheckpointedSize       int64
	// Entries has one entry per subtask, in order of index; nil unless subtask details were read.
	Entries []SubtaskLedger
}

// SubtaskLedger is one subtask's share in one checkpoint. Phases are Unknown where they never ended or were not reported.
type SubtaskLedger struct {
	Index int
	// Reported is false for a subtask of which nothing came (pending_or_failed).
	Reported bool
	// Aborted is true for a report that was not counted: too late, or of an aborted snapshot.
	Aborted bool
	// Late is true for a full report after the checkpoint had failed: its EndToEnd is a timeout that would have sufficed.
	Late bool
	// Finished is true for a task that had ended before the checkpoint (all zero): no evidence.
	Finished bool
	// Ack is when the JobManager processed the acknowledgement.
	Ack time.Time
	// EndToEnd is Ack - trigger, both on the JobManager's clock.
	EndToEnd time.Duration
	// StartDelay is trigger to first barrier (two clocks), Alignment first to last barrier, Sync and Async the snapshot.
	StartDelay, Alignment, Sync, Async time.Duration
	// Residual is EndToEnd less the phases, for aligned checkpoints; Unknown where a phase is. Unaligned ones keep alignment inside async.
	Residual time.Duration
	// Unfinished is the first phase that never ended; PhaseNone where all did.
	Unfinished Phase
	// CheckpointedSize and StateSize are in bytes.
	CheckpointedSize, StateSize int64
	Unaligned                   bool
}

// Phase is a part of a checkpoint's time.
type Phase string

// The phases in order.
const (
	PhaseNone       Phase = ""
	PhaseStartDelay Phase = "start"
	PhaseAlignment  Phase = "align"
	PhaseSync       Phase = "sync"
	PhaseAsync      Phase = "upload"
	PhaseResidual   Phase = "acknowledge"
)
