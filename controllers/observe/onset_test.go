package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Where checkpoints of a job at risk take longer and longer one is looked at as soon as it has been pending for several times as long as a healthy one takes.
func TestStacksOfWhatGrows(t *testing.T) {
	for name, tt := range map[string]struct {
		past, pending time.Duration
		want          bool
	}{
		"three times as long":          {20 * time.Second, 61 * time.Second, true},
		"twice as long":                {40 * time.Second, 80 * time.Second, false},
		"below a tenth of the timeout": {10 * time.Second, 59 * time.Second, false},
		"no past":                      {0, 61 * time.Second, false},
	} {
		clock := &fakeClock{now: time.UnixMilli(1772366400000)}
		p := &pass{now: clock.now, opts: &Options{Now: clock.read}, memory: &Memory{health: api.HealthAtRisk, healthyDuration: tt.past}, snapshot: &model.Snapshot{}}
		p.snapshot.Settings.Timeout = model.Setting[time.Duration]{Known: true, Value: 10 * time.Minute}
		p.snapshot.Checkpoints.History = []model.Checkpoint{{ID: 9, Status: model.CheckpointInProgress, Trigger: clock.now.Add(-tt.pending)}}
		for i := range 3 {
			p.snapshot.Checkpoints.History = append(p.snapshot.Checkpoints.History, model.Checkpoint{ID: int64(8 - i), Status: model.CheckpointCompleted, Duration: 4 * time.Minute})
		}
		if got := p.worthADump(clock.now); got != tt.want {
			t.Errorf("%s: a dump %v, want %v", name, got, tt.want)
		}
	}
}

// While a job is well what was done between two readings stays as what was before the next spell; with a spell, or an attempt, it goes.
func TestWorkBeforeASpell(t *testing.T) {
	reading := func(attempt int, at, busy int64) workReading {
		return workReading{attempt: attempt, at: at, work: flink.Work{ReadComplete: true, WriteComplete: true, ReadRecords: at, Idle: at - busy, Busy: flink.Float(busy)}}
	}
	lately := model.Work{Span: 10 * time.Second, Busy: 9 * time.Second, In: 10_000}
	var w subtaskWork
	w.add(reading(0, 10_000, 1000), false)
	w.add(reading(0, 20_000, 10_000), false)
	w.rest(false)
	if w.work != (model.SubtaskWork{Before: lately}) {
		t.Errorf("of a healthy job %+v is kept, want %+v before", w.work, lately)
	}
	w.rest(false) // a pass without a reading
	w.add(reading(0, 20_000, 10_000), true)
	if w.work.Before != lately || w.work.Lately.Known() {
		t.Errorf("an answer of a poll ago leaves %+v", w.work)
	}
	restarted := w
	restarted.add(reading(1, 500, 100), true)
	if restarted.work.Before.Known() {
		t.Errorf("of the attempt before %+v is kept", restarted.work)
	}
	w.rest(true)
	if w.work != (model.SubtaskWork{}) {
		t.Errorf("of the spell that is over %+v is kept", w.work)
	}
}

// A rate that is only remembered is not measured anew, and belongs to the configuration under which it was.
func TestARateIsRememberedWithItsTimeAndConfiguration(t *testing.T) {
	at := time.UnixMilli(1772366400000)
	var m Memory
	m.facts.config = map[string]string{"state.backend.rocksdb.checkpoint.transfer.thread.num": "1"}
	measured := model.Diagnosis{Health: api.HealthUnhealthy, Facts: model.Facts{UploadRate: model.Measured(5e5), CompletedUploadRate: model.Measured(6e6)}}
	m.Judged(at, &model.Snapshot{}, &measured)
	measured.Facts.UploadRemembered = true
	measured.Facts.CompletedUploadRate = model.Measured(7e6)
	m.Judged(at.Add(time.Hour), &model.Snapshot{}, &measured)
	if past := m.past(); past.SlowUploadRate != model.Measured(5e5) || !past.SlowUploadAt.Equal(at) || past.CompletedUploadRate != model.Measured(6e6) {
		t.Errorf("remembered are %+v of %s and %+v", past.SlowUploadRate, past.SlowUploadAt, past.CompletedUploadRate)
	}
	m.forget()
	if past := m.past(); !past.SlowUploadRate.Known || !past.CompletedUploadRate.Known {
		t.Error("a restart under the same configuration takes the rates away")
	}
	m.facts.config = map[string]string{"state.backend.rocksdb.checkpoint.transfer.thread.num": "8"}
	if past := m.past(); past.SlowUploadRate.Known || past.CompletedUploadRate.Known {
		t.Errorf("under another configuration %+v and %+v are known", past.SlowUploadRate, past.CompletedUploadRate)
	}
}
