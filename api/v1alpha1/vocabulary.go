package v1alpha1

// Health is what the recent checkpoints of a job say about it.
//
// +kubebuilder:validation:Enum=Healthy;AtRisk;Unhealthy;Unknown
type Health string

const (
	// HealthHealthy means checkpoints complete well within their timeout.
	HealthHealthy Health = "Healthy"
	// HealthAtRisk means none expires yet, but the margin is going or a resource that checkpointing needs is used up.
	HealthAtRisk Health = "AtRisk"
	// HealthUnhealthy means checkpoints expire or fail, or one is pending far beyond its timeout.
	HealthUnhealthy Health = "Unhealthy"
	// HealthUnknown means there is no fresh data to judge by.
	HealthUnknown Health = "Unknown"
)

// Cause is why checkpoints expire. The first six are the runbook's; the others would be mistaken for one of them.
//
// +kubebuilder:validation:Enum=NetworkLatency;JobManagerOverload;SlowCleanup;SlowStateBackend;CheckpointPressure;FlinkVersionBug;Backpressure;SinkFlush;SlowSyncPhase;DataSkew;TaskManagerPressure;StorageFailure;OversizedAck;SourceBlocked;UserCodeBlocking;CommitBlocksTask;CoordinatorBlocked;TaskFailure;SharedDependencyDegraded;Undetermined
type Cause string

// The causes, each with its section in docs/diagnosis.md.
const (
	CauseNetworkLatency           Cause = "NetworkLatency"
	CauseJobManagerOverload       Cause = "JobManagerOverload"
	CauseSlowCleanup              Cause = "SlowCleanup"
	CauseSlowStateBackend         Cause = "SlowStateBackend"
	CauseCheckpointPressure       Cause = "CheckpointPressure"
	CauseFlinkVersionBug          Cause = "FlinkVersionBug"
	CauseBackpressure             Cause = "Backpressure"
	CauseSinkFlush                Cause = "SinkFlush"
	CauseSlowSyncPhase            Cause = "SlowSyncPhase"
	CauseDataSkew                 Cause = "DataSkew"
	CauseTaskManagerPressure      Cause = "TaskManagerPressure"
	CauseStorageFailure           Cause = "StorageFailure"
	CauseOversizedAck             Cause = "OversizedAck"
	CauseSourceBlocked            Cause = "SourceBlocked"
	CauseUserCodeBlocking         Cause = "UserCodeBlocking"
	CauseCommitBlocksTask         Cause = "CommitBlocksTask"
	CauseCoordinatorBlocked       Cause = "CoordinatorBlocked"
	CauseTaskFailure              Cause = "TaskFailure"
	CauseSharedDependencyDegraded Cause = "SharedDependencyDegraded"
	CauseUndetermined             Cause = "Undetermined"
)

// SubCause narrows a cause where the remedy depends on it.
//
// +kubebuilder:validation:Enum=CPU;Heap;KnownIssue;VersionMismatch
type SubCause string

// The sub-causes: CPU and Heap of JobManagerOverload, KnownIssue and VersionMismatch of FlinkVersionBug.
const (
	SubCauseCPU             SubCause = "CPU"
	SubCauseHeap            SubCause = "Heap"
	SubCauseKnownIssue      SubCause = "KnownIssue"
	SubCauseVersionMismatch SubCause = "VersionMismatch"
)

// Verdict is how sure a diagnosis is.
//
// +kubebuilder:validation:Enum=Confirmed;Likely;Possible;RuledOut;NotAssessed
type Verdict string

const (
	// VerdictConfirmed means decisive evidence was seen, such as the stack of the missing subtasks.
	VerdictConfirmed Verdict = "Confirmed"
	// VerdictLikely means the evidence for it outweighs the rest far enough to act on.
	VerdictLikely Verdict = "Likely"
	// VerdictPossible means there is some evidence for it, not enough to act on.
	VerdictPossible Verdict = "Possible"
	// VerdictRuledOut means the evidence against it decides.
	VerdictRuledOut Verdict = "RuledOut"
	// VerdictNotAssessed means what would tell was not available.
	VerdictNotAssessed Verdict = "NotAssessed"
)

// Mode is how far a policy lets the operator go.
//
// +kubebuilder:validation:Enum=Observe;Recommend;Remediate
type Mode string

const (
	// ModeObserve diagnoses and reports; it computes no recommendation.
	ModeObserve Mode = "Observe"
	// ModeRecommend puts the remedy into status as a ready-to-commit patch and writes nothing else.
	ModeRecommend Mode = "Recommend"
	// ModeRemediate applies the remedy, verifies it and undoes it where it did not help.
	ModeRemediate Mode = "Remediate"
)

// ModeInForce is the policy's mode, or Paused.
//
// +kubebuilder:validation:Enum=Observe;Recommend;Remediate;Paused
type ModeInForce string

// ModePaused writes nothing, whatever the policy says: the annotation pause is set.
const ModePaused ModeInForce = "Paused"

// LeverAction is what may be done with one lever.
//
// +kubebuilder:validation:Enum=Apply;Recommend;Off
type LeverAction string

const (
	// LeverApply lets the operator write the lever in mode Remediate.
	LeverApply LeverAction = "Apply"
	// LeverRecommend only ever recommends the lever.
	LeverRecommend LeverAction = "Recommend"
	// LeverOff leaves the lever out of what is tried and recommended.
	LeverOff LeverAction = "Off"
)

// Lever is one thing a remedy changes. Its values are the field names of spec.remedies.
//
// +kubebuilder:validation:Enum=checkpointTimeout;checkpointInterval;jobManagerCPU;jobManagerHeap;backgroundCleanup;maxConcurrentCheckpoints;incrementalCheckpoints;unalignedCheckpoints;transferThreads;ioPoolSize;advisoryWorkarounds
type Lever string

// The levers, in the order of the policy's fields.
const (
	LeverCheckpointTimeout        Lever = "checkpointTimeout"
	LeverCheckpointInterval       Lever = "checkpointInterval"
	LeverJobManagerCPU            Lever = "jobManagerCPU"
	LeverJobManagerHeap           Lever = "jobManagerHeap"
	LeverBackgroundCleanup        Lever = "backgroundCleanup"
	LeverMaxConcurrentCheckpoints Lever = "maxConcurrentCheckpoints"
	LeverIncrementalCheckpoints   Lever = "incrementalCheckpoints"
	LeverUnalignedCheckpoints     Lever = "unalignedCheckpoints"
	LeverTransferThreads          Lever = "transferThreads"
	LeverIOPoolSize               Lever = "ioPoolSize"
	LeverAdvisoryWorkarounds      Lever = "advisoryWorkarounds"
)

// Cost is what applying a change interrupts.
//
// +kubebuilder:validation:Enum=NoRestart;JobRestart;ClusterRestart
type Cost string

const (
	// CostNoRestart means the running job keeps running.
	CostNoRestart Cost = "NoRestart"
	// CostJobRestart means the job restarts from its last completed checkpoint and replays what came since.
	CostJobRestart Cost = "JobRestart"
	// CostClusterRestart means every job of the cluster restarts.
	CostClusterRestart Cost = "ClusterRestart"
)

// Outcome is what later checkpoints said of a remedy.
//
// +kubebuilder:validation:Enum=Pending;Effective;Ineffective;Harmful;Inconclusive;RolledBack;Superseded
type Outcome string

const (
	// OutcomePending means the criterion is not decided yet.
	OutcomePending Outcome = "Pending"
	// OutcomeEffective means the criterion that was frozen before the patch is met.
	OutcomeEffective Outcome = "Effective"
	// OutcomeIneffective means it is missed: the remedy is undone (where the policy says so) and muted.
	OutcomeIneffective Outcome = "Ineffective"
	// OutcomeHarmful means the job got worse: it is undone at once.
	OutcomeHarmful Outcome = "Harmful"
	// OutcomeInconclusive means the deadline passed without enough checkpoints to tell.
	OutcomeInconclusive Outcome = "Inconclusive"
	// OutcomeRolledBack means the prior values are back.
	OutcomeRolledBack Outcome = "RolledBack"
	// OutcomeSuperseded means somebody else changed the field, so the remedy can no longer be judged.
	OutcomeSuperseded Outcome = "Superseded"
)

// SettingOrigin is where a setting that is in force comes from. Precedence is Flink's own: arguments over environment over file; job code
// over all.
//
// +kubebuilder:validation:Enum=Target;SessionJob;SessionCluster;JobCode;Arguments;Environment;ConfigMap;OperatorDefault;Default;Unknown
type SettingOrigin string

const (
	// OriginTarget means the target's own configuration sets it.
	OriginTarget SettingOrigin = "Target"
	// OriginSessionJob means the FlinkSessionJob of the job sets it, where the target is the session cluster.
	OriginSessionJob SettingOrigin = "SessionJob"
	// OriginSessionCluster means the FlinkDeployment of the session cluster sets it, where the target is a FlinkSessionJob.
	OriginSessionCluster SettingOrigin = "SessionCluster"
	// OriginJobCode means the running job has another value than the configuration: the job's code sets it, and no patch can change it.
	OriginJobCode SettingOrigin = "JobCode"
	// OriginArguments means an argument -D of a standalone JobManager's container sets it.
	OriginArguments SettingOrigin = "Arguments"
	// OriginEnvironment means an environment variable of a standalone JobManager's container sets it.
	OriginEnvironment SettingOrigin = "Environment"
	// OriginConfigMap means the configuration file of a standalone JobManager sets it, which a ConfigMap holds.
	OriginConfigMap SettingOrigin = "ConfigMap"
	// OriginOperatorDefault means the cluster's configuration has it although the target does not: an operator's or image's default.
	OriginOperatorDefault SettingOrigin = "OperatorDefault"
	// OriginDefault means Flink's own default.
	OriginDefault SettingOrigin = "Default"
	// OriginUnknown means the value or its origin could not be read.
	OriginUnknown SettingOrigin = "Unknown"
)

// Requirement tells whether a guard insists on something.
//
// +kubebuilder:validation:Enum=Required;NotRequired
type Requirement string

const (
	// Required means the guard refuses without it.
	Required Requirement = "Required"
	// NotRequired means the guard does not look at it.
	NotRequired Requirement = "NotRequired"
)

// ConflictPolicy is what happens where another field manager owns a field.
//
// +kubebuilder:validation:Enum=Yield;Force
type ConflictPolicy string

const (
	// ConflictYield leaves the field alone and recommends.
	ConflictYield ConflictPolicy = "Yield"
	// ConflictForce takes the field. The next sync of a GitOps tool takes it back, and each round is a restart.
	ConflictForce ConflictPolicy = "Force"
)

// IneffectivePolicy is what happens to a remedy that did not help.
//
// +kubebuilder:validation:Enum=Rollback;Keep
type IneffectivePolicy string

const (
	// IneffectiveRollback restores the prior values.
	IneffectiveRollback IneffectivePolicy = "Rollback"
	// IneffectiveKeep leaves the patch in place and goes on to the next remedy for the cause.
	IneffectiveKeep IneffectivePolicy = "Keep"
)

// TreatHealth is how sick a job must be before a remedy is applied.
//
// +kubebuilder:validation:Enum=Unhealthy;AtRisk
type TreatHealth string

const (
	// TreatUnhealthy treats only jobs whose checkpoints expire.
	TreatUnhealthy TreatHealth = "Unhealthy"
	// TreatAtRisk treats jobs that are at risk as well.
	TreatAtRisk TreatHealth = "AtRisk"
)

// NetworkProbe is how the network between TaskManagers and JobManager is measured.
//
// +kubebuilder:validation:Enum=Off;Pod
type NetworkProbe string

const (
	// NetworkProbeOff never measures it.
	NetworkProbeOff NetworkProbe = "Off"
	// NetworkProbePod starts a short-lived pod of the operator's own image on a TaskManager's node, at most one in each unhealthy spell.
	NetworkProbePod NetworkProbe = "Pod"
)

// LogSource is where logs are read.
//
// +kubebuilder:validation:Enum=Off;Flink;Kubernetes
type LogSource string

const (
	// LogSourceOff reads no log.
	LogSourceOff LogSource = "Off"
	// LogSourceFlink asks Flink's REST API.
	LogSourceFlink LogSource = "Flink"
	// LogSourceKubernetes asks the Kubernetes API for the logs of the pods, which wants the rights of config/pod-logs.
	LogSourceKubernetes LogSource = "Kubernetes"
)

// Annotations and names that are part of the API.
const (
	// AnnotationPause on a CheckpointHealth: any value pauses writes; the value is the reason, for whoever reads it.
	AnnotationPause = "flink.checkpointhealth.dev/pause"
	// AnnotationApprove on a CheckpointHealth: the hash of the recommendation that a person approves.
	AnnotationApprove = "flink.checkpointhealth.dev/approve"
	// AnnotationReceipts on a target: what was patched, why, from which values, and how it will be judged (JSON).
	AnnotationReceipts = "flink.checkpointhealth.dev/receipts"
	// AnnotationConfigHash on a pod template: a hash of the configuration that was written, so that a change of a ConfigMap rolls out.
	AnnotationConfigHash = "flink.checkpointhealth.dev/config-hash"
	// FieldManager is the server-side apply manager under which targets are patched.
	FieldManager = "checkpoint-health"
)

// ClusterChanges tells what is done with a remedy that changes a session cluster.
//
// +kubebuilder:validation:Enum=Recommend;Apply
type ClusterChanges string

const (
	// ClusterChangesRecommend means it is only recommended, with how many jobs would restart.
	ClusterChangesRecommend ClusterChanges = "Recommend"
	// ClusterChangesApply means it is applied where every job of the cluster is safe to restart.
	ClusterChangesApply ClusterChanges = "Apply"
)

// LeaseName is the manager's Lease, in its own namespace: who holds it writes, and when it was renewed last tells whether anybody does.
const LeaseName = "checkpoint-health.flink.checkpointhealth.dev"
