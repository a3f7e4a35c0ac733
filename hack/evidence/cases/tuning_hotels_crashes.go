package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// again is a restart strategy that waits so long before each restart and never gives up; as Flink 1.18 names it where old.
func again(old bool, delay string) []string {
	key := "restart-strategy.type"
	if old {
		key = "restart-strategy"
	}
	return []string{key, "fixed-delay", "restart-strategy.fixed-delay.attempts", "2147483647", "restart-strategy.fixed-delay.delay", delay}
}

// hotelCrashes are jobs that fail again and again.
func hotelCrashes() []Case {
	until := Until{Time: 110 * time.Second}
	fails := []string{"TaskFailure"}
	kills := []flinklocal.Step{{Completed: 4, KillTaskManager: true}}
	for range 5 {
		kills = append(kills, flinklocal.Step{After: 18 * time.Second, KillTaskManager: true})
	}
	return []Case{
		{
			Case: bookings("crash-poison-record", 2, checkpointing("2s", "10s", again(false, "2 s")...), "--shape quotes --rate 60 --nights 5 --split-crash-s 9 --split-crash-only 0 --from-s 15",
				"A message that one step cannot read comes 9 s after each start, and the job begins anew 2 s later: three or four checkpoints complete in between."),
			Causes: fails, Until: until,
		},
		{
			Case: bookings("crash-sink-throws", 3, checkpointing("5s", "10s"), "--shape quotes --rate 60 --sink writer --sink-crash-s 7 --sink-crash-only 1 --from-s 15",
				"One sink throws 7 s after each start: one checkpoint completes in between, and the restarts come later and later, as is the default."),
			Causes: fails, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(bookings("crash-taskmanager-again", 2, checkpointing("3s", "10s"), "--shape quotes --rate 60 --nights 5 --sink function",
				"One TaskManager is killed every 18 s and comes again."), kills...),
			Causes: fails, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("crash-before-checkpoint", 5, checkpointing("10s", "10s", again(false, "1 s")...), "--rate 60 --apart 1 --sink function --split-crash-s 4 --split-crash-only 3 --from-s 25",
				"One of five subtasks throws 4 s after each start, and a checkpoint begins up to 10 s after it: one in three or four starts lives to see one."),
			Causes: fails, Until: until,
		},
		{
			Case: bookings("crash-restore-fails", 2, checkpointing("3s", "10s", again(false, "4 s")...), "--shape quotes --rate 60 --nights 5 --sink writer --sink-crash-s 20 --quote-crash-restored 1 --from-s 15",
				"The job fails once; what it wrote down it cannot read when it is restored, each time."),
			Causes: fails, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("crash-one-region", 3, checkpointing("3s", "10s", again(true, "1 s")...), "--rate 60 --sink function --split-crash-s 10 --split-crash-only 1 --from-s 12",
				"Three pipelines have nothing to do with each other; one throws 10 s after each of its starts, and is restarted alone: two or three checkpoints complete in between."),
			Causes: fails, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("crash-snapshot-memory", 2, checkpointing("5s", "10s", keyBackend, "rocksdb"),
				"--shape quotes --rate 60 --nights 20 --sink function --sink-snapshot archive --sink-snapshot-ms 25000 --sink-snapshot-only 1 --from-s 15",
				"One of two sink functions packs all it has into one piece within its snapshot, which the heap does not hold: it throws after some seconds, each time, and the job is restarted, later and "+
					"later, as is the default. Where it is slow the checkpoint has expired before."),
			Causes: fails, Until: Until{Time: 110 * time.Second}, Versions: []string{"2.2.1"},
		},
	}
}

// hotelRestarts restarted some time ago, and are well.
func hotelRestarts() []Case {
	return []Case{
		{
			Case: bookings("odd-restarted-at-start", 3, checkpointing("3s", "10s", again(false, "1 s")...), "--shape quotes --rate 60 --nights 5 --sink writer --split-crash-s 3 --until-s 14",
				"The job failed two or three times at its start, until what it needs was there; since then all is well."),
			Odd: "the job restarted at its start", Until: Until{Time: 130 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(bookings("odd-rescaled", 4, checkpointing("3s", "10s", "jobmanager.scheduler", "adaptive"), "--shape quotes --rate 60 --nights 5 --sink function",
				"The adaptive scheduler makes the job smaller when a TaskManager goes and larger when it is there again; all is well."), flinklocal.Step{Completed: 4, KillTaskManager: true}),
			Odd: "the job was rescaled twice", Until: Until{Time: 90 * time.Second},
		},
	}
}
