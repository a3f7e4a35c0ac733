package diagnose

import (
	"os"
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// The causes that a rule must exist for: all but the two that no single job shows.
var wanted = []struct {
	cause api.Cause
	sub   api.SubCause
}{
	{api.CauseNetworkLatency, ""}, {api.CauseJobManagerOverload, api.SubCauseCPU}, {api.CauseJobManagerOverload, api.SubCauseHeap},
	{api.CauseSlowCleanup, ""}, {api.CauseSlowStateBackend, ""}, {api.CauseCheckpointPressure, ""},
	{api.CauseFlinkVersionBug, api.SubCauseKnownIssue}, {api.CauseFlinkVersionBug, api.SubCauseVersionMismatch}, {api.CauseBackpressure, ""},
	{api.CauseSinkFlush, ""}, {api.CauseSlowSyncPhase, ""}, {api.CauseDataSkew, ""}, {api.CauseTaskManagerPressure, ""}, {api.CauseStorageFailure, ""},
	{api.CauseOversizedAck, ""}, {api.CauseSourceBlocked, ""}, {api.CauseUserCodeBlocking, ""}, {api.CauseCommitBlocksTask, ""},
	{api.CauseCoordinatorBlocked, ""}, {api.CauseTaskFailure, ""},
}

func TestEveryCauseHasARuleAndACase(t *testing.T) {
	if len(table) != len(wanted) {
		t.Errorf("%d rules for %d causes", len(table), len(wanted))
	}
	for _, w := range wanted {
		if n := countOf(table, func(r *rule) bool { return r.cause == w.cause && r.sub == w.sub }); n != 1 {
			t.Errorf("%s has %d rules, want 1", causeName(w.cause, w.sub), n)
		}
		if !slices.ContainsFunc(causeCases, func(c causeCase) bool { return c.cause == w.cause && c.sub == w.sub }) {
			t.Errorf("%s has no case in cause_test.go", causeName(w.cause, w.sub))
		}
	}
}

func countOf[T any](all []T, fits func(T) bool) int {
	n := 0
	for _, v := range all {
		n += count(fits(v))
	}
	return n
}

func TestEveryRuleIsWhole(t *testing.T) {
	for _, r := range table {
		name := causeName(r.cause, r.sub)
		if r.summary == nil || r.next == "" || len(r.next) > maxSummary {
			t.Errorf("%s: a rule needs a summary, and a next measurement of at most %d bytes", name, maxSummary)
		}
		positive := 0
		for i := range r.rows {
			positive += max(r.rows[i].weight, 0)
			checkRow(t, name, &r.rows[i])
		}
		if positive < confirmedScore && r.sub != api.SubCauseKnownIssue {
			t.Errorf("%s can reach %d at most, less than Confirmed", name, positive)
		}
	}
}

func checkRow(t *testing.T, name string, r *row) {
	t.Helper()
	if r.signal == "" || len(r.signal) > maxSignal || r.test == nil {
		t.Errorf("%s: %q needs a name of at most %d bytes and a test", name, r.signal, maxSignal)
	}
	if r.weight < -100 || r.weight > 100 {
		t.Errorf("%s: %s has weight %d", name, r.signal, r.weight)
	}
}

// Causes that a setting cannot cure must tell people what can.
func TestAdviceOnlyCausesAdvise(t *testing.T) {
	treatable := []api.Cause{api.CauseCheckpointPressure, api.CauseJobManagerOverload}
	for _, c := range causeCases {
		d := diagnosed(t, c.make(4))
		top := d.Top()
		if top == nil || slices.Contains(treatable, top.Cause) {
			continue
		}
		if len(top.Advice) == 0 {
			t.Errorf("%s: %s gives no advice", c.name, top.Cause)
		}
	}
}

// A cause a file: cause_NAME.go holds it, and no other file declares rules.
func TestRulesLiveInFilesOfTheirOwn(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(text), "= rule{")
		found += n
		if n > 0 && !strings.HasPrefix(e.Name(), "cause_") {
			t.Errorf("%s declares a rule", e.Name())
		}
	}
	if found != len(table) {
		t.Errorf("%d rules are declared, %d are in the table", found, len(table))
	}
}

func TestExplanationsNameCausesOfTheTable(t *testing.T) {
	for _, pair := range explains {
		for _, cause := range []api.Cause{pair.why, pair.what} {
			if !slices.ContainsFunc(table, func(r *rule) bool { return r.cause == cause }) {
				t.Errorf("%s has no rule", cause)
			}
		}
	}
}

// No rule may know the laboratory's names.
func TestNoRuleKnowsTheLaboratory(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"lab" + ".", "slow" + "://", "Fault" + "Job", "com." + "acme"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s mentions %s", e.Name(), word)
			}
		}
	}
}
