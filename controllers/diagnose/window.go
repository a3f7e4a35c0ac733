package diagnose

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// defaultTimeout is Flink's own default of execution.checkpointing.timeout, used where the value in force could not be read.
const defaultTimeout = 10 * time.Minute

// window is what the recent history says, counted once a pass. It allocates nothing.
type window struct {
	counts model.WindowCounts
	// timeout and interval are in force; interval is 0 where it is not known.
	timeout, interval, minPause time.Duration
	// guessed is true where the timeout is Flink's default for want of a better one: nothing is said of durations against it.
	guessed bool
	// failures are those of the window, expiries not included; failovers is the share of them that a restart caused.
	failures, failovers int
	// lastFailure is the newest failure that counts, nil if none.
	lastFailure *model.Checkpoint
	// pending is the oldest checkpoint in progress, nil if none; allAcked is true where all its subtasks acknowledged.
	pending *model.Checkpoint
	// beyond is the largest duration - timeout of completed checkpoints; excess the largest of expired ones.
	beyond, excess time.Duration
	// durations are of the completed checkpoints, newest first.
	durations [maxDurations]time.Duration
	measured  int
	// row are the durations of the completed checkpoints since the last failure, newest first, those that the history has lost included.
	row  [maxRow]time.Duration
	long int
	rise rise
	// strain: see strainOf.
	strain time.Duration
	// spaced is how many of the newest completed in a row, of those that began back to back only one.
	spaced  int
	spacing spacing
	// between is the longest row of completed ones between two that failed or expired; run is the row that is being counted.
	between, run int
}

// maxDurations is as many completed checkpoints as are looked at: twice what Flink keeps by default (web.checkpoints.history: 10).
const maxDurations = 20

// maxRow is as many completed checkpoints as are looked at for a rise.
const maxRow = 30

// countWindow counts the finished checkpoints of the policy's window. Savepoints are not counted: they have no interval, and one that
// fails says nothing about the periodic checkpoints.
func countWindow(s *model.Snapshot, p *model.Policy, now time.Time) window {
	timeout, guessed := timeoutOf(s)
	w := window{timeout: timeout, guessed: guessed, interval: known(s.Settings.Interval), minPause: known(s.Settings.MinPause)}
	limit := max(p.Detection.Window, 1)
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		switch {
		case c.Savepoint:
		case c.Status == model.CheckpointInProgress:
			w.counts.InProgress++
			w.pending = c // newest first: the last one seen is the oldest
		case w.counts.Window < limit && counts(c):
			w.count(c)
		}
	}
	w.closeRuns(s)
	w.fillRow(s)
	w.rise, w.strain = findRise(&w, s.Past.Health), strainOf(s, &w)
	if w.pending != nil && !w.pending.Trigger.IsZero() {
		w.counts.PendingFor = max(now.Sub(w.pending.Trigger), 0)
	}
	return w
}

// fillRow takes the durations since the last failure.
func (w *window) fillRow(s *model.Snapshot) {
	take := func(d time.Duration) {
		if d >= 0 && w.long < maxRow {
			w.row[w.long] = d
			w.long++
		}
	}
	for i := range s.Checkpoints.History {
		switch c := &s.Checkpoints.History[i]; {
		case c.Failure != nil && counts(c):
			return
		case completes(c):
			take(c.Duration)
		}
	}
	for _, d := range s.Checkpoints.Earlier {
		take(d)
	}
}

// atTimeout is " at 10m" after what expired; empty where the timeout is only guessed, as from a log that does not name it.
func (w *window) atTimeout() string {
	if w.guessed {
		return ""
	}
	return " at " + span(w.timeout)
}

// count adds a finished checkpoint, newest first. A row is unbroken as long as it is as long as the window so far.
func (w *window) count(c *model.Checkpoint) {
	first := w.counts.Window
	w.counts.Window++
	w.countRun(c)
	switch {
	case c.Status == model.CheckpointCompleted:
		w.spaced += count(w.counts.ConsecutiveCompleted == first && w.spacing.takes(c, w.interval))
		w.counts.ConsecutiveCompleted += count(w.counts.ConsecutiveCompleted == first)
		w.addCompleted(c)
	case c.Expired():
		w.counts.ConsecutiveExpired += count(w.counts.ConsecutiveExpired == first)
		w.counts.Expired++
		w.excess = max(w.excess, c.Duration-w.timeout)
	default:
		w.counts.Failed++
		w.failures++
		w.failovers += count(c.Failure != nil && c.Failure.Kind == model.FailureFailover)
	}
	if c.Failure != nil && w.lastFailure == nil {
		w.lastFailure = c
	}
}

// countRun measures the rows between two failures.
func (w *window) countRun(c *model.Checkpoint) {
	if c.Status == model.CheckpointCompleted {
		w.run++
		return
	}
	if w.lastFailure != nil {
		w.between = max(w.between, w.run)
	}
	w.run = 0
}

// closeRuns ends the row that the history cuts off where the checkpoint before it restarted the job: that failure has left the history, and its exception tells.
func (w *window) closeRuns(s *model.Snapshot) {
	if w.lastFailure == nil || w.run == 0 || len(s.Checkpoints.History) == 0 {
		return
	}
	oldest := s.Checkpoints.History[len(s.Checkpoints.History)-1].Trigger
	for i := range s.Exceptions {
		if e := &s.Exceptions[i]; isIntolerance(e) && e.At.Before(oldest) && oldest.Sub(e.At) <= w.timeout+2*w.interval {
			w.between = max(w.between, w.run)
		}
	}
}

// spacing leaves out checkpoints that began within half an interval of the one counted before: triggers that had queued up behind a long one drain back to
// back, and tell once. The zero value has counted none.
type spacing struct{ last time.Time }

// takes tells whether a checkpoint counts, the newest asked first.
func (s *spacing) takes(c *model.Checkpoint, interval time.Duration) bool {
	if !s.last.IsZero() && !c.Trigger.IsZero() && 2*s.last.Sub(c.Trigger) < interval {
		return false
	}
	s.last = c.Trigger
	return true
}

func (w *window) addCompleted(c *model.Checkpoint) {
	w.counts.Completed++
	if !w.guessed {
		w.beyond = max(w.beyond, c.Duration-w.timeout)
	}
	if c.Duration >= 0 && w.measured < maxDurations {
		w.durations[w.measured] = c.Duration
		w.measured++
	}
}

// harmless are failures that say nothing about the job: another checkpoint took over, or the job was ending
// (CheckpointFailureReason, Flink 1.15 to 2.3).
var harmless = []string{
	"has been subsumed",
	"barrier from newer checkpoint",
	"is shut down",
	"coordinator shutdown",
	"tasks not ready",
	"task is closing",
	"input stream is finished",
	"Not all required tasks are currently running",
	"minimum time between checkpoints",
	"maximum number of queued checkpoint requests",
}

// counts tells whether a finished checkpoint is evidence of health or illness.
func counts(c *model.Checkpoint) bool {
	if c.Status == model.CheckpointCompleted || c.Failure == nil {
		return c.Status == model.CheckpointCompleted
	}
	if c.Failure.Kind == model.FailureExpired {
		return true
	}
	for _, text := range harmless {
		if strings.Contains(c.Failure.Message, text) {
			return false
		}
	}
	return true
}

// timeoutOf is the timeout in force: as read, else what the shortest expired checkpoint lasted (an expiry lasts the timeout or longer),
// else Flink's default, which is a guess.
func timeoutOf(s *model.Snapshot) (timeout time.Duration, guessed bool) {
	if s.Settings.Timeout.Known && s.Settings.Timeout.Value > 0 {
		return s.Settings.Timeout.Value, false
	}
	shortest := time.Duration(0)
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if c.Expired() && c.Duration > 0 && (shortest == 0 || c.Duration < shortest) {
			shortest = c.Duration
		}
	}
	if shortest > 0 {
		return shortest, false
	}
	return defaultTimeout, true
}

func known(s model.Setting[time.Duration]) time.Duration {
	if !s.Known || s.Value < 0 {
		return 0
	}
	return s.Value
}

// recent returns the durations of up to n of the newest completed checkpoints.
func (w *window) recent(n int) []time.Duration { return w.durations[:min(n, w.measured)] }

// near is how many of the completed checkpoints took half the timeout or more.
func (w *window) near() int {
	n := 0
	for _, d := range w.recent(maxDurations) {
		n += count(2*d >= w.timeout && !w.guessed)
	}
	return n
}

// withPending are recent, and before them how long a checkpoint has been pending, where that is as long as the newest completed one took: it will take
// no less.
func (w *window) withPending(n int) []time.Duration {
	recent := w.recent(n)
	if len(recent) == 0 || w.counts.PendingFor < recent[0] {
		return recent
	}
	return append([]time.Duration{w.counts.PendingFor}, recent[:min(len(recent), n-1)]...)
}

// median is the middle value of up to maxDurations durations, the upper one of two; 0 for none. It does not touch its argument.
func median(values []time.Duration) time.Duration {
	return quantile(values, 0.5)
}

// quantile is the nearest-rank quantile of up to maxDurations values; 0 for none.
func quantile(values []time.Duration, q float64) time.Duration {
	n := min(len(values), maxDurations)
	if n == 0 {
		return 0
	}
	var sorted [maxDurations]time.Duration
	copy(sorted[:n], values[:n])
	for i := 1; i < n; i++ { // insertion sort: at most 20 values, no allocation
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[min(int(q*float64(n)), n-1)]
}
