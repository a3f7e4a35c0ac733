package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// losesWay is a step after which so many packets of the last TaskManager are lost in one direction: "in" or "out".
func losesWay(completed int, share float64, way string) flinklocal.Step {
	s := lossy(completed, share)
	s.Link.Way = way
	return s
}

// amongThree is the case with three TaskManagers.
func amongThree(c flinklocal.Case) flinklocal.Case {
	c.TaskManagers = 3
	return c
}

// tuningLossy are lossy links of Flink 1.18, whose connections are as many, but whose checkpoints tell less.
func tuningLossy() []Case {
	all := advised(slices.Concat(lossyOneWay(), lossyBothWays())...)
	for i := range all {
		all[i].Causes, all[i].Versions = []string{"NetworkLatency"}, []string{"1.18.1"}
	}
	return all
}

// lossyOneWay lose packets to a TaskManager only.
func lossyOneWay() []Case {
	until := Until{Expired: 4, Time: 110 * time.Second}
	return []Case{
		{
			Case: stepped(shipments("older-loss-towards-one", 4, checkpointing("2s", "7s", keyBackend, "rocksdb"), "--rate 80 --keys 800 --entry-bytes 400 --message-bytes 400",
				"40 % of the packets that go to one of two TaskManagers are lost, and none that come from it: what is sent to it is sent again and again."), losesWay(4, 0.4, "in")),
			Until: until,
		},
	}
}

// tuningLossyOdd is a healthy job: packets that are lost on their way out are sent again at once, for the sender is told.
func tuningLossyOdd() []Case {
	return []Case{
		{
			Case: amongThree(stepped(orders("odd-loss-from-one-of-three", 6, strict(), "--rate 60 --keys 500 --entry-bytes 200 --message-bytes 600 --commit-ms 300",
				"40 % of the packets that one of three TaskManagers sends are lost, and sent again: checkpoints take half a second, and three at most, of 10 s."), losesWay(5, 0.4, "out"))),
			Odd: "some barriers come late over a lossy link", Until: Until{Time: 110 * time.Second}, Versions: []string{"1.18.1"},
		},
	}
}

// lossyBothWays lose packets to and from a TaskManager.
func lossyBothWays() []Case {
	until := Until{Expired: 4, Time: 110 * time.Second}
	return []Case{
		{
			Case: amongThree(stepped(appointments("older-loss-one-of-three", 3, checkpointing("2s", "6s"), "--rate 80 --keys 300 --entry-bytes 80 --message-bytes 300 --ask-capacity 50 --ask-ms 20",
				"30 % of the packets of one of three TaskManagers are lost, each way; each runs one subtask of each step."), lossy(5, 0.3))),
			Until: until,
		},
		{
			Case: stepped(traffic("older-loss-windows-strict", 5, checkpointing("3s", "6s", keyTolerable, "0"), "--rate 120 --keys 300 --time event --window-s 2 --message-bytes 500",
				"A third of the packets of one TaskManager are lost, each way: watermarks of five windows come late, and barriers with them. The job restarts at the first expired checkpoint."),
				lossy(4, 0.33)),
			Until: Until{Expired: 3, Time: 110 * time.Second},
		},
		{
			Case: stepped(orders("older-loss-much-data", 4, checkpointing("4s", "8s"), "--rate 150 --keys 2000 --entry-bytes 100 --message-bytes 3000 --inline-steps 2",
				"15 % of the packets of one TaskManager are lost, each way; 450 kB a second of each source share connections that stop for a fifth of a second and more with each loss: "+
					"orders queue, and barriers behind them."), lossy(4, 0.15)),
			Until: until,
		},
		{
			Case: stepped(job("older-loss-fifth-wide", 7, checkpointing("2s", "5s", keyUnaligned, "true"), tiny+" --payload-bytes 800",
				"22 % of the packets of one TaskManager are lost, each way; barriers pass what queues (unaligned), and are lost as other messages are. The timeout is 5 s."), lossy(5, 0.22)),
			Until: until,
		},
	}
}
