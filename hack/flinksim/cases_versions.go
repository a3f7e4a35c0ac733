package flinksim

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// versionCases are jobs that suffer from Flink itself, and one that cannot be judged from outside.
func versionCases() []Case {
	return []Case{knownIssue(), mixedVersions(), closedGateway()}
}

// knownIssue runs 1.20.1, where unaligned checkpoints have no effect in jobs with a Sink V2 that commits (FLINK-37870): under
// back pressure its barriers wait although the configuration says they may overtake.
func knownIssue() Case {
	c := job("recommendations", "FlinkVersionBug", "KnownIssue", "unaligned checkpoints have no effect in 1.20.1")
	c.Version = "1.20.1"
	c.Config = baseConfig("execution.checkpointing.unaligned.enabled", "true")
	c.Vertices = chain("views", "candidates", "candidates-sink: Writer -> candidates-sink: Committer", 2)
	c.Flavor = stacks.KafkaSink()
	c.Conditions = falls(func(p *engine.Physics) {
		p.QueueTime, p.NoOvertaking = 95*time.Second, true
		p.Busy = [4]float64{0.002, 0.002, 1, 0.01}
		p.Backpressured = [4]float64{0.998, 0.998, 0, 0.9}
	})
	return c
}

// mixedVersions has a TaskManager of another minor version, which never registers: no task ever runs.
func mixedVersions() Case {
	c := job("shipping", "FlinkVersionBug", "VersionMismatch", "a TaskManager of another version never registers")
	c.TaskManagerVersion = "2.2.1"
	c.Vertices = chain("parcels", "routes", "Sink: tracking", 2)
	c.Conditions = falls(func(p *engine.Physics) { p.Unscheduled = true })
	c.Conditions.Onset = 0
	return c
}

// closedGateway loses acknowledgements, another subtask's each time, and a gateway keeps details, metrics and thread dumps
// from being read: nobody can tell the cause from what is left.
func closedGateway() Case {
	c := job("telemetry", "Undetermined", "", "expires, and everything that would tell why is withheld")
	c.Vertices = chain("sensors", "downsample", "Sink: series", 2)
	c.Withheld = []string{"/checkpoints/details/", "/thread-dump", "/metrics", "/backpressure", "/log", "/logs", "/vertices/", "/taskmanagers"}
	c.Conditions = falls(func(p *engine.Physics) { p.LossShare = 0.6 })
	return c
}

// healthyCases are jobs that nothing is the matter with.
func healthyCases() []Case {
	return []Case{quick(), unhurried()}
}

// quick completes in a tenth of a second.
func quick() Case {
	c := job("search", "None", "", "healthy")
	c.Vertices = chain("queries", "suggest", "Sink: suggestions", 2)
	c.Conditions = engine.Steady(engine.Healthy())
	return c
}

// unhurried looks odd and is not: its checkpoints take a good 2 s under a timeout of 10 s, come every 8 s, and its source
// is a little back-pressured.
func unhurried() Case {
	c := job("reports", "None", "", "healthy, though its checkpoints take a while")
	c.Config = baseConfig("execution.checkpointing.interval", "8 s")
	c.Vertices = chain("documents", "collect", "Sink: reports", 2)
	c.Flavor = stacks.S3()
	p := engine.Healthy()
	p.StateBytes, p.Bandwidth = 90_000_000, 20e6
	p.Busy = [4]float64{0.11, 0.42, 0.2, 0.1}
	p.Backpressured = [4]float64{0.06, 0.02, 0, 0}
	c.Conditions = engine.Steady(p)
	return c
}
