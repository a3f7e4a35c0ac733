package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// register is a job in SQL whose sink is a connector of its own.
var register = flinklocal.Java{Name: "permits.jar", Sources: faultjobs.PermitSources, Dir: faultjobs.PermitsDir, Main: faultjobs.PermitsMain, Table: faultjobs.PermitsTables,
	More: func(version string) []string {
		if strings.HasPrefix(version, "1.") {
			return []string{faultjobs.ShapesDir, faultjobs.Shapes1Dir, faultjobs.Permits1Dir}
		}
		return []string{faultjobs.ShapesDir, faultjobs.Shapes2Dir, faultjobs.Permits2Dir}
	}}

// permits is that job.
func permits(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	c := job(name, parallelism, conf, args, why)
	c.Job = &register
	return c
}

// tuningPermits are cases of that job.
func tuningPermits() []Case {
	onsets := permitsOnsets()
	for i := range onsets {
		onsets[i].SlowOnset, onsets[i].Every = true, 12*time.Second
	}
	return advised(slices.Concat(permitsSnapshots(), permitsCommits(), onsets, permitsOdd())...)
}

// permitsSnapshots are synchronous parts of sinks in SQL, and one that flushes.
func permitsSnapshots() []Case {
	until := Until{Expired: 4}
	slow := []string{"SlowSyncPhase"}
	return []Case{
		{
			Case: permits("sql-writer-asks-numbers", 1, checkpointing("2s", "7s"), "--rate 50 --sink writer --desk-snapshot numbers --desk-snapshot-ms 19000 --from-s 12",
				"Source and writer are a task of one subtask each. Before the writer hands over its state it waits 19 s until the registry says which numbers come next; the timeout is 7 s. It has flushed by then."),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: permits("sql-writer-seals", 1, checkpointing("3s", "9s", keyUnaligned, "true", keyBackend, "rocksdb"), "--shape sums --chain 0 --rate 60 --sink writer --desk-snapshot seal --desk-snapshot-ms 26000 --from-s 12",
				"The writer, a task of its own, computes a seal for 26 s before it hands over its state; the timeout is 9 s."),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: permits("sql-function-seals", 1, strict(keyBackend, "rocksdb"), "--shape sums --rate 40 --sink function --desk-snapshot seal --desk-snapshot-ms 28000 --from-s 12",
				"A sink function computes a seal for 28 s within its snapshot, in one task with the sums by office; it waits for nobody. The job restarts at the first expired checkpoint."),
			Causes: slow, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
		{
			Case: permits("sql-function-flushes", 1, checkpointing("2s", "8s"), "--shape windows --rate 50 --sink function --desk-snapshot flush --desk-snapshot-ms 21000 --from-s 12",
				"A sink function sends what it gets without waiting, and within its snapshot flushes: it waits 21 s until all of it is confirmed; the timeout is 8 s."),
			Causes: []string{"SinkFlush"}, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: sized(permits("sql-keep-copied", 1, checkpointing("2s", "5s"), "--rate 100 --sink keep --files 500000 --files-each 2500 --from-s 12",
				"An operator in the task of source and writer keeps 500,000 elements in operator state, which can be copied by Java's serialization only: Flink copies the list in the synchronous part, some 20 us an element, "+
					"10 s against a timeout of 5 s."), map[string]string{keyTaskHeap: "1024m"}),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: permits("sql-writer-asks-of-five", 5, checkpointing("3s", "8s", keyUnaligned, "true"), "--shape sums --rate 100 --sink writer --desk-snapshot http --desk-snapshot-ms 24000 --desk-only 3 --from-s 12",
				"One of five writers asks a server for 24 s before it hands over its state, after it has flushed what it had; the timeout is 8 s."),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: permits("sql-writer-flushes-of-five", 5, checkpointing("3s", "8s", keyUnaligned, "true"), "--shape sums --rate 100 --sink writer --desk-flush http --desk-flush-ms 24000 --desk-only 3 --from-s 12",
				"The same of a flush: one of five writers waits 24 s for a server when it is flushed; the timeout is 8 s."),
			Causes: []string{"SinkFlush"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: permits("sql-function-locked", 3, checkpointing("2s", "8s", keyBackend, "rocksdb"), "--shape windows --rate 90 --sink function --desk-snapshot lock --desk-snapshot-ms 20000 --desk-only 1 --from-s 12",
				"One of three sink functions waits 20 s within its snapshot for a lock that another thread of the process holds; it sends nothing; the timeout is 8 s."),
			Causes: slow, Until: until,
		},
		{
			Case: bookings("sync-writer-latch", 2, checkpointing("2s", "10s", keyBackend, "rocksdb"), "--chain 0 --shape quotes --rate 40 --nights 10 --sink writer --sink-snapshot latch --sink-snapshot-ms 27000 --from-s 12",
				"Both writers, each in a task of its own, wait 27 s until another part of the job is ready before they hand over their state; the timeout is 10 s."),
			Causes: slow, Until: until,
		},
	}
}

// permitsCommits are committers of sinks in SQL that take long now and then.
func permitsCommits() []Case {
	return []Case{
		{
			Case: permits("sql-stamps-now-and-then", 1, checkpointing("2s", "7s", keyBackend, "rocksdb"), "--shape sums --rate 60 --sink stamped --stamp numbers --stamp-ms 15000 --stamp-every 4 --from-s 12",
				"Each fourth commit of a sink in SQL, in one task with its writer, waits 15 s for the registry: the next checkpoint waits for it beyond the timeout of 7 s."),
			Causes: []string{"CommitBlocksTask"}, Until: Until{Expired: 4, Time: 120 * time.Second},
		},
		{
			Case: stepped(permits("sql-two-writes-and-stamps", 2, checkpointing("2s", "8s", keyUnaligned, "true"),
				"--shape sums --rate 400 --offices 3000 --note 1200 --sink stamped --stamp socket --stamp-ms 13000 --stamp-only 1 --stamp-every 2 --from-s 14",
				"Sums of three thousand offices with a note each, some 2 MiB a subtask, are written at 160 KiB/s for 22 s at a time, 12 s each; whenever storage is well, every second commit of one of two sinks waits 13 s. The timeout is 8 s."),
				alternating(4, 22*time.Second, 28*time.Second, 7, "write.kbps", "160")...),
			Causes: []string{"SlowStateBackend", "CommitBlocksTask"}, Until: Until{Expired: 6, Time: 130 * time.Second}, Versions: []string{"1.18.1"},
		},
	}
}

// permitsOnsets are an office that gets more and more, and a register that takes longer and longer behind windows.
func permitsOnsets() []Case {
	return []Case{
		{
			Case: permits("sql-growing-office", 4, checkpointing("2s", "8s", keyBackend, "rocksdb"), "--shape sums --rate 320 --offices 400 --note 1500 --tally-us 6000 --moved-from 0.02 --moved-to 0.95 --ramp-s 120 --from-s 12",
				"320 permits a second take 6 ms each, half of four subtasks' time. The share of one office rises from nothing to 0.95 in two minutes: above four tenths its subtask takes fewer than come, and some thousand wait."),
			Causes: []string{"DataSkew"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: permits("sql-growing-register", 3, checkpointing("3s", "9s"), "--shape windows --chain 0 --span-s 1 --rate 240 --offices 120 --sink writer --enter-us 130000 --ramp-s 150 --from-s 12",
				"Windows of a second give 40 sums a second to each of three writers, which take up to 130 ms for each at last: from 25 ms on they take fewer than come."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"1.18.1"},
		},
	}
}

// permitsOdd are healthy jobs that look sick.
func permitsOdd() []Case {
	return []Case{
		{
			Case: permits("odd-sql-half-from-start", 1, checkpointing("3s", "16s"), "--rate 40 --sink writer --desk-snapshot numbers --desk-snapshot-ms 8000",
				"Each snapshot of the writer waits 8 s for the registry, from the first checkpoint on, of a timeout of 16 s; none has ever failed."),
			Odd: "each checkpoint takes half of the timeout, from the first one on", Until: Until{Time: 100 * time.Second}, Every: 9 * time.Second, Versions: []string{"1.18.1"},
		},
	}
}
