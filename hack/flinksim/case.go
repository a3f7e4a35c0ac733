package flinksim

import (
	"maps"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// Case is a job to simulate, its initial settings, and what is really the matter with it.
type Case struct {
	Name  string // of the FlinkDeployment; says nothing about the cause
	About string // one line for people who read the table; not on the wire

	// Cause is what the doctor should find, in the words of the diagnosis ("None" for healthy jobs), and SubCause its kind
	// where there are several. Treatable: a setting that the operator may change cures it.
	Cause, SubCause string
	Treatable       bool

	Version            string // Flink version of the JobManager
	TaskManagerVersion string // of the TaskManagers; empty: the same
	Config             map[string]string
	CPU                float64 // cores of the JobManager
	Memory             string  // process size of the JobManager, as Flink writes it
	UpgradeMode        string
	TaskManagers       int
	Vertices           []engine.Vertex
	Conditions         engine.Conditions
	Flavor             stacks.Flavor

	// Withheld are endpoints that a gateway in front of this JobManager does not let through: path suffixes or words in the path.
	Withheld []string
	Seed     uint64
}

// SlowsAgain is the case with storage that slows down once more by a factor, some time after the first start: what a remedy was sized by is
// then no longer true.
func (c Case) SlowsAgain(at time.Duration, factor float64) Case {
	c.Conditions = c.Conditions.Worsens(at, func(p *engine.Physics) { p.Bandwidth /= factor })
	return c
}

// LosingSlots is the case, and what makes a TaskManager never register from then on: the job is RUNNING and its tasks wait. It must not be called
// while the job is asked.
func (c Case) LosingSlots() (losing Case, lose func()) {
	c.Conditions = c.Conditions.Worsens(c.Conditions.Onset, func(*engine.Physics) {})
	worse := c.Conditions.Worse
	return c, func() { worse.Unscheduled = true }
}

// FillsAgain is the case with a JobManager that keeps more alive some time after the first start, in bytes: the heap that a remedy gave it is
// then full again.
func (c Case) FillsAgain(at time.Duration, live int64) Case {
	c.Conditions = c.Conditions.Worsens(at, func(p *engine.Physics) { p.LiveSet = live })
	return c
}

// StorageFalls is the case with a state of so many bytes and storage that a subtask writes to at one rate, and from a time on at another; rates
// are in bytes per second.
func (c Case) StorageFalls(state int64, before float64, at time.Duration, after float64) Case {
	p := engine.Healthy()
	p.StateBytes, p.Bandwidth = state, before
	c.Conditions = engine.Turns(p, at, func(p *engine.Physics) { p.Bandwidth = after })
	return c
}

// Healthy tells whether nothing is the matter.
func (c Case) Healthy() bool { return c.Cause == "None" }

// baseConfig is what all jobs of the table have in common: a short timeout and interval, so that a whole story fits
// into a minute and a half.
func baseConfig(changes ...string) map[string]string {
	config := map[string]string{
		"execution.checkpointing.interval":                     "3 s",
		"execution.checkpointing.timeout":                      "10 s",
		"execution.checkpointing.mode":                         "EXACTLY_ONCE",
		"execution.checkpointing.tolerable-failed-checkpoints": "1000",
		"execution.checkpointing.dir":                          "s3://acme-flink/checkpoints",
		"high-availability.type":                               "kubernetes",
		"high-availability.storageDir":                         "s3://acme-flink/ha",
		"state.backend.type":                                   "hashmap",
		"taskmanager.numberOfTaskSlots":                        "1",
		"taskmanager.memory.process.size":                      "1728m",
		"metrics.fetcher.update-interval":                      "2000",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		config[changes[i]] = changes[i+1]
	}
	return config
}

// job fills in what most cases share: Flink 1.20.5, one core and 1600m for the JobManager, last-state upgrades, two TaskManagers.
func job(name, cause, subCause, about string) Case {
	return Case{
		Name: name, Cause: cause, SubCause: subCause, About: about,
		Version: "1.20.5", Config: baseConfig(), CPU: 1, Memory: "1600m", UpgradeMode: "last-state", TaskManagers: 2,
		Flavor: stacks.Plain(),
	}
}

// chain is the usual three vertices; state is at least one subtask for each TaskManager.
func chain(source, state, sink string, parallelism int) []engine.Vertex {
	return []engine.Vertex{
		{Name: "Source: " + source, Kind: engine.Source, Parallelism: parallelism},
		{Name: state, Kind: engine.Stateful, Parallelism: parallelism},
		{Name: sink, Kind: engine.Sink, Parallelism: parallelism},
	}
}

// onset is when most jobs fall ill: after a few good checkpoints.
const onset = 9 * time.Second

// falls is a job that is healthy at first and then has a change of its conditions.
func falls(change func(*engine.Physics)) engine.Conditions {
	return engine.Turns(engine.Healthy(), onset, change)
}

// Cases is the table of jobs: one for each cause, and two healthy ones. Every call returns a fresh copy.
func Cases() []Case {
	var all []Case
	for _, family := range [][]Case{treatableCases(), storageAndStateCases(), taskCases(), connectorCases(), versionCases(), healthyCases(), chainedCases()} {
		all = append(all, family...)
	}
	for i := range all {
		all[i].Config = maps.Clone(all[i].Config)
		all[i].Seed = uint64(i)*7919 + 17
	}
	return all
}

// CaseNamed returns the case with that name; ok is false where there is none.
func CaseNamed(name string) (c Case, ok bool) {
	for _, c := range Cases() {
		if c.Name == name {
			return c, true
		}
	}
	return Case{}, false
}
