package cases

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// tuningHarmless are jobs that something else than what makes them sick is to be seen in, from before they are.
func tuningHarmless() []Case {
	return advised(slices.Concat(harmlessCommits(), harmlessLooks())...)
}

// harmlessCommits publish for a second or two, which the timeout has room for: what makes checkpoints expire is the network between TaskManagers.
func harmlessCommits() []Case {
	until := Until{Expired: 4, Time: 110 * time.Second}
	slow := []string{"NetworkLatency"}
	return []Case{
		{
			Case: stepped(orders("loss-and-short-commit", 4, every10(), "--rate 100 --entry-bytes 100 --commit-ms 1500",
				"45 % of the packets of one TaskManager are lost, each way. The committer publishes for 1.5 s after each checkpoint, as it did before."), lossy(4, 0.45)),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(appointments("loss-and-short-notice", 6, checkpointing("1s", "8s"), "--rate 60 --entry-bytes 100 --assign-complete future --assign-complete-ms 2000",
				"32 % of the packets of one TaskManager are lost, each way: some checkpoints complete still. All keyed functions wait 2 s for something of their own process after each that does, as they did before, "+
					"and the next one begins a second after it."), lossy(6, 0.32)),
			Causes: slow, Until: until,
		},
		{
			Case: stepped(job("loss-and-short-offsets", 3, checkpointing("1s", "8s"), small+" --offsets-ms 2000 --only-subtask 1",
				"36 % of the packets of one TaskManager are lost, each way: some checkpoints complete still. One of three sources tells its broker for 2 s after each that does, as it did before."),
				lossy(6, 0.36)),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(traffic("loss-third-windows", 4, every8(), "--rate 80 --keys 200 --window-s 2 --message-bytes 200",
				"A third of the packets of one TaskManager are lost, each way: windows wait for barriers from there, and some checkpoints complete."), lossy(4, 0.33)),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(orders("loss-third-committer", 4, checkpointing("2s", "8s"), "--rate 60 --entry-bytes 200 --commit-ms 1200",
				"35 % of the packets of one TaskManager are lost, each way. The committer publishes for 1.2 s after each checkpoint, as it did before."), lossy(5, 0.35)),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: stepped(job("loss-wide", 8, checkpointing("2s", "7s"), tiny+" --payload-bytes 200",
				"30 % of the packets of one TaskManager are lost, each way: of eight subtasks of each step now these, now those wait for barriers."), lossy(5, 0.3)),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: stepped(appointments("odd-some-loss", 4, checkpointing("3s", "20s"), "--rate 60 --entry-bytes 100 --diary-complete future --diary-complete-ms 800",
				"An eighth of the packets of one TaskManager are lost, each way: checkpoints take a second or two now and then, with 20 s of timeout."), lossy(3, 0.12)),
			Odd: "some barriers come late over a lossy link", Until: Until{Time: 75 * time.Second},
		},
		{
			Case: stepped(shipments("loss-third-join-strict", 3, strict(), "--rate 50 --keys 500 --entry-bytes 500",
				"36 % of the packets of one TaskManager are lost, each way; the job restarts at the first expired checkpoint."), lossy(4, 0.36)),
			Causes: slow, Until: Until{Expired: 3, Time: 110 * time.Second},
		},
		{
			Case: stepped(appointments("narrow-and-short-commit", 4, every10(), "--rate 80 --message-bytes 1500 --diary-complete future --diary-complete-ms 2000",
				"The link of one TaskManager carries 900 kbit/s where some 2 Mbit/s want to pass: barriers wait behind them. Sinks wait for 2 s after each checkpoint, as they did before."),
				flinklocal.Step{Completed: 4, Link: &flinklocal.Link{Rate: "900kbit", Burst: "8k", Queue: "20s"}}),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
	}
}

// harmlessLooks are one cause that looks like another.
func harmlessLooks() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: appointments("slow-step-fifth-of-second", 2, every10(), "--rate 30 --message-bytes 3000 --assign-ms 200 --from-s 12",
				"Each request takes 200 ms, five a second on each of two subtasks where 30 come: whoever looks at the stack sees it wait. Hundreds of them are before each barrier."),
			Causes: []string{"Backpressure"}, Until: until,
		},
		{
			Case: appointments("slow-answers", 4, every10(), "--rate 60 --message-bytes 3000 --ask-capacity 4 --ask-ms 400 --from-s 12",
				"Another system answers after 400 ms, and four questions of a subtask are in flight at once: ten a second, where 60 come. The task waits in its mailbox, as one without work."),
			Causes: []string{"Backpressure"}, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: appointments("call-under-pressure", 4, every10(), "--rate 120 --message-bytes 6000 --diary-ms 10 --diary-call http --diary-call-ms 40000 --diary-only 1 --diary-every 1500 --from-s 10",
				"Sinks take 100 appointments a second where 120 come, and barriers wait some 2 s behind them, all the time; one of four then asks a server for 40 s with every 1500th."),
			Causes: []string{"UserCodeBlocking"}, Until: Until{Expired: 5},
		},
		{
			Case: stepped(orders("cpu-short-hot-key", 4, every10(), "--rate 100 --keys 1000 --hot-share 0.5 --message-bytes 200 --risk-burn-us 1500",
				"One TaskManager has an eighth of a core; half of the orders have one key, which is no more than its subtask can take where CPU is enough: 200 a second of 1.5 ms."), strained(0.12)),
			Causes: []string{"TaskManagerPressure"}, Until: until, Alone: true, Versions: []string{"2.2.1"},
		},
	}
}
