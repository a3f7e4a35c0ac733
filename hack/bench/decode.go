package main

import "strings"

// The plainest types for the three answers of a healthy poll: the fields that a poll uses, and encoding/json as it is.

type bareJobs struct {
	Jobs []struct {
		ID        string         `json:"jid"`
		Name      string         `json:"name"`
		State     string         `json:"state"`
		StartTime int64          `json:"start-time"`
		EndTime   int64          `json:"end-time"`
		Duration  int64          `json:"duration"`
		Modified  int64          `json:"last-modification"`
		Tasks     map[string]int `json:"tasks"`
	} `json:"jobs"`
}

type bareCheckpoints struct {
	Counts  map[string]int64        `json:"counts"`
	Summary map[string]bareQuantile `json:"summary"`
	Latest  struct {
		Completed *bareCheckpoint `json:"completed"`
		Savepoint *bareCheckpoint `json:"savepoint"`
		Failed    *bareCheckpoint `json:"failed"`
		Restored  *struct {
			ID        int64  `json:"id"`
			At        int64  `json:"restore_timestamp"`
			Savepoint bool   `json:"is_savepoint"`
			Path      string `json:"external_path"`
		} `json:"restored"`
	} `json:"latest"`
	History []bareCheckpoint `json:"history"`
}

type bareQuantile struct {
	Min, Max, Avg int64
	P50, P95, P99 any
}

type bareCheckpoint struct {
	ID           int64  `json:"id"`
	Status       string `json:"status"`
	Savepoint    bool   `json:"is_savepoint"`
	Type         string `json:"checkpoint_type"`
	Trigger      int64  `json:"trigger_timestamp"`
	LatestAck    int64  `json:"latest_ack_timestamp"`
	Duration     int64  `json:"end_to_end_duration"`
	Checkpointed int64  `json:"checkpointed_size"`
	State        int64  `json:"state_size"`
	Subtasks     int    `json:"num_subtasks"`
	Acknowledged int    `json:"num_acknowledged_subtasks"`
	Path         string `json:"external_path"`
	FailedAt     int64  `json:"failure_timestamp"`
	Message      string `json:"failure_message"`
}

type bareMetrics []struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// bareTarget is what the answer of a path decodes into.
func bareTarget(path string) any {
	switch {
	case strings.HasPrefix(path, "/jobs/overview"):
		return &bareJobs{}
	case strings.Contains(path, "/checkpoints"):
		return &bareCheckpoints{}
	case strings.Contains(path, "/metrics"):
		return &bareMetrics{}
	}
	return &map[string]any{}
}
