package cases

import "time"

func tuningStorage() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: stored(job("slow-storage-wide", 4, every10(), "--keys 4000 --value-bytes 4096 --rate 500",
				"4 MiB a subtask at 350 KiB/s take 11.7 s, more than the timeout of 10 s."), 3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: until, Versions: []string{"1.18.1", "1.20.5"},
		},
		{
			Case: stored(job("slow-storage-strict", 2, strict(), small,
				"The same in a job that restarts at the first expired checkpoint: no acknowledgement ever comes late."), 3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: until, Versions: []string{"1.20.5", "2.2.1"},
		},
		{
			Case: stored(job("slow-storage-busy-jobmanager", 2, every10(), small+" --jm-spin-threads 1 --jm-garbage-mb-s 40",
				"The same beside a JobManager with a thread that is always busy and some garbage, which delays nothing."), 3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: until,
		},
		{
			Case: stored(job("slow-storage-latency-wide", 8, checkpointing("4s", "8s"), "--keys 800 --value-bytes 8192 --rate 100",
				"Each file takes 3 s to open and 8 s to close whatever its size: 11 s against a timeout of 8 s."), 2, "create.ms", "3000", "close.ms", "8000"),
			Causes: []string{"SlowStateBackend"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(job("storage-getting-slower", 2, every10(), small,
				"4 MiB a subtask at 2000, 1200, 900, 700, 600, 500, 420 and at last 300 KiB/s: from 2 s to 14 s against a timeout of 10 s."),
				growing(9*time.Second, 4, "write.kbps", "2000", "1200", "900", "700", "600", "500", "420", "300")...),
			Causes: []string{"SlowStateBackend"}, SlowOnset: true, Until: Until{Expired: 4, Time: 140 * time.Second}, NoRemedy: true,
		},
		{
			Case: stored(job("storage-create-fails-strict", 2, strict(), small,
				"No file can be created any more: the first failed checkpoint restarts the job."), 3, "create.fail", "true"),
			Causes: []string{"StorageFailure"}, Until: Until{Failed: 4, Time: 70 * time.Second}, Versions: []string{"1.20.5"},
		},
		{
			Case: stored(job("storage-metadata-stuck", 2, every10(), small,
				"All subtasks acknowledge at once, and the metadata file takes five minutes to create: the checkpoint stays pending beyond its timeout."),
				3, "metadata.ms", "300000"),
			Causes: []string{"StorageFailure"}, Until: Until{Time: 50 * time.Second}, Versions: []string{"1.20.5"},
		},
	}
}

func tuningPressure() []Case {
	until := Until{Expired: 4}
	heap := map[string]string{keyTaskHeap: "768m"}
	return []Case{
		{
			Case: stored(sized(job("pressure-full-rocksdb", 2, checkpointing("2s", "10s", keyConcurrent, "4", keyBackend, "rocksdb"),
				"--keys 6000 --value-bytes 32768 --rate 400",
				"94 MiB a TaskManager at 25 MiB/s take 4 s; every 2 s, four at a time, uploads of one subtask queue behind each other beyond 10 s."), heap),
				0, "write.total.kbps", "26000"),
			Causes: []string{"CheckpointPressure"}, Until: until,
		},
		{
			Case: stored(sized(job("pressure-full-heap", 4, checkpointing("2s", "8s", keyConcurrent, "3"), "--keys 6000 --value-bytes 32768 --rate 200",
				"94 MiB a TaskManager at 24 MiB/s take 4 s; every 2 s, three at a time, they queue beyond 8 s."), heap), 0, "write.total.kbps", "24000"),
			Causes: []string{"CheckpointPressure"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(sized(job("pressure-incremental-rocksdb", 2,
				checkpointing("2s", "10s", keyConcurrent, "4", keyBackend, "rocksdb", keyIncremental, "true"), "--keys 2000 --value-bytes 32768 --rate 600",
				"19 MiB/s a subtask change: an increment of 2 s holds nearly all of its 32 MiB, 3 s at 12 MiB/s; four at a time they queue beyond 10 s."),
				heap), 0, "write.total.kbps", "12000"),
			Causes: []string{"CheckpointPressure"}, Until: until,
		},
		{
			Case: stored(sized(job("state-growing", 2, checkpointing("2s", "10s", keyConcurrent, "2"), "--keys 60000 --value-bytes 8192 --rate 300",
				"Each key is new: 2.3 MiB/s a subtask, 230 MiB after 100 s; at 14 MiB/s a TaskManager takes 10 s once it holds 140 MiB, after a minute."),
				map[string]string{keyTaskHeap: "1024m"}), 0, "write.total.kbps", "14000"),
			Causes: []string{"CheckpointPressure"}, SlowOnset: true, Until: Until{Expired: 4, Time: 150 * time.Second}, NoRemedy: true,
		},
	}
}

func tuningCleanup() []Case {
	until := Until{Expired: 3, Time: 90 * time.Second}
	return []Case{
		{
			Case: stored(job("cleanup-concurrent-wide", 4, every10(keyConcurrent, "3", keyIOPool, "1"), small,
				"Some six deletes of 2.5 s for every checkpoint share the one io thread with acknowledgements, three checkpoints at a time."),
				3, "delete.ms", "2500"),
			Causes: []string{"SlowCleanup"}, Until: until, Versions: []string{"1.18.1", "2.2.1"},
		},
		{
			Case: stored(job("cleanup-strict", 2, strict(keyConcurrent, "3", keyIOPool, "1"), small,
				"The same in a job that restarts at the first expired checkpoint."), 3, "delete.ms", "3000"),
			Causes: []string{"SlowCleanup"}, Until: until,
		},
	}
}
