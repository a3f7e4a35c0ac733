package score

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// commit stands for the commit of some rules.
var commit = strings.Repeat("0a", 20)

// twoBatches are looks at four cases, in two batches: one right, one wrong; one undetermined, one that goes away.
func twoBatches(t *testing.T) (*FirstLook, []Result) {
	t.Helper()
	late := func(n int) func(*Result) { return func(r *Result) { r.Delay = Count{N: n, Known: true} } }
	then := []Result{
		with(unseen(sick("a")), late(4)), with(unseen(sick("b")), other), with(with(unseen(sick("c")), undetermined), late(9)), with(unseen(sick("gone")), late(1)),
	}
	l := &FirstLook{Set: trial.SecondSet}
	for i, batch := range [][]Result{then[:2], then[2:]} {
		if err := l.Add(batch, commit[i:]+commit[:i], at(3600*i)); err != nil {
			t.Fatal(err)
		}
	}
	return l, append(then, held(sick("first-set")), sick("tuned"))
}

func TestAFirstLookIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "first-look.yaml")
	read, err := ReadFirstLook(path, trial.SecondSet)
	if read != nil || err != nil || read.Knows("heldout/1.20.5/a") {
		t.Errorf("no file: %v, %v", read, err)
	}
	l, _ := twoBatches(t)
	if err := l.Write(path); err != nil {
		t.Fatal(err)
	}
	if read, err = ReadFirstLook(path, trial.SecondSet); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, read); diff != "" {
		t.Error(diff)
	}
	want := Looked{Causes: []string{"SlowStateBackend"}, Was: "wrong", Said: Said{Health: "Unhealthy", Cause: "NetworkLatency", Verdict: "Likely"}}
	if diff := cmp.Diff(want, read.Batches[0].Cases["heldout/1.20.5/b"]); diff != "" {
		t.Error(diff)
	}
}

// What was seen first stays, whatever is looked at later.
func TestEachCaseIsLookedAtOnce(t *testing.T) {
	l, _ := twoBatches(t)
	if err := l.Add([]Result{unseen(sick("d")), unseen(sick("b"))}, commit, at(0)); err == nil || !strings.Contains(err.Error(), "heldout/1.20.5/b has been looked at") {
		t.Errorf("a second look: %v", err)
	}
	if err := l.Add([]Result{held(sick("e"))}, commit, at(0)); err == nil || !strings.Contains(err.Error(), `is of the set ""`) {
		t.Errorf("another set: %v", err)
	}
	if err := l.Add(nil, commit, at(0)); err != nil || len(l.Batches) != 2 || l.cases() != 4 || l.Knows("heldout/1.20.5/d") {
		t.Errorf("%v: %d batches of %d cases, want the two of before", err, len(l.Batches), l.cases())
	}
}

func TestFiguresOfAllFirstLooksStandTogether(t *testing.T) {
	l, _ := twoBatches(t)
	for name, want := range map[string]Value{"top1": {2, 4}, "wrong": {1, 4}, "cases": {4, 4}, "delay_median": {4, 3}, "delay_max": {9, 3}} {
		if got, counted := l.value(figureNamed(name)); got != want || !counted {
			t.Errorf("%s: %v, counted %t, want %v", name, got, counted, want)
		}
	}
	delete(l.Batches[1].Figures, "top1")
	if _, counted := l.value(figureNamed("top1")); counted {
		t.Error("a figure that one batch does not have is shown as of all")
	}
}

func TestAFirstLookThatIsNoneIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "first-look.yaml")
	l, _ := twoBatches(t)
	if err := l.Write(path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"date: \"2026-11-26\"", "date: yesterday", `batches[1].date is "yesterday", expected a day`},
		{"rules: " + commit, "rules: main", `batches[0].rules is "main", expected a commit`},
		{"set: second", "set: third", `set is "third", expected second`},
		{"top1: 1 of 2", "top9: 1 of 2", "batches[0].figures.top9 is no figure"},
		{"date:", "day:", `unknown field "day"`},
		{"heldout/1.20.5/gone:", "heldout/1.20.5/b:", "batches[1].cases has heldout/1.20.5/b, which a batch before it has"},
	} {
		text := strings.Replace(string(raw), c.from, c.to, 1)
		if text == string(raw) {
			t.Fatalf("%q is not in\n%s", c.from, raw)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFirstLook(path, trial.SecondSet); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
}

func TestThePageShowsTheFirstLookBesideToday(t *testing.T) {
	l, then := twoBatches(t)
	none := Evidence{Results: then}
	if strings.Contains(none.Markdown(), "The first look") {
		t.Error("a section without a first look")
	}
	same := Evidence{Results: then, First: []*FirstLook{l}}
	if want := "Of its 4 cases 0 differ today in what is said of them: 0 are right that were not, 0 are no longer right.\n"; !strings.Contains(same.Markdown(), want) {
		t.Errorf("%q is not in the page", want)
	}
	today := []Result{with(unseen(sick("a")), other), unseen(sick("b")), with(unseen(sick("c")), other), with(held(sick("first-set")), other)}
	today[1].Recorded = at(7)
	claim := (&Evidence{Results: today, First: []*FirstLook{l}}).Claim()
	if !strings.Contains(claim, "| tuning | 4 of the held-out at their first look |") || !strings.Contains(claim, "| 2 of 4 (50.0 %) |\n") {
		t.Errorf("README does not show the first look:\n%s", claim)
	}
	page := (&Evidence{Results: today, First: []*FirstLook{l}}).Markdown()
	for _, want := range []string{
		"2 cases on 2026-11-25 with the rules of commit `0a0a0a0a0a0a`, 2 cases on 2026-11-26 with the rules of commit `a0a0a0a0a0a0`.",
		"| figure | bar | first look |  | today |",
		"| top-1 | ≥ 97 % | 2 of 4 (50.0 %) | **missed** | 1 of 3 (33.3 %) |",
		"Of its 4 cases 3 differ today in what is said of them: 1 are right that were not, 1 are no longer right. Since then 1 were recorded anew, 1 are gone.",
		"| heldout/1.20.5/a | SlowStateBackend | right | wrong |",
		"| heldout/1.20.5/b | SlowStateBackend | wrong | right |",
		"| heldout/1.20.5/c | SlowStateBackend | undetermined | wrong |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	delete(l.Batches[0].Figures, "top1")
	if page := (&Evidence{Results: today, First: []*FirstLook{l}}).Markdown(); !strings.Contains(page, "| top-1 | ≥ 97 % | not counted then |  |") {
		t.Error("a figure that is newer than the first look is shown as if it had been counted")
	}
}

// laterCases are those of a repository with a recording of each later set.
var laterCases = []string{"parcels", "letters", "waybills", "receipts"}

// allSets is a repository with a recording of each set of the held-out half: joins of the first, and the later cases.
func allSets(t *testing.T) string {
	t.Helper()
	root := withUnseen(t, map[string]string{
		RecordingsDir + "/heldout/1.20.5/joins.yaml":    strings.Replace(heldOutTrial, "2.2.1", "1.20.5", 1),
		RecordingsDir + "/heldout/1.20.5/letters.yaml":  strings.NewReplacer("second", "third", "parcels", "letters").Replace(unseenTrial),
		RecordingsDir + "/heldout/1.20.5/waybills.yaml": strings.NewReplacer("second", "fourth", "parcels", "waybills").Replace(unseenTrial),
		RecordingsDir + "/heldout/1.20.5/receipts.yaml": strings.NewReplacer("second", "fifth", "parcels", "receipts").Replace(unseenTrial),
	})
	beside := filepath.Join(root, RecordingsDir, "heldout", "1.20.5")
	for _, name := range []string{"joins", "letters", "waybills", "receipts"} {
		if err := os.Link(filepath.Join(beside, "parcels.har.gz"), filepath.Join(beside, name+".har.gz")); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Until a case has been looked at, whoever makes the evidence sees nothing of it; a look at one set opens no other.
func TestALaterSetIsSealedUntilItsFirstLook(t *testing.T) {
	root := allSets(t)
	one := map[trial.Set]int{trial.SecondSet: 1, trial.ThirdSet: 1, trial.FourthSet: 1, trial.FifthSet: 1}
	if e := gather(t, root); len(e.Results) != 1 || !maps.Equal(e.Sealed, one) {
		t.Errorf("%+v: want the recording of the first set alone", e)
	}
	for i, set := range trial.LaterSets() {
		name, e := laterCases[i], gather(t, root)
		if said := e.Markdown() + e.Text(); strings.Contains(said, name) || !strings.Contains(said, leftOut(&set)) {
			t.Errorf("%s before its first look:\n%s", set.Set, e.Text())
		}
		lookAt(t, root, &set)
		e = gather(t, root)
		if page := e.Markdown(); len(e.Results) != i+2 || strings.Contains(e.Text(), leftOut(&set)) || !strings.Contains(page, name) {
			t.Errorf("%+v: want the recording of %s as well", e, set.Set)
		}
	}
}

func TestEachFirstLookHasItsSection(t *testing.T) {
	root := allSets(t)
	for _, set := range trial.LaterSets() {
		lookAt(t, root, &set)
	}
	page := gather(t, root).Markdown()
	for _, set := range trial.LaterSets() {
		_, section, _ := strings.Cut(page, "### The first look at the "+set.Title)
		for _, want := range []string{"`" + set.FirstLook + "`: 1 cases on", "score --set " + string(set.Set) + "`", "Of its 1 cases 0 differ today"} {
			if !strings.Contains(section, want) {
				t.Errorf("%s: %q is not in its section:\n%s", set.Set, want, section)
			}
		}
	}
}

// leftOut is what is said of a set with a recording that has not had its first look.
func leftOut(set *trial.LaterSet) string {
	return "1 recordings of the " + set.Title + " are left out: they have not had their first look. Once the rules are committed: evidence score --set " + string(set.Set)
}

// lookAt takes the first look at a set of a repository.
func lookAt(t *testing.T, root string, set *trial.LaterSet) {
	t.Helper()
	e, err := GatherSet(t.Context(), root, set.Set, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	l := &FirstLook{Set: set.Set}
	if err := errors.Join(l.Add(e.Results, commit, at(0)), l.Write(FirstLookPath(root, set))); err != nil {
		t.Fatal(err)
	}
}

func gather(t *testing.T, root string) *Evidence {
	t.Helper()
	e, err := Gather(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRulesOfAFirstLookAreCommitted(t *testing.T) {
	root := repository(t, map[string]string{"controllers/a.go": "a", "hack/b.go": "b"})
	run := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	if _, err := Rules(t.Context(), root); err == nil || !strings.Contains(err.Error(), "git status") {
		t.Errorf("no repository: %v", err)
	}
	run("init", "-q")
	run("add", ".")
	run("commit", "-qm", "rules")
	if err := os.WriteFile(filepath.Join(root, "hack", "b.go"), []byte("c"), 0o600); err != nil {
		t.Fatal(err)
	}
	if rules, err := Rules(t.Context(), root); err != nil || !commitForm.MatchString(rules) {
		t.Errorf("%q, %v: want the commit although what is no rule has changed", rules, err)
	}
	if err := os.WriteFile(filepath.Join(root, "controllers", "a.go"), []byte("b"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Rules(t.Context(), root); err == nil || !strings.Contains(err.Error(), "M controllers/a.go): want them committed") {
		t.Errorf("changed rules: %v", err)
	}
}
