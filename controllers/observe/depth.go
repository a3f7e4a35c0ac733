package observe

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// depthReasons are why a pass reads more than the three answers of a healthy one.
var depthReasons = []struct {
	why string
	is  func(*pass) bool
}{
	{"somebody asked for all there is", func(p *pass) bool { return p.opts.Deep }},
	{"the pass before was not healthy", func(p *pass) bool { return sick(p.memory.health) }},
	{"a checkpoint failed that was not looked at yet", (*pass).newFailure},
	{"a checkpoint is pending beyond half its timeout", func(p *pass) bool { return p.pendingLong(p.asked) != nil }},
	{"checkpoints take half the timeout or several times their past", (*pass).slowing},
	{"checkpoints start later than the interval asks", (*pass).gapsBetween},
	{"late acknowledgements may have come", func(p *pass) bool { return !p.memory.lookAgain.IsZero() && p.now.After(p.memory.lookAgain) }},
	{"the JobManager is short of memory or collects garbage", (*pass).jobManagerShort},
	{"tasks do not run", func(p *pass) bool {
		return p.snapshot.Job.TasksRunning < p.snapshot.Job.TasksTotal
	}},
	{"the REST API answers slowly", func(p *pass) bool { return p.now.Add(slowAnswers).Before(p.opts.Now()) }},
}

const (
	// slowAnswers is when the answers of a healthy pass take too long: 0.04 s is the median of a healthy JobManager, 5.2 s of a starved
	// one (1.20.5, measured).
	slowAnswers = 3 * time.Second
	// severalTimes the job's own past is a change worth looking at.
	severalTimes = 3
	// shortHeap and busyCollector are shares at which a JobManager's memory is worth looking at.
	shortHeap, busyCollector = 0.85, 0.10
)

func sick(health api.Health) bool { return health == api.HealthUnhealthy || health == api.HealthAtRisk }

// needsDepth goes through the reasons.
func (p *pass) needsDepth() bool {
	for _, reason := range depthReasons {
		if reason.is(p) {
			return true
		}
	}
	return false
}

// newFailure tells of a failed checkpoint that is newer than those looked at. At first sight all are new.
func (p *pass) newFailure() bool {
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		if c.Status == model.CheckpointFailed {
			return c.ID > p.memory.seenFailed
		}
	}
	return false
}

// pendingLong is the checkpoint that has been pending the longest, if that is half the timeout or more; nil otherwise.
func (p *pass) pendingLong(ours time.Time) *model.Checkpoint {
	timeout := p.timeout()
	for i := len(p.snapshot.Checkpoints.History) - 1; i >= 0; i-- {
		c := &p.snapshot.Checkpoints.History[i]
		if c.Status != model.CheckpointInProgress {
			continue
		}
		if p.jobManagerTime(ours).Sub(c.Trigger) >= timeout/2 {
			return c
		}
	}
	return nil
}

const (
	// youngest is the part of its timeout, and severalTimes the job's own past, that a checkpoint is pending at least before it is looked at sooner than
	// at half its timeout: one that is well is over by then. Where that past is not known it is youngestUnknown of the timeout.
	youngest, youngestUnknown = 10, 4
)

// pendingInVain tells that the newest checkpoint that ended has expired, and that the one that is pending will have when the next look comes, if that comes
// as long after this one as this one after the last: what its missing subtasks do is seen now or never.
func (p *pass) pendingInVain(ours time.Time) bool {
	if p.memory.judgedAt.IsZero() {
		return false
	}
	pending, timeout := time.Duration(0), p.timeout()
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		switch {
		case c.Savepoint:
			continue
		case c.Status == model.CheckpointInProgress:
			pending = max(pending, p.jobManagerTime(ours).Sub(c.Trigger))
			continue
		case !c.Expired():
			return false
		}
		least := timeout / youngestUnknown
		if past := p.memory.healthyDuration; past > 0 {
			least = max(timeout/youngest, severalTimes*past)
		}
		return pending >= least && pending+ours.Sub(p.memory.judgedAt) >= timeout
	}
	return false
}

func (p *pass) timeout() time.Duration {
	if timeout := p.snapshot.Settings.Timeout; timeout.Known && timeout.Value > 0 {
		return timeout.Value
	}
	return defaultTimeout
}

// slowing looks at the three newest completed checkpoints.
func (p *pass) slowing() bool {
	const least = time.Second // below, several times the past is noise
	seen := 0
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		if c.Status != model.CheckpointCompleted || c.Savepoint {
			continue
		}
		if c.Duration >= p.timeout()/2 || p.memory.healthyDuration > 0 && c.Duration >= least && c.Duration >= severalTimes*p.memory.healthyDuration {
			return true
		}
		seen++
		if seen == 3 {
			break
		}
	}
	return false
}

// gapsBetween looks for a trigger that came much later than interval and pause ask, with nothing in progress meanwhile. The largest gap
// tells: with one io thread left free short gaps and long ones alternate (1.20.5, measured).
func (p *pass) gapsBetween() bool {
	interval, pause := p.snapshot.Settings.Interval, p.snapshot.Settings.MinPause.Value
	if !interval.Known || interval.Value <= 0 {
		return false
	}
	tolerance := max(2*interval.Value, 5*time.Second)
	history := p.snapshot.Checkpoints.History
	for i := 0; i+1 < len(history); i++ {
		newer, older := &history[i], &history[i+1]
		due := dueAfter(older, interval.Value, pause)
		if older.Savepoint || newer.Savepoint || due.IsZero() {
			continue
		}
		if newer.Trigger.Sub(due) > tolerance {
			return true
		}
	}
	return false
}

// dueAfter is when the next checkpoint should be triggered; zero where the end of this one is not known.
func dueAfter(c *model.Checkpoint, interval, pause time.Duration) time.Time {
	end := c.LatestAck
	if c.Failure != nil {
		end = c.Failure.At
	}
	if end.IsZero() {
		return time.Time{}
	}
	due := c.Trigger.Add(interval)
	if earliest := end.Add(pause); earliest.After(due) {
		due = earliest
	}
	return due
}

// overdue tells that no checkpoint is in progress though the next one is due.
func (p *pass) overdue(ours time.Time) bool {
	history, interval := p.snapshot.Checkpoints.History, p.snapshot.Settings.Interval
	if len(history) == 0 || !interval.Known || interval.Value <= 0 || history[0].Status == model.CheckpointInProgress {
		return false
	}
	due := dueAfter(&history[0], interval.Value, p.snapshot.Settings.MinPause.Value)
	return !due.IsZero() && p.jobManagerTime(ours).After(due)
}

func (p *pass) jobManagerShort() bool {
	jm := &p.snapshot.JobManager
	full := jm.HeapUsed.Known && jm.HeapMax.Known && jm.HeapMax.Value > 0 && jm.HeapUsed.Value >= shortHeap*jm.HeapMax.Value
	return full || jm.GCShare.AtLeast(busyCollector) ||
		jm.CPUUsage.Known && jm.CPULimit.Known && jm.CPUUsage.Value >= shortHeap*jm.CPULimit.Value
}
