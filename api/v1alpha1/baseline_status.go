package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BaselineStatus is what this job is like while it is well. It outlives a restart of the operator: slow means slower than this job used to
// be. A figure is written when it is first known, and then only where it moved by more than a third, once in six hours at most.
//
// +kubebuilder:validation:MinProperties=1
type BaselineStatus struct {
	// checkpointDurationMilliseconds is the median duration of its completed checkpoints.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	CheckpointDurationMilliseconds *int64 `json:"checkpointDurationMilliseconds,omitempty"`
	// uploadBytesPerSecond is the median upload rate of one subtask.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	UploadBytesPerSecond *int64 `json:"uploadBytesPerSecond,omitempty"`
	// stateSizeBytes is the size of its state in the newest completed checkpoint.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	StateSizeBytes *int64 `json:"stateSizeBytes,omitempty"`
	// observedTime is when these figures were written.
	// +optional
	ObservedTime *metav1.Time `json:"observedTime,omitempty"`
}
