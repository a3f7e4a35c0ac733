package engine

// Status is a checkpoint's status as Flink writes it.
type Status string

// The statuses of CheckpointStatsStatus (Flink 1.15 to 2.3).
const (
	InProgress Status = "IN_PROGRESS"
	Completed  Status = "COMPLETED"
	Failed     Status = "FAILED"
)

// Failure messages as CheckpointFailureReason words them (Flink 1.15 to 2.3).
const (
	MessageExpired     = "Checkpoint expired before completing."
	MessageAsync       = "Asynchronous task checkpoint failed."
	MessageSuspending  = "Checkpoint Coordinator is suspending."
	MessageTriggerIO   = "An Exception occurred while triggering the checkpoint. IO-problem detected."
	MessageFinalize    = "Failure to finalize checkpoint."
	MessageNotAllTasks = "Not all required tasks are currently running."
)

// MessageNotTolerated is the job's failure where more checkpoints expired than is tolerated (CheckpointFailureManager, 1.17 and later).
const MessageNotTolerated = "Exceeded checkpoint tolerable failure threshold. The latest checkpoint failed due to " + MessageExpired +
	", view the Checkpoint History tab or the Job Manager log to find out why continuous checkpoints failed."

// Checkpoint is one entry of the history. Times are milliseconds since the epoch, on the JobManager's clock.
type Checkpoint struct {
	ID        int64
	Trigger   float64
	Status    Status
	LatestAck float64 // -1: none
	Acked     int     // subtasks in time
	Failure   float64 // when it failed
	Message   string  // why it failed
	Finished  float64 // when its metadata was written
	Unaligned bool
	Savepoint bool
	Subtasks  []Subtask // over all vertices, in their order
	Changes   int       // grows whenever anything above changes

	sent      []Subtask // what the subtasks have sent or will send
	created   float64
	expires   float64
	triggered bool
	done      bool // no longer pending
	acking    bool // all acknowledgements are in, the metadata is being written
}

// Subtask is what one subtask reported. Durations are milliseconds.
type Subtask struct {
	Reported   bool    // an acknowledgement or a late report was processed
	Aborted    bool    // the report came after the checkpoint had failed
	Ack        float64 // when the JobManager had processed it
	StartDelay float64
	Alignment  float64
	Sync       float64 // -1: never ended
	Async      float64 // -1: never ended
	Bytes      int64
	Processed  int64 // bytes during alignment
}

// Duration is end_to_end_duration: to the latest acknowledgement, or to the failure; -1 before the first acknowledgement.
func (c *Checkpoint) Duration() float64 {
	end := c.LatestAck
	if c.Status == Failed {
		end = c.Failure
	}
	if end < 0 {
		return -1
	}
	return max(0, end-c.Trigger)
}

// Bytes is the size of the state of all subtasks that reported, late ones included.
func (c *Checkpoint) Bytes() int64 {
	var sum int64
	for i := range c.Subtasks {
		sum += c.Subtasks[i].Bytes
	}
	return sum
}

// Counts are the counters of a JobManager since its start.
type Counts struct {
	Restored, Total, InProgress, Completed, Failed int
}

// Restored is the checkpoint that the job started from.
type Restored struct {
	ID   int64
	Time float64
	Path string
}

// Failover is one restart of the job's tasks and its cause: a subtask that threw in a checkpoint, a checkpoint that failed beyond what is
// tolerated (Subtask -1), or a stop-with-savepoint that failed (Subtask -1, Checkpoint 0).
type Failover struct {
	Time       float64
	Checkpoint int64
	Subtask    int
	Attempt    int
}
