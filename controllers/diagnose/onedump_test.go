package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// In a single dump anybody may be caught at one of many elements or reads: it weighs half, and confirms nothing. A task in its own part of a
// checkpoint is there once and for all, but for a commit: after every checkpoint there is one, for a moment.
func TestASingleDumpConfirmsNoRead(t *testing.T) {
	for name, cause := range map[string]api.Cause{
		"source that reads a table": api.CauseSourceBlocked, "source of the old kind that holds the lock": api.CauseSourceBlocked,
		"one call of user code": api.CauseUserCodeBlocking,
	} {
		two, one := caseNamed(t, name), caseNamed(t, name)
		if cause == api.CauseUserCodeBlocking { // in two dumps many slow elements look the same
			d := diagnosed(t, two)
			if f := findingOf(&d, cause); f.Verdict != api.VerdictLikely {
				t.Errorf("%s without a count of records: %s with %d", name, f.Verdict, f.Score)
			}
			works(two, state, 0, 60, 0)
			works(one, state, 0, 40, 3)
		}
		one.Stacks = one.Stacks[1:]
		before, after := diagnosed(t, two), diagnosed(t, one)
		if f := findingOf(&before, cause); f.Verdict != api.VerdictConfirmed {
			t.Errorf("%s with two dumps at the same spot: %s with %d", name, f.Verdict, f.Score)
		}
		f := findingOf(&after, cause)
		if f.Verdict == api.VerdictConfirmed || f.Score >= findingOf(&before, cause).Score {
			t.Errorf("%s with one dump: %s with %d", name, f.Verdict, f.Score)
		}
	}
	s := caseNamed(t, "commit of the checkpoint before")
	s.Stacks = s.Stacks[1:]
	if d := diagnosed(t, s); d.Top().Cause != api.CauseCommitBlocksTask || d.Top().Verdict != api.VerdictLikely {
		t.Errorf("a commit in one dump: %s %s", d.Top().Verdict, d.Top().Cause)
	}
}
