package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// hotelEnds are sinks that flush, and sources that are blocked.
func hotelEnds() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: bookings("flush-export-waits", 2, every8(), "--shape quotes --rate 60 --sink export --sink-answer-ms 20000 --from-s 15",
				"Flink's own sink of asynchronous batches waits before each barrier until all are confirmed, which takes 20 s; the timeout is 8 s. It waits in its mailbox."),
			Causes: []string{"SinkFlush"}, Until: until,
		},
		{
			Case: bookings("source-decodes-one", 7, checkpointing("2s", "8s"), "--shape quotes --source tape --rate 20 --tape-call http --tape-call-ms 25000 --tape-every 40 --tape-only 3 --sink function --from-s 15",
				"A source fetches in a thread of its own; one of seven readers asks a registry for 25 s when it decodes what was fetched; the timeout is 8 s."),
			Causes: []string{"SourceBlocked"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("source-decodes-all", 3, strict(), "--source tape --apart 1 --rate 20 --tape-call shared --tape-call-ms 15000 --tape-every 30 --sink writer --from-s 15",
				"All readers decode with one client, which asks for 15 s at a time; the job restarts at the first expired checkpoint."),
			Causes: []string{"SourceBlocked"}, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
	}
}

// hotelPairs are two causes at once.
func hotelPairs() []Case {
	both := []string{"SlowStateBackend", "CommitBlocksTask"}
	const state = " --keys 400 --nights 10 --night-bytes 1500"
	return []Case{
		{
			Case: stored(bookings("two-close-and-commit", 2, checkpointing("1s", "10s"), "--shape quotes --rate 200"+state+" --sink twophase --sink-complete latch --sink-complete-ms 8000 --from-s 12",
				"Each sink waits 8 s when it commits, and so long for the next barrier, which begins at once; a file takes 6 s to close meanwhile, and that of the checkpoint itself 6 s after that. "+
					"The timeout of 10 s has room for 8 s, and does not count what comes after the last acknowledgement."), 3, "close.ms", "6000"),
			Causes: []string{"CommitBlocksTask", "SlowStateBackend"}, Until: Until{Expired: 4, Time: 130 * time.Second},
		},
		{
			Case: stored(bookings("two-slow-writes-and-notice", 2, checkpointing("1s", "10s"), "--shape quotes --rate 200"+state+" --sink writer --quote-complete latch --quote-complete-ms 8000 --from-s 12",
				"Functions by key wait 8 s when a checkpoint has completed, and their 3 MiB take 6 s at 480 KiB/s: one that begins a second after one that completed takes 7 s and 6 s, where the timeout is 10 s. "+
					"The one after it takes 6 s and completes."), 3, "write.kbps", "480"),
			Causes: both, Until: Until{Expired: 4, Time: 130 * time.Second},
		},
		{
			Case: stepped(bookings("two-slow-writes-and-charge", 5, checkpointing("2s", "8s"), "--shape quotes --rate 100"+state+" --sink committing --charge-call socket --charge-call-ms 13000 --charge-only 2 --from-s 15",
				"Some 1.2 MiB a subtask take 12 s at 100 KiB/s, for 22 s at a time; whenever storage is well a checkpoint completes, and one of five committers takes 13 s. The timeout is 8 s."),
				alternating(4, 22*time.Second, 20*time.Second, 4, "write.kbps", "100")...),
			Causes: both, Until: Until{Expired: 6, Time: 120 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(bookings("two-slow-create-and-notice", 3, checkpointing("3s", "9s", keyBackend, "rocksdb"), "--shape quotes --rate 100"+state+" --sink function --quote-complete retry --quote-complete-ms 15000 --from-s 15",
				"A file takes 5 s to create and 6 s to close, for 25 s at a time; whenever storage is well a checkpoint completes, and all keyed functions try for 15 s to tell a server of it. The timeout is 9 s."),
				stalls(4, 25*time.Second, 22*time.Second, 4)...),
			Causes: both, Until: Until{Expired: 6, Time: 130 * time.Second}, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("two-sync-and-flush", 3, every10(), "--shape quotes --rate 60 --nights 5 --quote-snapshot digest --quote-snapshot-ms 22000 --quote-snapshot-only 1 --sink writer --sink-flush socket --sink-flush-ms 20000 --from-s 15",
				"One of three keyed functions computes for 22 s within its snapshot, and all writers behind it wait 20 s for their server when they are flushed; the timeout is 10 s."),
			Causes: []string{"SinkFlush", "SlowSyncPhase"}, Until: Until{Expired: 4},
		},
	}
}

// stalls are steps of storage that is slow to create and close files, and well again, so many times.
func stalls(times int, bad, good time.Duration, onset int) []flinklocal.Step {
	steps := alternating(times, bad, good, onset, "close.ms", "6000")
	for i := range steps {
		if len(steps[i].Delays) > 0 {
			steps[i].Delays["create.ms"] = "5000"
		}
	}
	return steps
}
