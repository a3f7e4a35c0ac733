package score

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	for _, sentence := range committed.Worse(e.Results) {
		t.Error(sentence)
	}
	for _, sentence := range committed.New(e.Results) {
		t.Log("lower with new recordings: " + sentence)
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

// TestWhatIsWrittenIsComparedWithWhatWas: make evidence says what got worse, and writes it only where that is accepted.
func TestWhatIsWrittenIsComparedWithWhatWas(t *testing.T) {
	root := repository(t, map[string]string{readmeFile: "# A\n" + claimBegin + "old\n" + claimEnd + "b\n", "docs/x": "", "hack/evidence/x": ""})
	good, bad := Evidence{Results: []Result{sick("a")}}, Evidence{Results: []Result{with(sick("a"), func(r *Result) { r.Cause = "DataSkew" })}}
	const worse = "tuning top1: 0 of 1, committed 1 of 1"
	var before map[string]string
	for i, c := range []struct {
		e               *Evidence
		accept, refused bool
		worse           string
	}{{e: &good}, {e: &bad, refused: true, worse: worse}, {e: &bad, accept: true, worse: worse}, {e: &bad}} {
		changes, err := c.e.Write(root, c.accept)
		if errors.Is(err, ErrWorse) != c.refused || err != nil != c.refused || !strings.Contains(strings.Join(changes.Worse, "\n"), c.worse) || c.worse == "" && changes.Worse != nil {
			t.Errorf("time %d: %v, %v", i, changes, err)
		}
		now := written(t, root)
		if diff := cmp.Diff(before, now); c.refused && diff != "" {
			t.Errorf("time %d: it is written:\n%s", i, diff)
		}
		before = now
	}
	if readme := before[readmeFile]; !strings.Contains(readme, "| top-1 | ≥ 97 % | none | 0 of 1 (0.0 %) |") || strings.Contains(readme, "old") {
		t.Error(readme)
	}
}

func TestAReadmeWithoutMarksIsRefused(t *testing.T) {
	if _, err := between("# A\n", ""); err == nil || !strings.Contains(err.Error(), "are missing, expected the table") {
		t.Errorf("no marks: %v", err)
	}
}

// written are the files that make evidence writes.
func written(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{PageFile, FiguresFile, readmeFile} {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(raw)
	}
	return files
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

// against are the sentences about figures of some results that are worse than others.
func against(before []Result, now ...Result) string {
	c := Figure(before)
	return strings.Join(c.Worse(now), "\n")
}

func TestAWorseFigureIsRefusedWithTheNamesOfItsCases(t *testing.T) {
	before := []Result{sick("a"), sick("b"), healthy("c")}
	if worse := against(before, before...); worse != "" {
		t.Errorf("the same figures are worse: %v", worse)
	}
	now := []Result{with(sick("a"), calledHealthy), sick("b"), healthy("c")}
	worse := against(before, now...)
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
	if better := against(now, before...); better != "" {
		t.Errorf("better figures are refused: %v", better)
	}
}

func TestARecordingThatIsTakenAwayIsRefused(t *testing.T) {
	worse := against([]Result{sick("a"), sick("b")}, sick("a"))
	want := "tuning cases: 1 of 1, committed 2 of 2 (a smaller number is worse); changed: tuning/1.20.5/b (no such case, was -)"
	if worse != want {
		t.Errorf("got %q, want %q", worse, want)
	}
	// Nor may another take its place.
	if worse := against([]Result{sick("a"), with(sick("b"), other)}, sick("a"), sick("c")); worse != want {
		t.Errorf("replaced: got %q, want %q", worse, want)
	}
}

func TestNewRecordingsNeitherHideNorLookLikeAWorseRule(t *testing.T) {
	before := []Result{sick("a"), with(sick("b"), other)}
	now := append(slices.Clone(before), sick("good"))
	for i := range mostNames + 5 {
		now = append(now, with(sick(fmt.Sprintf("bad-%02d", i)), other))
	}
	if worse := against(before, now...); worse != "" {
		t.Errorf("new recordings look like a worse rule: %s", worse)
	}
	c := Figure(before)
	fresh := strings.Join(c.New(now), "\n")
	if !strings.Contains(fresh, "tuning top1: 2 of 28, without the 26 new recordings 1 of 2; new: tuning/1.20.5/bad-00 (0), ") || !strings.Contains(fresh, ", and 5 more") ||
		strings.Contains(fresh, "1.20.5/good") || strings.Contains(fresh, "1.20.5/b (") {
		t.Errorf("got %s", fresh)
	}
	// A rule that got worse is seen through any number of new ones that are right.
	worse := against(before, with(sick("a"), other), before[1], sick("c"), sick("d"), sick("e"))
	if !strings.Contains(worse, "tuning top1: 0 of 2, committed 1 of 2 (a smaller share is worse); changed: tuning/1.20.5/a (0, was 1)") {
		t.Errorf("hidden: %s", worse)
	}
	c = Figure(before[:1])
	if fresh := c.New([]Result{before[0], sick("good")}); fresh != nil {
		t.Errorf("good ones are told: %s", fresh)
	}
}

func TestOfNewDelaysOnlyTheLongOnesAreNamed(t *testing.T) {
	late := func(name string, n int) Result { return with(sick(name), func(r *Result) { r.Delay = Count{n, true} }) }
	c := Figure([]Result{late("a", 2)})
	want := "tuning delay_max: 9 of 3, without the 2 new recordings 2 of 1; new: tuning/1.20.5/b (9)"
	if fresh := strings.Join(c.New([]Result{late("a", 2), late("b", 9), late("c", 1)}), "\n"); fresh != want {
		t.Errorf("got %q, want %q", fresh, want)
	}
}

func TestTheHalvesAreHeldApart(t *testing.T) {
	worse := against([]Result{held(sick("x")), sick("a")}, with(held(sick("x")), other), sick("a"))
	if !strings.Contains(worse, "heldout top1: 0 of 1, committed 1 of 1") || strings.Contains(worse, "tuning") || strings.Contains(worse, "second") {
		t.Errorf("got %s", worse)
	}
}

// A set that got better does not make up for another that got worse.
func TestASetIsHeldByItself(t *testing.T) {
	worse := against([]Result{with(held(sick("x")), other), unseen(sick("y"))}, held(sick("x")), with(unseen(sick("y")), other))
	if !strings.Contains(worse, "second top1: 0 of 1, committed 1 of 1 (a smaller share is worse); changed: heldout/1.20.5/y (0, was 1)") ||
		strings.Contains(worse, "heldout top1") {
		t.Errorf("got %s", worse)
	}
}

func TestFiguresAreReadAsTheyWereWritten(t *testing.T) {
	before := figuresOf(sick("a"), healthy("c"), unseen(sick("d")))
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
		{"top1: 1 of 1", "top9: 1 of 1", "top9 is no figure"},
		{"  tuning:", "  sixth:", "figures.sixth is no group of recordings"},
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
