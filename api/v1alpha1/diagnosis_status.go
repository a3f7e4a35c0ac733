package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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
	// +kubebuilder:validation:MinLength=1
	// +optional
	Summary string `json:"summary,omitempty"`
	// evidence is what was seen, for and against.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:MinItems=1
	// +optional
	Evidence []Evidence `json:"evidence,omitempty"`
	// missing is what was not seen and would have told.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	// +kubebuilder:validation:items:MinLength=1
	// +optional
	Missing []string `json:"missing,omitempty"`
	// nextMeasurement is what would settle it.
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
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
	// +kubebuilder:validation:MinLength=1
	// +optional
	Observed string `json:"observed,omitempty"`
	// expected is what would be normal.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	// +optional
	Expected string `json:"expected,omitempty"`
	// weight is how much it counts: above 0 for the cause, below 0 against it.
	// +kubebuilder:validation:Minimum=-100
	// +kubebuilder:validation:Maximum=100
	// +required
	Weight *int32 `json:"weight,omitempty"`
}

// Recommendation is what would be done next.
//
// +kubebuilder:validation:MinProperties=1
type Recommendation struct {
	// hash identifies it; approving it names this hash.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:MinLength=1
	// +optional
	Hash string `json:"hash,omitempty"`
	// cause is the cause it treats.
	// +optional
	Cause Cause `json:"cause,omitempty"`
	// summary is the remedy in one sentence, with its arithmetic; advice where there is nothing to write.
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:MinLength=1
	// +optional
	Summary string `json:"summary,omitempty"`
	// object is where they are written, such as FlinkDeployment/pool, where that is not the target itself.
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:MinLength=1
	// +optional
	Object string `json:"object,omitempty"`
	// changes are the fields it writes; none where it is advice only.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:MinItems=1
	// +optional
	Changes []Change `json:"changes,omitempty"`
	// cost is what applying it interrupts.
	// +optional
	Cost Cost `json:"cost,omitempty"`
	// replaySeconds is how much would be processed again after the restart.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	ReplaySeconds *int64 `json:"replaySeconds,omitempty"`
	// patch is the change as YAML, ready to commit for whoever keeps the target in Git.
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:MinLength=1
	// +optional
	Patch string `json:"patch,omitempty"`
	// whyNotNow says why it is not applied now.
	// +optional
	WhyNotNow WhyNotNow `json:"whyNotNow,omitzero"`
	// heldBy are the reasons of all that holds it back, the first of which is whyNotNow's.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=40
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=64
	// +optional
	HeldBy []string `json:"heldBy,omitempty"`
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
	// +kubebuilder:validation:MinLength=1
	// +optional
	From string `json:"from,omitempty"`
	// to is the value after.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	// +optional
	To string `json:"to,omitempty"`
	// uncapped is what it would be without the policy's bound; empty where no bound cut it.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
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
	// +kubebuilder:validation:MinLength=1
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
	// object is where it was written, such as FlinkDeployment/pool, where that is not the target itself.
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:MinLength=1
	// +optional
	Object string `json:"object,omitempty"`
	// changes are the fields it wrote.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:MinItems=1
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
	// +kubebuilder:validation:MinLength=1
	// +optional
	Message string `json:"message,omitempty"`
}
