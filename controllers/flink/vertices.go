package flink

import (
	"context"
	"math"
)

// Vertex is GET /jobs/:jobid/vertices/:vertexid: where its subtasks run.
type Vertex struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Parallelism int             `json:"parallelism"`
	Now         int64           `json:"now"` // epoch ms, the JobManager's clock
	Subtasks    []SubtaskStatus `json:"subtasks"`
}

// SubtaskStatus says what state a subtask is in and where it runs.
type SubtaskStatus struct {
	Index         int    `json:"subtask"`
	Status        string `json:"status"`
	Attempt       int    `json:"attempt"`
	TaskManagerID string `json:"taskmanager-id"`
	// Endpoint is host:port of the TaskManager. Versions before 1.19 name only Host, 2.x only Endpoint.
	Endpoint  string `json:"endpoint"`
	Host      string `json:"host"`
	StartTime int64  `json:"start-time"` // epoch ms, -1 before it runs
	Work      Work   `json:"metrics"`
}

// BackPressure is GET /jobs/:jobid/vertices/:vertexid/backpressure.
type BackPressure struct {
	Received
	// Sampled is false where Flink says "deprecated": no figures yet, or the vertex does not run. Ask again seconds later.
	Sampled bool
	// Level is ok (at most 10 %), low (at most 50 %) or high.
	Level    string
	Subtasks []SubtaskBackPressure
}

// SubtaskBackPressure holds shares of time, 0 to 1; NaN where Flink has none.
type SubtaskBackPressure struct {
	Index         int
	BackPressured float64
	Idle          float64
	Busy          float64
}

// Vertex asks GET /jobs/:jobid/vertices/:vertexid.
func (c *Client) Vertex(ctx context.Context, job, vertex string) (Vertex, error) {
	var out Vertex
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/vertices/:vertexid", args: []string{job, vertex}},
		func(b []byte) (err error) { out, err = decodeVertex(b); return })
	return out, err
}

// BackPressure asks GET /jobs/:jobid/vertices/:vertexid/backpressure.
func (c *Client) BackPressure(ctx context.Context, job, vertex string) (BackPressure, error) {
	var out BackPressure
	received, err := c.fetch(ctx, call{template: "/jobs/:jobid/vertices/:vertexid/backpressure", args: []string{job, vertex}},
		func(b []byte) (err error) { out, err = decodeBackPressure(b); return })
	out.Received = received
	return out, err
}

func decodeVertex(data []byte) (Vertex, error) {
	var v Vertex
	if err := decodeJSON(data, &v); err != nil {
		return Vertex{}, err
	}
	if v.Subtasks == nil {
		return Vertex{}, missing("subtasks")
	}
	v.ID, v.Name = cleanLine(v.ID, maxName), cleanLine(v.Name, maxName)
	for i := range v.Subtasks {
		s := &v.Subtasks[i]
		if s.Index < 0 {
			return Vertex{}, malformed("answered with subtask %d, expected 0 or more", s.Index)
		}
		s.Status, s.TaskManagerID = cleanLine(s.Status, 100), cleanLine(s.TaskManagerID, maxName)
		s.Endpoint, s.Host = cleanLine(s.Endpoint, maxName), cleanLine(s.Host, maxName)
	}
	return v, nil
}

func decodeBackPressure(data []byte) (BackPressure, error) {
	var answer struct {
		Status string `json:"status"`
		// 1.15 writes backpressure-level, 1.16 and later both.
		Level    string `json:"backpressure-level"`
		NewLevel string `json:"backpressureLevel"`
		Subtasks []struct {
			Index         int    `json:"subtask"`
			BackPressured *Float `json:"ratio"`
			Idle          *Float `json:"idleRatio"`
			Busy          *Float `json:"busyRatio"`
		} `json:"subtasks"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return BackPressure{}, err
	}
	if answer.Status == "" {
		return BackPressure{}, missing("status")
	}
	out := BackPressure{Sampled: answer.Status == "ok", Level: cleanLine(answer.Level, 40)}
	if out.Level == "" {
		out.Level = cleanLine(answer.NewLevel, 40)
	}
	out.Subtasks = make([]SubtaskBackPressure, len(answer.Subtasks))
	for i, s := range answer.Subtasks {
		if s.Index < 0 {
			return BackPressure{}, malformed("answered with subtask %d, expected 0 or more", s.Index)
		}
		out.Subtasks[i] = SubtaskBackPressure{Index: s.Index, BackPressured: share(s.BackPressured), Idle: share(s.Idle), Busy: share(s.Busy)}
	}
	return out, nil
}

// share keeps a share of time within 0 and 1.
func share(f *Float) float64 {
	if f == nil {
		return math.NaN()
	}
	v, ok := f.Value()
	if !ok || v < 0 {
		return math.NaN()
	}
	return min(v, 1)
}
