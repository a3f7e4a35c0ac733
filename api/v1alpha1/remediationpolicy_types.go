package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// RemediationPolicy says what may be done about sick checkpoints, for every CheckpointHealth of its namespace that names it. It is
// written once and kept in Git.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=crp,categories=flink
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Targets",type=integer,JSONPath=`.status.targets`
// +kubebuilder:printcolumn:name="Unhealthy",type=integer,JSONPath=`.status.unhealthy`
// +kubebuilder:printcolumn:name="Remediating",type=integer,JSONPath=`.status.remediating`
// +kubebuilder:printcolumn:name="Would Act",type=integer,JSONPath=`.status.wouldAct`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type RemediationPolicy struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the policy.
	// +required
	Spec RemediationPolicySpec `json:"spec,omitzero"`

	// status counts what the policy governs now.
	// +optional
	Status RemediationPolicyStatus `json:"status,omitzero"`
}

// RemediationPolicySpec is the policy. Every field has a default.
//
// +kubebuilder:validation:MinProperties=1
type RemediationPolicySpec struct {
	// mode is how far the operator may go.
	// +kubebuilder:default=Recommend
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// detection says when a job counts as sick and as healthy again.
	// +optional
	Detection DetectionSpec `json:"detection,omitzero"`

	// thresholds are the limits of what is normal.
	// +optional
	Thresholds ThresholdsSpec `json:"thresholds,omitzero"`

	// remedies has one entry per lever, as what a remedy changes is called here.
	// +optional
	Remedies *RemediesSpec `json:"remedies,omitempty"`

	// guards hold remedies back.
	// +optional
	Guards GuardsSpec `json:"guards,omitzero"`

	// budget bounds how many remedies are in flight at once, over all CheckpointHealths of this policy.
	// +optional
	Budget BudgetSpec `json:"budget,omitzero"`

	// conflicts says what happens where another field manager owns a field.
	// +kubebuilder:default=Yield
	// +optional
	Conflicts ConflictPolicy `json:"conflicts,omitempty"`

	// verification says how a remedy is judged.
	// +optional
	Verification VerificationSpec `json:"verification,omitzero"`

	// networkProbe says how the network between TaskManagers and JobManager is measured. Off never measures it. Pod lets the operator start
	// a short-lived pod of its own image on a TaskManager's node, at most one in each unhealthy spell; that needs the rights of
	// config/network-probe. YAML reads a bare Off as false: write "Off".
	// +kubebuilder:default=Off
	// +optional
	NetworkProbe NetworkProbe `json:"networkProbe,omitempty"`

	// signals says where signals are read from that may be unwelcome or dear.
	// +optional
	Signals SignalsSpec `json:"signals,omitzero"`
}

// SignalsSpec says where signals are read from.
//
// +kubebuilder:validation:MinProperties=1
type SignalsSpec struct {
	// logs is where the logs of JobManager and TaskManagers are read, while a job is sick or its remedy is watched. Flink asks Flink's REST API,
	// which sends whole files. Kubernetes asks the Kubernetes API for the newest lines of the pods' output, which wants the rights of
	// config/pod-logs. Off reads no log: late messages, time-outs and throttling are not counted. YAML reads a bare Off as false: write "Off".
	// +kubebuilder:default=Flink
	// +optional
	Logs LogSource `json:"logs,omitempty"`

	// prometheus is asked how much the pods were throttled, which neither Flink nor metrics.k8s.io tells. Default: it is not asked.
	// +optional
	Prometheus PrometheusSpec `json:"prometheus,omitzero"`
}

// DetectionSpec says when a job counts as sick and as healthy again.
//
// +kubebuilder:validation:XValidation:rule="!has(self.expiredThreshold) || !has(self.windowCheckpoints) || self.expiredThreshold <= self.windowCheckpoints",message="expiredThreshold must not exceed windowCheckpoints: more checkpoints cannot expire than the window holds"
// +kubebuilder:validation:MinProperties=1
type DetectionSpec struct {
	// windowCheckpoints is how many of the newest finished checkpoints are looked at. Flink keeps 10 by default (web.checkpoints.history).
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	WindowCheckpoints int32 `json:"windowCheckpoints,omitempty"`

	// expiredThreshold is how many of them must have expired for the job to be Unhealthy.
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	ExpiredThreshold int32 `json:"expiredThreshold,omitempty"`

	// healthyAfterCheckpoints is how many must complete in a row for the job to be Healthy again.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	HealthyAfterCheckpoints int32 `json:"healthyAfterCheckpoints,omitempty"`

	// treat is how sick a job must be before a remedy is applied.
	// +kubebuilder:default=Unhealthy
	// +optional
	Treat TreatHealth `json:"treat,omitempty"`
}

// ThresholdsSpec are the limits of what is normal.
//
// +kubebuilder:validation:MinProperties=1
type ThresholdsSpec struct {
	// jobManagerCPUPercent is the share of the JobManager's CPU limit, in percent, from which it is busy.
	// +kubebuilder:default=85
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	JobManagerCPUPercent int32 `json:"jobManagerCPUPercent,omitempty"`

	// heapPercent is the share of the maximum heap in use after garbage collection, in percent, from which it is full.
	// +kubebuilder:default=85
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	HeapPercent int32 `json:"heapPercent,omitempty"`

	// gcPercent is the share of time spent in garbage collection, in percent, from which it is too much.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	GCPercent int32 `json:"gcPercent,omitempty"`

	// dutyCyclePercent is the median checkpoint duration as a share of the interval, in percent, from which checkpoints are under pressure.
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	DutyCyclePercent int32 `json:"dutyCyclePercent,omitempty"`

	// largeStateBytes is the size of a checkpoint, in bytes, from which state is large. Default 1 GiB.
	// +kubebuilder:default=1073741824
	// +kubebuilder:validation:Minimum=1048576
	// +kubebuilder:validation:Maximum=1125899906842624
	// +optional
	LargeStateBytes int64 `json:"largeStateBytes,omitempty"`

	// slowUploadBytesPerSecond is the upload rate of one subtask, in bytes per second, below which storage is slow whatever the job's past says. Default 1 MiB/s.
	// +kubebuilder:default=1048576
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=1099511627776
	// +optional
	SlowUploadBytesPerSecond int64 `json:"slowUploadBytesPerSecond,omitempty"`
}

// GuardsSpec hold remedies back.
//
// +kubebuilder:validation:MinProperties=1
type GuardsSpec struct {
	// cooldownSeconds is how long after a remedy no other is applied to the same target.
	// +kubebuilder:default=1800
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=604800
	// +optional
	CooldownSeconds *int32 `json:"cooldownSeconds,omitempty"`

	// maxRemediationsPerDay bounds the remedies applied to one target in 24 hours. They are counted by the target's receipts, of which it
	// keeps 10.
	// +kubebuilder:default=4
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	MaxRemediationsPerDay int32 `json:"maxRemediationsPerDay,omitempty"`

	// maxReplaySeconds bounds how much may be processed again after the restart.
	// +kubebuilder:default=3600
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2592000
	// +optional
	MaxReplaySeconds int32 `json:"maxReplaySeconds,omitempty"`

	// highAvailability tells whether a remedy that restarts the job insists on JobManager high availability.
	// +kubebuilder:default=Required
	// +optional
	HighAvailability Requirement `json:"highAvailability,omitempty"`

	// approval tells whether a person must approve each remedy with the annotation flink.checkpointhealth.dev/approve.
	// +kubebuilder:default=NotRequired
	// +optional
	Approval Requirement `json:"approval,omitempty"`

	// clusterChanges tells whether a remedy may be applied that changes a session cluster, which restarts every job on it.
	// +kubebuilder:default=Recommend
	// +optional
	ClusterChanges ClusterChanges `json:"clusterChanges,omitempty"`

	// windows are the times in which remedies that restart a job may be applied, and in which one that did not help is undone. One that harms is
	// undone at once, whatever the time. None: at any time.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:MinItems=1
	// +optional
	Windows []Window `json:"windows,omitempty"`
}

// Window is a span of time that comes back.
type Window struct {
	// schedule is when it opens, as a cron expression of five fields, such as "0 4 * * 1-5".
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^\\\\S+(\\\\s+\\\\S+){4}$')",message="schedule is a cron expression of five fields: minute hour day-of-month month day-of-week, such as '0 4 * * 1-5'"
	// +required
	Schedule string `json:"schedule,omitempty"`

	// durationSeconds is how long it stays open.
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=604800
	// +required
	DurationSeconds int32 `json:"durationSeconds,omitempty"`

	// timeZone is the IANA name of the schedule's time zone, such as Europe/Berlin.
	// +kubebuilder:default=UTC
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_+/-]+$')",message="timeZone is an IANA time zone name, such as Europe/Berlin or UTC"
	// +optional
	TimeZone string `json:"timeZone,omitempty"`
}

// BudgetSpec bounds how many remedies are in flight at once.
//
// +kubebuilder:validation:MinProperties=1
type BudgetSpec struct {
	// maxConcurrent is a count, or a share of the policy's targets in percent (rounded up), such as 1 or "10%".
	// +kubebuilder:default=1
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 1 : self.matches('^([1-9][0-9]?|100)%$')",message="maxConcurrent is a count of at least 1, or a percentage from 1% to 100%"
	// +optional
	MaxConcurrent *intstr.IntOrString `json:"maxConcurrent,omitempty"`
}

// VerificationSpec says how a remedy is judged.
//
// +kubebuilder:validation:MinProperties=1
type VerificationSpec struct {
	// checkpoints is how many checkpoints must complete in a row, after the restart, for a remedy to be Effective.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	Checkpoints int32 `json:"checkpoints,omitempty"`

	// deadlineSeconds is when a remedy that is not decided counts as Inconclusive. It starts when the patch is written, and is
	// extended to what the new timeout and interval need.
	// +kubebuilder:default=3600
	// +kubebuilder:validation:Minimum=30
	// +kubebuilder:validation:Maximum=604800
	// +optional
	DeadlineSeconds int32 `json:"deadlineSeconds,omitempty"`

	// onIneffective says what happens to a remedy that did not help. One of which too little was seen until the deadline (Inconclusive) stays in any case.
	// +kubebuilder:default=Rollback
	// +optional
	OnIneffective IneffectivePolicy `json:"onIneffective,omitempty"`
}

// RemediationPolicyStatus counts what the policy governs now.
//
// +kubebuilder:validation:MinProperties=1
type RemediationPolicyStatus struct {
	// conditions are the standard conditions.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:MinItems=1
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of spec that this status speaks of.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// targets is how many CheckpointHealths name this policy.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Targets *int32 `json:"targets,omitempty"`

	// unhealthy is how many of them are Unhealthy.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Unhealthy *int32 `json:"unhealthy,omitempty"`

	// remediating is how many remedies are in flight.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	Remediating *int32 `json:"remediating,omitempty"`

	// wouldAct is how many would be patched if the mode were Remediate.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	// +optional
	WouldAct *int32 `json:"wouldAct,omitempty"`
}

// RemediationPolicyList is a list of RemediationPolicy.
//
// +kubebuilder:object:root=true
type RemediationPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RemediationPolicy `json:"items"`
}
