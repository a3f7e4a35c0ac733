package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutJobManager() []Case {
	return append(heldOutJobManagerCPU(), heldOutJobManagerHeap()...)
}

func heldOutJobManagerCPU() []Case {
	shrinking := held("settlement-jobmanager-squeezed", heldoutjobs.Orders, 8, "interval=3s timeout=2s"+patientRPC, "--keys 600 --profile 512",
		"48 acknowledgements a checkpoint, eight busy threads in the JobManager and ever less CPU for it: 0.8 of a core, 0.3, 0.15, 0.1, 0.07, 0.05.").
		of("JobManagerOverload/CPU").on(oldest).grows().sick(1, "orders.fingerprint.threads=8")
	for _, cores := range []float64{0.8, 0.3, 0.15, 0.1, 0.07, 0.05} {
		shrinking = shrinking.step(flinklocal.Step{Completed: 1, After: 12 * time.Second, JobManagerCPU: cores})
	}
	all := []Case{
		shrinking,
		held("fleet-jobmanager-starved", heldoutjobs.Rules, 12, "interval=3s timeout=2s"+patientRPC, "--keys 400",
			"Eight busy threads share 0.06 of a core with the JobManager: with 0.07 of it 49 acknowledgements take 2.4 s (measured, the median).").of("JobManagerOverload/CPU").on(newest).
			sick(2, "telemetry.fingerprint.threads=8").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.06}),
		held("rollup-jobmanager-starved", heldoutjobs.Rollup, 16, "interval=3s timeout=2s"+patientRPC, "--rate 20 --keys 200",
			"52 acknowledgements for each checkpoint, and 0.06 of a core for the JobManager with eight busy threads beside it: with 0.1 and two of them "+
				"none took 9 s where the machine had nothing else to do.").
			of("JobManagerOverload/CPU").lab(wideLab).sick(2, "usage.fingerprint.threads=8").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.06}),
	}
	for i := range all {
		all[i].Alone = true
	}
	return all
}

func heldOutJobManagerHeap() []Case {
	all := []Case{
		held("settlement-jobmanager-heap", heldoutjobs.Orders, 3, "interval=3s timeout=8s"+patientRPC, "--keys 400 --profile 256",
			"The live set of the JobManager leaves 4 of 150 MiB of heap free, and three threads replace parts of it: the collector has the CPU.").
			of("JobManagerOverload/Heap").sick(2, "orders.listing.headroom.mb=4 orders.listing.refresh.mb=4000 orders.listing.threads=3"),
		held("sessions-jobmanager-heap", heldoutjobs.Sessions, 8, "interval=2s timeout=4s"+patientRPC, "--keys 400 --profile 256",
			"48 acknowledgements a checkpoint, and 110 MiB of listings, of which 200 a second are replaced, in a heap of 150 (726 - 256 - 128 - 192): with half as much again there is room.").
			of("JobManagerOverload/Heap").on(newest).lab("jobmanager.memory.process.size=726m").
			sick(2, "web.listing.headroom.mb=3 web.listing.known.mb=110 web.listing.refresh.mb=200 web.listing.threads=3"),
		held("rollup-jobmanager-heap", heldoutjobs.Rollup, 12, "interval=3s timeout=4s"+patientRPC, "--rate 20 --keys 200",
			"40 acknowledgements to be read with no room in the heap.").lab(wideLab+" jobmanager.memory.process.size=726m").
			of("JobManagerOverload/Heap").on(oldest).
			sick(2, "usage.listing.headroom.mb=3 usage.listing.known.mb=110 usage.listing.refresh.mb=200 usage.listing.threads=3"),
	}
	for i := range all {
		all[i].Alone = true
	}
	all[0].JobManagerJVM = []string{"-Xms150m", "-Xmx150m"}
	return all
}

func heldOutCleanup() []Case {
	neighbour := held("prices-beside-a-deleting-neighbour", heldoutjobs.Catalog, 2, "interval=3s timeout=8s io-pool=1", "--keys 50 --rate 50",
		"A second job on the same JobManager has files to delete, 4.5 s each; the one io thread serves both. The job itself has none.").
		of("SlowCleanup").sick(3, "archive.delete.ms=4500")
	neighbour.Neighbour = []string{"--keys", "2000", "--profile", "4096", "--rate", "300", "--name", "catalog-backfill"}
	return []Case{
		neighbour,
		held("sessions-overlapping-deletes", heldoutjobs.Sessions, 3, "interval=2s timeout=8s concurrent=3 io-pool=1", "--keys 1500 --profile 4096",
			"Three files a checkpoint and more, 2.5 s for each delete, one io thread, three checkpoints at a time.").
			of("SlowCleanup").on(newest).sick(3, "archive.delete.ms=2500"),
		held("catalogue-deletes-of-twelve-seconds", heldoutjobs.Catalog, 3, "interval=2s timeout=8s concurrent=3 io-pool=1", "--keys 1500 --profile 4096",
			"Five objects a checkpoint, 12 s for each delete: one io thread needs a minute, and as many as five still let acknowledgements wait 12 s.").
			of("SlowCleanup").sick(3, "archive.delete.ms=12000"),
		held("settlement-shared-files-deleted", heldoutjobs.Orders, 2,
			"interval=2s timeout=8s concurrent=3 io-pool=1 backend=rocksdb incremental=true execution.savepoint.cleanup-in-background=true",
			"--keys 1500 --profile 4096 --rate 120 --join-seconds 1",
			"Compactions of RocksDB free shared files all the time; each delete takes 2.5 s on the one io thread.").
			of("SlowCleanup").on(oldest).sick(3, "archive.delete.ms=2500"),
	}
}
