package cases

import "time"

// tuningRemedies are made for what comes after the diagnosis: how large a remedy is, whether its restart is borne, and how it is judged.
func tuningRemedies() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: stored(job("remedy-strict-store", 2, checkpointing("3s", "8s", keyTolerable, "0"), small,
				"4 MiB a subtask at 350 KiB/s take 11.7 s against a timeout of 8 s, and each expiry restarts the job: what would have sufficed is never seen."),
				3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3},
		},
		{
			Case: stored(job("remedy-throttled-store", 4, every10(), medium,
				"16 MiB a TaskManager at 400 KiB/s for all its streams together take 41 s, if nothing else is written: four times the timeout of 10 s."),
				3, "write.total.kbps", "400"),
			Causes: []string{"SlowStateBackend"}, Until: until,
		},
		{
			Case: stepped(job("remedy-far-jobmanager", 2, checkpointing("3s", "8s", keyAsk, "60 s"), small,
				"Messages to the JobManager take 9 s and up to 1 s more: acknowledgements come after the timeout of 8 s, and so does all that a restart needs."),
				delayed(3, "upstream", 9000, 1000)),
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 4, Time: 70 * time.Second},
		},
		{
			Case: stepped(job("remedy-near-jobmanager", 2, checkpointing("2s", "2s"), small,
				"Messages to the JobManager take 2.5 s: acknowledgements come after the timeout of 2 s. A slot needs 16 s at a restart, and is freed after 10 s."),
				delayed(3, "upstream", 2500, 100)),
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 4, Time: 60 * time.Second},
		},
		{
			Case: stored(job("remedy-store-and-commit", 2, every10(), small+" --commit-ms 32000 --from-s 12",
				"4 MiB a subtask at 350 KiB/s take 11.7 s against a timeout of 10 s; where one completes its commit blocks the sinks for 32 s, and the next expires. "+
					"No checkpoint completes before the remedy, so that there is no commit yet; afterwards every other one expires."),
				2, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: until,
		},
		{
			Case: stored(job("remedy-strict-latency", 4, checkpointing("4s", "6s", keyTolerable, "0"), "--keys 400 --value-bytes 8192 --rate 100",
				"Each file takes 3 s to open and 8 s to close whatever its size, 11 s against a timeout of 6 s, and each expiry restarts the job."),
				3, "create.ms", "3000", "close.ms", "8000"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(job("remedy-credit-store", 2, every10(), medium,
				"16 MiB a TaskManager: the first 12 MiB pass at once, by credit that is then used up, and the rest at 500 KiB/s; the next checkpoints take 33 s of 10 s."),
				3, "write.total.kbps", "500", "write.burst.kb", "12288"),
			Causes: []string{"SlowStateBackend"}, Until: until,
		},
		{
			Case: stored(shipments("remedy-call-and-store", 4, every10(), "--rate 100 --keys 4000 --entry-bytes 4096 --match-call http --match-call-ms 40000 --match-only 0 --match-every 300 --from-s 25",
				"The 4 MiB of a subtask take 14 s at 300 KiB/s, against 10 s; from a while later on one of four waits 40 s for a server now and then."), 3, "write.kbps", "300"),
			Causes: []string{"SlowStateBackend", "UserCodeBlocking"}, Until: Until{Expired: 4},
		},
	}
}

// tuningThrottled are stores whose bandwidth all that write share. How long an upload takes is told by what comes late, or not at all.
func tuningThrottled() []Case {
	return []Case{
		{
			Case: stored(job("remedy-throttled-rocksdb", 4, every10(keyBackend, "rocksdb"), "--keys 8000 --value-bytes 4096 --rate 60",
				"16 MiB a TaskManager and what RocksDB has not compacted yet, at 200 KiB/s for all its streams together, take more than 80 s: what came 60 s after the expiry at "+
					"the latest tells nothing of it."),
				12, "write.total.kbps", "200"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 12, Time: 85 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(job("remedy-throttled-strict", 4, strict(), medium,
				"16 MiB a TaskManager at 400 KiB/s for all its streams together take 41 s, four times the timeout of 10 s, and each expiry restarts the job."),
				3, "write.total.kbps", "400"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3},
		},
		{
			Case: stored(job("remedy-throttled-increments", 2, every10(keyBackend, "rocksdb", keyIncremental, "true"), "--keys 4000 --value-bytes 4096 --rate 12",
				"24 values of 4 KiB a second change, 96 KiB/s in both TaskManagers; an increment of 3 s is 144 KiB a TaskManager, which at 58 KiB/s never catches up with "+
					"what changes meanwhile until 14 s of it are written at a time, more than the timeout of 10 s."),
				3, "write.total.kbps", "58"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 4},
		},
		{
			Case: stored(job("remedy-throttled-one", 1, strict(keyBackend, "rocksdb"), "--keys 3000 --value-bytes 4096 --rate 100",
				"12 MiB of the only subtask at 200 KiB/s take 61 s, six times the timeout of 10 s, and more with what RocksDB has not compacted; each expiry restarts the job."),
				11, "write.total.kbps", "200"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
		{
			Case: stored(job("remedy-files-increments", 6, checkpointing("4s", "8s", keyBackend, "rocksdb", keyIncremental, "true"), "--keys 1200 --value-bytes 4096 --rate 100",
				"Each file takes 4 s to open and 6 s to close whatever its size: 10 s and more against a timeout of 8 s."),
				3, "create.ms", "4000", "close.ms", "6000"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(job("remedy-throttled-growing", 2, every10(), "--keys 60000 --value-bytes 4096 --rate 15",
				"Each key is new: 60 KiB/s a subtask, 2.5 MiB after 40 s; at 200 KiB/s a TaskManager takes 12 s then, and 3 s longer with every 10 s until one completes."),
				12, "write.total.kbps", "200"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(sized(job("remedy-pressure-grown", 1, checkpointing("2s", "10s", keyConcurrent, "2"), "--keys 6000 --value-bytes 16384 --rate 120",
				"Two MiB a second are new until 94 MiB are there after 50 s, all of which each checkpoint writes: 12 s at 8 MiB/s, more than the timeout of 10 s by itself."),
				map[string]string{keyTaskHeap: "768m"}), 0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 4},
		},
	}
}

// tuningPressed write too much too often, each in its own way: what a longer interval changes of that, and what it does not.
func tuningPressed() []Case {
	heap := map[string]string{keyTaskHeap: "512m"}
	return []Case{
		{
			Case: stored(job("remedy-pressure-compacted", 1, checkpointing("2s", "10s", keyBackend, "rocksdb", keyIncremental, "true"), "--keys 12000 --value-bytes 8192 --rate 250",
				"Two MiB a second change, 4 MiB an increment; each fifth one holds all 94 MiB, for they were compacted: 12 s at 8 MiB/s, at whatever interval."),
				0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
		{
			Case: stored(job("remedy-pressure-piles", 2, checkpointing("2s", "8s", keyConcurrent, "3", keyBackend, "rocksdb"), "--keys 8000 --value-bytes 8192 --rate 300",
				"32 MiB a subtask at 8 MiB/s take 4 s, three at a time 12 s of 8 s; with all that RocksDB has not compacted it is up to three times as much."),
				0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(sized(job("remedy-pressure-strict", 2, strict(), "--keys 12000 --value-bytes 16384 --rate 300",
				"94 MiB a TaskManager at 8 MiB/s take 12 s, more than the timeout of 10 s, and each expiry restarts the job."), heap), 0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 2}, Every: 14 * time.Second,
		},
		{
			Case: stored(sized(job("remedy-pressure-growing", 5, checkpointing("2s", "8s"), "--keys 30000 --value-bytes 8192 --rate 60",
				"Each key is new: 1.5 MiB a second for the three subtasks of a TaskManager, until 140 MiB are there after 100 s. At 8 MiB/s they take 8 s after 45 s, and 17 s at last."),
				heap), 0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(job("remedy-throttled-beside", 5, strict(keyBackend, "rocksdb"), "--keys 4000 --value-bytes 4096 --rate 60",
				"3 MiB a subtask, of which three share the 400 KiB/s of their TaskManager: 24 s against a timeout of 10 s, and each expiry restarts the job."),
				6, "write.total.kbps", "400"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(sized(job("remedy-pressure-outgrown", 4, checkpointing("2s", "8s"), "--keys 60000 --value-bytes 8192 --rate 120",
				"Each key is new: two MiB a second for the two subtasks of a TaskManager, 8 s at 8 MiB/s after 35 s, and 29 s at last, 235 MiB after two minutes."),
				map[string]string{keyTaskHeap: "768m"}), 0, "write.total.kbps", "8000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(job("remedy-throttled-piles", 4, every10(keyBackend, "rocksdb"), "--keys 4000 --value-bytes 4096 --rate 400",
				"8 MiB a TaskManager at 220 KiB/s take 37 s; while one does, RocksDB writes files of what changes, and the next uploads those as well."),
				6, "write.total.kbps", "220"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 12, Time: 85 * time.Second}, Versions: []string{"2.2.1"},
		},
	}
}
