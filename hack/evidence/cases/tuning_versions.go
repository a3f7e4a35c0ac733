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
	}
}
