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
	mismatch := func(last, name, why string, versions ...string) Case {
		return Case{Case: other(job(name, 2, every10(), small, why), last), Causes: []string{"FlinkVersionBug/VersionMismatch"}, Until: until, NoRemedy: true, Versions: versions}
	}
	return []Case{
		mismatch("1.18.1", "version-older-taskmanager",
			"The second TaskManager runs Flink 1.18, the JobManager 1.20: it registers, and fails at each deployment, for it does not know a class that describes the job."),
		{
			Case: other(job("version-newer-jobmanager", 4, every10(), small,
				"The second TaskManager runs Flink 1.20, the JobManager 2.2: it never registers, and half of the tasks find no slot."), "1.20.5"),
			Causes: []string{"FlinkVersionBug/VersionMismatch"}, Until: until, NoRemedy: true, Versions: []string{"2.2.1"},
		},
		mismatch("1.17.2", "version-before-pekko",
			"The second TaskManager runs Flink 1.17, which speaks another protocol: it never registers.", "1.20.5", "1.18.1"),
		mismatch("2.0.0", "version-first-of-two",
			"The second TaskManager runs Flink 2.0. Under 1.20 it never registers; under 2.2 it does, and fails at each deployment.", "1.20.5", "2.2.1"),
		mismatch("1.20.5", "version-newer-taskmanager",
			"The second TaskManager runs Flink 1.20, the JobManager 1.18: it registers, and a field of what describes the job has another type there.", "1.18.1"),
		mismatch("2.2.1", "version-newest-taskmanager",
			"The second TaskManager runs Flink 2.2. Under 1.20 it never registers; under 2.0 it does, and fails at each deployment.", "2.0.0", "1.20.5"),
		{
			Case: other(job("odd-mixed-patch-releases", 2, every10(), small,
				"The second TaskManager runs 1.20.5, the JobManager 1.20.1: patch releases of one minor version understand one another."), "1.20.5"),
			Odd: "two versions of Flink run together", Until: until, Versions: []string{"1.20.1"},
		},
	}
}
