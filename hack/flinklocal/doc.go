// Package flinklocal runs a real Flink as processes on loopback, makes its checkpoints sick in a chosen way, and restarts it
// with another configuration from its last checkpoint, as the Flink operator does with a FlinkDeployment.
//
// The way through it:
//
//	dist, _ := flinklocal.Fetch(ctx, "1.20.5", logf)          // distribution, from the package index or a directory the user names
//	jars, _ := flinklocal.Build(ctx, dist, logf)              // the fault jobs and the delaying file system, compiled once
//	c, _ := flinklocal.New(ctx, flinklocal.Options{Dist: dist, Jars: jars, Case: theCase})
//	defer c.Close()
//	_ = c.Deploy(ctx, theCase.Spec("default", "orders", "1.20.5"))
//	_ = c.Restart(ctx, changedConfiguration)                  // the fault continues
//
// With Options.Mode Session or Application it is a standalone JobManager with high availability instead: ZooKeeper runs beside it, a restart
// ends the JobManager only, and the job is recovered by itself.
//
// Needs a JDK (11 or newer; javac compiles the jobs) and, for the download, Python's pip. Nothing listens on another address
// than 127.0.0.1, but where a case has a narrow or lossy link (Link.Rate, Link.Loss): then the JobManager listens on all addresses.
// Only processes started here are ever signalled, and they end with the context or with this process.
package flinklocal

// Logf receives one line of progress at a time, without a line end.
type Logf func(format string, args ...any)

func (l Logf) line(format string, args ...any) {
	if l != nil {
		l(format, args...)
	}
}
