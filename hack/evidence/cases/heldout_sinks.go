package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

func heldOutBackpressure() []Case {
	return []Case{
		held("settlement-slow-audit", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 300 --rate 800 --body 40",
			"Every row of the audit trail takes 25 ms; some 400 rows a second want to be written.").of("Backpressure").on(newest).sick(2, "audit.write.ms=25"),
		held("sessions-slow-click-log", heldoutjobs.Sessions, 4, "interval=3s timeout=8s", "--keys 500 --rate 500 --body 30",
			"The click log takes 12 ms a row: 80 rows a second and subtask where 1000 come.").of("Backpressure").sick(2, "clicklog.write.ms=12"),
		held("fleet-slow-lookups", heldoutjobs.Rules, 3, "interval=3s timeout=8s", "--keys 400 --rate 800 --body 40",
			"Every reading is looked up over HTTP, 20 ms each. Beside it the TaskManagers collect garbage, some 5 per cent of the time.").
			of("Backpressure").on(oldest).sick(2, "evaluate.http.ms=20 features.known.mb=80 features.refresh.mb=20"),
		held("catalogue-index-slows-down", heldoutjobs.Catalog, 2, "interval=3s timeout=10s", "--keys 500 --rate 500 --body 40",
			"The search index takes 1 ms a document and one more every six seconds; beyond 2 ms it cannot keep up.").
			of("Backpressure").grows().sick(2, "search.write.ms=1").
			then(10*time.Second, "search.write.ms=2").then(10*time.Second, "search.write.ms=3").then(12*time.Second, "search.write.ms=6").
			then(12*time.Second, "search.write.ms=12").then(12*time.Second, "search.write.ms=30").until(Until{Expired: 3, Time: 150 * time.Second}),
	}
}

func heldOutSinks() []Case {
	return []Case{
		held("settlement-ledger-flush", heldoutjobs.Orders, 2, "interval=3s timeout=8s", "--keys 600 --profile 512",
			"The ledger answers a flush after 10.5 s, before the barrier passes.").of("SinkFlush").on(newest).sick(2, "ledger.flush.ms=10500"),
		held("sessions-warehouse-stage", heldoutjobs.Sessions, 3, "interval=3s timeout=9s", "--keys 600 --profile 512",
			"The old-style sink writes its rows in snapshotState, which the warehouse answers after 12 s, for one subtask of three.").
			of("SinkFlush").sick(2, "warehouse.stage.ms=12000 warehouse.stage.ms.subtasks=1"),
		held("fleet-pager-requests", heldoutjobs.Rules, 4, "interval=2s timeout=8s", "--keys 400",
			"The pager's client has requests out that end after 11 s; the flush waits for all of them.").of("SinkFlush").on(oldest).sick(3, "pager.requests.ms=11000"),
		held("catalogue-index-never-answers", heldoutjobs.Catalog, 2, "interval=3s timeout=8s", "--keys 500",
			"The search index takes the request of a flush and never answers.").of("SinkFlush").sick(2, "search.flush.ms=-1"),
	}
}

func heldOutCommits() []Case {
	return []Case{
		held("settlement-ledger-commit", heldoutjobs.Orders, 2, "interval=2s timeout=8s", "--keys 600 --profile 512",
			"A commit takes 15 s in the thread of the task; the next checkpoint comes after 2 s and expires after 8.").
			of("CommitBlocksTask").sick(2, "ledger.commit.ms=15000"),
		held("rollup-report-publish", heldoutjobs.Rollup, 12, "interval=2s timeout=8s", "--rate 20 --keys 200 --sinks 2",
			"The old-style sink makes its files visible in notifyCheckpointComplete, which takes 14 s.").
			of("CommitBlocksTask").on(newest).lab(wideLab).sick(2, "report.publish.ms=14000"),
		held("fleet-pager-commit-one", heldoutjobs.Rules, 3, "interval=2s timeout=8s tolerable=1000", "--keys 400",
			"One of three committers waits 16 s for its answer.").of("CommitBlocksTask").on(oldest).
			sick(2, "pager.commit.ms=16000 pager.commit.ms.subtasks=1"),
		held("sessions-publish-grows", heldoutjobs.Sessions, 2, "interval=2s timeout=9s", "--keys 400",
			"Making files visible takes 220 ms longer every second, as where a table's history grows: the interval of 2 s after 9 s, 11 s after 50.").
			of("CommitBlocksTask").grows().sick(2, "clicklog.publish.ms=0+220/s").until(Until{Expired: 3, Time: 150 * time.Second}),
	}
}
