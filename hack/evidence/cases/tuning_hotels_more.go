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
			Case: bookings("odd-crashed-for-a-while", 2, checkpointing("2s", "10s", again(true, "2 s")...), "--rate 40 --apart 1 --sink function --sink-crash-s 4 --from-s 12 --until-s 45",
				"Sinks threw again and again for half a minute, until what they write to was back; since then all is well."),
			Odd: "the job restarted many times two minutes ago", Until: Until{Time: 170 * time.Second}, Every: 12 * time.Second, Versions: []string{"1.18.1"},
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
	}
}
