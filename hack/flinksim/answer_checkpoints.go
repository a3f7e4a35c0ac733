package flinksim

import (
	"math"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// stats is StatsSummaryDto: quantiles without data are the JSON string "NaN".
type stats struct {
	Min  int64  `json:"min"`
	Max  int64  `json:"max"`
	Avg  int64  `json:"avg"`
	P50  double `json:"p50"`
	P90  double `json:"p90"`
	P95  double `json:"p95"`
	P99  double `json:"p99"`
	P999 double `json:"p999"`
}

func (s *stats) quantiles(of func(q float64) double) {
	s.P50, s.P90, s.P95, s.P99, s.P999 = of(0.5), of(0.9), of(0.95), of(0.99), of(0.999)
}

func distribution(d *engine.Distribution) stats {
	s := stats{Min: d.Min, Max: d.Max, Avg: d.Average()}
	s.quantiles(func(q float64) double {
		if v, ok := d.Quantile(q); ok {
			return double(v)
		}
		return double(math.NaN())
	})
	return s
}

// dead is alignment_buffered, which Flink has stopped filling.
func dead() stats { return stats{} }

type checkpointJSON struct {
	ClassName        string                  `json:"className"`
	ID               int64                   `json:"id"`
	Status           engine.Status           `json:"status"`
	IsSavepoint      bool                    `json:"is_savepoint"`
	SavepointFormat  *string                 `json:"savepointFormat"`
	Trigger          int64                   `json:"trigger_timestamp"`
	LatestAck        int64                   `json:"latest_ack_timestamp"`
	CheckpointedSize int64                   `json:"checkpointed_size"`
	StateSize        int64                   `json:"state_size"`
	Duration         int64                   `json:"end_to_end_duration"`
	Buffered         int64                   `json:"alignment_buffered"`
	Processed        int64                   `json:"processed_data"`
	Persisted        int64                   `json:"persisted_data"`
	NumSubtasks      int                     `json:"num_subtasks"`
	NumAcknowledged  int                     `json:"num_acknowledged_subtasks"`
	Type             string                  `json:"checkpoint_type"`
	Tasks            map[string]taskStatJSON `json:"tasks"`
	*completedJSON
	*failedJSON
}

type completedJSON struct {
	ExternalPath string `json:"external_path"`
	Discarded    bool   `json:"discarded"`
}

type failedJSON struct {
	Failure int64  `json:"failure_timestamp"`
	Message string `json:"failure_message"`
}

type taskStatJSON struct {
	ID               int64         `json:"id"`
	Status           engine.Status `json:"status"`
	LatestAck        int64         `json:"latest_ack_timestamp"`
	CheckpointedSize int64         `json:"checkpointed_size"`
	StateSize        int64         `json:"state_size"`
	Duration         int64         `json:"end_to_end_duration"`
	Buffered         int64         `json:"alignment_buffered"`
	Processed        int64         `json:"processed_data"`
	Persisted        int64         `json:"persisted_data"`
	NumSubtasks      int           `json:"num_subtasks"`
	NumAcknowledged  int           `json:"num_acknowledged_subtasks"`
}

// checkpoint is a checkpoint as the statistics and the details have it; only the details fill tasks.
func (j *Job) checkpoint(c *engine.Checkpoint, details bool) checkpointJSON {
	out := checkpointJSON{
		ID: c.ID, Status: c.Status, IsSavepoint: c.Savepoint, Trigger: whole(c.Trigger), LatestAck: whole(c.LatestAck),
		CheckpointedSize: c.Bytes(), StateSize: j.fullSize(c), Duration: whole(c.Duration()),
		NumSubtasks: len(c.Subtasks), NumAcknowledged: c.Acked, Type: "CHECKPOINT", Tasks: map[string]taskStatJSON{},
	}
	if c.Unaligned {
		out.Type = "UNALIGNED_CHECKPOINT"
	}
	for i := range c.Subtasks {
		out.Processed += c.Subtasks[i].Processed
	}
	switch c.Status {
	case engine.Completed:
		out.ClassName = "completed"
		out.completedJSON = &completedJSON{ExternalPath: j.path(c.ID)}
	case engine.Failed:
		out.ClassName = "failed"
		out.failedJSON = &failedJSON{Failure: whole(c.Failure), Message: c.Message}
	default:
		out.ClassName = "in_progress"
	}
	if details {
		for v, vertex := range j.engine.Topology {
			out.Tasks[vertex.ID] = j.taskStat(c, v)
		}
	}
	return out
}

// fullSize is the size of the whole state that a checkpoint refers to, which for incremental ones is more than they wrote.
func (j *Job) fullSize(c *engine.Checkpoint) int64 {
	written := c.Bytes()
	s := j.engine.Settings
	if !s.Incremental || !s.RocksDB || c.Acked == 0 {
		return written
	}
	return max(written, j.engine.Physics(c.Trigger).StateBytes)
}

func (j *Job) taskStat(c *engine.Checkpoint, v int) taskStatJSON {
	out := taskStatJSON{ID: c.ID, Status: c.Status, LatestAck: -1, Duration: -1, NumSubtasks: j.engine.Topology[v].Parallelism}
	for _, s := range j.subtasksOf(c, v) {
		if !s.Reported {
			continue
		}
		out.CheckpointedSize += s.Bytes
		out.Processed += s.Processed
		if s.Aborted {
			continue
		}
		out.NumAcknowledged++
		out.LatestAck = max(out.LatestAck, whole(s.Ack))
		out.Duration = max(out.Duration, whole(s.Ack)-whole(c.Trigger))
	}
	out.StateSize = out.CheckpointedSize
	return out
}

func (j *Job) subtasksOf(c *engine.Checkpoint, v int) []engine.Subtask {
	first := j.engine.Topology.First(v)
	return c.Subtasks[first : first+j.engine.Topology[v].Parallelism]
}

type statisticsJSON struct {
	Counts struct {
		Restored   int `json:"restored"`
		Total      int `json:"total"`
		InProgress int `json:"in_progress"`
		Completed  int `json:"completed"`
		Failed     int `json:"failed"`
	} `json:"counts"`
	Summary struct {
		CheckpointedSize stats `json:"checkpointed_size"`
		StateSize        stats `json:"state_size"`
		Duration         stats `json:"end_to_end_duration"`
		Buffered         stats `json:"alignment_buffered"`
		Processed        stats `json:"processed_data"`
		Persisted        stats `json:"persisted_data"`
	} `json:"summary"`
	Latest struct {
		Completed *checkpointJSON `json:"completed"`
		Savepoint *checkpointJSON `json:"savepoint"`
		Failed    *checkpointJSON `json:"failed"`
		Restored  *restoredJSON   `json:"restored"`
	} `json:"latest"`
	History []checkpointJSON `json:"history"`
}

type restoredJSON struct {
	ID        int64  `json:"id"`
	Time      int64  `json:"restore_timestamp"`
	Savepoint bool   `json:"is_savepoint"`
	Path      string `json:"external_path"`
}

// statistics is /jobs/:id/checkpoints. It is made anew only when a checkpoint has changed.
func (j *Job) statistics() []byte {
	return j.remember("checkpoints", j.engine.Changes, func() any {
		e := j.engine
		var out statisticsJSON
		out.Counts.Restored, out.Counts.Total, out.Counts.InProgress = e.Counts.Restored, e.Counts.Total, e.Counts.InProgress
		out.Counts.Completed, out.Counts.Failed = e.Counts.Completed, e.Counts.Failed
		out.Summary.CheckpointedSize = distribution(&e.Summary.Sizes)
		out.Summary.StateSize = out.Summary.CheckpointedSize
		out.Summary.Duration = distribution(&e.Summary.Durations)
		out.Summary.Processed = distribution(&e.Summary.Processed)
		if e.Summary.Sizes.Count == 0 {
			out.Summary.Persisted = distribution(&engine.Distribution{})
		}
		out.Latest.Completed = j.latest(e.LatestDone)
		out.Latest.Failed = j.latest(e.LatestFailed)
		if e.Restored != nil {
			out.Latest.Restored = &restoredJSON{ID: e.Restored.ID, Time: whole(e.Restored.Time), Path: j.path(e.Restored.ID)}
		}
		out.History = []checkpointJSON{}
		for _, c := range e.History() {
			out.History = append(out.History, j.checkpoint(c, false))
		}
		return out
	})
}

func (j *Job) latest(c *engine.Checkpoint) *checkpointJSON {
	if c == nil {
		return nil
	}
	out := j.checkpoint(c, false)
	return &out
}

// checkpointConfig is /jobs/:id/checkpoints/config: the settings in force.
func (j *Job) checkpointConfig() []byte {
	return j.remember("checkpoints/config", 1, func() any {
		s := j.engine.Settings
		retained := j.settings.Config["execution.checkpointing.externalized-checkpoint-retention"] == "RETAIN_ON_CANCELLATION"
		backend := "HashMapStateBackend"
		if s.RocksDB {
			backend = "EmbeddedRocksDBStateBackend"
		}
		return object{
			"mode": "exactly_once", "interval": s.Interval.Milliseconds(), "timeout": s.Timeout.Milliseconds(),
			"min_pause": s.MinPause.Milliseconds(), "max_concurrent": s.Concurrent,
			"externalization": object{"enabled": retained, "delete_on_cancellation": !retained},
			"state_backend":   backend, "checkpoint_storage": "FileSystemCheckpointStorage", "unaligned_checkpoints": s.Unaligned,
			"tolerable_failed_checkpoints": s.Tolerable, "aligned_checkpoint_timeout": 0, "checkpoints_after_tasks_finish": true,
			"state_changelog_enabled": false, "changelog_periodic_materialization_interval": 600000, "changelog_storage": "memory",
		}
	})
}
