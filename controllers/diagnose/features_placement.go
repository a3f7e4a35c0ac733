package diagnose

import (
	"sort"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// placement says on which TaskManagers the slow subtasks run.
type placement struct {
	known bool
	// managers is how many TaskManagers run subtasks of the profiled vertices.
	managers int
	// worst is the TaskManager with the largest share of slow subtasks; slowThere of allThere are slow, slowElsewhere of allElsewhere.
	worst                       string
	slowThere, allThere         int
	slowElsewhere, allElsewhere int
	// vertices is how many vertices have slow subtasks on the worst one.
	vertices int
}

// clustered tells whether slowness follows a TaskManager: most subtasks there are slow, of two vertices or more, and few elsewhere.
func (p *placement) clustered() bool {
	return p.known && p.managers > 1 && p.vertices > 1 && 2*p.slowThere > p.allThere &&
		p.allElsewhere > 0 && 4*p.slowElsewhere <= p.allElsewhere
}

type managerCount struct{ slow, all, vertices, lastVertex int }

// placeSlow counts slow subtasks by TaskManager. Slow are those whose own phases or residual are large; waiting for a barrier (start delay
// of a vertex with inputs) is not their own slowness.
func placeSlow(f *features) placement {
	managers := map[string]*managerCount{}
	for i := range f.profile {
		p := &f.profile[i]
		threshold := share(p.ref, large)
		for j := range p.c.Tasks {
			t := &p.c.Tasks[j]
			if t.Vertex < 0 || t.Vertex >= len(f.s.Vertices) {
				continue
			}
			where := f.s.Vertices[t.Vertex].Placement
			slow := slowness{threshold: threshold, source: f.role(t.Vertex) == model.RoleSource,
				othersInTime: j < len(p.tasks) && 2*p.tasks[j].inTime >= p.tasks[j].total}
			for k := range t.Entries {
				if k < len(where) && where[k] != "" && !t.Entries[k].Finished {
					countManager(managers, where[k], t.Vertex, slow.own(&t.Entries[k]))
				}
			}
		}
	}
	return worstManager(managers)
}

// slowness tells which subtasks of a vertex are slow themselves.
type slowness struct {
	threshold time.Duration
	source    bool
	// othersInTime is true where most subtasks of the vertex acknowledged in time: one that did not is slow itself.
	othersInTime bool
}

func (s slowness) own(e *model.SubtaskLedger) bool {
	if !e.Reported {
		return s.othersInTime
	}
	own := max(e.Sync, e.Async, e.Residual)
	if s.source {
		own = max(own, e.StartDelay)
	}
	return own >= s.threshold || e.Unfinished != model.PhaseNone
}

func countManager(managers map[string]*managerCount, id string, vertex int, slow bool) {
	m := managers[id]
	if m == nil {
		m = &managerCount{lastVertex: -1}
		managers[id] = m
	}
	m.all++
	if !slow {
		return
	}
	m.slow++
	if m.lastVertex < vertex {
		m.vertices++
		m.lastVertex = vertex
	}
}

func worstManager(managers map[string]*managerCount) placement {
	p := placement{known: len(managers) > 0, managers: len(managers)}
	ids := make([]string, 0, len(managers))
	for id := range managers {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	worst := -1.0
	for _, id := range ids {
		if m := managers[id]; float64(m.slow)/float64(m.all) > worst {
			worst = float64(m.slow) / float64(m.all)
			p.worst, p.slowThere, p.allThere, p.vertices = id, m.slow, m.all, m.vertices
		}
	}
	for _, id := range ids {
		if id != p.worst {
			p.slowElsewhere += managers[id].slow
			p.allElsewhere += managers[id].all
		}
	}
	return p
}
