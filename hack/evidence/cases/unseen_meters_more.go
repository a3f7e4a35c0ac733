package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/lab/meterjobs"
)

// metersSkew are those of one street that has more than all others.
func metersSkew() []Case {
	return []Case{
		meter("05-c", meterjobs.HeadEnd, DefaultVersion, 4, "interval=3s timeout=8s", "--rate 120 --hot 80 --meters 800",
			"80 per cent of 480 pulses a second, 384, are of one street and so of one subtask of four, which asks for the phase of each, 5 ms: 200 a second at "+
				"most. The others have 24 a second.").
			of("DataSkew").sick(2, "phase.query=5").untried(),
		meter("17-a", meterjobs.LoadProfile, oldest, 4, "interval=3s timeout=8s", "--group street --places 3000 --rate 120 --hot 95 --bytes 4000",
			"One street has 95 per cent of the readings and soon 3000 places of 4 KB, 11.4 MiB on one subtask of four; the others together have 24 readings a "+
				"second. At 1150 KiB/s it takes 10 s, and they less than 2.").
			of("DataSkew").sick(4, "coil.stream=1150").untried(),
		meter("26-c", meterjobs.HeadEnd, newest, 4, "interval=2s timeout=8s", "--rate 150 --meters 1600 --streets 400",
			"The phase of a pulse is known after 4 ms, 230 a second and subtask where 150 come. The share of one street grows from 5 to 85 per cent within 150 s; "+
				"with 18, after 24 s, its subtask has 230 a second, and 39 s later it is 8 s late.").
			of("DataSkew").grows().sick(2, "phase.query=4 pulses.hot=5~85:150").until(Until{Expired: 3, Time: 170 * time.Second}).untried(),
	}
}

// metersFailures: their checkpoints do not expire.
func metersFailures() []Case {
	mixed := meter("14-b", meterjobs.Settlement, oldest, 2, "interval=3s timeout=8s", "--readings-rate 60 --contracts-rate 30",
		"One of two TaskManagers was upgraded to 1.20 before the rest.").
		of("FlinkVersionBug/VersionMismatch").twoHosts().untried().until(Until{Time: 50 * time.Second})
	mixed.LastVersion = DefaultVersion
	return []Case{
		meter("10-b", meterjobs.Settlement, oldest, 1, "interval=3s timeout=8s", "--readings-rate 120 --contracts-rate 60 --bytes 200",
			"The token by which the store is reached has expired: every object is refused.").
			of("StorageFailure").sick(2, "coil.denied=1").until(Until{Failed: 5, Time: 60 * time.Second}).untried(),
		meter("19-c", meterjobs.HeadEnd, newest, 3, "interval=3s timeout=8s backend=rocksdb", "--rate 100 --meters 900 --bytes 600",
			"The store refuses six of ten objects, and a checkpoint has four: one of forty checkpoints completes.").
			of("StorageFailure").sick(2, "coil.refused=60").until(Until{Failed: 5, Time: 75 * time.Second}).untried(),
		meter("28-a", meterjobs.LoadProfile, DefaultVersion, 2, "interval=5s timeout=10s", "--rate 200",
			"One telegram of 400 arrives without its end, one a second, and the function that takes it apart throws: the job restarts, mostly before its checkpoint is due.").
			of("TaskFailure").sick(1, "telegram.cut=400").until(Until{Time: 55 * time.Second}).untried(),
		mixed,
	}
}

// metersTwo have two causes, each enough by itself.
func metersTwo() []Case {
	return []Case{
		meter("29-a", meterjobs.LoadProfile, newest, 2, "interval=3s timeout=8s frame=600000b inline=1mb", "--rate 80 --meters 300",
			"One reader has 700 KB of positions yet to be confirmed, which are below the threshold of 1 MiB and travel in its acknowledgement, and a message may have "+
				"600 kB; and the ledger of the peaks takes the batch of a checkpoint after 11 s.").
			of("OversizedAck", "SinkFlush").sick(2, "readings.unconfirmed#1=700000 peaks.flush=11000").untried(),
		meter("12-c", meterjobs.HeadEnd, DefaultVersion, 2, "interval=3s timeout=8s", "--rate 250 --meters 1500 --bytes 3000 --hot 85",
			"1500 telegrams of 3 KB, 2.1 MiB a subtask, take 10.7 s at 200 KiB/s; and of 500 pulses a second one of two subtasks has 460, whose phases it gets 160 "+
				"a second, so that its barrier does not come.").
			of("SlowStateBackend", "DataSkew").sick(3, "coil.stream=200 phase.query=6").untried(),
	}
}

// metersHealthy look odd and are well.
func metersHealthy() []Case {
	return []Case{
		meter("03-a", meterjobs.LoadProfile, newest, 2, "interval=12s timeout=40s", "--rate 300 --meters 1000 --bytes 1500",
			"2.2 MiB a subtask take 9.6 s at 230 KiB/s, of the 40 that they may take.").
			sick(1, "coil.stream=230").odd("long checkpoints", 60*time.Second).untried(),
		meter("07-b", meterjobs.Settlement, oldest, 3, "interval=2s timeout=10s", "--readings-rate 60 --contracts-rate 30 --meters 300",
			"Posting takes 2.6 s where a checkpoint is due every 2: each begins while the one before is posted, and its barrier waits that long, of the 10 s it may.").
			sick(2, "bills.post=2600").odd("barriers that wait for commits", 45*time.Second).untried(),
		meter("24-c", meterjobs.HeadEnd, DefaultVersion, 2, "interval=3s timeout=12s", "--rate 25 --meters 1500 --bytes 3000",
			"The first telegram of each of 1500 meters comes within 30 s, and with them checkpoints grow from nothing to 2.2 s at 1000 KiB/s. There are no more meters.").
			sick(0, "coil.stream=1000").odd("checkpoints that have become longer", 75*time.Second).untried(),
	}
}
