package observe

import (
	"strings"
	"testing"
	"time"
)

// A platform's own lines are expiries, and tell the timeout, though no Flink version prints them.
func TestAPlatformsLinesAreExpiries(t *testing.T) {
	var log strings.Builder
	for _, line := range []string{
		"2026-03-01 12:10:00,000 INFO  acme.Platform [] - Checkpoint [7] duration exceeded checkpoint timeout of [600000]ms",
		"2026-03-01 12:21:00,000 INFO  acme.Platform [] - Checkpoint [8] failed: Checkpoint is too late",
	} {
		log.WriteString(line + "\n")
	}
	report, err := ScanLog(strings.NewReader(log.String()), "jobmanager")
	if err != nil {
		t.Fatal(err)
	}
	s := FromLogs([]*LogReport{report}, nil, time.Time{}, Selector{})
	if len(s.Checkpoints.History) != 2 || !s.Checkpoints.History[0].Expired() || !s.Checkpoints.History[1].Expired() {
		t.Fatalf("history is %+v, want two expiries", s.Checkpoints.History)
	}
	if !s.Settings.Timeout.Known || s.Settings.Timeout.Value != 10*time.Minute {
		t.Errorf("the timeout is %+v, want the 10m that the line prints", s.Settings.Timeout)
	}
}
