package diagnose

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
	// anyPressure is the largest back-pressured ratio of any subtask, anyBusy the largest busy one.
	anyPressure, anyBusy float64
}

// vertexPressure counts the n subtasks that were read of a vertex: back-pressured above highPressure, and busy from busyRatio on.
type vertexPressure struct {
	pressured, busy, n   int
	maxPressure, maxBusy float64
	// waits counts the subtasks that wait for input for starvedRatio of the time or more.
	waits int
}

// Flink calls a subtask's back pressure high above a ratio of 0.5 (JobVertexBackPressureHandler). Busy is 0.8 and above: every operator
// that held up the others in the recordings was at 0.99 to 1.0, or at 0.81 to 0.94 in the first minute after a restart, for Flink takes the mean over
// a minute; with nobody at fault the busiest was at 0.1.
const (
	highPressure = 0.5
	busyRatio    = 0.8
	idleRatio    = 0.5
	// starvedRatio of the time without input tells a task that could take more: whoever holds up others has none to spare (0.00 to 0.02 in the
	// recordings), and behind a narrow link tasks waited for 0.23 to 0.75 of it.
	starvedRatio = 0.15
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
	return p
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
		vertex.waits += count(sub.Idle.AtLeast(starvedRatio) && measured(pressed.Known, pressed.Value)+measured(busy.Known, busy.Value) <= 1-starvedRatio)
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

// busyMost tells whether most subtasks of a vertex are busy: it is short of capacity, rather than one subtask being stuck.
func (p *pressure) busyMost(v int) bool {
	return v >= 0 && v < len(p.vertices) && 2*p.vertices[v].busy > p.vertices[v].n
}

// starves tells whether some are back-pressured, nobody is busy and all who read from them wait for input: what lies between is on its way.
func (p *pressure) starves(f *features) bool {
	if !p.known || p.busiest >= 0 {
		return false
	}
	for v := range p.vertices {
		if p.vertices[v].pressured > 0 && p.allWait(f, v) {
			return true
		}
	}
	return false
}

// allWait tells whether every vertex that reads from this one was read, and waits for input. One that is at its limit alone holds up all of them.
func (p *pressure) allWait(f *features, v int) bool {
	read, waits := 0, 0
	f.children(v, func(child int) {
		c := &p.vertices[child]
		read++
		waits += count(c.n > 0 && c.waits == c.n)
	})
	return read > 0 && waits == read
}

// betweenTasks tells whether data take long between the tasks: buffers are full although nobody works, or although those behind them wait and no
// missing subtask is at work.
func (f *features) betweenTasks() bool {
	return f.press.nobodyBusy() || f.threads.known && f.threads.held == 0 && f.press.starves(f)
}

// nobodyBusy tells whether buffers are full although no operator anywhere works: what is between the tasks is slow, the network.
func (p *pressure) nobodyBusy() bool {
	return p.known && p.anyPressure >= highPressure && p.anyBusy < idleRatio
}
