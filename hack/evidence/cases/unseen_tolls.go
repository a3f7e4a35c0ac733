package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs/tolls"
)

// What the clearing of road tolls is built from.
var (
	tollJob = flinklocal.Java{Name: "tolls.jar", Sources: tolls.Sources, Dir: tolls.JobDir, Main: tolls.Clearing, More: tolls.ForJob}

	tollStore = flinklocal.Store{Scheme: tolls.StoreScheme, Control: tolls.Control,
		Java: flinklocal.Java{Name: "silofs.jar", Sources: tolls.Sources, Dir: tolls.StoreDir, More: tolls.ForStore, Factory: tolls.StoreFactory}}
)

// unseenTolls is a part of the third set. Names are numbers, so that a list of them tells nothing.
func unseenTolls() []Case {
	all := slices.Concat(tollPressure(), tollCode(), tollSources(), tollSyncPhases(), tollSkew(), tollTaskManagers(), tollJobManagers(), tollCoordinators(), tollLinks(),
		tollsTwice(), tollsWell())
	for i := range all {
		all[i].Set = ThirdSet
		all[i].TaskManagers = max(all[i].TaskManagers, 1)
	}
	return all
}

// toll is a case of the clearing that ends with the fourth expired checkpoint.
func toll(name, version string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: "tolls-" + name, Why: why, Config: pairs(config), Args: tollArgs(args), Parallelism: parallelism,
			Job: &tollJob, EntryClass: tolls.Clearing, Store: &tollStore},
		Versions: []string{version},
		Until:    Until{Expired: 4, Time: 120 * time.Second},
	}
}

// tollArgs reads "name=value name=value" as arguments of the job.
func tollArgs(text string) []string {
	var args []string
	for _, field := range strings.Fields(text) {
		name, value, _ := strings.Cut(field, "=")
		args = append(args, "--"+name, value)
	}
	return args
}

// smallBuffers fill within a minute at these rates, as larger ones do at a user's.
const smallBuffers = "taskmanager.memory.segment-size=4kb"

func tollPressure() []Case {
	return []Case{
		toll("14-b", oldest, 3, "interval=3s timeout=8s", "lanes=3 rate=100",
			"Each photo is sent to a recognition service that takes 28 ms, and the way there and back some 40 (measured): 15 a second and subtask, where 100 come. After 8 s "+
				"some 700 passages wait before a barrier, which are 45 s of work.").
			of("Backpressure").sick(2, "plates.recognition.ms=28"),
		toll("05-d", newest, 4, "interval=3s timeout=9s", "lanes=2 rate=150",
			"The authority allows 15 prices a second. Of 300 passages a second some 120 are ends of trips, so that each second leaves 7 s of waiting for "+
				"the one price step, and all before it is pressed back.").
			of("Backpressure").lab(smallBuffers).sick(2, "price.limit=15"),
		toll("21-a", DefaultVersion, 2, "interval=3s timeout=8s", "lanes=1 rate=100 strangers=20 photo=1000",
			"20 of 100 passages a second are of unknown vehicles. To store a photo takes 80 ms, and 140 three minutes later, and the way some 40 (measured). Two subtasks "+
				"take 17 a second at first and 11 in the end, so that ever more photos wait, as far as buffers hold them: checkpoints took 0.6 s, and 7.9 s after 90 s.").
			of("Backpressure").lab(smallBuffers).grows().sick(2, "archive.photo.ms=80>140:180").until(Until{Expired: 2, Time: 210 * time.Second}),
	}
}

func tollCode() []Case {
	return []Case{
		toll("09-c", oldest, 2, "interval=3s timeout=8s", "rate=50",
			"A thread that reads the list of exemptions anew holds its lock for 4 minutes. Every passage of a known vehicle needs the lock.").
			of("UserCodeBlocking").sick(3, "exemptions.ms=240000"),
		toll("17-f", newest, 3, "interval=3s timeout=7s", "lanes=2 rate=40",
			"A credit bureau is asked over HTTP about each trip, without any limit of time; one subtask of three gets its answer after 50 s.").
			of("UserCodeBlocking").sick(2, "statements.credit.ms@1=50000"),
		toll("02-e", DefaultVersion, 2, "interval=3s timeout=9s", "lanes=1 rate=60 strangers=8",
			"A plate that nobody has is compared with 150 million others, in one subtask of two: at some 150 ns each, and every fifth passage of that subtask or so: "+
				"22 s of one core each time.").
			of("UserCodeBlocking").sick(2, "match.candidates@0=150000"),
	}
}

func tollSources() []Case {
	return []Case{
		toll("11-c", oldest, 2, "interval=3s timeout=8s", "rate=50",
			"The registry's database does not answer for 10 minutes; a page is read under the checkpoint lock.").
			of("SourceBlocked").sick(3, "registry.page.ms=600000"),
		toll("24-b", newest, 4, "interval=3s timeout=8s", "lanes=3 rate=40",
			"One of three gantries cannot be reached. Its fetcher tries every 4 s, and the reader waits in the task's thread for the next passage.").
			of("SourceBlocked").sick(2, "gantries.lost@1=1"),
	}
}

func tollSyncPhases() []Case {
	return []Case{
		toll("08-a", oldest, 2, "interval=12s timeout=8s", "rate=40",
			"Before the plate reading is stored what has been read is published, and the publisher answers after 10 s; a checkpoint may take 8.").
			of("SlowSyncPhase").sick(1, "plates.page=100000 plates.publish.ms=10000"),
		toll("19-d", newest, 2, "interval=6s timeout=6s backend=rocksdb incremental=true", "lanes=2 rate=80 zones=300 accounts=100",
			"Statements count in 300 states, so that RocksDB has 300 column families in each of two subtasks. Every checkpoint flushes each of them to a file of its own: "+
				"240 of one subtask took 3 to 5 s (measured).").
			of("SlowSyncPhase").lab("taskmanager.memory.managed.size=512m").until(Until{Expired: 4, Time: 180 * time.Second}),
		toll("26-c", DefaultVersion, 4, "interval=10s timeout=7s", "rate=40",
			"One of four subtasks waits in its snapshot for the printer, which takes 9 s; a checkpoint may take 7.").
			of("SlowSyncPhase").sick(1, "statements.print.ms@2=9000"),
	}
}

// tollSkew was meant to be well: its subtask was thought to be busy for half of the time.
func tollSkew() []Case {
	return []Case{
		toll("16-e", DefaultVersion, 4, "interval=3s timeout=10s", "lanes=2 rate=100 haulier=75",
			"75 of 100 vehicles belong to one haulier, whose statement takes 49 ms for each trip (measured: 7 of the bureau, and the way). One subtask of four took 20 "+
				"of them a second, all it could, and the others 4 to 6 each.").
			of("DataSkew").sick(1, "statements.credit.ms=7").until(Until{Expired: 4, Time: 60 * time.Second}),
	}
}

func tollTaskManagers() []Case {
	heap := toll("12-f", DefaultVersion, 2, "interval=3s timeout=6s"+patientRPC, "lanes=1 rate=50",
		"The history of passages takes what the heap of 448 MiB has but for 3. A passage brings ten pieces of 65 KB, 30 MB a second, so that the heap is collected "+
			"ten times a second, and each time takes 0.3 s or more: all there is. With 5 MiB free and 20 MB a second checkpoints took up to 5.7 s and one of 42 "+
			"more than 8 (measured).").
		of("TaskManagerPressure").sick(2, "history.mb=440 history.room.mb=3 history.pieces=10")
	heap.Every = 10 * time.Second
	quota := toll("04-a", oldest, 4, "interval=3s timeout=6s"+patientRPC, "lanes=2 rate=60",
		"One of two TaskManagers may use 0.018 of a core, for half of a job that takes a tenth of a core: with 0.03 checkpoints took 4 to 7.6 s (measured).").
		of("TaskManagerPressure").twoHosts().step(flinklocal.Step{Completed: 2, TaskManagerCPU: 0.018})
	quota.Every = 10 * time.Second
	heap.Alone, quota.Alone = true, true
	return []Case{heap, quota}
}

func tollJobManagers() []Case {
	starved := toll("18-e", newest, 12, "interval=4s timeout=6s"+patientRPC, "lanes=4 rate=6",
		"Some 90 acknowledgements of a checkpoint share 0.03 of a core with six threads that compute distances: they took 3 to 5 s with 0.05 of a core (measured), so it is "+
			"5 to 8.3 s. With half as much CPU again or twice as much it is 5.5 s and less.").
		of("JobManagerOverload/CPU").lab(wideLab).sick(2, "map.distances=6").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.03})
	full := toll("06-b", oldest, 8, "interval=4s timeout=6s"+patientRPC, "lanes=4 rate=8",
		"Road segments fill a heap of 512 MiB (1088 - 256 - 128 - 192) but for 4, and two threads replace 30 MiB a second each. A collection of it takes 0.6 s and more "+
			"and comes after 70 ms, and 60 acknowledgements wait for a tenth of a core. With 2 MiB and 80 a second it hardly answered at all. With half as much heap "+
			"again the 470 MiB have room.").
		of("JobManagerOverload/Heap").lab(wideLab).sick(2, "map.segments.mb=470 map.room.mb=4 map.renewed.mb=30")
	starved.Alone, full.Alone = true, true
	return []Case{starved, full}
}

func tollCoordinators() []Case {
	return []Case{
		toll("23-c", DefaultVersion, 3, "interval=3s timeout=8s", "rate=40",
			"Every 2.5 s the source's coordinator has lanes to reconcile with a works department that answers after 13 s, in the one thread that its snapshot waits for.").
			of("CoordinatorBlocked").sick(2, "roster.works.ms=13000"),
	}
}

func tollLinks() []Case {
	creeping := toll("03-d", DefaultVersion, 2, "interval=4s timeout=8s"+patientRPC, "rate=40",
		"Messages to the JobManager take 0.5 s, and every 8 s half a second more: beyond 8 s after 15 steps, 120 s.").
		of("NetworkLatency").twoHosts().grows().untried().until(Until{Expired: 3, Time: 200 * time.Second})
	for i := range 18 {
		creeping = creeping.step(flinklocal.Step{Completed: max(0, 2-2*i), After: time.Duration(min(i, 1)) * 8 * time.Second, Link: late(500+500*float64(i), 60)})
	}
	creeping.Every = 16 * time.Second
	return []Case{
		creeping,
		toll("15-a", newest, 2, "interval=3s timeout=6s"+patientRPC, "rate=40",
			"Acknowledgements travel 6.4 to 7.2 s under a timeout of 6; nothing else is slow.").
			of("NetworkLatency").twoHosts().step(flinklocal.Step{Completed: 2, Link: late(6800, 400)}),
		toll("20-c", oldest, 4, "interval=3s timeout=8s"+patientRPC, "lanes=2 rate=60 photo=300",
			"Two of five packets of one TaskManager are lost in each direction: what is sent arrives after seconds, as TCP waits twice as long each time.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Loss: 0.4}}),
		toll("07-e", newest, 2, "interval=3s timeout=8s", "lanes=1 rate=90 photo=2500",
			"Photos of 2.5 KB, 90 a second, change hosts with a probability of a half at each of four exchanges: some 3.5 Mbit/s, of which the link of one of two TaskManagers "+
				"carries 0.6.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Rate: "600kbit", Burst: "32kbit", Queue: "900ms"}}),
	}
}

func tollsTwice() []Case {
	return []Case{
		toll("10-d", newest, 3, "interval=10s timeout=8s", "lanes=2 rate=20",
			"One subtask of the plate reading waits 10 s in its snapshot for its publisher and another one 5; and a credit bureau answers one subtask of the statements "+
				"after 60 s.").
			of("SlowSyncPhase", "UserCodeBlocking").
			sick(1, "plates.page=100000 plates.publish.ms@0=10000 plates.publish.ms@1=5000 statements.credit.ms@2=60000"),
		toll("22-f", DefaultVersion, 4, "interval=3s timeout=8s", "lanes=4 rate=100",
			"The registry waits for a page of its database for 10 minutes under the checkpoint lock; and the recognition of plates takes 30 ms and the way some 40, 14 a second where 100 come.").
			of("SourceBlocked", "Backpressure").sick(2, "registry.page.ms=600000 plates.recognition.ms=30"),
	}
}

func tollsWell() []Case {
	return []Case{
		toll("01-c", oldest, 3, "interval=8s timeout=12s", "rate=40",
			"A subtask waits 2.5 s in its snapshot for the printer; a checkpoint may take 12.").
			sick(1, "statements.print.ms@0=2500").odd("a long synchronous phase", 55*time.Second),
		toll("13-e", DefaultVersion, 4, "interval=3s timeout=10s", "lanes=2 rate=15 haulier=75",
			"75 of 100 vehicles belong to one haulier, whose statement takes some 45 ms for each trip (3 of them the bureau): of 30 passages a second some 9 are such trips, 40 per cent of one subtask of four.").
			sick(1, "statements.credit.ms=3").odd("a hot key", 40*time.Second),
		toll("25-d", newest, 2, "interval=3s timeout=10s", "rate=40 once=1",
			"The registry has been read to its end: that source has finished, and checkpoints go on without it.").
			odd("a source that has finished", 45*time.Second),
	}
}
