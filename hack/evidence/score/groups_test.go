package score

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// unseen is a case of the second held-out set.
func unseen(r Result) Result {
	r = held(r)
	r.Trial.Set = trial.SecondSet
	return r
}

// A third set stands behind the second, a fourth and a fifth behind it, in columns of their own.
func TestEachLaterSetHasItsColumn(t *testing.T) {
	third := unseen(sick("e"))
	third.Trial.Set = trial.ThirdSet
	fourth := unseen(sick("f"))
	fourth.Trial.Set = trial.FourthSet
	fifth := unseen(sick("g"))
	fifth.Trial.Set = trial.FifthSet
	e := Evidence{Results: []Result{held(sick("a")), unseen(with(sick("c"), undetermined)), third, fourth, fifth, sick("d")}}
	page, now := e.Markdown(), Figure(e.Results)
	for _, want := range []string{
		"| figure | bar | held-out (all) |  | second held-out set |  | third held-out set |  | fourth held-out set |  | fifth held-out set |  | tuning |",
		"| top-1 | ≥ 97 % | 4 of 5 (80.0 %) | **missed** | 0 of 1 (0.0 %) | **missed** | 1 of 1 (100.0 %) | met | 1 of 1 (100.0 %) | met | 1 of 1 (100.0 %) | met | 1 of 1 (100.0 %) |",
		"| true cause | held-out (all) | second held-out set | third held-out set | fourth held-out set | fifth held-out set | tuning |",
		"| SlowStateBackend | 4 of 5 | 0 of 1 | 1 of 1 | 1 of 1 | 1 of 1 | 1 of 1 |",
		"The *third held-out set* was written later on 2026-11-26 by people who had not seen the rules, and measured once",
		"The *fourth held-out set* was written after the third on 2026-11-26 by somebody who had not seen the rules, and measured once",
		"The *fifth held-out set* was written after the fourth on 2026-11-26 by somebody who had not seen the rules, and measured once",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if v := now.Figures["fourth"]["top1"]; v != (Value{1, 1}) || now.Figures["third"]["top1"] != v || !strings.Contains(now.Cases["heldout/1.20.5/e"], "set=third ") ||
		!strings.Contains(now.Cases["heldout/1.20.5/f"], "set=fourth ") || !strings.Contains(now.Cases["heldout/1.20.5/g"], "set=fifth ") {
		t.Errorf("committed: %v, %s", v, now.Cases["heldout/1.20.5/e"])
	}
}

func TestTheSecondSetHasItsColumnBesideAllThatIsHeldOut(t *testing.T) {
	e := Evidence{Results: []Result{held(sick("a")), unseen(sick("b")), unseen(with(sick("c"), undetermined)), sick("d")}}
	page, text := e.Markdown(), e.Text()
	for _, want := range []string{
		"| figure | bar | held-out (all) |  | second held-out set |  | tuning |",
		"| top-1 | ≥ 97 % | 2 of 3 (66.7 %) | **missed** | 1 of 2 (50.0 %) | **missed** | 1 of 1 (100.0 %) |",
		"| true cause | held-out (all) | second held-out set | tuning |",
		"| SlowStateBackend | 2 of 3 | 1 of 2 | 1 of 1 |",
		"The *second held-out set* is that measurement.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if want := "|  | aim | held-out (all) | tuning |"; !strings.Contains(e.Claim(), want) {
		t.Errorf("%q is not in\n%s", want, e.Claim())
	}
	if want := "2 of 3 (66.7 %) (missed) 1 of 2 (50.0 %) (missed) 1 of 1 (100.0 %)"; !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
		t.Errorf("%q is not in\n%s", want, text)
	}
}

func TestWithoutASecondSetNothingIsSaidOfIt(t *testing.T) {
	e := Evidence{Results: []Result{held(sick("a")), sick("d")}}
	for _, text := range []string{e.Markdown(), e.Text(), e.Claim()} {
		if strings.Contains(text, "second held-out set") || strings.Contains(text, "(all)") {
			t.Errorf("it is:\n%s", text)
		}
	}
}

const unseenTrial = "case: parcels\nsplit: heldout\nset: second\nflinkVersion: 1.20.5\ncauses: [SlowStateBackend]\n" +
	"job: {name: a, parallelism: 1, operators: 2}\nexpired: 0\n"

func TestOneSetIsJudgedAlone(t *testing.T) {
	files := map[string]string{
		RecordingsDir + "/heldout/2.2.1/joins.yaml":   heldOutTrial,
		RecordingsDir + "/heldout/2.2.1/joins.har.gz": "{",
	}
	root := repository(t, files)
	for set, want := range map[trial.Set]string{"sixth": `set "sixth": want second, third, fourth or fifth`, trial.ThirdSet: `set "third": nothing of it is recorded`, trial.SecondSet: `set "second": nothing of it is recorded`} {
		if _, err := GatherSet(t.Context(), root, set, func(string) bool { return true }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", set, err, want)
		}
	}
	root = withUnseen(t, files)
	if _, err := GatherSet(t.Context(), root, trial.SecondSet, func(string) bool { return false }); err == nil || !strings.Contains(err.Error(), "none of its 1 recordings is left") {
		t.Errorf("none is wanted: %v", err)
	}
	e, err := GatherSet(t.Context(), root, trial.SecondSet, func(name string) bool { return name == "heldout/1.20.5/parcels" })
	if err != nil || len(e.Results) != 1 || e.Results[0].Name != "heldout/1.20.5/parcels" {
		t.Errorf("%+v, %v: want the one recording of the set, and the other not read", e, err)
	}
}

// withUnseen is a repository with a recording of the second set beside others.
func withUnseen(t *testing.T, files map[string]string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", LabeledDir, "1.20.5", "slow-storage.har.gz"))
	if err != nil {
		t.Fatal(err)
	}
	files[RecordingsDir+"/heldout/1.20.5/parcels.yaml"] = unseenTrial
	files[RecordingsDir+"/heldout/1.20.5/parcels.har.gz"] = string(raw)
	return repository(t, files)
}
