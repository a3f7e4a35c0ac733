package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func tuningOdd() []Case {
	minute := Until{Time: 50 * time.Second}
	return []Case{
		{
			Case: job("odd-long-checkpoints", 2, checkpointing("6s", "20s"), small+" --flush-ms 4500",
				"Each checkpoint takes 4.5 s, less than a quarter of its timeout of 20 s and less than its interval."),
			Odd: "each checkpoint takes seconds", Until: minute,
		},
		{
			Case: stepped(job("odd-one-old-failure", 2, every10(), small,
				"Storage stalls once, for 14 s; since then all is well."),
				flinklocal.Step{Completed: 3, Delays: map[string]string{"write.kbps": "100"}},
				flinklocal.Step{After: 14 * time.Second, Delays: map[string]string{}}),
			Odd: "one checkpoint expired a while ago", Until: Until{Time: 75 * time.Second},
		},
		{
			Case: job("odd-idle-sources", 4, every10(), "--keys 100 --rate -1", "No event ever comes, and checkpoints take some milliseconds."),
			Odd:  "sources are idle", Until: minute, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(job("odd-restart-a-while-ago", 2, every10(), small, "A TaskManager was lost and came again; since then all is well."),
				flinklocal.Step{Completed: 4, KillTaskManager: true}),
			Odd: "the job restarted a while ago", Until: Until{Time: 120 * time.Second}, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(stored(job("odd-savepoints", 2, checkpointing("3s", "20s"), small, "Savepoints are taken while all is well; a file takes 2 s."),
				0, "close.ms", "1000"), flinklocal.Step{Completed: 3, Savepoint: true}, flinklocal.Step{After: 10 * time.Second, Savepoint: true},
				flinklocal.Step{After: 12 * time.Second, Savepoint: true}),
			Odd: "savepoints are in progress", Until: minute,
		},
	}
}

func tuningOddLoad() []Case {
	minute := Until{Time: 50 * time.Second}
	return []Case{
		{
			Case: job("odd-finished-source", 2, every10(), small+" --finished-records 2000", "A second source has read all it had and is finished."),
			Odd:  "some subtasks are finished", Until: minute,
		},
		{
			Case: ledger(job("odd-unaligned-backpressure", 2, every10(keyUnaligned, "true"), "--sequence 1 --write-ms 40",
				"Sinks take 40 ms an entry and all buffers are full, but unaligned checkpoints pass them: they take a second or less. So they do in 1.20.1, whose "+
					"FLINK-37870 a sink without a committer does not meet.")),
			Odd: "back pressure is high", Until: minute, Versions: []string{"1.20.1", "1.20.5"},
		},
		{
			Case: job("odd-busy-jobmanager", 2, every10(), small+" --jm-spin-threads 1 --jm-garbage-mb-s 60",
				"A thread of the JobManager is always busy; checkpoints take a tenth of a second."),
			Odd: "the JobManager's CPU is busy", Until: minute,
		},
	}
}

func tuningTwo() []Case {
	return []Case{
		{
			Case: stored(job("two-storage-and-cleanup", 2, every10(), small,
				"Files are written at 250 KiB/s, 16 s for 4 MiB, and take 14 s to close; each delete takes 14 s and holds the one io thread, which every "+
					"trigger waits for."), 3, "write.kbps", "250", "close.ms", "14000", "delete.ms", "14000"),
			Causes: []string{"SlowStateBackend", "SlowCleanup"}, Until: Until{Expired: 5}, NoRemedy: true, Versions: []string{"1.17.2"},
		},
		{
			Case: stored(job("two-storage-and-flush", 2, every10(), small+" --flush-ms 12000 --from-s 18",
				"The keyed function's 4 MiB take 14 s at 300 KiB/s, and the sinks wait 12 s for the system behind them: either would be too long."),
				3, "write.kbps", "300"),
			Causes: []string{"SlowStateBackend", "SinkFlush"}, Until: Until{Expired: 4}, NoRemedy: true,
		},
		{
			Case: stored(job("two-storage-and-source", 4, every10(), "--keys 4000 --value-bytes 4096 --rate 500 --source-block-ms 25000 --only-subtask 0 --from-s 18",
				"One source subtask stays in one call for 25 s at a time; in between the keyed function's 4 MiB take 14 s at 300 KiB/s."), 3, "write.kbps", "300"),
			Causes: []string{"SourceBlocked", "SlowStateBackend"}, Until: Until{Expired: 5}, NoRemedy: true,
		},
	}
}
