package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// intolerant makes each expiry of a job restart it: no failed checkpoint is tolerated, and Flink says so.
func intolerant(s *model.Snapshot) *model.Snapshot {
	s.Settings.TolerableFailed = set(0)
	for i := range s.Checkpoints.History {
		if c := &s.Checkpoints.History[i]; c.Expired() {
			s.Exceptions = append(s.Exceptions, model.JobException{At: c.Failure.At.Add(40 * time.Millisecond), Name: "org.apache.flink.util.FlinkRuntimeException",
				Message: "org.apache.flink.util.FlinkRuntimeException: Exceeded checkpoint tolerable failure threshold. The latest checkpoint failed due to Checkpoint expired before completing."})
		}
	}
	s.Job.Restarts, s.Job.RestartsDelta = model.Measured(3), model.Measured(1)
	return s
}

// cutUploads is a job whose missing subtasks upload when the checkpoint expires, and never report, for each expiry restarts it. Its completed
// checkpoints wrote so much a subtask.
func cutUploads(n int, bytes int64) *model.Snapshot {
	absent := func() model.Checkpoint { return detailed(expired(), n, shares{all(quick), absentAll, all(quick)}) }
	before := detailed(completed(20*time.Second), n, shares{all(quick), all(entry(bytes, 0.1, 0.1, 0.1, 18, 0.1)), all(quick)})
	before.CheckpointedSize, before.StateSize = int64(n)*bytes, int64(n)*bytes
	s := add(jobOf(n), absent(), absent(), absent(), before, before)
	var threads []model.ThreadStack
	for i := range n {
		threads = append(threads, idleThread(state, i), uploadThread(i))
	}
	dumps(s, threads...)
	return intolerant(s)
}

// Flink's default tolerates no failed checkpoint: each expiry restarts the job, and nothing comes late any more. What the missing subtasks do
// while the checkpoint is pending, and what the last completed one wrote, tell the storage apart.
func TestSlowStorageIsFoundWhereEachExpiryRestartsTheJob(t *testing.T) {
	d := diagnosed(t, cutUploads(4, 300*mib)) // 300 MiB in more than 600 s, which took 18 s
	if top := d.Top(); top.Cause != api.CauseSlowStateBackend || top.Score < likelyScore {
		t.Errorf("found %s %s %d: %s", top.Cause, top.Verdict, top.Score, top.Summary)
	}
	if d.Facts.NeverLate {
		t.Error("that nothing came late is held against a longer timeout, although nothing could come")
	}
	if f := finding(&d, api.CauseTaskFailure, ""); f.Verdict != api.VerdictRuledOut {
		t.Errorf("the restarts that the expiries cause are a failure of tasks: %s %+v", f.Verdict, f.Evidence)
	}
}

// One slow request after another looks the same in every dump, of every checkpoint: two jobs whose storage was throttled stood so, and a timeout of four
// times what had not sufficed cured them. Where nothing can come late, that is no hang.
func TestTheSameSpotInTwoCheckpointsIsNoHangWhereEachExpiryRestartsTheJob(t *testing.T) {
	s := cutUploads(4, 300*mib)
	s.Stacks[0].PendingCheckpoint, s.Stacks[1].PendingCheckpoint = 8120, 8120
	dumps(s, s.Stacks[0].Threads...)
	if d := diagnosed(t, s); !d.Facts.UploadMoves || d.Top().Cause != api.CauseSlowStateBackend {
		t.Errorf("%s, moves %t", d.Top().Cause, d.Facts.UploadMoves)
	}
}

// A subtask that writes on while its neighbours are long done holds more than they, unless it wrote as much as they before.
func TestSkewIsFoundWhereEachExpiryRestartsTheJob(t *testing.T) {
	grown := func(i int) model.SubtaskLedger {
		if i == 0 {
			return absentEntry()
		}
		return entry(40*mib, 0.1, 0.1, 0.1, 4, 0.1) // 10 MiB/s
	}
	absent := func() model.Checkpoint { return detailed(expired(), 4, shares{all(quick), grown, all(quick)}) }
	before := detailed(completed(20*time.Second), 4, shares{all(quick), all(entry(10*mib, 0.1, 0.1, 0.1, 1, 0.1)), all(quick)})
	s := add(jobOf(4), absent(), absent(), absent(), before)
	dumps(s, idleThread(state, 0), uploadThread(0))
	d := diagnosed(t, intolerant(s))
	if top := d.Top(); top.Cause != api.CauseDataSkew {
		t.Errorf("found %s %s %d: %s", top.Cause, top.Verdict, top.Score, top.Summary)
	}
}

// Checkpoints that a restart takes along with the one that expired are no failures of their own, and the pause of a restart is no late start.
func TestARestartByAnExpiryIsNoFailureOfTasks(t *testing.T) {
	s := withTimeout(jobOf(4), 10*time.Second, 3*time.Second)
	one := func(kind model.FailureKind, message string) model.Checkpoint {
		return failed(kind, message, 10*time.Second)
	}
	add(s, one(model.FailureExpired, "Checkpoint expired before completing."), one(model.FailureFailover, "Checkpoint Coordinator is suspending."),
		one(model.FailureExpired, "Checkpoint expired before completing."), one(model.FailureFailover, "Checkpoint Coordinator is suspending."), completed(time.Second))
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		c.Trigger = testNow.Add(-time.Duration(i/2*60+20+i%2) * time.Second) // pairs a minute apart
		if c.Failure == nil {
			c.Trigger = testNow.Add(-84 * time.Second)
		}
		if c.Failure != nil {
			c.Failure.At = testNow.Add(-time.Duration(i/2*60+10) * time.Second)
		}
	}
	d := diagnosed(t, intolerant(s))
	if f := finding(&d, api.CauseTaskFailure, ""); f.Score > 0 {
		t.Errorf("failure of tasks scores %d: %+v", f.Score, f.Evidence)
	}
	if d.Facts.LateStart > 0 {
		t.Errorf("checkpoints are said to begin %s late", d.Facts.LateStart)
	}
}

// Tasks that are done while nothing is acknowledged: their messages are on the way, and a TaskManager's answer over the same RPC tells how long
// that is. Without one nothing tells them from an acknowledgement that is lost.
func TestAnswersOfTaskManagersTellTheNetwork(t *testing.T) {
	quiet := func(took time.Duration) *model.Snapshot {
		s := intolerant(expiredThrice(4, shares{absentAll, absentAll, absentAll}))
		dumps(s, append(append(idleThreads(source, 4), idleThreads(state, 4)...), jobManagerThread("jobmanager-io-thread-1", poolFrames...))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 40 * time.Millisecond, "tm-1": took, "tm-2": 60 * time.Millisecond}
		}
		return s
	}
	for took, want := range map[time.Duration]api.Cause{4 * time.Minute: api.CauseNetworkLatency, 50 * time.Millisecond: api.CauseUndetermined, 0: api.CauseUndetermined} {
		d := diagnosed(t, quiet(took))
		if top := d.Top(); top.Cause != want {
			t.Errorf("an answer after %s: %s %s %d: %s", took, top.Cause, top.Verdict, top.Score, top.Summary)
		}
	}
	collecting := quiet(4 * time.Minute)
	collecting.TaskManagers[0].GCShare = model.Measured(0.6)
	d := diagnosed(t, collecting)
	if f := finding(&d, api.CauseNetworkLatency, ""); f.Score >= likelyScore {
		t.Errorf("a TaskManager that collects garbage answers late by itself, and the network scores %d", f.Score)
	}
}

// A registration that times out names the method that two versions do not share.
func TestARegistrationThatTimesOutIsNoMismatch(t *testing.T) {
	s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
	s.Exceptions = []model.JobException{{At: testNow.Add(-time.Minute), Name: "java.util.concurrent.TimeoutException",
		Message: "Invocation of [RemoteRpcInvocation(ResourceManagerGateway.registerTaskExecutor(TaskExecutorRegistration, Duration))] at recipient [pekko.tcp://flink@10.0.0.1:6123/user/rpc/resourcemanager_1] timed out."}}
	for v := range s.Vertices {
		s.Vertices[v].Status = "SCHEDULED"
	}
	s.Job.TasksRunning = 0
	s.Pods = []model.Pod{{Name: "tm-1", Component: model.ComponentTaskManager, Ready: true}, {Name: "tm-2", Component: model.ComponentTaskManager, Ready: true}}
	s.TaskManagers = nil
	d := diagnosed(t, s)
	if f := finding(&d, api.CauseFlinkVersionBug, api.SubCauseVersionMismatch); f.Score >= likelyScore {
		t.Errorf("tasks that wait for slots are a mismatch of versions: %d, %+v", f.Score, f.Evidence)
	}
}
