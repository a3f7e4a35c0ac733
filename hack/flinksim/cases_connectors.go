package flinksim

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// connectorCases are jobs whose sources, sinks or coordinators are the matter.
func connectorCases() []Case {
	return []Case{flushingSink(), heldSource(), committingSink(), busyEnumerator()}
}

// flushingSink flushes for 26 s before it takes part in a checkpoint.
func flushingSink() Case {
	c := job("warehouse", "SinkFlush", "", "the sink flushes for 26 s before the barrier")
	c.Vertices = chain("facts", "join", "Sink: warehouse", 2)
	c.Flavor = stacks.JDBC()
	c.Conditions = falls(func(p *engine.Physics) {
		p.FlushTime = 26 * time.Second
		p.Busy[engine.Sink] = 1
	})
	return c
}

// chainedCases are jobs of one vertex: source and sink in one chain.
func chainedCases() []Case { return []Case{chainedSink()} }

// chainedSink flushes as flushingSink does. Its vertex is a source to the job graph, and its flush leaves the trace of late acknowledgements on
// every subtask there is: only the stack tells the two apart.
func chainedSink() Case {
	c := job("audit", "SinkFlush", "", "one chain from source to sink, which flushes for 26 s before the barrier")
	c.Vertices = []engine.Vertex{{Name: "Source: events -> mask -> Sink: audit", Kind: engine.Sink, Parallelism: 4}}
	c.Flavor = stacks.JDBC()
	c.Conditions = falls(func(p *engine.Physics) {
		p.FlushTime = 26 * time.Second
		p.Busy[engine.Sink] = 1
	})
	return c
}

// heldSource has a legacy source that holds the checkpoint lock during its first full read.
func heldSource() Case {
	c := job("customers", "SourceBlocked", "", "the source holds the checkpoint lock while it reads a table")
	c.Vertices = chain("customers-cdc", "dedup", "Sink: customers", 2)
	c.Flavor = stacks.LegacyCDC()
	c.Conditions = falls(func(p *engine.Physics) { p.SourceHeld = true })
	return c
}

// committingSink commits for 34 s after each completed checkpoint and cannot take part in the next ones.
func committingSink() Case {
	c := job("lakehouse", "CommitBlocksTask", "", "the commit of one checkpoint outlasts the next")
	c.Vertices = chain("changes", "partition", "Sink: table-committer", 2)
	c.Flavor = stacks.TableCommitter()
	c.Conditions = falls(func(p *engine.Physics) { p.CommitTime = 34 * time.Second })
	return c
}

// busyEnumerator needs 40 s to write the enumerator's state; no task is triggered before it has.
func busyEnumerator() Case {
	c := job("partitions", "CoordinatorBlocked", "", "the source's enumerator answers after 40 s")
	c.Vertices = chain("files", "parse", "Sink: rows", 2)
	c.Flavor = stacks.FileEnumerator()
	c.Conditions = falls(func(p *engine.Physics) { p.CoordinatorTime = 40 * time.Second })
	return c
}
