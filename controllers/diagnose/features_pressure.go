package diagnose

import (
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// pressure says who is back-pressured and who is busy.
type pressure struct {
	known bool
	// by vertex
	vertices []vertexPressure
	// upstream is a back-pressured vertex whose consumers are not, -1 if none: the congestion is just behind it.
	upstream int
	// busy is the vertex behind it with busy subtasks, -1 where nobody there is busy; busiest is the busiest vertex of all, -1 if none
	// reaches busyRatio.
	busy, busiest int
	// low is true where those upstream are back-pressured for a part of the time only, behind which most subtasks have no time left.
	low bool
	// queued is true where nobody is back-pressured and barriers wait all the same: what is before the busy ones fits their buffers.
	queued bool
	// anyPressure is the largest back-pressured ratio of any subtask, anyBusy the largest busy one.
	anyPressure, anyBusy float64
}

// vertexPressure counts the n subtasks that were read of a vertex: back-pressured above highPressure, and busy from busyRatio on.
type vertexPressure struct {
	pressured, busy, n int
	full               int
	// worked is how many were busy for half of the time at least.
	worked               int
	maxPressure, maxBusy float64
	// presses is the largest back-pressured ratio by Flink's means alone, waits the smallest part of the time that a subtask waits for input by them, and
	// works the sum of what is left to all of them: the three are of the same minute.
	presses, waits, works float64
}

// Flink calls a subtask's back pressure high above a ratio of 0.5 (JobVertexBackPressureHandler). Busy is 0.8 and above: every operator
// that held up the others in the recordings was at 0.99 to 1.0, or at 0.81 to 0.94 in the first minute after a restart, for Flink takes the mean over
// a minute; with nobody at fault the busiest was at 0.1.
const (
	highPressure = 0.5
	lowPressure  = 0.1 // from which on Flink calls it low, and no longer OK
	busyRatio    = 0.8
	idleRatio    = 0.5
	// betweenReadings is how far two of Flink's means of the same minute may differ for being read at different times: metrics are fetched every 10 s
	// (metrics.fetcher.update-interval), a sixth of the 60 s of a mean.
	betweenReadings = 10.0 / 60
)

func readPressure(f *features) pressure {
	p := pressure{vertices: make([]vertexPressure, len(f.s.Vertices)), upstream: -1, busy: -1, busiest: -1}
	for v := range f.s.Vertices {
		p.readVertex(f, v)
	}
	for v := range p.vertices {
		if p.vertices[v].busy > 0 && (p.busiest < 0 || p.vertices[v].maxBusy > p.vertices[p.busiest].maxBusy) {
			p.busiest = v
		}
	}
	for v := range p.vertices {
		if p.vertices[v].pressured > 0 {
			p.lookBehind(f, v)
		}
	}
	p.lookCloser(f)
	return p
}

// lookCloser looks for an operator at its limit that holds up the others for a part of their time, or not at all.
func (p *pressure) lookCloser(f *features) {
	for v := range p.vertices {
		if p.busy < 0 && p.vertices[v].maxPressure >= lowPressure {
			p.lookForFull(f, v)
		}
	}
	for v := range p.vertices {
		if p.busy < 0 {
			p.lookForQueue(f, v)
		}
	}
}

// lookForQueue takes a vertex that has no time left, of a flow of records each of which takes its time, and to which barriers come late that those before sent
// in time. Nobody need be back-pressured: of small records as many as the barrier waits behind fit the buffers of those that receive them.
func (p *pressure) lookForQueue(f *features, v int) {
	c := &p.vertices[v]
	if f.role(v) == model.RoleSource || c.n == 0 || 2*c.full <= c.n || len(f.s.Vertices[v].Inputs) == 0 || f.shortManager() != nil || !f.barriersQueue(v) {
		return
	}
	many := 0
	for i := range f.s.Vertices[v].Pressure {
		many += count(f.flows(v, i))
	}
	if 2*many > c.n {
		p.upstream, p.busy, p.low, p.queued = f.s.Vertices[v].Inputs[0], v, true, true
	}
}

// flows tells whether many records passed a subtask that had work all the time: lately, or in the first pass of a spell just before it, for what made the
// checkpoint late that began it was there by then.
func (f *features) flows(v, i int) bool {
	if i >= len(f.s.Vertices[v].Work) {
		return false
	}
	w := &f.s.Vertices[v].Work[i]
	if !w.Lately.Known() && w.Before.Known() {
		before := f.judgeOwn(v, w, &w.Before)
		return before.many
	}
	lately, ok := f.ownPace(v, i)
	return ok && lately.many
}

// lookForFull takes a vertex that is back-pressured a little for the one before the congestion where a consumer of it has no time left at all: whoever takes
// seven of ten records that come holds up the one before it for three tenths of its time, and the buffers between are as full as if it took none.
func (p *pressure) lookForFull(f *features, v int) {
	f.children(v, func(child int) {
		if c := &p.vertices[child]; c.n > 0 && 2*c.full > c.n && p.vertices[v].maxPressure > c.maxPressure {
			p.upstream, p.busy, p.low = v, child, true
		}
	})
}

// lookBehind takes a back-pressured vertex for the one before the congestion where a consumer of it is busy, or none is back-pressured itself.
func (p *pressure) lookBehind(f *features, v int) {
	last, busy := true, -1
	f.children(v, func(child int) {
		c := &p.vertices[child]
		last = last && (c.pressured == 0 || 2*c.pressured < c.n)
		if c.busy > 0 {
			busy = child
		}
	})
	if busy >= 0 {
		p.upstream, p.busy = v, busy
	} else if last && p.busy < 0 {
		p.upstream = v
	}
}

func (p *pressure) readVertex(f *features, v int) {
	vertex := &p.vertices[v]
	for i := range f.s.Vertices[v].Pressure {
		sub := &f.s.Vertices[v].Pressure[i]
		if !sub.Backpressured.Known && !sub.Busy.Known {
			continue
		}
		p.known = true
		vertex.n++
		pressed, busy := f.timeSpent(v, i)
		vertex.pressured += count(pressed.AtLeast(highPressure))
		vertex.busy += count(busy.AtLeast(busyRatio))
		vertex.full += count(busy.AtLeast(always))
		vertex.worked += count(busy.AtLeast(idleRatio))
		vertex.readWaits(sub, vertex.n == 1)
		vertex.maxPressure = max(vertex.maxPressure, measured(pressed.Known, pressed.Value))
		vertex.maxBusy = max(vertex.maxBusy, measured(busy.Known, busy.Value))
	}
	p.anyPressure = max(p.anyPressure, vertex.maxPressure)
	p.anyBusy = max(p.anyBusy, vertex.maxBusy)
}

func measured(known bool, value float64) float64 {
	if !known {
		return 0
	}
	return value
}

// holdsLock tells a source of the old kind that holds its lock by itself. One that is back-pressured may hold it for that.
func (f *features) holdsLock(thread *model.ThreadStack) bool {
	v, i := thread.Vertex, thread.Subtask
	if !strings.HasPrefix(thread.Name, legacySource) {
		return false
	}
	known := v >= 0 && v < len(f.s.Vertices) && i >= 0 && i < len(f.s.Vertices[v].Pressure)
	return !known || !f.s.Vertices[v].Pressure[i].Backpressured.AtLeast(highPressure)
}

// busyMost tells whether most subtasks of a vertex are busy: it is short of capacity, rather than one subtask being stuck.
func (p *pressure) busyMost(v int) bool {
	return v >= 0 && v < len(p.vertices) && 2*p.vertices[v].busy > p.vertices[v].n
}

// short tells whether a vertex is short of capacity: most of its subtasks are busy, or several are and three quarters of all work for half of the time at least. Keys do
// not lie evenly, and of a vertex that comes to its limit some subtasks do first; where they lie so unevenly that the others have time it is another thing.
func (p *pressure) short(v int) bool {
	if p.busyMost(v) {
		return true
	}
	if v < 0 || v >= len(p.vertices) {
		return false
	}
	vertex := &p.vertices[v]
	return vertex.busy > 1 && 3*vertex.busy >= vertex.n && 4*vertex.worked >= 3*vertex.n
}

// readWaits takes how a subtask spends its time by Flink's means.
func (v *vertexPressure) readWaits(sub *model.SubtaskPressure, first bool) {
	left := sub.Idle.Value
	if !sub.Idle.Known {
		left = max(1-measured(sub.Backpressured.Known, sub.Backpressured.Value)-measured(sub.Busy.Known, sub.Busy.Value), 0)
	}
	if first || left < v.waits {
		v.waits = left
	}
	v.works += 1 - left
	v.presses = max(v.presses, measured(sub.Backpressured.Known, sub.Backpressured.Value))
}

// overlap says how sure it is that a vertex presses and those behind it wait at the same time.
type overlap int

const (
	// noOverlap: they may do so in turns, as with bursts.
	noOverlap overlap = iota
	// mayAlternate: no subtask behind it works for long enough to be why, but several in turns might.
	mayAlternate
	// overlaps: not even all of them together do.
	overlaps
)

// betweenVertices looks for a vertex that is back-pressured while all that read from it wait for input. Whoever holds up another has input: of pressure
// for 0.55 and waiting for 0.25 of the time nothing can be told, for a burst makes both, one after the other. Only what is more than all of the time
// together overlaps, and then what lies between is on its way.
func (p *pressure) betweenVertices(f *features) overlap {
	found := noOverlap
	for v := range p.vertices {
		if p.vertices[v].pressured > 0 {
			found = max(found, p.behind(f, v))
		}
	}
	return found
}

// behind looks at those that read from a vertex. One that was not read may be at its limit and hold up all of them.
func (p *pressure) behind(f *features, v int) overlap {
	pressed, waits, works, read := p.vertices[v].presses, 1.0, 0.0, 0
	unread := false
	f.children(v, func(child int) {
		c := &p.vertices[child]
		read++
		unread = unread || c.n == 0
		waits, works = min(waits, c.waits), works+c.works
	})
	switch {
	case read == 0 || unread || pressed < highPressure || pressed+waits < 1+betweenReadings:
		return noOverlap
	case works < pressed-betweenReadings:
		return overlaps
	}
	return mayAlternate
}

// onTheWay says whether data take long between the tasks: buffers are full while those behind them wait, and nobody else explains it. A subtask that is
// held explains it: its barrier is missing, and whoever aligns takes nothing of those that sent theirs.
func (f *features) onTheWay() overlap {
	p, t := &f.press, &f.threads
	if !p.known || !f.nobodyWorks() {
		return noOverlap
	}
	found := p.betweenVertices(f)
	late, _ := f.lateSources()
	switch {
	case found == overlaps && !t.known && late > 0: // a source that nobody looked at may be held
		return mayAlternate
	case found == mayAlternate && t.nobodyAtWork(): // not in turns, either
		return overlaps
	}
	return found
}

// nobodyWorks tells whether no operator is busy and no missing subtask held. A single dump catches anybody at something: there all must be idle for half
// of the time.
func (f *features) nobodyWorks() bool {
	p, t := &f.press, &f.threads
	if !t.known {
		return p.anyBusy < idleRatio
	}
	sure, _, _ := t.find(heldForSure)
	return p.busiest < 0 && sure == 0 && (t.held == 0 || p.anyBusy < idleRatio)
}

// nobodyAtWork tells whether missing subtasks were looked at and none of them was in the middle of anything.
func (t *threads) nobodyAtWork() bool { return t.known && t.idle > 0 && t.working == 0 }

// betweenTasks tells whether data take long between the tasks.
func (f *features) betweenTasks() bool { return f.onTheWay() != noOverlap }
