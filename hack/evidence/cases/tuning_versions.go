package cases

import (
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func tuningVersions() []Case {
	other := func(c flinklocal.Case, version string) flinklocal.Case {
		c.LastVersion = version
		return c
	}
	until := Until{Time: 60 * time.Second}
	unaligned := every10(keyUnaligned, "true")
	return []Case{
		{
			Case: other(job("version-older-taskmanager", 2, every10(), small,
				"The second TaskManager runs Flink 1.18, the JobManager 1.20: it never registers, and half of the tasks find no slot."), "1.18.1"),
			Causes: []string{"FlinkVersionBug/VersionMismatch"}, Until: until, NoRemedy: true,
		},
		{
			Case: other(job("version-newer-jobmanager", 4, every10(), small,
				"The second TaskManager runs Flink 1.20, the JobManager 2.2: it never registers, and half of the tasks find no slot."), "1.20.5"),
			Causes: []string{"FlinkVersionBug/VersionMismatch"}, Until: until, NoRemedy: true, Versions: []string{"2.2.1"},
		},
		{
			Case: ledger(job("known-issue-unaligned", 2, unaligned, "--sequence 1 --write-ms 40",
				"FLINK-37870: in 1.20.1 unaligned checkpoints have no effect with a sink of the newer kind. It takes 40 ms an entry; barriers wait in full buffers.")),
			Causes: []string{"FlinkVersionBug/KnownIssue"}, Until: Until{Expired: 4}, NoRemedy: true, Versions: []string{"1.20.1"},
		},
	}
}
