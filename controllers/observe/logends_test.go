package observe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// coordinator writes the log of a coordinator: a line for each word, ten seconds apart, such as "trigger 5", "complete 5", "expire 5", "late 5",
// "restart", "start".
func coordinator(words ...string) string {
	var b strings.Builder
	for i, word := range words {
		at := time.Date(2026, 3, 1, 12, 0, 10*i, 0, time.UTC)
		verb, id, _ := strings.Cut(word, " ")
		line := map[string]string{
			"trigger":   fmt.Sprintf("Triggering checkpoint %s (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ %d for job %s.", id, at.UnixMilli(), job32),
			"savepoint": fmt.Sprintf("Triggering checkpoint %s (type=SavepointType{name='Savepoint'}) @ %d for job %s.", id, at.UnixMilli(), job32),
			"complete":  fmt.Sprintf("Completed checkpoint %s for job %s (10 bytes, checkpointDuration=9 ms, finalizationTime=1 ms).", id, job32),
			"expire":    fmt.Sprintf("Checkpoint %s of job %s expired before completing.", id, job32),
			"late":      fmt.Sprintf("Received late message for now expired checkpoint attempt %s from task %s_bc764cd8ddf7a0cff126f51c16239658_1_0 of job %s at tm-2.", id, job32, job32),
			"restart":   fmt.Sprintf("Job payments (%s) switched from state RUNNING to RESTARTING.", job32),
			"start":     "Starting StandaloneSessionClusterEntrypoint (Version: 1.20.5, Scala: 2.12)",
		}[verb]
		fmt.Fprintf(&b, "%s INFO x [] - %s\n", at.Format("2006-01-02 15:04:05,000"), line)
	}
	return b.String()
}

// A checkpoint whose end is in no log is not in progress where Flink would have ended it.
func TestEndsThatNoLogTells(t *testing.T) {
	tests := map[string]struct {
		words           []string
		most            string
		pending, gapped []string
	}{
		"in progress":                         {words: []string{"trigger 1", "complete 1", "trigger 2"}, pending: []string{"2"}},
		"a later one completed":               {words: []string{"trigger 3", "trigger 4", "complete 4", "trigger 5"}, pending: []string{"5"}, gapped: []string{"3"}},
		"a later one expired":                 {words: []string{"trigger 3", "trigger 4", "expire 4"}, gapped: []string{"3"}},
		"one at a time":                       {words: []string{"trigger 3", "trigger 4", "trigger 5"}, most: "1", pending: []string{"5"}, gapped: []string{"3, 4"}},
		"two at a time":                       {words: []string{"trigger 3", "trigger 4", "trigger 5"}, most: "2", pending: []string{"4", "5"}, gapped: []string{"3"}},
		"as many as they are":                 {words: []string{"trigger 3", "trigger 4"}, pending: []string{"3", "4"}},
		"the job restarted":                   {words: []string{"trigger 3", "restart", "trigger 4"}, pending: []string{"4"}, gapped: []string{"3"}},
		"the JobManager started anew":         {words: []string{"trigger 3", "start", "trigger 4"}, pending: []string{"4"}, gapped: []string{"3"}},
		"only late acknowledgements":          {words: []string{"late 3", "trigger 4"}, pending: []string{"4"}, gapped: []string{"3"}},
		"a savepoint is not taken over":       {words: []string{"savepoint 3", "trigger 4", "complete 4"}, pending: []string{"3"}},
		"a savepoint takes over none":         {words: []string{"trigger 3", "savepoint 4", "complete 4"}, most: "1", pending: []string{"3"}},
		"the log ends before an old one ends": {words: []string{"trigger 7"}, pending: []string{"7"}},
	}
	for name, test := range tests {
		config := map[string]string{"execution.checkpointing.timeout": "10 min"}
		if test.most != "" {
			config["execution.checkpointing.max-concurrent-checkpoints"] = test.most
		} else {
			config = nil
		}
		s := FromLogs([]*LogReport{scan(t, "jm.log", coordinator(test.words...))}, config, time.Time{}, Selector{})
		var pending []string
		for i := range s.Checkpoints.History {
			if c := &s.Checkpoints.History[i]; c.Status == model.CheckpointInProgress {
				pending = append(pending, fmt.Sprint(c.ID))
			}
		}
		slices.Sort(pending)
		var gapped []string
		for _, gap := range s.Gaps {
			if ids, ok := strings.CutPrefix(gap.Signal, "end of checkpoint "); ok {
				gapped = append(gapped, ids)
			}
		}
		if !slices.Equal(pending, test.pending) || !slices.Equal(gapped, test.gapped) {
			t.Errorf("%s: pending %v, want %v; gaps %v, want %v", name, pending, test.pending, gapped, test.gapped)
		}
	}
}

// A job whose checkpoints complete is not called healthy where nobody knows what they are measured by.
func TestTimeoutInNoLog(t *testing.T) {
	fine := coordinator("trigger 1", "complete 1", "trigger 2", "complete 2")
	look := func(log string, config map[string]string) model.Availability {
		s := FromLogs([]*LogReport{scan(t, "jm.log", log)}, config, time.Time{}, Selector{})
		return s.Availability
	}
	if a := look(fine, nil); a.Reason != api.ReasonLogsIncomplete || !strings.Contains(a.Message, "timeout") {
		t.Errorf("no configuration: %+v", a)
	}
	if a := look(fine, map[string]string{"parallelism.default": "1"}); !a.Judgeable() {
		t.Errorf("a configuration that leaves the timeout at its default: %+v", a)
	}
	printed := "2026-03-01 11:59:00,000 INFO x [] - Loading configuration property: execution.checkpointing.timeout, 10 min\n"
	if a := look(printed+fine, nil); !a.Judgeable() {
		t.Errorf("the log prints the timeout: %+v", a)
	}
	if a := look(coordinator("trigger 1", "complete 1", "trigger 2", "expire 2"), nil); !a.Judgeable() {
		t.Errorf("an expiry tells the timeout: %+v", a)
	}
}

// A task also declines where its upload fails: the exception says so.
func TestDeclinedForStorage(t *testing.T) {
	log := coordinator("trigger 1") + "2026-03-01 12:00:03,000 INFO x [] - Decline checkpoint 1 by task " + job32 + "_bc764cd8ddf7a0cff126f51c16239658_0_0 of job " + job32 +
		" at tm-1 @ localhost (dataPort=1).\norg.apache.flink.util.SerializedThrowable: org.apache.flink.runtime.checkpoint.CheckpointException: Asynchronous task checkpoint failed.\n"
	s := FromLogs([]*LogReport{scan(t, "jm.log", log)}, nil, time.Time{}, Selector{})
	if f := s.Checkpoints.History[0].Failure; f == nil || f.Kind != model.FailureAsync {
		t.Errorf("failure %+v, want one of the asynchronous part", f)
	}
}

// Exceptions of tasks tell of a checkpoint where the coordinator's log is not there, as on Flink's web page, from where they are quoted.
func TestExceptionsOfTasks(t *testing.T) {
	look := func(text string) model.Snapshot {
		return FromLogs([]*LogReport{scan(t, "tm.log", text)}, nil, time.UnixMilli(1), Selector{})
	}
	refused := "2023-11-27 19:39:20\njava.io.IOException: Could not perform checkpoint 10 for operator sink (60/192)#7.\n\tat org.apache.flink.streaming.runtime.tasks.StreamTask.x(StreamTask.java:1274)\n"
	s := look(refused)
	if told := tell(s.Checkpoints.History); len(told) != 1 || told[0].ID != 10 || s.Checkpoints.History[0].Failure.Kind != model.FailureDeclined {
		t.Errorf("history %+v, want checkpoint 10 declined", told)
	}
	if len(s.Exceptions) != 1 || s.Exceptions[0].Name != "java.io.IOException" {
		t.Errorf("exceptions %+v", s.Exceptions)
	}
	s = look("Caused by: java.lang.Exception: Could not materialize checkpoint 17 for operator Join (1/1)#15.\nCaused by: java.io.IOException: Could not open output stream for state backend\n")
	if h := s.Checkpoints.History; len(h) != 1 || h[0].Failure.Kind != model.FailureAsync {
		t.Errorf("history %+v, want checkpoint 17 failed in its asynchronous part", tell(h))
	}
	if s := look("Caused by: java.lang.Exception: Could not materialize checkpoint 17 for operator x (1/1)#15.\nCaused by: java.util.concurrent.CancellationException: null\n"); len(s.Checkpoints.History) > 0 {
		t.Errorf("what follows an abort made a checkpoint fail: %+v", tell(s.Checkpoints.History))
	}
	if s := look(coordinator("trigger 10", "complete 10") + refused); s.Checkpoints.History[0].Status != model.CheckpointCompleted {
		t.Errorf("the coordinator knows better: %+v", tell(s.Checkpoints.History))
	}
}

// A log without the coordinator says so, and what it tells besides.
func TestLogsWithoutCoordinator(t *testing.T) {
	s := FromLogs([]*LogReport{scan(t, "tm.log", "2024-05-28 15:39:37,363 WARN x [] - Task 'Source: a (1/1)#0' did not react to cancelling signal - interrupting; it is stuck for 30 seconds in method:\n")}, nil, time.Time{}, Selector{})
	if a := s.Availability; a.Reason != api.ReasonLogsIncomplete || !strings.Contains(a.Message, "1 × task stuck while cancelling") {
		t.Errorf("availability %+v", a)
	}
}
