package diagnose

import (
	"checkpointhealth.dev/operator/controllers/model"
)

// missingSet says which subtasks did not acknowledge in time, over the expired checkpoints whose details were read.
type missingSet struct {
	// expired is how many such checkpoints there are; settled how many of them expired a timeout or longer ago and did not restart the job, so
	// that a late acknowledgement would have come.
	expired, settled int
	// always did not acknowledge in time in any of them; ever did not in at least one. subtasks is all of them.
	always, ever, subtasks int
	// silent never reported in any of them, not even late; lateSeen is true where any subtask ever reported late and in full.
	silent   int
	lateSeen bool
	// grows is true where a subtask that did not report in one of them did in none after: their number grows, as with state that does. growing counts
	// those of the newest.
	grows   bool
	growing int
	// now are the subtasks that are missing in the newest checkpoint that shows the illness: of the pending one, else of the
	// newest expired one. Keys are packed by subtaskKey.
	now map[uint64]bool
	// nowByVertex counts them; passed marks vertices of which some subtasks are missing although the barrier went past them: a vertex
	// behind them has acknowledged. roots marks missing vertices with nothing missing before them.
	nowByVertex []int
	passed      []bool
	roots       []bool
}

func subtaskKey(vertex, subtask int) uint64 {
	return uint64(uint32(vertex))<<32 | uint64(uint32(subtask))
}

// subtaskOf takes a key of subtaskKey apart.
func subtaskOf(key uint64) (vertex, subtask int) { return int(uint32(key >> 32)), int(uint32(key)) }

func findMissing(f *features) missingSet {
	m := missingSet{
		nowByVertex: make([]int, len(f.s.Vertices)), passed: make([]bool, len(f.s.Vertices)), roots: make([]bool, len(f.s.Vertices)),
	}
	m.collectAlways(f)
	for i := range f.profile { // newest first
		if c := f.profile[i].c; c.Expired() || c.Status == model.CheckpointInProgress {
			m.collectNow(c)
			break
		}
	}
	m.place(f)
	return m
}

// collectAlways intersects the missing subtasks of all expired checkpoints with details.
func (m *missingSet) collectAlways(f *features) {
	var always, silent, ever [][]bool
	var later []map[uint64]bool // who did not report, newest first
	for _, c := range f.expiredOnes() {
		m.expired++
		m.settled += count(f.now.Sub(c.Failure.At) >= f.w.timeout && !cutShort(f.s, c))
		if always == nil {
			always, silent, ever = flags(f, true), flags(f, true), flags(f, false)
		}
		m.mark(c, always, silent, ever)
		later = append(later, neverReported(c))
	}
	if m.expired == 0 {
		return
	}
	m.grows, m.growing = nested(later), len(later[0])
	for v := range always {
		for i := range always[v] {
			m.subtasks++
			m.always += count(always[v][i] && ever[v][i])
			m.silent += count(silent[v][i] && ever[v][i])
			m.ever += count(ever[v][i])
		}
	}
}

// expiredOnes are the expired checkpoints of the present trouble with details, newest first. Where each expiry restarts the job its state is small again
// and some complete quickly: what is before them in the history is no other trouble.
func (f *features) expiredOnes() (found []*model.Checkpoint) {
	for i := range f.profile {
		if c := f.profile[i].c; c.Expired() && hasEntries(c) {
			found = append(found, c)
		}
	}
	if !f.cut || len(found) == 0 {
		return found
	}
	oldest := found[len(found)-1].ID
	for i := range f.s.Checkpoints.History {
		if c := &f.s.Checkpoints.History[i]; c.ID < oldest && c.Expired() && !c.Savepoint && hasEntries(c) {
			found = append(found, c)
		}
	}
	return found[:min(len(found), maxProfile)]
}

func (m *missingSet) mark(c *model.Checkpoint, always, silent, ever [][]bool) {
	for j := range c.Tasks {
		t := &c.Tasks[j]
		if t.Vertex < 0 || t.Vertex >= len(always) {
			continue
		}
		v := t.Vertex
		for k := range t.Entries[:min(len(t.Entries), len(always[v]))] {
			e := &t.Entries[k]
			m.lateSeen = m.lateSeen || e.Late
			absent := unacknowledged(e)
			always[v][k] = always[v][k] && absent
			ever[v][k] = ever[v][k] || absent
			silent[v][k] = silent[v][k] && absent && !e.Reported
		}
	}
}

// neverReported are the subtasks that did not report in a checkpoint.
func neverReported(c *model.Checkpoint) map[uint64]bool {
	never := map[uint64]bool{}
	for j := range c.Tasks {
		for k := range c.Tasks[j].Entries {
			if e := &c.Tasks[j].Entries[k]; unacknowledged(e) && !e.Reported {
				never[subtaskKey(c.Tasks[j].Vertex, e.Index)] = true
			}
		}
	}
	return never
}

// nested tells whether each of some sets, the newest first, holds the one before it in time.
func nested(sets []map[uint64]bool) bool {
	for i := 1; i < len(sets); i++ {
		for key := range sets[i] {
			if !sets[i-1][key] {
				return false
			}
		}
	}
	return true
}

// unacknowledged tells a subtask that takes part and did not acknowledge in time.
func unacknowledged(e *model.SubtaskLedger) bool { return !e.Finished && (!e.Reported || e.Aborted) }

func hasEntries(c *model.Checkpoint) bool {
	for i := range c.Tasks {
		if c.Tasks[i].Entries != nil {
			return true
		}
	}
	return false
}

func flags(f *features, value bool) [][]bool {
	total := 0
	for v := range f.s.Vertices {
		total += max(f.s.Vertices[v].Parallelism, 0)
	}
	all := make([]bool, total)
	if value {
		for i := range all {
			all[i] = true
		}
	}
	rows := make([][]bool, len(f.s.Vertices))
	for v := range rows {
		n := max(f.s.Vertices[v].Parallelism, 0)
		rows[v], all = all[:n:n], all[n:]
	}
	return rows
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *missingSet) collectNow(c *model.Checkpoint) {
	m.now = make(map[uint64]bool, max(c.Subtasks-c.Acknowledged, 0))
	for j := range c.Tasks {
		t := &c.Tasks[j]
		if t.Vertex < 0 || t.Vertex >= len(m.nowByVertex) {
			continue
		}
		if t.Entries == nil {
			m.nowByVertex[t.Vertex] += max(t.Subtasks-t.Acknowledged, 0)
			continue
		}
		for k := range t.Entries {
			e := &t.Entries[k]
			if unacknowledged(e) {
				m.now[subtaskKey(t.Vertex, e.Index)] = true
				m.nowByVertex[t.Vertex]++
			}
		}
	}
}

// place tells for each vertex with missing subtasks whether the barrier went past it, and whether it is the first on its way. A barrier is
// sent on before the synchronous part begins (SubtaskCheckpointCoordinatorImpl.checkpointState), so that a vertex behind which others
// acknowledged waits neither for input nor in a flush: it is in its snapshot, or its acknowledgement was lost.
func (m *missingSet) place(f *features) {
	for v := range f.ledger.vertices {
		sum := &f.ledger.vertices[v]
		if sum.missing() == 0 {
			continue
		}
		f.children(v, func(child int) {
			c := &f.ledger.vertices[child]
			if 2*c.inTime >= c.total && c.total > 0 {
				m.passed[v] = true
			}
		})
		root := true
		for _, input := range f.s.Vertices[v].Inputs {
			if input >= 0 && input < len(f.ledger.vertices) && f.ledger.vertices[input].missing() > 0 {
				root = false
			}
		}
		m.roots[v] = root
	}
}

// neverLate tells whether the same subtasks stay missing and no late acknowledgement ever comes: then no timeout would suffice. It
// takes two expiries that had a whole timeout's time to be reported late. Up to 1.17 an upload is cancelled at the expiry and cannot come
// late: a subtask that reported without finishing is not silent, so it does not count here.
func (m *missingSet) neverLate() bool { return m.settled >= 2 && m.silent > 0 && !m.lateSeen }
