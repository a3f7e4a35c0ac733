package score

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// commit stands for the commit of some rules.
var commit = strings.Repeat("0a", 20)

// looked is a first look at four cases: one right, one wrong, one undetermined, one that goes away.
func looked() (*FirstLook, []Result) {
	then := []Result{
		unseen(sick("a")), with(unseen(sick("b")), other), with(unseen(sick("c")), undetermined), unseen(sick("gone")), held(sick("first-set")), sick("tuned"),
	}
	return NewFirstLook(then, trial.SecondSet, commit, at(0)), then
}

func TestAFirstLookIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "first-look.yaml")
	if read, err := ReadFirstLook(path); read != nil || err != nil {
		t.Errorf("no file: %v, %v", read, err)
	}
	l, _ := looked()
	if err := l.Write(path); err != nil {
		t.Fatal(err)
	}
	read, err := ReadFirstLook(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, read); diff != "" {
		t.Error(diff)
	}
	if len(read.Cases) != 4 || read.Figures["top1"] != (Value{2, 4}) || read.Date != "2026-11-25" {
		t.Errorf("kept: %+v", read)
	}
	want := Looked{Causes: []string{"SlowStateBackend"}, Was: "wrong", Said: Said{Health: "Unhealthy", Cause: "NetworkLatency", Verdict: "Likely"}}
	if diff := cmp.Diff(want, read.Cases["heldout/1.20.5/b"]); diff != "" {
		t.Error(diff)
	}
}

func TestAFirstLookIsTakenOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "first-look.yaml")
	if err := NoFirstLook(path); err != nil {
		t.Error(err)
	}
	l, _ := looked()
	if err := l.Write(path); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{NoFirstLook(path), (&FirstLook{Date: "2026-11-27"}).Write(path)} {
		if err == nil || !strings.Contains(err.Error(), path+" is there already: a first look is taken once") {
			t.Errorf("a second look: %v", err)
		}
	}
	if again, err := ReadFirstLook(path); err != nil || again.Date != "2026-11-25" {
		t.Errorf("after a second look: %+v, %v", again, err)
	}
}

func TestAFirstLookThatIsNoneIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "first-look.yaml")
	l, _ := looked()
	if err := l.Write(path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"date: \"2026-11-25\"", "date: yesterday", `date is "yesterday", expected a day`},
		{"rules: " + commit, "rules: main", `rules is "main", expected a commit`},
		{"set: second", "set: first", `set is "first", expected second`},
		{"top1: 2 of 4", "top9: 2 of 4", "figures.top9 is no figure"},
		{"date:", "day:", `unknown field "day"`},
		{"cases:\n  heldout", "cases: {}\n  heldout", "score --first-look writes it"},
	} {
		text := strings.Replace(string(raw), c.from, c.to, 1)
		if text == string(raw) {
			t.Fatalf("%q is not in\n%s", c.from, raw)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFirstLook(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
}

func TestThePageShowsTheFirstLookBesideToday(t *testing.T) {
	l, then := looked()
	none := Evidence{Results: then}
	if strings.Contains(none.Markdown(), "The first look") {
		t.Error("a section without a first look")
	}
	same := Evidence{Results: then, First: l}
	if want := "Of its 4 cases 0 differ today in what is said of them: 0 are right that were not, 0 are no longer right.\n"; !strings.Contains(same.Markdown(), want) {
		t.Errorf("%q is not in the page", want)
	}
	today := []Result{
		with(unseen(sick("a")), other), unseen(sick("b")), with(unseen(sick("c")), other), unseen(sick("fresh")), with(held(sick("first-set")), other),
	}
	today[1].Recorded = at(7)
	page := (&Evidence{Results: today, First: l}).Markdown()
	for _, want := range []string{
		"Measured on 2026-11-25 with the rules of commit `0a0a0a0a0a0a`, once,",
		"| figure | bar | first look |  | today |",
		"| top-1 | ≥ 97 % | 2 of 4 (50.0 %) | **missed** | 2 of 4 (50.0 %) |",
		"Of its 4 cases 3 differ today in what is said of them: 1 are right that were not, 1 are no longer right. " +
			"Since then 1 were recorded anew, 1 came to the set, 1 are gone.",
		"| heldout/1.20.5/a | SlowStateBackend | right | wrong |",
		"| heldout/1.20.5/b | SlowStateBackend | wrong | right |",
		"| heldout/1.20.5/c | SlowStateBackend | undetermined | wrong |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	delete(l.Figures, "top1")
	if page := (&Evidence{Results: today, First: l}).Markdown(); !strings.Contains(page, "| top-1 | ≥ 97 % | not counted then |  |") {
		t.Error("a figure that is newer than the first look is shown as if it had been counted")
	}
}

// Until it has been looked at, whoever makes the evidence sees nothing of the second set.
func TestTheSecondSetIsSealedUntilTheFirstLook(t *testing.T) {
	root := withUnseen(t, map[string]string{RecordingsDir + "/heldout/1.20.5/joins.yaml": strings.Replace(heldOutTrial, "2.2.1", "1.20.5", 1)})
	beside := filepath.Join(root, RecordingsDir, "heldout", "1.20.5")
	if err := os.Link(filepath.Join(beside, "parcels.har.gz"), filepath.Join(beside, "joins.har.gz")); err != nil {
		t.Fatal(err)
	}
	e := gather(t, root)
	if len(e.Results) != 1 || e.Sealed != 1 || strings.Contains(e.Markdown()+e.Text(), "parcels") {
		t.Errorf("%+v: want the recording of the first set alone", e)
	}
	if !strings.Contains(e.Text(), "1 recordings of the second held-out set are left out") {
		t.Errorf("printed:\n%s", e.Text())
	}
	set, err := GatherSet(t.Context(), root, trial.SecondSet)
	if err != nil {
		t.Fatal(err)
	}
	if err := NewFirstLook(set.Results, trial.SecondSet, commit, time.Now()).Write(filepath.Join(root, FirstLookFile)); err != nil {
		t.Fatal(err)
	}
	e = gather(t, root)
	if len(e.Results) != 2 || e.Sealed != 0 || !strings.Contains(e.Markdown(), "Of its 1 cases 0 differ today") {
		t.Errorf("%+v: want both recordings, and nothing that differs", e)
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
