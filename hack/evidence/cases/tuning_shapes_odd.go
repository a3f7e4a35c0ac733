package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningShapesOdd are jobs of the other topologies that look sick and whose checkpoints complete.
func tuningShapesOdd() []Case {
	minute := Until{Time: 50 * time.Second}
	return []Case{
		{
			Case: stepped(shipments("odd-restarted", 4, every10(), "--rate 100 --entry-bytes 200", "A TaskManager was lost and came again; since then all is well."),
				flinklocal.Step{Completed: 3, KillTaskManager: true}),
			Odd: "the job restarted a while ago", Until: Until{Time: 90 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: shipments("odd-slow-sink", 4, checkpointing("5s", "30s"), "--rate 100 --message-bytes 8000 --audit-ms 12",
				"One sink of three takes 12 ms a scan, 83 a second where 100 come: back pressure is high, but few scans fit into the buffers, and barriers pass in seconds."),
			Odd: "back pressure is high", Until: minute,
		},
		{
			Case: single(stepped(traffic("odd-cpu-near-limit", 4, every8(), "--rate 500 --keys 500 --window-s 2",
				"The one TaskManager has a sixth of a core and uses four fifths of it; checkpoints take a tenth of a second."), strained(0.16))),
			Odd: "a TaskManager uses most of its CPU", Until: Until{Time: 150 * time.Second}, Alone: true,
		},
		{
			Case: orders("odd-unaligned-committer", 2, every10(keyUnaligned, "true"), "--rate 0 --message-bytes 500 --sink-ms 40 --from-s 10",
				"A sink that commits takes 40 ms an order and buffers are full, but unaligned barriers pass them, as they do not in 1.20.1 and 2.0.0 (FLINK-37870)."),
			Odd: "back pressure is high", Until: minute,
		},
		{
			Case: stepped(job("odd-taskmanager-throttled", 2, every10(), "--keys 2000 --value-bytes 4096 --rate 2000 --tm-spin-threads 6 --only-subtask 1 --from-s 20",
				"One TaskManager has a twelfth of a core and uses all of it; checkpoints take half a second instead of a tenth."), strained(0.08)),
			Odd: "a TaskManager is at its CPU limit", Until: Until{Time: 90 * time.Second}, Alone: true, Versions: []string{"2.2.1"},
		},
		{
			Case: sized(orders("odd-much-garbage", 4, every10(), "--rate 300 --risk-garbage-kb 60 --task-live-mb 60 --task-garbage-mb-s 40 --task-only 1 --from-s 8",
				"One TaskManager collects often, some 60 of 320 MiB live: nothing waits for it."), map[string]string{keyTaskHeap: "256m"}),
			Odd: "a TaskManager collects garbage, 3 % of the time", Until: minute,
		},
		{
			Case: orders("odd-steady-hot-key", 4, every8(), "--rate 200 --keys 3000 --hot-share 0.6 --message-bytes 2000 --risk-hot 1 --risk-burn-us 4000 --from-s 12",
				"480 of 800 orders a second have one key and take 4 ms each: its subtask takes 250 a second. Some 800 wait before a barrier, less than 4 s of the timeout of 8 s, each time."),
			Odd: "one subtask does nearly all the work", Until: Until{Time: 150 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(shipments("odd-old-failure", 4, every8(), "--rate 200 --keys 2000 --entry-bytes 4096", "Storage stalls once, for 12 s; since then all is well."),
				flinklocal.Step{Completed: 3, Delays: map[string]string{"write.kbps": "60"}},
				flinklocal.Step{After: 12 * time.Second, Delays: map[string]string{}}),
			Odd: "one checkpoint expired a while ago", Until: Until{Time: 75 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: traffic("odd-firing-windows", 4, checkpointing("4s", "20s"), "--rate 300 --keys 1000 --window-s 10 --window-ms 8",
				"250 windows of a subtask fire one after the other, 2 s in one timer: a checkpoint that meets them takes so long, with 20 s of timeout."),
			Odd: "barriers wait seconds for user code", Until: minute,
		},
	}
}

// tuningShapesTwo have two causes at once.
func tuningShapesTwo() []Case {
	return advised(
		Case{
			Case: stored(shipments("two-call-and-storage", 4, every10(), "--rate 100 --keys 4000 --entry-bytes 4096 --match-call http --match-call-ms 40000 --match-only 0 --match-every 200 --from-s 15",
				"One subtask waits 40 s for a server; the 4 MiB of the others take 14 s at 300 KiB/s. The timeout is 10 s."), 3, "write.kbps", "300"),
			Causes: []string{"UserCodeBlocking", "SlowStateBackend"}, Until: Until{Expired: 4},
		},
		Case{
			Case: stepped(orders("two-commit-and-latency", 2, checkpointing("2s", "6s", keyAsk, "60 s"), "--rate 100 --commit-ms 12000 --from-s 15",
				"The committer publishes for 12 s after each checkpoint that completes, and messages to the JobManager take 0.5 s to 6.5 s: some acknowledgements come after the "+
					"timeout of 6 s, and whenever a checkpoint completes the next two meet the committer."),
				delayed(4, "upstream", 3500, 3000)),
			Causes: []string{"NetworkLatency", "CommitBlocksTask"}, Until: Until{Expired: 5, Time: 100 * time.Second},
		},
	)
}

// tuningShapesPressure are checkpoints that begin faster than they can be written.
func tuningShapesPressure() []Case {
	until := Until{Expired: 4}
	heap := map[string]string{keyTaskHeap: "768m"}
	return []Case{
		{
			Case: stored(sized(shipments("pressure-join", 4, checkpointing("2s", "10s", keyConcurrent, "4"), "--rate 300 --keys 6000 --entry-bytes 32768", "94 MiB a TaskManager at 25 MiB/s take 4 s; every 2 s, "+
				"four at a time, the uploads of a subtask queue behind each other beyond 10 s."), heap), 0, "write.total.kbps", "26000"),
			Causes: []string{"CheckpointPressure"}, Until: until,
		},
		{
			Case: stored(sized(orders("pressure-orders-rocksdb", 4, checkpointing("1s", "8s", keyConcurrent, "5", keyBackend, "rocksdb"), "--rate 400 --keys 3000 --entry-bytes 16384 --entries-per-key 1",
				"24 MiB a TaskManager at 10 MiB/s take 2.4 s; every second, five at a time, they queue beyond 8 s."), heap), 0, "write.total.kbps", "10000"),
			Causes: []string{"CheckpointPressure"}, Until: until, Versions: []string{"2.2.1"},
		},
	}
}
