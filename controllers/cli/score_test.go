package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// twoRecordings is a folder with a healthy and a sick recording, named as the labels name them.
func twoRecordings(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"1.20.5/healthy", "1.20.5/slow-storage"} {
		raw, err := os.ReadFile(recordings + name + ".har.gz")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".har.gz"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBacktestCommand(t *testing.T) {
	dir := twoRecordings(t)
	_, now := recorded(t, "1.20.5/healthy")
	s := newShell(t, now)
	if status := s.run(t, "backtest", dir, "--labels", recordings+"labels.yaml"); status != 0 {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	for _, want := range []string{"1.20.5/slow-storage", "SlowStateBackend", "top-1 2 of 2 (100 %)", "false alarms: healthy called unhealthy 0, called at risk 0", "expired called less than unhealthy 0"} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("stdout lacks %q:\n%s", want, s.out.String())
		}
	}
	narrow(t, s.out.String())
}

func TestBacktestOfABrokenRecording(t *testing.T) {
	dir := twoRecordings(t)
	_, now := recorded(t, "1.20.5/healthy")
	s := newShell(t, now)
	if err := os.WriteFile(filepath.Join(dir, "broken.har"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status := s.run(t, "backtest", dir, "-o", "json"); status != StatusUnknown || !strings.Contains(s.err.String(), "broken") {
		t.Errorf("a broken recording: status %d, stderr %q", status, s.err.String())
	}
	d := document(t, s.out.String())
	if got := keys(t, d); strings.Join(got, " ") != "confusion recordings summary" {
		t.Errorf("keys %v", got)
	}
	if list, ok := d["recordings"].([]any); !ok || len(list) != 3 {
		t.Errorf("recordings %v", d["recordings"])
	}
}

func sick(findings ...model.Finding) *model.Pass {
	return &model.Pass{Diagnosis: model.Diagnosis{Health: api.HealthUnhealthy, Findings: findings}}
}

func TestCompare(t *testing.T) {
	cpu := model.Finding{Cause: api.CauseJobManagerOverload, SubCause: api.SubCauseCPU, Verdict: api.VerdictLikely}
	network := model.Finding{Cause: api.CauseNetworkLatency, Verdict: api.VerdictPossible}
	ruledOut := model.Finding{Cause: api.CauseSinkFlush, Verdict: api.VerdictRuledOut}
	undetermined := model.Finding{Cause: api.CauseUndetermined, Verdict: api.VerdictPossible}
	healthy, atRisk := &model.Pass{Diagnosis: model.Diagnosis{Health: api.HealthHealthy}}, sick(cpu)
	atRisk.Diagnosis.Health = api.HealthAtRisk
	cases := []struct {
		name        string
		pass        *model.Pass
		label       string
		right, top2 bool
	}{
		{"right", sick(cpu, network), "JobManagerOverload/CPU", true, true},
		{"label without sub-cause", sick(cpu), "JobManagerOverload", true, true},
		{"other sub-cause", sick(cpu), "JobManagerOverload/Heap", false, false},
		{"second", sick(cpu, ruledOut, network), "NetworkLatency", false, true},
		{"ruled out is no second", sick(cpu, ruledOut), "SinkFlush", false, false},
		{"undetermined names its first candidate second", sick(undetermined, network), "NetworkLatency", false, true},
		{"false alarm", sick(cpu), "None", false, false},
		{"healthy", healthy, "None", true, true},
		{"healthy at risk", atRisk, "None", true, true},
		{"missed", healthy, "SinkFlush", false, false},
	}
	var all []result
	for _, c := range cases {
		var r result
		r.take(c.pass)
		r.compare(label{Cause: c.label})
		if r.Right != c.right || r.InTopTwo != c.top2 {
			t.Errorf("%s: right %v, in top two %v, want %v, %v", c.name, r.Right, r.InTopTwo, c.right, c.top2)
		}
		all = append(all, r)
	}
	got := summarize(all)
	want := summary{Recordings: 10, Labeled: 10, TopOne: 4, TopTwo: 6, Abstained: 1, FalseAlarms: 1, HealthyAtRisk: 1, Missed: 1}
	if got != want {
		t.Errorf("summary %+v, want %+v", got, want)
	}
}

func TestLabels(t *testing.T) {
	labels, err := readLabels(writeFile(t, "labels.yaml", "a/b: {cause: None}\nb: {cause: SinkFlush, expired: 3}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"x/a/b.har.gz": "None", "x/b.har": "SinkFlush", "b": "SinkFlush", "x/c.har": ""} {
		if _, l, _ := labelOf(labels, path); l.Cause != want {
			t.Errorf("label of %s is %q, want %q", path, l.Cause, want)
		}
	}
	for text, want := range map[string]string{"a: {expired: 1}\n": "has no cause", "- a\n": "expected lines such as",
		"a: {cause: SlowStorage}\n":                 `a: cause is "SlowStorage", expected None or one of Backpressure, `,
		"a: {cause: JobManagerOverload/Disk}\n":     `expected JobManagerOverload or with /CPU or with /Heap`,
		"a: {cause: SinkFlush/CPU}\n":               `expected SinkFlush alone`,
		"a: {cause: SinkFlush, expierd: 3}\n":       `unknown field "expierd"`,
		"a: {cause: SinkFlush, expired: -3}\n":      "expired is -3",
		"a: {cause: None}\na: {cause: SinkFlush}\n": "already set",
	} {
		if _, err := readLabels(writeFile(t, "labels.yaml", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestMatrixOfManyClassesIsNarrow(t *testing.T) {
	counts := map[string]map[string]int{"None": {"None": 16}}
	for _, c := range []string{
		"Backpressure", "CheckpointPressure", "CommitBlocksTask", "CoordinatorBlocked", "DataSkew", "FlinkVersionBug/KnownIssue", "FlinkVersionBug/VersionMismatch",
		"JobManagerOverload/CPU", "JobManagerOverload/Heap", "NetworkLatency", "OversizedAck", "SinkFlush", "SlowCleanup", "SlowStateBackend", "SlowSyncPhase",
		"SourceBlocked", "StorageFailure", "TaskFailure", "TaskManagerPressure", "Undetermined", "UserCodeBlocking",
	} {
		counts[c] = map[string]int{c: 3}
	}
	narrow(t, Matrix(counts))
}
