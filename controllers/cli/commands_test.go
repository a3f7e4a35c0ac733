package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/controllers/recording"
)

// shell runs commands in this process.
type shell struct {
	env      *Environment
	out, err bytes.Buffer
	// waits are the durations that were waited for; none of them took any time.
	waits []time.Duration
}

// newShell is a shell whose clock stands where a recording ends, and to which waiting takes no time.
func newShell(t *testing.T, now time.Time) *shell {
	t.Helper()
	s := &shell{}
	s.env = &Environment{
		Program: "/usr/local/bin/checkpoint-health", Version: "v0.0.0-test", Out: &s.out, Err: &s.err,
		Now: func() time.Time { return now },
		Wait: func(ctx context.Context, d time.Duration) error {
			s.waits = append(s.waits, d)
			now = now.Add(d)
			return ctx.Err()
		},
		Doctor: newDoctor,
	}
	var err error
	if s.env.PolicyCRD, err = os.ReadFile("../../config/crd/bases/flink.checkpointhealth.dev_remediationpolicies.yaml"); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs a command line and returns its exit status.
func (s *shell) run(t *testing.T, args ...string) int {
	t.Helper()
	return s.runContext(t.Context(), args...)
}

func (s *shell) runContext(ctx context.Context, args ...string) int {
	s.out.Reset()
	s.err.Reset()
	root := New(s.env, &cobra.Command{Use: "manager", RunE: func(*cobra.Command, []string) error {
		say(s.env.Out, "manager runs\n")
		return nil
	}})
	root.SetArgs(append([]string{}, args...)) // never nil: cobra would take those of the test
	return ExitStatus(root.CommandPath(), root.ExecuteContext(ctx), s.env.Err)
}

// recorded is the path of a recording, and the time it ends.
func recorded(t *testing.T, name string) (string, time.Time) {
	t.Helper()
	return recordings + name + ".har.gz", load(t, name).End()
}

// narrow fails where a line is wider than 80 columns.
func narrow(t *testing.T, text string) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("line %d has %d columns: %q", i+1, n, line)
		}
	}
}

// fileText is what a file holds.
func fileText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestManagerIsTheDefault(t *testing.T) {
	s := newShell(t, time.Time{})
	s.env.InCluster = true
	for _, args := range [][]string{nil, {"manager"}} {
		if status := s.run(t, args...); status != 0 || s.out.String() != "manager runs\n" {
			t.Errorf("%v: status %d, %q", args, status, s.out.String())
		}
	}
	s.env.InCluster = false
	if status := s.run(t, "manager"); status != 0 || s.out.String() != "manager runs\n" {
		t.Errorf("named, it runs outside a cluster too: status %d, %q", status, s.out.String())
	}
}

// Outside a cluster the program alone says what it can do, and starts nothing.
func TestTheProgramAloneOutsideACluster(t *testing.T) {
	s := newShell(t, time.Time{})
	if status := s.run(t); status != StatusUnknown || s.out.Len() > 0 || !strings.Contains(s.err.String(), "Usage:") || !strings.Contains(s.err.String(), "diagnose") {
		t.Errorf("status %d, stdout %q, stderr %q", status, s.out.String(), s.err.String())
	}
	if status := s.run(t, "diagnoze"); status != StatusUnknown || !strings.Contains(s.err.String(), "unknown command") {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
}

func TestKubectlPlugin(t *testing.T) {
	s := newShell(t, time.Time{})
	s.env.Program = "/home/me/bin/kubectl-checkpointhealth"
	if status := s.run(t); status != 0 || strings.Contains(s.out.String(), "manager runs") {
		t.Errorf("a plugin without arguments must show help: status %d, %q", status, s.out.String())
	}
	s.run(t, "diagnose", "--help")
	if !strings.Contains(s.out.String(), "kubectl checkpointhealth diagnose") {
		t.Errorf("help does not name the plugin: %q", s.out.String())
	}
	s.run(t, "diagnose")
	if !strings.HasPrefix(s.err.String(), "kubectl checkpointhealth: ") {
		t.Errorf("stderr %q", s.err.String())
	}
}

func TestVersion(t *testing.T) {
	s := newShell(t, time.Time{})
	for _, how := range []string{"version", "--version"} {
		if status := s.run(t, how); status != 0 || s.out.String() != "checkpoint-health v0.0.0-test\n" {
			t.Errorf("%s: status %d, %q", how, status, s.out.String())
		}
	}
}

// TestUsage tries what people get wrong: each is refused with status 2 and a reason that says what would be right.
func TestUsage(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	cases := map[string][]string{
		"--config goes with --log, not with the URL":                                 {"diagnose", "http://127.0.0.1:1", "--config", "x"},
		"--namespace goes with the name of a CheckpointHealth, not with --recording": {"diagnose", "--recording", har, "-n", "prod"},
		"--namespace goes with the name of a CheckpointHealth, not with the URL":     {"diagnose", "http://127.0.0.1:1", "-n", "prod"},
		"--kubeconfig goes with": {"diagnose", "--log", "x.log", "--kubeconfig", "x"},
		"--context goes with":    {"diagnose", "--log", "x.log", "--context", "x"},
		"--for goes with the URL of a JobManager, not with --recording": {"diagnose", "--recording", har, "--for", "25s"},
		"--for goes with the URL of a JobManager, not with --log":       {"diagnose", "--log", "x.log", "--for", "1m"},
		"--header goes with":              {"diagnose", "--recording", har, "--header", "a: secret-in-here"},
		"--bearer-token-file goes with":   {"diagnose", "--log", "x.log", "--bearer-token-file", "x"},
		"--ca-file goes with":             {"diagnose", "payments", "--ca-file", "x"},
		"--request-timeout goes with":     {"diagnose", "payments", "--request-timeout", "1s"},
		"--request-timeout is 0s":         {"diagnose", "http://127.0.0.1:1", "--request-timeout", "0s"},
		"--job goes with":                 {"diagnose", "payments", "--job", "x"},
		"--policy goes with":              {"diagnose", "payments", "--policy", "x"},
		"nothing to diagnose":             {"diagnose"},
		"more than one thing":             {"diagnose", "http://localhost:8081", "--recording", har},
		"more than one thing to":          {"diagnose", "a", "b"},
		"expected text, json, yaml":       {"diagnose", "--recording", har, "-o", "xml"},
		"--config goes with --log":        {"diagnose", "--recording", har, "--config", "flink-conf.yaml"},
		"--watch goes with":               {"diagnose", "--recording", har, "--watch", "30s"},
		"is http://localhost:8081 meant?": {"diagnose", "localhost:8081"},
		"is --log jm.log meant?":          {"diagnose", "jm.log"},
		"is --log a.log meant?":           {"diagnose", "a.log", "b.log"},
		"is --log logs/tm.log.1.gz meant": {"diagnose", "logs/tm.log.1.gz"},
		"is --recording x.har.gz meant?":  {"diagnose", "x.har.gz"},
		"is --log commands_test.go meant": {"diagnose", "commands_test.go"},
		"no such file":                    {"diagnose", "--recording", "nowhere.har"},
		"--policy":                        {"diagnose", "--recording", har, "--policy", "nowhere.yaml"},
		"--log: open nowhere.log":         {"diagnose", "--log", "nowhere.log"},
		"--header has no colon":           {"diagnose", "http://127.0.0.1:1", "--header", "secret-in-here"},
		"--bearer-token-file":             {"diagnose", "http://127.0.0.1:1", "--bearer-token-file", "nowhere"},
		"--ca-file":                       {"diagnose", "http://127.0.0.1:1", "--ca-file", "nowhere"},
		"-o is missing":                   {"record", "http://127.0.0.1:1"},
		"is no URL":                       {"record", "localhost", "-o", t.TempDir() + "/x.har"},
		"--every and --for":               {"record", "http://127.0.0.1:1", "-o", "x.har", "--every", "0s"},
		"give recordings or a directory":  {"backtest"},
		"stat nowhere":                    {"backtest", "nowhere"},
		"holds no file that ends in":      {"backtest", t.TempDir()},
		"--labels":                        {"backtest", har, "--labels", "nowhere.yaml"},
		"unknown command":                 {"diagnos"},
		"unknown flag":                    {"diagnose", "--recroding", har},
	}
	for want, args := range cases {
		s := newShell(t, now)
		if status := s.run(t, args...); status != StatusUnknown {
			t.Errorf("%v: status %d, want 2", args, status)
		}
		if !strings.Contains(s.err.String(), want) || strings.Contains(s.err.String(), "secret-in-here") {
			t.Errorf("%v: stderr %q, want %q in it", args, s.err.String(), want)
		}
		if s.out.Len() > 0 {
			t.Errorf("%v: stdout %q, want nothing", args, s.out.String())
		}
	}
}

// What a command cannot do without is named, with an example.
func TestWhatIsMissing(t *testing.T) {
	for want, args := range map[string][]string{
		"--for is -1s, expected":        {"diagnose", "http://127.0.0.1:1", "--for", "-1s"},
		"--watch is -1s, expected":      {"diagnose", "http://127.0.0.1:1", "--watch", "-1s"},
		"give one or more HOST:PORT":    {"probe"},
		"such as record http://local":   {"record"},
		"more than one thing to record": {"record", "http://127.0.0.1:1", "http://127.0.0.1:2"},
		"there is no directory /nope":   {"record", "http://127.0.0.1:1", "-o", "/nope/x.har"},
	} {
		s := newShell(t, time.Time{})
		if status := s.run(t, args...); status != StatusUnknown || !strings.Contains(s.err.String(), want) || s.out.Len() > 0 {
			t.Errorf("%v: status %d, stderr %q, want %q in it", args, status, s.err.String(), want)
		}
	}
}

func TestPolicyFiles(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	cases := []struct {
		name, text string
		status     int
		want       string
	}{
		{"its spec", "spec: {mode: Remediate}\n", 0, ""},
		{"among others", "kind: CheckpointHealth\n---\nkind: RemediationPolicy\nspec: {mode: Observe}\n", 0, ""},
		{"two policies", "mode: Observe\n---\nmode: Remediate\n", 2, "holds 2 policies, expected one"},
		{"of another version", "apiVersion: v1\nkind: RemediationPolicy\nspec: {mode: Observe}\n", 2, "is of apiVersion v1, expected flink.checkpointhealth.dev/v1alpha1"},
		{"empty", "", 2, "holds nothing"},
		{"a text", "hello\n", 2, "expected keys and values"},
		{"twice", "mode: Observe\nmode: Recommend\n", 2, `key "mode" already set`},
		{"wrong word", "mode: remediate\n", 2, `spec.mode: Unsupported value: "remediate": supported values: "Observe", "Recommend", "Remediate"`},
		{"a bare Off", "networkProbe: Off\n", 2, `spec.networkProbe: false is no word; write "Off" in quotation marks`},
		{"too small", "detection: {windowCheckpoints: 0}\n", 2, "spec.detection.windowCheckpoints: Invalid value: 0: it should be greater than or equal to 1"},
		{"no number", "detection: {windowCheckpoints: '3'}\n", 2, `spec.detection.windowCheckpoints: it is "3", expected a whole number`},
		{"no block", "detection: 5\n", 2, "spec.detection: it is 5, expected fields: expiredThreshold, "},
		{"rule over two fields", "detection: {windowCheckpoints: 3, expiredThreshold: 5}\n", 2, "spec.detection: Invalid value: expiredThreshold must not exceed windowCheckpoints"},
		{"rule of a default", "detection: {expiredThreshold: 11}\n", 2, "expiredThreshold must not exceed windowCheckpoints"},
		{"share", "budget: {maxConcurrent: 0}\n", 2, "spec.budget.maxConcurrent: Invalid value: 0: maxConcurrent is a count of at least 1"},
		{"unknown field below", "remedies: {checkpointTimeout: {maxSecond: 4}}\n", 2, `unknown field "maxSecond"; there are action, growthPercent, maxSeconds`},
		{"too short a window", "guards: {windows: [{schedule: \"0 4 * * *\", durationSeconds: 3}]}\n", 2, "spec.guards.windows[0].durationSeconds: Invalid value: 3"},
		{"kind", "apiVersion: flink.checkpointhealth.dev/v1alpha1\nkind: RemediationPolicy\nmetadata: {name: prod}\nspec: {mode: Remediate}\n", 0, ""},
		{"bare spec", "mode: Observe\n", 0, ""},
		{"other kind", "kind: ConfigMap\n", 2, "is a ConfigMap, expected a RemediationPolicy"},
		{"unknown field", "mood: Observe\n", 2, `unknown field "mood"`},
		{"no YAML", "{", 2, "is no YAML"},
		{"four fields", "guards: {windows: [{schedule: \"0 3 * *\", durationSeconds: 3600}]}\n", 2, "schedule is a cron expression of five fields"},
		{"a word for a schedule", "guards: {windows: [{schedule: \"@daily\", durationSeconds: 3600}]}\n", 2, "schedule is a cron expression of five fields"},
		{"never", "guards: {windows: [{schedule: \"0 3 30 2 *\", durationSeconds: 3600}]}\n", 2, `spec.guards.windows[0].schedule "0 3 30 2 *" never opens`},
		{"leap days", "guards: {windows: [{schedule: \"0 3 29 2 *\", durationSeconds: 3600}]}\n", 0, ""},
		{"two typos", "guards: {windows: [{schedule: \"99 4 * * *\", durationSeconds: 3600, timeZone: Europe/Berlim}]}\n", 2, `; spec.guards.windows[0].timeZone "Europe/Berlim" is no IANA time zone`},
		{"bad window", "guards: {windows: [{schedule: \"99 4 * * *\", durationSeconds: 3600}]}\n", 2, "guards.windows[0].schedule"},
	}
	for _, c := range cases {
		s := newShell(t, now)
		file := writeFile(t, "policy.yaml", c.text)
		status := s.run(t, "diagnose", "--recording", har, "--policy", file)
		if status != c.status || !strings.Contains(s.err.String(), c.want) {
			t.Errorf("%s: status %d, stderr %q, want %d and %q", c.name, status, s.err.String(), c.status, c.want)
		}
	}
}

func TestRecordingThatIsNone(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "html": "<html></html>", "other json": `{"log": {"entries": []}}`, "broken": `{"log": {"entries": [`} {
		s := newShell(t, time.Time{})
		file := writeFile(t, "x.har", text)
		if status := s.run(t, "diagnose", "--recording", file); status != StatusUnknown || !strings.Contains(s.err.String(), "x.har") {
			t.Errorf("%s: status %d, stderr %q", name, status, s.err.String())
		}
	}
}

// recordingsOf checks that a file is a recording of one job.
func recordingsOf(t *testing.T, path string) *recording.Recording {
	t.Helper()
	r, err := recording.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
