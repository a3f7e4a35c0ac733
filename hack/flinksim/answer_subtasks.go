package flinksim

import (
	"math"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

type subtaskStatsJSON struct {
	taskStatJSON
	Summary  subtaskSummaryJSON `json:"summary"`
	Subtasks []any              `json:"subtasks"`
}

type subtaskSummaryJSON struct {
	CheckpointedSize stats `json:"checkpointed_size"`
	StateSize        stats `json:"state_size"`
	Duration         stats `json:"end_to_end_duration"`
	CheckpointTimes  struct {
		Sync  stats `json:"sync"`
		Async stats `json:"async"`
	} `json:"checkpoint_duration"`
	Alignment struct {
		Buffered  stats `json:"buffered"`
		Processed stats `json:"processed"`
		Persisted stats `json:"persisted"`
		Duration  stats `json:"duration"`
	} `json:"alignment"`
	StartDelay stats `json:"start_delay"`
}

// reportedJSON is a subtask that has reported, in time or late.
type reportedJSON struct {
	ClassName        string `json:"className"`
	Index            int    `json:"index"`
	Ack              int64  `json:"ack_timestamp"`
	Duration         int64  `json:"end_to_end_duration"`
	CheckpointedSize int64  `json:"checkpointed_size"`
	StateSize        int64  `json:"state_size"`
	Checkpoint       struct {
		Sync  int64 `json:"sync"`
		Async int64 `json:"async"`
	} `json:"checkpoint"`
	Alignment struct {
		Buffered  int64 `json:"buffered"`
		Processed int64 `json:"processed"`
		Persisted int64 `json:"persisted"`
		Duration  int64 `json:"duration"`
	} `json:"alignment"`
	StartDelay int64  `json:"start_delay"`
	Unaligned  bool   `json:"unaligned_checkpoint"`
	Aborted    bool   `json:"aborted"`
	Status     string `json:"status"`
}

// missingJSON is a subtask that has not reported.
type missingJSON struct {
	ClassName string `json:"className"`
	Index     int    `json:"index"`
	Status    string `json:"status"`
}

// subtaskStats is /jobs/:id/checkpoints/details/:cid/subtasks/:vertex.
func (j *Job) subtaskStats(c *engine.Checkpoint, v int) []byte {
	out := subtaskStatsJSON{taskStatJSON: j.taskStat(c, v), Subtasks: []any{}}
	var size, duration, sync, async, processed, aligned, delay spread
	for i, s := range j.subtasksOf(c, v) {
		if !s.Reported {
			out.Subtasks = append(out.Subtasks, missingJSON{ClassName: "pending", Index: i, Status: "pending_or_failed"})
			continue
		}
		r := reported(c, i, s)
		out.Subtasks = append(out.Subtasks, r)
		size.add(r.CheckpointedSize)
		if !s.Aborted {
			duration.add(r.Duration)
		}
		sync.add(r.Checkpoint.Sync)
		async.add(r.Checkpoint.Async)
		processed.add(r.Alignment.Processed)
		aligned.add(r.Alignment.Duration)
		delay.add(r.StartDelay)
	}
	sum := &out.Summary
	sum.CheckpointedSize, sum.StateSize, sum.Duration = size.stats(), size.stats(), duration.stats()
	sum.CheckpointTimes.Sync, sum.CheckpointTimes.Async = sync.stats(), async.stats()
	sum.Alignment.Buffered, sum.Alignment.Processed = dead(), processed.stats()
	sum.Alignment.Persisted, sum.Alignment.Duration = (&spread{}).stats(), aligned.stats()
	sum.StartDelay = delay.stats()
	return encoded(out)
}

func reported(c *engine.Checkpoint, index int, s engine.Subtask) reportedJSON {
	r := reportedJSON{
		ClassName: "completed", Index: index, Ack: whole(s.Ack), Duration: max(0, whole(s.Ack)-whole(c.Trigger)),
		CheckpointedSize: s.Bytes, StateSize: s.Bytes, StartDelay: whole(s.StartDelay), Aborted: s.Aborted, Status: "completed",
	}
	r.Checkpoint.Sync, r.Checkpoint.Async = whole(s.Sync), whole(s.Async)
	r.Alignment.Processed, r.Alignment.Duration = s.Processed, whole(s.Alignment)
	return r
}

// spread is a summary without quantiles, as the one of a vertex is: its quantiles are always NaN.
type spread struct {
	min, max, sum, count int64
}

// add counts a value; Flink leaves out negative ones.
func (s *spread) add(v int64) {
	if v < 0 {
		return
	}
	if s.count == 0 || v < s.min {
		s.min = v
	}
	s.max = max(s.max, v)
	s.sum += v
	s.count++
}

func (s *spread) stats() stats {
	out := stats{Min: s.min, Max: s.max}
	if s.count > 0 {
		out.Avg = s.sum / s.count
	}
	out.quantiles(func(float64) double { return double(math.NaN()) })
	return out
}
