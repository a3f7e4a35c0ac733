package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NetworkProbeStatus is what a probe pod measured of the network between a TaskManager's node and the JobManager. There is at most one in
// each unhealthy spell.
//
// +kubebuilder:validation:MinProperties=1
type NetworkProbeStatus struct {
	// startTime is when the pod was created.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// finishedTime is when it was over; absent while it is measured.
	// +optional
	FinishedTime *metav1.Time `json:"finishedTime,omitempty"`
	// node is the node it was measured from.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:MinLength=1
	// +optional
	Node string `json:"node,omitempty"`
	// message is why there is no result; absent where there is one.
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:MinLength=1
	// +optional
	Message string `json:"message,omitempty"`
	// roundTrips are what was measured, one entry for each kind.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:MinItems=1
	// +optional
	RoundTrips []RoundTrips `json:"roundTrips,omitempty"`
	// hops is the path to the JobManager, nearest first; "?" where nobody answered.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:MinLength=1
	// +optional
	Hops []string `json:"hops,omitempty"`
}

// RoundTrips are round trips of one kind. Percentiles are over those that were answered.
type RoundTrips struct {
	// name is the kind: connects to one of the JobManager's ports (rpc, blob, rest), or requests to its REST API (restRequest).
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:MinLength=1
	// +required
	Name string `json:"name,omitempty"`
	// address is the address and port.
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:MinLength=1
	// +optional
	Address string `json:"address,omitempty"`
	// sent is how many were tried.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	// +required
	Sent *int32 `json:"sent,omitempty"`
	// lost is how many of them nobody answered in time.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	// +required
	Lost *int32 `json:"lost,omitempty"`
	// failed is how many of them were refused.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	// +required
	Failed *int32 `json:"failed,omitempty"`
	// p50Microseconds is the median.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	P50Microseconds *int64 `json:"p50Microseconds,omitempty"`
	// p95Microseconds is the 95th percentile.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	P95Microseconds *int64 `json:"p95Microseconds,omitempty"`
	// maxMicroseconds is the longest.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	MaxMicroseconds *int64 `json:"maxMicroseconds,omitempty"`
	// retransmits is how many packets the kernel sent again; absent where it does not tell.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9007199254740991
	// +optional
	Retransmits *int64 `json:"retransmits,omitempty"`
}
