package cases

import "slices"

// tuningRepeated are calls that take longer than the timeout again and again, with a second or two of other messages between.
func tuningRepeated() []Case {
	until := Until{Expired: 4}
	blocking := []string{"UserCodeBlocking"}
	return advised(
		Case{
			Case: shipments("call-repeated-one", 4, every8(), "--rate 60 --match-call future --match-call-ms 11000 --match-only 2 --match-every 150 --from-s 15",
				"One of four subtasks waits 11 s for a future with every 150th scan; those that queued meanwhile pass in a moment. The timeout is 8 s."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: orders("call-repeated-all", 3, every10(), "--rate 80 --entry-bytes 100 --risk-call http --risk-call-ms 14000 --risk-every 200 --from-s 15",
				"All three subtasks wait 14 s for a server with every 200th order, and some seconds of other orders pass in a moment between."),
			Causes: blocking, Until: until,
		},
	)
}

// older are cases of the oldest Flink that the jobs run on.
func older(all ...Case) []Case {
	for i := range all {
		all[i].Versions = []string{"1.18.1"}
	}
	return all
}

// tuningOlder are waits of user code on Flink 1.18: after a completed checkpoint, with an element, and in a source.
func tuningOlder() []Case {
	return older(advised(slices.Concat(olderCommits(), olderShapes(), olderCalls(), olderSources())...)...)
}

// olderCommits are waits when a checkpoint has completed.
func olderCommits() []Case {
	commits := []string{"CommitBlocksTask"}
	return []Case{
		{
			Case: job("commit-outlasts-interval", 3, checkpointing("1s", "7s"), tiny+" --commit-ms 12000 --from-s 15",
				"A checkpoint begins every second, and after each that completes all three sinks publish for 12 s: the next one waits for them beyond its 7 s, and the one after it "+
					"completes and makes them publish again."),
			Causes: commits, Until: Until{Expired: 4},
		},
		{
			Case: job("commit-one-of-eight", 8, checkpointing("2s", "8s", keyBackend, "rocksdb"), "--keys 1000 --value-bytes 512 --rate 50 --commit-ms 20000 --only-subtask 5 --from-s 15",
				"One of eight sinks publishes for 20 s when a checkpoint has completed: two checkpoints of 8 s begin and expire meanwhile."),
			Causes: commits, Until: Until{Expired: 4},
		},
		{
			Case: appointments("commit-http-strict", 4, strict(), "--rate 50 --diary-complete http --diary-complete-ms 17000 --from-s 15",
				"All four sink functions ask a server for 17 s when a checkpoint has completed. The job restarts at the first that expires, completes one, and has the next expire."),
			Causes: commits, Until: Until{Expired: 3},
		},
	}
}

// olderShapes are the same where everything is one task, barriers overtake, or there is one subtask of each step.
func olderShapes() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: orders("call-chained-unaligned", 3, every8(keyUnaligned, "true"), "--rate 100 --valid-call lock --valid-call-ms 25000 --valid-every 400 --from-s 15",
				"The second step behind all three sources, in the same task, waits 25 s for a lock that a thread of the user's holds; barriers may overtake, where there are any."),
			Causes: []string{"UserCodeBlocking"}, Until: until,
		},
		{
			Case: appointments("call-alone", 1, every10(), "--rate 50 --keys 100 --assign-call socket --assign-call-ms 13000 --assign-every 60 --from-s 15",
				"One subtask of each step; the keyed one waits 13 s for an answer with every 60th request, and a second passes between two: the timeout is 10 s."),
			Causes: []string{"UserCodeBlocking"}, Until: until,
		},
		{
			Case: orders("committer-concurrent", 2, checkpointing("2s", "9s", keyConcurrent, "2"), "--rate 200 --commit-ms 15000 --from-s 15",
				"The committer behind the sink publishes for 15 s; two checkpoints at once begin meanwhile and expire."),
			Causes: []string{"CommitBlocksTask"}, Until: until,
		},
		{
			Case: appointments("notified-source-alone", 1, every8(), "--rate 100 --feed-complete lock --feed-complete-ms 14000 --from-s 15",
				"One subtask of each step; both readers wait 14 s for a lock when they are told that a checkpoint has completed, where others tell their broker."),
			Causes: []string{"CommitBlocksTask"}, Until: until,
		},
		{
			Case: shipments("source-poll-strict", 2, strict(), "--rate 40 --feed-call http --feed-call-ms 30000 --feed-every 200 --from-s 15",
				"All readers of two sources stay in a poll for 30 s: a server that does not answer; the job restarts at the first expired checkpoint."),
			Causes: []string{"SourceBlocked"}, Until: Until{Expired: 3},
		},
	}
}

// olderCalls are calls of user code that take much longer than the timeout.
func olderCalls() []Case {
	until := Until{Expired: 4}
	blocking := []string{"UserCodeBlocking"}
	return []Case{
		{
			Case: appointments("call-lock-all", 4, every8(), "--rate 50 --assign-call lock --assign-call-ms 30000 --assign-every 300 --from-s 15",
				"All four subtasks wait 30 s, or longer, for a lock that a thread of the user's holds while it rebuilds a table, with every 300th request; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		{
			Case: appointments("call-http-broadcast", 3, every10(keyBackend, "rocksdb"), "--rate 80 --entry-bytes 50 --rooms-call http --rooms-call-ms 35000 --rooms-every 45 --from-s 15",
				"Each of three subtasks asks a server for 35 s with every 45th room, which is broadcast to all of them, three a second; requests come by key beside it. The timeout is 10 s."),
			Causes: blocking, Until: until,
		},
		{
			Case: appointments("call-timer-computes", 2, every8(), "--rate 50 --keys 60 --remind-s 5 --remind-call regex --remind-call-ms 35000 --remind-only 1 --remind-every 20 --from-s 15",
				"One of two subtasks tries an expression for 35 s in every 20th timer of a patient; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		{
			Case: appointments("call-sink-function-strict", 3, strict(), "--rate 100 --diary-call future --diary-call-ms 40000 --diary-only 2 --diary-every 300 --from-s 15",
				"One of three sink functions waits 40 s for a future with every 300th appointment; the job restarts at the first expired checkpoint."),
			Causes: blocking, Until: Until{Expired: 3},
		},
		{
			Case: sales("call-sql-behind-sum", 2, every8(), "--rate 100 --behind 1 --tax-call-ms 30000 --tax-every 400 --from-s 15",
				"A function of the user's in SQL, behind a sum by key and in its task, waits 30 s for a table of rates with every 400th row; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
	}
}

// olderSources are sources that do not come back in time.
func olderSources() []Case {
	blocked := []string{"SourceBlocked"}
	return []Case{
		{
			Case: appointments("source-poll-computes", 4, every8(), "--rate 50 --feed-call sort --feed-call-ms 30000 --feed-only 2 --feed-every 30 --from-s 15",
				"The readers of one subtask of both sources sort for 30 s within a poll; the timeout is 8 s."),
			Causes: blocked, Until: Until{Expired: 4},
		},
		{
			Case: ledger(job("source-lock-one-strict", 3, strict(), "--rate 5 --read-s 30 --read-only 1 --read-socket 1 --from-s 15",
				"One of three sources of the old kind waits 30 s for a database under the checkpoint lock; the job restarts at the first expired checkpoint.")),
			Causes: blocked, Until: Until{Expired: 3},
		},
	}
}
