package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// bounded is a step after which the JobManager has so many cores.
func bounded(completed int, cores float64) flinklocal.Step {
	return flinklocal.Step{Completed: completed, JobManagerCPU: cores}
}

// serial is the case with a JobManager that collects in one thread and stops meanwhile.
func serial(c flinklocal.Case) flinklocal.Case {
	c.JobManagerJVM = []string{"-XX:+UseSerialGC"}
	return c
}

func tuningJobManager() []Case {
	return []Case{
		{
			Case: stepped(job("jobmanager-cpu-quota", 8, every10(), small+" --jm-spin-threads 40 --from-s 20",
				"Forty busy threads share a sixth of a core with checkpointing: every message waits for seconds."), bounded(2, 0.16)),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 90 * time.Second}, Alone: true, NoRemedy: true, Versions: []string{"1.20.5", "2.2.1"},
		},
		{
			Case: stepped(job("odd-jobmanager-throttled", 4, every10(), small+" --jm-spin-threads 12 --from-s 20",
				"Twelve busy threads share a third of a core with checkpointing, which needs little of it: checkpoints take a quarter of a second."), bounded(2, 0.33)),
			Odd: "the JobManager is at its CPU limit", Until: Until{Time: 70 * time.Second}, Alone: true,
		},
		{
			Case: serial(job("jobmanager-heap-full", 4, every10(keyProcess, "704m"), small+" --jm-live-mb 78 --jm-garbage-mb-s 3000 --from-s 15",
				"704 MiB leave 128 MiB of heap; 78 MiB live, the JobManager's own and much garbage: it collects nearly all the time.")),
			Causes: []string{"JobManagerOverload/Heap"}, Until: Until{Time: 70 * time.Second}, Alone: true, Versions: []string{"2.2.1"},
		},
		{
			Case: serial(job("jobmanager-heap-growing", 2, every10(keyProcess, "704m"),
				small+" --jm-live-mb 84 --jm-live-mb-s 1 --jm-garbage-mb-s 2000 --from-s 15",
				"The live set grows by 1 MiB/s up to 84 of the 128 MiB of heap, then garbage comes on top.")),
			Causes: []string{"JobManagerOverload/Heap"}, SlowOnset: true, Until: Until{Time: 150 * time.Second}, Every: 14 * time.Second, Alone: true,
		},
		{
			Case: job("coordinator-slow-wide", 4, every10(), small+" --coordinator-ms 13000 --from-s 15",
				"The source's coordinator takes 13 s for its snapshot: no task is triggered before."),
			Causes: []string{"CoordinatorBlocked"}, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
		{
			Case: job("coordinator-slow-strict", 2, strict(), small+" --coordinator-ms 13000 --from-s 15",
				"The same in a job that restarts at the first expired checkpoint."),
			Causes: []string{"CoordinatorBlocked"}, Until: Until{Expired: 3},
		},
	}
}
