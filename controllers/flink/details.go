package flink

import (
	"context"
	"strconv"
)

// SubtaskCheckpoint is what one subtask did in one checkpoint. Durations are milliseconds, -1 where the phase never ended
// or is not known.
type SubtaskCheckpoint struct {
	// Index is the subtask's index, from 0.
	Index int
	// Reported is false where Flink has nothing but "pending_or_failed": no acknowledgement, in time or late. All durations are -1 then.
	Reported bool
	// Aborted marks a report that was not an acknowledgement in time: a late one, or one of a snapshot that was given up.
	Aborted bool
	// Unaligned is true only where the subtask persisted data in flight.
	Unaligned bool
	// AckTimestamp is when the JobManager processed the report (epoch ms, its clock), -1 where there is none.
	AckTimestamp int64
	// EndToEnd is AckTimestamp − trigger, both on the JobManager's clock.
	EndToEnd int64
	// StartDelay is first barrier (TaskManager's clock) − trigger (JobManager's clock), never below 0; 0 also where unset.
	StartDelay int64
	// Alignment is first to last barrier; 0 for sources, and also where unset.
	Alignment int64
	// Sync is the synchronous part of the snapshot.
	Sync int64
	// Async is the asynchronous part: it includes waiting in the task's own queue, and for unaligned checkpoints the alignment.
	Async int64
	// CheckpointedSize and StateSize are in bytes: written by this checkpoint, and all of it.
	CheckpointedSize int64
	StateSize        int64
	// Processed and Persisted are bytes in flight, processed and persisted during alignment.
	Processed int64
	Persisted int64
}

// VertexCheckpoint is GET /jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid.
type VertexCheckpoint struct {
	TaskCheckpoint
	// ID is the checkpoint's id.
	ID int64
	// Status is the checkpoint's status, not the vertex's.
	Status string
	// Subtasks come in the order of their index.
	Subtasks []SubtaskCheckpoint
}

// subtaskAnswer is an entry as Flink writes it. Pointers mark what must not be 0 when it is missing.
type subtaskAnswer struct {
	Index            int    `json:"index"`
	Status           string `json:"status"` // completed or pending_or_failed
	AckTimestamp     int64  `json:"ack_timestamp"`
	EndToEnd         *int64 `json:"end_to_end_duration"`
	CheckpointedSize int64  `json:"checkpointed_size"`
	StateSize        int64  `json:"state_size"`
	Checkpoint       struct {
		Sync  *int64 `json:"sync"`
		Async *int64 `json:"async"`
	} `json:"checkpoint"`
	Alignment struct {
		Processed int64 `json:"processed"`
		Persisted int64 `json:"persisted"`
		Duration  int64 `json:"duration"`
	} `json:"alignment"`
	StartDelay int64 `json:"start_delay"`
	Unaligned  bool  `json:"unaligned_checkpoint"`
	Aborted    bool  `json:"aborted"`
}

// CheckpointDetails asks GET /jobs/:jobid/checkpoints/details/:checkpointid. ErrNotFound once it has left the history. On
// a session cluster the answer may be another job's checkpoint of the same id (Flink's cache is keyed by the checkpoint id
// alone): compare TriggerTimestamp with the history.
func (c *Client) CheckpointDetails(ctx context.Context, job string, id int64) (Checkpoint, error) {
	var out Checkpoint
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/checkpoints/details/:checkpointid", args: []string{job, strconv.FormatInt(id, 10)}},
		func(b []byte) (err error) { out, err = decodeCheckpointDetails(b); return })
	return out, err
}

// SubtaskDetails asks GET /jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid.
func (c *Client) SubtaskDetails(ctx context.Context, job string, id int64, vertex string) (VertexCheckpoint, error) {
	var out VertexCheckpoint
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid",
		args: []string{job, strconv.FormatInt(id, 10), vertex}},
		func(b []byte) (err error) { out, err = decodeSubtaskDetails(b); return })
	return out, err
}

func decodeCheckpointDetails(data []byte) (Checkpoint, error) {
	var c Checkpoint
	if err := decodeJSON(data, &c); err != nil {
		return Checkpoint{}, err
	}
	if err := c.tidy(); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func decodeSubtaskDetails(data []byte) (VertexCheckpoint, error) {
	var answer struct {
		TaskCheckpoint
		ID       int64           `json:"id"`
		Status   string          `json:"status"`
		Subtasks []subtaskAnswer `json:"subtasks"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return VertexCheckpoint{}, err
	}
	if answer.Subtasks == nil {
		return VertexCheckpoint{}, missing("subtasks")
	}
	out := VertexCheckpoint{TaskCheckpoint: answer.TaskCheckpoint, ID: answer.ID, Status: cleanLine(answer.Status, 40),
		Subtasks: make([]SubtaskCheckpoint, len(answer.Subtasks))}
	for i := range answer.Subtasks {
		if answer.Subtasks[i].Index < 0 {
			return VertexCheckpoint{}, malformed("answered with a subtask of index %d, expected 0 or more", answer.Subtasks[i].Index)
		}
		out.Subtasks[i] = answer.Subtasks[i].flat()
	}
	return out, nil
}

func (s *subtaskAnswer) flat() SubtaskCheckpoint {
	if s.Status != "completed" {
		return SubtaskCheckpoint{Index: s.Index, AckTimestamp: -1, EndToEnd: -1, StartDelay: -1, Alignment: -1, Sync: -1, Async: -1}
	}
	out := SubtaskCheckpoint{
		Index: s.Index, Reported: true, Aborted: s.Aborted, Unaligned: s.Unaligned,
		AckTimestamp: s.AckTimestamp, EndToEnd: orUnknown(s.EndToEnd),
		StartDelay: max(s.StartDelay, -1), Alignment: max(s.Alignment.Duration, -1),
		Sync: orUnknown(s.Checkpoint.Sync), Async: orUnknown(s.Checkpoint.Async),
		CheckpointedSize: s.CheckpointedSize, StateSize: s.StateSize,
		Processed: s.Alignment.Processed, Persisted: s.Alignment.Persisted,
	}
	if out.AckTimestamp <= 0 {
		out.AckTimestamp = -1
	}
	return out
}

func orUnknown(ms *int64) int64 {
	if ms == nil {
		return -1
	}
	return max(*ms, -1)
}
