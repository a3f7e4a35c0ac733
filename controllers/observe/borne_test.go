package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// uploads are completed checkpoints whose subtasks upload at a rate, in bytes per second.
func uploads(rate float64) model.CheckpointLedger {
	const size = 8 << 20
	async := time.Duration(size / rate * float64(time.Second))
	c := model.Checkpoint{ID: 1, Status: model.CheckpointCompleted, Duration: async,
		Tasks: []model.TaskLedger{{Entries: []model.SubtaskLedger{{Reported: true, CheckpointedSize: size, Async: async}}}}}
	return model.CheckpointLedger{History: []model.Checkpoint{c, c, c}, LatestCompleted: &c}
}

// Under a remedy that only bears its cause the rate of before is what the job is like when it is well, until it comes back or the remedy is old.
func TestTheIllnessDoesNotBecomeTheBaseline(t *testing.T) {
	m := &Memory{}
	healthy := func(rate float64, bearing bool) model.Past {
		m.last, m.bearing = uploads(rate), bearing
		m.judged(time.Unix(1772366400, 0), api.HealthHealthy, "")
		return m.past()
	}
	for _, step := range []struct {
		name              string
		rate              float64
		bearing           bool
		wantWell, wantNow float64 // in thousands of bytes per second; 0: not known
	}{
		{"before", 20e6, false, 20000, 0},
		{"the timeout is longer, the storage as slow", 200e3, true, 20000, 200},
		{"a little faster is not told anew", 240e3, true, 20000, 200},
		{"twice as fast is", 400e3, true, 20000, 400},
		{"it came back", 15e6, true, 15000, 0},
		{"slow again", 200e3, true, 15000, 200},
		{"two weeks later that is how the job is", 200e3, false, 200, 0},
	} {
		past := healthy(step.rate, step.bearing)
		if got := int(past.HealthyUploadRate.Value/1e3 + 0.5); got != int(step.wantWell) {
			t.Errorf("%s: the healthy rate is %d kB/s, want %v", step.name, got, step.wantWell)
		}
		if got := int(past.BorneUploadRate.Value/1e3 + 0.5); got != int(step.wantNow) || past.BorneUploadRate.Known != (step.wantNow > 0) {
			t.Errorf("%s: the rate that is borne is %d kB/s, want %v", step.name, got, step.wantNow)
		}
	}
}

// A job that was sick when it was first seen shows under the longer timeout how slow its storage is, and nothing of when it is well.
func TestAJobFirstSeenSickLearnsNoRateUnderTheTimeout(t *testing.T) {
	m := &Memory{}
	for _, step := range []struct {
		rate    float64
		bearing bool
		want    float64 // in bytes per second; 0: not known
	}{{200e3, true, 0}, {20e6, true, 0}, {15e6, false, 15e6}, {200e3, true, 15e6}} {
		m.bearing = step.bearing
		m.learnRate(model.Measured(step.rate))
		if m.healthyRate.Value != step.want || m.healthyRate.Known != (step.want > 0) {
			t.Errorf("at %v, bearing %t: the healthy rate is %v, want %v", step.rate, step.bearing, m.healthyRate, step.want)
		}
	}
}

// One pass that does not know what was written before takes the baseline from nobody; a remedy of another CheckpointHealth freezes nobody's.
func TestWhatBearsIsOnesOwnOrNotKnown(t *testing.T) {
	at := time.Unix(1772366400, 0)
	longer := model.Receipt{ID: "a-1", UID: "mine", Cause: api.CauseSlowStateBackend, Outcome: api.OutcomeEffective, AppliedAt: at.Add(-time.Hour),
		Changes: []model.ChangeRecord{{Field: "execution.checkpointing.timeout", From: "10 s", To: "25 s"}}}
	others, threads := longer, longer
	others.UID, threads.UID = "theirs", "theirs"
	threads.Changes = []model.ChangeRecord{{Field: "state.backend.rocksdb.checkpoint.transfer.thread.num", To: "8"}}
	for _, c := range []struct {
		name     string
		receipts []model.Receipt
		unknown  string
		want     bool
	}{
		{"one's own", []model.Receipt{longer}, "", true},
		{"none", nil, "", false},
		{"not known", nil, "the annotation cannot be read", true},
		{"another's", []model.Receipt{others}, "", false},
		{"another's that is newer than one's own", []model.Receipt{threads, longer}, "", true},
	} {
		s := model.Snapshot{At: at}
		s.Target.Receipts, s.Target.ReceiptsError = c.receipts, c.unknown
		s.Target.KeepOwn("mine", func(string) string { return "the other one" })
		m := &Memory{}
		m.Judged(at, &s, &model.Diagnosis{Health: api.HealthHealthy})
		if m.bearing != c.want {
			t.Errorf("%s: bears %t, want %t", c.name, m.bearing, c.want)
		}
	}
}

// What is kept while a remedy bears its cause is of the parallelism and the configuration of then: under others nothing is said of it, and nothing is
// learned of the illness either.
func TestWhatIsKeptIsOfItsOwnCircumstances(t *testing.T) {
	at := time.Unix(1772366400, 0)
	s := model.Snapshot{At: at}
	s.Target.Receipts = []model.Receipt{{ID: "a-1", Cause: api.CauseSlowStateBackend, Outcome: api.OutcomeEffective, AppliedAt: at.Add(-time.Hour),
		Changes: []model.ChangeRecord{{Field: model.KeyTimeout, From: "10 s", To: "25 s"}}}}
	m := &Memory{}
	m.RestoreBaseline(time.Second, model.Measured(20e6), 0) // its circumstances are those that the first pass finds
	for _, step := range []struct {
		name        string
		parallelism int
		key, value  string
		rate        float64
		well, now   float64
	}{
		{"as it was", 4, "", "", 200e3, 20e6, 200e3},
		{"the timeout is another", 4, model.KeyTimeout, "40 s", 200e3, 20e6, 200e3},
		{"the JobManager has more memory", 4, "jobmanager.memory.process.size", "4g", 200e3, 20e6, 200e3},
		{"twice the parallelism", 8, "", "", 90e3, 0, 0},
		{"as it was again", 4, "", "", 200e3, 20e6, 200e3},
		{"more transfer threads", 4, "state.backend.rocksdb.checkpoint.transfer.thread.num", "8", 400e3, 0, 0},
		{"another bucket that is well", 4, "state.checkpoints.dir", "s3://other/", 15e6, 0, 0},
		{"half of them share the same slow storage", 2, "", "", 12e6, 0, 0},
		{"as it was once more: that was not how the job is when it is well", 4, "", "", 7e6, 20e6, 7e6},
	} {
		m.facts.config = map[string]string{"state.checkpoints.dir": "s3://first/", step.key: step.value}
		m.topology = topology{known: true, vertices: []model.Vertex{{Parallelism: step.parallelism}}}
		m.last = uploads(step.rate)
		m.Judged(at, &s, &model.Diagnosis{Health: api.HealthHealthy})
		past := m.past()
		if !sameRateAs(past.HealthyUploadRate, step.well) || !sameRateAs(past.BorneUploadRate, step.now) {
			t.Errorf("%s: %v well and %v now, want %v and %v (0: nothing is said)", step.name, past.HealthyUploadRate, past.BorneUploadRate, step.well, step.now)
		}
	}
}

// sameRateAs compares to a hundredth; 0 is for one that is not known.
func sameRateAs(m model.Measure, want float64) bool {
	return m.Known == (want > 0) && m.Value >= 0.99*want && m.Value <= 1.01*want
}

// What changes no upload loses no rate: it would be unknown for the rest of the two weeks, and after a restart of the manager for good.
func TestWhatChangesNoUploadLosesNoRate(t *testing.T) {
	for key, changes := range map[string]bool{
		"execution.checkpointing.tolerable-failed-checkpoints":      false,
		"execution.checkpointing.externalized-checkpoint-retention": false,
		"execution.checkpointing.timeout":                           false,
		"execution.checkpointing.savepoint-dir":                     false,
		"state.checkpoint.cleaner.parallel-mode":                    false,
		"state.checkpoints.num-retained":                            false,
		"state.savepoints.dir":                                      false,
		"taskmanager.slot.timeout":                                  false,
		"jobmanager.memory.heap.size":                               false,
		"state.backend.type":                                        true,
		"state.backend.rocksdb.checkpoint.transfer.thread.num":      true,
		"state.checkpoints.dir":                                     true,
		"s3.upload.max.concurrent.uploads":                          true,
		"execution.checkpointing.incremental":                       true,
		"execution.checkpointing.dir":                               true,
		"execution.checkpointing.unaligned.enabled":                 true,
		"execution.checkpointing.max-concurrent-checkpoints":        true,
		"taskmanager.memory.process.size":                           true,
		"kubernetes.taskmanager.cpu.amount":                         true,
	} {
		if !KeptKey(key) {
			t.Errorf("%s is not kept, and so not compared", key)
		}
		m := &Memory{bearing: true, healthyRate: model.Measured(10), topology: topology{known: true, vertices: []model.Vertex{{Parallelism: 4}}}}
		m.facts.config = map[string]string{"state.backend.type": "rocksdb"}
		m.healthyUnder = m.uploadsUnder()
		m.facts.config = map[string]string{"state.backend.type": "rocksdb", key: "1"}
		if healthy, _ := m.uploadBaseline(); healthy.Known == changes {
			t.Errorf("%s: the rate is known: %t", key, healthy.Known)
		}
	}
}
