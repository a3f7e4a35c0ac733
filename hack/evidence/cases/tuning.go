package cases

import (
	"maps"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuning is the half that rules and thresholds may be made with.
func tuning() []Case {
	return slices.Concat(tuningStorage(), tuningPressure(), tuningCleanup(), tuningNetwork(), tuningJobManager(), tuningTasks(), tuningFailures(), tuningTaskManagers(),
		tuningCode(), tuningVersions(), tuningOdd(), tuningOddLoad(), tuningTwo(), tuningShapes(),
		tuningGrowing(), tuningAcks(), tuningSources(), tuningPairs(), tuningBursts(), tuningRemedies(), tuningThrottled(), tuningPressed(),
		tuningOlder(), tuningRepeated(), tuningSnapshots(), tuningHarmless(), tuningOnsets(),
		tuningHotels(),
		tuningLossy(), tuningLossyOdd(), tuningUnhurried(), tuningOlderProcesses(), tuningBids(), tuningBidsOdd(), tuningSkewedPressure(),
		tuningBidsMore(), tuningLossyMore(), tuningBidsOddMore(), tuningUnaligned(), tuningUnalignedOdd(), tuningFewRows(), tuningBusy(), tuningCharges(), tuningChargesOdd(), tuningDwindling(), tuningPermits())
}

// Keys that several cases set.
const (
	keyTimeout     = "execution.checkpointing.timeout"
	keyInterval    = "execution.checkpointing.interval"
	keyTolerable   = "execution.checkpointing.tolerable-failed-checkpoints"
	keyConcurrent  = "execution.checkpointing.max-concurrent-checkpoints"
	keyIncremental = "execution.checkpointing.incremental"
	keyUnaligned   = "execution.checkpointing.unaligned.enabled"
	// keyAlignedTimeout is how long an unaligned barrier waits behind others before it overtakes them.
	keyAlignedTimeout = "execution.checkpointing.aligned-checkpoint-timeout"
	keyBackend        = "state.backend.type"
	keyIOPool         = "jobmanager.io-pool.size"
	keyFrame          = "pekko.framesize"
	keyInline         = "execution.checkpointing.data-inline-threshold"
	keyAsk            = "pekko.ask.timeout"
	keyProcess        = "jobmanager.memory.process.size"
	keyTaskHeap       = "taskmanager.memory.task.heap.size"
)

// Jobs of the sizes that several cases have; what they write is incompressible.
const (
	small  = "--keys 2000 --value-bytes 4096 --rate 500" // 8 MiB in all
	tiny   = "--keys 100 --rate 200"                     // nothing worth mentioning
	medium = "--keys 8000 --value-bytes 4096 --rate 500" // 32 MiB
)

// every10 gives up a checkpoint after 10 s and begins one every 3 s; failures do not restart the job.
func every10(more ...string) map[string]string { return checkpointing("3s", "10s", more...) }

// strict is every10 with Flink's default: the first expired checkpoint restarts the job.
func strict(more ...string) map[string]string { return every10(append(more, keyTolerable, "0")...) }

// checkpointing is the configuration of checkpoints, and more of it as keys and values in turn.
func checkpointing(interval, timeout string, more ...string) map[string]string {
	conf := map[string]string{keyInterval: interval, keyTimeout: timeout, keyTolerable: "1000"}
	for i := 0; i+1 < len(more); i += 2 {
		conf[more[i]] = more[i+1]
	}
	return conf
}

// job is a pipeline of that parallelism.
func job(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return flinklocal.Case{Name: name, Why: why, Config: conf, Args: strings.Fields(args), Parallelism: parallelism}
}

// stored is the case with storage that turns bad after some completed checkpoints; delays as keys and values in turn.
func stored(c flinklocal.Case, onset int, delays ...string) flinklocal.Case {
	c.Delays, c.Onset = map[string]string{}, onset
	for i := 0; i+1 < len(delays); i += 2 {
		c.Delays[delays[i]] = delays[i+1]
	}
	return c
}

// stepped is the case with steps.
func stepped(c flinklocal.Case, steps ...flinklocal.Step) flinklocal.Case {
	c.Steps = steps
	return c
}

// growing are steps that set one delay of storage to each value in turn, one every so long.
func growing(every time.Duration, onset int, key string, values ...string) []flinklocal.Step {
	var steps []flinklocal.Step
	for i, v := range values {
		s := flinklocal.Step{After: every, Delays: map[string]string{key: v}}
		if i == 0 {
			s = flinklocal.Step{Completed: onset, Delays: s.Delays}
		}
		steps = append(steps, s)
	}
	return steps
}

// sized is the case with sizes of the local processes.
func sized(c flinklocal.Case, lab map[string]string) flinklocal.Case {
	c.Lab = maps.Clone(lab)
	return c
}
