package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A dump may catch a task in the synchronous part that lasts a moment. Where the same subtask reported it as short, and its upload as long, the upload
// is the matter; where it never reported, the stack stands.
func TestASnapshotCaughtInPassingIsNoSlowSyncPhase(t *testing.T) {
	for name, first := range map[string]func(int) model.SubtaskLedger{
		"reported": all(entry(200*mib, 0.1, 0.1, 2, 660, 0.1)),
		"silent":   absentAll,
	} {
		s := add(jobOf(4), detailed(expired(), 4, shares{all(quick), absentAll, all(quick)}), detailed(expired(), 4, shares{all(quick), absentAll, all(quick)}),
			detailed(expired(), 4, shares{all(quick), first, all(quick)}), completed(20*time.Second))
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: []model.ThreadStack{taskThreadOf(state, 0, syncFrames, "org.rocksdb.Checkpoint.createCheckpoint"), idleThread(state, 1)}}}
		d := diagnosed(t, s)
		f := finding(&d, api.CauseSlowSyncPhase, "")
		if likely := f.Score >= likelyScore; likely != (name == "silent") {
			t.Errorf("%s: SlowSyncPhase scores %d: %+v", name, f.Score, f.Evidence)
		}
	}
}

// Uploads that fit by themselves and wait for one another are too many, whatever the storage's healthy rate is.
func TestUploadsThatWaitForOneAnother(t *testing.T) {
	late := func(async float64) func(int) model.SubtaskLedger {
		return all(entry(400*mib, 0.1, 0.1, 0.1, async, 0.1))
	}
	s := withTimeout(jobOf(4), 10*time.Minute, time.Minute)
	add(s, detailed(expired(), 4, shares{all(quick), late(900), all(quick)}), detailed(expired(), 4, shares{all(quick), late(720), all(quick)}), completed(200*time.Second))
	for i := range s.Checkpoints.History[:2] { // two minutes apart: the second waits for the first
		c := &s.Checkpoints.History[i]
		c.Trigger = testNow.Add(-time.Duration(20+2*i) * time.Minute)
		c.Failure.At = c.Trigger.Add(10 * time.Minute)
		for j := range c.Tasks {
			for k := range c.Tasks[j].Entries {
				e := &c.Tasks[j].Entries[k]
				e.Ack = c.Trigger.Add(e.EndToEnd)
			}
		}
	}
	d := diagnosed(t, s)
	found := false
	for _, e := range finding(&d, api.CauseCheckpointPressure, "").Evidence {
		found = found || e.Signal == "uploads by themselves"
	}
	if !found {
		t.Errorf("the second upload took 900 s of which it waited 600 s: %+v", finding(&d, api.CauseCheckpointPressure, ""))
	}
}

// One start that is later than the timeout is no accident: the metadata of the checkpoint before was not written for so long, which its duration does
// not tell. A restart between the two explains it.
func TestALateStartBeyondTheTimeout(t *testing.T) {
	late := func() *model.Snapshot {
		s := withTimeout(jobOf(4), 10*time.Second, 3*time.Second)
		add(s, times(6, completed(200*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * 3 * time.Second)
			if i > 0 {
				s.Checkpoints.History[i].Trigger = s.Checkpoints.History[i].Trigger.Add(-time.Minute)
			}
		}
		return s
	}
	if d := diagnosed(t, late()); d.Health != api.HealthAtRisk {
		t.Errorf("a minute without a checkpoint at an interval of 3 s is %s: %s", d.Health, d.Message)
	}
	restarted := late()
	restarted.Exceptions = []model.JobException{{At: testNow.Add(-30 * time.Second), Name: "java.lang.Exception", Message: "a TaskManager was lost"}}
	if d := diagnosed(t, restarted); d.Health != api.HealthHealthy {
		t.Errorf("a restart is %s: %s", d.Health, d.Message)
	}
}
