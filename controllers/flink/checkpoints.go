package flink

import (
	"context"
	"math"
)

// Status of a checkpoint (CheckpointStatsStatus, Flink 1.15 to 2.3).
const (
	CheckpointInProgress = "IN_PROGRESS"
	CheckpointCompleted  = "COMPLETED"
	CheckpointFailed     = "FAILED"
)

// Checkpoints is GET /jobs/:jobid/checkpoints.
type Checkpoints struct {
	Received
	// Counts restart with the JobManager. Failed also counts triggers that never became a checkpoint and are in no
	// history (FLINK-26049): never diagnose from it.
	Counts struct {
		Restored   int64 `json:"restored"`
		Total      int64 `json:"total"`
		InProgress int64 `json:"in_progress"`
		Completed  int64 `json:"completed"`
		Failed     int64 `json:"failed"`
	} `json:"counts"`
	// Summary is over completed checkpoints only, the last 10,000 of them.
	Summary struct {
		CheckpointedSize Stats `json:"checkpointed_size"` // bytes
		StateSize        Stats `json:"state_size"`        // bytes
		EndToEndDuration Stats `json:"end_to_end_duration"`
	} `json:"summary"`
	// Latest holds what history may have dropped; each is nil where there is none.
	Latest struct {
		Completed *Checkpoint `json:"completed"`
		Savepoint *Checkpoint `json:"savepoint"`
		Failed    *Checkpoint `json:"failed"`
		Restored  *Restored   `json:"restored"`
	} `json:"latest"`
	// History is newest first, in-progress ones included, at most web.checkpoints.history (10 by default).
	History []Checkpoint `json:"history"`
}

// Stats are figures over several checkpoints or subtasks. Quantiles are NaN where Flink has no data.
type Stats struct {
	Min int64 `json:"min"`
	Max int64 `json:"max"`
	Avg int64 `json:"avg"`
	P50 Float `json:"p50"`
	P95 Float `json:"p95"`
}

// Checkpoint is one checkpoint or savepoint. Times are epoch milliseconds on the JobManager's clock, durations
// milliseconds, sizes bytes.
type Checkpoint struct {
	ID          int64  `json:"id"`
	Status      string `json:"status"`
	IsSavepoint bool   `json:"is_savepoint"`
	// Type is CHECKPOINT, UNALIGNED_CHECKPOINT (1.16.2+, 1.17.1+, 1.18+), SAVEPOINT or SYNC_SAVEPOINT.
	Type string `json:"checkpoint_type"`
	// TriggerTimestamp is taken before the checkpoint id is written and the directory made.
	TriggerTimestamp int64 `json:"trigger_timestamp"`
	// LatestAckTimestamp is -1 before the first acknowledgement.
	LatestAckTimestamp int64 `json:"latest_ack_timestamp"`
	// EndToEndDuration is latest acknowledgement − trigger, -1 before the first; of a failed one failure − trigger. It may exceed the
	// timeout of a checkpoint that completed: the timer starts after the trigger timestamp is taken.
	EndToEndDuration int64 `json:"end_to_end_duration"`
	CheckpointedSize int64 `json:"checkpointed_size"`
	StateSize        int64 `json:"state_size"`
	// ProcessedData and PersistedData were processed and persisted during alignment.
	ProcessedData           int64 `json:"processed_data"`
	PersistedData           int64 `json:"persisted_data"`
	NumSubtasks             int   `json:"num_subtasks"`
	NumAcknowledgedSubtasks int   `json:"num_acknowledged_subtasks"` // late acknowledgements do not count
	// FailureTimestamp and FailureMessage are of failed ones only. Match the message by contains: Flink may put text before it.
	FailureTimestamp int64  `json:"failure_timestamp"`
	FailureMessage   string `json:"failure_message"`
	// Discarded and ExternalPath are of completed ones only.
	Discarded    bool   `json:"discarded"`
	ExternalPath string `json:"external_path"`
	// Tasks is filled by CheckpointDetails only: what each vertex has acknowledged, by vertex id.
	Tasks map[string]TaskCheckpoint `json:"tasks"`
}

// TaskCheckpoint is what one vertex did in one checkpoint; -1 where nothing is acknowledged yet.
type TaskCheckpoint struct {
	LatestAckTimestamp      int64 `json:"latest_ack_timestamp"`
	EndToEndDuration        int64 `json:"end_to_end_duration"`
	CheckpointedSize        int64 `json:"checkpointed_size"`
	StateSize               int64 `json:"state_size"`
	NumSubtasks             int   `json:"num_subtasks"`
	NumAcknowledgedSubtasks int   `json:"num_acknowledged_subtasks"`
}

// Restored is the checkpoint the job last started from.
type Restored struct {
	ID               int64  `json:"id"`
	RestoreTimestamp int64  `json:"restore_timestamp"` // epoch milliseconds
	IsSavepoint      bool   `json:"is_savepoint"`
	ExternalPath     string `json:"external_path"`
}

// CheckpointConfig is GET /jobs/:jobid/checkpoints/config: what is in force, job code included. Milliseconds.
type CheckpointConfig struct {
	Mode                       string `json:"mode"` // exactly_once or at_least_once
	Interval                   int64  `json:"interval"`
	Timeout                    int64  `json:"timeout"`
	MinPause                   int64  `json:"min_pause"`
	MaxConcurrent              int    `json:"max_concurrent"`
	TolerableFailedCheckpoints int    `json:"tolerable_failed_checkpoints"`
	Unaligned                  bool   `json:"unaligned_checkpoints"`
	AlignedCheckpointTimeout   int64  `json:"aligned_checkpoint_timeout"`
	StateBackend               string `json:"state_backend"` // the class's simple name, such as HashMapStateBackend
	CheckpointStorage          string `json:"checkpoint_storage"`
	ChangelogEnabled           bool   `json:"state_changelog_enabled"` // since 1.16
	Externalization            struct {
		Enabled              bool `json:"enabled"`
		DeleteOnCancellation bool `json:"delete_on_cancellation"`
	} `json:"externalization"`
}

// Periodic tells whether checkpoints are triggered by time: Flink shows "disabled" as an interval of Long.MAX_VALUE.
func (c CheckpointConfig) Periodic() bool { return c.Interval > 0 && c.Interval < math.MaxInt64 }

// Checkpoints asks GET /jobs/:jobid/checkpoints. ErrCheckpointingNotEnabled where the job has none.
func (c *Client) Checkpoints(ctx context.Context, job string) (Checkpoints, error) {
	var out Checkpoints
	received, err := c.fetch(ctx, call{template: "/jobs/:jobid/checkpoints", args: []string{job}},
		func(b []byte) (err error) { out, err = decodeCheckpoints(b); return })
	out.Received = received
	return out, err
}

// CheckpointConfig asks GET /jobs/:jobid/checkpoints/config. ErrNotFound (and mostly ErrCheckpointingNotEnabled) where the job has none.
func (c *Client) CheckpointConfig(ctx context.Context, job string) (CheckpointConfig, error) {
	var out CheckpointConfig
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/checkpoints/config", args: []string{job}},
		func(b []byte) (err error) { out, err = decodeCheckpointConfig(b); return })
	return out, err
}

// usualHistory is web.checkpoints.history as it is by default, and one pending: room for so many at once, as it is read at every poll.
const usualHistory = 11

func decodeCheckpoints(data []byte) (Checkpoints, error) {
	var c Checkpoints
	c.History = make([]Checkpoint, 0, usualHistory)
	if err := decodeJSON(data, &c); err != nil {
		return Checkpoints{}, err
	}
	if untouched := len(c.History) == 0 && cap(c.History) == usualHistory; untouched || c.History == nil { // an empty list has no room
		return Checkpoints{}, missing("history")
	}
	for i := range c.History {
		if err := c.History[i].tidy(); err != nil {
			return Checkpoints{}, err
		}
	}
	for _, latest := range []*Checkpoint{c.Latest.Completed, c.Latest.Savepoint, c.Latest.Failed} {
		if latest == nil {
			continue
		}
		if err := latest.tidy(); err != nil {
			return Checkpoints{}, err
		}
	}
	if c.Latest.Restored != nil {
		c.Latest.Restored.ExternalPath = cleanLine(c.Latest.Restored.ExternalPath, maxLine)
	}
	return c, nil
}

func decodeCheckpointConfig(data []byte) (CheckpointConfig, error) {
	var c CheckpointConfig
	if err := decodeJSON(data, &c); err != nil {
		return CheckpointConfig{}, err
	}
	if c.Timeout <= 0 || c.Interval <= 0 {
		return CheckpointConfig{}, malformed("answered with timeout %d ms and interval %d ms, expected both above 0", c.Timeout, c.Interval)
	}
	c.Mode, c.StateBackend, c.CheckpointStorage = cleanLine(c.Mode, 100), cleanLine(c.StateBackend, 200), cleanLine(c.CheckpointStorage, 200)
	return c, nil
}

// tidy refuses what no checkpoint can be and cleans its texts.
func (c *Checkpoint) tidy() error {
	if c.Status == "" || c.TriggerTimestamp <= 0 {
		return malformed("answered with a checkpoint of status %q and trigger_timestamp %d, expected IN_PROGRESS, COMPLETED or FAILED, and a time",
			cleanLine(c.Status, 40), c.TriggerTimestamp)
	}
	if c.NumSubtasks < 0 || c.NumAcknowledgedSubtasks < 0 {
		return malformed("answered with a checkpoint of %d subtasks, %d acknowledged; expected 0 or more", c.NumSubtasks, c.NumAcknowledgedSubtasks)
	}
	c.Status, c.Type = cleanLine(c.Status, 40), cleanLine(c.Type, 40)
	c.Tasks = cleanKeys(c.Tasks)
	c.FailureMessage, c.ExternalPath = cleanLine(c.FailureMessage, maxLine), cleanLine(c.ExternalPath, maxLine)
	return nil
}
