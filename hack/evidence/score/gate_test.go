package score

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// root is the repository's, seen from here.
const root = "../../.."

// gathered judges all recordings once for all tests.
var gathered = sync.OnceValues(func() (*Evidence, error) { return Gather(context.Background(), root) })

// TestNoFigureIsWorseThanTheCommittedOne is the gate: a change of rules may not make a figure worse unseen.
func TestNoFigureIsWorseThanTheCommittedOne(t *testing.T) {
	e, err := gathered()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := ReadCommitted(filepath.Join(root, FiguresFile))
	if err != nil {
		t.Fatal(err)
	}
	now := Figure(e.Results)
	for _, sentence := range committed.Worse(&now) {
		t.Error(sentence)
	}
}

// TestThePageIsWhatTheProgramWrites: docs/evidence.md, the README's table and the committed figures are of these recordings and these rules.
func TestThePageIsWhatTheProgramWrites(t *testing.T) {
	e, err := gathered()
	if err != nil {
		t.Fatal(err)
	}
	files, err := e.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("%v; make evidence writes it", err)
			continue
		}
		if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(want, "\n")); diff != "" {
			t.Errorf("%s is not what make evidence writes; run it and look at what changed:\n%s", file, diff)
		}
	}
}

// TestWhatIsWrittenIsComparedWithWhatWas: make evidence says what got worse, and then writes it.
func TestWhatIsWrittenIsComparedWithWhatWas(t *testing.T) {
	root := repository(t, map[string]string{readmeFile: "# A\n" + claimBegin + "old\n" + claimEnd + "b\n", "docs/x": "", "hack/evidence/x": ""})
	good, bad := Evidence{Results: []Result{sick("a")}}, Evidence{Results: []Result{with(sick("a"), func(r *Result) { r.Cause = "DataSkew" })}}
	if worse, err := good.Write(root); err != nil || worse != nil {
		t.Fatalf("the first time: %v, %v", worse, err)
	}
	worse, err := bad.Write(root)
	if err != nil || !strings.Contains(strings.Join(worse, "\n"), "tuning top1: 0 of 1, committed 1 of 1") {
		t.Errorf("the second time: %v, %v", worse, err)
	}
	readme, err := os.ReadFile(filepath.Join(root, readmeFile))
	if err != nil || !strings.Contains(string(readme), "| top-1 | ≥ 97 % | none | 0 of 1 (0.0 %) |") || strings.Contains(string(readme), "old") {
		t.Errorf("%v\n%s", err, readme)
	}
	if _, err := between("# A\n", ""); err == nil || !strings.Contains(err.Error(), "are missing, expected the table") {
		t.Errorf("no marks: %v", err)
	}
}

func TestTheLabeledRecordingsAreAmongThem(t *testing.T) {
	e, err := gathered()
	if err != nil {
		t.Fatal(err)
	}
	if len(Of(e.Results, trial.Tuning)) < 50 {
		t.Errorf("%d recordings of the tuning half, the 50 labeled ones at least", len(Of(e.Results, trial.Tuning)))
	}
}

func figuresOf(results ...Result) Committed { return Figure(results) }

func TestAWorseFigureIsRefusedWithTheNamesOfItsCases(t *testing.T) {
	before := figuresOf(sick("a"), sick("b"), healthy("c"))
	if worse := before.Worse(&before); worse != nil {
		t.Errorf("the same figures are worse: %v", worse)
	}
	missed := sick("a")
	missed.Cause, missed.Verdict, missed.Health = "None", "", "Healthy"
	now := figuresOf(missed, sick("b"), healthy("c"))
	worse := strings.Join(before.Worse(&now), "\n")
	for _, want := range []string{
		"tuning top1: 1 of 2, committed 2 of 2 (a smaller share is worse); changed: tuning/1.20.5/a (0, was 1)",
		"tuning wrong: 1 of 2, committed 0 of 2 (a larger number is worse); changed: tuning/1.20.5/a (1, was -)",
		"tuning missed: 1 of 2",
	} {
		if !strings.Contains(worse, want) {
			t.Errorf("%q is not in\n%s", want, worse)
		}
	}
	if strings.Contains(worse, "1.20.5/b") || strings.Contains(worse, "heldout") {
		t.Errorf("what did not change is named:\n%s", worse)
	}
	if better := now.Worse(&before); better != nil {
		t.Errorf("better figures are refused: %v", better)
	}
}

func TestARecordingThatIsTakenAwayIsRefused(t *testing.T) {
	before, now := figuresOf(sick("a"), sick("b")), figuresOf(sick("a"))
	worse := strings.Join(before.Worse(&now), "\n")
	if want := "tuning cases: 1 of 1, committed 2 of 2 (a smaller number is worse); changed: tuning/1.20.5/b (no such case, was -)"; worse != want {
		t.Errorf("got %q, want %q", worse, want)
	}
}

func TestOfNewCasesOnlyTheBadOnesAreNamed(t *testing.T) {
	before := figuresOf(sick("a"))
	results := []Result{sick("a"), sick("new")}
	for i := range mostNames + 5 {
		results = append(results, with(sick(fmt.Sprintf("bad-%02d", i)), func(r *Result) { r.Cause = "DataSkew" }))
	}
	now := figuresOf(results...)
	worse := strings.Join(before.Worse(&now), "\n")
	if !strings.Contains(worse, "1.20.5/bad-00 (0, was no such case)") || !strings.Contains(worse, ", and 5 more") ||
		strings.Contains(worse, "1.20.5/new") || strings.Contains(worse, "1.20.5/a ") {
		t.Errorf("got %s", worse)
	}
}

func TestTheHalvesAreHeldApart(t *testing.T) {
	bad := sick("x")
	bad.Trial.Split, bad.Name = trial.HeldOut, "heldout/1.20.5/x"
	good := bad
	bad.Cause = "DataSkew"
	before, now := figuresOf(good, sick("a")), figuresOf(bad, sick("a"))
	worse := strings.Join(before.Worse(&now), "\n")
	if !strings.Contains(worse, "heldout top1: 0 of 1, committed 1 of 1") || strings.Contains(worse, "tuning") {
		t.Errorf("got %s", worse)
	}
}

func TestFiguresAreReadAsTheyWereWritten(t *testing.T) {
	before := figuresOf(sick("a"), healthy("c"))
	text, err := before.Text()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "figures.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	read, err := ReadCommitted(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&before, read); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ from, to, want string }{
		{"top1: 1 of 1", "top1: all", `"all" is no figure, expected one such as 31 of 32`},
		{"top1: 1 of 1", "top9: 1 of 1", "figures.tuning.top9 is no figure"},
		{"figures:", "numbers:", `unknown field "numbers"`},
	} {
		write(strings.Replace(text, c.from, c.to, 1))
		if _, err := ReadCommitted(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
	if _, err := ReadCommitted(path + "x"); err == nil || !strings.Contains(err.Error(), "make evidence writes it") {
		t.Errorf("no file: %v", err)
	}
}
