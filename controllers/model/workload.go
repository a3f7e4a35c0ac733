package model

import (
	"fmt"
	"time"
)

// VertexRole is a vertex's place in the job graph.
type VertexRole string

// The roles. A vertex that is source and sink at once (one chain) is a source.
const (
	RoleSource VertexRole = "source"
	RoleInner  VertexRole = "inner"
	RoleSink   VertexRole = "sink"
)

// Vertex is one vertex of the job graph.
type Vertex struct {
	ID, Name, Status string
	Parallelism      int
	Role             VertexRole
	// Inputs are indexes into Snapshot.Vertices.
	Inputs []int
	// Pressure has one entry per subtask where back pressure was read; nil otherwise.
	Pressure []SubtaskPressure
	// BackpressureLevel is Flink's: ok, low or high; empty where not read.
	BackpressureLevel string
	// Placement is the TaskManager id of each subtask; nil where not read.
	Placement []string
	// Work has one entry per subtask where it was read; nil otherwise. AllWork is of all subtasks together, which comes without a request of its own.
	Work    []SubtaskWork
	AllWork SubtaskWork
}

// SubtaskWork is what a subtask did: Lately, between the two newest readings that lie far enough apart (after a restart since it, and of the attempt before as
// long as that is too short), Before the present spell, minutes ago at most, and Since its attempt began. Stood is the longest work between two readings of
// this spell in which nothing passed at all. What has no span was not read.
type SubtaskWork struct {
	Lately, Before, Since, Stood Work
}

// Work is what was done in a span of time, by the subtask's own account: what is neither busy nor back-pressured was idle. The spans of subtasks that
// were added up are added up as well. In and Out are records over the edges of the job graph: none come into a source, none leave a sink.
type Work struct {
	Span, Busy, Backpressured time.Duration
	In, Out                   int64
}

// Known tells whether it was read.
func (w *Work) Known() bool { return w.Span > 0 }

// SubtaskPressure is how a subtask spent its time, ratios 0 to 1.
type SubtaskPressure struct {
	Backpressured, Busy, Idle Measure
}

// JobManager is the JobManager's resources and what it does with them.
type JobManager struct {
	// CPULimit is in cores; from the pod's limit, else from the configuration.
	CPULimit Measure
	// CPUUsage is in cores: from metrics.k8s.io, else the difference of Status.JVM.CPU.Time between passes.
	CPUUsage Measure
	// CPUUsageFromPod is true where CPUUsage comes from metrics.k8s.io.
	CPUUsageFromPod bool
	// CPULoad is Status.JVM.CPU.Load, 0 to 1 of what the JVM sees; it misleads (0.0 was served under heavy GC): supporting evidence only.
	CPULoad Measure
	// ThrottledShare is the largest of its pods', 0 to 1.
	ThrottledShare Measure
	// HeapUsed and HeapMax are in bytes; HeapUsed is the lowest of the recent samples, as use saw-tooths between collections.
	HeapUsed, HeapMax Measure
	// HeapSamples is over how many samples HeapUsed is the lowest: one alone may be the top of a saw-tooth.
	HeapSamples int
	// GCShare is the share of time in garbage collection, 0 to 1, clamped: Flink's TimeMsPerSecond can exceed 1000.
	GCShare Measure
	// GCPause is the mean time of one collection between passes.
	GCPause time.Duration
	// ProcessMemory is the container's memory limit in bytes.
	ProcessMemory Measure
	// IOThreads is jobmanager.io-pool.size or its default, the CPUs the JVM sees.
	IOThreads Measure
}

// HeapSamplesAfterCollection is how many samples the lowest must be of to stand for what lives after a collection: of fewer each may be high up the
// saw-tooth.
const HeapSamplesAfterCollection = 3

// MuchGC is the share of garbage collection that is illness although the heap does not look full: a quarter of all time. Heap use is sampled between
// collections and may look low (0.71 of the maximum was the lowest sample of a JobManager that collected for 95 % of its time).
const MuchGC = 0.25

// MostGC is the share that is illness however much room the heap has.
const MostGC = 0.5

// CrowdedHeap is the share of the heap that lives from which it is the lack of room that makes it collect. With more room than that a young collection does
// not touch the live set, and a process that waits for its processor counts that wait as well.
const CrowdedHeap = 0.5

// RoomyHeap tells whether less than half of the heap was in use in the lowest of several samples, and collections take less than half of the time: then it is
// not the heap that is short. Where the process waits for a processor they take long as everything does (26 % of the time with 19 % in use, measured).
func (j *JobManager) RoomyHeap() bool {
	return j.GCShare.Value < MostGC && j.HeapSamples >= HeapSamplesAfterCollection && j.HeapUsed.Known && j.HeapMax.AtLeast(1) && j.HeapUsed.Value < CrowdedHeap*j.HeapMax.Value
}

// TaskManager is one registered TaskManager.
type TaskManager struct {
	ID, Host           string
	Slots, FreeSlots   int
	HeapUsed, HeapMax  Measure
	GCShare            Measure
	CPULoad            Measure
	CPUUsage, CPULimit Measure
	// LastHeartbeat is when the JobManager last heard of it.
	LastHeartbeat time.Time
	// Version is its Flink version where a log or image tells.
	Version string
	// Mismatch is what it answered where it does not understand the JobManager's calls, as one of another version; empty otherwise.
	Mismatch string
}

// Library is a jar of a class path: flink-sql-connector-mysql-cdc-3.2.1.jar is flink-sql-connector-mysql-cdc in version 3.2.1.
type Library struct {
	Name, Version string
}

// Component tells which part of a Flink cluster a pod runs.
type Component string

// The components by the label the Flink operator sets.
const (
	ComponentJobManager  Component = "jobmanager"
	ComponentTaskManager Component = "taskmanager"
)

// SessionCluster is what runs on a session cluster.
type SessionCluster struct {
	// Running is how many of its jobs are RUNNING, as its JobManager says.
	Running int
	// Known tells that the FlinkSessionJobs were listed; Jobs are those of this cluster.
	Known bool
	Jobs  []SessionJob
}

// SessionJob is a FlinkSessionJob, as far as a restart of its cluster concerns it.
type SessionJob struct {
	Name, JobID string
	// UpgradeMode is spec.job.upgradeMode as written.
	UpgradeMode string
	// Suspended is spec.job.state, and Upgrading tells that the Flink operator is at work on it.
	Suspended, Upgrading bool
	// Pending tells that a remedy on it is not judged yet.
	Pending bool
}

// Unsafe finds a job that is not safe to restart with its cluster now, and says why in words that go on from its name; nil where there is none.
func (c *SessionCluster) Unsafe() (job *SessionJob, why string) {
	for i := range c.Jobs {
		job := &c.Jobs[i]
		switch {
		case job.Suspended:
		case job.UpgradeMode != "last-state" && job.UpgradeMode != "savepoint":
			mode := job.UpgradeMode
			if mode == "" {
				mode = "not set and the Flink operator takes stateless"
			}
			return job, fmt.Sprintf("has spec.job.upgradeMode %s, so a restart may drop its state: set it to last-state first", mode)
		case job.Pending:
			return job, "carries a remedy that is not judged yet, and a restart would be judged with it"
		case job.Upgrading:
			return job, "is being upgraded; it is looked at again when that is done"
		}
	}
	return nil, ""
}

// Pod is a pod of the workload.
type Pod struct {
	Name, Node, Phase, Image string
	// Container is the name of the one that runs Flink.
	Container string
	// IP is the pod's address; empty before it has one.
	IP string
	// Digest is that of the image that really runs, such as sha256:…; empty where the node does not tell.
	Digest string
	// FlinkVersion is what the tag of an image of Flink's own says; empty for other images and for tags such as 1.20 or latest.
	FlinkVersion string
	// Ending is true where the pod is being deleted.
	Ending    bool
	Component Component
	// Limits and requests: CPU in cores, memory in bytes.
	CPURequest, CPULimit, MemoryRequest, MemoryLimit Measure
	// CPUUsage in cores and MemoryUsage, the working set, in bytes: from metrics.k8s.io, the latter else from Prometheus.
	CPUUsage, MemoryUsage Measure
	// ThrottledShare is the share of the kernel's periods of the last five minutes in which the CPU limit ran out, 0 to 1.
	ThrottledShare Measure
	Restarts       int
	// LastTermination is the reason of the last container termination, such as OOMKilled or Error.
	LastTermination   string
	LastTerminationAt time.Time
	OOMKilled         bool
	// Evicted tells that the kubelet ended the pod as its node ran out of something; LastTerminationAt is when it was no longer ready.
	Evicted bool
	// NodePressure names the pressures of the pod's node, such as "MemoryPressure, DiskPressure"; empty where there is none or it is not known.
	NodePressure string
	// Unscheduled is why no node takes the pod, in the scheduler's words; empty once one did.
	Unscheduled string
	Ready       bool
}

// JobManagerProcess is the JobManager in ThreadStack.Process, StackSample.Took and the names of logs; a TaskManager is its ID.
const JobManagerProcess = "jobmanager"

// StackSample is what the relevant threads of one moment were doing.
type StackSample struct {
	At time.Time
	// PendingCheckpoint is the id of the checkpoint that was pending; 0 if none.
	PendingCheckpoint int64
	// PendingFor is how long it had been.
	PendingFor time.Duration
	// Took is how long each process's dump took to come, by ThreadStack.Process. A TaskManager's goes from the JobManager and back over the RPC
	// that triggers and acknowledgements take; what is not in it was not measured.
	Took map[string]time.Duration
	// Threads are the task threads of the missing subtasks and the JobManager's io, timer and coordinator threads.
	Threads []ThreadStack
}

// ThreadStack is one thread: class and method names only, never arguments.
type ThreadStack struct {
	// Process is "jobmanager" or the TaskManager's id.
	Process string
	Name    string
	// State is RUNNABLE, BLOCKED, WAITING or TIMED_WAITING.
	State string
	// Vertex and Subtask are set for task threads and the async threads that work for them; Vertex is -1 where unknown.
	Vertex, Subtask int
	// Frames are class.method, innermost first, at most 60.
	Frames []string
	// BlockedOn is the class of the monitor waited for, and Holder the thread that holds it.
	BlockedOn, Holder string
}

// JobException is one entry of the exception history.
type JobException struct {
	At time.Time
	// Name is the exception's class; Message its first line; Frames the first frames and causes.
	Name, Message, Task, TaskManager string
	Frames                           []string
}

// LogKind is a kind of log line that concerns checkpoints.
type LogKind string

// The kinds of lines; the texts are in DIAGNOSIS and docs/diagnosis.md.
const (
	LogExpired           LogKind = "checkpoint expired"
	LogLateMessage       LogKind = "late acknowledgement"
	LogOversizedPayload  LogKind = "oversized payload discarded"
	LogTriggerFailed     LogKind = "trigger failed"
	LogRPCTimeout        LogKind = "RPC timed out"
	LogHeartbeatTimeout  LogKind = "heartbeat timed out"
	LogStorageThrottled  LogKind = "storage throttled"
	LogStorageError      LogKind = "storage error"
	LogDiscardFailed     LogKind = "discard failed"
	LogDeclined          LogKind = "checkpoint declined"
	LogAsyncFailed       LogKind = "asynchronous part failed"
	LogVersionMismatch   LogKind = "version mismatch"
	LogStuckTask         LogKind = "task stuck while cancelling"
	LogOutOfMemory       LogKind = "out of memory"
	LogToleranceExceeded LogKind = "tolerable failures exceeded"
	LogPlatformTimeout   LogKind = "platform's own time-out line"
	LogCompleted         LogKind = "checkpoint completed"
	LogTaskFailure       LogKind = "task failure"
	LogSinkError         LogKind = "connector error"
	LogOutOfOrder        LogKind = "event out of order"
	LogAsyncException    LogKind = "asynchronous exception"
)

// WatchKinds are the lines that follow a cure badly made: events that overtake one another, and asynchronous work that throws. After a remedy
// they are worth a look; by themselves they do not say that it harmed.
var WatchKinds = []LogKind{LogOutOfOrder, LogAsyncException}

// The kinds of lines that the JVM itself writes.
const (
	// LogGCPause is a stop of all threads for a collection of half a second or more.
	LogGCPause LogKind = "long garbage collection"
)

// LogSignal is a kind of log line seen in one process.
type LogSignal struct {
	Kind    LogKind
	Process string
	// Job is the id of the job that the lines name; empty where they name none.
	Job   string
	Count int
	First time.Time
	Last  time.Time
	// Sample is one line, bounded, control characters stripped.
	Sample string
	// Detail is what the line names: a class, a method, a library, a size.
	Detail string
}
