package flinklocal

import (
	"context"
	"fmt"
	"strings"
)

// Checkpoint is one entry of Flink's history. Times are epoch milliseconds, durations milliseconds, sizes bytes.
type Checkpoint struct {
	ID           int64  `json:"id"`
	Status       string `json:"status"` // IN_PROGRESS, COMPLETED or FAILED
	Savepoint    bool   `json:"is_savepoint"`
	Trigger      int64  `json:"trigger_timestamp"`
	Duration     int64  `json:"end_to_end_duration"`
	Size         int64  `json:"state_size"`
	Acknowledged int    `json:"num_acknowledged_subtasks"`
	Subtasks     int    `json:"num_subtasks"`
	Failure      string `json:"failure_message"`
}

// Expired tells an expiry from other failures, by the text of CheckpointFailureReason.CHECKPOINT_EXPIRED (1.15 to 2.3).
func (c Checkpoint) Expired() bool {
	return c.Status == "FAILED" && strings.Contains(c.Failure, "Checkpoint expired before completing")
}

func (c Checkpoint) String() string {
	s := fmt.Sprintf("#%d %s %.1f s, %d of %d acknowledged, %.1f MiB", c.ID, c.Status, float64(c.Duration)/1000, c.Acknowledged, c.Subtasks,
		float64(c.Size)/float64(mib))
	if c.Failure != "" && !c.Expired() {
		s += ": " + c.Failure
	}
	return s
}

// Checkpoints is what /jobs/:id/checkpoints says; the newest entry of History comes first.
type Checkpoints struct {
	Counts struct {
		Completed int `json:"completed"`
		Failed    int `json:"failed"`
		Restored  int `json:"restored"`
	} `json:"counts"`
	Latest struct {
		Completed *struct {
			ID   int64  `json:"id"`
			Path string `json:"external_path"`
		} `json:"completed"`
	} `json:"latest"`
	History []Checkpoint `json:"history"`
}

// Checkpoints asks Flink for the history of the job.
func (c *Cluster) Checkpoints(ctx context.Context) (Checkpoints, error) {
	var answer Checkpoints
	job := c.JobID()
	if job == "" {
		return answer, errNoJob
	}
	err := c.rest.get(ctx, "/jobs/"+job+"/checkpoints", &answer)
	return answer, err
}
