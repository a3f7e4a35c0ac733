package cases

// tuningSources are sources that do not come back in time: under the checkpoint lock, in a read, and in their own snapshot.
func tuningSources() []Case {
	until := Until{Expired: 4}
	return advised(
		Case{
			Case: ledger(job("source-lock-waits", 4, every10(), "--rate 5 --read-s 30 --read-only 2 --read-socket 1 --from-s 15",
				"One of four sources of the old kind waits 30 s for a database that does not answer, with the checkpoint lock in hand, again and again.")),
			Causes: []string{"SourceBlocked"}, Until: until,
		},
		Case{
			Case: ledger(job("source-lock-strict", 2, strict(), "--rate 5 --read-s 30 --from-s 15",
				"Both sources of the old kind scan a table for 30 s at a time under the checkpoint lock; the job restarts at the first expired checkpoint.")),
			Causes: []string{"SourceBlocked"}, Until: Until{Expired: 3},
		},
		Case{
			Case: shipments("source-poll-waits", 4, every8(), "--rate 50 --feed-call socket --feed-call-ms 35000 --feed-only 1 --feed-every 50 --from-s 15",
				"The readers of one subtask of both feeds stay in a poll for 35 s: a socket on which no answer comes. The timeout is 8 s."),
			Causes: []string{"SourceBlocked"}, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: job("source-describes-itself", 2, every10(), small+" --describe-ms 12000 --from-s 15",
				"Sources compute for 12 s in their own snapshotState, which is the synchronous part of a checkpoint: it takes longer than the timeout of 10 s."),
			Causes: []string{"SlowSyncPhase"}, Until: until,
		},
	)
}
