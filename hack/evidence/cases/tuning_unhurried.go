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
