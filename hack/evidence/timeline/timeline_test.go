package timeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/evidence/roundtrip"
)

const record = `
runs:
- date: "2026-11-26"
  kubernetes: v1.34.1
  flinkOperator: 1.7.0
  flink: 1.18.1
  stories:
  - story: slow storage -> timeout
    passed: true
    commit: 32ee438
    steps: {detected: 32, diagnosed: 32, patched: 33.5, redeployed: 70, verified: 130, healthy: 130}
    replaySeconds: 40
    downtimeSeconds: 31
  - story: nothing is written
    passed: false
    steps: {detected: 20}
    note: the status did not come
- date: "2026-11-26"
  kubernetes: v1.34.1
  flinkOperator: 1.15.0
  flink: 1.18.1
`

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "timelines.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARunIsReadAsItWasWritten(t *testing.T) {
	read, err := Read(file(t, record))
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Runs) != 2 || read.Runs[1].FlinkOperator != "1.15.0" || len(read.Runs[1].Stories) != 0 {
		t.Fatalf("read %+v", read)
	}
	stories := read.Runs[0].Stories
	if len(stories) != 2 || *stories[0].Steps.Patched != 33.5 || stories[1].Steps.Healthy != nil || *stories[0].DowntimeSeconds != 31 || stories[0].Commit != "32ee438" {
		t.Errorf("read %+v", stories)
	}
	if err := roundtrip.Check(t.TempDir(), read, Write, Read); err != nil {
		t.Error(err)
	}
}

func TestWithoutARunThereIsNone(t *testing.T) {
	if read, err := Read(filepath.Join(t.TempDir(), "none.yaml")); err != nil || read != nil {
		t.Errorf("%v, %v", read, err)
	}
}

func TestWhatIsWrongWithARunIsNamed(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"kubernetes: v1.34.1", `kubernetes: ""`, "runs[0].kubernetes is empty"},
		{"flinkOperator: 1.15.0", "flinkOperator: 1.7.0", "runs[1] is on the versions of runs[0]"},
		{record, "runs: []", "runs is empty"},
		{"passed: true", "succeeded: true", `unknown field "succeeded"`},
		{"story: slow storage -> timeout", `story: ""`, "runs[0].stories[0].story is empty"},
		{"detected: 32", "detected: -1", "runs[0].stories[0].steps.detected is -1"},
		{"patched: 33.5", "patched: 3", "steps.patched is 3 in \"slow storage -> timeout\", before diagnosed at 32"},
		{"replaySeconds: 40", "replaySeconds: -40", "replaySeconds is -40"},
	} {
		text := strings.Replace(record, c.from, c.to, 1)
		path := file(t, text)
		if _, err := Read(path); text == record || err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
	if err := Write(filepath.Join(t.TempDir(), "x.yaml"), &Record{Runs: []Run{{}}}); err == nil || !strings.Contains(err.Error(), "date is empty") {
		t.Errorf("written: %v", err)
	}
}
