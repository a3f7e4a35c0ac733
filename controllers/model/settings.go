package model

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Setting is one value in force and where it comes from.
type Setting[T any] struct {
	Value  T
	Known  bool
	Origin api.SettingOrigin
	// Key is the Flink key it was found under (aliases differ by version).
	Key string
	// Source names the very place that sets it, and Overrides what would win over a patch there; empty where the origin says it all.
	Source, Overrides string
	// Ignored says that the setting is configured under a key that the running Flink does not read, and what would be right; empty where it is not.
	Ignored string
}

// Settings are the values in force. What the job really runs with comes from /jobs/:id/checkpoints/config, which job code can override.
type Settings struct {
	Timeout, Interval, MinPause, AlignedTimeout Setting[time.Duration]
	MaxConcurrent, TolerableFailed, NumRetained Setting[int]
	HistorySize, IOPoolSize, TransferThreads    Setting[int]
	// ClusterPoolSize is cluster.io-pool.size; not known where it is Flink's default, four threads a CPU.
	ClusterPoolSize                     Setting[int]
	ExactlyOnce, Unaligned, Incremental Setting[bool]
	CleanerParallel                     Setting[bool]
	// BackgroundCleanup is the runbook's flag execution.savepoint.cleanup-in-background where the configuration holds it.
	BackgroundCleanup Setting[bool]
	StateBackend      Setting[string]
	CheckpointStorage Setting[string]
	CheckpointDir     Setting[string]
	HighAvailability  Setting[string]
	// FrameSize and InlineThreshold are in bytes; ExternalizedRetained tells whether checkpoints survive a cancel.
	FrameSize, InlineThreshold Setting[int64]
	ExternalizedRetained       Setting[bool]
	// JobManagerCPU is in cores; JobManagerProcess and JobManagerHeap in bytes.
	JobManagerCPU                     Setting[float64]
	JobManagerProcess, JobManagerHeap Setting[int64]
	// AskTimeout is pekko.ask.timeout (akka.ask.timeout up to 1.17).
	AskTimeout Setting[time.Duration]
	// Cluster is /jobmanager/config: the configuration the JobManager runs with, allow-listed keys only.
	Cluster map[string]string
}

// Target is the Kubernetes object that is diagnosed and patched.
type Target struct {
	APIVersion, Kind, Namespace, Name string
	UID, ResourceVersion              string
	Generation                        int64
	// SessionCluster is true for a cluster without a job of its own: a change restarts every job.
	SessionCluster bool
	// Config is spec.flinkConfiguration, flattened as the Flink operator does, allow-listed keys only.
	Config map[string]string
	// Nested are the keys that were not written as one flat name: the names by which each lies below spec.flinkConfiguration, which may hold
	// dots themselves.
	Nested map[string][]string
	// Twins are the keys that are there in several forms.
	Twins []string
	// OverlappingKeys are pairs "a, a.b" of which one is a dotted prefix of the other: Flink 2 refuses them.
	OverlappingKeys []string
	// Owners maps a field (Flink key or path such as jobManager.resource.cpu) to the managers that own it, ours excluded.
	Owners map[string][]string
	// Ours are the fields that our field manager owns now.
	Ours []string
	// ResourceField is "resource" or "resources", whichever is in effect for the JobManager.
	ResourceField string
	// JobManagerResources are the JobManager's requests and limits as written where ResourceField is "resources", by path:
	// jobManager.resources.limits.cpu is "500m". Only what is set is there.
	JobManagerResources map[string]string
	// JobManagerCPU in cores and JobManagerMemory as written, such as 1024m; empty if not set.
	JobManagerCPU    Measure
	JobManagerMemory string
	// PodTemplateResources says which CPU and memory a pod template gives to the JobManager's container, and where; empty where none does.
	// Flink overwrites them.
	PodTemplateResources string
	// FlinkVersion is spec.flinkVersion as written, such as v1_20.
	FlinkVersion string
	// UpgradeMode is spec.job.upgradeMode as written; empty if not set (the Flink operator then takes stateless).
	UpgradeMode string
	// HighAvailability tells whether the configuration turns JobManager HA on.
	HighAvailability bool
	// Suspended is true where spec.job.state is suspended.
	Suspended bool
	// Status as the Flink operator shows it.
	Lifecycle, JobManagerDeployment, Reconciliation, JobState, Error string
	ObservedGeneration                                               int64
	// DeployedAt is when the Flink operator deployed what it reconciled last; zero where that is not known.
	DeployedAt time.Time
	// NeverRan tells that its job was never seen since it was created: what goes on is its first deployment.
	NeverRan bool
	// Parent is KIND/NAME of an owner that would overwrite a patch (FlinkBlueGreenDeployment); empty if none.
	Parent string
	// GitOps are the tools that manage the object, such as "Argo CD", from managedFields and tracking labels.
	GitOps []string
	// Cluster is the name behind the REST Service NAME-rest and the pods' label app: the target's own, for a FlinkSessionJob its
	// session cluster's.
	Cluster string
	// Service is the Service in front of the JobManager and Port its port, where they are not CLUSTER-rest and 8081; empty and 0 otherwise.
	Service string
	Port    int32
	// PodLabels select the workload's pods in the namespace; nil where they are not known.
	PodLabels map[string]string
	// JobID is the id of the job that the target's status names; empty where it names none.
	JobID string
	// NotPatchable says why nothing can be written to a target of this kind; empty where it can.
	NotPatchable string
	// Standalone is how a JobManager without the Flink operator is configured; nil for all others.
	Standalone *Standalone
	// AutoscalerRescaling is true while the autoscaler's rescale is in flight.
	AutoscalerRescaling bool
	// Receipts are what was patched before, newest first, decoded from the annotation.
	Receipts []Receipt
	// ReceiptsError says why the annotation could not be decoded; nothing is written while it is set.
	ReceiptsError string
	// Foreign are receipts on this object or one beside it that another CheckpointHealth wrote and answers for.
	Foreign []Receipt
	// Others are further objects of the same job that a remedy may be written to, such as the session cluster of a FlinkSessionJob.
	// Receipts holds theirs as well.
	Others []Target
}

// ErrorMark tells one error of the target's status from another without keeping its text; empty where there is none.
func (t *Target) ErrorMark() string {
	if t.Error == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(t.Error))
	return hex.EncodeToString(sum[:5])
}

// NoJobManager tells that the Flink operator sees no JobManager that could answer: its Deployment is missing, is being created or cannot start.
func (t *Target) NoJobManager() bool {
	switch t.JobManagerDeployment {
	case "MISSING", "ERROR", "DEPLOYING":
		return true
	}
	return false
}

// NeverCame tells that what was deployed for the first time did not come up: it is no upgrade that ends by itself. An error of the first moments,
// such as a volume that is not there yet, is one as long as it stands. A FlinkSessionJob that the Flink operator refuses is FAILED, with the reason.
func (t *Target) NeverCame() bool {
	return t.NeverRan && (t.JobManagerDeployment == "ERROR" || t.Lifecycle == "FAILED") && t.Error != ""
}

// CameUp tells that the Flink operator has deployed the present generation and sees no error of it: what it waits for is the JobManager's answer alone.
func (t *Target) CameUp() bool {
	return t.Lifecycle == "DEPLOYED" && t.Reconciliation == "DEPLOYED" && !t.DeployedAt.IsZero() && t.ObservedGeneration == t.Generation &&
		t.JobManagerDeployment != "MISSING" && t.JobManagerDeployment != "ERROR"
}

// Upgrading tells whether the Flink operator is in the middle of a redeploy or has not seen the present generation yet. STABLE can
// come a minute late and an error text is no failed upgrade (measured on 1.7.0 and 1.15.0).
func (t *Target) Upgrading() bool {
	if t.Kind == "" {
		return false
	}
	if t.ObservedGeneration != 0 && t.ObservedGeneration < t.Generation {
		return true
	}
	if t.Standalone != nil && t.Standalone.Rolling != "" {
		return true
	}
	switch t.Lifecycle {
	case "CREATED", "UPGRADING", "ROLLING_BACK", "DEPLOYED":
		return true
	}
	switch t.Reconciliation {
	case "UPGRADING", "ROLLING_BACK":
		return true
	}
	return false
}
