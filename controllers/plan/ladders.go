package plan

import (
	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// ladder is what is tried for one cause, in order. Causes without rungs are explained and left to people.
type ladder struct {
	cause api.Cause
	// sub narrows the cause; empty matches every sub-cause that has no row of its own.
	sub   api.SubCause
	rungs []rung
	// advice is said where nothing is written and the diagnosis brought no advice of its own.
	advice string
}

// rung is one remedy of a ladder. Its levers are those that its changes may use, the main one first.
type rung struct {
	name    string
	levers  []api.Lever
	propose func(*view) proposal
}

// proposal is a rung, sized: changes with their arithmetic, or why it cannot be used.
type proposal struct {
	changes []model.Change
	reason  string
	// notes are for people: what to know before it is applied, or to do beside it.
	notes []string
	// skip says why the rung cannot be used. Without a reason it does not apply to this job at all and is not worth a word.
	skip model.Refusal
	// dutyPercent is asked of the criterion where the remedy promises it.
	dutyPercent int
}

// The rungs.
var (
	rungTimeout     = rung{"a longer timeout", []api.Lever{api.LeverCheckpointTimeout}, proposeTimeout}
	rungMuchTimeout = rung{"a much longer timeout", []api.Lever{api.LeverCheckpointTimeout}, proposeMuchLongerTimeout}
	rungLastTimeout = rung{"a longer timeout", []api.Lever{api.LeverCheckpointTimeout}, proposeTimeoutAfterCPU}
	rungInterval    = rung{"a longer interval", []api.Lever{api.LeverCheckpointInterval, api.LeverCheckpointTimeout}, proposeInterval}
	rungCPU         = rung{"more JobManager CPU", []api.Lever{api.LeverJobManagerCPU}, proposeCPU}
	rungHeap        = rung{"a larger JobManager heap", []api.Lever{api.LeverJobManagerHeap}, proposeHeap}
	rungCleanup     = rung{"a wider cleanup", []api.Lever{api.LeverIOPoolSize, api.LeverBackgroundCleanup}, proposeCleanup}
	rungOneAtATime  = rung{"one checkpoint at a time", []api.Lever{api.LeverMaxConcurrentCheckpoints}, proposeOneAtATime}
	rungConcurrent  = rung{"more concurrent checkpoints", []api.Lever{api.LeverMaxConcurrentCheckpoints}, proposeMoreConcurrent}
	rungTransfer    = rung{"more transfer threads", []api.Lever{api.LeverTransferThreads, api.LeverCheckpointTimeout}, proposeTransferThreads}
	rungIncremental = rung{"incremental checkpoints", []api.Lever{api.LeverIncrementalCheckpoints, api.LeverCheckpointTimeout}, proposeIncremental}
	rungUnaligned   = rung{"unaligned checkpoints", []api.Lever{api.LeverUnalignedCheckpoints}, proposeUnaligned}
	rungWorkaround  = rung{"the workaround of a known issue", []api.Lever{api.LeverAdvisoryWorkarounds}, proposeWorkaround}
)

// ladders has one row per cause. The mildest remedy that touches the cause comes first; a longer timeout, which only gives the cause more
// time, comes first where time is what is missing and last otherwise.
var ladders = []ladder{
	// Acknowledgements arrive, only late: time is what is missing.
	{api.CauseNetworkLatency, "", []rung{rungTimeout}, "measure round-trip time, loss and retransmits between the TaskManagers and the JobManager"},
	// A starved JobManager answers late; more CPU cures it, more time only hides it.
	{api.CauseJobManagerOverload, api.SubCauseCPU, []rung{rungCPU, rungLastTimeout}, "give the JobManager more CPU"},
	// A full heap does not get emptier with time.
	{api.CauseJobManagerOverload, api.SubCauseHeap, []rung{rungHeap}, "give the JobManager a larger heap"},
	// Which of the two is short was not seen.
	{api.CauseJobManagerOverload, "", []rung{rungCPU, rungHeap}, "give the JobManager more CPU and a larger heap"},
	// Deletes hold the threads that process acknowledgements: more threads, then fewer deletes at once, then much more time.
	{api.CauseSlowCleanup, "", []rung{rungCleanup, rungOneAtATime, rungMuchTimeout}, "look at the storage's delete latency, and write fewer and larger files"},
	// Uploads finish, only late: time first, then parallel uploads, then fewer bytes; more at once comes last, for it adds load and helps only where
	// none expires.
	{api.CauseSlowStateBackend, "", []rung{rungTimeout, rungTransfer, rungIncremental, rungConcurrent}, "look at the storage's throughput, latency and throttling"},
	// Too much state too often: less often (and where they expire with more time at once), then fewer bytes, then more time.
	{api.CauseCheckpointPressure, "", []rung{rungInterval, rungIncremental, rungTimeout}, "checkpoint less often or write less"},
	// A workaround where the advisory has one; the upgrade itself is advice.
	{api.CauseFlinkVersionBug, api.SubCauseKnownIssue, []rung{rungWorkaround}, "upgrade Flink to a release with the fix"},
	{api.CauseFlinkVersionBug, api.SubCauseVersionMismatch, nil, "run JobManager and TaskManagers from one image"},
	{api.CauseFlinkVersionBug, "", []rung{rungWorkaround}, "upgrade Flink to a release with the fix"},
	// Unaligned checkpoints overtake the backlog, where the policy lets them (it does not by default).
	{api.CauseBackpressure, "", []rung{rungUnaligned}, "speed up or scale out the busy operator: barriers wait behind the records before it"},
	// The rest is not in the configuration: a longer timeout would only hide it.
	{api.CauseSinkFlush, "", nil, "look at the system behind the sink, and bound what one flush writes"},
	{api.CauseSlowSyncPhase, "", nil, "look at what the synchronous part does: the state backend's flush or the job's own snapshotState"},
	{api.CauseDataSkew, "", nil, "spread the keys: a few subtasks hold most of the state or of the time"},
	{api.CauseTaskManagerPressure, "", nil, "give the TaskManagers more memory or CPU"},
	{api.CauseStorageFailure, "", nil, "look at the storage's errors: checkpoints fail there, they are not slow"},
	{api.CauseOversizedAck, "", nil, "raise pekko.framesize (akka.framesize up to Flink 1.17), or let less state travel inside the acknowledgement"},
	{api.CauseSourceBlocked, "", nil, "the source holds the checkpoint lock: look at what it waits for, or move to a source that does not"},
	{api.CauseUserCodeBlocking, "", nil, "the job's own code blocks the task: bound or move out the call that its stack shows"},
	{api.CauseCommitBlocksTask, "", nil, "the commit of the checkpoint before still runs: compact the table or commit less often"},
	{api.CauseCoordinatorBlocked, "", nil, "an operator coordinator on the JobManager blocks: look at the enumerator that its stack shows"},
	{api.CauseTaskFailure, "", nil, "tasks fail rather than time out: look at the exceptions"},
}

// row is the ladder of the first finding; an empty one for a cause without a row.
func (v *view) row() *ladder {
	if v.top == nil {
		return &ladder{}
	}
	return ladderOf(v.top.Cause, v.top.SubCause)
}

func ladderOf(cause api.Cause, sub api.SubCause) *ladder {
	fallback := &ladder{cause: cause}
	for i := range ladders {
		switch {
		case ladders[i].cause != cause:
		case ladders[i].sub == sub:
			return &ladders[i]
		case ladders[i].sub == "":
			fallback = &ladders[i]
		}
	}
	return fallback
}

// adviceOf is the diagnosis' own advice, else the ladder's.
func (v *view) adviceOf(l *ladder) []string {
	var advice []string
	if v.top != nil {
		advice = append(advice, v.top.Advice...)
	}
	if len(advice) == 0 && l.advice != "" {
		advice = append(advice, l.advice)
	}
	return advice
}
