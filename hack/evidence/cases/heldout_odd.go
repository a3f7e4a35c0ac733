package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutHealthy() []Case {
	restarted := held("rollup-restarted-a-while-ago", heldoutjobs.Rollup, 8, "interval=3s timeout=10s", "--rate 30 --keys 300",
		"A TaskManager was lost after two checkpoints; the job came back and has been well since.").on(oldest).lab(wideLab).
		step(flinklocal.Step{Completed: 2, KillTaskManager: true}).odd("a restart a while ago", 50*time.Second)
	busy := held("rollup-wide-busy-jobmanager", heldoutjobs.Rollup, 64, "interval=5s timeout=15s", "--rate 5 --keys 300",
		"196 subtasks, and a thread computes in the JobManager, which on a machine in demand has a fifth of a core (measured): checkpoints take a second.").
		lab(wideLab).sick(1, "usage.fingerprint.threads=1").odd("many subtasks", 40*time.Second)
	busy.CPU = 2
	return []Case{
		restarted,
		busy,
		held("sessions-long-but-well", heldoutjobs.Sessions, 2, "interval=20s timeout=60s", "--keys 2000 --profile 4096",
			"Uploads take 6 s of the 60 that they may, every 20 s.").sick(0, "archive.stream.kbps=700").odd("long checkpoints", 60*time.Second),
		held("settlement-one-old-failure", heldoutjobs.Orders, 2, "interval=3s timeout=10s", "--keys 2000 --profile 4096",
			"The store failed for one checkpoint; a dozen have completed since.").on(newest).sick(2, "archive.put.fail.percent=100").
			then(3*time.Second, "").odd("one failed checkpoint in the history", 45*time.Second),
		held("fleet-idle-sources", heldoutjobs.Rules, 3, "interval=3s timeout=10s", "--telemetry-rate -1 --rules-rate -1",
			"No event comes: a quiet night.").on(newest).odd("idle sources", 30*time.Second),
		held("catalogue-savepoint-in-progress", heldoutjobs.Catalog, 2, "interval=4s timeout=60s", "--keys 2000 --profile 4096",
			"A savepoint is being written, which takes some 15 s; checkpoints wait for it. Before and after it storage is as fast as ever.").
			sick(2, "archive.stream.kbps=280").step(flinklocal.Step{Savepoint: true}).then(12*time.Second, "").
			odd("a savepoint in progress", 20*time.Second),
		held("settlement-long-interval", heldoutjobs.Orders, 4, "interval=30s timeout=60s", "--keys 1000 --profile 2048",
			"A checkpoint every 30 s, because somebody wanted it so.").on(oldest).odd("long gaps between checkpoints", 75*time.Second),
		held("sessions-campaigns-finished", heldoutjobs.Sessions, 3, "interval=3s timeout=10s", "--keys 500 --campaigns-rate 200 --campaigns-limit 1500",
			"One source of three has ended: its subtasks are finished.").on(newest).odd("finished subtasks", 40*time.Second),
		held("sessions-moderate-back-pressure", heldoutjobs.Sessions, 2, "interval=4s timeout=30s", "--keys 500 --rate 200 --body 40",
			"The click log takes 4 ms a row, 250 a second where 400 come: back pressure, and checkpoints of a few seconds of the 30 allowed.").
			lab("taskmanager.network.memory.buffer-debloat.enabled=true taskmanager.network.memory.buffer-debloat.period=200ms").
			sick(1, "clicklog.write.ms=3").odd("back pressure", 45*time.Second),
		held("fleet-collecting-garbage", heldoutjobs.Rules, 2, "interval=3s timeout=12s", "--keys 500",
			"The TaskManager collects garbage for some 7 per cent of the time (measured); checkpoints take a tenth of a second.").on(oldest).
			sick(1, "features.known.mb=220 features.refresh.mb=30").odd("garbage collection in the TaskManagers", 40*time.Second),
	}
}

func heldOutTwo() []Case {
	return []Case{
		held("settlement-slow-store-and-ledger", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 2000 --profile 4096",
			"The accounts need 11 s to be written, and the ledger 10 s to be flushed: either alone would be enough.").
			of("SlowStateBackend", "SinkFlush").on(newest).sick(2, "archive.stream.kbps=370 ledger.flush.ms=10000"),
		held("fleet-export-and-pager", heldoutjobs.Rules, 3, "interval=3s timeout=8s", "--keys 500",
			"An export of 10 s in snapshotState, and a pager whose requests end after 10 s.").
			of("SlowSyncPhase", "SinkFlush").sick(2, "evaluate.export.ms=9500 evaluate.export.ms.subtasks=0 pager.requests.ms=10000 pager.requests.ms.subtasks=2"),
		held("sessions-slow-store-and-publish", heldoutjobs.Sessions, 2, "interval=3s timeout=9s", "--keys 2000 --profile 4096",
			"The visitors need 8 to 12 s to be written, and what completes is then published for 15 s in the thread of the click log's task.").
			of("SlowStateBackend", "CommitBlocksTask").sick(2, "archive.stream.kbps=480 clicklog.publish.ms=15000"),
		held("fleet-one-lookup-and-slow-store", heldoutjobs.Rules, 4, "interval=3s timeout=8s", "--keys 4000 --reading 4096 --rate 500",
			"One subtask hangs in a look-up for 40 s; the other three need 11 s for their state.").
			of("UserCodeBlocking", "SlowStateBackend").on(oldest).sick(4, "archive.stream.kbps=370 evaluate.http.ms=40000 evaluate.http.ms.subtasks=3"),
		held("settlement-coordinator-and-audit", heldoutjobs.Orders, 2, "interval=3s timeout=10s", "--keys 500",
			"The enumerator's snapshot takes 6 s, and then the audit trail stages its rows for 7.").
			of("SinkFlush", "CoordinatorBlocked").sick(2, "payments.offsets.ms=6000 audit.stage.ms=7000"),
	}
}
