package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// losing are steps that lose each share of the last TaskManager's packets in turn, one every so long.
func losing(every time.Duration, onset int, shares ...float64) []flinklocal.Step {
	var steps []flinklocal.Step
	for i, share := range shares {
		s := flinklocal.Step{After: every, Link: &flinklocal.Link{Loss: share}}
		if i == 0 {
			s = lossy(onset, share)
		}
		steps = append(steps, s)
	}
	return steps
}

// narrowing are steps that leave the last TaskManager's link each rate in turn, one every so long.
func narrowing(every time.Duration, onset int, rates ...string) []flinklocal.Step {
	var steps []flinklocal.Step
	for i, rate := range rates {
		s := flinklocal.Step{After: every, Link: &flinklocal.Link{Rate: rate, Burst: "8k", Queue: "20s"}}
		if i == 0 {
			s.Completed, s.After = onset, 0
		}
		steps = append(steps, s)
	}
	return steps
}

// tuningOnsets are more faults that grow over two or three minutes: of state that grows, of windows, and between TaskManagers.
func tuningOnsets() []Case {
	all := advised(append(onsetsOfState(), onsetsAround()...)...)
	for i := range all {
		all[i].SlowOnset, all[i].Every = true, 14*time.Second
	}
	return all
}

// onsetsOfState are steps that take longer the more there is.
func onsetsOfState() []Case {
	return []Case{
		{
			Case: appointments("growing-visits", 2, checkpointing("3s", "6s", keyBackend, "rocksdb"), "--rate 100 --keys 20 --message-bytes 6000 --entry-bytes 100 --entry-us 60",
				"With each request all earlier visits of the patient are looked at, 60 us each: a patient has 170 after 17 s, from when on a subtask takes fewer than the 100 requests a second "+
					"that come, and some 700 after 150 s, 42 ms a request. Some 200 requests of 6 kB wait before each barrier."),
			Causes: []string{"Backpressure"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: appointments("growing-visits-even", 4, every8(), "--rate 50 --keys 400 --message-bytes 4000 --entry-bytes 100 --entry-us 600",
				"The same with 400 patients, so that all four subtasks get as many: a patient has one visit more every two seconds, 600 us each; after 67 s fewer requests are taken than the 50 a "+
					"second of each source."),
			Causes: []string{"Backpressure"}, Until: grows,
		},
		{
			Case: appointments("growing-reminders", 2, every8(), "--rate 50 --keys 40 --entry-bytes 50 --entry-us 1000 --remind-s 10",
				"Every ten seconds a timer of each of twenty patients of a subtask looks at all earlier visits, 1 ms each: 50 more in a second for all patients, 8 s of work in one firing after "+
					"160 s."),
			Causes: []string{"UserCodeBlocking"}, Until: grows,
		},
		{
			Case: appointments("growing-answer", 4, every10(), "--rate 50 --assign-call http --assign-call-ms 24000 --assign-only 3 --assign-every 100 --ramp-s 200 --from-s 12",
				"One of four subtasks asks a server with every 100th request, which answers an eighth of a second later with each second, up to 24 s: 10 s after 80 s."),
			Causes: []string{"UserCodeBlocking"}, Until: grows, Versions: []string{"1.18.1"},
		},
		{
			Case: traffic("growing-windows", 2, every8(), "--rate 150 --keys 200 --time event --window-s 1 --message-bytes 3000 --window-ms 60 --ramp-s 180 --from-s 12",
				"A hundred windows of a subtask fire with each second of event time, a third of a millisecond longer with each second, up to 60 ms: from 10 ms on they take more than that "+
					"second, and some 500 gauges of 3 kB wait before each barrier."),
			Causes: []string{"Backpressure"}, Until: grows,
		},
	}
}

// onsetsAround are a network that gets worse, and a JobManager with less and less CPU.
func onsetsAround() []Case {
	return []Case{
		{
			Case: stepped(job("growing-loss", 4, every10(), small, "One TaskManager loses a twentieth of its packets, each way, and more every 14 s, at last half of them."),
				losing(14*time.Second, 3, 0.05, 0.12, 0.18, 0.24, 0.29, 0.33, 0.37, 0.4, 0.43, 0.46, 0.49, 0.52)...),
			Causes: []string{"NetworkLatency"}, Until: grows, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(orders("growing-narrow", 2, every8(), "--rate 60 --entry-bytes 100 --message-bytes 1200",
				"The link of one TaskManager carries 3 Mbit/s, and less every 14 s, at last 200 kbit/s; some 0.6 Mbit/s want to pass each way."),
				narrowing(14*time.Second, 3, "3mbit", "2mbit", "1500kbit", "1200kbit", "1000kbit", "850kbit", "720kbit", "620kbit", "540kbit", "450kbit", "350kbit", "280kbit", "200kbit")...),
			Causes: []string{"NetworkLatency"}, Until: grows,
		},
		{
			Case: stepped(shipments("growing-short-jobmanager", 8, every8(), "--rate 20 --entry-bytes 100 --catalog-threads 24 --from-s 12",
				"Forty-eight busy threads of two enumerators and checkpointing of 48 subtasks share 0.8 of a core of the JobManager, and less every 14 s, at last a tenth of one."),
				starving(14*time.Second, 4, 0.8, 0.6, 0.45, 0.35, 0.28, 0.23, 0.19, 0.16, 0.13, 0.11, 0.1)...),
			Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3, Time: 180 * time.Second}, Alone: true, Versions: []string{"2.2.1"},
		},
	}
}
