package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/meterjobs"
)

// unseenMeters are electricity meters in Flink SQL and the DataStream API. Their names are numbers, so that a list of them teaches nothing.
func unseenMeters() []Case {
	all := slices.Concat(metersStorage(), metersPressure(), metersCleanup(), metersAcks(), metersCommits(), metersFlushes(), metersSkew(), metersFailures(),
		metersTwo(), metersHealthy())
	for i := range all {
		all[i].Set = ThirdSet
		all[i].TaskManagers = max(all[i].TaskManagers, 1)
	}
	return all
}

// What these jobs are built from.
var (
	meterJobs = flinklocal.Java{Name: "meters.jar", Sources: meterjobs.Sources, Dir: meterjobs.JobsDir, Main: meterjobs.LoadProfile,
		More: meterjobs.ForJobs, Table: meterjobs.TableFactory}
	meterStore = flinklocal.Store{Scheme: meterjobs.StoreScheme, Control: meterjobs.Control,
		Java: flinklocal.Java{Name: "coil.jar", Sources: meterjobs.Sources, Dir: meterjobs.StoreDir, More: meterjobs.ForStore,
			Factory: meterjobs.StoreFactory}}
)

// meter is a case of these jobs that ends with the fourth expired checkpoint.
func meter(name, job, version string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: "meters-" + name, Why: why, Config: pairs(config), Args: strings.Fields(args), Parallelism: parallelism,
			Job: &meterJobs, EntryClass: job, Store: &meterStore},
		Versions: []string{version},
		Until:    Until{Expired: 4, Time: 110 * time.Second},
	}
}

// metersStorage are slow stores.
func metersStorage() []Case {
	return []Case{
		meter("04-a", meterjobs.LoadProfile, DefaultVersion, 2, "interval=3s timeout=8s", "--rate 300 --meters 1000 --bytes 1500",
			"Three places for each of 1000 meters, 1.5 KB each, are 2.2 MiB a subtask; at 210 KiB/s they take 10.7 s of the 8 they may.").
			of("SlowStateBackend").sick(4, "coil.stream=210"),
		meter("15-b", meterjobs.Settlement, newest, 2, "interval=3s timeout=8s backend=rocksdb incremental=true inline=0b",
			"--readings-rate 150 --contracts-rate 60 --meters 600 --bytes 300",
			"An object is put 2.6 s after it was asked for. The join has two tables, whose files and those that come with a RocksDB make four rounds of puts by four "+
				"threads (measured): 10.4 s.").
			of("SlowStateBackend").sick(3, "coil.put=2600"),
		meter("21-c", meterjobs.HeadEnd, oldest, 3, "interval=3s timeout=8s tolerable=0", "--rate 200 --meters 2400 --bytes 2500",
			"2400 telegrams of 2.5 KB, 1.9 MiB a subtask, take 10 s at 190 KiB/s; no failed checkpoint is tolerated, so that each restarts the job.").
			of("SlowStateBackend").sick(3, "coil.stream=190").until(Until{Failed: 3, Time: 100 * time.Second}),
		meter("09-c", meterjobs.HeadEnd, DefaultVersion, 2,
			"interval=3s timeout=8s backend=rocksdb incremental=true inline=0b state.backend.rocksdb.checkpoint.transfer.thread.num=1",
			"--rate 150 --meters 1500 --bytes 1200",
			"An object takes 1.9 s, and somebody allowed one transfer at a time: the file of a table, three more of each RocksDB, and the one that lists them, 9.5 "+
				"s and more. Four at a time would take 3.8 s.").
			of("SlowStateBackend").sick(3, "coil.put=1900"),
		meter("27-a", meterjobs.LoadProfile, newest, 3, "interval=3s timeout=8s", "--rate 120 --meters 800 --bytes 400",
			"An object is put after 0.2 s, and 170 s later after 10.5; acknowledgements need one each, and after 129 s they come later than 8 s.").
			of("SlowStateBackend").grows().sick(2, "coil.put=200~10500:170").until(Until{Expired: 3, Time: 185 * time.Second}).every(13 * time.Second),
	}
}

// metersPressure are those that ask for more than a fair store can take.
func metersPressure() []Case {
	return []Case{
		meter("02-c", meterjobs.HeadEnd, DefaultVersion, 2, "interval=1s timeout=9s concurrent=2", "--rate 60 --meters 2800 --bytes 40000",
			"2800 telegrams of 40 KB, 107 MiB, take 5 s at 22 MB/s. Asked for every second, two at a time, they take 10 of the 9 they may.").
			of("CheckpointPressure").lab("task-heap=700m").sick(0, "coil.line=22000"),
		meter("18-b", meterjobs.Settlement, newest, 2, "interval=1s timeout=9s concurrent=2 backend=rocksdb",
			"--ttl 900s --period 900 --readings-rate 60 --contracts-rate 100 --meters 1400 --readings-bytes 40000",
			"Written in full every second, two at a time: 100 MB take 4.5 s at 22 MB/s, and 9 where two are written. It was meant to stay at 107 MiB, but the join "+
				"keeps every reading, 4.8 MB more each second (measured), so that nothing helps for long.").
			of("CheckpointPressure").lab("task-heap=500m").sick(0, "coil.line=22000"),
		meter("30-c", meterjobs.HeadEnd, newest, 2, "interval=1s timeout=9s concurrent=2 backend=rocksdb", "--rate 60 --meters 2600 --bytes 40000",
			"2600 telegrams of 40 KB are 99 MiB in RocksDB, written in full every second: 5 s at 20 MB/s, and 10 where two are written at a time.").
			of("CheckpointPressure").lab("task-heap=500m").sick(0, "coil.line=20000"),
		meter("23-c", meterjobs.HeadEnd, oldest, 2, "interval=1s timeout=7s concurrent=2 backend=rocksdb incremental=true", "--rate 120 --meters 900 --bytes 40000",
			"240 telegrams of 40 KB a second are 9.4 MB/s of changes in a state of 35 MiB, of which a compaction makes new files every few checkpoints; two "+
				"checkpoints at a time each send what none has confirmed, some 30 MB, which take 5 s at 12 MB/s and have 7 only while nothing queues. In 10 s the "+
				"same state changes once.").
			of("CheckpointPressure").lab("task-heap=500m").sick(0, "coil.line=12000"),
	}
}

// metersCleanup are deletes that hold up acknowledgements.
func metersCleanup() []Case {
	return []Case{
		meter("06-a", meterjobs.LoadProfile, oldest, 4, "interval=2s timeout=7s concurrent=2 io-pool=1", "--rate 100 --meters 800 --streets 1600 --bytes 200",
			"A checkpoint has a file of each subtask that keeps places and of each that sums, and its metadata: nine files and a folder to delete, 1 s each, by the "+
				"one io thread that takes acknowledgements as well.").
			of("SlowCleanup").sick(3, "coil.unlink=1000").until(Until{Expired: 3, Time: 100 * time.Second}),
		meter("13-c", meterjobs.HeadEnd, newest, 3,
			"interval=3s timeout=8s concurrent=2 io-pool=2 backend=rocksdb incremental=true execution.savepoint.cleanup-in-background=true",
			"--rate 100 --meters 900 --bytes 600",
			"A delete takes 2.5 s. Each checkpoint leaves its metadata and folder, and each fourth what three compactions have replaced, four files each: some "+
				"five deletes in 3 s, 6 s for each of two io threads, before which acknowledgements queue.").
			of("SlowCleanup").sick(3, "coil.unlink=2500"),
	}
}

// metersAcks are acknowledgements that no message can carry.
func metersAcks() []Case {
	return []Case{
		meter("11-c", meterjobs.HeadEnd, oldest, 2, "interval=3s timeout=7s", "--rate 60",
			"1.5 million pulses wait for their confirmation in the list of one subtask. The list is a file, but where each element begins, 8 bytes, is in the "+
				"acknowledgement: 12 MB, and a message may have 10 MiB.").
			of("OversizedAck").sick(2, "confirm.pending#0=1500000").untried(),
		meter("25-c", meterjobs.HeadEnd, newest, 2, "interval=3s timeout=7s backend=rocksdb incremental=true frame=400000b inline=1mb", "--rate 150",
			"Since an upgrade of the meters a telegram has 1500 bytes: 150 a second and subtask, for 3 s, are 675 KB of new files of RocksDB. Each is below the "+
				"threshold of 1 MiB and travels in the acknowledgement, and a message may have 400 kB.").
			of("OversizedAck").sick(2, "pulses.bytes=1500").untried(),
	}
}

// metersCommits are tasks that wait for what they do once a checkpoint has completed.
func metersCommits() []Case {
	return []Case{
		meter("01-b", meterjobs.Settlement, oldest, 2, "interval=2s timeout=8s", "--readings-rate 80 --contracts-rate 40 --meters 400",
			"Posting takes 16 s in the thread of the task; the next checkpoint begins at most 2 s later and expires 8 s after that.").
			of("CommitBlocksTask").sick(2, "bills.post=16000").untried(),
		meter("16-c", meterjobs.HeadEnd, DefaultVersion, 3, "interval=2s timeout=8s", "--rate 80",
			"One of three subtasks confirms to the concentrators what a checkpoint has secured, and they answer after 14 s; the next checkpoint begins 2 s after "+
				"the one before and waits for that subtask.").
			of("CommitBlocksTask").sick(2, "confirm.ms#1=14000").untried(),
		meter("20-a", meterjobs.LoadProfile, newest, 5, "interval=2s timeout=8s", "--rate 50 --meters 500",
			"One of five transactions of the sums is posted in 17 s; a checkpoint is due every 2 and may take 8.").
			of("CommitBlocksTask").sick(3, "consumption.post#3=17000").untried(),
	}
}

// metersFlushes are sinks that let no barrier pass before all is sent.
func metersFlushes() []Case {
	return []Case{
		meter("08-a", meterjobs.LoadProfile, DefaultVersion, 3, "interval=3s timeout=8s", "--rate 60 --meters 500",
			"The ledger of the peaks is busy for one of three writers, which asks again every 0.7 s, for ever.").
			of("SinkFlush").sick(2, "peaks.busy#1=1").untried(),
		meter("22-c", meterjobs.HeadEnd, newest, 12, "interval=3s timeout=8s", "--rate 12",
			"The batch that a checkpoint closes is taken after 10.5 s.").
			of("SinkFlush").sick(2, "loads.flush=10500").lab(wideLab).untried(),
	}
}

// every sets the pause between two passes.
func (c Case) every(pause time.Duration) Case {
	c.Every = pause
	return c
}
