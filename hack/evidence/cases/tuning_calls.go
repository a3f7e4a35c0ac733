package cases

// tuningCalls are calls of user code that take much longer than the timeout.
func tuningCalls() []Case {
	until := Until{Expired: 4}
	blocking := []string{"UserCodeBlocking"}
	return advised(
		Case{
			Case: orders("call-socket-chained", 4, every8(), "--rate 200 --parse-call socket --parse-call-ms 40000 --parse-only 1 --from-s 15",
				"The step behind one source, in the same task, reads 40 s from a socket on which no answer comes; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		Case{
			Case: shipments("call-http-all", 4, every8(), "--rate 100 --match-call http --match-call-ms 30000 --from-s 15",
				"Every scan asks a server that does not answer for 30 s, on all four subtasks: two scans a minute each; the timeout is 8 s."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: orders("call-lock-one", 8, every10(), "--rate 100 --risk-call lock --risk-call-ms 45000 --risk-only 3 --risk-every 200 --from-s 15",
				"One of eight subtasks waits 45 s for a lock that a rebuild of a table holds, with every 200th order; the timeout is 10 s."),
			Causes: blocking, Until: until,
		},
		Case{
			Case: orders("call-regex-one", 4, checkpointing("2s", "8s", keyBackend, "rocksdb"),
				"--rate 200 --entry-bytes 200 --risk-call regex --risk-call-ms 40000 --risk-only 2 --risk-every 100 --from-s 15",
				"One of four subtasks tries an expression on one order for 40 s, which backtracks: the stack is another each time, below the same "+
					"method of the job; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		Case{
			Case: shipments("call-sort-one", 2, every10(), "--rate 100 --match-call sort --match-call-ms 40000 --match-only 0 --match-every 100 --from-s 15",
				"One of two subtasks sorts for 40 s with one scan; the timeout is 10 s."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: shipments("call-future-wide", 16, checkpointing("4s", "8s"), "--rate 20 --match-call future --match-call-ms 25000 --from-s 15",
				"All sixteen subtasks wait 25 s for a future with each scan; the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		Case{
			Case: traffic("call-sink-side-output", 3, every10(), "--rate 100 --keys 200 --window-s 2 --alerts-call socket --alerts-call-ms 45000 --alerts-only 1 --from-s 15",
				"One of three sinks of the side output reads 45 s from a socket with each alert; the other sinks and their windows go on."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: orders("call-filter-strict", 2, strict(), "--rate 200 --valid-call future --valid-call-ms 40000 --valid-every 500 --from-s 15",
				"The second step behind both sources, in the same task, waits 40 s with every 500th order; the job restarts at the first expired checkpoint."),
			Causes: blocking, Until: Until{Expired: 3},
		},
	)
}

// tuningFirings are windows that fire together: to the task it is one element, or one timer, that takes minutes.
func tuningFirings() []Case {
	until := Until{Expired: 4}
	blocking := []string{"UserCodeBlocking"}
	return advised(
		Case{
			Case: traffic("firing-processing-time", 4, every8(keyBackend, "rocksdb"), "--rate 500 --keys 4000 --window-s 10 --window-ms 25 --from-s 15",
				"4000 gauges on four subtasks: at the end of each window 1000 windows fire one after the other in one timer, 25 ms each, 25 s in all; "+
					"the timeout is 8 s."),
			Causes: blocking, Until: until,
		},
		Case{
			Case: traffic("firing-event-time", 8, every8(), "--rate 100 --keys 2000 --time event --window-s 10 --window-ms 80 --window-only 1 --from-s 15",
				"2000 gauges on eight subtasks: when the watermark passes the end of a window 250 windows fire in one subtask, 80 ms each, 20 s in all; "+
					"the timeout is 8 s. The other seven fire at once."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: traffic("firing-one-window", 2, every10(), "--rate 100 --keys 50 --window-s 5 --window-call future --window-call-ms 45000 --window-hot 1 --from-s 15",
				"The window of one gauge of fifty waits 45 s for a future when it fires; the timeout is 10 s."),
			Causes: blocking, Until: until, Versions: []string{"2.2.1"},
		},
	)
}
