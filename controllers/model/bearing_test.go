package model

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Only a longer timeout that is in force, for a cause that it leaves as it is, bears; and not for ever.
func TestBearing(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	longer := ChangeRecord{Field: KeyTimeout, From: "10 s", To: "25 s"}
	for name, c := range map[string]struct {
		change func(*Snapshot, *Receipt)
		want   bool
	}{
		"effective":          {func(*Snapshot, *Receipt) {}, true},
		"not judged yet":     {func(_ *Snapshot, r *Receipt) { r.Outcome = api.OutcomePending }, true},
		"kept, inconclusive": {func(_ *Snapshot, r *Receipt) { r.Outcome = api.OutcomeInconclusive }, true},
		"more JobManager CPU since": {func(s *Snapshot, r *Receipt) {
			s.Target.Receipts = []Receipt{{ID: "a-2", Cause: api.CauseJobManagerOverload, Outcome: api.OutcomeEffective, AppliedAt: now,
				Changes: []ChangeRecord{{Field: "jobManager.resource.cpu", From: "1", To: "2"}}}, *r}
		}, true},
		"another remedy's longer timeout since": {func(s *Snapshot, r *Receipt) {
			s.Settings.Timeout.Value = time.Minute
			s.Target.Receipts = []Receipt{{ID: "a-2", Cause: api.CauseCheckpointPressure, Outcome: api.OutcomeEffective, AppliedAt: now,
				Changes: []ChangeRecord{{Field: KeyInterval, To: "60 s"}, {Field: KeyTimeout, From: "25 s", To: "60 s"}}}, *r}
		}, true},
		"another remedy's longer timeout, not in force yet": {func(s *Snapshot, r *Receipt) {
			s.Target.Receipts = []Receipt{{ID: "a-2", Cause: api.CauseCheckpointPressure, Outcome: api.OutcomePending, AppliedAt: now,
				Changes: []ChangeRecord{{Field: KeyTimeout, From: "25 s", To: "60 s"}}}, *r}
		}, true},
		"another remedy's shorter timeout since": {func(s *Snapshot, r *Receipt) {
			s.Settings.Timeout.Value = 12 * time.Second
			s.Target.Receipts = []Receipt{{ID: "a-2", Cause: api.CauseCheckpointPressure, Outcome: api.OutcomeEffective, AppliedAt: now,
				Changes: []ChangeRecord{{Field: KeyTimeout, From: "25 s", To: "12 s"}}}, *r}
		}, false},
		"more threads since": {func(s *Snapshot, r *Receipt) {
			s.Target.Receipts = []Receipt{{ID: "a-2", Cause: r.Cause, Outcome: api.OutcomeEffective, AppliedAt: now,
				Changes: []ChangeRecord{{Field: "state.backend.rocksdb.checkpoint.transfer.thread.num", To: "8"}}}, *r}
		}, false},
		"undone":                {func(_ *Snapshot, r *Receipt) { r.Outcome = api.OutcomeRolledBack }, false},
		"kept, ineffective":     {func(_ *Snapshot, r *Receipt) { r.Outcome = api.OutcomeIneffective }, false},
		"two weeks ago":         {func(_ *Snapshot, r *Receipt) { r.AppliedAt = now.Add(-bearsFor) }, false},
		"another timeout since": {func(s *Snapshot, _ *Receipt) { s.Settings.Timeout.Value = time.Minute }, false},
		"timeout not known":     {func(s *Snapshot, _ *Receipt) { s.Settings.Timeout = Setting[time.Duration]{} }, true},
		"own cause":             {func(_ *Snapshot, r *Receipt) { r.Cause = api.CauseSlowSyncPhase }, false},
		"more threads beside it": {func(_ *Snapshot, r *Receipt) {
			r.Changes = append(r.Changes, ChangeRecord{Field: "state.backend.rocksdb.checkpoint.transfer.thread.num", To: "8"})
		}, false},
		"an interval alone": {func(_ *Snapshot, r *Receipt) { r.Changes[0].Field = "execution.checkpointing.interval" }, false},
	} {
		s := &Snapshot{}
		s.Settings.Timeout = Setting[time.Duration]{Value: 25 * time.Second, Known: true}
		s.Target.Receipts = []Receipt{{ID: "a-1", Cause: api.CauseSlowStateBackend, Outcome: api.OutcomeEffective, AppliedAt: now.Add(-time.Hour), Changes: []ChangeRecord{longer}}}
		c.change(s, &s.Target.Receipts[0])
		if got := s.Bearing(now) != nil; got != c.want {
			t.Errorf("%s: bears %t, want %t", name, got, c.want)
		}
	}
}
