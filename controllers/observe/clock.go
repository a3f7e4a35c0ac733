package observe

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// jobManagerClock is what is known of the JobManager's clock.
type jobManagerClock struct {
	// ahead is the JobManager's clock less ours.
	ahead time.Duration
	// readAt is when it was last asked for, on our clock; zero where it was never told.
	readAt time.Time
}

const (
	// clockAge is how long a measurement is trusted: clocks are set right while we run. While a job is sick it is measured in every pass, for then
	// a verdict may rest on it. One more small answer in ten minutes is one among sixty at a poll of 30 s.
	clockAge = 10 * time.Minute
	// clocksAgree is how far two clocks may be apart and be called the same: a few seconds, less than any timeout in use, and more than what an
	// answer of a JobManager or the trigger of a checkpoint takes on its way.
	clocksAgree = 3 * time.Second
)

// measure compares the clock of an answer with ours. It was read while the answer was on its way, so that a slow one tells little: what was
// known before stays as long as it is possible, and at first the clocks are taken to agree.
func (c *jobManagerClock) measure(job *flink.Job, now time.Time) {
	if job.Now <= 0 || job.At.IsZero() {
		return
	}
	c.readAt = now
	least := moment(job.Now).Sub(job.At)
	most := least + max(job.Took, 0)
	if c.ahead < least || c.ahead > most {
		c.ahead = least + (most-least)/2
	}
}

// clockIsOld tells that the JobManager's clock is worth another look. Of a recording nothing new comes of it.
func (p *pass) clockIsOld() bool {
	read := p.memory.clock.readAt
	return !p.opts.Replayed && !read.IsZero() && (p.memory.Sick() || p.now.Sub(read).Abs() >= clockAge)
}

// readClock measures the JobManager's clock. Where no answer comes what was known stays, and it is asked again when that is due.
func (p *pass) readClock() {
	p.memory.clock.readAt = p.now
	if job, err := p.client.Job(p.ctx, p.overview.ID); err == nil {
		p.memory.clock.measure(&job, p.now)
		p.job = &job
	}
}

// useClock puts the JobManager's clock into the snapshot. What it wrote into the history is no later than its clock: that tells as well, where
// nothing else does or the clock was set since.
func (p *pass) useClock() {
	clock := &p.memory.clock
	if newest := newestTime(&p.snapshot.Checkpoints); newest.After(p.jobManagerTime(p.asked).Add(clocksAgree)) {
		clock.ahead, clock.readAt = newest.Sub(p.asked), p.now
	}
	if clock.readAt.IsZero() {
		return
	}
	p.snapshot.JobManagerNow = p.jobManagerTime(p.now)
	if clock.ahead.Abs() > clocksAgree {
		p.gapText(model.GapClocks, "clock of the JobManager", apart(clock.ahead, "ours")+"; how old its checkpoints are is reckoned by its own")
	}
}

// newestTime is the newest time in the history.
func newestTime(ledger *model.CheckpointLedger) time.Time {
	var newest time.Time
	for i := range ledger.History {
		c := &ledger.History[i]
		newest = later(later(newest, c.Trigger), c.LatestAck)
		if c.Failure != nil {
			newest = later(newest, c.Failure.At)
		}
	}
	return newest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// apart says by how much a clock is ahead of another or behind it, in whole seconds: measured again it is the same.
func apart(ahead time.Duration, other string) string {
	if ahead < 0 {
		return "it is " + (-ahead).Round(time.Second).String() + " behind " + other
	}
	return "it is " + ahead.Round(time.Second).String() + " ahead of " + other
}

// jobManagerTime is the JobManager's clock at a moment of ours, as well as we know it.
func (p *pass) jobManagerTime(ours time.Time) time.Time { return ours.Add(p.memory.clock.ahead) }

// barriers are what the subtasks of one TaskManager say of its clock in one checkpoint: only the start delay compares it with the JobManager's.
type barriers struct {
	// seen are subtasks that reported all their phases; early those whose phases end after their acknowledgement came, late those that begin
	// at once although the same vertex begins later everywhere else.
	seen, early, late int
	// least is the smallest excess of the early ones.
	least time.Duration
}

// compareClocks names the TaskManagers whose clock is not the JobManager's: start and residual of their subtasks are not what they seem.
func (p *pass) compareClocks() {
	found := map[string]string{}
	for i := range p.snapshot.Checkpoints.History {
		for id, b := range p.barriersOf(p.snapshot.Checkpoints.History[i].Tasks) {
			switch {
			case b.seen < 2: // one subtask is no pattern
			case b.early == b.seen:
				found[id] = "all its subtasks began to acknowledge after their acknowledgement came: it is at least " + b.least.Round(time.Second).String() +
					" ahead of the JobManager's; their start is shorter and what follows their phases longer than shown"
			case b.late == b.seen:
				found[id] = "all its subtasks saw the barrier at once, and those elsewhere did not: it seems behind the JobManager's; their start is longer than shown"
			}
		}
	}
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, strings.Compare)
	for _, id := range ids {
		p.gapText(model.GapClocks, "clock of TaskManager "+id, found[id])
	}
}

// barriersOf sorts the subtasks of a checkpoint by their TaskManager; nil where none was read, as of a healthy job.
func (p *pass) barriersOf(tasks []model.TaskLedger) map[string]*barriers {
	if len(tasks) == 0 {
		return nil
	}
	all := map[string]*barriers{}
	for i := range tasks {
		t := &tasks[i]
		if t.Vertex < 0 || t.Vertex >= len(p.snapshot.Vertices) {
			continue
		}
		placement := p.snapshot.Vertices[t.Vertex].Placement
		for j := range min(len(t.Entries), len(placement)) {
			id, e := placement[j], &t.Entries[j]
			if id == "" || !measured(e) {
				continue
			}
			if all[id] == nil {
				all[id] = &barriers{}
			}
			all[id].add(e, e.StartDelay == 0 && laterElsewhere(t, placement, id))
		}
	}
	return all
}

// measured tells that all phases of a subtask ended and were reported.
func measured(e *model.SubtaskLedger) bool {
	return e.Reported && !e.Aborted && !e.Finished && e.Unfinished == model.PhaseNone && e.EndToEnd >= 0
}

func (b *barriers) add(e *model.SubtaskLedger, late bool) {
	b.seen++
	if late {
		b.late++
	}
	if excess := -rest(e); excess > clocksAgree {
		if b.early == 0 || excess < b.least {
			b.least = excess
		}
		b.early++
	}
}

// laterElsewhere tells whether all subtasks of a vertex on other TaskManagers, and one at least, saw the barrier late.
func laterElsewhere(t *model.TaskLedger, placement []string, id string) bool {
	others := 0
	for i := range t.Entries {
		if e := &t.Entries[i]; i < len(placement) && placement[i] != id && e.Reported {
			if e.StartDelay <= clocksAgree {
				return false
			}
			others++
		}
	}
	return others > 0
}
