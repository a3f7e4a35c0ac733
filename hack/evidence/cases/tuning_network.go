package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// delayed is a step after which messages to the JobManager take so many milliseconds, and up to jitter more.
func delayed(completed int, stream string, ms, jitter float64) flinklocal.Step {
	return flinklocal.Step{Completed: completed, Link: &flinklocal.Link{RPC: []flinklocal.Toxic{
		{Type: "latency", Stream: stream, Attributes: map[string]float64{"latency": ms, "jitter": jitter}}}}}
}

func tuningNetwork() []Case {
	until := Until{Expired: 4, Time: 100 * time.Second}
	return []Case{
		{
			Case: stepped(job("network-delay", 2, checkpointing("2s", "5s", keyAsk, "60 s"), small,
				"Messages to the JobManager take 4.5 s and up to 2 s more: most acknowledgements come after the timeout of 5 s."), delayed(3, "upstream", 4500, 2000)),
			Causes: []string{"NetworkLatency"}, Until: until, Versions: []string{"1.18.1", "1.20.5"},
		},
		{
			Case: stepped(job("network-delay-strict", 2, checkpointing("2s", "5s", keyAsk, "60 s", keyTolerable, "0"), small,
				"The same in a job that restarts at the first expired checkpoint."), delayed(3, "upstream", 5500, 1000)),
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 2, Time: 110 * time.Second}, NoRemedy: true,
		},
		{
			Case: stepped(job("network-narrow", 2, every10(), small+" --payload-bytes 1000",
				"The link of one TaskManager carries 700 kbit/s: events fill it, and barriers wait behind them."),
				flinklocal.Step{Completed: 3, Link: &flinklocal.Link{Rate: "700kbit", Burst: "8k", Queue: "20s"}}),
			Causes: []string{"NetworkLatency"}, Until: until, Versions: []string{"2.2.1"}, NoRemedy: true,
		},
		{
			Case: stepped(job("network-loss", 4, every10(), small,
				"45 % of the packets of one TaskManager are lost, each way."), flinklocal.Step{Completed: 3, Link: &flinklocal.Link{Loss: 0.45}}),
			Causes: []string{"NetworkLatency"}, Until: until, NoRemedy: true,
		},
	}
}
