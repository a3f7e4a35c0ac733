package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutSources() []Case {
	return []Case{
		held("catalogue-snapshot-read", heldoutjobs.Catalog, 2, "interval=3s timeout=8s", "--keys 500",
			"The old-style source waits 30 s for a chunk of the table, and holds the checkpoint lock meanwhile.").
			of("SourceBlocked").sick(2, "catalog.chunk.ms=30000"),
		held("catalogue-snapshot-checksum", heldoutjobs.Catalog, 3, "interval=3s timeout=8s", "--keys 500",
			"The old-style source computes for 40 s under the checkpoint lock.").of("SourceBlocked").on(newest).sick(2, "catalog.checksum.ms=40000"),
		held("sessions-page-never-comes", heldoutjobs.Sessions, 3, "interval=3s timeout=8s", "--keys 500",
			"One reader of the web clicks waits 35 s for a page, in the task's thread.").of("SourceBlocked").on(oldest).
			sick(2, "web.fetch.ms=35000 web.fetch.ms.subtasks=2"),
		held("settlement-schema-monitor", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 500",
			"The readers of the payments wait for a monitor that the refresh of schemas holds for 25 s.").
			of("SourceBlocked").on(newest).sick(2, "payments.schema.ms=25000"),
	}
}

func heldOutCoordinators() []Case {
	return []Case{
		held("settlement-enumerator-offsets", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 500",
			"The enumerator asks the broker in its snapshot; the answer takes 12 s.").of("CoordinatorBlocked").sick(2, "orders.offsets.ms=12000"),
		held("sessions-enumerator-discovery", heldoutjobs.Sessions, 3, "interval=3s timeout=8s", "--keys 500",
			"A discovery of partitions keeps the coordinator's thread for 25 s: its snapshot has to wait.").
			of("CoordinatorBlocked").on(newest).sick(2, "web.discovery.ms=25000"),
		held("fleet-enumerator-catalogue", heldoutjobs.Rules, 4, "interval=2s timeout=8s", "--keys 500",
			"The enumerator's snapshot waits for a monitor that another thread holds for 14 s.").of("CoordinatorBlocked").on(oldest).
			sick(3, "telemetry.catalogue.ms=14000"),
	}
}

// heldOutFailures: storage that fails, and tasks that fail. Few of these checkpoints expire.
func heldOutFailures() []Case {
	failed := Until{Failed: 4, Time: 60 * time.Second}
	return []Case{
		held("settlement-store-errors", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 2000 --profile 4096",
			"Every PUT ends with a 500.").of("StorageFailure").sick(2, "archive.put.fail.percent=100").until(failed),
		held("sessions-token-expired", heldoutjobs.Sessions, 3, "interval=3s timeout=8s tolerable=0", "--keys 1000 --profile 4096",
			"Writing is refused with 403, and the first failure restarts the job.").of("StorageFailure").on(newest).
			sick(2, "archive.denied.percent=100").until(failed),
		held("fleet-manifest-stalls", heldoutjobs.Rules, 2, "interval=3s timeout=8s", "--keys 400",
			"All subtasks acknowledge; the metadata file is never finished.").of("StorageFailure").on(oldest).
			sick(2, "archive.manifest.stall=1").until(Until{Time: 45 * time.Second}),
		held("catalogue-store-gives-up", heldoutjobs.Catalog, 2, "interval=3s timeout=20s", "--keys 1000 --profile 4096",
			"The store answers 503 to all, and the client gives up after six attempts, 12.4 s: before the timeout of 20.").
			of("StorageFailure").sick(2, "archive.put.throttle.percent=100").until(Until{Failed: 3, Time: 75 * time.Second}),
		held("settlement-snapshot-throws", heldoutjobs.Orders, 3, "interval=3s timeout=8s", "--keys 500 --profile 512",
			"One subtask throws in snapshotState: the job restarts, again and again.").of("TaskFailure").
			sick(2, "accounts.snapshot.fail=1 accounts.snapshot.fail.subtasks=1").until(Until{Time: 50 * time.Second}),
		held("sessions-poison", heldoutjobs.Sessions, 2, "interval=5s timeout=10s", "--keys 500 --profile 512",
			"An event that cannot be parsed fails the job 3 s after every start, before the first checkpoint of the interval of 5 s.").
			of("TaskFailure").on(newest).sick(1, "visitors.poison.s=3").until(Until{Time: 55 * time.Second}),
		held("fleet-pager-refuses", heldoutjobs.Rules, 2, "interval=3s timeout=8s", "--keys 500",
			"The pager refuses a batch at every flush, and the exception fails the job.").of("TaskFailure").on(oldest).
			sick(2, "pager.flush.fail=1").until(Until{Time: 50 * time.Second}),
	}
}

func heldOutAcks() []Case {
	return []Case{
		held("fleet-offsets-over-frame", heldoutjobs.Rules, 2, "interval=3s timeout=8s frame=600000b inline=1mb", "--keys 200 --offsets-kb 800",
			"800 KiB of operator state travel in the acknowledgement; a message may have 600 kB.").of("OversizedAck").sick(2, "evaluate.offsets=1"),
		held("fleet-one-offset-list-over-frame", heldoutjobs.Rules, 6, "interval=2s timeout=8s frame=400000b inline=1mb", "--keys 200 --offsets-kb 500",
			"The same for one subtask of six.").of("OversizedAck").on(newest).sick(2, "evaluate.offsets=1 evaluate.offsets.subtasks=4"),
		held("sessions-inline-state-over-frame", heldoutjobs.Sessions, 2, "interval=3s timeout=8s frame=450000b inline=1mb", "--keys 2000 --profile 512 --rate 60 --gap-seconds 1",
			"A thousand profiles a subtask, 550 KiB, are below the inline threshold of 1 MiB and travel in the message, which may have 450 kB.").
			of("OversizedAck").on(oldest).until(Until{Expired: 3, Time: 120 * time.Second}),
	}
}
