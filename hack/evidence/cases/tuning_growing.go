package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// lagging are steps that delay messages to the JobManager by each number of milliseconds in turn, one every so long.
func lagging(every time.Duration, onset int, ms ...float64) []flinklocal.Step {
	var steps []flinklocal.Step
	for i, m := range ms {
		s := delayed(0, "upstream", m, m/10)
		s.After = every
		if i == 0 {
			s.Completed, s.After = onset, 0
		}
		steps = append(steps, s)
	}
	return steps
}

// starving are steps that leave the JobManager each number of cores in turn, one every so long.
func starving(every time.Duration, onset int, cores ...float64) []flinklocal.Step {
	var steps []flinklocal.Step
	for i, c := range cores {
		s := flinklocal.Step{After: every, JobManagerCPU: c}
		if i == 0 {
			s = bounded(onset, c)
		}
		steps = append(steps, s)
	}
	return steps
}

// grows is how long what grows is watched at most.
var grows = Until{Expired: 4, Time: 240 * time.Second}

// tuningGrowing are faults that grow over two minutes: ten checkpoints and more complete before the first one expires.
func tuningGrowing() []Case {
	all := advised(append(growingLoad(), growingWaits()...)...)
	for i := range all {
		all[i].SlowOnset, all[i].Every = true, 14*time.Second
	}
	return all
}

// growingLoad are steps that take longer with each message, and keys that get hotter.
func growingLoad() []Case {
	return []Case{
		{
			Case: job("growing-sink", 2, every10(), "--keys 2000 --value-bytes 100 --rate 100 --payload-bytes 8000 --sink-ms 120 --ramp-s 180 --from-s 12",
				"Sinks take two thirds of a millisecond longer with each second, up to 120 ms: from 10 ms on they take less than the 100 events a second that come, "+
					"and some 150 events of 8 kB wait before each barrier: 2 s at 10 ms, 10 s at 70 ms."),
			Causes: []string{"Backpressure"}, Until: grows,
		},
		{
			Case: orders("growing-step", 4, every8(keyBackend, "rocksdb"), "--rate 100 --keys 2000 --message-bytes 6000 --entry-bytes 100 --risk-ms 90 --ramp-s 180 --from-s 12",
				"Each order takes half a millisecond longer with each second, up to 90 ms: from 10 ms on fewer are taken than the 100 a second that come; some 200 of 6 kB "+
					"wait before each barrier, 8 s at 40 ms."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: orders("growing-hot-share", 8, every8(), "--rate 40 --keys 4000 --hot-share 0.7 --message-bytes 2500 --risk-hot 1 --risk-ms 10 --ramp-s 180 --from-s 12",
				"The share of one key grows from nothing to seven in ten of 320 orders a second, in three minutes; each of them takes 10 ms: at three in ten its subtask takes no "+
					"more, and some thousand orders gather before its barriers."),
			Causes: []string{"DataSkew"}, Until: grows,
		},
		{
			Case: stored(orders("growing-hot-key-bytes", 4, every10(),
				"--rate 7 --keys 200 --hot-share 0.97 --entry-bytes 4096 --entries-per-key 5000 --message-bytes 20",
				"One key gets 27 entries of 4 KiB a second: at 700 KiB/s they take 10 s once it has 7 MiB, after a minute and a half. The other subtasks hold next to nothing."),
				2, "write.kbps", "700"),
			Causes: []string{"DataSkew"}, Until: grows, Versions: []string{"2.2.1"},
		},
	}
}

// growingWaits are waits that get longer: of a source, a sink, a coordinator, and for the JobManager.
func growingWaits() []Case {
	return []Case{
		{
			Case: ledger(job("growing-lock", 2, every10(), "--rate 1 --read-s 30 --ramp-s 200 --from-s 12",
				"A source of the old kind scans under the checkpoint lock before each entry, a seventh of a second longer with each second, up to 30 s: a trigger waits for the end of the "+
					"scan. After a minute that is 10 s.")),
			Causes: []string{"SourceBlocked"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: job("growing-flush", 2, every10(), small+" --flush-ms 15000 --ramp-s 140 --from-s 12",
				"Sinks wait a tenth of a second longer with each second before they let the barrier pass: 10 s after a minute and a half."),
			Causes: []string{"SinkFlush"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(job("growing-network-delay", 2, checkpointing("2s", "6s", keyAsk, "60 s"), small,
				"Messages to the JobManager take 0.3 s, and 0.5 s more every 14 s, up to 7 s: acknowledgements come later and later, at last after the timeout of 6 s."),
				lagging(14*time.Second, 3, 300, 800, 1400, 2000, 2600, 3200, 3800, 4400, 5000, 5600, 6300, 7000)...),
			Causes: []string{"NetworkLatency"}, Until: grows,
		},
		{
			Case: job("growing-coordinator", 2, every10(), small+" --coordinator-ms 15000 --ramp-s 140 --from-s 12",
				"The source's coordinator takes a tenth of a second longer for its snapshot with each second: 10 s after a minute and a half, and no task is triggered before."),
			Causes: []string{"CoordinatorBlocked"}, Until: grows,
		},
		{
			Case: stepped(job("growing-jobmanager-cpu", 6, every8(), small+" --jm-spin-threads 40 --from-s 12",
				"Forty busy threads and checkpointing share 0.7 of a core of the JobManager, and less every 14 s, at last a ninth of one: each message waits longer for its turn. "+
					"(With eight threads checkpoints take a second or two even on a twelfth of a core.)"),
				starving(14*time.Second, 4, 0.7, 0.5, 0.38, 0.3, 0.24, 0.2, 0.17, 0.15, 0.13, 0.11)...),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 160 * time.Second}, Alone: true,
		},
	}
}
