package campaign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/hack/evidence/cases"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// ended are checkpoints of one second each, one every ten, with these results: c completed, x expired, f failed otherwise.
func ended(results string) []flinklocal.Checkpoint {
	var out []flinklocal.Checkpoint
	for i, result := range results {
		cp := flinklocal.Checkpoint{ID: int64(i + 1), Trigger: int64(i) * 10_000, Duration: 1000 + int64(i), Status: "FAILED"}
		switch result {
		case 'c':
			cp.Status = "COMPLETED"
		case 'x':
			cp.Failure = "Checkpoint expired before completing."
		default:
			cp.Failure = "Asynchronous task checkpoint failed."
		}
		out = append(out, cp)
	}
	return out
}

func TestMet(t *testing.T) {
	for _, c := range []struct {
		until   cases.Until
		results string
		passed  time.Duration
		want    bool
	}{
		{cases.Until{Expired: 2}, "cxc", time.Second, false},
		{cases.Until{Expired: 2}, "cxfx", time.Second, true},
		{cases.Until{Failed: 2}, "cxf", time.Second, true},
		{cases.Until{Ended: 4}, "ccc", time.Second, false},
		{cases.Until{Ended: 3}, "ccc", time.Second, true},
		{cases.Until{Expired: 9, Time: time.Minute}, "", time.Minute, true},
		{cases.Until{Expired: 9}, "", 149 * time.Second, false},
		{cases.Until{Expired: 9}, "", 150 * time.Second, true},
	} {
		if got := met(c.until, ended(c.results), c.passed); got != c.want {
			t.Errorf("%+v with %q after %s: %t, want %t", c.until, c.results, c.passed, got, c.want)
		}
	}
}

func TestSummaryAndFirstExpiry(t *testing.T) {
	all := ended("cxccx")
	if s := summary(all); s.Ended != 5 || s.Expired != 2 || s.MedianMs != 1002 {
		t.Errorf("%+v, want 5 ended, 2 expired, and the middle of 1000, 1002 and 1003 ms", s)
	}
	if at := firstExpiry(all); at.UnixMilli() != 10_000+1001 {
		t.Errorf("first expiry at %s, want the end of the second checkpoint", at)
	}
	if at := firstExpiry(ended("ccf")); !at.IsZero() {
		t.Errorf("first expiry at %s although none expired", at)
	}
	if s := summary(nil); s.Ended != 0 || s.MedianMs != 0 {
		t.Errorf("%+v of nothing", s)
	}
}

func TestTallyCountsByTheEnd(t *testing.T) {
	y := &tally{ended: map[int64]flinklocal.Checkpoint{}}
	for _, cp := range ended("cxc") {
		y.ended[cp.Trigger] = cp
	}
	if n := len(y.since(time.UnixMilli(10_500))); n != 2 {
		t.Errorf("%d ended after 10.5 s, want the two that did", n)
	}
	r := &run{tally: y}
	if n := len(r.triggeredAfter(time.UnixMilli(10_500))); n != 1 {
		t.Errorf("%d began after 10.5 s, want one", n)
	}
}

func TestWhatIsRecordedIsNotRecordedAgain(t *testing.T) {
	root := t.TempDir()
	p := &Plan{Root: root}
	c := &cases.Case{Case: flinklocal.Case{Name: "x"}, Split: cases.Tuning}
	dir := filepath.Join(root, "tuning", "1.20.5")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"x.har.gz", "x.yaml"} {
		if p.has(c, "1.20.5") {
			t.Errorf("recorded with %d of 2 files", i)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !p.has(c, "1.20.5") || p.has(c, "2.2.1") {
		t.Error("want it recorded on the one version and not on the other")
	}
}

func TestTheLastLineAndWhatIsMissing(t *testing.T) {
	var out bytes.Buffer
	b := &board{out: &out, began: time.Now(), all: 3}
	one := job{&cases.Case{Case: flinklocal.Case{Name: "x"}}, "1.20.5"}
	b.count(one, nil)
	b.count(one, fmt.Errorf("start: %w: root", flinklocal.ErrMissing))
	b.count(one, errors.New("no luck"))
	b.tellSkipped()
	if got := b.outcome.String(); got != "lab-flink: recorded 1, skipped 1, failed 1" {
		t.Errorf("last line %q", got)
	}
	for _, want := range []string{"[1/3] 1.20.5/x: recorded", "SKIPPED: start: missing on this machine: root", "[3/3] 1.20.5/x: FAILED", "  skipped 1.20.5/x: start"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("progress %q, want %q in it", out.String(), want)
		}
	}
}

func TestRunGivesUpWithItsContext(t *testing.T) {
	p := &Plan{Root: t.TempDir(), Out: &bytes.Buffer{}, Jobs: 2,
		Cases: []cases.Case{{Case: flinklocal.Case{Name: "x"}, Split: cases.Tuning, Versions: []string{"1.20.5"}}}}
	ctx, cancel := contextCancelled(t)
	defer cancel()
	if outcome, err := p.Run(ctx); err == nil || outcome != (Outcome{}) {
		t.Errorf("%+v, %v: want nothing done and the context's error", outcome, err)
	}
}

func contextCancelled(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

// What a case says of itself is what its trial tells, so that no figure counts it elsewhere.
func TestATrialTellsWhatItsCaseSays(t *testing.T) {
	c := cases.Case{Case: flinklocal.Case{Name: "x"}, Split: cases.HeldOut, Set: cases.SecondSet, Causes: []string{"SinkFlush"}, SlowOnset: true, Incurable: true}
	got := asSaid(&c, "2.2.1")
	want := trial.Trial{Case: "x", Split: trial.HeldOut, Set: trial.SecondSet, FlinkVersion: "2.2.1", Causes: []string{"SinkFlush"}, SlowOnset: true, Incurable: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	found, err := trial.Find(filepath.Join("..", "recordings"))
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]string{}
	for _, c := range cases.All() {
		sets[c.Split+"/"+c.Name] = c.Set
	}
	for _, f := range found {
		if set, known := sets[string(f.Trial.Split)+"/"+f.Trial.Case]; known && set != string(f.Trial.Set) {
			t.Errorf("%s: set is %q, in the table of cases %q", f.Recording, f.Trial.Set, set)
		}
	}
}
