package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/depotjobs"
)

// depotsTaskManagers are processes that have too little.
func depotsTaskManagers() []Case {
	return []Case{
		depot("14-a", depotjobs.Yard, DefaultVersion, 2, "interval=3s timeout=6s"+patientRPC, "--rate 60",
			"Maps fill a heap of 448 MiB but for 6, and 40 MiB of them a second are drawn anew, so that the collector goes over all of it again and again, on "+
				"0.3 of a core.").
			of("TaskManagerPressure").sick(2, "yard.atlas.mb=1000 yard.atlas.room=6 yard.atlas.fresh=40").
			step(flinklocal.Step{After: 15 * time.Second, TaskManagerCPU: 0.3}).until(Until{Expired: 4, Time: 120 * time.Second}).untried(),
	}
}

// depotsSkew are those of one truck that is most of the traffic.
func depotsSkew() []Case {
	return []Case{
		depot("22-b", depotjobs.Yard, oldest, 4, "interval=3s timeout=8s", "--rate 100",
			"A shuttle makes 85 per cent of 800 moves a second, so that one of four subtasks has 710 of them and each other 30; papers take 3 ms, 333 a second at "+
				"most.").
			of("DataSkew").sick(2, "gates.hot=85 weighbridges.hot=85 papers=3").untried(),
		depot("41-a", depotjobs.Yard, newest, 3, "interval=3s timeout=8s", "--gates-rate 40 --weighbridges-rate 3 --gates-hot 92 --gates-bytes 600 --places 1000000",
			"110 papers of a shuttle a second, 700 bytes each with what is around them, are all kept by one of three subtasks, 77 KB more each second and "+
				"8 MB after 105 s, for which a stream of 1000 KiB/s needs 8 s; the others have 4 KB more.").
			of("DataSkew").grows().sick(2, "berth.pace=1000").until(Until{Expired: 3, Time: 180 * time.Second}).every(12 * time.Second).untried(),
	}
}

// depotsLinks are those of slow ways.
func depotsLinks() []Case {
	growing := depot("15-d", depotjobs.Yard, newest, 2, "interval=2s timeout=8s"+patientRPC, "--rate 10",
		"The way to the JobManager and back takes 0.8 s, and every 10 s some 0.7 more: 9.6 two minutes later, of the 8 that a checkpoint may take.").
		of("NetworkLatency").twoHosts().grows().untried().until(Until{Expired: 3, Time: 190 * time.Second}).every(13 * time.Second)
	for i, there := range []float64{400, 700, 1000, 1350, 1700, 2050, 2400, 2750, 3150, 3550, 3950, 4400, 4800} {
		growing = growing.step(flinklocal.Step{Completed: max(0, 2-2*i), After: time.Duration(min(i, 1)) * 10 * time.Second, Link: both(there, there, 40, 0)})
	}
	return []Case{
		depot("09-c", depotjobs.Books, DefaultVersion, 3, "interval=3s timeout=8s"+patientRPC, "--rate 20",
			"A trigger travels 3.7 to 4.1 s to the TaskManagers and an acknowledgement 4.5 to 4.9 s back: 8.2 and more, of 8.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: both(4700, 3900, 200, 0)}),
		depot("28-a", depotjobs.Yard, oldest, 2, "interval=3s timeout=8s", "--rate 120 --bytes 1200",
			"480 moves of 1.3 KB a second, of which half change hosts before the rules and half after: 5 Mbit/s each way. The link of one of two TaskManagers carries "+
				"0.6, and barriers wait behind what is on its way.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Rate: "600kbit", Burst: "32kbit", Queue: "900ms"}}),
		growing,
	}
}

// depotsJobManagers are JobManagers that have too little.
func depotsJobManagers() []Case {
	return []Case{
		depot("44-c", depotjobs.Yard, newest, 8, "interval=4s timeout=4s"+patientRPC, "--rate 4",
			"57 acknowledgements a checkpoint, and six threads that measure ways, for 0.05 of a core: with 0.06 some fifty took 5.7 s and more (measured with another job).").
			of("JobManagerOverload/CPU").lab(wideLab).untried().sick(2, "gates.atlas.ways=6").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.05}),
		depot("27-a", depotjobs.Yard, DefaultVersion, 6, "interval=4s timeout=3s"+patientRPC, "--rate 4",
			"Maps fill a heap of 512 MiB (1088 - 192 - 256 - 128) but for 5, and 100 MiB of them a second are drawn anew: the collector has all of the time (measured), "+
				"and 43 acknowledgements take 1 to 4 s, of the 3 they may. With half as much again 470 MiB have room.").
			of("JobManagerOverload/Heap").lab(wideLab).sick(2, "gates.atlas.mb=470 gates.atlas.room=5 gates.atlas.fresh=100").until(Until{Expired: 3, Time: 110 * time.Second}),
	}
}

// depotsStorage are stores that are slow, and jobs that ask too much of a fair one.
func depotsStorage() []Case {
	return []Case{
		depot("06-a", depotjobs.Yard, DefaultVersion, 2, "interval=3s timeout=8s", "--rate 150 --trucks 1500 --bytes 1500",
			"Two places for each of 1500 trucks, 1.5 KB each, are 2.2 MiB a subtask; at 210 KiB/s they take 10.7 s.").
			of("SlowStateBackend").sick(4, "berth.pace=210"),
		depot("43-c", depotjobs.Books, oldest, 3, "interval=3s timeout=8s backend=rocksdb incremental=true inline=0b", "--rate 40 --trucks 600 --bytes 300",
			"An object is sealed 3.1 s after it was sent. A RocksDB with the tables of the join has nine files and more, three rounds by four threads, and one that "+
				"lists them: 12.4 s at least (29 s, once they were let, measured).").
			of("SlowStateBackend").sick(3, "berth.seal=3100"),
		depot("12-b", depotjobs.Yard, newest, 2, "interval=1s timeout=9s concurrent=2", "--rate 60 --trucks 1800 --bytes 30000",
			"Two places for each of 1800 trucks, 30 KB each, are 103 MiB, which take 4.7 s at 22 MiB/s. Asked for every second, two at a time, they take 9.4 of "+
				"the 9 they may.").
			of("CheckpointPressure").lab("task-heap=800m").sick(0, "berth.crane=22000"),
		depot("37-d", depotjobs.Yard, oldest, 2, "interval=2s timeout=9s backend=rocksdb",
			"--gates-rate 60 --weighbridges-rate 1 --gates-bytes 9000 --places 1000000",
			"Every paper is kept, 1.1 MB more each second, and all of them are written in full every 2: at 10 MiB/s they take 9 s once there are 92 MB, after 85 s. What is "+
				"new in 2 s would take a quarter of a second. (It was first made with arrivals and pickups of ten minutes, but a join does not keep the arrivals.)").
			of("CheckpointPressure").grows().sick(1, "berth.crane=10000").until(Until{Expired: 3, Time: 170 * time.Second}).every(13 * time.Second),
		depot("35-a", depotjobs.Yard, oldest, 3, "interval=2s timeout=7s concurrent=2 io-pool=1", "--bytes 700",
			"A checkpoint has a file of each of three subtasks, its metadata and its folder to delete, 1.8 s each, by the one io thread that takes acknowledgements as "+
				"well: 9 s for every checkpoint.").
			of("SlowCleanup").sick(3, "berth.erase=1800").until(Until{Expired: 3, Time: 100 * time.Second}),
	}
}

// depotsTwo have two faults at once.
func depotsTwo() []Case {
	return []Case{
		depot("20-a", depotjobs.Books, DefaultVersion, 2, "interval=3s timeout=8s", "--rate 30",
			"All that one reader of the pickups is sent is for another yard, so that it never comes back and the join waits; and the loads, which have no pickups, "+
				"are answered 10.5 s after what a checkpoint closes was sent.").
			of("SourceBlocked", "SinkFlush").sick(2, "pickups.elsewhere[1]=1 loads.flush=10500").untried(),
		depot("30-c", depotjobs.Yard, oldest, 2, "interval=3s timeout=8s", "--rate 150 --trucks 1500 --bytes 1500",
			"The snapshot of the roster waits for a plan that takes 6 s to draw, 3 s on average, and then 2.2 MiB a subtask take 7.4 s at 300 KiB/s: 10.4 s, of which "+
				"neither alone would be too much.").
			of("SlowStateBackend", "CoordinatorBlocked").sick(3, "gates.plan=6000 berth.pace=300").untried(),
	}
}

// depotsWell look sick and are not.
func depotsWell() []Case {
	return []Case{
		depot("03-b", depotjobs.Yard, newest, 2, "interval=3s timeout=10s", "--rate 15",
			"Customs answer after 1.5 s; 45 of 80 places are taken on average, and nobody waits for them.").
			sick(1, "customs=1500").odd("slow asynchronous answers", 45*time.Second),
		depot("24-d", depotjobs.Books, DefaultVersion, 4, "interval=3s timeout=10s", "--rate 60 --arrivals-hot 70",
			"Seventy per cent of all arrivals are at one dock, 170 a second, which its subtask takes easily.").
			odd("one key with most of the rows", 45*time.Second),
		depot("18-a", depotjobs.Yard, oldest, 3, "interval=4s timeout=12s", "--rate 60 --trucks 1500 --bytes 1500",
			"A savepoint was asked for and took seconds, and the checkpoints after it are as quick as those before.").
			sick(2, "berth.pace=700").step(flinklocal.Step{After: 8 * time.Second, Savepoint: true}).odd("a savepoint that takes long", 50*time.Second),
		depot("47-a", depotjobs.Yard, newest, 1, "interval=10s timeout=12s", "--rate 150 --trucks 800 --bytes 1500",
			"2.3 MiB of papers took 0.2 s and take 5.6 s at 420 KiB/s, half of what a checkpoint may take. (It was labelled healthy at first, as if it had been so for weeks.)").
			of("SlowStateBackend").sick(1, "berth.pace=420").until(Until{Time: 55 * time.Second}),
	}
}
