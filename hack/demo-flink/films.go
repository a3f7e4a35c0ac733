package main

import (
	"context"
	"fmt"
	"sync"

	"checkpointhealth.dev/operator/hack/demo/play"
	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/flinklocal/operated"
	"checkpointhealth.dev/operator/hack/standin"
)

// films keeps what Flink's own REST API said right before each restart, so that before and after can be shown side by side.
type films struct {
	fleet *operated.Fleet

	mu     sync.Mutex
	before map[string]film
}

// film is what Flink says at one moment.
type film struct {
	history  []flinklocal.Checkpoint
	recovery recovery
}

func newFilms(fleet *operated.Fleet) *films {
	return &films{fleet: fleet, before: map[string]film{}}
}

// filmed is a real cluster whose history is kept before it is stopped.
type filmed struct {
	standin.Cluster
	films *films
	name  string
}

var (
	_ standin.Identified = filmed{}
	_ standin.Removable  = filmed{}
)

func (f *films) factory(ctx context.Context, spec standin.Spec) (standin.Cluster, error) {
	made, err := f.fleet.Factory(ctx, spec)
	if err != nil {
		return nil, err
	}
	return filmed{Cluster: made, films: f, name: spec.Name}, nil
}

// Stop keeps what is said of the first run, which fell ill, and stops the cluster.
func (c filmed) Stop(ctx context.Context) error {
	cluster := c.films.fleet.Cluster(play.Namespace, c.name)
	now, err := cluster.Checkpoints(ctx)
	settings, unknown := recoveryOf(ctx, cluster)
	if err == nil && unknown == nil {
		c.films.mu.Lock()
		if _, there := c.films.before[c.name]; !there {
			c.films.before[c.name] = film{now.History, settings}
		}
		c.films.mu.Unlock()
	}
	return c.Cluster.Stop(ctx)
}

// Remove ends the cluster for good.
func (c filmed) Remove(ctx context.Context) error {
	if gone, ok := c.Cluster.(standin.Removable); ok {
		return gone.Remove(ctx)
	}
	return c.Cluster.Stop(ctx)
}

// JobID is Flink's id of the job.
func (c filmed) JobID() string {
	if known, ok := c.Cluster.(standin.Identified); ok {
		return known.JobID()
	}
	return ""
}

// show prints what Flink says: before the patch, and now.
func (f *films) show(ctx context.Context, part *play.Part) {
	cluster := f.fleet.Cluster(play.Namespace, part.Name)
	if cluster == nil {
		return
	}
	f.mu.Lock()
	before := f.before[part.Name]
	f.mu.Unlock()
	fmt.Printf("\nFlink's own REST API, %s:\n", part.Name)
	if len(before.history) > 0 {
		fmt.Printf("  before the patch  %s\n", before.recovery)
	}
	for _, checkpoint := range before.history {
		fmt.Printf("  before the patch  %s\n", checkpoint)
	}
	now, err := cluster.Checkpoints(ctx)
	if err != nil {
		fmt.Printf("  now               no answer: %v\n", err)
		return
	}
	if settings, err := recoveryOf(ctx, cluster); err == nil {
		fmt.Printf("  now               %s\n", settings)
	}
	for _, checkpoint := range now.History {
		fmt.Printf("  now               %s\n", checkpoint)
	}
}
