package observe

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// What an answer says of a class or method that the other side does not know is a mismatch only where it is Flink's own: connectors, formats and
// backends come in jars of their own.
func TestWhatTellsAMismatch(t *testing.T) {
	for cause, want := range map[string]bool{
		"java.lang.NoSuchMethodException: org.apache.flink.runtime.taskexecutor.TaskExecutor.requestFileUploadByNameAndType(java.lang.String)": true,
		"java.io.InvalidClassException: org.apache.flink.api.common.ExecutionConfig; local class incompatible":                                 true,
		"java.lang.ClassNotFoundException: org.apache.flink.configuration.ExternalizedCheckpointRetention":                                     true,
		"java.lang.NoClassDefFoundError: org/apache/flink/streaming/api/graph/StreamConfig":                                                    true,
		"java.lang.ClassNotFoundException: org.apache.flink.streaming.connectors.kafka.FlinkKafkaConsumer":                                     false,
		"java.lang.ClassNotFoundException: org.apache.flink.api.scala.typeutils.CaseClassSerializer":                                           false,
		"java.lang.ClassNotFoundException: org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackend":                               false,
		"java.lang.NoSuchMethodException: com.example.Ledger.<init>()":                                                                         false,
		"java.util.concurrent.TimeoutException: Invocation timed out":                                                                          false,
		"": false,
	} {
		p := &pass{memory: &Memory{}}
		p.noteMismatch("tm-1", &flink.StatusError{Status: 500, Cause: cause})
		if got := p.memory.mismatches["tm-1"] != ""; got != want {
			t.Errorf("%s: a mismatch is %t, want %t", cause, got, want)
		}
	}
	p := &pass{memory: &Memory{}}
	p.noteMismatch("tm-1", errors.New("ClassNotFoundException: org.apache.flink.runtime.X"))
	p.noteMismatch(model.JobManagerProcess, &flink.StatusError{Cause: "java.lang.ClassNotFoundException: org.apache.flink.runtime.X"})
	if len(p.memory.mismatches) > 0 {
		t.Errorf("got %v of an error that is no answer, and of the JobManager itself", p.memory.mismatches)
	}
}

// It stays with its TaskManager until that one is gone.
func TestAMismatchStaysWithItsTaskManager(t *testing.T) {
	p := &pass{memory: &Memory{mismatches: map[string]string{"tm-1": "NoSuchMethodException", "gone": "NoSuchMethodException"}},
		snapshot: &model.Snapshot{TaskManagers: []model.TaskManager{{ID: "tm-1"}, {ID: "tm-2"}}}}
	p.keepVersions()
	if tms := p.snapshot.TaskManagers; tms[0].Mismatch == "" || tms[1].Mismatch != "" || len(p.memory.mismatches) != 1 {
		t.Errorf("got %+v, remembered %v", tms, p.memory.mismatches)
	}
}

// Where tasks wait, the log of a TaskManager that did not register is read first, and its version told.
func TestAStrangersLogTellsItsVersion(t *testing.T) {
	w, k := logWorld(t)
	w.fake.answers["/jobs/overview"] = strings.Replace(w.fake.answers["/jobs/overview"], `"running":4`, `"running":2`, 1)
	const line = "2026-03-01T11:00:00.5Z 2026-03-01 11:00:00,500 INFO  org.apache.flink.runtime.taskexecutor.TaskManagerRunner [] -  Starting TaskManager (Version: "
	k.logs["tm-1"], k.logs["tm-2"] = says(line+"1.20.5, Scala: 2.12)"), says(line+"1.18.1, Scala: 2.12)")
	s := w.pass(time.Second, "")
	if len(s.Logs) != 1 || s.Logs[0].Kind != model.LogVersionMismatch || s.Logs[0].Process != "tm-2" || s.Logs[0].Detail != "1.18.1" {
		t.Errorf("got %+v", s.Logs)
	}
}

// A TaskManager that is slow to register is no stranger for its patch release, nor one that registered under its host's name.
func TestWhoIsNoStranger(t *testing.T) {
	const tm2 = `{"id":"10.0.0.9:6122-ab","path":"pekko.tcp://flink@%s:6122/user/rpc/taskmanager_0","slotsNumber":1}`
	for _, c := range []struct {
		version, host string
		strange       int
	}{{"1.20.4", "", 0}, {"1.18.1", "tm-2", 0}, {"1.18.1", "tm-2.taskmanagers.shop.svc", 0}, {"1.18.1", "tm-20", 1}, {"1.2.5", "", 1}} {
		w, k := logWorld(t)
		w.fake.answers["/jobs/overview"] = strings.Replace(w.fake.answers["/jobs/overview"], `"running":4`, `"running":2`, 1)
		if c.host != "" {
			w.fake.answers["/taskmanagers"] = `{"taskmanagers":[` + sprintf(tm2, c.host) + `]}`
		}
		k.logs["tm-2"] = says("2026-03-01T11:00:00.5Z 2026-03-01 11:00:00,500 INFO  org.apache.flink.runtime.taskexecutor.TaskManagerRunner [] -  Starting TaskManager (Version: " +
			c.version + ", Scala: 2.12)")
		if s := w.pass(time.Second, ""); len(s.Logs) != c.strange {
			t.Errorf("%+v: %+v", c, s.Logs)
		}
	}
}

// The innermost cause is kept, however deep the stack above it is.
func TestTheInnermostCauseIsKept(t *testing.T) {
	text := "TaskSubmissionException: no\n" + strings.Repeat("\tat a.b.C.d(C.java:1)\n", 60) + "Caused by: java.lang.ClassNotFoundException: x\n\t... 30 more\n"
	frames := stackFrames(text)
	if n := len(frames); n != maxExceptionFrames+1 || frames[n-1] != "Caused by: java.lang.ClassNotFoundException: x" {
		t.Errorf("got %d frames, the last %q", n, frames[n-1])
	}
	deep := stackFrames(strings.Repeat("Caused by: x\n"+strings.Repeat("\tat a.b.C.d(C.java:1)\n", 10), 20) + "Caused by: y\n")
	if len(deep) != maxCauses+maxExceptionFrames || !slices.Contains(deep, "Caused by: y") {
		t.Errorf("got %d frames and causes, want %d with the innermost: %q", len(deep), maxCauses+maxExceptionFrames, deep)
	}
}
