package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/depotjobs"
)

// unseenDepots are the yards of logistics depots, in the DataStream API and in Flink SQL. Their names are numbers, so that a list of them teaches nothing.
func unseenDepots() []Case {
	all := slices.Concat(depotsPressed(), depotsCode(), depotsSources(), depotsSnapshots(), depotsSinks(), depotsAcks(), depotsFailures(), depotsTaskManagers(),
		depotsSkew(), depotsLinks(), depotsJobManagers(), depotsStorage(), depotsTwo(), depotsWell())
	for i := range all {
		all[i].Set = FourthSet
		all[i].TaskManagers = max(all[i].TaskManagers, 1)
	}
	return all
}

// What these jobs are built from.
var (
	depotJobs = flinklocal.Java{Name: "depots.jar", Sources: depotjobs.Sources, Dir: depotjobs.JobsDir, Main: depotjobs.Yard,
		More: depotjobs.ForJobs, Table: depotjobs.TableFactory}
	depotStore = flinklocal.Store{Scheme: depotjobs.StoreScheme, Control: depotjobs.Control,
		Java: flinklocal.Java{Name: "berth.jar", Sources: depotjobs.Sources, Dir: depotjobs.StoreDir, More: depotjobs.ForStore,
			Factory: depotjobs.StoreFactory}}
)

// depot is a case of these jobs that ends with the fourth expired checkpoint.
func depot(name, job, version string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: "depots-" + name, Why: why, Config: pairs(config), Args: strings.Fields("--rules-rate 2 " + args), Parallelism: parallelism,
			Job: &depotJobs, EntryClass: job, Store: &depotStore},
		Versions: []string{version},
		Until:    Until{Expired: 4, Time: 110 * time.Second},
	}
}

// depotsPressed are operators that are slower than what they are sent.
func depotsPressed() []Case {
	return []Case{
		depot("11-a", depotjobs.Yard, newest, 2, "interval=3s timeout=8s", "--rate 200",
			"A row of the stays takes 8 ms, 125 a second and subtask, where 400 come; a buffer of 32 KiB has some 250 moves, and the twelve before the task "+
				"25 s of work.").
			of("Backpressure").sick(2, "stays.row=8").untried(),
		depot("23-c", depotjobs.Yard, oldest, 1, "interval=3s timeout=8s", "--rate 150",
			"Since the last release a rule is weighed for 9 ms of computing, 110 moves a second at most, where 300 come.").
			of("Backpressure").sick(3, "rules.weigh=9").untried(),
		depot("34-b", depotjobs.Books, DefaultVersion, 2, "interval=3s timeout=9s", "--rate 150 --trucks 300",
			"An arrival finds four pickups on average, 600 handovers a second and subtask, and the broker takes longer for each all the time: 1 ms, and 8 three "+
				"minutes later. From 1.7 ms on they do not keep up; some 500 arrivals wait in buffers of 4 KiB, and four answers for each of them take 9 s from 4.5 "+
				"ms on.").
			of("Backpressure").grows().lab(wideLab).sick(2, "duty=1>8@180").until(Until{Expired: 3, Time: 185 * time.Second}).every(13 * time.Second).untried(),
	}
}

// depotsCode are functions that do not come back.
func depotsCode() []Case {
	return []Case{
		depot("05-b", depotjobs.Yard, oldest, 3, "interval=3s timeout=8s", "",
			"A thread holds the lock of the rules while it fetches a new edition, 45 s, and every subtask of the check waits for that lock.").
			of("UserCodeBlocking").sick(2, "edition=45000 edition.for=1").untried(),
		depot("40-a", depotjobs.Books, newest, 2, "interval=3s timeout=8s", "--rate 60",
			"The broker answers one of two subtasks after 35 s, and the function has no limit of its own.").
			of("UserCodeBlocking").sick(2, "duty[1]=35000").untried(),
	}
}

// depotsSources are readers and rosters that do not come back.
func depotsSources() []Case {
	return []Case{
		depot("17-c", depotjobs.Yard, DefaultVersion, 4, "interval=3s timeout=8s", "--rate 20",
			"What one reader of the weighbridges is sent is all for another yard, and it looks for the next move of its own within one call.").
			of("SourceBlocked").sick(2, "weighbridges.elsewhere[2]=1").untried(),
		depot("31-a", depotjobs.Yard, newest, 3, "interval=3s timeout=8s", "--rate 20",
			"The roster draws up its plan of the doors, 13 s, again and again, under the lock that its snapshot needs.").
			of("CoordinatorBlocked").sick(2, "gates.plan=13000").untried(),
	}
}

// depotsSnapshots are states that their operators take long to hand over.
func depotsSnapshots() []Case {
	return []Case{
		depot("29-b", depotjobs.Yard, newest, 3, "interval=3s timeout=7s", "--rate 20",
			"One of three subtasks looks for the shortest tour when it is asked for its state: 11 s of computing, of the 7 a checkpoint may take.").
			of("SlowSyncPhase").sick(2, "tour[1]=11000").untried(),
		depot("08-d", depotjobs.Books, oldest, 2, "interval=3s timeout=8s", "--rate 30",
			"The writer asks its ledger for the last row before it hands over its state, and is answered after 12 s.").
			of("SlowSyncPhase").sick(2, "handovers.position=12000").untried(),
	}
}

// depotsSinks are flushes and bookings.
func depotsSinks() []Case {
	return []Case{
		depot("36-a", depotjobs.Books, DefaultVersion, 3, "interval=3s timeout=8s", "--rate 30",
			"One of three writers of the loads is answered 10.5 s after it sent what a checkpoint closes.").
			of("SinkFlush").sick(2, "loads.flush[2]=10500").untried(),
		depot("02-c", depotjobs.Yard, DefaultVersion, 2, "interval=2s timeout=8s", "--rate 20",
			"What a checkpoint has secured is put on record within the notification, 15 s; the next one is due 2 s later and expires 8 s after that.").
			of("CommitBlocksTask").sick(2, "tannoy.record=15000").until(Until{Expired: 3}).untried(),
		depot("45-b", depotjobs.Books, oldest, 4, "interval=2s timeout=8s", "--rate 20",
			"The page of one of four writers is booked in 14 s; checkpoints are due every 2 s and may take 8.").
			of("CommitBlocksTask").sick(3, "handovers.book[3]=14000").untried(),
	}
}

// depotsAcks are acknowledgements that no message can carry.
func depotsAcks() []Case {
	return []Case{
		depot("19-b", depotjobs.Yard, oldest, 2, "interval=3s timeout=7s", "--rate 20",
			"1.5 million calls have not been heard at one of two subtasks. The list of them is a file, but where each element begins, 8 bytes, is in the "+
				"acknowledgement: 12 MB, and a message may have 10 MiB. (It was first made with many small files of a RocksDB within the acknowledgement, but then the RocksDB "+
				"itself was what did not keep up.)").
			of("OversizedAck").sick(2, "tannoy.unheard[1]=1500000").until(Until{Expired: 3}).untried(),
	}
}

// depotsFailures: few of these checkpoints expire.
func depotsFailures() []Case {
	mixed := depot("38-b", depotjobs.Books, oldest, 4, "interval=3s timeout=8s", "--rate 20", "One of two TaskManagers has the image of Flink 2.2 already.").
		of("FlinkVersionBug/VersionMismatch").twoHosts().untried().until(Until{Time: 50 * time.Second})
	mixed.LastVersion = newest
	return []Case{
		depot("26-a", depotjobs.Yard, newest, 2, "interval=5s timeout=10s restart-strategy.type=fixed-delay restart-strategy.fixed-delay.attempts=1000 "+
			"restart-strategy.fixed-delay.delay=2s", "",
			"Every 160th paper of a subtask cannot be read and ends the job, which is 2 s after each start; a checkpoint comes every 5.").
			of("TaskFailure").sick(2, "papers.torn=160").until(Until{Time: 55 * time.Second}).untried(),
		depot("33-d", depotjobs.Yard, DefaultVersion, 2, "interval=3s timeout=8s", "--bytes 500",
			"The session at the store was revoked: no object of a state can be opened, and a subtask has 200 KB of papers.").
			of("StorageFailure").sick(2, "berth.revoked=100").until(Until{Failed: 5, Time: 60 * time.Second}).untried(),
		mixed,
	}
}
