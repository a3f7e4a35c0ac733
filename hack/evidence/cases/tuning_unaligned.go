package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningUnaligned are jobs whose barriers may overtake what waits, at once or after a while: their asynchronous parts last until the last barrier has come.
func tuningUnaligned() []Case {
	onsets := unalignedOnsets()
	for i := range onsets {
		onsets[i].SlowOnset, onsets[i].Every = true, 14*time.Second
	}
	return advised(slices.Concat(onsets, unalignedFaults())...)
}

func unalignedOnsets() []Case {
	return []Case{
		{
			Case: bids("growing-unaligned-buckets", 3, every8(keyBackend, "rocksdb", keyUnaligned, "true", keyAlignedTimeout, "20 s"),
				"--shape join --span-s 900 --bids-rate 25 --wins-rate 25 --campaigns 100 --bid-bytes 1500 --pair-us 250 --pair-every 30",
				"Each bid is compared with all wins of its campaign of the last quarter of an hour, and each win with all bids: 112 pairs a second more with each second, and three subtasks manage some 9000: after 80 s. Barriers may "+
					"overtake what waits after 20 s, and the timeout is 8 s."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(sized(bids("growing-unaligned-disk", 4, every8(keyUnaligned, "true"), "--bids-rate 200 --campaigns 5000 --last-bytes 3000 --bid-bytes 100",
				"7 MiB on each of two TaskManagers are written at 16 MiB/s, and slower every 13 s, at last at 0.7 MiB/s; barriers overtake what waits, and nothing does."), map[string]string{keyTaskHeap: "384m"}),
				growing(13*time.Second, 4, "write.total.kbps", "16000", "9000", "6000", "4500", "3600", "3000", "2500", "2100", "1800", "1500", "1200", "900", "700")...),
			Causes: []string{"SlowStateBackend"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: bids("growing-tiny-rows", 3, every8(), "--bids-rate 14 --bid-bytes 8 --profile-ms 160 --ramp-s 150 --from-s 12",
				"Each of 14 bids a second takes a millisecond longer with each second, up to 160 ms: from 71 ms on they wait. Some hundred bids of a few bytes fit into the buffers of the subtask that takes them: "+
					"nothing before it is ever held up."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"1.18.1"},
		},
	}
}

func unalignedFaults() []Case {
	until := Until{Expired: 4, Time: 100 * time.Second}
	return []Case{
		{
			Case: stored(bids("unaligned-slow-storage", 3, every8(keyUnaligned, "true", keyBackend, "rocksdb"), "--bids-rate 300 --campaigns 3000 --last-bytes 4096 --bid-bytes 60",
				"4 MiB a subtask take 13 s at 300 KiB/s, of a timeout of 8 s; no barrier waits."), 4, "write.kbps", "300"),
			Causes: []string{"SlowStateBackend"}, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: bids("unaligned-hot-share", 5, every8(keyUnaligned, "true", keyAlignedTimeout, "30 s"), "--bids-rate 50 --bid-bytes 800 --profile-ms 6 --popular-from 0.85 --from-s 12",
				"Nine in ten of 250 bids a second have one campaign and take 6 ms each: its subtask takes 160 a second. Barriers may overtake what waits after 30 s, and the timeout is 8 s."),
			Causes: []string{"DataSkew"}, Until: Until{Expired: 4},
		},
		{
			Case: stepped(bids("unaligned-narrow", 4, every8(keyUnaligned, "true"), "--shape session --span-s 2 --bids-rate 90 --campaigns 700 --bid-bytes 1500",
				"The link of one TaskManager carries 500 kbit/s where some 2 Mbit/s want to pass each way: barriers overtake what waits in tasks, and not what is on its way."),
				flinklocal.Step{Completed: 4, Link: &flinklocal.Link{Rate: "500kbit", Burst: "8k", Queue: "30s"}}),
			Causes: []string{"NetworkLatency"}, Until: until,
		},
	}
}

// tuningFewRows are subtasks that come to have more rows of a few bytes than they take: nothing before them is held up.
func tuningFewRows() []Case {
	return advised(
		Case{
			Case: bids("few-rows-hot", 7, every8(), "--bids-rate 12 --bid-bytes 8 --profile-ms 20 --popular-from 0.85 --from-s 15",
				"Six in seven of 84 bids a second have one campaign and take 20 ms each: its subtask takes 48 a second, and some hundred bids of a few bytes wait in its own buffers."),
			Causes: []string{"DataSkew"}, Until: Until{Expired: 4}, Versions: []string{"2.2.1"},
		},
		Case{
			Case: traffic("few-rows-sink", 5, every10(), "--rate 30 --keys 60 --time event --window-s 2 --archive-ms 260 --from-s 15",
				"Thirty summaries a second go to five sinks, 260 ms each: they take 19, and some forty wait before each barrier after ten seconds; they have 40 bytes each."),
			Causes: []string{"Backpressure"}, Until: Until{Expired: 4},
		},
	)
}

// tuningUnalignedOdd are healthy jobs whose asynchronous parts take seconds.
func tuningUnalignedOdd() []Case {
	return []Case{
		{
			Case: bids("odd-unaligned-long-parts", 3, checkpointing("4s", "90s", keyUnaligned, "true", keyAlignedTimeout, "3 s"), "--bids-rate 120 --bid-bytes 900 --batch 5 --batch-ms 60 --from-s 5",
				"Sinks take 83 bids a second where 120 come, and all buffers are full; barriers overtake what waits after 3 s, and checkpoints take four to six, of a timeout of 90 s."),
			Odd: "back pressure is high, and asynchronous parts take seconds", Until: Until{Time: 80 * time.Second}, Versions: []string{"1.20.5"},
		},
		{
			Case: stepped(bids("odd-cpu-unaligned", 4, every8(keyUnaligned, "true"), "--bids-rate 150 --bid-bytes 200 --decode-burn-us 800 --profile-burn-us 800",
				"One of two TaskManagers has a tenth of a core and takes fewer than the 150 bids a second of each source, but barriers overtake what waits: checkpoints take half a second, of a timeout of 8 s."), strained(0.1)),
			Odd: "a TaskManager is at its CPU limit and back pressure is high", Until: Until{Time: 100 * time.Second}, Versions: []string{"1.18.1"}, Alone: true,
		},
		{
			Case: stepped(bids("odd-unaligned-some-loss", 5, checkpointing("3s", "40s", keyUnaligned, "true"), "--bids-rate 40 --campaigns 300 --bid-bytes 500 --last-bytes 200",
				"15 % of the packets of one TaskManager are lost, each way: barriers and what they overtake come a second late now and then, of a timeout of 40 s."), lossy(4, 0.15)),
			Odd: "asynchronous parts take a second now and then", Until: Until{Time: 80 * time.Second}, Versions: []string{"1.18.1"},
		},
	}
}
