package model

import "time"

// JobManagerOutOfMemory tells whether the JobManager's own log says that it ran out of memory and no checkpoint has completed since, and when it said
// so last; the time is zero where the log has none.
func (s *Snapshot) JobManagerOutOfMemory() (at time.Time, holds bool) {
	for i := range s.Logs {
		if l := &s.Logs[i]; l.Kind == LogOutOfMemory && l.Process == JobManagerProcess && l.Count > 0 {
			holds = true
			if l.Last.After(at) {
				at = l.Last
			}
		}
	}
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if holds && !at.IsZero() && c.Status == CheckpointCompleted && c.Trigger.Add(max(c.Duration, 0)).After(at) {
			return time.Time{}, false
		}
	}
	return at, holds
}
