package engine

import "fmt"

// Kind says what part a vertex plays in a checkpoint.
type Kind int

// The kinds of vertices.
const (
	Source   Kind = iota // triggered by the JobManager
	Stateful             // holds the keyed state
	Sink                 // flushes, and commits when a checkpoint has completed
	Plain                // neither state nor side effects
)

// Vertex is one vertex of a job; a job is a chain of vertices, each connected to all subtasks of the one before it.
type Vertex struct {
	ID          string // 32 hexadecimal digits
	Name        string
	Kind        Kind
	Parallelism int
}

// Topology is a job's vertices, sources first.
type Topology []Vertex

// NewTopology gives the vertices the ids that Flink would derive from the job: stable, 32 hexadecimal digits.
func NewTopology(seed uint64, vertices ...Vertex) Topology {
	for i := range vertices {
		vertices[i].ID = HexID(seed, uint64(i))
	}
	return vertices
}

// HexID returns an id of 32 hexadecimal digits, as Flink's JobID and JobVertexID are written.
func HexID(seed, place uint64) string {
	a := mix(seed ^ mix(place+0x51ed270b))
	return fmt.Sprintf("%016x%016x", a, mix(a+place))
}

// Subtasks is the number of subtasks of all vertices.
func (t Topology) Subtasks() int {
	n := 0
	for _, v := range t {
		n += v.Parallelism
	}
	return n
}

// First returns the index of the first subtask of a vertex in an array over all subtasks.
func (t Topology) First(vertex int) int {
	n := 0
	for _, v := range t[:vertex] {
		n += v.Parallelism
	}
	return n
}

// Place is the vertex and the index within it of a subtask counted over all vertices.
func (t Topology) Place(subtask int) (vertex, index int) {
	for i, v := range t {
		if subtask < v.Parallelism {
			return i, subtask
		}
		subtask -= v.Parallelism
	}
	return len(t) - 1, 0
}
