package model

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Diagnosis is what a snapshot means.
type Diagnosis struct {
	Health api.Health
	// Reason is the reason of the condition CheckpointsHealthy, and Message its sentence.
	Reason, Message string
	// Counts are over the window of the policy.
	Counts WindowCounts
	// Findings are the causes assessed, most likely first. Where the job is sick the first is Undetermined if none is Likely; empty where healthy.
	Findings []Finding
	// Slowest is where the time of the slowest recent checkpoint went.
	Slowest SlowestSubtask
	// Facts are figures that plan needs for sizing, computed once.
	Facts Facts
}

// Top returns the first finding, nil if none.
func (d *Diagnosis) Top() *Finding {
	if len(d.Findings) == 0 {
		return nil
	}
	return &d.Findings[0]
}

// Own returns the first finding that is of this job alone: behind a shared dependency stands what was found in the job itself.
func (d *Diagnosis) Own() *Finding {
	for i := range d.Findings {
		if d.Findings[i].Cause != api.CauseSharedDependencyDegraded {
			return &d.Findings[i]
		}
	}
	return nil
}

// WindowCounts count the finished checkpoints of the window.
type WindowCounts struct {
	Window, Completed, Expired, Failed, ConsecutiveExpired, ConsecutiveCompleted, InProgress int
	// PendingFor is the age of the oldest one in progress; 0 if none.
	PendingFor time.Duration
}

// SlowestSubtask is where the time of the slowest recent checkpoint went.
type SlowestSubtask struct {
	CheckpointID int64
	Vertex       string
	Subtask      int
	Entry        SubtaskLedger
	// Known is false where no details were read.
	Known bool
	// Missing is how many subtasks never reported in that checkpoint.
	Missing int
}

// Facts are what diagnose measured and plan sizes by. Durations are 0 where unknown.
type Facts struct {
	// LateAcks are the end-to-end times of full late reports after the first expiry that follows a completed checkpoint, largest first: each
	// is a timeout that would have sufficed for its subtask.
	LateAcks []time.Duration
	// LateComplete tells whether every missing subtask of such a checkpoint came late: then the largest is the timeout that would have sufficed.
	LateComplete bool
	// NeverLate is true where the same subtasks stay missing and no late acknowledgement ever comes: a longer timeout would not help.
	NeverLate bool
	// CutShort is true where each expiry restarts the job (tolerable-failed-checkpoints 0, Flink's default): nothing can come late, and that nothing
	// does says nothing.
	CutShort bool
	// Unread is true where checkpoints expired and of none of them it is known who was missing and what came late: nothing tells whether a longer
	// timeout would help.
	Unread bool
	// NoneLate is true where who was missing is known, and of none it is seen that time would have helped: no acknowledgement came late, and no
	// upload moves. False where each expiry restarts the job, for then none can come.
	NoneLate bool
	// Stalled is true where no checkpoint begins, for the job's tasks do not run: what a checkpoint may take is no matter then.
	Stalled bool
	// ClusterDeletes is true where deletes of replaced checkpoints hold every thread of the pool cluster-io, IODeletes where deletes hold those of
	// jobmanager-io, and IOIdle where dumps showed none of these in a delete.
	ClusterDeletes, IODeletes, IOIdle bool
	// UploadMoves is true where stacks or bytes show that an upload makes progress (Flink up to 1.17 cancels it at expiry).
	UploadMoves bool
	// P50, P95 and Max are over the completed checkpoints of the window.
	P50, P95, Max time.Duration
	// LateStart is how much later than due a checkpoint began on the average, with none in progress, over Starts neighbours of the history.
	LateStart time.Duration
	Starts    int
	// UploadRate is bytes per second of one subtask now; UploadRemembered where no upload of this pass tells it, and it is the one of earlier in the spell.
	UploadRate       Measure
	UploadRemembered bool
	// CompletedUploadRate is the same while checkpoints of less state completed, where the history tells it and no healthy pass did.
	CompletedUploadRate Measure
	// Excess is the largest duration - timeout of expired checkpoints: the JobManager's own lag.
	Excess time.Duration
	// LiveHeap is the JobManager's live set in bytes.
	LiveHeap Measure
	// CPUUsage is the JobManager's use in cores.
	CPUUsage Measure
	// Advisories are the ids of the known issues that match, with their workaround settings.
	Advisories []AdvisoryMatch
	// EndsByItself is set where the cause is known to pass soon, such as a full read.
	EndsByItself string
	// LibraryNamed is the connector or library that a stack names.
	LibraryNamed string
}

// AdvisoryMatch is a known issue that matches.
type AdvisoryMatch struct {
	ID, Title string
	// Component is what it is about, Flink or a library; Version the one that runs, empty where it is not known.
	Component, Version string
	FixedIn            []string
	Workaround         map[string]string
	Advice             string
}

// Finding is one cause, how sure it is and why.
type Finding struct {
	Cause    api.Cause
	SubCause api.SubCause
	Verdict  api.Verdict
	// Score is 0 to 100.
	Score           int
	Summary         string
	Evidence        []Evidence
	Missing         []string
	NextMeasurement string
	Since           time.Time
	// Advice is what a person can do where the operator can or may not.
	Advice []string
}

// Evidence is one thing that was seen; Weight above 0 speaks for the cause, below 0 against.
type Evidence struct {
	Signal, Observed, Expected string
	Weight                     int
}

// Change is one field, before and after.
type Change struct {
	Lever api.Lever
	// Field is a Flink configuration key, or a path of the target: jobManager.resource.cpu, jobManager.resource.memory, job.upgradeMode.
	Field string
	// From is the value before and WasSet whether the target itself set it (rolling back an unset field releases it).
	From   string
	WasSet bool
	To     string
	// Uncapped is the value without the policy's bound; empty where none cut it.
	Uncapped string
	// Origin is where From comes from.
	Origin api.SettingOrigin
	// Place is where it is written on a standalone JobManager; nil for fields of the target itself.
	Place *PlaceRef
}

// Remedy is a rung of a ladder, sized.
type Remedy struct {
	// Hash identifies it: the same changes for the same cause on the same target generation give the same hash.
	Hash     string
	Cause    api.Cause
	SubCause api.SubCause
	// Lever is the main one; the changes may hold more (one apply, one restart).
	Lever   api.Lever
	Changes []Change
	Cost    api.Cost
	// Jobs is how many running jobs restart with a session cluster; 0 where Cost is another or the number is not known.
	Jobs int
	// Object is the one that all changes are written to; the zero value is the target itself.
	Object ObjectKey
	// Reason is the arithmetic in a sentence.
	Reason string
	// Replay is what would be processed again after the restart; Unknown where nothing ever completed.
	Replay time.Duration
	// Downtime is the expected downtime.
	Downtime time.Duration
	// Criterion is frozen before the patch.
	Criterion Criterion
}

// Criterion is how a remedy will be judged, counted in checkpoints.
type Criterion struct {
	// CompleteInRow is how many checkpoints must complete in a row.
	CompleteInRow int `json:"completeInRow"`
	// WithinTimeoutPercent is the share of the timeout in force that their median may take.
	WithinTimeoutPercent int `json:"withinTimeoutPercent"`
	// FailInRow is how many failures decide against it, in a row or scattered among completed ones that make no row.
	FailInRow int `json:"failInRow"`
	// DeadlineSeconds is counted from the patch.
	DeadlineSeconds int64 `json:"deadlineSeconds"`
	// ComeBackSeconds is how long the job may be down at a stretch after the patch; 0 where the remedy restarts nothing.
	ComeBackSeconds int64 `json:"comeBackSeconds,omitempty"`
	// TasksBackSeconds is by when after the patch the job's tasks must have run, and for how long they may be away at a stretch; it knows nothing of the
	// timeout. 0 where the remedy restarts nothing.
	TasksBackSeconds int64 `json:"tasksBackSeconds,omitempty"`
	// MaxRestarts is how many restarts of the job after its first start are borne.
	MaxRestarts int `json:"maxRestarts"`
	// DutyCyclePercent, if not 0, is the share of the interval that the median duration may take (CheckpointPressure).
	DutyCyclePercent int `json:"dutyCyclePercent,omitempty"`
	// LateStartPercent, if not 0, is the share of the interval that checkpoints must begin less late than, on the average. It is asked of a
	// job that was AtRisk as they began late: how long they take proves nothing then.
	LateStartPercent int `json:"lateStartPercent,omitempty"`
	// MaxCPUPercent, MaxHeapPercent and MaxGCPercent, if not 0, are the shares of the JobManager's CPU limit, of its heap and of its time that it
	// may use at the end. They are asked of a job that was AtRisk: its checkpoints completed before as well and prove nothing.
	MaxCPUPercent  int `json:"maxCPUPercent,omitempty"`
	MaxHeapPercent int `json:"maxHeapPercent,omitempty"`
	MaxGCPercent   int `json:"maxGCPercent,omitempty"`
}

// Baseline is what the job was like before the patch.
type Baseline struct {
	Health             api.Health `json:"health"`
	Expired            int        `json:"expired"`
	Window             int        `json:"window"`
	MedianMilliseconds int64      `json:"medianMilliseconds"`
	Restarts           int64      `json:"restarts"`
	JobID              string     `json:"jobID"`
	LastCheckpointID   int64      `json:"lastCheckpointID"`
	// SinceCompletedSeconds is how long nothing had completed.
	SinceCompletedSeconds int64 `json:"sinceCompletedSeconds"`
	// Down is true where the job's tasks did not run before the patch either, and not for a moment only.
	Down bool `json:"down,omitempty"`
	// TargetError is the mark of the error that stood in the target's status (Target.ErrorMark); empty where none did.
	TargetError string `json:"targetError,omitempty"`
}

// Receipt is what was patched, why, from which values, and how it will be judged. It is written in the same request as the patch.
type Receipt struct {
	ID         string         `json:"id"`
	Cause      api.Cause      `json:"cause"`
	SubCause   api.SubCause   `json:"subCause,omitempty"`
	Lever      api.Lever      `json:"lever"`
	Changes    []ChangeRecord `json:"changes"`
	AppliedAt  time.Time      `json:"appliedAt"`
	Generation int64          `json:"generation"`
	Baseline   Baseline       `json:"baseline"`
	Criterion  Criterion      `json:"criterion"`
	Reason     string         `json:"reason,omitempty"`
	Outcome    api.Outcome    `json:"outcome"`
	Message    string         `json:"message,omitempty"`
	FinishedAt *time.Time     `json:"finishedAt,omitempty"`
	// DowntimeSeconds is from the patch until all tasks ran again, at most; 0 where that was not seen.
	DowntimeSeconds int64 `json:"downtimeSeconds,omitempty"`
	// MedianMilliseconds is the median duration of the completed checkpoints that it was judged by: the normal that came with the remedy. 0
	// where none completed.
	MedianMilliseconds int64 `json:"medianMilliseconds,omitempty"`
	// RevertedBy is who put a field back, where the outcome is Superseded; SettledGeneration and PolicyGeneration are the generations of the
	// target and of the policy then: until one of them changes, nothing is written again.
	RevertedBy        string `json:"revertedBy,omitempty"`
	SettledGeneration int64  `json:"settledGeneration,omitempty"`
	PolicyGeneration  int64  `json:"policyGeneration,omitempty"`
	// Held are fields that stay as the remedy wrote them although it is settled, and go back once the job is healthy: job.upgradeMode, where
	// savepoint would stop a sick job with a savepoint.
	Held []string `json:"held,omitempty"`
	// UID is the CheckpointHealth's that wrote it.
	UID string `json:"uid,omitempty"`
	// Workload is the UID of the Deployment or StatefulSet that is to be rolled out; empty for all other targets. On a ConfigMap it tells
	// whose configuration was changed.
	Workload string `json:"workload,omitempty"`
	// Owner is the name of the CheckpointHealth that answers for it, where that is another one; only it may finish the remedy or take it back.
	Owner string `json:"-"`
	// Object is where it was read from: the zero value is the target itself. The annotation does not hold it, for that lies on the object.
	Object ObjectKey `json:"-"`
}

// ChangeRecord is a change as a receipt keeps it.
type ChangeRecord struct {
	Field  string `json:"field"`
	From   string `json:"from,omitempty"`
	WasSet bool   `json:"wasSet,omitempty"`
	To     string `json:"to"`
	// Place is where it was written on a standalone JobManager, and Prior the bytes that stood there (or that were appended).
	Place *PlaceRef `json:"place,omitempty"`
	Prior string    `json:"prior,omitempty"`
}

// InForce tells whether the receipt's fields are still ours to hold: pending and kept remedies are, undone ones are not.
func (r *Receipt) InForce() bool {
	return r.Outcome != api.OutcomeRolledBack && r.Outcome != api.OutcomeSuperseded
}

// Pending tells whether the receipt is not judged yet.
func (r *Receipt) Pending() bool { return r.Outcome == api.OutcomePending }

// Verification is what later checkpoints say of the remedy in flight.
type Verification struct {
	// Receipt is the one that was judged; nil where none is in flight.
	Receipt *Receipt
	Outcome api.Outcome
	Message string
	// Completed is how many completed in a row since the restart.
	Completed int
	// Downtime is from the patch until all tasks ran again, at most; 0 where that was not seen.
	Downtime time.Duration
	// Median is that of the completed checkpoints since the restart; 0 where none completed.
	Median time.Duration
	// Misaligned is set where Flink does not run with the value that was written: reason of the condition ConfigAligned and message.
	Misaligned, MisalignedMessage string
	// NeverRolledOut is true where the operator that manages the target refused the new spec: the job runs on with the old one, so an undo
	// restarts nothing.
	NeverRolledOut bool
	// RevertedBy is who put a field of the receipt back to another value; empty where nobody did.
	RevertedBy string
}

// Action is what a decision does to the target.
type Action string

const (
	// ActionNone leaves it alone.
	ActionNone Action = "None"
	// ActionApply writes the remedy.
	ActionApply Action = "Apply"
	// ActionRollback restores the prior values of the receipt in flight.
	ActionRollback Action = "Rollback"
	// ActionRestore puts back what a settled remedy holds yet (Receipt.Held), which restarts nothing.
	ActionRestore Action = "Restore"
	// ActionSettle records the outcome of the receipt in flight; the target's fields stay.
	ActionSettle Action = "Settle"
)

// Decision is what is to be done, and why. The planner is total: None always comes with a WhyNot.
type Decision struct {
	Action Action
	// Remedy is the recommendation, applied or not; nil where there is none.
	Remedy *Remedy
	// Receipt is the one that Rollback and Settle speak of, with its outcome filled in.
	Receipt *Receipt
	// WhyNot says why nothing is done now; zero where Action is Apply or Rollback.
	WhyNot Refusal
	// Refusals are all guards that refuse the remedy, in order; the first is WhyNot.
	Refusals []Refusal
	// Hold are the fields of the receipt that a Rollback keeps as the remedy wrote them, or writes so again. job.upgradeMode is one where it was
	// savepoint: with it, the very undo would stop the sick job with a savepoint under its timeout, which fails and restarts it.
	Hold []string
	// Advice is for people: what the operator cannot or may not do.
	Advice []string
	// NextLook is when to look again, from now.
	NextLook time.Duration
	// Debt is set where a raised timeout can be walked back, which Remedy then does. It is recommended and never applied.
	Debt string
}

// Refusal is a guard's word: Reason is an API reason, Message tells a user what to do, Retry is how long until it may change (0: unknown).
type Refusal struct {
	Reason, Message string
	Retry           time.Duration
}

// Refused tells whether there is a refusal.
func (r Refusal) Refused() bool { return r.Reason != "" }
