package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// bids is a source with shards, and by campaign a profile, a join by time, or windows; a price, and a sink of batches.
func bids(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return shaped(job(name, parallelism, conf, args, why), faultjobs.BidsMain)
}

// returns is a join in SQL that forgets nothing.
func returns(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	c := sales(name, parallelism, conf, args, why)
	c.EntryClass = faultjobs.ReturnsMain
	return c
}

// tuningBids are faults that grow over two minutes or more, of load, of keys, of state, and of what is around the job.
func tuningBids() []Case {
	all := advised(slices.Concat(bidsSkewed(), bidsPressed(), bidsAround(), bidsLarger())...)
	for i := range all {
		all[i].SlowOnset, all[i].Every = true, 14*time.Second
	}
	return all
}

// bidsSkewed are campaigns whose share rises from a tenth to nine tenths.
func bidsSkewed() []Case {
	skewed := []string{"DataSkew"}
	return []Case{
		{
			Case: bids("growing-share-of-two", 2, every8(), "--bids-rate 150 --bid-bytes 300 --profile-ms 5 --popular-from 0.1 --popular-to 0.95 --ramp-s 120 --from-s 12",
				"300 bids a second take 5 ms each, three quarters of two subtasks' time. The share of one campaign rises from 0.1 to 0.95 in two minutes: above a third its subtask takes fewer "+
					"than come, and some thousand wait."),
			Causes: skewed, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: stored(bids("growing-list-of-seven", 7, every10(keyBackend, "rocksdb"),
				"--bids-rate 7 --seen-bytes 4096 --popular-from 0.1 --popular-to 0.9 --ramp-s 120 --from-s 10",
				"A list of the bids of one campaign, whose share rises from a tenth to nine tenths of 49 a second: 6 MiB after 80 s, which take 10 s at 600 KiB/s. The other six subtasks hold some kilobytes."),
				2, "write.kbps", "600"),
			Causes: skewed, Until: grows,
		},
		{
			Case: bids("growing-share-of-windows", 4, every10(keyTolerable, "0"), "--shape window --span-s 4 --bids-rate 90 --bid-bytes 400 --spend-ms 3 --popular-from 0.1 --popular-to 0.9 --ramp-s 140 --from-s 12",
				"Each of 360 bids a second comes into two sliding windows, 3 ms each: 2.2 s of four subtasks' time in a second. The share of one campaign rises to nine tenths in 140 s, and from four "+
					"tenths on its subtask takes fewer than come. The job restarts at the first expired checkpoint."),
			Causes: skewed, Until: grows, Versions: []string{"2.2.1"},
		},
	}
}

// bidsPressed are steps that come to take fewer than come.
func bidsPressed() []Case {
	pressed := []string{"Backpressure"}
	return []Case{
		{
			Case: bids("growing-buckets", 3, every8(keyBackend, "rocksdb"), "--shape join --span-s 600 --bids-rate 40 --wins-rate 40 --campaigns 60 --bid-bytes 900 --pair-us 250 --pair-every 20",
				"Each bid is compared with all wins of its campaign of the last ten minutes, and each win with all bids: 120 a second of each come for 60 campaigns, so that there are two more of each campaign with each "+
					"second. After 50 s that is 24,000 pairs a second, and three subtasks manage some 10,000."),
			Causes: pressed, Until: grows,
		},
		{
			Case: bids("growing-batches", 5, every8(keyUnaligned, "true", keyAlignedTimeout, "60 s"), "--bids-rate 30 --bid-bytes 700 --batch 10 --batch-ms 60 --batch-more-ms 900 --ramp-s 180 --from-s 12",
				"Sinks send ten bids in 60 ms, and 5 ms longer with each second: from 330 ms on they take less than 150 bids a second. Barriers may overtake what waits (unaligned) after a minute only, and "+
					"the timeout is 8 s."),
			Causes: pressed, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: bids("growing-rate", 2, every8(), "--bids-rate 60 --swell 4 --bid-bytes 500 --price-ms 8 --ramp-s 150 --from-s 12",
				"60 bids a second of each source become 240 in two and a half minutes, and two tasks that set prices take 8 ms each, 125 a second."),
			Causes: pressed, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: returns("growing-sql-join", 2, every8(), "--rate 40 --kiosks 50 --fee-us 450",
				"Each sale is joined with all returns of its kiosk so far, and each return with all sales: 64 pairs a second more with each second, and two subtasks manage some 4000 a second: after a minute."),
			Causes: pressed, Until: grows,
		},
	}
}

// bidsAround are links and a JobManager that get worse.
func bidsAround() []Case {
	return []Case{
		{
			Case: stepped(bids("growing-narrow-of-sessions", 4, every8(), "--shape session --span-s 3 --bids-rate 60 --campaigns 900 --bid-bytes 1200",
				"The link of one TaskManager carries 4 Mbit/s, and less every 13 s, at last 250 kbit/s; some 1.2 Mbit/s want to pass each way."),
				narrowing(13*time.Second, 3, "4mbit", "2500kbit", "2mbit", "1700kbit", "1400kbit", "1200kbit", "1050kbit", "900kbit", "800kbit", "700kbit", "600kbit", "450kbit", "350kbit", "250kbit")...),
			Causes: []string{"NetworkLatency"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(bids("growing-way-back", 7, checkpointing("2s", "7s", keyAsk, "60 s"), "--bids-rate 20 --bid-bytes 100",
				"Messages of the JobManager take 0.3 s to TaskManagers, and half a second more every 13 s: tasks are triggered later and later, at last after the timeout of 7 s."),
				returning(13*time.Second, 3, 300, 800, 1400, 2000, 2600, 3200, 3900, 4600, 5400, 6200, 7200, 8500)...),
			Causes: []string{"NetworkLatency"}, Until: grows,
		},
		{
			Case: amongThree(stepped(bids("growing-loss-of-three", 3, checkpointing("2s", "7s"), "--shape join --span-s 5 --bids-rate 40 --wins-rate 20 --campaigns 300 --bid-bytes 300",
				"One of three TaskManagers loses a twelfth of its packets, each way, and more every 13 s, at last half of them."),
				losing(13*time.Second, 4, 0.08, 0.13, 0.17, 0.2, 0.23, 0.26, 0.29, 0.32, 0.35, 0.38, 0.41, 0.44, 0.47, 0.5)...)),
			Causes: []string{"NetworkLatency"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(job("growing-jobmanager-cpu-older", 5, checkpointing("2s", "8s"), tiny+" --jm-spin-threads 30 --from-s 12",
				"Thirty busy threads and checkpointing share 0.7 of a core of the JobManager, and less every 13 s, at last a tenth of one."),
				starving(13*time.Second, 4, 0.7, 0.5, 0.38, 0.3, 0.25, 0.21, 0.18, 0.16, 0.14, 0.12, 0.1)...),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 170 * time.Second}, Alone: true, Versions: []string{"1.18.1"},
		},
	}
}

// bidsLarger are a state that grows, and a store that gets slower.
func bidsLarger() []Case {
	return []Case{
		{
			Case: stored(sized(bids("growing-full-rocksdb", 4, checkpointing("1s", "8s", keyConcurrent, "4", keyBackend, "rocksdb"), "--bids-rate 12 --campaigns 4000 --listed -1 --seen-bytes 12288 --bid-bytes 40",
				"0.6 MiB a second are added to the state, and all of it is written each second, four at a time, over 10 MiB/s of each TaskManager: more than that is asked for after 40 s, and 20 MiB, which "+
					"four at a time take 8 s each, are there after 70 s."),
				map[string]string{keyTaskHeap: "512m"}), 0, "write.total.kbps", "10000"),
			Causes: []string{"CheckpointPressure"}, Until: grows,
		},
		{
			Case: stored(sized(bids("growing-heap-short-interval", 3, checkpointing("500ms", "10s", keyConcurrent, "6"), "--bids-rate 30 --campaigns 3000 --listed -1 --seen-bytes 8192 --bid-bytes 40",
				"0.7 MiB a second are added to the state on the heap, and all of it is written twice a second, six at a time, over 12 MiB/s of each TaskManager: 24 MiB/s are asked for once there are 12 MiB on it."),
				map[string]string{keyTaskHeap: "640m"}), 0, "write.total.kbps", "12000"),
			Causes: []string{"CheckpointPressure"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(bids("growing-close", 3, every10(), "--shape window --span-s 20 --bids-rate 80 --campaigns 900 --bid-bytes 200",
				"Files take 0.3 s to close, and longer every 12 s, at last 11 s; a subtask closes one or two after the other."),
				growing(12*time.Second, 3, "close.ms", "300", "800", "1300", "1900", "2500", "3200", "3900", "4700", "5600", "6600", "8000", "11000")...),
			Causes: []string{"SlowStateBackend"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(sized(bids("growing-share-of-disk", 5, every8(keyBackend, "rocksdb"), "--bids-rate 200 --campaigns 6000 --last-bytes 3000",
				"6 MiB on each of two TaskManagers are written at 20 MiB/s, and slower every 13 s, at last at 0.6 MiB/s."), map[string]string{keyTaskHeap: "384m"}),
				growing(13*time.Second, 4, "write.total.kbps", "20000", "9000", "6000", "4500", "3600", "3000", "2500", "2100", "1800", "1500", "1200", "900", "600")...),
			Causes: []string{"SlowStateBackend"}, Until: grows, Versions: []string{"1.18.1"},
		},
	}
}

// returning are steps that delay messages of the JobManager by each number of milliseconds in turn, one every so long.
func returning(every time.Duration, onset int, ms ...float64) []flinklocal.Step {
	steps := lagging(every, onset, ms...)
	for i := range steps {
		steps[i].Link.RPC[0].Stream = "downstream"
	}
	return steps
}

// tuningBidsOdd are healthy loads that swell.
func tuningBidsOdd() []Case {
	return []Case{
		{
			Case: bids("odd-load-doubles", 4, every8(), "--bids-rate 60 --swell 2 --bid-bytes 500 --price-ms 3 --from-s 25 --until-s 85",
				"60 bids a second of each source become 120 for a minute, and the tasks that set prices, which take 3 ms each, keep up: busy a half for that minute."),
			Odd: "the load doubles for a minute", Until: Until{Time: 105 * time.Second}, Every: 9 * time.Second, Versions: []string{"2.2.1"},
		},
		{
			Case: bids("odd-share-settles", 5, every8(keyBackend, "rocksdb"), "--shape window --span-s 4 --bids-rate 40 --bid-bytes 400 --spend-ms 2 --popular-from 0.1 --popular-to 0.7 --ramp-s 60 --from-s 12",
				"The share of one campaign rises from a tenth to seven tenths of 200 bids a second, twice 2 ms each: its subtask is then busy six tenths of the time, and keeps up."),
			Odd: "one subtask comes to do most of the work", Until: Until{Time: 100 * time.Second}, Every: 10 * time.Second, Versions: []string{"1.18.1"},
		},
	}
}

// tuningSkewedPressure is a checkpoint that begins faster than the largest subtask's part can be written.
func tuningSkewedPressure() []Case {
	return advised(
		Case{
			Case: stored(sized(bids("pressure-skewed-state", 3, checkpointing("2s", "9s", keyConcurrent, "4"),
				"--bids-rate 200 --campaigns 3000 --popular-from 0.6 --seen-bytes 8192 --seen-most 2600 --last-bytes 2500",
				"The list of one campaign has 20 MiB, the other subtasks have 2.5 MiB each. The disk of its TaskManager takes 6 MiB/s: one checkpoint needs 3.6 s, less than half of the timeout, but begins every "+
					"2 s, four at a time."),
				map[string]string{keyTaskHeap: "768m"}), 0, "write.total.kbps", "6000"),
			Causes: []string{"CheckpointPressure"}, Until: Until{Expired: 4}, Versions: []string{"1.18.1"},
		},
	)
}
