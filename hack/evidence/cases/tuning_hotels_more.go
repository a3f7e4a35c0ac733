package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// hotelMore are the same causes in other forms.
func hotelMore() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: stepped(bookings("call-open-hangs", 3, checkpointing("3s", "10s", again(true, "1 s")...), "--shape quotes --rate 40 --nights 5 --sink writer --quote-open socket --quote-open-ms 75000 --from-s 30",
				"A TaskManager goes and comes again; the functions by key, which had opened quickly before, wait 75 s for a server when they open: the job runs, and no checkpoint begins."),
				flinklocal.Step{After: 30 * time.Second, KillTaskManager: true}),
			Causes: []string{"UserCodeBlocking"}, Until: Until{Time: 75 * time.Second}, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("crash-half-minute", 7, checkpointing("5s", "30s", again(false, "5 s")...), "--shape quotes --rate 20 --prices-rate 2 --sink committing --price-crash-s 24 --price-crash-only 4 --from-s 15",
				"One of seven subtasks throws 24 s after each start, and the job begins anew 5 s later: four or five checkpoints complete in between."),
			Causes: []string{"TaskFailure"}, Until: Until{Time: 140 * time.Second},
		},
		{
			Case: bookings("crash-commit-throws", 2, checkpointing("4s", "10s", again(false, "3 s")...), "--rate 60 --apart 1 --sink committing --charge-crash-s 9 --from-s 15",
				"Committers throw at what is to be committed 9 s after each start: two or three checkpoints complete in between."),
			Causes: []string{"TaskFailure"}, Until: Until{Time: 100 * time.Second},
		},
		{
			Case: bookings("odd-crashed-for-a-while", 2, checkpointing("2s", "10s", again(true, "2 s")...), "--rate 40 --apart 1 --sink function --sink-crash-s 4 --from-s 12 --until-s 45",
				"Sinks threw again and again for half a minute, until what they write to was back; since then all is well."),
			Odd: "the job restarted many times two minutes ago", Until: Until{Time: 170 * time.Second}, Every: 12 * time.Second, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("sync-columns-three", 3, checkpointing("3s", "3s", keyBackend, "rocksdb", keyIncremental, "true"), "--shape quotes --rate 500 --keys 200 --nights 2 --tables 250 --sink twophase",
				"250 map states on each of three subtasks are as many column families of RocksDB: each is flushed to a file of its own in the synchronous part."),
			Causes: []string{"SlowSyncPhase"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("sync-split-and-export", 2, checkpointing("4s", "9s", keyUnaligned, "true"), "--shape quotes --apart 1 --rate 40 --sink export --sink-answer-ms 18000 --split-snapshot lock --split-snapshot-ms 24000 --split-snapshot-only 0 --from-s 15",
				"One of two steps waits 24 s for a lock of its own process within its snapshot, and the sinks wait 18 s until their batches are confirmed, before the barrier; the timeout is 9 s, unaligned."),
			Causes: []string{"SinkFlush", "SlowSyncPhase"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("commit-line-alone", 1, checkpointing("10s", "10s"), "--rate 60 --sink twophase --sink-complete socket --sink-complete-ms 22000 --from-s 12",
				"Source, step and sink are one task; the sink commits for 22 s after a checkpoint: the next one, 10 s after it, waits 12 s, and has 10 s."),
			Causes: []string{"CommitBlocksTask"}, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("source-decodes-alone", 1, checkpointing("2s", "6s"), "--source tape --apart 1 --rate 30 --tape-call latch --tape-call-ms 14000 --tape-every 60 --sink writer --from-s 15",
				"The one reader of a source that fetches in a thread of its own waits 14 s for a schema when it decodes every 60th message; the timeout is 6 s."),
			Causes: []string{"SourceBlocked"}, Until: until,
		},
		{
			Case: stored(bookings("two-alone-writes-and-commit", 1, checkpointing("2s", "10s"), "--shape stays --rate 100 --keys 40 --alarms 20000 --alarms-each 100 --sink twophase --sink-complete latch --sink-complete-ms 8000 --from-s 8",
				"One task has 5 MiB of timers, which take 6 s at 900 KiB/s, and a sink that waits 8 s when it commits: a checkpoint that begins 2 s after one that completed takes 6 s and 6 s, where the "+
					"timeout is 10 s; the one after it takes 6 s and completes."), 5, "write.kbps", "900"),
			Causes: []string{"SlowStateBackend", "CommitBlocksTask"}, Until: Until{Expired: 4, Time: 130 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("crash-source-throws", 3, checkpointing("2s", "10s", keyUnaligned, "true"), "--source tape --apart 1 --rate 40 --tape-crash-s 7 --tape-crash-only 2 --sink writer --from-s 15",
				"One of three readers throws at what it decodes 7 s after each start: two or three checkpoints complete in between."),
			Causes: []string{"TaskFailure"}, Until: Until{Time: 90 * time.Second}, Versions: []string{"1.18.1"},
		},
		{
			Case: alone(bookings("sync-shared-client", 4, every10(), "--shape quotes --rate 40 --nights 5 --quote-snapshot shared --quote-snapshot-ms 5000 --sink writer --from-s 15",
				"Four functions by key of one TaskManager tell a server of their snapshot with one client, 5 s each and one after the other: 20 s, where the timeout is 10 s."), 4),
			Causes: []string{"SlowSyncPhase"}, Until: until,
		},
		{
			Case: alone(bookings("flush-shared-client", 3, every8(), "--shape quotes --rate 40 --sink writer --sink-flush shared --sink-flush-ms 6000 --from-s 15",
				"Three writers of one TaskManager flush with one client, 6 s each and one after the other: 18 s, where the timeout is 8 s."), 3),
			Causes: []string{"SinkFlush"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("odd-sync-seconds", 2, checkpointing("5s", "20s"), "--shape quotes --rate 40 --nights 5 --sink function --sink-snapshot compress --sink-snapshot-ms 2500 --from-s 10",
				"Sinks compress for 2.5 s within their snapshots, an eighth of the timeout."),
			Odd: "the synchronous part takes seconds", Until: Until{Time: 60 * time.Second},
		},
	}
}
