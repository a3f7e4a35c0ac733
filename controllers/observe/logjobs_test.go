package observe

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	otherJob = "11111111111111111111111111111111"
	ordered  = `2025-01-31 14:00:00,000 INFO x [] - Submitting job 'payments' (` + jobID + `).
2025-01-31 14:00:00,000 INFO x [] - Job orders (` + otherJob + `) switched from state CREATED to RUNNING.
2025-01-31 14:00:01,000 INFO x [] - Triggering checkpoint 5 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1738324801000 for job ` + jobID + `.
2025-01-31 14:00:02,000 INFO x [] - Triggering checkpoint 5 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1738324802000 for job ` + otherJob + `.
2025-01-31 14:00:03,000 INFO x [] - Completed checkpoint 5 for job ` + otherJob + ` (10 bytes, checkpointDuration=5 ms, finalizationTime=1 ms).
2025-01-31 14:00:11,000 INFO x [] - Checkpoint 5 of job ` + jobID + ` expired before completing.
`
)

// The checkpoints of two jobs of a session cluster have the same numbers.
func TestFromLogsOfSeveralJobs(t *testing.T) {
	look := func(selector Selector) model.Snapshot {
		config := map[string]string{"execution.checkpointing.timeout": "10 s"}
		return FromLogs([]*LogReport{scan(t, "jm.log", ordered)}, config, time.Time{}, selector)
	}
	s := look(Selector{})
	if len(s.Checkpoints.History) > 0 {
		t.Errorf("two jobs and none picked: a history of both, %+v", s.Checkpoints.History)
	}
	if s.Availability.Reason != api.ReasonJobAmbiguous || !strings.Contains(s.Availability.Message, "payments "+jobID) {
		t.Errorf("two jobs and none picked: %+v", s.Availability)
	}
	for selector, want := range map[Selector]model.CheckpointStatus{
		{Name: "payments"}: model.CheckpointFailed, {ID: otherJob}: model.CheckpointCompleted,
	} {
		s := look(selector)
		if told := tell(s.Checkpoints.History); !s.Availability.Judgeable() || len(told) != 1 || told[0].Status != want {
			t.Errorf("%s: %+v, history %+v", selector, s.Availability, told)
		}
		if expired := countOf(&s, model.LogExpired); expired != count(want == model.CheckpointFailed) {
			t.Errorf("%s: job %+v, %d expiries counted, one is of the other job", selector, s.Job, expired)
		}
	}
	if s := look(Selector{Name: "nobody"}); s.Availability.Reason != api.ReasonJobNotFound {
		t.Errorf("a job that is not there: %+v", s.Availability)
	}
}

// The JobManager's log tells its zone; a TaskManager's, which has the same, does not. What time it is the JobManager's log says.
func TestFromLogsSharesTheZone(t *testing.T) {
	tm := scan(t, "tm.log", "2025-01-31 14:00:20,000 WARN x [] - asynchronous part of checkpoint 5 could not be completed.\n")
	utc := scan(t, "tm2.log", "2025-01-31 12:00:20,000 WARN x [] - asynchronous part of checkpoint 5 could not be completed.\n")
	s := FromLogs([]*LogReport{tm, utc, scan(t, "jm.log", ordered)}, nil, time.Time{}, Selector{Name: "payments"})
	if want := time.Date(2025, 1, 31, 12, 0, 11, 0, time.UTC); !s.At.Equal(want) {
		t.Errorf("it is %s, want %s, the JobManager's last line", s.At, want)
	}
	for _, l := range s.Logs {
		if want := time.Date(2025, 1, 31, 12, 0, 20, 0, time.UTC); l.Kind == model.LogAsyncFailed && !l.First.Equal(want) {
			t.Errorf("%s of %s at %s, want %s", l.Kind, l.Process, l.First, want)
		}
	}
	if len(s.Logs) < 3 {
		t.Errorf("signals %+v", s.Logs)
	}
}
