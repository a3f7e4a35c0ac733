package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// onceSeen is a job whose sinks never acknowledge, and of which one dump shows one of them in a commit, with these threads beside it.
func onceSeen(each shares, beside ...model.ThreadStack) *model.Snapshot {
	s := expiredThrice(4, each)
	threads := append([]model.ThreadStack{taskThreadOf(sink, 0, commitFrames, "com.shop.Committer.commit")}, beside...)
	s.Stacks = []model.StackSample{{At: testNow.Add(-time.Minute), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: threads}}
	return s
}

// After every checkpoint there is a commit. One that a single dump shows is the cause only where nobody else is late who does not wait for it.
func TestACommitThatADumpCatches(t *testing.T) {
	for name, c := range map[string]struct {
		job  *model.Snapshot
		want func(score int) bool
	}{
		"the sinks alone are missing, and commit":          {onceSeen(shares{all(quick), all(quick), absentFirst}), func(n int) bool { return n >= likelyScore && n < confirmedScore }},
		"others are missing, idle, with no commit before":  {onceSeen(shares{all(quick), absentFirst, absentAll}, idleThreads(state, 1)...), func(n int) bool { return n <= possibleScore }},
		"another sink is missing and idle":                 {onceSeen(shares{all(quick), all(quick), absentAll}, taskThreadOf(sink, 1, nil, "org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take")), func(n int) bool { return n <= possibleScore }},
		"others are missing, and nobody looked what of it": {onceSeen(shares{all(quick), absentFirst, absentAll}), func(n int) bool { return n >= possibleScore && n < likelyScore }},
	} {
		d := diagnosed(t, c.job)
		f := findingOf(&d, api.CauseCommitBlocksTask)
		if f == nil || !c.want(f.Score) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Acknowledgements that are processed late on all kinds of vertices are late on their way, whoever a dump catches in a commit meanwhile.
func TestALossyNetworkBesideACommit(t *testing.T) {
	late := all(entry(1<<20, 0.1, 0.1, 0.1, 0.2, 650))
	s := onceSeen(shares{late, late, late}, append(idleThreads(state, 4), idleThreads(source, 4)...)...)
	s.Checkpoints.History[0].Tasks[sink].Entries[0] = absentEntry()
	d := diagnosed(t, s)
	if top := d.Top(); top == nil || top.Cause != api.CauseNetworkLatency || top.Score < likelyScore {
		t.Errorf("%+v", d.Findings)
	}
	if f := findingOf(&d, api.CauseCommitBlocksTask); f != nil && f.Score >= possibleScore {
		t.Errorf("a commit in passing is possible: %+v", f)
	}
}
