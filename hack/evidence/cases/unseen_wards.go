package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/wardjobs"
)

// unseenWards are the wards of a hospital, in the DataStream API and in Flink SQL. Their names are numbers, so that a list of them teaches nothing.
func unseenWards() []Case {
	all := slices.Concat(wardsPressed(), wardsCode(), wardsSources(), wardsSnapshots(), wardsSinks(), wardsFailures(), wardsTaskManagers(), wardsSkew(),
		wardsLinks(), wardsJobManagers(), wardsStorage(), wardsTwo(), wardsWell())
	for i := range all {
		all[i].Set = FifthSet
		all[i].TaskManagers = max(all[i].TaskManagers, 1)
	}
	return all
}

// What these jobs are built from.
var (
	wardJobs = flinklocal.Java{Name: "wards.jar", Sources: wardjobs.Sources, Dir: wardjobs.JobsDir, Main: wardjobs.Vigil,
		More: wardjobs.ForJobs, Table: wardjobs.TableFactory}
	wardStore = flinklocal.Store{Scheme: wardjobs.StoreScheme, Control: wardjobs.Control,
		Java: flinklocal.Java{Name: "linen.jar", Sources: wardjobs.Sources, Dir: wardjobs.StoreDir, More: wardjobs.ForStore,
			Factory: wardjobs.StoreFactory}}
)

// ward is a case of these jobs that ends with the fourth expired checkpoint.
func ward(name, job, version string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: "wards-" + name, Why: why, Config: pairs(config), Args: strings.Fields(args), Parallelism: parallelism,
			Job: &wardJobs, EntryClass: job, Store: &wardStore},
		Versions: []string{version},
		Until:    Until{Expired: 4, Time: 110 * time.Second},
		Every:    9 * time.Second,
	}
}

// wardsPressed are operators that are slower than what they are sent.
func wardsPressed() []Case {
	return []Case{
		ward("07-a", wardjobs.Vigil, newest, 2, "interval=3s timeout=8s", "--monitors-rate 120 --alerting 100",
			"A page takes 25 ms, 40 a second and subtask, where half of 120 alerts are worth one; a buffer of 32 KiB has some thousand alerts, 12 s of pages.").
			of("Backpressure").sick(2, "pager.page=25").untried(),
		ward("31-c", wardjobs.Vigil, oldest, 1, "interval=3s timeout=8s", "--monitors-rate 1000 --alerting 100",
			"An alert is weighed for 12 ms of computing, 83 a second at most, where 1000 come; the ten buffers before the task, a thousand alerts each, are full "+
				"after ten seconds and have two minutes of work. (With 200 a second the buffers were not full when the trial ended.)").
			of("Backpressure").sick(3, "triage.weigh=12").untried(),
		ward("19-b", wardjobs.Rounds, DefaultVersion, 3, "interval=2s timeout=8s", "--vitals-rate 300",
			"A row of the scores takes 0.5 ms, and 8 ms 170 s later; 300 come a second and subtask, so that from 3.3 ms on, after a minute, they do not keep up. "+
				"Some 1700 rows wait after 100 s, 4.9 ms each: 8.3 s.").
			of("Backpressure").grows().sick(2, "scores.row=0.5:8:170").until(Until{Expired: 3, Time: 175 * time.Second}).every(12 * time.Second).untried(),
	}
}

// wardsCode are functions that do not come back.
func wardsCode() []Case {
	return []Case{
		ward("42-d", wardjobs.Vigil, oldest, 3, "interval=3s timeout=8s", "",
			"A pool of connections has none left for one of three subtasks, which waits 40 s for one at each reading.").
			of("UserCodeBlocking").sick(2, "bedside.pool/1=40000").untried(),
		ward("13-b", wardjobs.Rounds, newest, 2, "interval=3s timeout=8s", "--patients 60",
			"The model answers after 45 s for a patient whose case is rare, of whom one of 60 vital signs is: two every three seconds.").
			of("UserCodeBlocking").sick(2, "severity.rare=45000").untried(),
	}
}

// wardsSources are sources, and what is behind them in the JobManager, that do not come back.
func wardsSources() []Case {
	return []Case{
		ward("26-a", wardjobs.Vigil, DefaultVersion, 2, "interval=3s timeout=8s", "",
			"The controller of the bells does not answer one of two subtasks for a minute, and it is asked under the lock that a checkpoint needs.").
			of("SourceBlocked").sick(2, "bells.controller/0=60000").untried(),
		ward("09-d", wardjobs.Rounds, newest, 4, "interval=3s timeout=8s", "",
			"A census of all beds takes 14 s and is called for once a second, in the one thread of the coordinator, where the snapshot waits for its turn.").
			of("CoordinatorBlocked").sick(2, "stays.census=14000").untried(),
	}
}

// wardsSnapshots are states that their operators take long to hand over.
func wardsSnapshots() []Case {
	return []Case{
		ward("03-c", wardjobs.Vigil, DefaultVersion, 4, "interval=3s timeout=7s", "",
			"One of four subtasks makes a summary of its beds when it is asked for its state: 11 s of computing, of the 7 a checkpoint may take.").
			of("SlowSyncPhase").sick(2, "bedside.summary/2=11000").untried(),
		ward("38-a", wardjobs.Rounds, oldest, 2, "interval=3s timeout=8s", "",
			"A reader of vital signs asks its broker where it stands before it hands over its state, and is answered after 10.5 s.").
			of("SlowSyncPhase").sick(2, "vitals.mark=10500").untried(),
	}
}

// wardsSinks are flushes, and what is done when a checkpoint has completed.
func wardsSinks() []Case {
	return []Case{
		ward("22-b", wardjobs.Vigil, newest, 3, "interval=3s timeout=8s", "",
			"One of three writers of charts is answered 11 s after it sent what a checkpoint closes.").
			of("SinkFlush").sick(2, "charts.flush/1=11000").untried(),
		ward("47-c", wardjobs.Vigil, DefaultVersion, 2, "interval=2s timeout=8s", "",
			"A page of the charts is signed in 14 s in the thread of the task; the next checkpoint is due 2 s later and expires 8 s after that.").
			of("CommitBlocksTask").sick(2, "charts.sign=14000").until(Until{Expired: 3}).untried(),
		ward("15-a", wardjobs.Vigil, oldest, 3, "interval=2s timeout=8s", "",
			"What a checkpoint has seen is struck off the list of pages within the notification: 16 s for one of three subtasks; a checkpoint may take 8.").
			of("CommitBlocksTask").sick(2, "pager.strike/0=16000").until(Until{Expired: 3}).untried(),
	}
}

// wardsFailures are acknowledgements that no message can carry, and checkpoints that fail before they expire.
func wardsFailures() []Case {
	return []Case{
		ward("34-a", wardjobs.Vigil, oldest, 2, "interval=3s timeout=7s inline=1mb frame=614400b", "--monitors-rate 150",
			"State of less than 1 MiB travels within the acknowledgement, and a message may have 600 KiB. Since the monitors send 2.1 KB a reading, two of them for "+
				"each of 200 patients are 840 KB a subtask.").
			of("OversizedAck").sick(3, "monitors.bytes=2100").until(Until{Expired: 3}).untried(),
		ward("28-b", wardjobs.Vigil, newest, 2, "interval=5s timeout=10s restart-strategy.type=fixed-delay restart-strategy.fixed-delay.attempts=1000 "+
			"restart-strategy.fixed-delay.delay=2s", "",
			"One of two subtasks throws when it is asked for its state, which fails the checkpoint and the task; the job starts again 2 s later and is asked again within 5. "+
				"(With readings that are no number, 3 s after each start, the job failed nine times, but no checkpoint did.)").
			of("TaskFailure").sick(2, "bedside.unsound/1=1").until(Until{Time: 55 * time.Second}).untried(),
		ward("40-c", wardjobs.Rounds, DefaultVersion, 2, "interval=3s timeout=8s inline=0b", "--bytes 400",
			"The quota at the store is used up: every object, and a subtask has two of some 80 KB, is refused when it is sent.").
			of("StorageFailure").sick(2, "linen.full=100").until(Until{Failed: 5, Time: 60 * time.Second}).untried(),
	}
}
