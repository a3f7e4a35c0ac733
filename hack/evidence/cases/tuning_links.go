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

// tuningMixed are jobs all of whose TaskManagers are of another version than the JobManager.
func tuningMixed() []Case {
	other := func(version string, c flinklocal.Case) flinklocal.Case {
		c = single(c)
		c.LastVersion = version
		return c
	}
	until := Until{Time: 45 * time.Second}
	mixed := []string{"FlinkVersionBug/VersionMismatch"}
	return advised(
		Case{
			Case: other("2.0.0", shipments("version-all-older", 4, every10(), "--rate 100",
				"The one TaskManager runs Flink 2.0, the JobManager 2.2: it registers, and fails at each deployment.")),
			Causes: mixed, Until: until, Versions: []string{"2.2.1"},
		},
		Case{
			Case: other("1.18.1", orders("version-all-old", 2, every10(), "--rate 100",
				"The one TaskManager runs Flink 1.18, the JobManager 1.20: it registers, and fails at each deployment.")),
			Causes: mixed, Until: until,
		},
	)
}
