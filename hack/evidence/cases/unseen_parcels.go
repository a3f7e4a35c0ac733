package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/parceljobs"
)

// unseenParcels are jobs in Flink SQL. Their names tell nothing, so that a list of them teaches nothing.
func unseenParcels() []Case {
	return slices.Concat(parcelsSinks(), parcelsCode(), parcelsSkew(), parcelsTaskManagers(), parcelsStorage(), parcelsPressure(), parcelsOnsets(),
		parcelsTwo(), parcelsHealthy())
}

// What these jobs are built from.
var (
	parcelJobs = flinklocal.Java{Name: "parcels.jar", Sources: parceljobs.Sources, Dir: parceljobs.JobsDir, Main: parceljobs.Tracking,
		More: parceljobs.ForJobs, Table: parceljobs.TableFactory}
	parcelStore = flinklocal.Store{Scheme: parceljobs.StoreScheme, Control: parceljobs.Control,
		Java: flinklocal.Java{Name: "slip.jar", Sources: parceljobs.Sources, Dir: parceljobs.StoreDir, More: parceljobs.ForStore,
			Factory: parceljobs.StoreFactory}}
)

// parcel is a case of these jobs, with one TaskManager, that ends with the fourth expired checkpoint.
func parcel(name, job string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: "parcels-" + name, Why: why, Config: pairs(config), Args: strings.Fields(args), Parallelism: parallelism,
			Job: &parcelJobs, EntryClass: job, Store: &parcelStore, TaskManagers: 1},
		Set: SecondSet, Until: Until{Expired: 4},
	}
}

// parcelsSinks are those of back pressure, flushes and commits.
func parcelsSinks() []Case {
	return []Case{
		parcel("11-a", parceljobs.Tracking, 3, "interval=3s timeout=8s", "--scans-rate 300 --manifests-rate 100 --parcels 900",
			"Every row of the positions table takes 14 ms, some 70 a second and subtask; 300 scans a second and subtask become 600 rows.").
			of("Backpressure").sick(2, "positions.row=14"),
		parcel("04-b", parceljobs.Billing, 4, "interval=3s timeout=9s", "--scans-rate 400 --parcels 3000",
			"The journal asks for every entry, 10 ms each: below 100 a second and subtask where 400 come.").
			of("Backpressure").on(newest).sick(2, "journal.http=10"),
		parcel("19-a", parceljobs.Tracking, 2, "interval=3s timeout=8s", "--scans-rate 60 --manifests-rate 60 --parcels 600",
			"The positions table answers the batch that a checkpoint closes after 11 s.").
			of("SinkFlush").sick(2, "positions.flush=11000"),
		parcel("07-c", parceljobs.Tally, 32, "interval=3s timeout=8s", "--scans-rate 6 --parcels 400",
			"One of 32 writers waits for an answer to its batch that never comes.").
			of("SinkFlush").on(newest).lab(wideLab).sick(2, "counts.flush@21=-1"),
		parcel("22-b", parceljobs.Billing, 1, "interval=2s timeout=8s", "--scans-rate 120 --parcels 700",
			"A commit takes 15 s in the thread of the task; the next checkpoint comes after 2 s and expires 8 s later.").
			of("CommitBlocksTask").on(oldest).sick(2, "invoices.commit=15000"),
		parcel("02-a", parceljobs.Tracking, 5, "interval=2s timeout=8s", "--scans-rate 40 --manifests-rate 40 --parcels 600",
			"One of five commits waits 17 s for its answer; checkpoints are asked for every 2 s and may take 8.").
			of("CommitBlocksTask").on(newest).sick(3, "throughput.commit@3=17000"),
	}
}

// parcelsCode are functions that do not come back.
func parcelsCode() []Case {
	return []Case{
		parcel("15-c", parceljobs.Tally, 2, "interval=3s timeout=8s", "--scans-rate 100 --parcels 300",
			"The function that quotes a price waits for a connection of a pool that nobody gives back; it stands behind the scan in one task.").
			of("UserCodeBlocking").on(oldest).sick(3, "quote.pool=1"),
		parcel("09-b", parceljobs.Billing, 3, "interval=3s timeout=8s", "--scans-rate 150 --parcels 900 --tariffs-async true",
			"The tariffs take the requests of one subtask and never answer: after 100 of them the asynchronous look-up takes no row more, as long as "+
				"its own limit of 3 minutes.").
			of("UserCodeBlocking").on(newest).sick(2, "tariffs.query@1=-1").until(Until{Expired: 4, Time: 110 * time.Second}),
		parcel("27-a", parceljobs.Tracking, 2, "interval=3s timeout=6s", "--scans-rate 15 --manifests-rate 60 --parcels 300",
			"A quote behind the join is answered after 45 s, on one subtask of two; a checkpoint may take 6.").
			of("UserCodeBlocking").sick(2, "quote.http@1=45000").until(Until{Expired: 3}),
	}
}

// parcelsSkew are those of one depot that has more than all others.
func parcelsSkew() []Case {
	return []Case{
		parcel("25-b", parceljobs.Billing, 6, "interval=3s timeout=8s", "--scans-rate 150 --parcels 4000 --hot 85 --group depot",
			"85 per cent of 900 scans a second are of one depot and so of one subtask of six, where an entry takes 4 ms: 250 a second at most. The "+
				"others have 27 a second.").
			of("DataSkew").sick(2, "journal.http=4"),
		parcel("13-b", parceljobs.Billing, 4, "interval=4s timeout=8s backend=rocksdb", "--scans-rate 40 --parcels 4000 --hot 98 --group depot "+
			"--keep 1500 --note 10240",
			"The journal of one depot has 1500 entries of 10 KiB, 15 MiB on one subtask of four; the others have one. At 1.4 MiB/s they take 11 s, and less "+
				"than one.").
			of("DataSkew").on(oldest).sick(4, "slip.stream=1400"),
	}
}

// parcelsTaskManagers are those whose processes have too little.
func parcelsTaskManagers() []Case {
	quota := parcel("05-a", parceljobs.Tracking, 2, "interval=3s timeout=8s"+patientRPC, "--scans-rate 150 --manifests-rate 60 --parcels 600",
		"One of two TaskManagers has 0.02 of a core: 2 ms of every 100, for a job that takes a tenth of a core there.").
		of("TaskManagerPressure").step(flinklocal.Step{Completed: 2, TaskManagerCPU: 0.02})
	quota.TaskManagers = 2
	heap := parcel("17-a", parceljobs.Tracking, 2, "interval=3s timeout=5s"+patientRPC, "--scans-rate 1000 --manifests-rate 60 --parcels 600",
		"Ten million prices leave 4 MiB of the old generation free, and the collector has half of the time by then (measured). Of the tenth of a core that "+
			"the TaskManager may use, a twentieth is left, for 2000 scans a second; with half a core a checkpoint took up to 2 s.").
		of("TaskManagerPressure").on(newest).sick(2, "book.leave=4").step(flinklocal.Step{After: 22 * time.Second, TaskManagerCPU: 0.1}).
		until(Until{Expired: 3, Time: 110 * time.Second})
	return []Case{quota, heap}
}

// parcelsStorage are slow stores.
func parcelsStorage() []Case {
	return []Case{
		parcel("21-b", parceljobs.Billing, 2, "interval=3s timeout=8s", "--scans-rate 300 --parcels 2400 --note 4096",
			"2400 parcels with a note of 4 KiB each are 4.8 MiB a subtask; at 420 KiB/s a stream they take 11.7 s.").
			of("SlowStateBackend").sick(3, "slip.stream=420"),
		parcel("08-a", parceljobs.Tracking, 2, "interval=4s timeout=8s backend=rocksdb incremental=true inline=0b", "--scans-rate 100 --manifests-rate 100 --parcels 900",
			"The store takes 3 s to open an object, and none is so small that it is kept in the manifest: the files of a RocksDB by four threads, then the "+
				"one that lists them, 9 s, and 15 where there are several tables.").
			of("SlowStateBackend").on(newest).sick(2, "slip.begin=3000"),
		parcel("24-a", parceljobs.Tracking, 3, "interval=3s timeout=8s tolerable=0", "--scans-rate 60 --manifests-rate 330 --parcels 4000 --manifests-note 2048",
			"4000 first manifests of 2 KiB, 2.7 MiB a subtask of two operators, at 250 KiB/s a stream take 11 s; the first expired checkpoint restarts the job.").
			of("SlowStateBackend").on(oldest).sick(3, "slip.stream=250").until(Until{Failed: 3, Time: 100 * time.Second}),
	}
}

// parcelsPressure are those that ask for more than a fair store can take.
func parcelsPressure() []Case {
	often := parcel("03-a", parceljobs.Tracking, 2, "interval=2s timeout=12s concurrent=4", "--scans-rate 60 --manifests-rate 300 --parcels 8000 "+
		"--manifests-note 24000",
		"8000 manifests of 24 KB are held by the operator that finds the first and by the join, up to 192 MB in each of two TaskManagers: 8 s at "+
			"24 MiB/s. Asked for every 2 s, four at a time, they take more than 12.").
		of("CheckpointPressure").lab("task-heap=900m").sick(0, "slip.line=24000")
	often.TaskManagers = 2
	return []Case{
		often,
		parcel("16-b", parceljobs.Billing, 2, "interval=1s timeout=9s concurrent=2 backend=rocksdb", "--scans-rate 300 --parcels 6000 --note 24000",
			"144 MB in RocksDB, written in full every second: 6 s at 24 MiB/s, and 12 where two are written at a time.").
			of("CheckpointPressure").on(newest).sick(0, "slip.line=24000"),
	}
}

// parcelsOnsets are faults that grow.
func parcelsOnsets() []Case {
	return []Case{
		parcel("14-a", parceljobs.Tracking, 1, "interval=3s timeout=8s", "--scans-rate 10 --manifests-rate 60 --parcels 300",
			"A row of the positions table takes 1.5 ms longer every second, 150 in the end; 20 rows a second are too many from 50 ms on, after 33 s, and "+
				"20 s later a barrier has 8 s of rows before it.").
			of("Backpressure").grows().sick(2, "positions.row=1..150/100").until(Until{Expired: 2, Time: 150 * time.Second}),
		parcel("20-b", parceljobs.Billing, 3, "interval=3s timeout=8s", "--scans-rate 200 --parcels 1500 --note 1024",
			"The store opens an object after 0.5 s and 75 s later after 12; from 8 s on, after 49 s, checkpoints expire.").
			of("SlowStateBackend").on(newest).grows().sick(2, "slip.begin=500..12000/75").until(Until{Expired: 3, Time: 150 * time.Second}),
	}
}

// parcelsTwo have two causes, each enough by itself.
func parcelsTwo() []Case {
	return []Case{
		parcel("01-a", parceljobs.Tracking, 2, "interval=3s timeout=8s", "--scans-rate 60 --manifests-rate 300 --parcels 3000 --manifests-note 3000",
			"3000 first manifests of 3 KB, 4.4 MiB a subtask, at 400 KiB/s a stream take 11 s; and the positions table answers a batch after 10 s.").
			of("SlowStateBackend", "SinkFlush").on(oldest).sick(3, "slip.stream=400 positions.flush=10000"),
		parcel("18-a", parceljobs.Tracking, 2, "interval=3s timeout=8s", "--scans-rate 300 --manifests-rate 200 --parcels 2400",
			"A row of the positions table takes 20 ms where 600 a second and subtask come, so no barrier passes the join; and the store takes 11 s to open "+
				"an object, of which the operators before the join write one each.").
			of("Backpressure", "SlowStateBackend").sick(3, "slip.begin=11000 positions.row=20"),
	}
}

// parcelsHealthy look odd and are well.
func parcelsHealthy() []Case {
	return []Case{
		parcel("12-b", parceljobs.Billing, 2, "interval=20s timeout=60s", "--scans-rate 300 --parcels 2400 --note 4096",
			"4.8 MiB a subtask at 550 KiB/s are 9 s of the 60 that they may take, every 20 s.").
			on(newest).sick(0, "slip.stream=550").odd("long checkpoints", 65*time.Second),
		parcel("23-a", parceljobs.Tracking, 3, "interval=3s timeout=10s", "--scans-rate 60 --manifests-rate 60 --parcels 600 --note 400",
			"The bucket was away for 3 s and one checkpoint failed; a dozen have completed since.").
			on(oldest).sick(2, "slip.lost=100").then(3*time.Second, "").odd("one failed checkpoint in the history", 45*time.Second),
		parcel("06-b", parceljobs.Billing, 6, "interval=3s timeout=10s", "--scans-rate 60 --parcels 3000 --hot 90 --group depot",
			"90 per cent of the scans are of one depot, and its subtask has them done in no time.").odd("one subtask has nearly all records", 40*time.Second),
		parcel("10-a", parceljobs.Tracking, 2, "interval=4s timeout=60s backend=rocksdb", "--scans-rate 60 --manifests-rate 300 --parcels 2000 --manifests-note 3000",
			"A savepoint is being written, which takes some 12 s; checkpoints wait for it. Before and after it the store is as fast as ever.").
			on(newest).sick(3, "slip.stream=250").step(flinklocal.Step{Savepoint: true}).then(11*time.Second, "").odd("a savepoint in progress", 20*time.Second),
		parcel("28-c", parceljobs.Tally, 4, "interval=3s timeout=10s", "--scans-rate 0",
			"No parcel comes: a quiet night.").on(newest).odd("idle sources", 30*time.Second),
		parcel("26-c", parceljobs.Tally, 48, "interval=25s timeout=60s", "--scans-rate 4 --parcels 400",
			"A checkpoint every 25 s of 96 subtasks, because somebody wanted it so.").lab(wideLab).odd("long gaps between checkpoints", 60*time.Second),
	}
}
