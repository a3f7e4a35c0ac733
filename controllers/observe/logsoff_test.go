package observe

import (
	"slices"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Where the policy turns logs off none is asked for, what was read before is not told again, and the gap says who left it.
func TestLogsTurnedOff(t *testing.T) {
	server := healthyFlink()
	server.answers["/jobmanager/logs"] = `{"logs":[{"name":"jm.log","size":60,"mtime":1772366400000}]}`
	for _, path := range []string{"/jobmanager/logs/jm.log", "/jobmanager/log"} {
		server.answers[path] = "2026-03-01 12:00:00,000 WARN  x [] - Status Code: 503\n"
	}
	clock := &fakeClock{now: time.UnixMilli(1772366400000)}
	connection, memory := connect(t, server, clock), &Memory{}
	look := func(off bool) model.Snapshot {
		clock.now = clock.now.Add(time.Hour)
		s, err := Flink(t.Context(), connection, Options{Now: clock.read, Deep: true, NoLogs: off}, memory)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := look(false); len(s.Logs) != 1 || s.Logs[0].Kind != model.LogStorageThrottled {
		t.Fatalf("read as %+v, gaps %+v", s.Logs, s.Gaps)
	}
	asked := server.count("/jobmanager/log")
	s := look(true)
	if n := server.count("/jobmanager/log"); n != asked || len(s.Logs) > 0 {
		t.Errorf("%d requests for logs, want %d; signals %+v", n, asked, s.Logs)
	}
	if !slices.ContainsFunc(s.Gaps, func(g model.Gap) bool { return g.Kind == model.GapLogs && g.Why == "the policy turns them off" }) {
		t.Errorf("gaps %+v", s.Gaps)
	}
}
