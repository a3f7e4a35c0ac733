package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/controllers/testkit"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDiagnoseRecordings(t *testing.T) {
	for name, want := range map[string]int{"1.20.5/healthy": StatusHealthy, "1.20.5/slow-storage": StatusSick, "1.20.5/oversized-ack": StatusSick} {
		har, now := recorded(t, name)
		s := newShell(t, now)
		if status := s.run(t, "diagnose", "--recording", har); status != want {
			t.Errorf("%s: status %d, want %d; stderr %q", name, status, want, s.err.String())
		}
		narrow(t, s.out.String())
		if s.err.Len() > 0 {
			t.Errorf("%s: stderr %q, want nothing", name, s.err.String())
		}
		if strings.Contains(s.out.String(), "\x1b") {
			t.Errorf("%s: color where nobody asked for it", name)
		}
	}
}

func TestColorOnATerminal(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	s.env.Color = true
	s.run(t, "diagnose", "--recording", har)
	if !strings.Contains(s.out.String(), "\x1b[") {
		t.Error("no color on a terminal")
	}
	s.run(t, "diagnose", "--recording", har, "-o", "json")
	if strings.Contains(s.out.String(), "\x1b") {
		t.Error("color in JSON")
	}
}

// keys are the keys of a JSON object, sorted.
func keys(t *testing.T, v any) []string {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%v is no object", v)
	}
	var out []string
	for k := range object {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func document(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// TestJSONShape holds -o json to what is documented: these keys, no others.
func TestJSONShape(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	s.run(t, "diagnose", "--recording", har, "-o", "json")
	d := document(t, s.out.String())
	check := func(what string, v any, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, keys(t, v)); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", what, diff)
		}
	}
	check("the document", d, "clocks", "diagnoses", "health", "job", "message", "missing", "reason", "recommendation", "since")
	check("job", d["job"], "flinkVersion", "id", "name", "state")
	list, ok := d["diagnoses"].([]any)
	if !ok || len(list) == 0 {
		t.Fatalf("diagnoses: %v", d["diagnoses"])
	}
	check("a diagnosis", list[0], "cause", "evidence", "missing", "nextMeasurement", "score", "subCause", "summary", "verdict")
	first, _ := list[0].(map[string]any)
	evidence, ok := first["evidence"].([]any)
	if !ok || len(evidence) == 0 {
		t.Fatalf("evidence: %v", first["evidence"])
	}
	check("evidence", evidence[0], "expected", "observed", "signal", "weight")
	if d["health"] != "Unhealthy" || first["cause"] != "SlowStateBackend" {
		t.Errorf("health %v, cause %v", d["health"], first["cause"])
	}
	if d["recommendation"] != nil {
		check("recommendation", d["recommendation"], "changes", "cost", "patch")
	}

	s.run(t, "diagnose", "--recording", har, "-o", "yaml")
	var same map[string]any
	if err := yaml.Unmarshal(s.out.Bytes(), &same); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, same); diff != "" {
		t.Errorf("YAML is not the same object:\n%s", diff)
	}
}

// The document says since when and why.
func TestJSONSaysSinceWhenAndWhy(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	s.run(t, "diagnose", "--recording", har, "-o", "json")
	d := document(t, s.out.String())
	why := []any{d["since"], d["reason"], d["message"]}
	if diff := cmp.Diff([]any{"2026-11-22T11:34:49Z", "Unhealthy", "the last 7 of 8 checkpoints expired at 10s"}, why); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHealthyJSON(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	s := newShell(t, now)
	s.run(t, "diagnose", "--recording", har, "-o", "json")
	d := document(t, s.out.String())
	if list, ok := d["diagnoses"].([]any); !ok || len(list) != 0 || d["recommendation"] != nil || d["health"] != "Healthy" {
		t.Errorf("healthy document: %s", s.out.String())
	}
}

func TestDiagnoseLive(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	if status := s.run(t, "diagnose", server.URL, "--for", "12s"); status != StatusSick {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	if diff := cmp.Diff([]time.Duration{5 * time.Second, 5 * time.Second, 2 * time.Second}, s.waits); diff != "" {
		t.Errorf("looks of --for 12s are that far apart (-want +got):\n%s", diff)
	}
	narrow(t, s.out.String())
}

// TestJobManagersThatDoNotTell tries what answers in a JobManager's place: status 2, and a reason that names the address and the next step.
func TestJobManagersThatDoNotTell(t *testing.T) {
	cases := map[string]struct {
		answer testkit.Answer
		want   string
	}{
		"wants a login": {testkit.JSON(http.StatusUnauthorized, `{"errors":["no"]}`), "see --header and --bearer-token-file"},
		"a web page":    {testkit.Page(http.StatusOK, "Welcome"), "/jobs/overview"},
		"half":          {testkit.Half(`{"jobs":[{"jid":"`), "/jobs/overview"},
		"no jobs":       {testkit.JSON(http.StatusOK, `{"jobs":[]}`), "job"},
		"redirect":      {testkit.Redirect("http://elsewhere/"), "redirect"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := testkit.NewFlinkServer(t)
			server.On("/jobs/overview", c.answer)
			s := newShell(t, time.Unix(1_700_000_000, 0))
			if status := s.run(t, "diagnose", server.URL); status != StatusUnknown {
				t.Errorf("status %d, want 2", status)
			}
			if !strings.Contains(s.err.String(), c.want) {
				t.Errorf("stderr %q, want %q in it", s.err.String(), c.want)
			}
			if len(s.waits) > 0 {
				t.Errorf("waited %v for a job that cannot be judged", s.waits)
			}
			s.run(t, "diagnose", server.URL, "-o", "json")
			if d := document(t, s.out.String()); d["health"] != "Unknown" {
				t.Errorf("health %v, want Unknown", d["health"])
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.Close()
	s := newShell(t, time.Unix(1_700_000_000, 0))
	if status := s.run(t, "diagnose", server.URL); status != StatusUnknown || !strings.Contains(s.err.String(), server.URL) {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
}

func TestNoCheckpointing(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	server.On("/jobs/"+recordingsOf(t, har).Jobs()[0]+"/checkpoints", testkit.NoCheckpointing())
	s := newShell(t, now)
	if status := s.run(t, "diagnose", server.URL); status != StatusUnknown || !strings.Contains(s.err.String(), "checkpoint") {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
}

func TestCredentialsAreSent(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	var got http.Header
	server.On("/jobs/overview", func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		testkit.JSON(http.StatusOK, `{"jobs":[]}`)(w, r)
	})
	s := newShell(t, now)
	s.run(t, "diagnose", server.URL, "--header", "X-Scope: team-a", "--bearer-token-file", writeFile(t, "token", "abc\n"))
	if got.Get("X-Scope") != "team-a" || got.Get("Authorization") != "Bearer abc" {
		t.Errorf("headers %v", got)
	}
}

// Without --for it is looked until two different samples of the counters came, which takes Flink more than its ten seconds between fetches.
func TestDiagnoseLiveLooksLongEnough(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har) // always the same sample
	s := newShell(t, now)
	s.run(t, "diagnose", server.URL)
	whole := time.Duration(0)
	for _, d := range s.waits {
		whole += d
	}
	if whole != lookLong {
		t.Errorf("waited %s for a second sample, want %s", whole, lookLong)
	}
	s.waits, whole = nil, 0
	growing := 0
	server.On("/jobmanager/metrics", func(w http.ResponseWriter, r *http.Request) {
		growing++
		testkit.JSON(http.StatusOK, `[{"id":"Status.JVM.CPU.Time","value":"`+strconv.Itoa(1_000_000_000*growing)+`"}]`)(w, r)
	})
	server.On("/jobs/"+load(t, "1.20.5/slow-storage").Jobs()[0]+"/checkpoints", testkit.JSON(http.StatusOK,
		`{"counts":{},"summary":{},"latest":{"completed":null,"savepoint":null,"failed":null,"restored":null},"history":[]}`))
	s.run(t, "diagnose", server.URL)
	for _, d := range s.waits {
		whole += d
	}
	if whole == 0 || whole >= lookLong {
		t.Errorf("waited %s though the counters told before, want less than %s", whole, lookLong)
	}
}

// TestWatch looks again until it is interrupted; the status is that of the last whole look.
func TestWatch(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	s.env.Now = func() time.Time { return now }
	s.env.Wait = func(ctx context.Context, d time.Duration) error {
		now = now.Add(d)
		if d == 30*time.Second {
			looks++
		}
		if looks == 3 {
			cancel()
		}
		return ctx.Err()
	}
	if status := s.runContext(ctx, "diagnose", server.URL, "--watch", "30s"); status != StatusHealthy {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	if n := strings.Count(s.out.String(), "Healthy:"); n != 3 {
		t.Errorf("%d looks printed, want 3", n)
	}
}

func TestDiagnoseLogs(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	var files []string
	for _, e := range recordingsOf(t, har).Entries() {
		if strings.HasSuffix(e.Path, "/log") {
			files = append(files, writeFile(t, strings.ReplaceAll(strings.Trim(e.Path, "/"), "/", "-")+".log", string(e.Body)))
		}
	}
	if len(files) == 0 {
		t.Fatal("the recording holds no log")
	}
	config := writeFile(t, "flink-conf.yaml", "execution.checkpointing.interval: 5 s\nexecution.checkpointing.timeout: 10 s\n")
	s := newShell(t, now)
	status := s.run(t, append([]string{"diagnose", "--config", config, "-o", "json", "--log"}, files...)...)
	if d := document(t, s.out.String()); status != StatusSick || d["health"] != "Unhealthy" {
		t.Errorf("status %d, health %v, stderr %q", status, d["health"], s.err.String())
	}
	s.run(t, append([]string{"diagnose", "--log"}, files...)...)
	narrow(t, s.out.String())

	if status := s.run(t, "diagnose", "--log", writeFile(t, "other.log", "hello\nworld\n")); status != StatusUnknown || s.err.Len() == 0 {
		t.Errorf("a file that is no log: status %d, stderr %q", status, s.err.String())
	}
}
