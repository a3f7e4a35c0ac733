package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/evidence/roundtrip"
)

const slowStorage = `
case: slow-storage
split: tuning
flinkVersion: 1.20.5
causes: [SlowStateBackend]
slowOnset: true
job: {name: orders, parallelism: 4, operators: 3}
faultAt: 2026-11-25T23:09:30Z
sickUntil: 2026-11-25T23:12:00Z
firstExpiry: 2026-11-25T23:10:04.5Z
expired: 7
remedy:
  lever: checkpointTimeout
  settings: {execution.checkpointing.timeout: 30s}
  before: {ended: 6, expired: 6}
  after: {ended: 6, expired: 0, medianMs: 5200}
  judged: Effective
  undone: false
`

// another is what came after a remedy.
const another = `then:
- lever: maxConcurrentCheckpoints
  settings: {execution.checkpointing.max-concurrent-checkpoints: "1"}
  before: {ended: 3, expired: 1}
  after: {ended: 5, expired: 0, medianMs: 5200}
  judged: Effective
  undone: false
`

func TestWhatCameAfterAnUndoneRemedyIsRead(t *testing.T) {
	undone := strings.Replace(slowStorage, "judged: Effective\n  undone: false\n", "judged: Harmful\n  undone: true\n", 1)
	read, err := Parse([]byte(undone + another))
	if err != nil {
		t.Fatal(err)
	}
	if all := read.Remedies(); len(all) != 2 || !all[0].Owned() || all[0].Cured() || !all[1].Cured() || all[1].Owned() {
		t.Errorf("read %+v, then %+v", read.Remedy, read.Then)
	}
	if err := roundtrip.Check(t.TempDir(), read, Write, Read); err != nil {
		t.Error(err)
	}
	read.Remedy = nil
	if err := read.Check(); err == nil || !strings.Contains(err.Error(), "then holds 1 remedies without a remedy") || read.Remedies() != nil {
		t.Errorf("without a first one: %v", err)
	}
}

func TestATrialIsReadAsItWasWritten(t *testing.T) {
	read, err := Parse([]byte(slowStorage))
	if err != nil {
		t.Fatal(err)
	}
	if read.Name() != "1.20.5/slow-storage" || !read.SlowOnset || read.FirstExpiry.Nanosecond() != 5e8 || read.Remedy.After.MedianMs != 5200 {
		t.Errorf("read %+v", read)
	}
	if err := roundtrip.Check(t.TempDir(), read, Write, Read); err != nil {
		t.Error(err)
	}
}

func TestAHealthyTrialSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "idle.yaml")
	err := Write(path, &Trial{Case: "idle", Split: HeldOut, Set: SecondSet, FlinkVersion: "2.2.1", Odd: "idle sources", Job: Job{Name: "a", Parallelism: 1, Operators: 1}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil || !read.Healthy() || read.Set != SecondSet {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestATrialKeepsItsFirstLabel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "half.yaml")
	err := Write(path, &Trial{Case: "half", Split: HeldOut, FlinkVersion: "2.2.1", Causes: []string{"SlowStateBackend"}, Job: Job{Name: "a", Parallelism: 1, Operators: 1},
		Relabelled: &Relabelled{Causes: []string{}, Odd: "long ones", Why: "a judge"}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if first := read.First(); read.Healthy() || !first.Healthy() || first.Odd != "long ones" || first.Relabelled != nil {
		t.Errorf("now %+v, at first %+v", read, first)
	}
}

func TestWhatIsWrongWithATrialIsNamed(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"case: slow-storage", "case: Slow Storage", `case is "Slow Storage", expected a name`},
		{"case: slow-storage", "cases: slow-storage", `unknown field "cases"`},
		{"split: tuning", "split: both", `split is "both", expected tuning or heldout`},
		{"split: tuning", "split: heldout\nset: sixth", `set is "sixth", expected second, third, fourth or fifth, or none`},
		{"split: tuning", "split: tuning\nset: third", `set is "third" in the half tuning`},
		{"split: tuning", "split: tuning\nset: second", `set is "second" in the half tuning`},
		{"flinkVersion: 1.20.5", "flinkVersion: 1.20.x", `flinkVersion is "1.20.x", expected three numbers`},
		{"[SlowStateBackend]", "[SlowStorage]", `causes[0] is "SlowStorage", expected one of NetworkLatency`},
		{"[SlowStateBackend]", "[JobManagerOverload/Memory]", `causes[0] is "JobManagerOverload/Memory"`},
		{"[SlowStateBackend]", "[DataSkew, DataSkew]", `causes[1] is DataSkew a second time`},
		{"[SlowStateBackend]", "[DataSkew, SinkFlush, SourceBlocked]", "causes holds 3 causes, expected at most two"},
		{"[SlowStateBackend]", "[]", "slowOnset is true without a cause"},
		{"causes: [SlowStateBackend]\nslowOnset: true", "", "causes is missing"},
		{"causes: [SlowStateBackend]\nslowOnset: true", "causes: []\nincurable: true", "incurable is true without a cause"},
		{"slowOnset: true", "relabelled: {causes: [DataSkew]}", "relabelled.why is empty"},
		{"slowOnset: true", "relabelled: {causes: [SlowStateBackend], why: a judge}", "expected the first label to be another"},
		{"slowOnset: true", "relabelled: {causes: [Slow], why: a judge}", `relabelled: causes[0] is "Slow"`},
		{"slowOnset: true", "odd: idle", `odd is "idle" beside a cause`},
		{"name: orders, ", "", "job.name is empty"},
		{"parallelism: 4", "parallelism: 0", "job.parallelism is 0, expected 1 or more"},
		{"parallelism: 4", "parallelism: four", "parallelism"},
		{"operators: 3", "operators: -3", "job.operators is -3"},
		{"expired: 7", "expired: -7", "expired is -7"},
		{"expired: 7", "expired: 0", "although expired is 0"},
		{"firstExpiry: 2026-11-25T23:10:04.5Z\n", "", "firstExpiry is missing although expired is 7"},
		{"firstExpiry: 2026-11-25T23:10:04.5Z", "firstExpiry: yesterday", `parsing time "yesterday"`},
		{"sickUntil: 2026-11-25T23:12:00Z", "sickUntil: 2026-11-25T23:09:00Z", "sickUntil is 2026-11-25 23:09:00 +0000 UTC, before faultAt"},
		{"checkpointTimeout", "Timeout", `remedy.lever is "Timeout", expected a field of spec.remedies`},
		{"settings: {execution.checkpointing.timeout: 30s}", "settings: {}", "remedy.settings is empty"},
		{"judged: Effective", "judged: Pending", `remedy.judged is "Pending", expected Effective`},
		{"undone: false", "undone: true", "remedy.undone is true although"},
		{"before: {ended: 6, expired: 6}", "before: {ended: 6, expired: 7}", "remedy.before is 6 ended, 7 expired"},
		{"  undone: false\n", "  undone: false\n" + another, "then[0] follows checkpointTimeout, which was not undone"},
		{"judged: Effective\n  undone: false\n", "judged: Ineffective\n  undone: true\n" + strings.Replace(another, "d: 1}", "d: 9}", 1), "then[0].before is 3 ended, 9 expired"},
		{"judged: Effective\n  undone: false\n", "judged: Ineffective\n  undone: true\n" + strings.Replace(another, "maxC", "C", 1), `then[0].lever is "ConcurrentCheckpoints"`},
	} {
		text := strings.Replace(slowStorage, c.from, c.to, 1)
		if text == slowStorage {
			t.Fatalf("%q is not in the trial", c.from)
		}
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
	if _, err := Parse([]byte(strings.Repeat("#", maxBytes+1))); err == nil || !strings.Contains(err.Error(), "expected at most") {
		t.Errorf("a large file: %v", err)
	}
}

func TestATrialThatCannotBeReadIsNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	if err := Write(path, &Trial{Case: "x"}); err == nil || !strings.Contains(err.Error(), path+": split is") {
		t.Errorf("written: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file")
	}
}

// put writes a file below root, and what is above it.
func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTrialsAreFoundWithTheirRecordings(t *testing.T) {
	root := t.TempDir()
	if found, err := Find(filepath.Join(root, "none")); err != nil || found != nil {
		t.Errorf("without a directory: %v, %v", found, err)
	}
	put(t, root, "tuning/1.20.5/slow-storage.yaml", slowStorage)
	put(t, root, "tuning/1.20.5/slow-storage.har.gz", "")
	put(t, root, "tuning/1.20.5/.being-written", "")
	found, err := Find(root)
	if err != nil || len(found) != 1 || found[0].Recording != filepath.Join(root, "tuning", "1.20.5", "slow-storage.har.gz") {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestFilesThatDoNotBelongAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"alone":    {map[string]string{"tuning/1.20.5/slow-storage.yaml": slowStorage}, "has no recording beside it"},
		"unknown":  {map[string]string{"tuning/1.20.5/slow-storage.har.gz": ""}, "has no trial beside it"},
		"misnamed": {map[string]string{"heldout/1.20.5/slow-storage.yaml": slowStorage}, "expected it at"},
		"other":    {map[string]string{"tuning/notes.txt": ""}, "is no file of a trial"},
		"both": {map[string]string{
			"tuning/1.20.5/slow-storage.yaml": slowStorage, "tuning/1.20.5/slow-storage.har.gz": "",
			"heldout/1.20.5/slow-storage.yaml":   strings.Replace(slowStorage, "tuning", "heldout", 1),
			"heldout/1.20.5/slow-storage.har.gz": "",
		}, "is in both halves"},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			put(t, root, file, text)
		}
		if _, err := Find(root); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
