package cases

import "time"

// tuningSlowSteps are steps that take some milliseconds with each of very many messages: no call is long, and barriers wait behind full buffers.
func tuningSlowSteps() []Case {
	until := Until{Expired: 4}
	slow := []string{"Backpressure"}
	return []Case{
		{
			Case: shipments("slow-sink-of-three", 4, every10(), "--rate 100 --message-bytes 500 --audit-ms 50 --from-s 12",
				"One of three sinks takes 50 ms a scan, 20 a second on each of four subtasks, where 100 come: the two others wait with it."),
			Causes: slow, Until: until,
		},
		{
			Case: traffic("slow-windows", 4, every10(), "--rate 500 --keys 400 --time event --window-s 1 --message-bytes 400 --window-ms 20 --from-s 12",
				"100 windows of a subtask fire with each second of event time, 20 ms each: 2 s of work. No firing lasts longer, and some 4000 gauges wait in "+
					"buffers before each barrier."),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: orders("slow-step-moderate", 8, every10(), "--rate 200 --keys 4000 --message-bytes 600 --risk-ms 6 --from-s 12",
				"Each order takes 6 ms: 150 a second on each of eight subtasks, where 200 come. Some 2000 orders before each barrier take 14 s (with 1500 bytes an order, 6 s)."),
			Causes: slow, Until: until,
		},
		{
			Case: orders("slow-step-half-the-timeout", 8, every10(), "--rate 200 --keys 4000 --message-bytes 1500 --risk-ms 6 --from-s 12",
				"Each order takes 6 ms: 150 a second on each of eight subtasks, where 200 come. Buffers are full, and the 850 orders in them take 5.7 s, each time: "+
					"more than half of the timeout, which is what at risk means, and nothing expires."),
			Causes: slow, Until: Until{Time: 150 * time.Second},
		},
		{
			Case: orders("slow-committing-sink", 2, every10(), "--rate 0 --message-bytes 1000 --sink-ms 30 --from-s 12",
				"A sink that commits takes 30 ms an order, 33 a second on each of two subtasks; sources are as fast as they can."),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: shipments("slow-join-strict", 6, strict(), "--rate 0 --message-bytes 800 --match-ms 10 --from-s 12",
				"Each scan takes 10 ms, 100 a second on each of six subtasks; the job restarts at the first expired checkpoint."),
			Causes: slow, Until: Until{Expired: 3},
		},
	}
}
