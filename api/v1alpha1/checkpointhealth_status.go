package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Bounds of what status keeps.
const (
	// MaxAssessmentLines is how many lines the assessment has at most.
	MaxAssessmentLines = 40
	// MaxAssessmentColumns is how wide a line of it is at most.
	MaxAssessmentColumns = 80
	// MaxDiagnoses is how many causes status lists.
	MaxDiagnoses = 20
	// MaxEvidence is how many pieces of evidence a diagnosis lists.
	MaxEvidence = 16
	// MaxMissing is how many missing signals a diagnosis lists.
	MaxMissing = 16
	// MaxRemediations is how many remedies the history keeps, newest first.
	MaxRemediations = 10
	// MaxChanges is how many fields one remedy changes.
	MaxChanges = 10
	// MaxRoundTrips is how many kinds of round trips a network probe keeps.
	MaxRoundTrips = 8
	// MaxHops is how many hops of the path it keeps.
	MaxHops = 16
	// MaxInteger is the highest number that status holds: 2^53-1, the last one that every reader of JSON keeps exact (RFC 8259, section 6).
	MaxInteger = 1<<53 - 1
)

// CheckpointHealthStatus is the diagnosis of one workload.
//
// +kubebuilder:validation:MinProperties=1
type CheckpointHealthStatus struct {
	// conditions are the standard conditions; types and reasons are documented in docs/spec.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:MinItems=1
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// assessment is the whole story in plain words. It comes first in kubectl describe, which sorts by name.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=40
	// +kubebuilder:validation:items:MaxLength=400
	// +kubebuilder:validation:items:MinLength=1
	// +optional
	Assessment []string `json:"assessment,omitempty"`

	// observedGeneration is the generation of spec that this status speaks of.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// target is KIND/NAME, for the list view.
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:MinLength=1
	// +optional
	Target string `json:"target,omitempty"`

	// health is what the recent checkpoints say, for the list view; the condition CheckpointsHealthy says more.
	// +optional
	Health Health `json:"health,omitempty"`

	// unhealthySince is when the job was first seen unhealthy in the present spell.
	// +optional
	UnhealthySince *metav1.Time `json:"unhealthySince,omitempty"`

	// cause is the most likely cause, for the list view.
	// +optional
	Cause Cause `json:"cause,omitempty"`

	// mode is the mode in force, for the list view: the policy's, or Paused while the annotation pause is set.
	// +optional
	Mode ModeInForce `json:"mode,omitempty"`

	// lastRemedy is the newest remedy in a few words, such as timeout 10m→15m.
	// +kubebuilder:validation:MaxLength=120
	// +kubebuilder:validation:MinLength=1
	// +optional
	LastRemedy string `json:"lastRemedy,omitempty"`

	// lastOutcome is what became of the newest remedy.
	// +optional
	LastOutcome Outcome `json:"lastOutcome,omitempty"`

	// job is the job that was looked at.
	// +optional
	Job JobStatus `json:"job,omitzero"`

	// checkpoints sums up the checkpoint history that Flink keeps.
	// +optional
	Checkpoints CheckpointsStatus `json:"checkpoints,omitzero"`

	// settings are the values in force and where each comes from.
	// +optional
	Settings SettingsStatus `json:"settings,omitzero"`

	// slowestSubtask tells where the time of the slowest recent checkpoint went.
	// +optional
	SlowestSubtask SlowestSubtaskStatus `json:"slowestSubtask,omitzero"`

	// baseline is what this job is like while it is well.
	// +optional
	Baseline BaselineStatus `json:"baseline,omitzero"`

	// diagnoses are the causes that were assessed, most likely first.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:MinItems=1
	// +optional
	Diagnoses []Diagnosis `json:"diagnoses,omitempty"`

	// networkProbe is what a probe pod measured in the present spell; absent where the policy's networkProbe is Off.
	// +optional
	NetworkProbe NetworkProbeStatus `json:"networkProbe,omitzero"`

	// recommendation is what would be done next, and why it is not done now.
	// +optional
	Recommendation Recommendation `json:"recommendation,omitzero"`

	// remediations are the remedies applied, newest first: a projection of the receipts on the target.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:MinItems=1
	// +optional
	Remediations []Remediation `json:"remediations,omitempty"`
}

// JobStatus is the job that was looked at.
//
// +kubebuilder:validation:MinProperties=1
type JobStatus struct {
	// id is Flink's job id.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:MinLength=1
	// +optional
	ID string `json:"id,omitempty"`
	// name is the job's name.
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
	// +optional
	Name string `json:"name,omitempty"`
	// state is Flink's word for the job's state, such as RUNNING.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:MinLength=1
	// +optional
	State string `json:"state,omitempty"`
	// flinkVersion is the JobManager's version.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:MinLength=1
	// +optional
	FlinkVersion string `json:"flinkVersion,omitempty"`
	// startTime is when the job started.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
}

// CheckpointsStatus sums up the checkpoint history that Flink keeps (10 by default, web.checkpoints.history).
//
// +kubebuilder:validation:MinProperties=1
type CheckpointsStatus struct {
	// completed is how many of the window completed.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Completed *int32 `json:"completed,omitempty"`
	// failed is how many of the window failed for another reason than expiry.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Failed *int32 `json:"failed,omitempty"`
	// expired is how many of the window expired before completing.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Expired *int32 `json:"expired,omitempty"`
	// consecutiveExpired is how many expired since the last one that completed.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	ConsecutiveExpired *int32 `json:"consecutiveExpired,omitempty"`
	// inProgress is how many are pending.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	InProgress *int32 `json:"inProgress,omitempty"`
	// window is how many finished checkpoints the counts cover.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Window *int32 `json:"window,omitempty"`
	// lastCompletedTime is when the newest completed checkpoint completed, on the JobManager's clock; it was triggered its duration earlier.
	// +optional
	LastCompletedTime *metav1.Time `json:"lastCompletedTime,omitempty"`
	// lastCompletedDurationMilliseconds is how long it took, trigger to last acknowledgement.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	LastCompletedDurationMilliseconds *int64 `json:"lastCompletedDurationMilliseconds,omitempty"`
	// lastCompletedSizeBytes is how much it wrote.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	LastCompletedSizeBytes *int64 `json:"lastCompletedSizeBytes,omitempty"`
}

// SettingsStatus are the values in force.
//
// +kubebuilder:validation:MinProperties=1
type SettingsStatus struct {
	// timeout is execution.checkpointing.timeout.
	// +optional
	Timeout SettingStatus `json:"timeout,omitzero"`
	// interval is execution.checkpointing.interval.
	// +optional
	Interval SettingStatus `json:"interval,omitzero"`
	// minPause is execution.checkpointing.min-pause.
	// +optional
	MinPause SettingStatus `json:"minPause,omitzero"`
	// maxConcurrent is execution.checkpointing.max-concurrent-checkpoints.
	// +optional
	MaxConcurrent SettingStatus `json:"maxConcurrent,omitzero"`
	// unaligned is execution.checkpointing.unaligned.enabled.
	// +optional
	Unaligned SettingStatus `json:"unaligned,omitzero"`
	// incremental is execution.checkpointing.incremental, state.backend.incremental before Flink 1.20.
	// +optional
	Incremental SettingStatus `json:"incremental,omitzero"`
	// checkpointStorage is where checkpoints are written, as scheme and bucket or host only, such as s3://acme-flink; absent for local paths.
	// +optional
	CheckpointStorage SettingStatus `json:"checkpointStorage,omitzero"`
	// jobManagerCPU is the JobManager's CPU limit in cores.
	// +optional
	JobManagerCPU SettingStatus `json:"jobManagerCPU,omitzero"`
	// jobManagerMemory is the JobManager's process size.
	// +optional
	JobManagerMemory SettingStatus `json:"jobManagerMemory,omitzero"`
	// jobManagerHeap is the JobManager's maximum heap as its JVM reports it.
	// +optional
	JobManagerHeap SettingStatus `json:"jobManagerHeap,omitzero"`
}

// SettingStatus is one value and where it comes from.
type SettingStatus struct {
	// value is the value in force, with its unit.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +required
	Value string `json:"value,omitempty"`
	// origin is where it comes from.
	// +required
	Origin SettingOrigin `json:"origin,omitempty"`
	// source names the very place that sets it, such as ConfigMap/flink-config, key flink-conf.yaml, line 3. Where it is also, or only,
	// configured under a key that the running Flink does not read, it says so, after IgnoredByFlink. Absent where origin says it all.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Source string `json:"source,omitempty"`
	// overriddenBy is what would win over a patch of that place; absent where nothing is known to.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	OverriddenBy string `json:"overriddenBy,omitempty"`
}

// SlowestSubtaskStatus tells where the time of one checkpoint went, for its slowest subtask. A phase that never ended is absent; unfinished names it.
//
// +kubebuilder:validation:MinProperties=1
type SlowestSubtaskStatus struct {
	// checkpointID is Flink's id of the checkpoint.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	CheckpointID *int64 `json:"checkpointID,omitempty"`
	// vertex is the name of the vertex of the slowest subtask.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	// +optional
	Vertex string `json:"vertex,omitempty"`
	// subtask is its index, from 0 as Flink's REST API counts.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Subtask *int32 `json:"subtask,omitempty"`
	// startDelayMilliseconds is trigger to first barrier.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	StartDelayMilliseconds *int64 `json:"startDelayMilliseconds,omitempty"`
	// alignmentMilliseconds is first to last barrier.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	AlignmentMilliseconds *int64 `json:"alignmentMilliseconds,omitempty"`
	// syncMilliseconds is the synchronous part.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	SyncMilliseconds *int64 `json:"syncMilliseconds,omitempty"`
	// asyncMilliseconds is the asynchronous part: the upload and its queue.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	AsyncMilliseconds *int64 `json:"asyncMilliseconds,omitempty"`
	// residualMilliseconds is the rest: work before the barrier, network, JobManager.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	ResidualMilliseconds *int64 `json:"residualMilliseconds,omitempty"`
	// unfinished is the first phase that never ended.
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:MinLength=1
	// +optional
	Unfinished string `json:"unfinished,omitempty"`
}
