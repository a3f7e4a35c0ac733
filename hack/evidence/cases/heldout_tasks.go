package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutTasks() []Case {
	return []Case{
		held("fleet-readings-compressed", heldoutjobs.Rules, 2, "interval=4s timeout=8s", "--keys 400 --rate 200",
			"The function compresses 120 MiB of readings in snapshotState, some 0.15 s a MiB, while the task stands still.").
			of("SlowSyncPhase").sick(2, "evaluate.archive.mb=120"),
		held("settlement-accounts-ranked", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 600 --profile 512",
			"The function ranks its entries in snapshotState, on one subtask: some 130 sorts of 100000 texts, each 0.1 s and more.").
			of("SlowSyncPhase").on(newest).sick(2, "accounts.rank.n=130 accounts.rank.n.subtasks=0"),
		held("fleet-export-in-snapshot", heldoutjobs.Rules, 6, "interval=3s timeout=8s", "--keys 600",
			"The function waits 10 s for an export in snapshotState.").of("SlowSyncPhase").on(oldest).sick(3, "evaluate.export.ms=10000"),
		held("sessions-bot-history", heldoutjobs.Sessions, 4, "interval=4s timeout=8s", "--keys 500 --hot 60 --pages 3000 --rate 500",
			"A bot's history of 12 MiB belongs to one subtask of four, the others hold next to nothing: at 1.2 MiB/s a stream it takes 10 s.").
			of("DataSkew").sick(4, "archive.stream.kbps=1200"),
		held("settlement-large-customer", heldoutjobs.Orders, 8, "interval=4s timeout=8s backend=rocksdb", "--orders-hot 80 --payments-hot 0 --keys 300 --pages 4000 --rate 150 --join-seconds 1",
			"One customer of 300 has 16 MiB of history, on one subtask of eight; a stream carries 1.4 MiB/s.").
			of("DataSkew").on(newest).sick(4, "archive.stream.kbps=1400"),
		held("sessions-bot-traffic", heldoutjobs.Sessions, 4, "interval=3s timeout=8s", "--keys 500 --hot 85 --rate 300 --body 30",
			"85 per cent of the clicks are one visitor's, and each takes 4 ms: 250 a second for one subtask where 2000 come; the others have 90.").
			of("DataSkew").on(oldest).sick(2, "visitors.lookup.ms=4"),
	}
}

func heldOutTaskManagers() []Case {
	quota := held("fleet-starved-taskmanager", heldoutjobs.Rules, 4, "interval=3s timeout=8s"+patientRPC, "--keys 400 --rate 300",
		"One of two TaskManagers has 0.03 of a core, and six threads of a cache compute in it.").
		of("TaskManagerPressure").on(newest).sick(2, "features.threads=6").step(flinklocal.Step{Completed: 2, TaskManagerCPU: 0.03})
	wide := held("rollup-starved-taskmanager", heldoutjobs.Rollup, 12, "interval=3s timeout=8s"+patientRPC, "--rate 200 --keys 500",
		"One of three TaskManagers, with a third of the subtasks, has 0.02 of a core.").
		of("TaskManagerPressure").on(oldest).lab(wideLab).step(flinklocal.Step{Completed: 2, TaskManagerCPU: 0.02})
	wide.TaskManagers = 3
	heap := held("fleet-taskmanager-heap", heldoutjobs.Rules, 2, "interval=3s timeout=8s"+patientRPC, "--keys 400 --rate 200",
		"A cache leaves 9 MiB of the heap of each TaskManager free, 140 MiB of one and 448 of the other; the collector has nearly all of their time.").
		of("TaskManagerPressure").sick(2, "features.headroom.mb=9 features.refresh.mb=4000 features.loaders=1")
	heap.TaskManagerJVM = []string{"-Xms140m", "-Xmx140m"}
	all := []Case{quota, wide, heap}
	for i := range all {
		all[i].Alone = true
	}
	return all
}

func heldOutUserCode() []Case {
	return []Case{
		held("fleet-regular-expression", heldoutjobs.Rules, 3, "interval=3s timeout=8s", "--keys 400",
			"A pattern backtracks over one value for minutes, on one subtask.").of("UserCodeBlocking").on(newest).
			sick(2, "evaluate.regex.n=40 evaluate.regex.n.subtasks=1"),
		held("fleet-lookup-hangs", heldoutjobs.Rules, 2, "interval=3s timeout=8s", "--keys 400",
			"An HTTP look-up for one event is answered after 40 s.").of("UserCodeBlocking").sick(2, "evaluate.http.ms=40000"),
		held("fleet-model-lock", heldoutjobs.Rules, 4, "interval=2s timeout=8s", "--keys 400",
			"Events wait for a lock that the loader of a model holds for 30 s at a time.").of("UserCodeBlocking").on(oldest).sick(3, "evaluate.model.ms=30000"),
		held("fleet-huge-sort", heldoutjobs.Rules, 2, "interval=3s timeout=8s tolerable=0", "--keys 400",
			"One event makes the function sort for half a minute; the first expired checkpoint restarts the job.").
			of("UserCodeBlocking").sick(2, "evaluate.sort.n=120 evaluate.sort.n.subtasks=0").until(Until{Expired: 3, Time: 110 * time.Second}),
	}
}
