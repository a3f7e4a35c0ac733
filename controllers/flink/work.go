package flink

// Work is what Flink counted of a subtask since its attempt began, or of all subtasks of a vertex together. As with all metrics an answer holds what the
// fetch before it brought; Complete is false before the first one, and the figures are 0 then.
type Work struct {
	ReadRecords   int64 `json:"read-records"`  // 0 for sources: what they read comes over no edge
	WriteRecords  int64 `json:"write-records"` // 0 for sinks
	ReadComplete  bool  `json:"read-records-complete"`
	WriteComplete bool  `json:"write-records-complete"`
	// Busy, Idle and BackPressured are milliseconds that add up to the time since the attempt began; since 1.16. Busy is NaN for a source of the old
	// kind (measured), which does not know.
	Busy          Float `json:"accumulated-busy-time"`
	Idle          int64 `json:"accumulated-idle-time"`
	BackPressured int64 `json:"accumulated-backpressured-time"`
}
