package cases

import "time"

// tuningCommits are waits after a completed checkpoint, and tuningLarge acknowledgements that do not fit a message, in the other topologies.
func tuningCommits() []Case {
	until := Until{Expired: 3}
	commits := []string{"CommitBlocksTask"}
	return advised(
		Case{
			Case: orders("committer-slow", 2, checkpointing("2s", "8s"), "--rate 200 --commit-ms 14000 --from-s 15",
				"The committer behind the sink publishes for 14 s in its task's thread; the next checkpoint begins 2 s after the one that completed and has 8 s."),
			Causes: commits, Until: until, Versions: []string{"1.20.5", "2.2.1"},
		},
		Case{
			Case: orders("notified-function-slow", 6, checkpointing("3s", "10s"), "--rate 100 --entry-bytes 100 --notify-ms 16000 --notify-only 2 --from-s 15",
				"A keyed function of which one subtask of six waits 16 s when it is told that a checkpoint has completed."),
			Causes: commits, Until: until,
		},
	)
}

func tuningLarge() []Case {
	until := Until{Expired: 4}
	large := []string{"OversizedAck"}
	return []Case{
		{
			Case: orders("large-union-state", 4, every8(keyFrame, "500000b", keyInline, "1mb"), "--rate 100 --union-kb 700 --from-s 15",
				"A union list of 700 KiB travels inside each subtask's acknowledgement, and a message may have 500 kB."),
			Causes: large, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: orders("large-chain", 2, every10(keyFrame, "600000b", keyInline, "200kb"), "--rate 100 --inline-steps 7 --tally-kb 110 --from-s 15",
				"Seven operators of one task hold 110 KiB each, 770 KiB in one acknowledgement; none is beyond the threshold, and a message may have 600 kB."),
			Causes: large, Until: until,
		},
		{
			Case: orders("large-broadcast-state", 3, every10(keyFrame, "400000b", keyInline, "1mb"), "--rate 100 --broadcast-kb 480 --from-s 15",
				"Broadcast state of 480 KiB is in the acknowledgement of every subtask, and a message may have 400 kB."),
			Causes: large, Until: until,
		},
	}
}

// tuningKnown is an issue of Flink that a job meets.
func tuningKnown() []Case {
	return advised(Case{
		Case: orders("known-issue-committer", 2, every10(keyUnaligned, "true"), "--rate 0 --message-bytes 500 --sink-ms 40 --from-s 10",
			"FLINK-37870: the connection to the committer, which must stay aligned, makes all of them aligned. The sink takes 40 ms an order, buffers are full, "+
				"and barriers wait in them."),
		Causes: []string{"FlinkVersionBug/KnownIssue"}, Until: Until{Expired: 4, Time: 80 * time.Second}, Versions: []string{"1.20.1", "2.0.0"},
	})
}

// tuningJobManagerToo are JobManagers short of CPU or heap, with load of other kinds.
func tuningJobManagerToo() []Case {
	return advised(
		Case{
			Case: stepped(shipments("coordinator-thread-busy", 4, every8(), "--rate 100 --scan-ms 900 --scan-every-ms 1000 --catalog-threads 6 --from-s 15",
				"Coordinators of two sources compute 0.9 s of every second in their own threads, which each trigger waits for, and twelve "+
					"threads scan, on a sixth of a core: triggers come 4 s to 8 s late."), bounded(2, 0.16)),
			Causes: []string{"JobManagerOverload/CPU", "CoordinatorBlocked"}, Until: Until{Expired: 3, Time: 80 * time.Second}, Alone: true,
		},
		Case{
			Case: sized(stepped(shipments("many-subtasks-tiny-interval", 16, checkpointing("100ms", "8s", keyConcurrent, "1"), "--rate 5 --entry-bytes 100 --catalog-threads 12 --from-s 15",
				"96 subtasks acknowledge to a JobManager with a ninth of a core and 24 busy threads, and a checkpoint begins a tenth of a second after the last."), bounded(3, 0.11)),
				map[string]string{"taskmanager.memory.network.min": "160m", "taskmanager.memory.network.max": "160m"}),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 90 * time.Second}, Alone: true, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stepped(orders("catalogue-threads", 8, every10(), "--rate 50 --catalog-threads 30 --from-s 15",
				"Thirty threads of an enumerator share a seventh of a core with checkpointing."), bounded(2, 0.14)),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 80 * time.Second}, Alone: true, Versions: []string{"2.2.1"},
		},
		Case{
			Case: serial(orders("catalogue-fills-heap", 4, every8(keyProcess, "704m"), "--rate 100 --catalog-live-mb 82 --catalog-live-mb-s 20 --catalog-garbage-mb-s 100 --from-s 12",
				"704 MiB leave 128 MiB of heap; an enumerator's catalogue of 82 MiB beside the JobManager's own, renewed all the time: it collects nearly always.")),
			Causes: []string{"JobManagerOverload/Heap"}, Until: Until{Expired: 3, Time: 80 * time.Second}, Alone: true,
		},
		Case{
			Case: serial(shipments("catalogue-grows", 4, every8(keyProcess, "704m"), "--rate 100 --catalog-live-mb 43 --catalog-live-mb-s 1 --catalog-garbage-mb-s 60",
				"The catalogues of two sources grow by 1 MiB/s each, up to 86 of the 128 MiB of heap, and are renewed from then on.")),
			Causes: []string{"JobManagerOverload/Heap"}, SlowOnset: true, Until: Until{Expired: 3, Time: 120 * time.Second}, Every: 12 * time.Second, Alone: true, Versions: []string{"2.2.1"},
		},
	)
}
