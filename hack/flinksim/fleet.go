package flinksim

import (
	"fmt"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// FleetCase is one healthy job of many: a chain of so many vertices with two subtasks each, a checkpoint every 30 s. Jobs of
// different numbers differ in name and noise.
func FleetCase(number, vertices int) Case {
	c := job(fmt.Sprintf("job-%04d", number), "None", "", "one of a healthy fleet")
	c.Config = baseConfig("execution.checkpointing.interval", "30 s", "execution.checkpointing.timeout", "10 min")
	c.Vertices = []engine.Vertex{{Name: "Source: events", Kind: engine.Source, Parallelism: 2}}
	for len(c.Vertices) < vertices-1 {
		kind := engine.Plain
		if len(c.Vertices)%4 == 1 {
			kind = engine.Stateful
		}
		c.Vertices = append(c.Vertices, engine.Vertex{Name: fmt.Sprintf("step-%02d", len(c.Vertices)), Kind: kind, Parallelism: 2})
	}
	c.Vertices = append(c.Vertices, engine.Vertex{Name: "Sink: results", Kind: engine.Sink, Parallelism: 2})
	c.Conditions = engine.Steady(engine.Healthy())
	c.Seed = uint64(number)*104729 + 3
	return c
}
