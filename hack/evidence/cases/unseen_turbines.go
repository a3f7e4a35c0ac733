package cases

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs/turbines"
)

// What the monitoring of a wind park is built from.
var (
	turbineJob = flinklocal.Java{Name: "turbines.jar", Sources: turbines.Sources, Dir: turbines.JobDir, Main: turbines.Monitor,
		More: turbines.ForVersion}
	turbineStore = flinklocal.Store{Scheme: turbines.StoreScheme, Control: turbines.Control,
		Java: flinklocal.Java{Name: "vaultfs.jar", Sources: turbines.Sources, Dir: turbines.StoreDir, Factory: turbines.StoreFactory}}
)

// unseenTurbines is a part of the second set. Names are numbers, so that a list of them tells nothing.
func unseenTurbines() []Case {
	all := slices.Concat(turbineLinks(), turbineJobManagers(), turbineCleanup(), turbineAcks(), turbineSources(), turbineSyncPhases(),
		turbineCoordinators(), turbinePressure(), turbineFailures(), turbineOnsets(), turbinesTwice(), turbinesWell())
	for i := range all {
		all[i].Set = SecondSet
		all[i].TaskManagers = max(all[i].TaskManagers, 1)
	}
	return all
}

// park is a case of the wind park that ends with the fourth expired checkpoint.
func park(name, version string, parallelism int, config, args, why string) Case {
	return Case{
		Case: flinklocal.Case{Name: name, Why: why, Config: pairs(config), Args: strings.Fields(args), Parallelism: parallelism,
			Job: &turbineJob, EntryClass: turbines.Monitor, Store: &turbineStore},
		Versions: []string{version},
		Until:    Until{Expired: 4, Time: 100 * time.Second},
	}
}

// twoHosts spreads the subtasks over two TaskManagers.
func (c Case) twoHosts() Case {
	c.TaskManagers = 2
	return c
}

// untried tells that a recommended remedy is not tried.
func (c Case) untried() Case {
	c.NoRemedy = true
	return c
}

// both delays what travels to the JobManager and from it, in milliseconds, and bounds what travels to it in KB/s (0 = not).
func both(there, back, jitter, rate float64) *flinklocal.Link {
	delay := func(stream string, ms float64) flinklocal.Toxic {
		return flinklocal.Toxic{Type: "latency", Stream: stream, Attributes: map[string]float64{"latency": ms, "jitter": jitter}}
	}
	l := &flinklocal.Link{RPC: []flinklocal.Toxic{delay("upstream", there), delay("downstream", back)}}
	if rate > 0 {
		l.RPC = append(l.RPC, flinklocal.Toxic{Type: "bandwidth", Stream: "upstream", Attributes: map[string]float64{"rate": rate}})
	}
	return l
}

func turbineLinks() []Case {
	return []Case{
		park("turbines-01-c", oldest, 3, "interval=3s timeout=6s"+patientRPC, "--rate 100 --rounds 0",
			"A trigger travels 2.3 to 2.9 s to the TaskManagers, and the acknowledgement 4.1 to 4.7 s back: 6.4 s and more under a timeout of 6. A restart "+
				"needs many such round trips.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: both(4400, 2600, 300, 0)}),
		park("turbines-02-k", newest, 2, "interval=3s timeout=8s", "--rate 260 --raw 1400 --rounds 0",
			"Two gateways make 520 readings of 1.5 KB a second, which change hosts with a probability of a half at each of five exchanges: 15 Mbit/s, of "+
				"which the link of one of two TaskManagers carries 0.8. Barriers wait behind them, and nobody is busy.").
			of("NetworkLatency").twoHosts().untried().step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Rate: "800kbit", Burst: "32kbit", Queue: "900ms"}}),
		park("turbines-03-a", DefaultVersion, 4, "interval=10s timeout=6s inline=200kb"+patientRPC, "--rate 60 --rounds 0 --curve 600 --limits-turbines 200",
			"A round trip of 1.6 s, and 45 KB/s from each of two TaskManagers to the JobManager. States below 200 KiB travel in acknowledgements, to spare small "+
				"files: 62, 38 and 15 KB from each subtask, 270 KB with all the rest from each TaskManager, which take 6 s and the round trip. The timeout is 6 s, "+
				"and the link has nothing to do between two checkpoints.").
			of("NetworkLatency").twoHosts().step(flinklocal.Step{Completed: 2, Link: both(800, 800, 80, 45)}),
	}
}

func turbineJobManagers() []Case {
	const lean = "--rate 20 --rounds 0 --weather 0 "
	heap := park("turbines-06-b", DefaultVersion, 12, "interval=4s timeout=3s"+patientRPC, lean,
		"Tiles fill a heap of 1056 MiB (1600 * 0.9 - 128 - 256) but for 2, and 120 MiB of them a second are made anew: every collection goes over all of it, 2 s, "+
			"one after the other, and between two of them few of 39 acknowledgements are read. With half as much heap again their 960 MiB have room.").
		of("JobManagerOverload/Heap").lab(wideLab+" jobmanager.memory.process.size=1600m").
		sick(2, "limits.tiles.mb=960 limits.tiles.room.mb=2 limits.tiles.fresh.mb=120")
	return []Case{
		park("turbines-04-e", oldest, 24, "interval=4s timeout=4s"+patientRPC, lean,
			"Eight threads compute distances and share 0.05 of a core with the JobManager, which has 75 acknowledgements to read: 99 of them took 7 to 9 s with "+
				"0.06 of a core (measured). A restart would take minutes.").
			of("JobManagerOverload/CPU").untried().lab(wideLab).sick(2, "limits.distances=8").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.05}),
		park("turbines-05-h", newest, 16, "interval=4s timeout=4s"+patientRPC, lean,
			"51 acknowledgements, and eight threads that compute distances, for 0.07 of a core: with 0.06 they took 5.7 s and more (measured). With half as "+
				"much CPU again it is 3.3 s under a timeout of 4.").
			of("JobManagerOverload/CPU").lab(wideLab).sick(2, "limits.distances=8").step(flinklocal.Step{Completed: 2, JobManagerCPU: 0.07}),
		heap,
	}
}

func turbineCleanup() []Case {
	return []Case{
		park("turbines-07-a", DefaultVersion, 3, "interval=2s timeout=7s concurrent=2 io-pool=1", "--curve 2048 --rounds 0",
			"Nine files and the metadata of a checkpoint are deleted, 1.1 s each, by the one io thread that reads acknowledgements as well: 11 s.").
			of("SlowCleanup").sick(2, "vault.unlink.ms=1100"),
		park("turbines-08-d", newest, 2,
			"interval=2s timeout=6s concurrent=3 io-pool=1 backend=rocksdb execution.checkpointing.num-retained=4 execution.savepoint.cleanup-in-background=true",
			"--curve 2048 --turbines 600 --rounds 0",
			"A delete takes 1.7 s from the beginning, but the first comes when the fifth checkpoint completes: six files and the metadata, 12 s for the one "+
				"io thread.").
			of("SlowCleanup").sick(0, "vault.unlink.ms=1700").until(Until{Expired: 3, Time: 90 * time.Second}),
	}
}

func turbineAcks() []Case {
	return []Case{
		park("turbines-09-f", newest, 2, "interval=3s timeout=7s frame=600000b inline=1mb", "--limits-turbines 800 --limits-rate 150 --limits-raw 1024 --rate 50",
			"The table of limits grows to 800 rows of 1032 bytes within 15 s. It is below the inline threshold of 1 MiB and travels in the "+
				"acknowledgement of every subtask of the check, and a message may have 600 kB.").
			of("OversizedAck").until(Until{Expired: 4, Time: 120 * time.Second}),
		park("turbines-10-b", DefaultVersion, 2, "interval=3s timeout=7s", "--rate 50",
			"One gateway keeps 1.4 million registers in its union list. The list is a file, but the offset of each element, 8 bytes, is in the acknowledgement: "+
				"11.2 MB, and a message may have 10 MiB.").
			of("OversizedAck").sick(2, "gateway.registers=1400000 gateway.registers.at=1"),
	}
}

func turbineSources() []Case {
	return []Case{
		park("turbines-11-g", oldest, 3, "interval=3s timeout=8s", "--gateways 3",
			"The line of one gateway is silent: its source waits for the next frame and holds the checkpoint lock, for ever.").
			of("SourceBlocked").sick(2, "gateway.silent=1 gateway.silent.at=0"),
		park("turbines-12-a", newest, 3, "interval=3s timeout=8s", "",
			"The poll of one weather station is answered after 30 s, and the reader waits for it in the task's thread.").
			of("SourceBlocked").sick(2, "weather.news.ms=30000 weather.news.ms.at=1"),
	}
}

func turbineSyncPhases() []Case {
	return []Case{
		park("turbines-13-d", DefaultVersion, 2, "interval=3s timeout=7s", "--rate 80 --rounds 2",
			"One subtask solves for 4500 parameters when a checkpoint comes: 4500³/6 = 15e9 multiplications, 16 s and more: 2800 took 3.7 to 7 s (measured).").
			of("SlowSyncPhase").sick(2, "curve.fit=4500 curve.fit.at=0"),
		park("turbines-14-c", oldest, 3, "interval=3s timeout=7s backend=rocksdb", "--rate 80 --rounds 0",
			"The operator state of one subtask has 120 models of 1 MiB of text. To copy one it is packed anew, at some 10 MiB/s: 12 s.").
			of("SlowSyncPhase").sick(2, "curve.models=120 curve.models.at=2"),
	}
}

func turbineCoordinators() []Case {
	return []Case{
		park("turbines-15-h", oldest, 3, "interval=3s timeout=8s", "",
			"The catalogue of stations asks the agency in its snapshot, which answers after 11 s.").of("CoordinatorBlocked").
			sick(2, "weather.agency.ms=11000"),
		park("turbines-16-e", DefaultVersion, 4, "interval=3s timeout=7s", "",
			"Four readers renew their leases every second, and each takes the coordinator's thread 3.5 s: its queue grows by 13 s each second, and the "+
				"snapshot waits in it.").of("CoordinatorBlocked").twoHosts().sick(2, "weather.lease.ms=3500"),
	}
}

// turbinePressure was meant to be well: unaligned checkpoints overtake what waits, but not on the edges of a broadcast, which are always aligned.
func turbinePressure() []Case {
	return []Case{
		park("turbines-27-b", DefaultVersion, 2, "interval=4s timeout=10s unaligned=true", "--rate 400",
			"Each of two subtasks of the historian appends 180 readings a second, 5.5 ms each, where 400 come. Buffers hold 300 readings each; barriers "+
				"that may overtake them do, but those of the broadcast limits wait until the check has read what is before it.").
			of("Backpressure").lab("taskmanager.network.memory.buffer-debloat.enabled=true").sick(1, "historian.append.ms=5").until(Until{Time: 45 * time.Second}),
	}
}

// turbineFailures: few of these checkpoints expire.
func turbineFailures() []Case {
	mixed := park("turbines-20-b", DefaultVersion, 2, "interval=3s timeout=8s", "--rate 50", "One of two TaskManagers was upgraded to 2.2 before the rest.").
		of("FlinkVersionBug/VersionMismatch").twoHosts().untried().until(Until{Time: 50 * time.Second})
	mixed.LastVersion = newest
	return []Case{
		park("turbines-17-a", DefaultVersion, 2, "interval=3s timeout=8s", "--curve 1024",
			"The quota of the volume is used up: every file of a state is refused.").
			of("StorageFailure").sick(2, "vault.full=1").until(Until{Failed: 5, Time: 60 * time.Second}),
		park("turbines-18-g", newest, 3, "interval=3s timeout=8s backend=rocksdb", "--curve 512",
			"All subtasks store their state, but another writer holds the lease of the JobManager's metadata file.").
			of("StorageFailure").sick(2, "vault.manifest.locked=1").until(Until{Failed: 5, Time: 60 * time.Second}),
		park("turbines-19-d", newest, 2, "interval=5s timeout=10s", "--registry-patience-ms 3000",
			"The registry of assets answers after 20 s, the asynchronous operator gives up after 3: the job fails at every start before its first checkpoint.").
			of("TaskFailure").sick(1, "registry.ms=20000").until(Until{Time: 55 * time.Second}),
		mixed,
	}
}

func turbineOnsets() []Case {
	narrowing := park("turbines-21-f", DefaultVersion, 2, "interval=3s timeout=8s", "--rate 150 --raw 1200 --rounds 0",
		"The exchanges between two TaskManagers need some 7 Mbit/s; the link of one carries 24, then 12, 6, 3, 1.5 and 0.8.").
		of("NetworkLatency").twoHosts().grows().untried()
	for i, rate := range []string{"24mbit", "12mbit", "6mbit", "3mbit", "1500kbit", "800kbit"} {
		narrowing = narrowing.step(flinklocal.Step{Completed: min(2, 2-i), After: time.Duration(min(i, 1)) * 12 * time.Second,
			Link: &flinklocal.Link{Rate: rate, Burst: "64kbit", Queue: "900ms"}})
	}
	return []Case{
		narrowing,
		park("turbines-22-c", oldest, 1, "interval=2s timeout=9s backend=rocksdb", "--rate 90 --raw 20000 --hold 1 --gap-ms 60000 --rounds 0",
			"Sessions are held until a turbine has been silent for a minute, which none is: 90 readings of 20 KB a second stay, 1.8 MB. A host writes 11 MB/s, so "+
				"that full checkpoints take 9 s after 55 s, and are asked for every 2.").
			of("CheckpointPressure").grows().sick(0, "vault.host.kbps=11000").until(Until{Expired: 3, Time: 150 * time.Second}),
	}
}

func turbinesTwice() []Case {
	return []Case{
		park("turbines-23-e", DefaultVersion, 2, "interval=3s timeout=8s", "--rate 80",
			"1.4 million registers make the acknowledgement of one gateway 11.2 MB, more than a message may have; and a subtask of the power curve solves for "+
				"4500 parameters while it is snapshotted, which takes 16 s.").
			of("OversizedAck", "SlowSyncPhase").sick(2, "gateway.registers=1400000 gateway.registers.at=0 curve.fit=4500 curve.fit.at=1"),
		park("turbines-24-k", newest, 2, "interval=3s timeout=8s"+patientRPC, "--curve 16384 --rate 100",
			"A JobManager and a store in another region: acknowledgements travel 8.3 to 8.9 s, and 3.2 MB of curves a subtask take 10 s at 320 KiB/s.").
			of("SlowStateBackend", "NetworkLatency").twoHosts().untried().sick(3, "vault.kbps=320").
			step(flinklocal.Step{Completed: 3, Link: both(8600, 20, 300, 0)}),
	}
}

func turbinesWell() []Case {
	return []Case{
		park("turbines-25-a", newest, 1, "interval=3s timeout=10s", "--gateways 1",
			"The TaskManager was lost after two checkpoints; the job came back and has been well since.").
			step(flinklocal.Step{Completed: 2, KillTaskManager: true}).odd("a restart a while ago", 50*time.Second),
		park("turbines-26-h", DefaultVersion, 2, "interval=3s timeout=10s", "",
			"A map of 250 MiB of the heap of 448 is made anew at 60 MiB/s: an eighth of the time goes to the collector (measured), and most checkpoints take "+
				"less than half a second.").
			sick(1, "registry.tiles.mb=250 registry.tiles.fresh.mb=60").odd("garbage collection in the TaskManager", 40*time.Second),
		park("turbines-29-e", newest, 2, "interval=4s timeout=10s", "--rate 300 --raw 600 --rounds 0",
			"Each of two subtasks of the historian appends 180 readings a second, 5.5 ms each, where 300 come: back pressure up to the gateways. Buffers of 4 KiB "+
				"hold six readings, and there are few: some 600 readings are on their way, which takes 2 s of the 10 allowed.").
			lab(wideLab).sick(1, "historian.append.ms=5").odd("back pressure", 45*time.Second),
		park("turbines-28-g", oldest, 3, "interval=3s timeout=8s", "--curve 1024 --rounds 0",
			"The volume was full for 2 s, and one checkpoint was declined; a dozen have completed since.").
			sick(2, "vault.full=1").then(2500*time.Millisecond, "").odd("a declined checkpoint", 45*time.Second),
	}
}
