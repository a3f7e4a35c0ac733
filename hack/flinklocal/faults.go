package flinklocal

import (
	"io/fs"
	"time"
)

// Java is a tree of Java sources that Build makes one jar of, against the jars of the distribution it runs on.
type Java struct {
	Name    string // of the jar, such as "pipeline.jar"
	Sources fs.FS
	Dir     string // root of the tree within Sources
	// More are further trees that one Flink version (three numbers) needs beside Dir, for what versions do not have in common; nil = none.
	More    func(version string) []string
	Main    string // entry class of a job, for the manifest; "" in a plugin
	Factory string // file system factory of a plugin, for META-INF/services; "" in a job
	// Table is the table factory of a job in SQL, for META-INF/services; Flink's table jars then stand on the class path. "" = no SQL.
	Table string
}

// Store is a file system plugin that makes storage bad as a properties file says.
type Store struct {
	Java
	Scheme  string // of its paths: checkpoints go to scheme:///directory
	Control string // environment variable of all processes with the path of the properties file (Case.Delays, Step.Delays)
}

// Link is what lies between processes.
type Link struct {
	// RPC are toxics of a toxiproxy before the JobManager's RPC port: between it and every TaskManager, in both directions.
	RPC []Toxic
	// Rate, with Burst and Queue, narrows the way of the last TaskManager to all other processes: as tc's tbf reads them, such as
	// "700kbit", "8k" and "20s" (how long a packet may queue). Needs root on Linux.
	Rate, Burst, Queue string
	// Loss is the share of packets lost on that way, 0 to 1, in each direction or in that of Way. Needs root and iptables.
	Loss float64
	// Way is "in", to the last TaskManager, or "out", from it; "" = both.
	Way string
}

// Toxic is one of toxiproxy's.
type Toxic struct {
	Type       string             // latency, bandwidth, slow_close, timeout, reset_peer, slicer, limit_data
	Stream     string             // upstream: to the JobManager; downstream: to the TaskManagers
	Attributes map[string]float64 // such as latency and jitter (ms), rate (KB/s)
}

// Step changes what makes the job sick while it runs. It comes once both its conditions hold; steps come in order.
// What a step does not name stays as it is.
type Step struct {
	Completed int           // so many checkpoints have completed since the job was submitted
	After     time.Duration // so much time has passed since the step before; of the first step since all subtasks ran

	Delays map[string]string // of storage, in place of those in force; empty and not nil: storage is well
	Link   *Link             // in place of the one in force; &Link{}: the network is well

	JobManagerCPU  float64 // quota of the JobManager in cores; negative: none any more. Needs cgroups and root
	TaskManagerCPU float64 // quota of the last TaskManager

	Savepoint       bool // a savepoint is triggered; nobody waits for it
	KillTaskManager bool // the last TaskManager is killed and started again: the job restarts
}
