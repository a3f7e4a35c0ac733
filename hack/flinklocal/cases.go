package flinklocal

import "strings"

// Keys that the cases set.
const (
	keyTimeout     = "execution.checkpointing.timeout"
	keyInterval    = "execution.checkpointing.interval"
	keyConcurrent  = "execution.checkpointing.max-concurrent-checkpoints"
	keyIOPool      = "jobmanager.io-pool.size"
	keyFrame       = "pekko.framesize"
	keyInline      = "execution.checkpointing.data-inline-threshold"
	keyIncremental = "execution.checkpointing.incremental"
	keyFlag        = "execution.savepoint.cleanup-in-background" // read by no Flink version; found in users' files
)

// smallState is 8 MiB: 2000 keys of 4 KiB, all written within 2 s, then updated at 1000 a second.
const smallState = "--keys 2000 --value-bytes 4096 --rate 500"

// checkpointing is the configuration that all cases start from: a checkpoint every interval seconds, given up after 10 s.
func checkpointing(interval string, more map[string]string) map[string]string {
	conf := map[string]string{keyInterval: interval, keyTimeout: "10s", "execution.checkpointing.tolerable-failed-checkpoints": "1000"}
	for k, v := range more {
		conf[k] = v
	}
	return conf
}

// Cases are the faults, each measured with the real thing on Flink 1.20.5 and 2.2.1: sick within 90 s, and cured by Cure.
func Cases() []Case {
	return append(treatable(), adviceOnly()...)
}

// treatable are the cases that a configuration cures.
func treatable() []Case {
	return []Case{
		{
			Name: "slow-storage", Cause: "SlowStateBackend", Treatable: true,
			Why: "4 MiB a subtask at 350 KiB/s take 11.7 s: more than the timeout of 10 s, less than 15 s. While checkpoints expire the next " +
				"upload waits for the rest of the one before (FLINK-34670), so late acknowledgements come after 13 s and more.",
			Config: checkpointing("3s", nil), Args: strings.Fields(smallState), Parallelism: 2,
			Delays: map[string]string{"write.kbps": "350"}, Onset: 3,
			Cure: map[string]string{keyTimeout: "15s"}, Wrong: map[string]string{keyInterval: "15s"},
		},
		{
			Name: "state-pressure", Cause: "CheckpointPressure", Treatable: true,
			Why: "94 MiB a TaskManager at 25 MiB/s take 4 s, less than half the timeout. Every 2 s, with four at a time, uploads of one subtask " +
				"queue behind each other (one thread, FLINK-34670): the fourth acknowledges after 16 s. At an interval of 5 s and more nothing queues.",
			Config: checkpointing("2s", map[string]string{keyConcurrent: "4"}),
			Lab:    map[string]string{"taskmanager.memory.task.heap.size": "768m"},
			Args:   strings.Fields("--keys 6000 --value-bytes 32768 --rate 200"), Parallelism: 2,
			Delays: map[string]string{"write.total.kbps": "26000"},
			Cure:   map[string]string{keyInterval: "10s"}, Wrong: map[string]string{keyTimeout: "15s"},
		},
		{
			Name: "slow-cleanup", Cause: "SlowCleanup", Treatable: true,
			Why: "Four deletes of 2.5 s for every checkpoint share the one io thread with acknowledgements, three checkpoints at a time: an " +
				"acknowledgement waits behind up to twelve deletes, 30 s. With four threads it waits 7 s at most, and mostly nothing.",
			Config: checkpointing("3s", map[string]string{keyConcurrent: "3", keyIOPool: "1", keyFlag: "true"}),
			Args:   strings.Fields(smallState), Parallelism: 2,
			Delays: map[string]string{"delete.ms": "2500"}, Onset: 3,
			Cure: map[string]string{keyIOPool: "4"}, Wrong: map[string]string{keyFlag: "false"},
		},
		{
			Name: "slow-cleanup-shared", Cause: "SlowCleanup", Treatable: true,
			Why: "Incremental checkpoints share RocksDB's files, and every compaction of two subtasks frees some ten: at 2.5 s each they hold the one io " +
				"thread for 25 s. High availability changes nothing in that, while it deletes all other files in another pool (cluster-io).",
			Config: checkpointing("3s", map[string]string{keyConcurrent: "3", keyIOPool: "1", keyIncremental: "true", "state.backend.type": "rocksdb"}),
			Args:   strings.Fields(smallState), Parallelism: 2,
			Delays: map[string]string{"delete.ms": "2500"}, Onset: 3,
			Cure: map[string]string{keyIOPool: "6"},
		},
		{
			Name: "slow-cleanup-neighbour", Cause: "SlowCleanup", Treatable: true,
			Why: "A second job of the same JobManager with files to delete, 4 s each; the one io thread of a JobManager with one CPU is its " +
				"alone. The job itself has nothing to delete.",
			Config: checkpointing("3s", map[string]string{keyFlag: "true"}), Parallelism: 2,
			Args:      strings.Fields("--keys 100 --rate 200"),
			Neighbour: strings.Fields(smallState + " --name neighbour"),
			Delays:    map[string]string{"delete.ms": "4000"}, Onset: 3,
			Cure: map[string]string{keyIOPool: "6"}, Wrong: map[string]string{keyFlag: "false"},
		},
	}
}

// adviceOnly are the cases that no setting of checkpointing cures, and the healthy one.
func adviceOnly() []Case {
	return []Case{
		{
			Name: "healthy", Why: "8 MiB on a fast disk: a tenth of a second.",
			Config: checkpointing("3s", nil), Args: strings.Fields(smallState), Parallelism: 2,
		},
		{
			Name: "source-blocked", Cause: "SourceBlocked",
			Why:    "One source subtask stays in one call for 30 s at a time: its task takes no trigger meanwhile.",
			Config: checkpointing("3s", nil), Parallelism: 2,
			Args:  strings.Fields(smallState + " --source-block-ms 30000 --only-subtask 0 --from-s 15"),
			Wrong: map[string]string{keyTimeout: "15s"},
		},
		{
			Name: "sink-flush", Cause: "SinkFlush",
			Why:    "The sink waits 11 s for the system behind it before it lets the barrier pass.",
			Config: checkpointing("3s", nil), Parallelism: 2,
			Args: strings.Fields(smallState + " --flush-ms 11000 --from-s 15"),
		},
		{
			Name: "oversized-ack", Cause: "OversizedAck",
			Why:    "700 KiB of operator state travel inside the acknowledgement, and a message may have 500 kB: it is dropped, every time.",
			Config: checkpointing("3s", map[string]string{keyFrame: "500000b", keyInline: "1mb"}), Parallelism: 2,
			Args:  strings.Fields("--keys 100 --rate 100 --inline-kb 700 --from-s 15"),
			Wrong: map[string]string{keyTimeout: "15s"},
		},
	}
}
