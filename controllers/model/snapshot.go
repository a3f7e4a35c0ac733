// Package model holds the values that the stages hand to one another: what was seen (Snapshot), what it means (Diagnosis), what
// became of a remedy (Receipt, Verification) and what is to be done (Decision). Values only: nothing here reads, writes or waits.
//
// Times that come from Flink are the JobManager's clock. Durations that may be missing are -1 (Unknown) or say so by a Known field.
package model

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Unknown is the duration of a phase that never ended or of a time that was not measured. Flink writes -1 for it.
const Unknown = time.Duration(-1)

// Measure is a number that may not have been measured. The zero value is "not measured": never health, never illness.
type Measure struct {
	Value float64
	Known bool
}

// Measured makes a known Measure.
func Measured(v float64) Measure { return Measure{Value: v, Known: true} }

// AtLeast tells whether the measure is known and reaches the limit.
func (m Measure) AtLeast(limit float64) bool { return m.Known && m.Value >= limit }

// Below tells whether the measure is known and stays under the limit.
func (m Measure) Below(limit float64) bool { return m.Known && m.Value < limit }

// Snapshot is all that one pass saw of one job, together with what earlier passes remember of it (Past).
type Snapshot struct {
	// At is when the pass began, on our clock.
	At time.Time
	// JobManagerNow is the JobManager's clock at that moment; zero where it is not known, and ours is taken for it.
	JobManagerNow time.Time
	// ZoneUnknown tells that the times are those of logs of which nothing tells the zone: how far they are from UTC is not known.
	ZoneUnknown bool
	// Availability says whether there is a job to judge; its zero value means there is.
	Availability Availability
	// Job is the job that was picked.
	Job Job
	// Settings are the values in force and where each comes from.
	Settings Settings
	// Target is the Kubernetes object that is diagnosed; its zero value means that no cluster was asked (command line).
	Target Target
	// Session is what runs on the session cluster; empty for a cluster of one job.
	Session SessionCluster
	// Checkpoints is the ledger: the history Flink keeps and, where read, where each checkpoint's time went.
	Checkpoints CheckpointLedger
	// Vertices are the job's vertices in topological order, sources first, as Flink lists them.
	Vertices []Vertex
	// JobManager is the JobManager's resources and its share of the work.
	JobManager JobManager
	// TaskManagers are the registered TaskManagers.
	TaskManagers []TaskManager
	// Libraries are the jars of the JobManager's class path with a version in their name; nil where it was not read.
	Libraries []Library
	// Pods are the workload's pods where Kubernetes was asked.
	Pods []Pod
	// Stacks are what threads were doing while a checkpoint was pending: this pass and the recent ones before it, oldest first.
	Stacks []StackSample
	// Exceptions are the newest entries of the job's exception history, newest first.
	Exceptions []JobException
	// Logs are the log lines that concern checkpoints, counted by kind.
	Logs []LogSignal
	// Network is what was measured of the network in this spell; nil where nothing was.
	Network *NetworkProbe
	// Shared is what the job shares with others, and who of them is sick; nil where nobody looked.
	Shared []SharedThing
	// Requests are our own request times to the REST API in this pass: a starved JobManager answers late.
	Requests RequestTimes
	// Past is what earlier passes remember.
	Past Past
	// Gaps are what could not be read, and why.
	Gaps []Gap
	// Deep tells whether this pass read subtask details (it does for a new failure or while the job is not healthy).
	Deep bool
}

// Availability says why there is nothing to judge. Reason is one of the reasons of the condition CheckpointsHealthy
// (JobManagerUnreachable, JobNotFound, …); empty where the job can be judged.
type Availability struct {
	Reason  string
	Message string
}

// Judgeable tells whether there is a job to judge.
func (a Availability) Judgeable() bool { return a.Reason == "" }

// Job is the job that was picked.
type Job struct {
	ID, Name, State string
	// FlinkVersion is the JobManager's version, such as 1.20.5; empty where unknown.
	FlinkVersion string
	StartTime    time.Time
	// Restarts is the job's numRestarts metric.
	Restarts Measure
	// RestartsDelta is its growth since the previous pass of the same run.
	RestartsDelta Measure
	// Type is STREAMING or BATCH where Flink tells.
	Type string
	// RunningSince is when the job last entered RUNNING.
	RunningSince time.Time
	// TasksTotal and TasksRunning count subtasks, without those that have FINISHED; a job may be RUNNING half a minute before its tasks are.
	TasksTotal, TasksRunning int
	// TasksRunningSince is when a pass first saw all tasks of this run running, on our clock: later than it was by up to one poll. Zero where
	// no pass saw the run begin.
	TasksRunningSince time.Time
}

// TasksRun tells that Flink shows the job RUNNING with all its tasks; where their number is not known the state decides.
func (s *Snapshot) TasksRun() bool {
	return s.Availability.Judgeable() && s.Job.State == "RUNNING" && s.Job.TasksRunning >= s.Job.TasksTotal
}

// Gap is something that could not be read: named under missing, never guessed.
type Gap struct {
	// Signal is what is missing, in words a user knows, such as "thread dump of TaskManager 10.0.0.7".
	Signal string
	// Why is what happened, such as "answered 404".
	Why string
	// Kind lets rules ask for it.
	Kind GapKind
}

// GapKind groups gaps so that a rule can ask whether its signal is missing.
type GapKind string

// The kinds of gaps.
const (
	GapCheckpointDetails  GapKind = "checkpoint details"
	GapJobManagerMetrics  GapKind = "JobManager metrics"
	GapTaskManagerMetrics GapKind = "TaskManager metrics"
	GapThreadDumps        GapKind = "thread dumps"
	GapBackpressure       GapKind = "back pressure"
	GapWork               GapKind = "records of subtasks"
	GapLogs               GapKind = "logs"
	GapTaskManagerLogs    GapKind = "logs of TaskManagers"
	GapPods               GapKind = "pods"
	GapPodUsage           GapKind = "pod usage"
	GapThrottling         GapKind = "throttling of the JobManager's container"
	GapNodes              GapKind = "node pressure"
	GapConfiguration      GapKind = "configuration"
	GapExceptions         GapKind = "exceptions"
	GapCounters           GapKind = "counter differences"
	GapTaskManagers       GapKind = "TaskManagers"
	GapVertices           GapKind = "vertices"
	GapNetworkProbe       GapKind = "network probe"
	GapClassPath          GapKind = "class path"
	GapClocks             GapKind = "clocks"
	GapRecording          GapKind = "recording"
)

// ClockOffset is the JobManager's clock less ours; 0 where it is not known.
func (s *Snapshot) ClockOffset() time.Duration {
	if s.JobManagerNow.IsZero() || s.At.IsZero() {
		return 0
	}
	return s.JobManagerNow.Sub(s.At)
}

// JobManagerTime is the JobManager's clock at a moment of ours: what the times that come from Flink are compared with.
func (s *Snapshot) JobManagerTime(ours time.Time) time.Time { return ours.Add(s.ClockOffset()) }

// Unscheduled says which pods no node takes, and why the first of them; empty where there is none. A pod that waits for a moment counts as well: what
// speaks of it has waited for longer.
func (s *Snapshot) Unscheduled() string {
	var waiting []*Pod
	for i := range s.Pods {
		if p := &s.Pods[i]; p.Unscheduled != "" && !p.Ending {
			waiting = append(waiting, p)
		}
	}
	if len(waiting) == 0 {
		return ""
	}
	text := "pod " + waiting[0].Name + " is not scheduled: " + waiting[0].Unscheduled
	if more := len(waiting) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// WhyAway is why there is no job to judge: what the availability says, and which pods no node takes. Empty where there is one.
func (s *Snapshot) WhyAway() string {
	why, pods := s.Availability.Message, s.Unscheduled()
	if s.Availability.Judgeable() || pods == "" {
		return why
	}
	return why + "; " + pods
}

// Missing tells whether a kind of signal is missing.
func (s *Snapshot) Missing(kind GapKind) bool {
	for i := range s.Gaps {
		if s.Gaps[i].Kind == kind {
			return true
		}
	}
	return false
}

// RequestTimes sums up our own requests to the REST API in one pass. Count is of all of them; Median and Max are of the small answers that
// every pass asks for: a log, a thread dump or the details of a wide job take long by their size.
type RequestTimes struct {
	Count        int
	Median, Max  time.Duration
	Failed       int
	SlowestRoute string
}

// NamedCause is a cause, and when it was last likely, on our clock.
type NamedCause struct {
	Cause api.Cause
	Last  time.Time
}

// Past is what earlier passes remember of the same job: baselines and beginnings.
type Past struct {
	// Passes is how many earlier passes there were in this process.
	Passes int
	// Health and Cause are the previous pass's.
	Health api.Health
	Cause  api.Cause
	// UnhealthySince is when the present spell began; zero where healthy.
	UnhealthySince time.Time
	// SickSince is when the job was first seen at risk or unhealthy in the present spell, as far as this process knows; zero where it is healthy.
	SickSince time.Time
	// CauseSince is when the present first cause became first.
	CauseSince time.Time
	// Named are the causes that were likely and first in this spell, each with the last time; a pass that found none likely changes nothing.
	Named []NamedCause
	// Seen are the causes that were likely in this spell, at whatever place, each with the last time.
	Seen []NamedCause
	// JobManagerLoad is its JVM's load as the previous pass read it, 0 to 1.
	JobManagerLoad Measure
	// HealthyDuration is the median duration of completed checkpoints while the job was healthy.
	HealthyDuration time.Duration
	// HealthyUploadRate is the median upload rate of a subtask in bytes per second while the job was healthy.
	HealthyUploadRate Measure
	// HealthyStateSize is the size of the last completed checkpoint while the job was healthy, in bytes.
	HealthyStateSize int64
	// BorneUploadRate is the rate below half of HealthyUploadRate that a healthy job has under a remedy that only bears its cause, see Bearing; not known
	// for any other job.
	BorneUploadRate Measure
	// SlowUploadRate is the upload rate of a subtask in bytes per second as it was measured last in the present spell, at SlowUploadAt on our clock; not known
	// where none was, or under another configuration.
	SlowUploadRate Measure
	SlowUploadAt   time.Time
	// CompletedUploadRate is the one that checkpoints of less state told while they completed, of a job that was sick when it was first seen.
	CompletedUploadRate Measure
	// Downtime is this workload's own measured downtime of its last redeploy; zero where unknown.
	Downtime time.Duration
	// DownSince is since when, on our clock, no pass has seen the job RUNNING; zero while it runs. A JobManager that does not answer although
	// nothing is being upgraded is missing data and begins nothing.
	DownSince time.Time
	// TasksDownSince is since when, on our clock, no pass has seen all tasks of the job running; zero while they run. A job can be RUNNING, or
	// change between RUNNING and RESTARTING, without a slot for any of its tasks.
	TasksDownSince time.Time
}
