package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

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
	if f := d.Facts; !f.ClusterDeletes || f.IODeletes || f.ClusterThreads != 2 {
		t.Errorf("cluster %v of %d threads, io %v; want the pool cluster-io alone", f.ClusterDeletes, f.ClusterThreads, f.IODeletes)
	}
	d = diagnosed(t, job(2*time.Second))
	if f := finding(&d, api.CauseSlowCleanup, ""); f.Score >= possibleScore {
		t.Errorf("deletes for which nothing waits score %d: %+v", f.Score, f.Evidence)
	}
}
