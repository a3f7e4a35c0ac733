package observe

import (
	"strings"
	"testing"
	"time"
)

// A log that begins in the middle of a run does not tell what completed before; one with the beginning of it does.
func TestWhereALogBegins(t *testing.T) {
	restore := func(text string) string { return "2026-03-01 11:59:00,000 INFO x [] - " + text + "\n" }
	for name, test := range map[string]struct {
		log  string
		want int64
	}{
		"counted from one":       {coordinator("trigger 1", "expire 1", "trigger 2"), 0},
		"the tail of a log":      {coordinator("trigger 6", "expire 6", "trigger 7"), 6},
		"an end alone":           {coordinator("expire 5", "trigger 6"), 5},
		"the JobManager's start": {coordinator("start", "trigger 6", "expire 6"), 0},
		"a start in the middle":  {coordinator("expire 5", "start", "trigger 6"), 5},
		"restored":               {restore("Restoring job "+job32+" from Checkpoint 5 @ 1795654860000 for "+job32+" located at s3://b/c.") + coordinator("trigger 6", "expire 6"), 0},
		"nothing to restore":     {restore("No checkpoint found during restore.") + coordinator("trigger 6", "expire 6"), 0},
		"no checkpoint":          {coordinator("start"), 0},
	} {
		report, err := ScanLog(strings.NewReader(test.log), "jobmanager")
		if err != nil {
			t.Fatal(err)
		}
		if got := FromLogs([]*LogReport{report}, nil, time.Time{}, Selector{}).Checkpoints.BeginsAt; got != test.want {
			t.Errorf("%s: begins at %d, want %d", name, got, test.want)
		}
	}
}
