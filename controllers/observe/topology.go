package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// topology is the job graph of one run, read once and again when the job or one of its tasks changed state.
type topology struct {
	known        bool
	vertices     []model.Vertex
	runningSince time.Time
	jobType      string
	// index finds a vertex by its id.
	index map[string]int
	// tried is how the last attempts to read it went.
	tried factTry
}

// maxVertices bounds the vertices that are looked at.
const maxVertices = 1000

// topologyOf reads the graph: order as Flink lists it (sources first), roles from the inputs of the plan.
func topologyOf(job *flink.Job) topology {
	count := min(len(job.Vertices), maxVertices)
	t := topology{known: true, vertices: make([]model.Vertex, count), index: make(map[string]int, count),
		jobType: job.JobType, runningSince: moment(job.Timestamps["RUNNING"])}
	for i := range t.vertices {
		t.index[job.Vertices[i].ID] = i
	}
	read := make([]bool, count) // by another vertex
	for i := range t.vertices {
		from := &job.Vertices[i]
		vertex := model.Vertex{ID: from.ID, Name: from.Name, Status: from.Status, Parallelism: min(max(from.Parallelism, 0), maxSubtasks)}
		for _, id := range from.Inputs {
			if input, ok := t.index[id]; ok {
				vertex.Inputs = append(vertex.Inputs, input)
				read[input] = true
			}
		}
		t.vertices[i] = vertex
	}
	for i := range t.vertices {
		t.vertices[i].Role = role(len(t.vertices[i].Inputs) > 0, read[i])
	}
	return t
}

func role(reads, isRead bool) model.VertexRole {
	switch {
	case !reads:
		return model.RoleSource
	case !isRead:
		return model.RoleSink
	}
	return model.RoleInner
}

// copyVertices gives a snapshot its own vertices: pressure belongs to one pass.
func (t *topology) copyVertices() []model.Vertex {
	vertices := make([]model.Vertex, len(t.vertices))
	copy(vertices, t.vertices)
	return vertices
}

// subtasks counts the subtasks of the job.
func (t *topology) subtasks() int {
	total := 0
	for i := range t.vertices {
		total += t.vertices[i].Parallelism
	}
	return total
}
