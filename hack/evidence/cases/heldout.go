package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

// heldOut is the half that no rule has seen: written from the meaning of the causes, without knowledge of how they are told apart.
func heldOut() []Case {
	all := slices.Concat(heldOutNetwork(), heldOutJobManager(), heldOutCleanup(), heldOutStorage(), heldOutPressure(), heldOutVersions(),
		heldOutBackpressure(), heldOutSinks(), heldOutCommits(), heldOutTasks(), heldOutTaskManagers(), heldOutUserCode(), heldOutSources(),
		heldOutCoordinators(), heldOutFailures(), heldOutAcks(), heldOutHealthy(), heldOutTwo(), unseenParcels(),
		unseenTurbines(), unseenTolls(), unseenMeters(), unseenDepots(), unseenWards())
	for i := range all {
		if all[i].TaskManagers == 0 && !slices.Contains(spread, all[i].Name) {
			all[i].TaskManagers = 1
		}
		all[i].NoRemedy = all[i].NoRemedy || slices.Contains(untreated, all[i].Name)
	}
	return all
}

// What the held-out jobs are built from.
var (
	heldOutJobs = flinklocal.Java{Name: "retail.jar", Sources: heldoutjobs.Sources, Dir: heldoutjobs.JobsDir, Main: heldoutjobs.Orders,
		More: heldoutjobs.ForVersion}
	heldOutStore = flinklocal.Store{Scheme: heldoutjobs.StoreScheme, Control: heldoutjobs.Control,
		Java: flinklocal.Java{Name: "archivefs.jar", Sources: heldoutjobs.Sources, Dir: heldoutjobs.StoreDir, Factory: heldoutjobs.StoreFactory}}
)

// Versions of Flink beside the default.
const (
	oldest = "1.18.1"
	newest = "2.2.1"
)

// shortNames are the settings that nearly every case has.
var shortNames = map[string]string{
	"interval":    "execution.checkpointing.interval",
	"timeout":     "execution.checkpointing.timeout",
	"concurrent":  "execution.checkpointing.max-concurrent-checkpoints",
	"tolerable":   "execution.checkpointing.tolerable-failed-checkpoints",
	"incremental": "execution.checkpointing.incremental",
	"inline":      "execution.checkpointing.data-inline-threshold",
	"unaligned":   "execution.checkpointing.unaligned.enabled",
	"backend":     "state.backend.type",
	"io-pool":     "jobmanager.io-pool.size",
	"frame":       "pekko.framesize",
	"task-heap":   "taskmanager.memory.task.heap.size",
}

// spread are the cases whose subtasks are spread over two TaskManagers; the others have one.
var spread = []string{
	"settlement-acks-later-and-later",
	"settlement-far-taskmanagers",
	"fleet-far-jobmanager",
	"rollup-wide-far",
	"sessions-narrow-link",
	"catalogue-lossy-link",
	"prices-beside-a-deleting-neighbour",
	"sessions-overlapping-deletes",
	"sessions-full-rocksdb-often",
	"catalogue-fading-store",
	"prices-unaligned-has-no-effect",
	"sessions-slow-click-log",
	"catalogue-index-slows-down",
	"sessions-warehouse-stage",
	"settlement-slow-uploads",
	"settlement-large-state-every-second",
	"sessions-bot-history",
	"fleet-starved-taskmanager",
	"fleet-taskmanager-heap",
	"fleet-lookup-hangs",
	"rollup-restarted-a-while-ago",
	"rollup-wide-busy-jobmanager",
	"sessions-moderate-back-pressure",
	"fleet-slow-lookups",
}

// untreated are the cases whose recommended remedies are not tried: a restart takes minutes there, or would not hold the fault.
var untreated = []string{
	"settlement-acks-later-and-later", "rollup-wide-far", "sessions-narrow-link", "catalogue-lossy-link", // hardly a message arrives
	"settlement-jobmanager-squeezed",                                                                                  // 0.05 of a core start no JobManager in time
	"settlement-jobmanager-heap",                                                                                      // its options of the JVM would overrule a larger process
	"settlement-unaligned-has-no-effect", "settlement-wide-unaligned-has-no-effect", "prices-unaligned-has-no-effect", // an upgrade is the cure
}

// pairs reads "key=value key=value"; keys may be short names.
func pairs(text string) map[string]string {
	all := map[string]string{}
	for _, field := range strings.Fields(text) {
		key, value, _ := strings.Cut(field, "=")
		if long, ok := shortNames[key]; ok {
			key = long
		}
		all[key] = value
	}
	return all
}

// held is a case of a held-out job that ends with the fifth expired checkpoint: a pass every 7 s sees checkpoints that expire every 8 s a second
// younger each time, so that with three of them no pass might have come late in one.
func held(name, job string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: name, Why: why, Config: pairs(config), Args: strings.Fields(args), Parallelism: parallelism,
			Job: &heldOutJobs, EntryClass: job, Store: &heldOutStore},
		Until: Until{Expired: 5},
	}
}

// of names the true causes.
func (c Case) of(causes ...string) Case {
	c.Causes = causes
	return c
}

// outgrows tells that no remedy cures the fault for good.
func (c Case) outgrows() Case {
	c.Incurable = true
	return c
}

// on names the version of Flink.
func (c Case) on(version string) Case {
	c.Versions = []string{version}
	return c
}

// sick brings these tunables after so many completed checkpoints.
func (c Case) sick(completed int, tunables string) Case {
	c.Onset, c.Delays = completed, pairs(tunables)
	return c
}

// then adds a change after some time.
func (c Case) then(after time.Duration, tunables string) Case {
	c.Steps = append(slices.Clone(c.Steps), flinklocal.Step{After: after, Delays: pairs(tunables)})
	return c
}

// step adds a change of another kind.
func (c Case) step(s flinklocal.Step) Case {
	c.Steps = append(slices.Clone(c.Steps), s)
	return c
}

// lab sets sizes of the processes.
func (c Case) lab(sizes string) Case {
	c.Lab = pairs(sizes)
	return c
}

// until replaces the end of the sick phase.
func (c Case) until(u Until) Case {
	c.Until = u
	return c
}

// grows tells that the fault comes slowly.
func (c Case) grows() Case {
	c.SlowOnset = true
	return c
}

// odd makes it a healthy case and says what looks sick; it is watched for so long.
func (c Case) odd(what string, watched time.Duration) Case {
	c.Odd, c.Until = what, Until{Time: watched}
	return c
}
