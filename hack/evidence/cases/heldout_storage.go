package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutStorage() []Case {
	beside := held("settlement-slow-uploads", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 2000 --profile 4096",
		"4 MiB of accounts a subtask at 400 KiB/s take 10 s. One of the JobManager's two CPUs computes beside it.").
		of("SlowStateBackend").sick(3, "archive.stream.kbps=400 payments.fingerprint.threads=1")
	beside.CPU = 2
	return []Case{
		beside,
		held("sessions-throttled-store", heldoutjobs.Sessions, 4, "interval=4s timeout=10s backend=rocksdb incremental=true", "--keys 3000 --profile 2048",
			"The store refuses two of three requests with 503 SlowDown; the client tries again after 0.4 s, 0.8 s and so on.").
			of("SlowStateBackend").on(newest).sick(2, "archive.put.throttle.percent=65 archive.part.throttle.percent=65 archive.part.ms=300"),
		held("fleet-slow-puts", heldoutjobs.Rules, 4, "interval=3s timeout=8s", "--keys 2000 --reading 1024",
			"Half a MiB a subtask, but every PUT is answered after 9.5 s.").of("SlowStateBackend").on(oldest).sick(3, "archive.put.ms=9500"),
		held("settlement-puts-ever-slower", heldoutjobs.Orders, 3, "interval=3s timeout=8s", "--keys 1000 --profile 1024",
			"A PUT is answered after 1.5 s and 0.35 more every second, as of a store that fills up: 8 s after 19 s, 15 after 40, and 40 after two "+
				"minutes, when the timeout that the first late acknowledgements tell is in force: it cures nothing.").
			of("SlowStateBackend").on(newest).grows().outgrows().sick(2, "archive.put.ms=1500+350/s").until(Until{Expired: 3, Time: 150 * time.Second}),
		held("catalogue-fading-store", heldoutjobs.Catalog, 2, "interval=3s timeout=12s", "--keys 2000 --profile 4096 --rate 400",
			"4 MiB a subtask; the bandwidth of a stream falls from 2400 KiB/s by 35 a second, to 350 and less after a minute: 12 s. It "+
				"goes on falling, to 40 KiB/s: 100 s, for which no timeout is long enough that the first late acknowledgements tell.").
			of("SlowStateBackend").grows().outgrows().sick(2, "archive.stream.kbps=2400-35/s").then(67*time.Second, "archive.stream.kbps=40").until(Until{Expired: 3, Time: 150 * time.Second}),
		held("settlement-slow-uploads-default-tolerance", heldoutjobs.Orders, 4, "interval=3s timeout=8s tolerable=0", "--keys 4000 --profile 4096",
			"4 MiB a subtask at 350 KiB/s take 12 s, and the first expired checkpoint restarts the job.").
			of("SlowStateBackend").on(newest).sick(3, "archive.stream.kbps=350").until(Until{Failed: 3, Time: 90 * time.Second}),
	}
}

func heldOutPressure() []Case {
	const roomy = "task-heap=900m"
	return []Case{
		held("settlement-large-state-every-second", heldoutjobs.Orders, 2, "interval=1s timeout=10s concurrent=4",
			"--keys 6000 --profile 32768 --rate 400",
			"188 MiB at 26 MiB/s for each of two TaskManagers take 3.7 s; asked for every second, four at a time, they queue behind each other.").
			of("CheckpointPressure").lab(roomy).sick(0, "archive.total.kbps=26000"),
		held("sessions-full-rocksdb-often", heldoutjobs.Sessions, 2, "interval=1s timeout=10s concurrent=4 backend=rocksdb",
			"--keys 6000 --profile 32768 --rate 400",
			"Full checkpoints of a state that would suit incremental ones: 188 MiB at 24 MiB/s each TaskManager, every second.").
			of("CheckpointPressure").on(oldest).sick(0, "archive.total.kbps=24000"),
		held("fleet-growing-state", heldoutjobs.Rules, 4, "interval=2s timeout=10s concurrent=3", "--keys 0 --reading 32768 --rate 25",
			"Every event has a new key with 32 KiB: 3 MiB/s more. At 20 MiB/s a checkpoint takes longer each time, and three at a time queue. "+
				"Two minutes later the state alone takes longer than the timeout, at any interval.").
			of("CheckpointPressure").on(newest).grows().outgrows().lab(roomy).sick(1, "archive.total.kbps=20000").until(Until{Expired: 3, Time: 150 * time.Second}),
	}
}
