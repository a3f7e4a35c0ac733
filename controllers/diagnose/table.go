package diagnose

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// table is every cause, in the order in which equal scores are listed: what names a single guilty part comes before what describes a state that
// several parts can be in.
var table = []*rule{
	&storageFailure,     // checkpoints fail on the storage, not on time
	&taskFailure,        // a task refuses or throws in its snapshot
	&versionMismatch,    // processes of different versions do not understand one another
	&oversizedAck,       // an acknowledgement larger than a frame is dropped without a word
	&coordinatorBlocked, // a source's enumerator keeps the trigger waiting
	&commitBlocksTask,   // the commit of one checkpoint holds up the next
	&sinkFlush,          // a sink flushes before or during its snapshot
	&sourceBlocked,      // a source does not come back to its mailbox
	&userCodeBlocking,   // one call of user code lasts
	&slowSyncPhase,      // the synchronous part of a snapshot is slow or stuck
	&slowCleanup,        // deletes clog the JobManager's io pool
	&jobManagerHeap,     // the JobManager collects garbage
	&jobManagerCPU,      // the JobManager is short of CPU
	&dataSkew,           // a few subtasks hold the bytes
	&slowStateBackend,   // the storage is slow
	&checkpointPressure, // state is large for the interval, the storage is not slow
	&taskManagerPressure,
	&networkLatency,
	&backpressure,
	&knownIssue, // a bug of this version explains it
}

// explains lists pairs: where both are likely, the first is why the second is there, and is named first.
var explains = []struct{ why, what api.Cause }{
	{api.CauseCoordinatorBlocked, api.CauseJobManagerOverload},  // enumerator state fills the heap
	{api.CauseJobManagerOverload, api.CauseNetworkLatency},      // acknowledgements wait for a busy JobManager, not on the wire
	{api.CauseSlowCleanup, api.CauseNetworkLatency},             // they wait for the io pool
	{api.CauseDataSkew, api.CauseSlowStateBackend},              // one subtask uploads for all
	{api.CauseDataSkew, api.CauseCheckpointPressure},            //
	{api.CauseSinkFlush, api.CauseBackpressure},                 // whoever is stuck in a flush takes no input
	{api.CauseSlowSyncPhase, api.CauseBackpressure},             // or in a snapshot
	{api.CauseCommitBlocksTask, api.CauseBackpressure},          // or in a commit
	{api.CauseCommitBlocksTask, api.CauseSinkFlush},             // the commit is what the stack shows
	{api.CauseStorageFailure, api.CauseSlowStateBackend},        // a storage that fails is also slow
	{api.CauseStorageFailure, api.CauseTaskFailure},             // and fails the task
	{api.CauseOversizedAck, api.CauseFlinkVersionBug},           // the version drops it silently, the size is why
	{api.CauseOversizedAck, api.CauseNetworkLatency},            //
	{api.CauseJobManagerOverload, api.CauseSourceBlocked},       // sources are told late, and look as if they were
	{api.CauseTaskManagerPressure, api.CauseSlowSyncPhase},      // everything on a TaskManager without CPU or heap is slow: snapshots
	{api.CauseTaskManagerPressure, api.CauseSlowStateBackend},   // and uploads,
	{api.CauseTaskManagerPressure, api.CauseNetworkLatency},     // and sending acknowledgements
	{api.CauseTaskManagerPressure, api.CauseBackpressure},       // and working off records,
	{api.CauseTaskManagerPressure, api.CauseSourceBlocked},      // and coming back from a read
	{api.CauseSlowCleanup, api.CauseFlinkVersionBug},            // the version makes deletes serial, the storage makes them slow
	{api.CauseSinkFlush, api.CauseFlinkVersionBug},              // the version of a connector is why, its flush is what holds the barrier;
	{api.CauseSourceBlocked, api.CauseFlinkVersionBug},          // so with its reading,
	{api.CauseCoordinatorBlocked, api.CauseFlinkVersionBug},     // and its enumerator
	{api.CauseUserCodeBlocking, api.CauseTaskManagerPressure},   // a computation without end takes the CPU of the others
	{api.CauseUserCodeBlocking, api.CauseBackpressure},          // and whoever is in one call takes no input
	{api.CauseSinkFlush, api.CauseTaskManagerPressure},          // garbage collection has a feeder: what a sink buffers,
	{api.CauseCheckpointPressure, api.CauseTaskManagerPressure}, // what a large heap state copies on write,
	{api.CauseDataSkew, api.CauseTaskManagerPressure},           // or the subtask that holds most of the state
}

// diagnoseCauses assesses every cause and ranks them.
func diagnoseCauses(f *features) []model.Finding {
	assessed := make([]assessment, len(table))
	for i, r := range table {
		assessed[i] = r.assess(f)
		assessed[i].complete(f)
	}
	slices.SortStableFunc(assessed, func(a, b assessment) int { return compare(&a, &b) })
	keepNearTie(f, assessed)
	for _, pair := range explains {
		assessed = explainFirst(assessed, pair.why, pair.what)
	}
	findings := make([]model.Finding, 0, len(assessed)+1)
	for i := range assessed {
		findings = append(findings, assessed[i].finding)
	}
	if findings[0].Score < likelyScore && !keepFound(f, findings, assessed) {
		listContradicted(f, findings, assessed)
		findings = slices.Insert(findings, 0, undetermined(f, findings))
	}
	f.keepSeen(findings)
	findings = findings[:min(len(findings), api.MaxDiagnoses)]
	for i := range findings {
		findings[i].Since = since(f, i, findings[i].Cause)
	}
	if shared, ok := sharedDependency(f, &findings[0]); ok {
		findings = slices.Insert(findings, 0, shared)
	}
	return findings[:min(len(findings), api.MaxDiagnoses)]
}

// compare orders by score, then by all that speaks for a cause; among those that are not likely the assessed ones come first.
func compare(a, b *assessment) int {
	if a.finding.Score != b.finding.Score {
		return b.finding.Score - a.finding.Score
	}
	if a.raw != b.raw {
		return b.raw - a.raw
	}
	return count(a.finding.Verdict == api.VerdictNotAssessed) - count(b.finding.Verdict == api.VerdictNotAssessed)
}

// explainMargin is how much weaker the explanation may be than what it explains. More than that and it is a second trouble beside the first.
const explainMargin = 30

// explainFirst moves the cause that explains another before it, where both are likely and about as well founded.
func explainFirst(all []assessment, why, what api.Cause) []assessment {
	first := slices.IndexFunc(all, func(a assessment) bool { return a.finding.Cause == what && a.finding.Score >= likelyScore })
	then := slices.IndexFunc(all, func(a assessment) bool { return a.finding.Cause == why && a.finding.Score >= likelyScore })
	if first < 0 || then < first || all[then].finding.Score < all[first].finding.Score-explainMargin {
		return all
	}
	moved := all[then]
	all = slices.Delete(all, then, then+1)
	return slices.Insert(all, first, moved)
}

// undetermined says that nothing is likely, what comes nearest and what would tell.
func undetermined(f *features, findings []model.Finding) model.Finding {
	u := model.Finding{Cause: api.CauseUndetermined, Verdict: api.VerdictNotAssessed}
	nearest := &findings[0]
	switch {
	case nearest.Score >= possibleScore:
		u.Summary = bounded("no cause is likely; nearest is "+causeName(nearest.Cause, nearest.SubCause)+": "+nearest.Summary, maxSummary)
		u.NextMeasurement = nearest.NextMeasurement
	case !f.ledger.known:
		u.Summary = "no cause is likely; where the checkpoints' time went could not be read"
		u.NextMeasurement = "the details of an expired checkpoint, and a thread dump while one is pending"
	default:
		u.Summary = "no cause is likely"
		u.NextMeasurement = "a thread dump of JobManager and TaskManagers while a checkpoint is pending"
	}
	for i := range findings {
		for _, what := range findings[i].Missing {
			if len(u.Missing) < api.MaxMissing && !slices.Contains(u.Missing, what) {
				u.Missing = append(u.Missing, what)
			}
		}
	}
	return u
}

// since is when the first cause became first, on our clock; later ones have no beginning of their own.
func since(f *features, index int, cause api.Cause) time.Time {
	if index > 0 {
		return time.Time{}
	}
	if f.s.Past.Cause == cause && !f.s.Past.CauseSince.IsZero() {
		return f.s.Past.CauseSince
	}
	return f.now.Add(-f.s.ClockOffset())
}
