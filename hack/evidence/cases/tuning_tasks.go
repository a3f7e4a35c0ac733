package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func tuningTasks() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: job("backpressure-wide", 8, every10(), "--keys 2000 --value-bytes 100 --rate 0 --sink-ms 60",
				"Sinks take 60 ms an event, sources are as fast as they can: barriers wait behind full buffers."),
			Causes: []string{"Backpressure"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: job("backpressure-strict", 2, strict(), "--keys 2000 --value-bytes 100 --rate 0 --sink-ms 100",
				"Sinks take 100 ms an event; the job restarts at the first expired checkpoint."),
			Causes: []string{"Backpressure"}, Until: Until{Expired: 3},
		},
		{
			Case: ledger(job("backpressure-locked-source", 2, every10(keyUnaligned, "true"), "--rate 0 --write-ms 40",
				"Sinks take 40 ms an entry. Sources of the old kind wait for buffers with the checkpoint lock in hand, so that unaligned checkpoints do not help.")),
			Causes: []string{"Backpressure"}, Until: until, NoRemedy: true, Versions: []string{"1.20.1", "1.20.5"},
		},
		{
			Case: ledger(job("backpressure-locked-source-wide", 6, every10(keyUnaligned, "true"), "--rate 0 --write-ms 25 --from-s 10",
				"The same with six subtasks, and it begins while the job runs.")),
			Causes: []string{"Backpressure"}, Until: until, NoRemedy: true, Versions: []string{"1.20.1"},
		},
		{
			Case: job("sink-flush-one", 4, every10(), small+" --flush-ms 12000 --only-subtask 2 --from-s 15",
				"One of four sinks waits 12 s for the system behind it before it lets the barrier pass."),
			Causes: []string{"SinkFlush"}, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: job("sync-slow-wide", 8, checkpointing("4s", "8s"), tiny+" --sync-ms 9000 --from-s 15",
				"The synchronous part takes 9 s on all eight subtasks, the timeout is 8 s."),
			Causes: []string{"SlowSyncPhase"}, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: job("sync-slow-strict", 2, strict(), small+" --sync-ms 11000 --from-s 15",
				"The synchronous part takes 11 s; the job restarts at the first expired checkpoint."),
			Causes: []string{"SlowSyncPhase"}, Until: Until{Expired: 3},
		},
		{
			Case: stored(job("skew-bytes-wide", 8, every10(), "--keys 8000 --value-bytes 4096 --rate 400 --skew 0.97",
				"97 % of the events have keys of one subtask out of eight: it holds some 4 MiB of keys that are written, the others a few; at 350 KiB/s."),
				2, "write.kbps", "350"),
			Causes: []string{"DataSkew"}, Until: until,
		},
		{
			Case: job("skew-time", 4, every10(), "--keys 4000 --value-bytes 64 --rate 100 --skew 0.9 --process-ms 12",
				"Each event takes 12 ms, and nine in ten are of one subtask: 370 a second where it can take 80. The others idle."),
			Causes: []string{"DataSkew"}, Until: until, Versions: []string{"2.2.1"},
		},
	}
}

func tuningFailures() []Case {
	return []Case{
		{
			Case: job("oversized-ack-old", 2, every10(keyFrame, "500000b", keyInline, "1mb"), tiny+" --inline-kb 700 --only-subtask 1 --from-s 15",
				"700 KiB of operator state of one subtask travel inside its acknowledgement, and a message may have 500 kB."),
			Causes: []string{"OversizedAck"}, Until: Until{Expired: 4}, Versions: []string{"1.18.1"},
		},
		{
			Case: job("declined-wide", 4, every10(), small+" --decline true --only-subtask 1 --from-s 15",
				"One subtask throws in its snapshot: the job restarts with every checkpoint."),
			Causes: []string{"TaskFailure"}, Until: Until{Failed: 4, Time: 60 * time.Second}, Versions: []string{"2.2.1"},
		},
		{
			Case: job("task-fails", 2, every10(), small+" --fail-s 5 --sync-ms 4000 --only-subtask 0 --from-s 15",
				"One subtask throws 5 s after each start, in an element, and its synchronous part takes 4 s: no checkpoint is ready before."),
			Causes: []string{"TaskFailure"}, Until: Until{Failed: 3, Time: 75 * time.Second},
		},
		{
			Case: shipments("network-buffers-few", 24, checkpointing("100ms", "8s", keyConcurrent, "1"), "--rate 5 --entry-bytes 100",
				"72 subtasks of each TaskManager exchange with 24 others each, and 64 MiB hold 2048 buffers: a task finds none at its start, throws, and the job never runs long enough for a checkpoint."),
			Causes: []string{"TaskFailure"}, Until: Until{Time: 90 * time.Second}, Versions: []string{"2.2.1"}, NoRemedy: true,
		},
	}
}

func tuningTaskManagers() []Case {
	return []Case{
		{
			Case: sized(job("taskmanager-heap", 2, every10(), small+" --tm-live-mb 130 --tm-garbage-mb-s 3000 --only-subtask 1 --from-s 15",
				"One TaskManager holds 130 MiB of live objects in a heap of 192 MiB and makes garbage: it collects nearly all the time."),
				map[string]string{keyTaskHeap: "128m"}),
			Causes: []string{"TaskManagerPressure"}, Until: Until{Time: 75 * time.Second}, Alone: true,
		},
		{
			Case: stepped(job("taskmanager-cpu", 2, every10(), "--keys 2000 --value-bytes 4096 --rate 2000 --tm-spin-threads 6 --only-subtask 1 --from-s 20",
				"One TaskManager has a twelfth of a core, and six busy threads in it."), flinklocal.Step{Completed: 3, TaskManagerCPU: 0.08}),
			Causes: []string{"TaskManagerPressure"}, Until: Until{Expired: 3, Time: 90 * time.Second}, Alone: true,
		},
	}
}
