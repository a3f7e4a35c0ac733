package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// maxProfile is how many checkpoints are looked at subtask by subtask, fewer where they are wide: 60,000 subtasks take about 12 ms, and two
// checkpoints of 25,000 tell as much as six.
const (
	maxProfile = 6
	maxEntries = 60000
)

// profiled is one checkpoint that shows the illness: expired, completed but slow, or pending for long.
type profiled struct {
	c *model.Checkpoint
	// before is the checkpoint triggered before it, nil if the history does not hold it.
	before *model.Checkpoint
	// ref is what phases are shares of: the timeout, or the checkpoint's own duration where that is less.
	ref time.Duration
	// by vertex, in the order of c.Tasks.
	tasks []taskProfile
	// All reported subtasks together: first and last acknowledgement, least and largest start delay.
	firstAck, lastAck  time.Time
	minStart, maxStart time.Duration
	maxEndToEnd        time.Duration
	reported, total    int
}

// taskProfile is what one vertex did in one checkpoint. Counts are of subtasks that take part: finished ones do not.
type taskProfile struct {
	vertex int
	total  int
	// inTime acknowledged before the end; late after it, in full; partial reported without finishing; never did not report at all.
	inTime, late, partial, never int
	// big counts the subtasks for which a phase was large, unfinished those for which it never ended; most is the largest value.
	big, unfinished [phases]int
	most            [phases]time.Duration
	// uploading counts the subtasks whose asynchronous part is large and no other phase of their own is longer. One whose barriers took longer to come
	// is no matter of the storage, though its upload is slow as well.
	uploading int
}

func (t *taskProfile) reported() int { return t.inTime + t.late + t.partial }
func (t *taskProfile) missing() int  { return t.late + t.partial + t.never }

// chooseProfile picks the checkpoints with details that show the illness, newest first. Where there are more than can be looked at, the oldest
// stays in: it is the first expiry, behind which nothing was queued yet.
func chooseProfile(f *features) []profiled {
	var found []*model.Checkpoint
	for _, c := range presentOnes(f) {
		if len(c.Tasks) > 0 && illness(f, c) > 0 {
			found = append(found, c)
		}
	}
	most := maxProfile
	if len(found) > 0 {
		most = min(max(maxEntries/max(found[0].Subtasks, 1), 2), maxProfile)
	}
	if len(found) > most {
		found = append(found[:most-1], found[len(found)-1])
	}
	chosen := make([]profiled, 0, len(found))
	for _, c := range found {
		p := profileOf(c, illness(f, c))
		p.before = predecessor(f.s, c)
		chosen = append(chosen, p)
	}
	return chosen
}

// illness returns what a checkpoint's phases are shares of, 0 where it does not show the illness: expired ones do, completed ones that
// took half the timeout or several times the job's own past that are the end of a rise or that a JobManager without CPU slows down, and one that has been pending for half the timeout.
func illness(f *features, c *model.Checkpoint) time.Duration {
	switch {
	case f.w.guessed:
		return 0
	case c.Expired():
		return f.w.timeout
	case c.Status == model.CheckpointCompleted:
		if slowOne(f, c.Duration) {
			return min(c.Duration, f.w.timeout)
		}
	case c.Status == model.CheckpointInProgress:
		if age := f.now.Sub(c.Trigger); !c.Trigger.IsZero() && (2*age >= f.w.timeout || f.hang > 0 && age >= f.hang) {
			return min(age, f.w.timeout)
		}
	}
	return 0
}

// slowOne tells whether a completed checkpoint took long enough to show the illness.
func slowOne(f *features, took time.Duration) bool {
	past := pastDuration(f.s)
	return 2*took >= f.w.timeout || past > 0 && took >= severalTimes*past && timeoutMargin*took >= f.w.timeout ||
		f.w.rise.shows(took) || f.w.strain > 0 && took >= f.w.strain
}

func profileOf(c *model.Checkpoint, ref time.Duration) profiled {
	p := profiled{c: c, ref: ref, minStart: -1, tasks: make([]taskProfile, 0, len(c.Tasks))}
	threshold := share(ref, large)
	for i := range c.Tasks {
		t := &c.Tasks[i]
		profile := taskProfile{vertex: t.Vertex}
		if t.Entries == nil { // only the vertex's counts were read
			profile.total, profile.inTime, profile.never = t.Subtasks, t.Acknowledged, max(t.Subtasks-t.Acknowledged, 0)
		}
		for j := range t.Entries {
			e := &t.Entries[j]
			if e.Finished {
				continue
			}
			profile.add(e, threshold)
			p.add(e)
		}
		p.total += profile.total
		p.tasks = append(p.tasks, profile)
	}
	return p
}

func (t *taskProfile) add(e *model.SubtaskLedger, threshold time.Duration) {
	t.total++
	switch {
	case !e.Reported:
		t.never++
		return
	case e.Late:
		t.late++
	case e.Aborted:
		t.partial++
	default:
		t.inTime++
	}
	if i := phaseIndex(e.Unfinished); i >= 0 {
		t.unfinished[i]++
	}
	t.uploading += count(e.Async >= threshold && e.Async >= max(e.Alignment, e.Sync, e.Residual))
	for i, d := range phaseDurations(e) {
		if d >= threshold {
			t.big[i]++
		}
		t.most[i] = max(t.most[i], d)
	}
}

func (p *profiled) add(e *model.SubtaskLedger) {
	if !e.Reported {
		return
	}
	p.reported++
	p.maxEndToEnd = max(p.maxEndToEnd, e.EndToEnd)
	if !e.Ack.IsZero() {
		if p.firstAck.IsZero() || e.Ack.Before(p.firstAck) {
			p.firstAck = e.Ack
		}
		if e.Ack.After(p.lastAck) {
			p.lastAck = e.Ack
		}
	}
	if e.StartDelay >= 0 {
		if p.minStart < 0 || e.StartDelay < p.minStart {
			p.minStart = e.StartDelay
		}
		p.maxStart = max(p.maxStart, e.StartDelay)
	}
}

// equalStart tells whether all subtasks, sources too, began equally late: the trigger itself waited. Equal is within a tenth.
func (p *profiled) equalStart() bool {
	return p.reported > 1 && p.reported == p.total && p.minStart >= share(p.ref, large) && p.maxStart-p.minStart <= p.maxStart/10
}

// burst tells whether all acknowledgements were processed in one moment at the end, as they are when the pool that processes them was
// blocked: within 2 % of the time it took (50 ms of 15 s measured; 1.3 to 2.7 s of 6 s with a starved CPU).
func (p *profiled) burst() bool {
	if p.reported < 2 || p.reported != p.total || 2*p.maxEndToEnd < p.ref {
		return false
	}
	return p.lastAck.Sub(p.firstAck) <= share(p.maxEndToEnd, 0.02)
}

// vertexSum adds up a vertex over the profile.
type vertexSum struct{ taskProfile }

// ledger is what the profile adds up to.
type ledger struct {
	// known is false where no details were read.
	known    bool
	vertices []vertexSum
	all      taskProfile
	// equalStart and bursts count checkpoints; startDelay is the largest equal one.
	equalStart, bursts int
	startDelay         time.Duration
	// allAcked counts checkpoints that are in progress although every subtask acknowledged.
	allAcked int
	// noAcks is true where nothing acknowledged anywhere, not even late, in all profiled checkpoints (two at least).
	noAcks bool
}

// addUp adds up the profile by vertex.
func addUp(f *features) ledger {
	l := ledger{known: len(f.profile) > 0, vertices: make([]vertexSum, len(f.s.Vertices)), noAcks: len(f.profile) > 1}
	for v := range l.vertices {
		l.vertices[v].vertex = v
	}
	for i := range f.profile {
		l.add(&f.profile[i])
	}
	if c := f.w.pending; c != nil && c.Subtasks > 0 && c.Acknowledged >= c.Subtasks {
		l.allAcked++
	}
	return l
}

func (l *ledger) add(p *profiled) {
	l.noAcks = l.noAcks && p.reported == 0 && p.c.Acknowledged == 0
	if p.equalStart() {
		l.equalStart++
		l.startDelay = max(l.startDelay, p.maxStart)
	}
	l.bursts += count(p.burst())
	for j := range p.tasks {
		t := &p.tasks[j]
		l.all.merge(t)
		if t.vertex >= 0 && t.vertex < len(l.vertices) {
			l.vertices[t.vertex].merge(t)
		}
	}
}

func (t *taskProfile) merge(other *taskProfile) {
	t.total += other.total
	t.inTime += other.inTime
	t.late += other.late
	t.partial += other.partial
	t.never += other.never
	t.uploading += other.uploading
	for i := range t.big {
		t.big[i] += other.big[i]
		t.unfinished[i] += other.unfinished[i]
		t.most[i] = max(t.most[i], other.most[i])
	}
}

// mostly tells whether a phase was large, or never ended, for at least half of the subtasks that reported.
func (t *taskProfile) mostly(phase int) bool {
	n := t.big[phase] + t.unfinished[phase]
	return n > 0 && 2*n >= t.reported()
}

// sometimes tells whether a phase was large, or never ended, for any subtask.
func (t *taskProfile) sometimes(phase int) bool { return t.big[phase]+t.unfinished[phase] > 0 }

// byKind counts vertices by their place in the graph. chained ones are source and sink at once: one chain, or a graph of one vertex.
type byKind struct{ sources, inner, sinks, chained int }

func (k byKind) all() int { return k.sources + k.inner + k.sinks + k.chained }

// where counts the vertices for which a phase is mostly large, by kind.
func (f *features) where(phase int) byKind {
	k := byKind{}
	for v := range f.ledger.vertices {
		if !f.ledger.vertices[v].mostly(phase) {
			continue
		}
		switch role := f.role(v); {
		case role == model.RoleSource && f.leaf(v):
			k.chained++
		case role == model.RoleSource:
			k.sources++
		case role == model.RoleSink:
			k.sinks++
		default:
			k.inner++
		}
	}
	return k
}
