package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// classic is the job of what only Flink 1 has.
var classic = flinklocal.Java{Name: "classic.jar", Sources: faultjobs.Sources, Dir: faultjobs.ClassicDir, Main: faultjobs.ClassicMain}

// ledger is that job instead of the pipeline.
func ledger(c flinklocal.Case) flinklocal.Case {
	c.Job = &classic
	return c
}

func tuningCode() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: job("source-blocked-strict", 2, strict(), small+" --source-block-ms 30000 --only-subtask 0 --from-s 15",
				"One source subtask stays in one call for 30 s at a time; the job restarts at the first expired checkpoint."),
			Causes: []string{"SourceBlocked"}, Until: Until{Expired: 3},
		},
		{
			Case: job("source-blocked-all", 4, every10(), small+" --source-block-ms 25000 --from-s 15",
				"All source subtasks stay in one call for 25 s at a time."),
			Causes: []string{"SourceBlocked"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: ledger(job("source-holds-lock", 2, every10(), "--read-s 40 --from-s 15",
				"A source of the old kind scans a table for 40 s at a time and holds the checkpoint lock meanwhile.")),
			Causes: []string{"SourceBlocked"}, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: job("usercode-one", 2, every10(), small+" --process-ms 45000 --only-subtask 1 --from-s 15",
				"One subtask of the keyed function stays 45 s in one event."),
			Causes: []string{"UserCodeBlocking"}, Until: until,
		},
		{
			Case: job("usercode-wide", 8, checkpointing("4s", "8s"), tiny+" --process-ms 20000 --from-s 15",
				"All subtasks of the keyed function stay 20 s in one event."),
			Causes: []string{"UserCodeBlocking"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: job("usercode-strict", 2, strict(), small+" --process-ms 45000 --only-subtask 1 --from-s 15",
				"One subtask of the keyed function stays 45 s in one event; the job restarts at the first expired checkpoint."),
			Causes: []string{"UserCodeBlocking"}, Until: Until{Expired: 3},
		},
		{
			Case: job("commit-slow", 2, every10(), small+" --commit-ms 16000 --from-s 15",
				"When a checkpoint has completed the sink publishes for 16 s in its task's thread: the next barrier waits, and its checkpoint expires."),
			Causes: []string{"CommitBlocksTask"}, Until: Until{Expired: 3},
		},
		{
			Case: job("offsets-slow", 4, checkpointing("2s", "8s"), small+" --offsets-ms 14000 --only-subtask 1 --from-s 15",
				"When a checkpoint has completed one source tells the broker for 14 s: the next checkpoint expires."),
			Causes: []string{"CommitBlocksTask"}, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: job("commit-growing", 2, every10(), small+" --commit-ms 1000 --commit-growth 1.35 --from-s 15",
				"Publishing takes 1 s at first and a third longer each time, as table metadata that is rewritten whole: after nine checkpoints it takes 11 s."),
			Causes: []string{"CommitBlocksTask"}, SlowOnset: true, Until: Until{Expired: 3, Time: 150 * time.Second},
		},
	}
}
