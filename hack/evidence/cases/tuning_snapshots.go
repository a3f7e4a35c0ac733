package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningSnapshots are synchronous parts that outlast the timeout, so that no checkpoint ever tells how long they take.
func tuningSnapshots() []Case {
	return advised(slices.Concat(syncCalls(), syncCopies(), twoWithLarge())...)
}

// syncCalls are calls of user code within a snapshot.
func syncCalls() []Case {
	until := Until{Expired: 4}
	slow := []string{"SlowSyncPhase"}
	return []Case{
		{
			Case: appointments("sync-never-measured", 4, every8(), "--rate 100 --entry-bytes 100 --assign-snapshot future --assign-snapshot-ms 90000 --assign-snapshot-only 1 --from-s 15",
				"One of four keyed functions waits 90 s for a future within its snapshot; the timeout is 8 s, and its acknowledgement is never seen."),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: appointments("sync-sources-ask", 2, every10(), "--rate 100 --feed-snapshot socket --feed-snapshot-ms 60000 --from-s 15",
				"All readers of both sources wait 60 s at a socket when they say which splits they have, within their snapshot; the timeout is 10 s."),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: appointments("sync-function-sorts-strict", 3, strict(), "--rate 100 --assign-snapshot sort --assign-snapshot-ms 40000 --assign-snapshot-only 2 --from-s 15",
				"One of three keyed functions sorts for 40 s within its snapshot, and talks to nobody; the job restarts at the first expired checkpoint."),
			Causes: slow, Until: Until{Expired: 3},
		},
		{
			Case: appointments("flush-in-snapshot-strict", 3, strict(), "--rate 100 --diary-snapshot http --diary-snapshot-ms 40000 --diary-snapshot-only 2 --from-s 15",
				"One of three sink functions of the older kind waits 40 s for its server within its snapshot, which is where they flush; the job restarts at the first expired checkpoint."),
			Causes: []string{"SinkFlush"}, Until: Until{Expired: 3},
		},
		{
			Case: appointments("sync-sinks-compute", 4, every8(keyBackend, "rocksdb"), "--rate 50 --diary-snapshot regex --diary-snapshot-ms 25000 --from-s 15",
				"All four sink functions compute for 25 s within their snapshots; the timeout is 8 s."),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
	}
}

// syncCopies are synchronous parts of Flink's own.
func syncCopies() []Case {
	slow := []string{"SlowSyncPhase"}
	return []Case{
		{
			Case: sized(appointments("sync-copies-list", 2, checkpointing("3s", "5s"), "--rate 100 --plans 300000 --from-s 15",
				"300,000 elements of operator state a subtask, of a class that can be copied by Java's serialization only: Flink copies the list in the synchronous part, some 30 us "+
					"an element, 9 s against a timeout of 5 s."), map[string]string{keyTaskHeap: "768m"}),
			Causes: slow, Until: Until{Expired: 4},
		},
		{
			Case: appointments("sync-many-states", 2, checkpointing("3s", "5s", keyBackend, "rocksdb", keyIncremental, "true"), "--rate 800 --keys 200 --columns 500",
				"500 states of a keyed function are 500 column families of RocksDB: each is flushed to a file of its own in the synchronous part."),
			Causes: slow, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
	}
}

// twoWithLarge are acknowledgements that do not fit a message, beside something else that outlasts the timeout.
func twoWithLarge() []Case {
	large := every10(keyFrame, "500000b", keyInline, "1mb")
	return []Case{
		{
			Case: appointments("two-large-and-flush", 4, large, "--rate 100 --inline-kb 700 --inline-only 0 --diary-snapshot future --diary-snapshot-ms 25000 --diary-snapshot-only 2 --from-s 15",
				"700 KiB of one of four keyed functions travel inside its acknowledgement, and a message may have 500 kB; one of the sinks, of the older kind, waits 25 s for "+
					"an answer within its snapshot, which is where they flush."),
			Causes: []string{"OversizedAck", "SinkFlush"}, Until: Until{Expired: 5},
		},
		{
			Case: appointments("two-large-and-sync", 4, large, "--rate 100 --inline-kb 700 --inline-only 0 --feed-snapshot lock --feed-snapshot-ms 25000 --feed-snapshot-only 2 --from-s 15",
				"700 KiB of one of four keyed functions travel inside its acknowledgement, and a message may have 500 kB; one reader of each source waits 25 s for a lock within its snapshot, and no barrier goes on meanwhile."),
			Causes: []string{"SlowSyncPhase", "OversizedAck"}, Until: Until{Expired: 5},
		},
		{
			Case: appointments("two-large-and-sync-at-once", 3, large, "--rate 100 --inline-kb 700 --assign-snapshot socket --assign-snapshot-ms 12000 --from-s 15",
				"All three keyed functions wait 12 s within their snapshots, against a timeout of 10 s, and then send acknowledgements of 700 KiB where a message may have 500 kB."),
			Causes: []string{"SlowSyncPhase", "OversizedAck"}, Until: Until{Expired: 5}, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(orders("two-large-and-storage", 2, large, "--rate 200 --keys 400 --entry-bytes 4096 --entries-per-key 4 --union-kb 600 --from-s 15",
				"3 MiB a subtask take 13 s at 240 KiB/s, against a timeout of 10 s, and then the acknowledgement holds a union list of 600 KiB where a message may have 500 kB: "+
					"where storage is well for a while, for 14 s at a time, that is what is left."), alternating(4, 24*time.Second, 14*time.Second, 3, "write.kbps", "240")...),
			Causes: []string{"OversizedAck", "SlowStateBackend"}, Until: Until{Expired: 6, Time: 110 * time.Second},
		},
		{
			Case: stored(appointments("two-large-one-and-storage", 4, large, "--rate 150 --keys 600 --entry-bytes 1024 --inline-kb 700 --inline-only 0 --from-s 30",
				"One of four subtasks sends an acknowledgement of 700 KiB where a message may have 500 kB; the state of all grows by 150 KiB/s, and its 4 MiB and more take longer than "+
					"10 s at 350 KiB/s: the three others come too late, and that one never."), 3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend", "OversizedAck"}, Until: Until{Expired: 5}, Versions: []string{"1.18.1"},
		},
	}
}

// lossy is a step after which so many packets of the last TaskManager are lost, each way.
func lossy(completed int, share float64) flinklocal.Step {
	return flinklocal.Step{Completed: completed, Link: &flinklocal.Link{Loss: share}}
}
