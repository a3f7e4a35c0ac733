package observe

import (
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Whose memory ran out is told by the process that wrote the log, not by the file's name; a task's failure in a JobManager's log is not the JobManager's.
func TestWhoseMemoryRanOut(t *testing.T) {
	const stamp = "2026-03-01 12:30:00,000 ERROR x [] - "
	const memory = "\njava.lang.OutOfMemoryError: Java heap space\n"
	events := coordinator("trigger 1", "complete 1", "trigger 2", "trigger 3")
	for name, test := range map[string]struct {
		text string
		ends bool
	}{
		"its own":            {events + stamp + "FATAL: Thread 'dispatcher-6' produced an uncaught exception. Stopping the process..." + memory, true},
		"of a task":          {events + stamp + "Map (1/2) (" + job32 + "_bc764cd8ddf7a0cff126f51c16239658_0_0) switched from RUNNING to FAILED on tm-1." + memory, false},
		"a TaskManager's":    {stamp + "FATAL: Thread 'Map (1/2)' produced an uncaught exception. Stopping the process..." + memory, false},
		"before it was well": {stamp + "FATAL: Thread x" + memory + strings.ReplaceAll(events, "12:0", "12:4"), false},
	} {
		snapshot := FromLogs([]*LogReport{scan(t, "a.log", test.text)}, nil, time.Time{}, Selector{})
		at, ends := snapshot.JobManagerOutOfMemory()
		if ends != test.ends || ends && !at.Equal(snapshot.Logs[0].Last) && at.IsZero() {
			t.Errorf("%s: ends %v at %v, want %v: %+v", name, ends, at, test.ends, snapshot.Logs)
		}
		if ends && !snapshot.Availability.Judgeable() {
			t.Errorf("%s: not judged: %s", name, snapshot.Availability.Message)
		}
		if signalOf(t, model.LogOutOfMemory, test.text).Count != 1 {
			t.Errorf("%s: counted %d times", name, signalOf(t, model.LogOutOfMemory, test.text).Count)
		}
	}
}
