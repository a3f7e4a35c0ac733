package cases

import "checkpointhealth.dev/operator/hack/flinklocal"

// alone is the case with one TaskManager of so many slots.
func alone(c flinklocal.Case, slots int) flinklocal.Case {
	c.TaskManagers, c.Slots = 1, slots
	return c
}

// hotelCalls are calls of user code.
func hotelCalls() []Case {
	until := Until{Expired: 4}
	blocking := []string{"UserCodeBlocking"}
	old := []string{"1.18.1"}
	return []Case{
		{
			Case: alone(bookings("call-shared-client", 4, every8(), "--shape quotes --rate 20 --quote-call shared --quote-call-ms 9000 --quote-every 60 --sink function --from-s 15",
				"Four subtasks of one TaskManager share a client that asks for one of them at a time: with every 60th search 9 s, and the others wait for it, 36 s in all; the timeout is 8 s."), 4),
			Causes: blocking, Until: until, Versions: old,
		},
		{
			Case: bookings("call-pool-exhausted", 7, checkpointing("2s", "10s"), "--shape quotes --rate 20 --prices-rate 3 --price-call pool --price-call-ms 30000 --price-only 4 --sink writer --from-s 15",
				"One of seven subtasks waits 30 s with each price for a connection of a pool that gives none."),
			Causes: blocking, Until: until, Versions: old,
		},
		{
			Case: bookings("call-retries", 2, checkpointing("5s", "10s", keyUnaligned, "true"), "--rate 50 --apart 1 --split-call retry --split-call-ms 45000 --split-every 100 --sink twophase --from-s 15",
				"Both steps try for 45 s to reach a server that is not there, after longer and longer pauses, with every 100th search; the timeout is 10 s, unaligned."),
			Causes: blocking, Until: until, Versions: old,
		},
		{
			Case: alone(bookings("call-model-loads", 3, checkpointing("3s", "8s", keyBackend, "rocksdb"), "--shape quotes --rate 40 --nights 5 --quote-call model --quote-call-ms 90000 --sink function --from-s 15",
				"A class reads its model for 90 s when it is first used, and the other two subtasks of the TaskManager wait until it is there; the timeout is 8 s."), 3),
			Causes: blocking, Until: until, Versions: old,
		},
		{
			Case: bookings("call-not-asynchronous", 3, every10(), "--rate 30 --ask 1 --check-call http --check-call-ms 25000 --check-every 40 --sink writer --from-s 15",
				"The function that is to ask without waiting waits 25 s for its answer in the task's thread, with every 40th search of all three subtasks."),
			Causes: blocking, Until: until, Versions: old,
		},
	}
}

// hotelCommits hold the task after a completed checkpoint.
func hotelCommits() []Case {
	until := Until{Expired: 4}
	commits := []string{"CommitBlocksTask"}
	return []Case{
		{
			Case: bookings("commit-alone-strict", 1, checkpointing("2s", "10s", keyTolerable, "0"), "--shape quotes --rate 60 --nights 5 --sink twophase --sink-complete latch --sink-complete-ms 20000 --from-s 15",
				"A sink of one subtask waits 20 s for its broker when it commits a transaction; the next checkpoint begins 2 s later, has 10 s, and restarts the job."),
			Causes: commits, Until: Until{Expired: 3},
		},
		{
			Case: bookings("commit-one-of-five", 5, checkpointing("6s", "6s"), "--shape quotes --rate 40 --chain 0 --sink committing --charge-call socket --charge-call-ms 15000 --charge-only 3 --from-s 15",
				"The committer has a task of its own; one of five commits for 15 s, more than the interval of 6 s and the timeout of 6 s."),
			Causes: commits, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("commit-split-one", 2, every8(), "--rate 60 --apart 1 --sink writer --split-complete http --split-complete-ms 14000 --split-complete-only 0 --from-s 15",
				"One of two steps in the middle tells a server of each completed checkpoint and waits 14 s for the answer; the timeout is 8 s."),
			Causes: commits, Until: until, Versions: []string{"2.2.1"},
		},
	}
}
