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
)

// CheckpointHealthStatus is the diagnosis of one workload.
type CheckpointHealthStatus struct {
	// conditions are the standard conditions; types and reasons are documented in docs/spec.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// assessment is the whole story in plain words. It comes first in kubectl describe, which sorts by name.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=40
	// +kubebuilder:validation:items:MaxLength=400
	// +optional
	Assessment []string `json:"assessment,omitempty"`

	// observedGeneration is the generation of spec that this status speaks of.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// target is KIND/NAME, for the list view.
	// +kubebuilder:validation:MaxLength=320
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

	// mode is the mode in force, for the list view.
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// lastRemedy is the newest remedy in a few words, such as timeout 10m→15m.
	// +kubebuilder:validation:MaxLength=120
	// +optional
	LastRemedy string `json:"lastRemedy,omitempty"`

	// lastOutcome is what became of the newest remedy.
	// +optional
	LastOutcome Outcome `json:"lastOutcome,omitempty"`

	// job is the job that was looked at.
	// +optional
	Job *JobStatus `json:"job,omitempty"`

	// checkpoints sums up the checkpoint history that Flink keeps.
	// +optional
	Checkpoints *CheckpointsStatus `json:"checkpoints,omitempty"`

	// settings are the values in force and where each comes from.
	// +optional
	Settings *SettingsStatus `json:"settings,omitempty"`

	// phases tells where the time of the slowest recent checkpoint went.
	// +optional
	Phases *PhasesStatus `json:"phases,omitempty"`

	// diagnoses are the causes that were assessed, most likely first.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +optional
	Diagnoses []Diagnosis `json:"diagnoses,omitempty"`

	// recommendation is what would be done next, and why it is not done now.
	// +optional
	Recommendation *Recommendation `json:"recommendation,omitempty"`

	// remediations are the remedies applied, newest first: a projection of the receipts on the target.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +optional
	Remediations []Remediation `json:"remediations,omitempty"`
}

// JobStatus is the job that was looked at.
type JobStatus struct {
	// id is Flink's job id.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// name is the job's name.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Name string `json:"name,omitempty"`
	// state is Flink's word for the job's state, such as RUNNING.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	State string `json:"state,omitempty"`
	// flinkVersion is the JobManager's version.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	FlinkVersion string `json:"flinkVersion,omitempty"`
	// startTime is when the job started.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
}

// CheckpointsStatus sums up the checkpoint history that Flink keeps (10 by default, web.checkpoints.history).
type CheckpointsStatus struct {
	// completed is how many of the window completed.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Completed *int32 `json:"completed,omitempty"`
	// failed is how many of the window failed for another reason than expiry.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Failed *int32 `json:"failed,omitempty"`
	// expired is how many of the window expired before completing.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Expired *int32 `json:"expired,omitempty"`
	// consecutiveExpired is how many expired since the last one that completed.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ConsecutiveExpired *int32 `json:"consecutiveExpired,omitempty"`
	// inProgress is how many are pending.
	// +kubebuilder:validation:Minimum=0
	// +optional
	InProgress *int32 `json:"inProgress,omitempty"`
	// window is how many finished checkpoints the counts cover.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Window *int32 `json:"window,omitempty"`
	// lastCompletedTime is when the newest completed checkpoint was triggered, on the JobManager's clock.
	// +optional
	LastCompletedTime *metav1.Time `json:"lastCompletedTime,omitempty"`
	// lastCompletedDurationMilliseconds is how long it took, trigger to last acknowledgement.
	// +kubebuilder:validation:Minimum=0
	// +optional
	LastCompletedDurationMilliseconds *int64 `json:"lastCompletedDurationMilliseconds,omitempty"`
	// lastCompletedSizeBytes is how much it wrote.
	// +kubebuilder:validation:Minimum=0
	// +optional
	LastCompletedSizeBytes *int64 `json:"lastCompletedSizeBytes,omitempty"`
}

// SettingsStatus are the values in force.
type SettingsStatus struct {
	// timeout is execution.checkpointing.timeout.
	// +optional
	Timeout *SettingStatus `json:"timeout,omitempty"`
	// interval is execution.checkpointing.interval.
	// +optional
	Interval *SettingStatus `json:"interval,omitempty"`
	// minPause is execution.checkpointing.min-pause.
	// +optional
	MinPause *SettingStatus `json:"minPause,omitempty"`
	// maxConcurrent is execution.checkpointing.max-concurrent-checkpoints.
	// +optional
	MaxConcurrent *SettingStatus `json:"maxConcurrent,omitempty"`
	// unaligned is execution.checkpointing.unaligned.enabled.
	// +optional
	Unaligned *SettingStatus `json:"unaligned,omitempty"`
	// incremental is execution.checkpointing.incremental, state.backend.incremental before Flink 1.20.
	// +optional
	Incremental *SettingStatus `json:"incremental,omitempty"`
	// jobManagerCPU is the JobManager's CPU limit in cores.
	// +optional
	JobManagerCPU *SettingStatus `json:"jobManagerCPU,omitempty"`
	// jobManagerMemory is the JobManager's process size.
	// +optional
	JobManagerMemory *SettingStatus `json:"jobManagerMemory,omitempty"`
	// jobManagerHeap is the JobManager's maximum heap as its JVM reports it.
	// +optional
	JobManagerHeap *SettingStatus `json:"jobManagerHeap,omitempty"`
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
}

// PhasesStatus tells where the time of one checkpoint went, for its slowest subtask. A phase that never ended is absent; unfinished names it.
type PhasesStatus struct {
	// checkpointID is Flink's id of the checkpoint.
	// +kubebuilder:validation:Minimum=0
	// +optional
	CheckpointID *int64 `json:"checkpointID,omitempty"`
	// vertex is the name of the vertex of the slowest subtask.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Vertex string `json:"vertex,omitempty"`
	// subtask is its index, from 0 as Flink's REST API counts.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Subtask *int32 `json:"subtask,omitempty"`
	// startDelayMilliseconds is trigger to first barrier.
	// +optional
	StartDelayMilliseconds *int64 `json:"startDelayMilliseconds,omitempty"`
	// alignmentMilliseconds is first to last barrier.
	// +optional
	AlignmentMilliseconds *int64 `json:"alignmentMilliseconds,omitempty"`
	// syncMilliseconds is the synchronous part.
	// +optional
	SyncMilliseconds *int64 `json:"syncMilliseconds,omitempty"`
	// asyncMilliseconds is the asynchronous part: the upload and its queue.
	// +optional
	AsyncMilliseconds *int64 `json:"asyncMilliseconds,omitempty"`
	// residualMilliseconds is the rest: work before the barrier, network, JobManager.
	// +optional
	ResidualMilliseconds *int64 `json:"residualMilliseconds,omitempty"`
	// unfinished is the first phase that never ended.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unfinished string `json:"unfinished,omitempty"`
}

// Diagnosis is one cause, how sure it is, and why.
type Diagnosis struct {
	// cause is the cause.
	// +required
	Cause Cause `json:"cause,omitempty"`
	// subCause narrows it where the remedy depends on it.
	// +optional
	SubCause SubCause `json:"subCause,omitempty"`
	// verdict is how sure it is.
	// +required
	Verdict Verdict `json:"verdict,omitempty"`
	// score is the sum of the weights of the evidence, 0 to 100.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	Score *int32 `json:"score,omitempty"`
	// summary is one sentence.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Summary string `json:"summary,omitempty"`
	// evidence is what was seen, for and against.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Evidence []Evidence `json:"evidence,omitempty"`
	// missing is what was not seen and would have told.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	// +optional
	Missing []string `json:"missing,omitempty"`
	// nextMeasurement is what would settle it.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	NextMeasurement string `json:"nextMeasurement,omitempty"`
	// since is when this cause was first the most likely one in the present spell.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// Evidence is one thing that was seen.
type Evidence struct {
	// signal names what was measured.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +required
	Signal string `json:"signal,omitempty"`
	// observed is what was seen, with its unit.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Observed string `json:"observed,omitempty"`
	// expected is what would be normal.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Expected string `json:"expected,omitempty"`
	// weight is how much it counts: above 0 for the cause, below 0 against it.
	// +kubebuilder:validation:Minimum=-100
	// +kubebuilder:validation:Maximum=100
	// +required
	Weight *int32 `json:"weight,omitempty"`
}

// Recommendation is what would be done next.
type Recommendation struct {
	// hash identifies it; approving it names this hash.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Hash string `json:"hash,omitempty"`
	// cause is the cause it treats.
	// +optional
	Cause Cause `json:"cause,omitempty"`
	// summary is the remedy in one sentence, with its arithmetic; advice where there is nothing to write.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Summary string `json:"summary,omitempty"`
	// changes are the fields it writes; none where it is advice only.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +optional
	Changes []Change `json:"changes,omitempty"`
	// cost is what applying it interrupts.
	// +optional
	Cost Cost `json:"cost,omitempty"`
	// replaySeconds is how much would be processed again after the restart.
	// +kubebuilder:validation:Minimum=0
	// +optional
	ReplaySeconds *int64 `json:"replaySeconds,omitempty"`
	// patch is the change as YAML, ready to commit for whoever keeps the target in Git.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Patch string `json:"patch,omitempty"`
	// whyNotNow says why it is not applied now.
	// +optional
	WhyNotNow *WhyNotNow `json:"whyNotNow,omitempty"`
}

// Change is one field of the target, before and after.
type Change struct {
	// field is a Flink configuration key, or a path of the target such as jobManager.resource.cpu.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Field string `json:"field,omitempty"`
	// from is the value before; empty where it was not set.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	From string `json:"from,omitempty"`
	// to is the value after.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	To string `json:"to,omitempty"`
	// uncapped is what it would be without the policy's bound; empty where no bound cut it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Uncapped string `json:"uncapped,omitempty"`
}

// WhyNotNow is the guard that holds a remedy back.
type WhyNotNow struct {
	// reason is the guard, in CamelCase; all are documented in docs/workflow.md.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Reason string `json:"reason,omitempty"`
	// message says what to do about it.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
	// retryTime is when it is looked at again.
	// +optional
	RetryTime *metav1.Time `json:"retryTime,omitempty"`
}

// Remediation is one remedy that was applied.
type Remediation struct {
	// id identifies it; the receipt on the target carries the same.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	ID string `json:"id,omitempty"`
	// cause is the cause it treats.
	// +required
	Cause Cause `json:"cause,omitempty"`
	// lever is what it changes.
	// +required
	Lever Lever `json:"lever,omitempty"`
	// changes are the fields it wrote.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +optional
	Changes []Change `json:"changes,omitempty"`
	// appliedTime is when it was written.
	// +required
	AppliedTime *metav1.Time `json:"appliedTime,omitempty"`
	// finishedTime is when it was judged.
	// +optional
	FinishedTime *metav1.Time `json:"finishedTime,omitempty"`
	// outcome is what later checkpoints said.
	// +required
	Outcome Outcome `json:"outcome,omitempty"`
	// message says why.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
}
