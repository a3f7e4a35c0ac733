package flinksim

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// taskCases are jobs whose tasks or user code are the matter.
func taskCases() []Case {
	return []Case{backpressured(), blockedInUserCode(), slowTaskManager(), throwingOperator()}
}

// backpressured has a sink that takes 100 ms a record: barriers wait in full buffers.
func backpressured() Case {
	c := job("orders", "Backpressure", "", "the sink is too slow, barriers wait in the buffers")
	c.Vertices = chain("orders", "enrich", "Sink: order-index", 2)
	c.Flavor = stacks.Elasticsearch()
	c.Conditions = falls(func(p *engine.Physics) {
		p.QueueTime = 95 * time.Second
		p.Busy = [4]float64{0.002, 0.002, 1, 0.01}
		p.Backpressured = [4]float64{0.998, 0.998, 0, 0.9}
	})
	return c
}

// blockedInUserCode has one subtask in one call of a function, a blocking request without a timeout.
func blockedInUserCode() Case {
	c := job("scoring", "UserCodeBlocking", "", "one call of user code lasts for minutes")
	c.Vertices = chain("applications", "score", "Sink: decisions", 2)
	c.Flavor = stacks.BlockingLookup()
	c.Conditions = falls(func(p *engine.Physics) {
		p.UserHeld = true
		p.Backpressured[engine.Source] = 0.62
	})
	return c
}

// slowTaskManager has one TaskManager whose collector takes nine tenths of the time.
func slowTaskManager() Case {
	c := job("alerts", "TaskManagerPressure", "", "one TaskManager spends its time collecting garbage")
	c.Vertices = chain("metrics", "detect", "Sink: alerts", 3)
	c.TaskManagers = 3
	c.Flavor = stacks.S3()
	p := engine.Healthy()
	p.StateBytes, p.Bandwidth, p.SyncTime, p.FlushTime = 24_000_000, 20e6, 40*time.Millisecond, 60*time.Millisecond
	c.Conditions = engine.Turns(p, onset, func(p *engine.Physics) { p.SlowTasks = 70 })
	return c
}

// throwingOperator throws while it takes its snapshot: the job restarts, which is no timeout.
func throwingOperator() Case {
	c := job("returns", "TaskFailure", "", "a snapshot throws and the job restarts")
	c.Vertices = chain("returns", "refunds", "Sink: refunds", 2)
	c.Flavor = stacks.ThrowingSnapshot()
	c.Conditions = falls(func(p *engine.Physics) { p.Throws = true })
	return c
}
