package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Two causes at once are two: what shows one of them does not rule out the other where it has nothing to do with it.
func TestTwoCausesAtOnceAreBothPossible(t *testing.T) {
	coordinator := jobManagerThread("SourceCoordinator-Source: orders", append([]string{"java.lang.Thread.sleep", "com.shop.Enumerator.snapshotState"}, enumeratorFrames...)...)
	for name, c := range map[string]struct {
		each    shares
		threads []model.ThreadStack
		both    [2]api.Cause
	}{
		"a coordinator at work, and commits of the checkpoint before": {shares{absentAll, absentAll, absentAll},
			append(commitThreads(), coordinator), [2]api.Cause{api.CauseCoordinatorBlocked, api.CauseCommitBlocksTask}},
		"a slow storage, and commits": {shares{all(quick), absentAll, absentAll},
			append(append(append(commitThreads(), idleThreads(state, 4)...), uploadThread(0)), uploadThread(1), uploadThread(2), uploadThread(3)),
			[2]api.Cause{api.CauseSlowStateBackend, api.CauseCommitBlocksTask}},
		"a commit, and a flush of another sink": {shares{all(quick), all(quick), absentAll},
			append(commitThreads()[:1], taskThreadOf(sink, 1, flushFrames, "org.apache.kafka.clients.Producer.flush")),
			[2]api.Cause{api.CauseCommitBlocksTask, api.CauseSinkFlush}},
	} {
		s := expiredThrice(4, c.each)
		dumps(s, c.threads...)
		d := diagnosed(t, s)
		for _, cause := range c.both {
			if f := findingOf(&d, cause); f == nil || f.Score < possibleScore {
				t.Errorf("%s: %s is not possible: %+v", name, cause, f)
			}
		}
	}
}

func commitThreads() []model.ThreadStack {
	var threads []model.ThreadStack
	for i := range 4 {
		threads = append(threads, taskThreadOf(sink, i, commitFrames, "com.shop.Committer.commit"))
	}
	return threads
}
