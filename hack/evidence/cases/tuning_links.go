package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningLinks are networks that carry messages too slowly, below the other topologies.
func tuningLinks() []Case {
	until := Until{Expired: 4, Time: 90 * time.Second}
	slow := []string{"NetworkLatency"}
	return advised(
		Case{
			Case: stepped(shipments("link-jitter-join", 8, checkpointing("2s", "5s", keyAsk, "60 s"), "--rate 100 --entry-bytes 200",
				"Messages of the JobManager take 3 s and up to 4 s more to TaskManagers: triggers come late, and many checkpoints miss the timeout of 5 s."),
				delayed(3, "downstream", 3000, 4000)),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stepped(traffic("link-narrow-windows", 4, every10(), "--rate 100 --keys 400 --window-s 1 --message-bytes 1500",
				"The link of one TaskManager carries 800 kbit/s; half of 200 events a second of 1500 bytes pass it, 1.2 Mbit/s: barriers wait behind them."),
				flinklocal.Step{Completed: 3, Link: &flinklocal.Link{Rate: "800kbit", Burst: "8k", Queue: "20s"}}),
			Causes: slow, Until: until,
		},
		Case{
			Case: stepped(orders("link-loss-wide", 12, every10(), "--rate 30 --entry-bytes 200",
				"45 % of the packets of one TaskManager are lost, each way; twelve subtasks of each step exchange with all others."),
				flinklocal.Step{Completed: 3, Link: &flinklocal.Link{Loss: 0.45}}),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stepped(shipments("link-few-bytes", 16, every8(keyAsk, "60 s"), "--rate 20 --entry-bytes 100",
				"All messages to the JobManager share 12 KB/s: 96 acknowledgements of one checkpoint and the heartbeats take longer than 8 s."),
				flinklocal.Step{Completed: 3, Link: &flinklocal.Link{RPC: []flinklocal.Toxic{
					{Type: "bandwidth", Stream: "upstream", Attributes: map[string]float64{"rate": 12}}}}}),
			Causes: slow, Until: until,
		},
	)
}

// tuningMixed are TaskManagers of another version than the JobManager's.
func tuningMixed() []Case {
	other := func(c flinklocal.Case, version string) flinklocal.Case {
		c.LastVersion = version
		return c
	}
	until := Until{Time: 45 * time.Second}
	mixed := []string{"FlinkVersionBug/VersionMismatch"}
	return advised(
		Case{
			Case:   other(single(orders("mixed-all-older-minor", 2, every10(), "--rate 100", "All TaskManagers run Flink 2.0, the JobManager 2.2.")), "2.0.0"),
			Causes: mixed, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case:   other(shipments("mixed-one-newer-major", 4, every10(), "--rate 100", "The second TaskManager runs Flink 2.0, the JobManager 1.20."), "2.0.0"),
			Causes: mixed, Until: until,
		},
		Case{
			Case:   other(job("mixed-one-newer-minor", 2, every10(), small, "The second TaskManager runs Flink 1.20.5, the JobManager 1.18."), "1.20.5"),
			Causes: mixed, Until: until, Versions: []string{"1.18.1"},
		},
		Case{
			Case:   other(single(orders("mixed-all-newer-patch", 2, every10(), "--rate 100", "All TaskManagers run Flink 1.20.5, the JobManager 1.20.1.")), "1.20.5"),
			Causes: mixed, Until: until, Versions: []string{"1.20.1"},
		},
		Case{
			Case:   other(job("mixed-one-older-minor", 4, every10(), small, "The second TaskManager runs Flink 1.17, the JobManager 1.18."), "1.17.2"),
			Causes: mixed, Until: until, Versions: []string{"1.18.1"},
		},
	)
}
