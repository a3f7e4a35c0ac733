package diagnose

import (
	"fmt"
	"testing"
	"time"

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
		thread := taskThreadOf(sink, i, commitFrames, "com.shop.Committer.commit")
		thread.Name = fmt.Sprintf("warehouse (%d/4)#0", i+1)
		threads = append(threads, thread)
	}
	return threads
}

// All begin late and alike, and a sink flushes then: what every subtask waited for came before, whatever its thread does by now.
func TestACoordinatorAndAFlushAfterIt(t *testing.T) {
	late, flushed := all(entry(mib, 390, 0, 0, 0.1, 0.1)), all(entry(0, 390, 0, 0, 0, 450))
	coordinator := jobManagerThread("SourceCoordinator-Source: orders", "java.lang.Thread.sleep")
	for name, c := range map[string]struct {
		start   float64 // of the sinks
		change  func(*model.Snapshot)
		blocked bool
	}{
		"alike":                  {390, func(*model.Snapshot) {}, true},
		"the sinks alone":        {10, func(*model.Snapshot) {}, false},
		"the JobManager is busy": {390, func(s *model.Snapshot) { s.JobManager.CPUUsage = model.Measured(0.97) }, false},
	} {
		each := shares{late, late, flushed}
		if c.start != 390 {
			each = shares{all(quick), all(quick), flushed}
		}
		s := expiredThrice(4, each)
		dumps(s, coordinator, jobManagerThread("jobmanager-io-thread-1", poolFrames...), taskThreadOf(sink, 0, flushFrames, "org.apache.kafka.clients.Producer.flush"))
		c.change(s)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseCoordinatorBlocked); (f != nil && f.Score >= possibleScore) != c.blocked {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A job that fails of the same at each start never comes to a checkpoint: its tasks fail. What has a cause of its own is none of that.
func TestAJobThatFailsOfTheSameAtEachStart(t *testing.T) {
	for name, c := range map[string]struct {
		names   []string // the newest first
		message string
		likely  bool
	}{
		"of the same":       {[]string{"java.io.IOException", "java.io.IOException", "java.io.IOException", "java.io.IOException"}, "Insufficient number of network buffers", true},
		"of the same twice": {[]string{"java.io.IOException", "java.io.IOException", "x.A", "x.B"}, "Insufficient number of network buffers", false},
		"of lost messages":  {[]string{"x.A", "x.A", "x.A", "x.A"}, "AskTimeoutException: Invocation of [x] timed out", false},
	} {
		s := jobOf(4)
		s.Job.StartTime, s.Job.RunningSince, s.Job.TasksRunning = testNow.Add(-20*time.Minute), testNow.Add(-10*time.Second), 0
		for i, class := range c.names {
			s.Exceptions = append(s.Exceptions, model.JobException{At: testNow.Add(-time.Duration(i+1) * 2 * time.Minute), Name: class, Message: c.message})
		}
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseTaskFailure); (f != nil && f.Score >= likelyScore) != c.likely {
			t.Errorf("%s: %s %+v", name, d.Health, f)
		}
	}
}
