package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

// heldOutVersions: FLINK-37870 (1.20.1, 2.0.0) turns unaligned checkpoints off for every connection of a job with a two-phase sink, so that
// back pressure holds up barriers although the configuration says they overtake. And TaskManagers of another minor, which never work.
func heldOutVersions() []Case {
	mixed := func(name, job string, parallelism, managers int, version, last, why string) Case {
		c := held(name, job, parallelism, "interval=3s timeout=8s", "--keys 200 --rate 50", why).of("FlinkVersionBug/VersionMismatch").on(version).
			until(Until{Time: 50 * time.Second})
		c.TaskManagers, c.LastVersion, c.NoRemedy = managers, last, true
		return c
	}
	const unaligned = "interval=3s timeout=8s unaligned=true"
	return []Case{
		held("settlement-unaligned-has-no-effect", heldoutjobs.Orders, 2, unaligned, "--keys 3000 --rate 800 --body 40 --window-seconds 1",
			"Every row of the audit trail takes 12 ms, so barriers wait behind full buffers; unaligned ones would overtake, but for the bug.").
			of("FlinkVersionBug/KnownIssue", "Backpressure").on("1.20.1").sick(2, "audit.write.ms=12"),
		held("settlement-wide-unaligned-has-no-effect", heldoutjobs.Orders, 4, unaligned, "--keys 3000 --rate 500 --body 40 --window-seconds 1",
			"The same on Flink 2.0.0 with four subtasks and 15 ms a row.").
			of("FlinkVersionBug/KnownIssue", "Backpressure").on("2.0.0").sick(2, "audit.write.ms=15"),
		held("prices-unaligned-has-no-effect", heldoutjobs.Catalog, 3, unaligned, "--keys 300 --rate 800 --body 40",
			"The same in another job: every document takes 5 ms.").
			of("FlinkVersionBug/KnownIssue", "Backpressure").on("1.20.1").sick(2, "search.write.ms=5"),
		mixed("settlement-older-taskmanager", heldoutjobs.Orders, 4, 2, "1.20.5", "1.18.1", "One of two TaskManagers was left at 1.18: half of the slots are missing."),
		mixed("sessions-older-taskmanager", heldoutjobs.Sessions, 3, 3, "2.2.1", "1.20.5", "One of three TaskManagers was left at 1.20."),
		mixed("fleet-newer-taskmanager", heldoutjobs.Rules, 2, 2, "1.18.1", "1.20.5", "One of two TaskManagers was upgraded before the JobManager."),
	}
}
