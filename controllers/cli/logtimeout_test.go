package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// example are the logs that the README diagnoses, and their configuration.
const example = "../../docs/example/"

// TestTheExampleLogsAreDiagnosed: the README's line over the logs in docs/example, as anybody can try it.
func TestTheExampleLogsAreDiagnosed(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const line = "diagnose --log docs/example/jobmanager.log docs/example/taskmanager.log --config docs/example/config.yaml"
	if !strings.Contains(string(readme), line) {
		t.Errorf("README.md does not hold %q", line)
	}
	s := newShell(t, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	status := s.run(t, strings.Fields(strings.ReplaceAll(line, "docs/example/", example))...)
	if status != StatusSick {
		t.Errorf("status %d", status)
	}
	held(t, "example-logs.txt", s.out.String()+s.err.String())
}

// A file that names another timeout than the one at which checkpoints expire is not believed, and that is said.
func TestATimeoutThatTheLogsContradict(t *testing.T) {
	raw, err := os.ReadFile(example + "config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for configured, contradicts := range map[string]bool{"5 min": true, "30 s": true, "5 s": true, "9500 ms": false, "10 s": false, "8 s": false} {
		config := writeFile(t, "config.yaml", strings.Replace(string(raw), "timeout: 10 s", "timeout: "+configured, 1))
		s := newShell(t, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		s.run(t, "diagnose", "--log", example+"jobmanager.log", example+"taskmanager.log", "--config", config)
		said := "--config " + config + ": execution.checkpointing.timeout is " + configured + ", but in the logs checkpoints expire after 10s: that is taken."
		if strings.Contains(s.err.String(), said) != contradicts {
			t.Errorf("%s: stderr %q", configured, s.err.String())
		}
		if contradicts && !strings.Contains(s.out.String(), "timeout 10s") {
			t.Errorf("%s is believed:\n%s", configured, s.out.String())
		}
	}
}

// A timer that is late now and then contradicts nothing, nor does a single late expiry.
func TestALateTimerIsNoOtherTimeout(t *testing.T) {
	for _, c := range []struct {
		took []time.Duration
		want time.Duration
	}{
		{nil, 0}, {[]time.Duration{20 * time.Second}, 0}, {[]time.Duration{16 * time.Second, 31 * time.Second}, 0},
		{[]time.Duration{10 * time.Second, 40 * time.Second, 40 * time.Second}, 0}, {[]time.Duration{20 * time.Second, 20200 * time.Millisecond}, 20 * time.Second},
		{[]time.Duration{4 * time.Second}, 4 * time.Second},
	} {
		var s model.Snapshot
		for _, took := range c.took {
			s.Checkpoints.History = append(s.Checkpoints.History, model.Checkpoint{Status: model.CheckpointFailed, Duration: took,
				Failure: &model.CheckpointFailure{Kind: model.FailureExpired}})
		}
		if got := contradicted(&s, 10*time.Second); got != c.want {
			t.Errorf("%v: %s, want %s", c.took, got, c.want)
		}
	}
}
