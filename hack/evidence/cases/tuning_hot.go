package cases

// tuningHot are jobs most of whose messages are of one key.
func tuningHot() []Case {
	until := Until{Expired: 4}
	skewed := []string{"DataSkew"}
	return advised(
		Case{
			Case: orders("hot-key-time", 8, every8(), "--rate 40 --keys 4000 --hot-share 0.8 --message-bytes 2500 --risk-hot 1 --risk-ms 10 --from-s 12",
				"256 of 320 orders a second have one key, and each of them takes 10 ms: its subtask takes 100 a second. Some thousand of them wait in "+
					"buffers before a barrier, 10 s against a timeout of 8 s; the other seven subtasks idle."),
			Causes: skewed, Until: until,
		},
		Case{
			Case: stored(orders("hot-key-bytes-rocksdb", 4, every10(keyBackend, "rocksdb"),
				"--rate 300 --keys 200 --hot-share 0.99 --entry-bytes 4096 --entries-per-key 3000 --message-bytes 20",
				"One key has 3000 entries of 4 KiB, 12 MiB, which take 17 s at 700 KiB/s; the other three subtasks hold half a MiB each. The timeout is 10 s."),
				2, "write.kbps", "700"),
			Causes: skewed, Until: until,
		},
		Case{
			Case: shipments("hot-key-join-wide", 16, every8(), "--rate 20 --keys 4000 --hot-share 0.7 --message-bytes 4000 --match-hot 1 --match-ms 12 --from-s 12",
				"224 of 320 scans a second are of one parcel, 12 ms each: one of sixteen subtasks takes 80 a second. Some thousand scans wait before a "+
					"barrier, 12 s against a timeout of 8 s."),
			Causes: skewed, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: orders("hot-keys-compute", 4, every8(), "--rate 200 --keys 3000 --hot-share 0.6 --message-bytes 600 --risk-hot 1 --risk-burn-us 4000 --from-s 12",
				"480 of 800 orders a second have one key and take 4 ms of computing each: its subtask takes 250 a second. Some 2500 wait "+
					"before a barrier, 10 s against a timeout of 8 s (with 2000 bytes an order, 4 s)."),
			Causes: skewed, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stored(orders("hot-key-slow-storage", 8, every8(), "--rate 40 --keys 4000 --hot-share 0.8 --message-bytes 2500 --entry-bytes 4096 --entries-per-key 3 --risk-hot 1 --risk-ms 10 --from-s 12",
				"One of eight subtasks takes 100 orders a second of one key where 256 come. Each holds up to 1 MiB, which takes 3 s at 300 KiB/s: storage is slow, and "+
					"alone it would leave 5 s of the timeout of 8 s."),
				3, "write.kbps", "300"),
			Causes: skewed, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stored(orders("hot-keys-bytes-wide", 16, every10(), "--rate 100 --keys 20000 --hot-share 0.99 --hot-keys 2 --entry-bytes 4096 --entries-per-key 1000 --message-bytes 20",
				"Two keys have 1000 entries of 4 KiB each, in one or two of sixteen subtasks: 4 MiB take 16 s at 250 KiB/s. The timeout is 10 s; the others hold little."),
				2, "write.kbps", "250"),
			Causes: skewed, Until: until,
		},
	)
}
