package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// spell marks a job as sick since an hour, of a cause.
func spell(s *model.Snapshot, cause api.Cause) *model.Snapshot {
	s.Past.Health, s.Past.Cause = api.HealthUnhealthy, cause
	s.Past.UnhealthySince, s.Past.CauseSince = testNow.Add(-time.Hour), testNow.Add(-time.Hour)
	return s
}

// The cause of a spell stays when what told it is gone, gives way to another that is likely, and to nothing where something speaks against it.
func TestTheCauseOfASpellStays(t *testing.T) {
	commit := func() *model.Snapshot { return caseNamed(t, "commit of the checkpoint before") }
	tests := []struct {
		name string
		make func() *model.Snapshot
		past api.Cause
		want api.Cause
	}{
		{"its dump is gone", func() *model.Snapshot { s := commit(); s.Stacks = nil; return s }, api.CauseCommitBlocksTask, api.CauseCommitBlocksTask},
		{"another is likely", commit, api.CauseSlowStateBackend, api.CauseCommitBlocksTask},
		{"a newer dump shows idle sources", func() *model.Snapshot {
			s := caseNamed(t, "source that reads a table")
			s.Stacks = nil
			press(s, source, 0, 0)
			dumps(s, idleThreads(source, 4)...)
			return s
		}, api.CauseSourceBlocked, api.CauseUndetermined},
		{"nothing was found before", func() *model.Snapshot { s := commit(); s.Stacks = nil; return s }, "", api.CauseUndetermined},
		{"nothing was likely before", func() *model.Snapshot { s := commit(); s.Stacks = nil; return s }, api.CauseUndetermined, api.CauseUndetermined},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := spell(tt.make(), tt.past)
			d := diagnosed(t, s)
			top := d.Top()
			if top.Cause != tt.want {
				t.Fatalf("got %s %s: %s\n%s", top.Cause, top.Verdict, top.Summary, ranking(d.Findings))
			}
			if tt.want == tt.past && top.Cause != api.CauseUndetermined && (top.Verdict != api.VerdictPossible || !top.Since.Equal(s.Past.CauseSince)) {
				t.Errorf("kept as %s since %s; it is possible, since the beginning", top.Verdict, top.Since)
			}
		})
	}
	healthy := spell(commit(), api.CauseCommitBlocksTask)
	healthy.Stacks, healthy.Past.Health = nil, api.HealthHealthy
	if d := diagnosed(t, healthy); d.Top().Cause != api.CauseUndetermined {
		t.Errorf("the cause of a spell that is over comes back: %s", d.Top().Cause)
	}
}

// Two dumps an hour apart at the same spot are two calls, not one that is stuck.
func TestStuckIsWithinATimeout(t *testing.T) {
	for apart, stuck := range map[time.Duration]bool{10 * time.Second: true, time.Hour: false} {
		s := caseNamed(t, "one call of user code")
		s.Stacks[0].At, s.Stacks[0].PendingCheckpoint = s.Stacks[1].At.Add(-apart), 8000
		f := featuresOf(t, s)
		if _, n, _ := f.threads.find(f.inOneCall); n > 0 != stuck {
			t.Errorf("%s apart: %d stuck", apart, n)
		}
	}
}

// Of two troubles at once a pass sees now one and now the other: the second one stays listed for a while.
func TestASecondCauseStaysListed(t *testing.T) {
	for name, c := range map[string]struct {
		seen time.Duration
		want bool
	}{"a minute ago": {time.Minute, true}, "two hours ago": {2 * time.Hour, false}} {
		s := expiredThrice(4, shares{all(quick), absentFirst, absentAll})
		works(s, state, 0, 60, 0)
		dumps(s, append(idleThreads(sink, 4), taskThreadOf(state, 0, elementFrames, "com.shop.Rates.lookup"))...)
		s.Past.Health = api.HealthUnhealthy
		s.Past.Seen = []model.NamedCause{{Cause: api.CauseCommitBlocksTask, Last: testNow.Add(-c.seen)}}
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseCommitBlocksTask)
		if d.Top().Cause == api.CauseCommitBlocksTask || (f != nil && f.Verdict == api.VerdictPossible) != c.want {
			t.Errorf("%s: %+v", name, d.Findings)
		}
	}
}
