package observe

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func expiredOf(id int64) *model.Checkpoint {
	return &model.Checkpoint{ID: id, Status: model.CheckpointFailed, Failure: &model.CheckpointFailure{Kind: model.FailureExpired},
		Tasks: []model.TaskLedger{{Entries: make([]model.SubtaskLedger, 4)}}}
}

// The first expiry of a spell stays however many follow, although the history that the pass sees begins with a later one each time.
func TestTheFirstExpiryOfASpellStays(t *testing.T) {
	p := &pass{memory: &Memory{}, snapshot: &model.Snapshot{}}
	ledger := &p.snapshot.Checkpoints
	ledger.LatestCompleted = &model.Checkpoint{ID: 7}
	for id := int64(8); id < 60; id++ {
		ledger.History = nil
		for older := id; older > max(id-10, 7); older-- {
			ledger.History = append(ledger.History, *expiredOf(older))
		}
		p.memory.remember(expiredOf(id), time.Time{}, p.firstExpiryID())
	}
	p.keepFirstExpiry()
	if oldest := ledger.History[len(ledger.History)-1]; oldest.ID != 8 {
		t.Errorf("the oldest is %d, want the first expiry 8", oldest.ID)
	}
	// Once one completes, the spell is over.
	if c := p.memory.firstExpiryAfter(58); c == nil || c.ID != 59 {
		t.Errorf("after a completed checkpoint 58 the first expiry is %+v, want 59", c)
	}
}

// What subtasks write is known from the newest completed checkpoint that was read, however long ago that was.
func TestTheNewestCompletedCheckpointIsKept(t *testing.T) {
	m := &Memory{}
	for _, id := range []int64{5, 7, 6} {
		m.remember(&model.Checkpoint{ID: id, Status: model.CheckpointCompleted, Tasks: []model.TaskLedger{{}}}, time.Time{}, -1)
	}
	for id := int64(8); id < 60; id++ {
		m.remember(expiredOf(id), time.Time{}, 8)
	}
	if m.detailed == nil || m.detailed.ID != 7 {
		t.Errorf("kept is %+v, want checkpoint 7", m.detailed)
	}
	m.forget()
	if m.detailed != nil {
		t.Error("another run of the job begins with sizes of the one before")
	}
}

// Which causes were first and likely is remembered for the spell, each with the last time; a pass that found none likely changes nothing.
func TestCausesAreRememberedForTheSpell(t *testing.T) {
	at := time.Unix(1772366400, 0)
	m := &Memory{}
	m.Restore(api.HealthUnhealthy, api.CauseSinkFlush, time.Time{}, time.Time{})
	for i, c := range []struct {
		health  api.Health
		cause   api.Cause
		verdict api.Verdict
	}{
		{api.HealthUnhealthy, api.CauseUserCodeBlocking, api.VerdictConfirmed},
		{api.HealthUnhealthy, api.CauseUndetermined, ""},
		{api.HealthUnhealthy, api.CauseOversizedAck, api.VerdictPossible},
		{api.HealthUnknown, "", ""},
		{api.HealthUnhealthy, api.CauseDataSkew, api.VerdictLikely},
		{api.HealthAtRisk, api.CauseSlowStateBackend, api.VerdictLikely},
		{api.HealthUnhealthy, api.CauseDataSkew, api.VerdictConfirmed},
	} {
		d := &model.Diagnosis{}
		if c.cause != "" {
			d.Findings = []model.Finding{{Cause: c.cause, Verdict: c.verdict}}
		}
		m.found(at.Add(time.Duration(i)*time.Minute), d)
		m.judged(at.Add(time.Duration(i)*time.Minute), c.health, c.cause)
	}
	want := []model.NamedCause{{Cause: api.CauseSinkFlush, Last: at}, {Cause: api.CauseUserCodeBlocking, Last: at},
		{Cause: api.CauseSlowStateBackend, Last: at.Add(5 * time.Minute)}, {Cause: api.CauseDataSkew, Last: at.Add(6 * time.Minute)}}
	if got := m.past().Named; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	m.judged(at, api.HealthHealthy, "")
	if got := m.past().Named; len(got) != 0 {
		t.Errorf("a spell that is over: %+v", got)
	}
}

// A dump tells until there is a newer one or the job is well: with an interval of an hour the next comes an hour later.
func TestStacksStayForTheSpell(t *testing.T) {
	m, at := &Memory{}, time.Unix(1772366400, 0)
	m.addStack(model.StackSample{At: at})
	m.judged(at.Add(3*time.Hour), api.HealthUnhealthy, api.CauseSinkFlush)
	if len(m.stacks) != 1 {
		t.Error("the only dump of the spell is gone after three hours")
	}
	m.judged(at.Add(4*time.Hour), api.HealthHealthy, "")
	if len(m.stacks) != 0 {
		t.Error("a dump of a spell that is over is left")
	}
}

// What logs said in a spell that is over belongs to no later one, which reads them at once; a healthy pass that reads deep keeps the pace.
func TestLogLinesEndWithTheirSpell(t *testing.T) {
	w := newWorld(t)
	w.fake.answers["/jobmanager/logs"] = `{"logs":[{"name":"jm.log","size":400}]}`
	w.fake.answers["/jobmanager/logs/jm.log"] = strings.Repeat("2026-03-01 12:00:00,001 ERROR org.apache.flink.runtime.util.ClusterEntryPointExceptionUtils [] - "+
		"java.lang.OutOfMemoryError: Java heap space\n", 2)
	w.pass(0, api.HealthUnhealthy) // at first sight it is sick
	if s := w.pass(time.Minute, api.HealthUnhealthy); len(s.Logs) != 1 {
		t.Fatalf("log signals %+v, want the memory that ran out", s.Logs)
	}
	w.pass(time.Minute, api.HealthHealthy)
	if s := w.pass(time.Minute, api.HealthHealthy); len(s.Logs) != 0 {
		t.Errorf("log signals %+v of a spell that is over", s.Logs)
	}
	w.pass(time.Second, api.HealthUnhealthy)
	w.pass(time.Second, api.HealthUnhealthy)
	if w.fake.count("/jobmanager/logs") == 0 {
		t.Error("a new spell waits for its logs")
	}
	w = newWorld(t)
	w.opts.Deep = true
	w.fake.answers["/jobmanager/logs"] = `{"logs":[]}`
	w.pass(0, api.HealthHealthy)
	w.pass(time.Minute, api.HealthHealthy)
	if w.fake.count("/jobmanager/logs") != 0 {
		t.Error("a healthy job's logs are read twice within five minutes")
	}
}

// A job that is sick at first sight shows what it was like before; that outlives a restart of the job.
func TestQuickCheckpointsAreABaseline(t *testing.T) {
	m := &Memory{}
	upload := func(took time.Duration, rate float64) model.Checkpoint {
		return model.Checkpoint{Status: model.CheckpointCompleted, Duration: took, Tasks: []model.TaskLedger{{Entries: []model.SubtaskLedger{
			{Reported: true, CheckpointedSize: int64(rate * took.Seconds()), Async: took}}}}}
	}
	m.learnFromQuick(&model.CheckpointLedger{History: []model.Checkpoint{upload(8*time.Second, 1e6)}}, 10*time.Second)
	if m.healthyRate.Known {
		t.Error("8 s of 10 s are no better days")
	}
	m.learnFromQuick(&model.CheckpointLedger{History: []model.Checkpoint{upload(8*time.Second, 1e6), upload(time.Second, 60e6)}}, 10*time.Second)
	m.forget()
	if got := m.past().HealthyUploadRate; !got.AtLeast(59e6) {
		t.Errorf("remembered is %+v, want 60 MB/s", got)
	}
}

// The rate that was measured in a spell is known until the spell is over, and a pass that measured none takes nothing away.
func TestTheRateOfASpellIsKept(t *testing.T) {
	var m Memory
	m.Judged(time.Time{}, &model.Snapshot{}, &model.Diagnosis{Health: api.HealthUnhealthy, Facts: model.Facts{UploadRate: model.Measured(5e5)}})
	m.Judged(time.Time{}, &model.Snapshot{}, &model.Diagnosis{Health: api.HealthUnhealthy})
	if got := m.past().SlowUploadRate; got != model.Measured(5e5) {
		t.Errorf("in the spell: %+v", got)
	}
	m.Judged(time.Time{}, &model.Snapshot{}, &model.Diagnosis{Health: api.HealthHealthy})
	if got := m.past().SlowUploadRate; got.Known {
		t.Errorf("after it: %+v", got)
	}
}

// One call tells a memory all that a pass meant: whoever makes passes cannot forget a part of it.
func TestAPassTellsTheMemoryAllItMeant(t *testing.T) {
	var m Memory
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	m.Judged(at, &model.Snapshot{}, &model.Diagnosis{Health: api.HealthUnhealthy, Facts: model.Facts{UploadRate: model.Measured(350 << 10)},
		Findings: []model.Finding{{Cause: api.CauseSharedDependencyDegraded, Verdict: api.VerdictLikely}, {Cause: api.CauseSlowStateBackend, Verdict: api.VerdictLikely}}})
	past := m.past()
	if past.SlowUploadRate.Value != 350<<10 || len(past.Named) != 1 || past.Named[0] != (model.NamedCause{Cause: api.CauseSlowStateBackend, Last: at}) ||
		past.Health != api.HealthUnhealthy || past.Cause != api.CauseSlowStateBackend || !past.CauseSince.Equal(at) {
		t.Errorf("past %+v, want the rate, the job's own cause and since when", past)
	}
}
