package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningUnhurried are healthy jobs in which something grows or swells as it does in sick ones, and has room.
func tuningUnhurried() []Case {
	return []Case{
		{
			Case: stored(orders("odd-state-grows-far-off", 3, checkpointing("4s", "90s", keyBackend, "rocksdb"), "--rate 60 --keys 600 --entry-bytes 4096 --entries-per-key 50 --message-bytes 50",
				"240 KiB a second and subtask are added to the state and written whole at 3 MB/s: a checkpoint takes 0.3 s at first and 8 s after 100 s, of a timeout of 90 s."),
				2, "write.kbps", "3000"),
			Odd: "each checkpoint is larger and takes longer than the one before", Until: Until{Time: 110 * time.Second}, Every: 12 * time.Second, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(stored(traffic("odd-once-three-times", 5, checkpointing("5s", "20s"), "--rate 100 --keys 500 --window-s 60 --message-bytes 300",
				"Files take 1.2 s to close, as always; for the time of one checkpoint they take 4 s, and then 1.2 s again. The timeout is 20 s."), 0, "close.ms", "1200"),
				flinklocal.Step{Completed: 6, Delays: map[string]string{"close.ms": "4000"}},
				flinklocal.Step{After: 6 * time.Second, Delays: map[string]string{"close.ms": "1200"}}),
			Odd: "one checkpoint takes three times its usual time", Until: Until{Time: 70 * time.Second}, Every: 3 * time.Second, Versions: []string{"2.2.1"},
		},
	}
}

// tuningBusy are healthy jobs that are as busy, or whose checkpoints overlap, as in sick ones.
func tuningBusy() []Case {
	minute := Until{Time: 60 * time.Second}
	return []Case{
		{
			Case: bids("odd-few-rows-kept-up-with", 3, every8(), "--bids-rate 11 --bid-bytes 8 --profile-ms 75 --from-s 12",
				"Each of 11 bids a second takes 75 ms: three subtasks are busy nine tenths of the time, some few bids wait, and a barrier with them for a quarter of a second or two."),
			Odd: "all subtasks of a step are busy", Until: minute, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(sized(bids("odd-overlapping", 4, checkpointing("1s", "30s", keyConcurrent, "4"), "--bids-rate 300 --campaigns 3000 --last-bytes 4096 --bid-bytes 60",
				"6 MiB a TaskManager at 7 MiB/s take 0.9 s, and begin every second: now and then two are in progress at once, of a timeout of 30 s."),
				map[string]string{keyTaskHeap: "384m"}), 3, "write.total.kbps", "7000"),
			Odd: "several checkpoints are in progress at once", Until: minute, Versions: []string{"1.18.1"},
		},
	}
}

// tuningOlderProcesses is a TaskManager of Flink 1.18 without enough CPU.
func tuningOlderProcesses() []Case {
	pressed := []string{"TaskManagerPressure"}
	return advised(
		Case{
			Case: stepped(traffic("older-cpu-one-of-two", 4, checkpointing("3s", "8s"), "--rate 250 --keys 600 --time event --window-s 1 --message-bytes 200 --window-burn-us 900",
				"One of two TaskManagers has a ninth of a core: 300 windows a second fire in it, 0.9 ms each, a quarter of a core, beside two sources of 250 gauges a second."), strained(0.11)),
			Causes: pressed, Until: Until{Expired: 4}, Alone: true, Versions: []string{"1.18.1"},
		},
	)
}
