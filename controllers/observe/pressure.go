package observe

import (
	"math"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxPressed bounds the vertices whose back pressure and placement are read in one pass.
const maxPressed = 40

// readPressure reads how the subtasks of each vertex spend their time. What they do while a checkpoint is pending tells why it is late; where
// none is, or the tasks have just started, what was read in this spell while one was stands.
func (p *pass) readPressure() {
	p.askPressure()
	vertices := p.snapshot.Vertices
	started := justStarted(vertices)
	pending := p.pendingLong(p.opts.Now()) != nil
	switch {
	case !started && pending:
		p.memory.pressure = nil
		for i := range vertices {
			p.memory.pressure = append(p.memory.pressure, vertexPressure{vertices[i].BackpressureLevel, vertices[i].Pressure})
		}
	case len(p.memory.pressure) == len(vertices):
		for i := range vertices {
			vertices[i].BackpressureLevel, vertices[i].Pressure = p.memory.pressure[i].level, p.memory.pressure[i].subtasks
		}
	case started:
		for i := range vertices {
			vertices[i].BackpressureLevel, vertices[i].Pressure = "", nil
		}
		p.gapText(model.GapBackpressure, "back pressure", "the tasks have just started, and Flink has measured nothing of them yet")
	}
}

// vertexPressure is what was read of one vertex.
type vertexPressure struct {
	level    string
	subtasks []model.SubtaskPressure
}

// justStarted tells that Flink has measured nothing since the tasks started: what is neither idle nor back-pressured counts as busy, so that until
// then all of them, sources and sinks, are busy all of the time (1.20.5, measured: some seconds after each restart).
func justStarted(vertices []model.Vertex) bool {
	read := 0
	for i := range vertices {
		for _, s := range vertices[i].Pressure {
			if s.Backpressured.Value > 0 || s.Idle.Value > 0 || s.Busy.Known && s.Busy.Value > 0 && s.Busy.Value < 1 {
				return false
			}
		}
		read += len(vertices[i].Pressure[:min(len(vertices[i].Pressure), 1)])
	}
	return read > 1
}

// askPressure asks for each vertex.
func (p *pass) askPressure() {
	for i := range p.snapshot.Vertices {
		vertex := &p.snapshot.Vertices[i]
		if i == maxPressed || p.outOfTime() {
			p.gapText(model.GapBackpressure, "back pressure of some vertices", "not asked: too many vertices, or the JobManager answers slowly")
			return
		}
		answer, err := p.client.BackPressure(p.ctx, p.overview.ID, vertex.ID)
		switch {
		case err != nil:
			p.gap(model.GapBackpressure, "back pressure of vertex "+p.vertexName(i, vertex.ID), err)
		case !answer.Sampled:
			p.gapText(model.GapBackpressure, "back pressure of vertex "+p.vertexName(i, vertex.ID), "Flink has no sample of it yet, or it does not run")
		default:
			vertex.BackpressureLevel = answer.Level
			vertex.Pressure = pressureOf(&answer, vertex.Parallelism)
		}
	}
}

// pressureOf puts the subtasks in order of their index.
func pressureOf(answer *flink.BackPressure, parallelism int) []model.SubtaskPressure {
	count := min(max(parallelism, len(answer.Subtasks)), maxSubtasks)
	pressure := make([]model.SubtaskPressure, count)
	for _, s := range answer.Subtasks {
		if s.Index < count {
			pressure[s.Index] = model.SubtaskPressure{Backpressured: ratio(s.BackPressured), Busy: ratio(s.Busy), Idle: ratio(s.Idle)}
		}
	}
	return pressure
}

func ratio(v float64) model.Measure {
	if math.IsNaN(v) {
		return model.Measure{}
	}
	return model.Measured(v)
}

// readPlacement reads which TaskManager runs which subtask. It stays true until a task changes state, and is remembered until then.
func (p *pass) readPlacement() {
	for i := range p.snapshot.Vertices {
		known := &p.memory.topology.vertices[i]
		if known.Placement == nil && i < maxPressed && !p.outOfTime() {
			answer, err := p.client.Vertex(p.ctx, p.overview.ID, known.ID)
			if err != nil {
				p.gap(model.GapVertices, "placement of vertex "+p.vertexName(i, known.ID), err)
				continue
			}
			known.Placement = placementOf(&answer, known.Parallelism)
			p.noteWork(i, &answer)
			p.placed = append(p.placed, placedVertex{i, p.opts.Now()})
		}
		p.snapshot.Vertices[i].Placement = known.Placement
	}
}

// placedVertex is a vertex whose subtasks this pass read for their placement, and when.
type placedVertex struct {
	index int
	at    time.Time
}

func placementOf(answer *flink.Vertex, parallelism int) []string {
	count := min(max(parallelism, len(answer.Subtasks)), maxSubtasks)
	placement := make([]string, count)
	for i := range answer.Subtasks {
		s := &answer.Subtasks[i]
		if s.Index < count && s.TaskManagerID != unassigned {
			placement[s.Index] = cleanText(s.TaskManagerID, maxName)
		}
	}
	return placement
}

// unassigned is what Flink writes for a subtask that has no slot (1.20.5, measured).
const unassigned = "(unassigned)"
