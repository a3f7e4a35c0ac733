package cases

import "time"

// tuningCharges are committers that take long now and then: in a task of their own, in the task of the source, and beside a store that is slow by turns.
func tuningCharges() []Case {
	commits := []string{"CommitBlocksTask"}
	return advised(
		Case{
			Case: bookings("commit-apart-now-and-then", 1, checkpointing("2s", "6s"), "--chain 0 --rate 50 --sink committing --charge-call socket --charge-call-ms 16000 --charge-every 4 --from-s 12",
				"Each operator is a task of one subtask, the committer too. Every fourth commit waits 16 s for a server, and the barrier that comes meanwhile waits behind it longer than the timeout of 6 s; the others commit in a moment."),
			Causes: commits, Until: Until{Expired: 4, Time: 120 * time.Second},
		},
		Case{
			Case: bookings("commit-in-source-task", 3, checkpointing("3s", "7s", keyUnaligned, "true"), "--rate 30 --sink committing --charge-call retry --charge-call-ms 13000 --charge-every 2 --charge-only 1 --from-s 12",
				"Source, step, writer and committer are one task. One of three tries every second commit again and again for 13 s: the next barrier cannot even begin there, and the timeout is 7 s."),
			Causes: commits, Until: Until{Expired: 4, Time: 120 * time.Second}, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stepped(bookings("two-apart-writes-and-commit", 1, checkpointing("2s", "8s"),
				"--chain 0 --shape stays --rate 100 --keys 40 --alarms 24000 --alarms-each 200 --sink committing --charge-call http --charge-call-ms 14000 --charge-every 2 --from-s 8",
				"Six MiB of timers of one task take 12 s at 500 KiB/s, for 20 s at a time; whenever storage is well, every second commit, in a task of its own, waits 14 s for a server. The timeout is 8 s."),
				alternating(4, 20*time.Second, 30*time.Second, 6, "write.kbps", "500")...),
			Causes: []string{"SlowStateBackend", "CommitBlocksTask"}, Until: Until{Expired: 6, Time: 140 * time.Second},
		},
	)
}

// tuningChargesOdd is a healthy job whose commits take long.
func tuningChargesOdd() []Case {
	return advised(
		Case{
			Case: bookings("odd-commits-within", 1, checkpointing("2s", "30s"), "--chain 0 --rate 40 --sink committing --charge-call http --charge-call-ms 9000",
				"Each commit, in a task of its own, waits 9 s for a server, from the first one on: the next barrier waits 7 s for it, of a timeout of 30 s."),
			Odd: "commits take nine seconds", Until: Until{Time: 90 * time.Second}, Every: 8 * time.Second,
		},
	)
}

// tuningDwindling are bandwidth, cores and room that get less, and keys that get more.
func tuningDwindling() []Case {
	all := advised(
		Case{
			Case: amongThree(stepped(traffic("dwindling-bandwidth", 3, checkpointing("2s", "8s", keyBackend, "rocksdb"), "--rate 160 --keys 400 --window-s 2 --message-bytes 900",
				"The link of one of three TaskManagers carries 4 Mbit/s, and less every 10 s, at last 150 kbit/s; some 0.8 Mbit/s of gauges want to pass each way."),
				narrowing(10*time.Second, 4, "4mbit", "2mbit", "1500kbit", "1200kbit", "1mbit", "900kbit", "800kbit", "700kbit", "600kbit", "500kbit", "400kbit", "300kbit", "200kbit", "150kbit")...)),
			Causes: []string{"NetworkLatency"}, Until: grows,
		},
		Case{
			Case: shipments("dwindling-room-of-one", 6, checkpointing("2s", "7s", keyUnaligned, "true", keyAlignedTimeout, "30 s"), "--rate 40 --keys 3000 --hot-share 0.8 --message-bytes 2000 --match-hot 1 --match-ms 9 --ramp-s 110 --from-s 12",
				"The share of one key rises from nothing to eight tenths of 480 scans and orders a second, which take 9 ms each once it is hot: its subtask comes to take fewer than come. Barriers may overtake what waits after 30 s only, and the timeout is 7 s."),
			Causes: []string{"DataSkew"}, Until: grows, Versions: []string{"2.2.1"},
		},
	)
	for i := range all {
		all[i].SlowOnset, all[i].Every = true, 12*time.Second
	}
	return all
}
