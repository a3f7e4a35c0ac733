package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Checkpoints that expire do not expire of deletes in cluster-io, through which no acknowledgement goes: such a delete, however long it lasts, makes no
// cause of a late timer and late triggers, and takes no evidence away from what is slow.
func TestDeletesInClusterIOExpireNothing(t *testing.T) {
	late := all(entry(4*mib, 250, 0.1, 0.1, 600, 0.1))
	s := expiredThrice(4, shares{all(entry(0, 250, 0, 0.1, 0.1, 0.1)), late, all(entry(0, 250, 0.1, 0.1, 0.1, 0.1))})
	for i := range s.Checkpoints.History[:3] {
		s.Checkpoints.History[i].Duration += 90 * time.Second
	}
	dumps(s, jobManagerThread("cluster-io-thread-1", deleteFrames...), jobManagerThread("cluster-io-thread-2", poolFrames...),
		jobManagerThread("jobmanager-io-thread-1", poolFrames...))
	d := diagnosed(t, s)
	if f := finding(&d, api.CauseSlowCleanup, ""); f.Score >= likelyScore {
		t.Errorf("SlowCleanup scores %d: %+v", f.Score, f.Evidence)
	}
	if top := d.Top(); top.Cause != api.CauseSlowStateBackend {
		t.Errorf("%s comes first: %s", top.Cause, top.Summary)
	}
	if f := d.Facts; f.ClusterDeletes || !f.IOIdle {
		t.Errorf("cluster %v, idle %v; one of its two threads is in a delete, and none of the io pool's", f.ClusterDeletes, f.IOIdle)
	}
}

// With high availability replaced checkpoints are deleted by the pool cluster-io: acknowledgements pass it, and the next trigger waits for it. Deletes
// there for which nothing waits are everyday work.
func TestDeletesOfReplacedCheckpointsHaveAPoolOfTheirOwn(t *testing.T) {
	job := func(apart time.Duration) *model.Snapshot {
		s := withTimeout(jobOf(4), time.Minute, 2*time.Second)
		add(s, times(6, completed(500*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * apart)
		}
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.3), model.Measured(100<<20) // at risk for another reason as well
		dumps(s, jobManagerThread("cluster-io-thread-1", deleteFrames...), jobManagerThread("cluster-io-thread-2", deleteFrames...),
			jobManagerThread("jobmanager-io-thread-1", poolFrames...))
		return s
	}
	late := job(30 * time.Second)
	late.JobManager = jobOf(1).JobManager
	d := diagnosed(t, late)
	if top := d.Top(); top.Cause != api.CauseSlowCleanup || top.Verdict != api.VerdictConfirmed || !strings.Contains(top.Summary, "2 of 2 threads of cluster-io") {
		t.Errorf("%s %s %d: %s", top.Cause, top.Verdict, top.Score, top.Summary)
	}
	if f := d.Facts; !f.ClusterDeletes || f.IODeletes {
		t.Errorf("cluster %v, io %v; want the pool cluster-io alone", f.ClusterDeletes, f.IODeletes)
	}
	d = diagnosed(t, job(2*time.Second))
	if f := finding(&d, api.CauseSlowCleanup, ""); f.Score >= possibleScore {
		t.Errorf("deletes for which nothing waits score %d: %+v", f.Score, f.Evidence)
	}
}

// On a node without CPU to give, the JobManager triggers and expires late although it uses little: nothing shows deletes, and no remedy for them may
// be written. The storage was measured.
func TestALateTimerAloneIsNoSlowCleanup(t *testing.T) {
	for _, seen := range []bool{false, true} {
		late := all(entry(4*mib, 250, 0.1, 0.1, 600, 0.1))
		s := expiredThrice(4, shares{all(entry(0, 250, 0, 0.1, 0.1, 0.1)), late, all(entry(0, 250, 0.1, 0.1, 0.1, 0.1))})
		for i := range s.Checkpoints.History[:3] {
			s.Checkpoints.History[i].Duration += 90 * time.Second
		}
		if seen {
			s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
				Threads: []model.ThreadStack{jobManagerThread("jobmanager-io-thread-1", deleteFrames...)}}}
		}
		d := diagnosed(t, s)
		f := finding(&d, api.CauseSlowCleanup, "")
		if likely := f.Score >= likelyScore; likely != seen {
			t.Errorf("a delete was seen: %v; SlowCleanup scores %d: %+v", seen, f.Score, f.Evidence)
		}
		if !seen && d.Top().Cause != api.CauseSlowStateBackend {
			t.Errorf("%s comes first: %s", d.Top().Cause, d.Top().Summary)
		}
	}
	slow := expiredThrice(4, shares{absentAll, absentAll, absentAll})
	slow.Requests = model.RequestTimes{Count: 10, Median: 6 * time.Second, Max: 38 * time.Second}
	slow.JobManager.CPUUsage, slow.JobManager.CPULoad = model.Measure{}, model.Measured(0.97)
	slow.Checkpoints.History[0].Duration += 5 * time.Minute
	dumps(slow, jobManagerThread("jobmanager-io-thread-1", deleteFrames...))
	d := diagnosed(t, slow)
	if top := d.Top(); top.Cause != api.CauseJobManagerOverload || finding(&d, api.CauseSlowCleanup, "").Score >= likelyScore {
		t.Errorf("%s %d: %s; SlowCleanup %+v", top.Cause, top.Score, top.Summary, finding(&d, api.CauseSlowCleanup, ""))
	}
}
