package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/wardjobs"
)

// wardsTaskManagers are processes that have too little.
func wardsTaskManagers() []Case {
	return []Case{
		ward("11-b", wardjobs.Vigil, oldest, 2, "interval=3s timeout=6s"+patientRPC, "--rate 40",
			"Eight threads analyse waves in a TaskManager that may use 0.1 of a core, so that the tasks have a ninth of it, 0.011. With 0.03 checkpoints of a job like "+
				"this took 4 to 7.6 s (measured with another one).").
			of("TaskManagerPressure").sick(2, "waves.sums=8").step(flinklocal.Step{Completed: 2, TaskManagerCPU: 0.1}).every(9 * time.Second).untried(),
	}
}

// wardsSkew are those of one patient that is most of the traffic.
func wardsSkew() []Case {
	return []Case{
		ward("20-d", wardjobs.Vigil, newest, 4, "interval=3s timeout=8s", "--monitors-rate 100",
			"A patient of the simulator makes 88 per cent of 400 readings a second, so that one of four subtasks has 364 of them and each other 12; a reading waits "+
				"4 ms, 245 a second at most, and 3000 before the task are 12 s.").
			of("DataSkew").sick(2, "monitors.hot=88 bedside.wait=4").untried(),
		ward("05-c", wardjobs.Rounds, oldest, 4, "interval=2s timeout=8s", "--vitals-rate 120",
			"A row of the scores takes 4 ms, 245 a second and subtask. One patient has 5 per cent of 480 signs a second and 95 after 160 s: his subtask is "+
				"sent more than it can from a third on, after 53 s, and is 2000 rows, 8 s, behind some 50 s later. Each other has fewer and fewer.").
			of("DataSkew").grows().sick(2, "vitals.hot=5:95:160 scores.row=4").until(Until{Expired: 3, Time: 175 * time.Second}).every(15 * time.Second).untried(),
	}
}

// wardsLinks are those of long ways to the JobManager.
func wardsLinks() []Case {
	growing := ward("33-b", wardjobs.Rounds, DefaultVersion, 3, "interval=2s timeout=8s"+patientRPC, "--rate 10",
		"The way to the JobManager and back takes 0.5 s, and every 10 s some 0.75 more: 8.2 after 100 s, of the 8 that a checkpoint may take.").
		of("NetworkLatency").twoHosts().grows().untried().until(Until{Expired: 3, Time: 175 * time.Second}).every(14 * time.Second)
	for i, there := range []float64{300, 750, 1200, 1650, 2100, 2600, 3100, 3600, 4100, 4600, 5100, 5600, 6100, 6600} {
		growing = growing.step(flinklocal.Step{Completed: max(0, 2-2*i), After: time.Duration(min(i, 1)) * 10 * time.Second, Link: both(there, there*0.6, 60, 0)})
	}
	return []Case{
		ward("45-a", wardjobs.Vigil, newest, 2, "interval=3s timeout=8s"+patientRPC, "--rate 10",
			"What TaskManagers send to the JobManager travels 8.4 to 9 s, through a tunnel to another site; a checkpoint may take 8.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: late(8700, 300)}),
		growing,
	}
}

// wardsJobManagers are JobManagers that have too little.
func wardsJobManagers() []Case {
	squeezed := ward("08-c", wardjobs.Vigil, DefaultVersion, 8, "interval=2s timeout=5s"+patientRPC, "--rate 4",
		"Six threads of a source's enumerator compute sums, beside all else in 0.8 of a core and ever less: 0.05 after 77 s. 56 acknowledgements took more than 5 s "+
			"from 0.25 of a core on. (That was the first trial, which began with 0.5 of a core, so that seven checkpoints stood before the first expiry; in the second "+
			"four threads and 0.17 of a core were enough for most. Here they took 2 to 5.1 s from 0.1 of a core on, and one expired.)").
		of("JobManagerOverload/CPU").lab(wideLab).grows().untried().sick(2, "monitors.sums=6").until(Until{Expired: 3, Time: 150 * time.Second}).
		every(14 * time.Second)
	for i, cores := range []float64{0.8, 0.65, 0.55, 0.47, 0.4, 0.34, 0.29, 0.25, 0.19, 0.13, 0.08, 0.05} {
		squeezed = squeezed.step(flinklocal.Step{Completed: max(0, 2-2*i), After: time.Duration(min(i, 1)) * 7 * time.Second, JobManagerCPU: cores})
	}
	squeezed.Alone = true
	return []Case{
		squeezed,
		ward("36-d", wardjobs.Vigil, newest, 6, "interval=4s timeout=3s"+patientRPC, "--rate 4",
			"Old files fill a heap of 512 MiB (1088 - 192 - 256 - 128) but for 5, and 100 MiB of them a second are read anew: the collector has all of the time, "+
				"and 42 acknowledgements take 1 to 4 s of the 3 they may (measured with another job). With half as much again 470 MiB have room.").
			of("JobManagerOverload/Heap").lab(wideLab).sick(2, "monitors.archive=470 monitors.spare=5 monitors.renewed=100").
			until(Until{Expired: 3, Time: 110 * time.Second}),
	}
}

// wardsStorage are stores that are slow, and jobs that ask too much of a fair one.
func wardsStorage() []Case {
	return []Case{
		ward("18-b", wardjobs.Rounds, oldest, 2, "interval=3s timeout=8s", "--patients 1500 --stays-bytes 1500 --stays-backlog 3000",
			"1500 stays of 1.5 KB are kept by the deduplication, 1.1 MiB a subtask, and the last two of each by the join; at 115 KiB/s they take 10 and 20 s.").
			of("SlowStateBackend").sick(3, "linen.pace=115"),
		ward("29-c", wardjobs.Vigil, newest, 3, "interval=2s timeout=8s", "--monitors-backlog 1000 --bytes 200",
			"An object is put 0.3 s after it was sent, and 12.5 s after it 150 s later: 8 s after 95.").
			of("SlowStateBackend").grows().sick(2, "linen.put=300:12500:150").until(Until{Expired: 3, Time: 170 * time.Second}).every(12 * time.Second),
		ward("24-a", wardjobs.Vigil, DefaultVersion, 3, "interval=2s timeout=9s concurrent=3", "--patients 2000 --bytes 10000 --monitors-rate 30 --monitors-backlog 2000",
			"Two readings of 10 KB for each of 2000 patients are 40 MB, which take 4 s at 10 MiB/s. Asked for every 2 s, three at a time, they take 12 s of the 9 they "+
				"may.").
			of("CheckpointPressure").lab("task-heap=800m").sick(2, "linen.shared=10000"),
		ward("12-c", wardjobs.Rounds, DefaultVersion, 2, "interval=2s timeout=7s concurrent=2 io-pool=1 inline=0b", "--bytes 300",
			"A checkpoint has a file of each of four subtasks and more, its metadata and its folder to delete, 1.7 s each, by the one io thread that takes "+
				"acknowledgements as well: 10 s for every checkpoint.").
			of("SlowCleanup").sick(3, "linen.delete=1700").until(Until{Expired: 3, Time: 100 * time.Second}),
	}
}

// wardsTwo have two faults at once.
func wardsTwo() []Case {
	return []Case{
		ward("02-b", wardjobs.Vigil, oldest, 2, "interval=1s timeout=8s inline=0b", "",
			"Every object is put 2.4 s after it was sent, and the task with the windows and the charts has two of them; a page of the charts is signed in 6 s once a "+
				"checkpoint has completed. The next one waits for the signature before it sends what it has: 10.8 s, of which neither alone would be too much. The one "+
				"after it finds nothing to be signed, and completes. (With 4.8 s an object the storage alone was too slow, and nothing was ever signed.)").
			of("SlowStateBackend", "CommitBlocksTask").sick(2, "linen.put=2400 charts.sign=6000").untried(),
		ward("41-d", wardjobs.Vigil, newest, 3, "interval=3s timeout=8s", "",
			"The charts are answered 10.5 s after what a checkpoint closes was sent; and a doctor answers one of three subtasks of the triage after 35 s.").
			of("SinkFlush", "UserCodeBlocking").sick(2, "charts.flush=10500 triage.doctor/2=35000").untried(),
	}
}

// wardsWell look sick and are not.
func wardsWell() []Case {
	return []Case{
		ward("10-a", wardjobs.Vigil, oldest, 1, "interval=8s timeout=12s", "--patients 800 --bytes 1500 --monitors-backlog 1600",
			"2.4 MB of readings take 5.5 s at 430 KiB/s, half of what a checkpoint may take, and have done so since the job was started.").
			sick(0, "linen.pace=430").odd("checkpoints that always took half of their timeout", 60*time.Second),
		ward("30-d", wardjobs.Rounds, newest, 2, "interval=3s timeout=10s", "--rate 40",
			"A TaskManager was lost and came back; all checkpoints since have completed as quickly as before.").
			step(flinklocal.Step{After: 8 * time.Second, KillTaskManager: true}).odd("a restart after a TaskManager was lost", 60*time.Second),
		ward("44-a", wardjobs.Vigil, DefaultVersion, 2, "interval=3s timeout=10s unaligned=true", "--monitors-rate 300",
			"The bedside waits 5 ms for each of 300 readings a second, so that everything before it is back pressured; barriers overtake what waits, and a "+
				"checkpoint takes a second.").
			sick(2, "bedside.wait=5").odd("back pressure under unaligned checkpoints", 45*time.Second),
		ward("17-b", wardjobs.Rounds, DefaultVersion, 3, "interval=6s timeout=10s", "",
			"A page of the scores is signed in 2.5 s after each checkpoint, and the next one comes 6 s after it.").
			sick(1, "scores.sign=2500").odd("commits of seconds", 50*time.Second),
	}
}
