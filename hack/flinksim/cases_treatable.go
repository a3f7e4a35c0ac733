package flinksim

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// treatableCases are the jobs that one setting cures, the users' runbook in short.
func treatableCases() []Case {
	return []Case{slowStorage(), slowRPC(), starvedJobManager(), fullJobManager(), slowDeletes(), largeState()}
}

// slowStorage uploads 2.2 MB a subtask at 200 kB/s: 11 s against a timeout of 10 s. Only a longer timeout helps; later
// uploads queue behind the abandoned ones.
func slowStorage() Case {
	c := job("payments", "SlowStateBackend", "", "uploads of 11 s under a timeout of 10 s")
	c.Treatable = true
	c.Vertices = chain("payments", "fraud-features", "Sink: scores", 2)
	c.Flavor = stacks.S3()
	p := engine.Healthy()
	p.StateBytes, p.Bandwidth = 4_300_000, 20e6
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) { p.Bandwidth = 198e3 })
	return c
}

// slowRPC needs 11 s from a TaskManager to the JobManager, one way, and nothing else is slow.
func slowRPC() Case {
	c := job("clicks", "NetworkLatency", "", "acknowledgements travel for 11 s")
	c.Treatable = true
	c.Config = baseConfig("pekko.ask.timeout", "60 s")
	c.Vertices = chain("clicks", "sessionize", "Sink: sessions", 2)
	c.Conditions = falls(func(p *engine.Physics) { p.AckLatency = 11 * time.Second })
	return c
}

// starvedJobManager has a quarter of a core, of which other work takes nearly all: triggering and each of 24
// acknowledgements wait for the CPU. At half a core everything is done in two seconds.
func starvedJobManager() Case {
	c := job("fraud", "JobManagerOverload", "CPU", "JobManager at its limit of a quarter core")
	c.Treatable = true
	c.CPU = 0.25
	c.Config = baseConfig("taskmanager.numberOfTaskSlots", "4",
		"execution.checkpointing.interval", "2 s", "execution.checkpointing.timeout", "6 s")
	c.Vertices = chain("transactions", "rules", "Sink: verdicts", 8)
	p := engine.Healthy()
	p.Load = 0.06
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) {
		p.Load = 0.24
		p.TriggerWork, p.AckWork, p.RequestWork = 20*time.Millisecond, 9*time.Millisecond, 12*time.Millisecond
	})
	return c
}

// fullJobManager keeps 426 MiB alive in a heap of 448 MiB: the collector runs 95 % of the time and everything the
// JobManager does takes twenty times as long. More CPU does not help, a larger process does.
func fullJobManager() Case {
	c := job("sessions", "JobManagerOverload", "Heap", "JobManager's heap is full")
	c.Treatable = true
	c.CPU, c.Memory = 2, "1024m"
	c.Config = baseConfig("taskmanager.numberOfTaskSlots", "4", "jobmanager.io-pool.size", "1",
		"execution.checkpointing.interval", "2 s", "execution.checkpointing.timeout", "6 s")
	c.Vertices = chain("pageviews", "windows", "Sink: aggregates", 8)
	p := engine.Healthy()
	p.LiveSet = 120 << 20
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) {
		p.LiveSet = 426 << 20
		p.TriggerWork, p.AckWork, p.RequestWork = 50*time.Millisecond, 23*time.Millisecond, 12*time.Millisecond
	})
	return c
}

// slowDeletes frees seven shared files a checkpoint, whose deletes take 1.7 s each. High availability changes nothing in that: shared files are
// deleted in the io pool, all others in cluster-io. With three checkpoints at a time on one io thread
// the acknowledgements wait behind the deletes until they are too late; four threads keep up. The flag that the
// configuration holds is the runbook's, which no Flink version reads.
func slowDeletes() Case {
	c := job("inventory", "SlowCleanup", "", "deletes block the JobManager's only io thread")
	c.Treatable = true
	c.Config = baseConfig("execution.checkpointing.max-concurrent-checkpoints", "3", "execution.savepoint.cleanup-in-background", "true",
		"state.backend.type", "rocksdb", "execution.checkpointing.incremental", "true")
	c.Vertices = chain("stock-moves", "stock-levels", "Sink: levels", 2)
	c.Flavor = stacks.S3()
	c.Conditions = falls(func(p *engine.Physics) {
		p.DeleteTime, p.Files = 1700*time.Millisecond, 7
	})
	return c
}

// largeState writes 1.6 GB in full every second that passes: its streams send 118 MB/s with credit and 45 MB/s without, so at
// that pace a checkpoint takes 9 s under a timeout of 6 s, and after a rest it takes 3.5 s.
func largeState() Case {
	c := job("ledger", "CheckpointPressure", "", "large full checkpoints, one after the other")
	c.Treatable = true
	c.Config = baseConfig("execution.checkpointing.interval", "1 s", "execution.checkpointing.timeout", "6 s",
		"state.backend.type", "rocksdb", "execution.checkpointing.incremental", "false")
	c.TaskManagers = 4
	c.Vertices = chain("bookings", "balances", "Sink: balances", 4)
	c.Flavor = stacks.RocksDB(stacks.S3())
	p := engine.Healthy()
	p.StateBytes, p.Churn = 400_000_000, 60e6
	p.Bandwidth, p.Burst, p.Credit = 45e6, 118e6, 420e6
	p.Files = 8
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) { p.StateBytes = 1_640_000_000 })
	return c
}
