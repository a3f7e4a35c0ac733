package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/controllers/testkit"
)

func TestRecordThenDiagnose(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	clock := now
	s.env.Now = func() time.Time { return clock }
	s.env.Wait = func(ctx context.Context, d time.Duration) error {
		s.waits, clock = append(s.waits, d), clock.Add(d)
		return ctx.Err()
	}
	file := filepath.Join(t.TempDir(), "out.har.gz")
	if status := s.run(t, "record", server.URL, "-o", file, "--for", "30s", "--every", "10s"); status != 0 {
		t.Fatalf("status %d, stderr %q", status, s.err.String())
	}
	if len(s.waits) != 3 || !strings.Contains(s.err.String(), "diagnose --recording "+file) {
		t.Errorf("waits %v, stderr %q", s.waits, s.err.String())
	}
	if passes := recordingsOf(t, file).Passes(); len(passes) != 4 {
		t.Errorf("%d passes in 30s every 10s, want 4", len(passes))
	}
	if status := s.run(t, "diagnose", "--recording", file); status != StatusSick {
		t.Errorf("what was recorded is diagnosed with status %d, stderr %q", status, s.err.String())
	}
}

func TestRecordRedacted(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	file := filepath.Join(t.TempDir(), "out.har")
	if status := s.run(t, "record", server.URL, "-o", file, "--for", "0s", "--redact"); status != 0 {
		t.Fatalf("status %d, stderr %q", status, s.err.String())
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), strings.TrimPrefix(server.URL, "http://")) {
		t.Error("the address of the JobManager is in a redacted recording")
	}
	s.run(t, "diagnose", "--recording", har, "-o", "json")
	job, ok := document(t, s.out.String())["job"].(map[string]any)
	if name, is := job["name"].(string); !ok || !is || name == "" || strings.Contains(string(raw), name) {
		t.Errorf("the job's name %q is in a redacted recording", job["name"])
	}
	if status := s.run(t, "diagnose", "--recording", file); status != StatusHealthy {
		t.Errorf("a redacted recording is diagnosed with status %d, stderr %q", status, s.err.String())
	}
}

func TestRecordInterruptedKeepsWhatThereIs(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	ctx, cancel := context.WithCancel(t.Context())
	s.env.Wait = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	file := filepath.Join(t.TempDir(), "out.har")
	if status := s.runContext(ctx, "record", server.URL, "-o", file); status != 0 {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	if n := len(recordingsOf(t, file).Passes()); n != 1 {
		t.Errorf("%d passes kept, want 1", n)
	}
}

func TestRecordNothingLeavesNoFile(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.Close()
	s := newShell(t, time.Unix(1_700_000_000, 0))
	file := filepath.Join(t.TempDir(), "out.har")
	if status := s.run(t, "record", server.URL, "-o", file); status != StatusUnknown || !strings.Contains(s.err.String(), server.URL) {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file without a recording was left: %v", err)
	}
	if err := os.WriteFile(file, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "record", server.URL, "-o", file)
	if text, err := os.ReadFile(file); err != nil || string(text) != "yesterday's" {
		t.Errorf("an older recording is %q now, %v", text, err)
	}
}

// A starved JobManager takes half a minute for an answer: --for is a time, and not a number of looks.
func TestRecordEndsByTheClock(t *testing.T) {
	har, now := recorded(t, "1.20.5/healthy")
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(har)
	s := newShell(t, now)
	clock := now
	s.env.Now = func() time.Time { clock = clock.Add(200 * time.Millisecond); return clock }
	s.env.Wait = func(ctx context.Context, d time.Duration) error { clock = clock.Add(d); return ctx.Err() }
	if status := s.run(t, "record", server.URL, "-o", filepath.Join(t.TempDir(), "a.har"), "--for", "1m", "--every", "1s"); status != 0 {
		t.Fatalf("status %d, stderr %q", status, s.err.String())
	}
	if took := clock.Sub(now); took < time.Minute || took > 90*time.Second {
		t.Errorf("--for 1m took %s by the clock", took)
	}
}

// What is left of a recording without its names leads to the same diagnosis.
func TestRedactedRecordingsAreDiagnosedAlike(t *testing.T) {
	for _, name := range []string{"1.20.5/slow-storage", "1.20.5/version-mismatch", "1.20.5/declined", "1.17.2/slow-cleanup", "2.2.1/sink-flush"} {
		har, now := recorded(t, name)
		file := filepath.Join(t.TempDir(), "redacted.har.gz")
		out, err := recording.Create(file, recording.Redact(observe.TellingRecords))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range recordingsOf(t, har).Entries() {
			if err := out.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		s := newShell(t, now)
		s.run(t, "diagnose", "--recording", har, "-o", "json")
		want := causesOf(t, s.out.String())
		s.run(t, "diagnose", "--recording", file, "-o", "json")
		if got := causesOf(t, s.out.String()); len(want) == 0 || got[0] != want[0] {
			t.Errorf("%s: causes %v without names, want %v", name, got, want)
		}
	}
}

// causesOf are the causes of a JSON document, the first one first.
func causesOf(t *testing.T, text string) []any {
	t.Helper()
	var causes []any
	found, _ := document(t, text)["diagnoses"].([]any)
	for _, d := range found {
		if one, ok := d.(map[string]any); ok {
			causes = append(causes, one["cause"])
		}
	}
	return causes
}
