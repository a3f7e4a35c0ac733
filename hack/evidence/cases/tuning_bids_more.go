package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningBidsMore are more faults that grow: of load and keys, and around the job.
func tuningBidsMore() []Case {
	all := advised(slices.Concat(moreLoad(), moreAround())...)
	for i := range all {
		all[i].SlowOnset, all[i].Every = true, 14*time.Second
	}
	return all
}

// moreLoad are keys, answers and windows that take longer.
func moreLoad() []Case {
	return []Case{
		{
			Case: bids("growing-share-of-joins", 4, every8(keyBackend, "rocksdb"),
				"--shape join --span-s 5 --bids-rate 10 --wins-rate 10 --campaigns 400 --bid-bytes 3000 --pair-us 200 --pair-every 50 --popular-from 0.1 --popular-to 0.9 --ramp-s 150 --from-s 12",
				"Each bid is compared with the wins of its campaign in five seconds, and each win with the bids: 8000 pairs a second at most, times the square of the share of the popular campaign. Its subtask manages some 3800, "+
					"which is a share of 0.7, after 110 s; the others have next to no pairs."),
			Causes: []string{"DataSkew"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stored(bids("growing-list-of-two-strict", 2, strict(), "--bids-rate 30 --seen-bytes 2048 --popular-from 0.1 --popular-to 0.9 --ramp-s 150 --from-s 10",
				"A list of the bids of one campaign, whose share rises from a tenth to nine tenths of 60 a second: 5 MiB after 110 s, which take 10 s at 500 KiB/s. The other of two subtasks holds "+
					"some kilobytes. The job restarts at the first expired checkpoint."),
				3, "write.kbps", "500"),
			Causes: []string{"DataSkew"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: appointments("growing-questions", 3, every8(), "--rate 25 --message-bytes 5000 --ask-capacity 6 --ask-ms 1000 --ramp-s 180 --from-s 12",
				"Another system is asked six questions of a subtask at once and answers later and later, up to after a second: from a quarter of a second on it answers fewer than the 25 a second that "+
					"come. The task waits in its mailbox meanwhile."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: bids("growing-session-sums", 7, every8(keyTolerable, "0"), "--shape session --span-s 2 --bids-rate 20 --campaigns 2000 --bid-bytes 2500 --spend-ms 90 --ramp-s 180 --from-s 12",
				"Each bid takes half a millisecond longer with each second when it comes into its session, up to 90 ms: from 50 ms on seven subtasks take fewer than the 20 a second that come to each. The job "+
					"restarts at the first expired checkpoint."),
			Causes: []string{"Backpressure"}, Until: grows,
		},
	}
}

// squeezing are steps that leave all messages to the JobManager each number of KB/s in turn, one every so long.
func squeezing(every time.Duration, onset int, rates ...float64) []flinklocal.Step {
	steps := lagging(every, onset, rates...)
	for i, rate := range rates {
		steps[i].Link.RPC[0] = flinklocal.Toxic{Type: "bandwidth", Stream: "upstream", Attributes: map[string]float64{"rate": rate}}
	}
	return steps
}

// moreAround are links and a store that get worse.
func moreAround() []Case {
	return []Case{
		{
			Case: stepped(shipments("growing-few-bytes", 7, checkpointing("2s", "8s", keyAsk, "60 s"), "--rate 20 --entry-bytes 100",
				"All messages to the JobManager share 60 KB/s, and less every 13 s, at last 4: 42 acknowledgements and the heartbeats take longer and longer."),
				squeezing(13*time.Second, 4, 60, 40, 30, 24, 20, 17, 14, 12, 10, 8, 7, 6, 5, 4)...),
			Causes: []string{"NetworkLatency"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(traffic("growing-delay-strict", 5, checkpointing("2s", "6s", keyAsk, "60 s", keyTolerable, "0"), "--rate 60 --keys 300 --window-s 3",
				"Messages to the JobManager take 0.2 s, and 0.4 s more every 13 s: acknowledgements come after the timeout of 6 s at last, and the job restarts."),
				lagging(13*time.Second, 4, 200, 600, 1000, 1400, 1900, 2400, 2900, 3400, 3900, 4500, 5100, 5700, 6500, 7500)...),
			Causes: []string{"NetworkLatency"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(bids("growing-loss-unaligned", 4, checkpointing("2s", "6s", keyUnaligned, "true"), "--bids-rate 60 --campaigns 400 --bid-bytes 500 --last-bytes 200",
				"One TaskManager loses a tenth of its packets, each way, and more every 13 s, at last half of them; barriers need not wait behind data, but are lost as it is."),
				losing(13*time.Second, 4, 0.1, 0.14, 0.17, 0.2, 0.23, 0.26, 0.29, 0.32, 0.35, 0.38, 0.41, 0.44, 0.47, 0.5)...),
			Causes: []string{"NetworkLatency"}, Until: grows,
		},
		{
			Case: stepped(bids("growing-create-strict", 2, strict(keyBackend, "rocksdb", keyIncremental, "true"), "--bids-rate 100 --campaigns 2000 --last-bytes 600",
				"Files take 0.2 s to be created, and longer every 13 s, at last 6 s, and a subtask makes several one after the other. The job restarts at the first expired checkpoint."),
				growing(13*time.Second, 4, "create.ms", "200", "400", "650", "900", "1200", "1500", "1900", "2300", "2800", "3400", "4200", "5200", "6500")...),
			Causes: []string{"SlowStateBackend"}, Until: grows,
		},
	}
}

// tuningLossyMore are lossy links again, where barriers may overtake what waits.
func tuningLossyMore() []Case {
	until := Until{Expired: 4, Time: 110 * time.Second}
	slow := []string{"NetworkLatency"}
	return advised(
		Case{
			Case: stepped(bids("older-loss-unaligned-strict", 5, checkpointing("2s", "6s", keyUnaligned, "true", keyTolerable, "0", keyBackend, "rocksdb"),
				"--bids-rate 50 --campaigns 600 --bid-bytes 700 --last-bytes 900",
				"26 % of the packets of one TaskManager are lost, each way; barriers overtake what waits (unaligned), and the job restarts at the first expired checkpoint."), lossy(5, 0.26)),
			Causes: slow, Until: Until{Expired: 3, Time: 110 * time.Second}, Versions: []string{"1.18.1"},
		},
		Case{
			Case: amongThree(stepped(bids("loss-unaligned-of-three", 6, checkpointing("3s", "7s", keyUnaligned, "true", keyAlignedTimeout, "2 s"), "--shape session --span-s 2 --bids-rate 40 --campaigns 600 --bid-bytes 900",
				"36 % of the packets that go to one of three TaskManagers are lost, and none that come from it; barriers overtake what waits after two seconds."), losesWay(4, 0.36, "in"))),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
	)
}

// tuningBidsOddMore is a healthy job one of whose steps takes seconds now and then.
func tuningBidsOddMore() []Case {
	return []Case{
		{
			Case: bids("odd-call-now-and-then", 7, checkpointing("3s", "25s"), "--bids-rate 15 --bid-bytes 300 --price-call http --price-call-ms 4000 --price-every 900 --price-only 3 --from-s 15",
				"One of seven tasks that set prices waits 4 s for a server with every 900th bid, once a minute: a checkpoint that meets it takes as long, of a timeout of 25 s, and the next one a tenth of a second."),
			Odd: "one checkpoint waits seconds for one subtask", Until: Until{Time: 100 * time.Second}, Every: 4 * time.Second, Versions: []string{"1.18.1"},
		},
	}
}
