package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// report is a full acknowledgement after 5 s, changed.
func report(change func(*flink.SubtaskCheckpoint)) *flink.SubtaskCheckpoint {
	s := &flink.SubtaskCheckpoint{Reported: true, AckTimestamp: 15_000, EndToEnd: 5000, StartDelay: 100, Alignment: 200, Sync: 50, Async: 150, StateSize: 1}
	change(s)
	return s
}

var subtaskTests = []struct {
	name      string
	entry     *flink.SubtaskCheckpoint
	unaligned bool
	want      func(model.SubtaskLedger) bool
}{
	{"aligned: the phases are sequential", report(func(*flink.SubtaskCheckpoint) {}), false,
		func(e model.SubtaskLedger) bool { return e.Residual == 4500*time.Millisecond && !e.Late }},
	{"unaligned: async contains the alignment", report(func(*flink.SubtaskCheckpoint) {}), true,
		func(e model.SubtaskLedger) bool { return e.Residual == 4700*time.Millisecond && e.Unaligned }},
	{"clock skew leaves nothing, not less", report(func(s *flink.SubtaskCheckpoint) { s.StartDelay = 6000 }), false,
		func(e model.SubtaskLedger) bool { return e.Residual == 0 }},
	{"an upload that never ended has no residual", report(func(s *flink.SubtaskCheckpoint) { s.Async, s.Aborted, s.AckTimestamp = -1, true, 20_050 }), false,
		func(e model.SubtaskLedger) bool {
			return e.Residual == model.Unknown && e.Unfinished == model.PhaseAsync && !e.Late
		}},
	{"the first phase that never ended counts", report(func(s *flink.SubtaskCheckpoint) { s.Sync, s.Async, s.Aborted = -1, -1, true }), false,
		func(e model.SubtaskLedger) bool { return e.Unfinished == model.PhaseSync }},
	{"a full report after the failure is late", report(func(s *flink.SubtaskCheckpoint) { s.Aborted, s.AckTimestamp, s.EndToEnd = true, 23_000, 13_000 }), false,
		func(e model.SubtaskLedger) bool { return e.Late && e.Residual == 12500*time.Millisecond }},
	{"a report of an abort before the failure is not", report(func(s *flink.SubtaskCheckpoint) { s.Aborted = true }), false,
		func(e model.SubtaskLedger) bool { return !e.Late && e.Aborted }},
	{"a finished task is no evidence", &flink.SubtaskCheckpoint{Reported: true, AckTimestamp: 10_001, EndToEnd: 1}, false,
		func(e model.SubtaskLedger) bool { return e.Finished && e.Residual == model.Unknown }},
	{"nothing reported", &flink.SubtaskCheckpoint{AckTimestamp: -1, EndToEnd: -1, StartDelay: -1, Alignment: -1, Sync: -1, Async: -1}, false,
		func(e model.SubtaskLedger) bool { return !e.Reported && e.Residual == model.Unknown && e.Ack.IsZero() }},
}

func TestSubtaskLedger(t *testing.T) {
	failed := time.UnixMilli(20_000)
	for _, test := range subtaskTests {
		t.Run(test.name, func(t *testing.T) {
			if got := subtaskLedger(test.entry, failed, test.unaligned); !test.want(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestFailureKinds(t *testing.T) {
	tests := map[string]model.FailureKind{
		"Checkpoint expired before completing.":                                               model.FailureExpired,
		"org.apache.flink.X: Checkpoint expired before completing. Failure reason: something": model.FailureExpired,
		"Asynchronous task checkpoint failed.":                                                model.FailureAsync,
		"Could not complete snapshot 1. Failure reason: Checkpoint was declined.":             model.FailureDeclined,
		"An Exception occurred while triggering the checkpoint. IO-problem detected.":         model.FailureIO,
		"Failure to finalize checkpoint.":                                                     model.FailureFinalize,
		"Trigger checkpoint failure.":                                                         model.FailureTrigger,
		"Checkpoint Coordinator is suspending.":                                               model.FailureFailover,
		"something new":                                                                       model.FailureOther,
		"":                                                                                    model.FailureOther,
	}
	for message, want := range tests {
		if got := failureKind(message); got != want {
			t.Errorf("failureKind(%q) = %s, want %s", message, got, want)
		}
	}
}

// history writes e for expired, c for completed, p for pending, newest first; ids fall from 100.
func history(kinds string) []model.Checkpoint {
	var out []model.Checkpoint
	for i, kind := range kinds {
		c := model.Checkpoint{ID: int64(100 - i), Status: model.CheckpointCompleted, Duration: time.Duration(i+1) * time.Second}
		switch kind {
		case 'e':
			c.Status, c.Failure = model.CheckpointFailed, &model.CheckpointFailure{Kind: model.FailureExpired}
		case 'f':
			c.Status, c.Failure = model.CheckpointFailed, &model.CheckpointFailure{Kind: model.FailureAsync}
		case 'p':
			c.Status = model.CheckpointInProgress
		}
		out = append(out, c)
	}
	return out
}

func TestWorthDetails(t *testing.T) {
	tests := []struct {
		kinds string
		want  []int
	}{
		{"peeec", []int{0, 3, 1, 4, 2}}, // pending, first expiry after a completed one, newest failure, slowest completed, the rest
		{"pceec", []int{0, 3, 2, 4, 1}}, // the newest spell's first expiry
		{"ccc", []int{2, 0, 1}},         // the slowest first, as it may be gone
		{"ppc", []int{1, 2}},            // the oldest pending
		{"eee", []int{2, 0, 1}},         // none completed: the oldest expiry first
		{"fec", []int{1, 0, 2}},         // other failures count as the newest
		{"", nil},
	}
	for _, test := range tests {
		got := worthDetails(history(test.kinds))
		if len(got) != len(test.want) {
			t.Errorf("%q: %v, want %v", test.kinds, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%q: %v, want %v", test.kinds, got, test.want)
				break
			}
		}
	}
}

func TestFirstExpiryIsKeptWhenFlinkDropsIt(t *testing.T) {
	var m Memory
	first := model.Checkpoint{ID: 50, Status: model.CheckpointFailed, Failure: &model.CheckpointFailure{Kind: model.FailureExpired}, Tasks: []model.TaskLedger{{}}}
	m.remember(&first, time.Time{}, 50)
	for id := int64(60); id < 80; id++ {
		later := first
		later.ID = id
		m.remember(&later, time.Time{}, 50)
	}
	if len(m.remembered) != maxRemembered || m.recall(50) == nil {
		t.Fatalf("%d remembered, the first expiry %v", len(m.remembered), m.recall(50))
	}
	p := &pass{memory: &m, snapshot: &model.Snapshot{Checkpoints: model.CheckpointLedger{History: history("eee"), LatestCompleted: &model.Checkpoint{ID: 49}}}}
	p.keepFirstExpiry()
	kept := p.snapshot.Checkpoints.History
	if len(kept) != 4 || kept[3].ID != 50 {
		t.Errorf("history ends with %d of %d, want the first expiry, 50", kept[len(kept)-1].ID, len(kept))
	}
}

func TestLatestFailedIsKeptBesideTheHistory(t *testing.T) {
	var answer flink.Checkpoints
	if ledger := ledgerOf(&answer); ledger.LatestFailed != nil {
		t.Errorf("%+v where nothing failed", ledger.LatestFailed)
	}
	answer.Latest.Failed = &flink.Checkpoint{ID: 7, Status: flink.CheckpointFailed, FailureMessage: "Checkpoint expired before completing."}
	if failed := ledgerOf(&answer).LatestFailed; failed == nil || failed.ID != 7 || !failed.Expired() {
		t.Errorf("%+v, want the expired checkpoint 7 that the history has lost", failed)
	}
}

// A finished task is acknowledged while the checkpoint is triggered, which takes seconds behind a clogged io pool: before any barrier.
func TestFinishedBehindAClog(t *testing.T) {
	zeros := func(took time.Duration) model.SubtaskLedger {
		return model.SubtaskLedger{Reported: true, EndToEnd: took, Residual: took}
	}
	tasks := []model.TaskLedger{
		{Entries: []model.SubtaskLedger{zeros(4 * time.Second), zeros(9 * time.Second)}},
		{Entries: []model.SubtaskLedger{{Reported: true, EndToEnd: 6 * time.Second, StartDelay: 5 * time.Second, Async: time.Second}}},
	}
	settleFinished(tasks)
	if e := tasks[0].Entries[0]; !e.Finished || e.Residual != model.Unknown {
		t.Errorf("acknowledged before the first barrier: %+v, want finished", e)
	}
	if e := tasks[0].Entries[1]; e.Finished || e.Residual != 9*time.Second {
		t.Errorf("acknowledged behind the first barrier: %+v, want a residual of 9 s", e)
	}
}
