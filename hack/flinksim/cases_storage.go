package flinksim

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// storageAndStateCases are jobs whose state or storage is the matter and that no setting cures.
func storageAndStateCases() []Case {
	return []Case{skewedState(), slowSnapshot(), failingStorage(), largeAcknowledgement()}
}

// skewedState holds 97 % of the state in one subtask.
func skewedState() Case {
	c := job("profiles", "DataSkew", "", "one subtask holds nearly all the state")
	c.Vertices = chain("events", "profile-store", "Sink: profiles", 2)
	c.Flavor = stacks.S3()
	c.Conditions = falls(func(p *engine.Physics) {
		p.StateBytes, p.Skew, p.Bandwidth = 620_000_000, 0.97, 14e6
	})
	return c
}

// slowSnapshot takes 38 s for the synchronous part, in the state backend's native code.
func slowSnapshot() Case {
	c := job("pricing", "SlowSyncPhase", "", "the synchronous part takes 38 s")
	c.Config = baseConfig("state.backend.type", "rocksdb", "execution.checkpointing.incremental", "true")
	c.Vertices = chain("quotes", "price-book", "Sink: prices", 2)
	c.Flavor = stacks.RocksDB(stacks.S3())
	c.Conditions = falls(func(p *engine.Physics) {
		p.SyncTime = 38 * time.Second
		p.Busy[engine.Stateful] = 1
	})
	return c
}

// failingStorage cannot create files: the asynchronous part fails at once, which is no timeout.
func failingStorage() Case {
	c := job("invoices", "StorageFailure", "", "the storage refuses to create files")
	c.Vertices = chain("invoices", "totals", "Sink: totals", 2)
	c.Flavor = stacks.S3()
	c.Conditions = falls(func(p *engine.Physics) { p.WriteFails = true })
	return c
}

// largeAcknowledgement sends acknowledgements of 14 MB, which a frame of 10 MB cannot carry: they are dropped.
func largeAcknowledgement() Case {
	c := job("catalog", "OversizedAck", "", "acknowledgements larger than an RPC frame")
	c.Config = baseConfig("state.backend.type", "rocksdb", "execution.checkpointing.incremental", "true",
		"execution.checkpointing.data-inline-threshold", "1 mb")
	c.Vertices = chain("products", "catalog-index", "Sink: index", 2)
	c.Flavor = stacks.RocksDB(stacks.S3())
	p := engine.Healthy()
	p.StateBytes, p.AckBytes = 9_300_000, 9_300_000
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) {
		p.StateBytes, p.AckBytes, p.Files = 28_000_000, 14_100_000, 2600
	})
	return c
}
