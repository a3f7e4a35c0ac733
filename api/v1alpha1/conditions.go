package v1alpha1

// Condition types of a CheckpointHealth.
const (
	// ConditionReady tells whether this generation was reconciled. It says nothing of the job: see CheckpointsHealthy.
	ConditionReady = "Ready"
	// ConditionCheckpointsHealthy is the job's health: True (reason Healthy or AtRisk), False (Unhealthy), Unknown.
	ConditionCheckpointsHealthy = "CheckpointsHealthy"
	// ConditionDiagnosed is True where a cause is Likely or Confirmed; its reason is the cause.
	ConditionDiagnosed = "Diagnosed"
	// ConditionRemediating is True while a remedy is applied and not judged yet.
	ConditionRemediating = "Remediating"
	// ConditionCoolingDown is True after a remedy until the cooldown ends; its transition time is the timer.
	ConditionCoolingDown = "CoolingDown"
	// ConditionConfigAligned is False where the target does not run with what was written, and why.
	ConditionConfigAligned = "ConfigAligned"
	// ConditionStalled is True only for what no retry cures.
	ConditionStalled = "Stalled"
)

// Reasons of Ready and Stalled.
const (
	// ReasonReconciled means this generation was reconciled.
	ReasonReconciled = "Reconciled"
	// ReasonSuspended means spec.suspend is true.
	ReasonSuspended = "Suspended"
	// ReasonTargetNotFound means the target does not exist; it is looked for again.
	ReasonTargetNotFound = "TargetNotFound"
	// ReasonTargetKindUnknown means the target's kind is none that can be diagnosed.
	ReasonTargetKindUnknown = "TargetKindUnknown"
	// ReasonTargetCRDMissing means the CustomResourceDefinition of the target's kind is not installed.
	ReasonTargetCRDMissing = "TargetCRDMissing"
	// ReasonForbidden means the operator's own RBAC does not allow a read or write it needs.
	ReasonForbidden = "Forbidden"
	// ReasonPolicyNotFound means spec.policyRef names a RemediationPolicy that does not exist: the job is diagnosed, and nothing is written.
	ReasonPolicyNotFound = "PolicyNotFound"
	// ReasonPolicyInvalid means the policy cannot be used as it stands: the job is diagnosed, and nothing is written.
	ReasonPolicyInvalid = "PolicyInvalid"
	// ReasonEndpointInvalid means spec.endpoint names a Service or Secret that cannot be used.
	ReasonEndpointInvalid = "EndpointInvalid"
	// ReasonCRDOutdated means the CustomResourceDefinition is older than the manager and does not take all of status: apply config/crd.
	ReasonCRDOutdated = "CRDOutdated"
	// ReasonProgressing means nothing stalls.
	ReasonProgressing = "Progressing"
)

// Reasons of CheckpointsHealthy.
const (
	// ReasonHealthy means checkpoints complete well within their timeout.
	ReasonHealthy = "Healthy"
	// ReasonAtRisk means none expires yet, but the margin is going.
	ReasonAtRisk = "AtRisk"
	// ReasonUnhealthy means checkpoints expire or fail.
	ReasonUnhealthy = "Unhealthy"
	// ReasonJobManagerUnreachable means no answer came from the JobManager's REST API.
	ReasonJobManagerUnreachable = "JobManagerUnreachable"
	// ReasonJobNotFound means the cluster runs no job that matches.
	ReasonJobNotFound = "JobNotFound"
	// ReasonJobAmbiguous means the cluster runs several jobs and no jobSelector picks one.
	ReasonJobAmbiguous = "JobAmbiguous"
	// ReasonJobNotRunning means the job is in a state in which it takes no checkpoints.
	ReasonJobNotRunning = "JobNotRunning"
	// ReasonCheckpointingDisabled means the job does not checkpoint periodically.
	ReasonCheckpointingDisabled = "CheckpointingDisabled"
	// ReasonTooFewCheckpoints means there is no finished checkpoint to judge by yet.
	ReasonTooFewCheckpoints = "TooFewCheckpoints"
	// ReasonUpgrading means the target is being upgraded.
	ReasonUpgrading = "Upgrading"
	// ReasonMalformedAnswer means the endpoint answered with something that is not Flink's REST API.
	ReasonMalformedAnswer = "MalformedAnswer"
	// ReasonLogsIncomplete means only log files were given, and they do not tell enough: no timeout, or nothing of the checkpoint coordinator.
	ReasonLogsIncomplete = "LogsIncomplete"
)

// Reasons of Diagnosed beside the causes themselves.
const (
	// ReasonNothingToDiagnose means the job is healthy or cannot be judged.
	ReasonNothingToDiagnose = "NothingToDiagnose"
)

// Reasons of Remediating, of recommendation.whyNotNow and of the events: each is one guard's refusal or one outcome.
const (
	ReasonNone                   = "None"
	ReasonRemedyPending          = "RemedyPending"
	ReasonRemedyApplied          = "RemedyApplied"
	ReasonRemedyEffective        = "RemedyEffective"
	ReasonRemedyIneffective      = "RemedyIneffective"
	ReasonRemedyHarmful          = "RemedyHarmful"
	ReasonRemedyInconclusive     = "RemedyInconclusive"
	ReasonRemedyRolledBack       = "RemedyRolledBack"
	ReasonRemedySuperseded       = "RemedySuperseded"
	ReasonWatchFinding           = "WatchFinding"
	ReasonHealthyNothingToDo     = "NothingToDo"
	ReasonNoRemedyLeft           = "NoRemedyLeft"
	ReasonAdviceOnly             = "AdviceOnly"
	ReasonUndetermined           = "Undetermined"
	ReasonModeObserve            = "ModeObserve"
	ReasonModeRecommend          = "ModeRecommend"
	ReasonLeverRecommendOnly     = "LeverRecommendOnly"
	ReasonAtRiskNotTreated       = "AtRiskNotTreated"
	ReasonBoundReached           = "BoundReached"
	ReasonMuted                  = "Muted"
	ReasonCooldown               = "Cooldown"
	ReasonDailyLimit             = "DailyLimit"
	ReasonOutsideWindow          = "OutsideWindow"
	ReasonBudgetExhausted        = "BudgetExhausted"
	ReasonApprovalRequired       = "ApprovalRequired"
	ReasonPaused                 = "Paused"
	ReasonLookedAfterByAnother   = "LookedAfterByAnother"
	ReasonStopSwitch             = "StopSwitch"
	ReasonReplayTooLong          = "ReplayTooLong"
	ReasonUpgradeModeSavepoint   = "UpgradeModeSavepoint"
	ReasonUpgradeModeStateless   = "UpgradeModeStateless"
	ReasonNoHighAvailability     = "NoHighAvailability"
	ReasonNoRestorableCheckpoint = "NoRestorableCheckpoint"
	ReasonUpgradeInProgress      = "UpgradeInProgress"
	ReasonSavepointInProgress    = "SavepointInProgress"
	ReasonManagedByParent        = "ManagedByParent"
	ReasonNetworkTooSlow         = "NetworkTooSlow"
	ReasonNestedDuplicate        = "NestedDuplicate"
	ReasonOverlappingKeys        = "OverlappingKeys"
	ReasonOverriddenInCode       = "OverriddenInCode"
	ReasonOwnedByOtherManager    = "OwnedByOtherManager"
	ReasonRevertedByGitOps       = "RevertedByGitOps"
	ReasonIgnoredByFlink         = "IgnoredByFlink"
	ReasonNotInForce             = "NotInForce"
	ReasonHeapSizePinned         = "HeapSizePinned"
	ReasonDoesNotFitCluster      = "DoesNotFitCluster"
	ReasonDryRunRefused          = "DryRunRefused"
	ReasonSessionCluster         = "SessionCluster"
	ReasonSessionJobUnsafe       = "SessionJobUnsafe"
	ReasonTargetNotPatchable     = "TargetNotPatchable"
	ReasonConfigurationBroken    = "ConfigurationBroken"
	ReasonConfigurationFixed     = "ConfigurationFixed"
	ReasonDuplicateKey           = "DuplicateKey"
	ReasonStoredJobGraph         = "StoredJobGraph"
	ReasonRolloutPaused          = "RolloutPaused"
	ReasonRolledOutByHand        = "RolledOutByHand"
	ReasonFreshStart             = "FreshStart"
	ReasonSnapshotIncomplete     = "SnapshotIncomplete"
	ReasonSharedDependency       = "SharedDependency"
	ReasonTargetChanged          = "TargetChanged"
	ReasonWriteFailed            = "WriteFailed"
	ReasonAligned                = "Aligned"
	ReasonDiagnosed              = "Diagnosed"
	ReasonRecovered              = "Recovered"
	ReasonWaiting                = "Waiting"
	ReasonRecommended            = "Recommended"
	ReasonResumed                = "Resumed"
	ReasonUnknownAnnotation      = "UnknownAnnotation"
)

// Condition types and reasons of a RemediationPolicy.
const (
	// ConditionAccepted is True where the policy can be used as it stands.
	ConditionAccepted = "Accepted"
	// ReasonAccepted means every field could be used.
	ReasonAccepted = "Accepted"
)
