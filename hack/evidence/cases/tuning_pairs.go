package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// alternating are steps that set one delay of storage and take it away again, so many times.
func alternating(times int, bad, good time.Duration, onset int, key, value string) []flinklocal.Step {
	var steps []flinklocal.Step
	for i := range times {
		s := flinklocal.Step{After: good, Delays: map[string]string{key: value}}
		if i == 0 {
			s.Completed, s.After = onset, 0
		}
		steps = append(steps, s, flinklocal.Step{After: bad, Delays: map[string]string{}})
	}
	return steps
}

// tuningPairs have two causes at once, in pairs that tuningTwo and tuningShapesTwo have not.
func tuningPairs() []Case {
	return advised(
		Case{
			Case: stepped(orders("two-storage-and-commit", 2, every10(), "--rate 300 --keys 400 --entry-bytes 4096 --entries-per-key 8 --commit-ms 14000 --from-s 15",
				"6 MiB a subtask take 20 s at 300 KiB/s, for 20 s at a time; whenever storage is well a checkpoint completes, and its committer publishes for 14 s, which the next "+
					"barrier waits for. The timeout is 10 s."), alternating(4, 20*time.Second, 24*time.Second, 3, "write.kbps", "300")...),
			Causes: []string{"SlowStateBackend", "CommitBlocksTask"}, Until: Until{Expired: 6, Time: 120 * time.Second},
		},
		Case{
			Case: job("two-coordinator-and-flush", 2, every10(), small+" --coordinator-ms 6500 --flush-ms 7500 --from-s 15",
				"The source's coordinator takes 6.5 s for its snapshot, and after the trigger the sinks wait 7.5 s before they let the barrier pass: neither alone reaches the timeout of 10 s."),
			Causes: []string{"SinkFlush", "CoordinatorBlocked"}, Until: Until{Expired: 5},
		},
		Case{
			Case: stepped(job("two-storage-and-latency", 2, checkpointing("3s", "10s", keyAsk, "60 s"), small,
				"4 MiB a subtask take 6.8 s at 600 KiB/s, and messages to the JobManager 5 s to 6 s: 12 s together, where either alone would be in time."),
				flinklocal.Step{Completed: 3, Delays: map[string]string{"write.kbps": "600"}, Link: delayed(0, "upstream", 5000, 1000).Link}),
			Causes: []string{"SlowStateBackend", "NetworkLatency"}, Until: Until{Expired: 5},
		},
		Case{
			Case: stepped(job("two-jobmanager-and-pressure", 12, every10(), "--keys 2000 --value-bytes 100 --rate 100 --payload-bytes 8000 --sink-ms 60 --jm-spin-threads 20 --from-s 15",
				"Sinks take 60 ms an event where 100 a second come: barriers wait behind full buffers. The JobManager has a seventh of a core for 36 subtasks and twenty busy threads: "+
					"its messages take seconds."), bounded(2, 0.14)),
			Causes: []string{"Backpressure", "JobManagerOverload/CPU"}, Until: Until{Expired: 4, Time: 90 * time.Second}, Alone: true,
		},
	)
}

// tuningBursts are jobs whose back pressure comes and goes faster than the minute over which Flink averages it.
func tuningBursts() []Case {
	bursts := " --payload-bytes 8000 --sink-ms 8 --burst-s 15 --from-s 10"
	return advised(
		Case{
			Case: stored(job("bursts-slow-storage", 2, every10(), "--keys 2000 --value-bytes 4096 --rate 200"+bursts,
				"For 15 s of every 30 the sinks take 125 events a second where 200 come, and barriers wait some 2 s. What expires are uploads: 4 MiB a subtask take 14 s at 300 KiB/s."),
				3, "write.kbps", "300"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 6},
		},
		Case{
			Case: job("odd-bursts", 2, checkpointing("3s", "15s"), "--keys 2000 --value-bytes 1024 --rate 200"+bursts,
				"For 15 s of every 30 the sinks take 125 events a second where 200 come: back pressure is high, barriers wait some 2 s, and the buffers are empty again soon after."),
			Odd: "back pressure comes in bursts", Until: Until{Time: 120 * time.Second},
		},
	)
}
