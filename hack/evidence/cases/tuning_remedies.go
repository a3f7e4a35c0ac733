package cases

import "time"

// tuningRemedies are made for what comes after the diagnosis: how large a remedy is, whether its restart is borne, and how it is judged.
func tuningRemedies() []Case {
	until := Until{Expired: 4}
	return []Case{
		{
			Case: stored(job("remedy-strict-store", 2, checkpointing("3s", "8s", keyTolerable, "0"), small,
				"4 MiB a subtask at 350 KiB/s take 11.7 s against a timeout of 8 s, and each expiry restarts the job: what would have sufficed is never seen."),
				3, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 3},
		},
		{
			Case: stored(job("remedy-throttled-store", 4, every10(), medium,
				"16 MiB a TaskManager at 400 KiB/s for all its streams together take 41 s, if nothing else is written: four times the timeout of 10 s."),
				3, "write.total.kbps", "400"),
			Causes: []string{"SlowStateBackend"}, Until: until,
		},
		{
			Case: stepped(job("remedy-far-jobmanager", 2, checkpointing("3s", "8s", keyAsk, "60 s"), small,
				"Messages to the JobManager take 9 s and up to 1 s more: acknowledgements come after the timeout of 8 s, and so does all that a restart needs."),
				delayed(3, "upstream", 9000, 1000)),
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 4, Time: 70 * time.Second},
		},
		{
			Case: stepped(job("remedy-near-jobmanager", 2, checkpointing("2s", "2s"), small,
				"Messages to the JobManager take 2.5 s: acknowledgements come after the timeout of 2 s. A slot needs 16 s at a restart, and is freed after 10 s."),
				delayed(3, "upstream", 2500, 100)),
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 4, Time: 60 * time.Second},
		},
		{
			Case: stored(job("remedy-store-and-commit", 2, every10(), small+" --commit-ms 32000 --from-s 12",
				"4 MiB a subtask at 350 KiB/s take 11.7 s against a timeout of 10 s; where one completes its commit blocks the sinks for 32 s, and the next expires."),
				2, "write.kbps", "350"),
			Causes: []string{"SlowStateBackend", "CommitBlocksTask"}, Until: until,
		},
	}
}
