package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
)

// RemediesSpec has one entry per lever, as what a remedy changes is called here. A lever whose entry is absent has the defaults shown at the entry.
//
// +kubebuilder:validation:MinProperties=0
type RemediesSpec struct {
	// checkpointTimeout raises execution.checkpointing.timeout. Default: Apply, at most 3600 s, growth 50 %.
	// +optional
	CheckpointTimeout CheckpointTimeoutRemedy `json:"checkpointTimeout,omitzero"`
	// checkpointInterval raises execution.checkpointing.interval. Default: Apply, at most 1800 s.
	// +optional
	CheckpointInterval CheckpointIntervalRemedy `json:"checkpointInterval,omitzero"`
	// jobManagerCPU raises the JobManager's CPU. Default: Apply, at most 4 cores.
	// +optional
	JobManagerCPU JobManagerCPURemedy `json:"jobManagerCPU,omitzero"`
	// jobManagerHeap raises the JobManager's process size, from which Flink derives the heap. Default: Apply, at most 8Gi.
	// +optional
	JobManagerHeap JobManagerHeapRemedy `json:"jobManagerHeap,omitzero"`
	// backgroundCleanup turns off the runbook's flag where it is found and sets the cleaner's parallel mode. Default: Apply.
	// +optional
	BackgroundCleanup PlainRemedy `json:"backgroundCleanup,omitzero"`
	// maxConcurrentCheckpoints changes execution.checkpointing.max-concurrent-checkpoints. Default: Recommend, at most 2.
	// +optional
	MaxConcurrentCheckpoints MaxConcurrentRemedy `json:"maxConcurrentCheckpoints,omitzero"`
	// incrementalCheckpoints turns incremental checkpoints on, for RocksDB and ForSt. Default: Recommend.
	// +optional
	IncrementalCheckpoints PlainRemedy `json:"incrementalCheckpoints,omitzero"`
	// unalignedCheckpoints turns unaligned checkpoints on, with an aligned timeout. Default: Off.
	// +optional
	UnalignedCheckpoints PlainRemedy `json:"unalignedCheckpoints,omitzero"`
	// transferThreads raises state.backend.rocksdb.checkpoint.transfer.thread.num. Default: Recommend, at most 16.
	// +optional
	TransferThreads TransferThreadsRemedy `json:"transferThreads,omitzero"`
	// ioPoolSize raises the pool in which old checkpoints are deleted: jobmanager.io-pool.size, and cluster.io-pool.size where deletes hold that one.
	// Default: Apply, at most 32.
	// +optional
	IOPoolSize IOPoolSizeRemedy `json:"ioPoolSize,omitzero"`
	// advisoryWorkarounds applies the workaround settings of known issues. Default: Recommend.
	// +optional
	AdvisoryWorkarounds PlainRemedy `json:"advisoryWorkarounds,omitzero"`
}

// PlainRemedy is a lever without bounds.
type PlainRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +required
	Action LeverAction `json:"action,omitempty"`
}

// CheckpointTimeoutRemedy bounds the timeout.
//
// +kubebuilder:validation:MinProperties=1
type CheckpointTimeoutRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Apply
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// maxSeconds is the longest timeout that is ever written.
	// +kubebuilder:default=3600
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=604800
	// +optional
	MaxSeconds int32 `json:"maxSeconds,omitempty"`
	// growthPercent is how much it grows at least where no late acknowledgement tells what would have sufficed: 50 makes 10m 15m. Where an
	// upload moves and nothing will tell more it grows to ten times, within maxSeconds and no longer than it can be undone within
	// guards.maxReplaySeconds.
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=400
	// +optional
	GrowthPercent int32 `json:"growthPercent,omitempty"`
}

// CheckpointIntervalRemedy bounds the interval.
//
// +kubebuilder:validation:MinProperties=1
type CheckpointIntervalRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Apply
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// maxSeconds is the longest interval that is ever written. It bounds what a failure replays.
	// +kubebuilder:default=1800
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=604800
	// +optional
	MaxSeconds int32 `json:"maxSeconds,omitempty"`
}

// JobManagerCPURemedy bounds the JobManager's CPU.
//
// +kubebuilder:validation:MinProperties=1
type JobManagerCPURemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Apply
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// max is the most CPU that is ever written, such as 4 or 2500m.
	// +kubebuilder:default="4"
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).isGreaterThan(quantity('0'))",message="max is a CPU quantity above 0, such as 4 or 2500m"
	// +optional
	Max *resource.Quantity `json:"max,omitempty"`
}

// JobManagerHeapRemedy bounds the JobManager's process size.
//
// +kubebuilder:validation:MinProperties=1
type JobManagerHeapRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Apply
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// max is the largest process size (resource.memory) that is ever written, such as 8Gi.
	// +kubebuilder:default="8Gi"
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('256Mi')) >= 0",message="max is a memory quantity of at least 256Mi, such as 8Gi"
	// +optional
	Max *resource.Quantity `json:"max,omitempty"`
}

// MaxConcurrentRemedy bounds the concurrency.
//
// +kubebuilder:validation:MinProperties=1
type MaxConcurrentRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Recommend
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// max is the highest concurrency that is ever written.
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	Max int32 `json:"max,omitempty"`
}

// TransferThreadsRemedy bounds the upload threads.
//
// +kubebuilder:validation:MinProperties=1
type TransferThreadsRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Recommend
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// max is the most threads that are ever written.
	// +kubebuilder:default=16
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=128
	// +optional
	Max int32 `json:"max,omitempty"`
}

// IOPoolSizeRemedy bounds the JobManager's io pools.
//
// +kubebuilder:validation:MinProperties=1
type IOPoolSizeRemedy struct {
	// action says what may be done with it: Apply, Recommend or "Off" (in quotation marks: YAML reads a bare Off as false).
	// +kubebuilder:default=Apply
	// +optional
	Action LeverAction `json:"action,omitempty"`
	// max is the most threads that are ever written.
	// +kubebuilder:default=32
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=256
	// +optional
	Max int32 `json:"max,omitempty"`
}
