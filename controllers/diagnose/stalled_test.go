package diagnose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// unread is what a TaskManager of another version says of each deployment.
func unread(at time.Duration, cause string) model.JobException {
	return model.JobException{At: testNow.Add(-at), Name: "org.apache.flink.runtime.taskexecutor.exceptions.TaskSubmissionException", TaskManager: "tm-2",
		Message: "org.apache.flink.runtime.taskexecutor.exceptions.TaskSubmissionException: Could not deserialize the job or task information.",
		Frames:  []string{"org.apache.flink.runtime.taskexecutor.TaskExecutor.submitTask", "Caused by: " + cause}}
}

// restarting is a job whose tasks do not run now; the last checkpoint began so long ago, and it failed of these since.
func restarting(lastBegan time.Duration, failures ...model.JobException) *model.Snapshot {
	s := add(jobOf(2), times(4, completed(seconds(2)))...)
	for i := range s.Checkpoints.History {
		s.Checkpoints.History[i].Trigger = s.Checkpoints.History[i].Trigger.Add(-lastBegan)
	}
	s.Job.State, s.Job.TasksRunning, s.Exceptions = "RESTARTING", 0, failures
	return s
}

// A job that fails again and again without a checkpoint in between is sick, whatever its history says; one that restarted a while ago, or only
// now, is not.
func TestAJobThatOnlyRestarts(t *testing.T) {
	loop := []model.JobException{unread(time.Minute, "x"), unread(2*time.Minute, "x"), unread(4*time.Minute, "x")}
	for _, tt := range []struct {
		name      string
		lastBegan time.Duration
		failures  []model.JobException
		change    func(*model.Snapshot)
		want      api.Health
	}{
		{"three failures in half an hour without a checkpoint", 30 * time.Minute, loop, nil, api.HealthUnhealthy},
		{"a checkpoint began a minute ago", 0, loop, nil, api.HealthAtRisk}, // it keeps failing all the same
		{"it fails for minutes only", 9 * time.Minute, loop, nil, api.HealthAtRisk},
		{"six failures in six minutes", 6 * time.Minute, append(loop[:3:3], unread(70*time.Second, "x"), unread(80*time.Second, "x"), unread(90*time.Second, "x")), nil, api.HealthUnhealthy},
		{"three failures in a month without checkpoints", 30 * 24 * time.Hour, []model.JobException{unread(100*time.Hour, "x"), unread(200*time.Hour, "x"), unread(300*time.Hour, "x")},
			nil, api.HealthHealthy},
		{"three failures in half a day, one of them now", 30 * 24 * time.Hour, []model.JobException{unread(time.Minute, "x"), unread(5*time.Hour, "x"), unread(10*time.Hour, "x")},
			nil, api.HealthHealthy},
		{"two failures", 30 * time.Minute, loop[:2], nil, api.HealthHealthy},
		{"its tasks run", 30 * time.Minute, loop, func(s *model.Snapshot) { s.Job.TasksRunning = s.Job.TasksTotal }, api.HealthAtRisk},
		{"no checkpoint yet, and the job is young", 0, loop, func(s *model.Snapshot) {
			s.Checkpoints.History, s.Job.StartTime = nil, testNow.Add(-5*time.Minute)
		}, api.HealthUnknown},
		{"no checkpoint yet, and the job is old", 0, loop, func(s *model.Snapshot) {
			s.Checkpoints.History, s.Job.StartTime = nil, testNow.Add(-time.Hour)
		}, api.HealthUnhealthy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := restarting(tt.lastBegan, tt.failures...)
			if tt.change != nil {
				tt.change(s)
			}
			d := diagnosed(t, s)
			if d.Health != tt.want || tt.want == api.HealthUnhealthy && !strings.Contains(d.Message, fmt.Sprintf("failed %d times", len(tt.failures))) {
				t.Errorf("got %s: %s, want %s", d.Health, d.Message, tt.want)
			}
		})
	}
}

// What a TaskManager of another version does to a job, as measured with mixed minor versions; and what looks like it.
func TestVersionsThatDoNotUnderstandOneAnother(t *testing.T) {
	for _, tt := range []struct {
		name, cause string
		plain       bool // the exception is the cause itself, not one of a deployment
		want        bool
	}{
		{"a class of Flink's configuration is not there", "java.lang.ClassNotFoundException: org.apache.flink.configuration.ExternalizedCheckpointRetention", false, true},
		{"a class that Flink brings along in another version", "java.lang.ClassNotFoundException: org.apache.flink.shaded.guava33.com.google.common.collect.ImmutableList$SerializedForm", false, true},
		{"a field has another type", "java.lang.ClassCastException: cannot assign instance of org.apache.flink.configuration.Configuration to field " +
			"org.apache.flink.runtime.executiongraph.JobInformation.jobConfiguration", true, true},
		{"a lambda of the user's", "java.lang.ClassCastException: cannot assign instance of java.lang.invoke.SerializedLambda to field org.apache.flink.api.java.functions.Key", true, false},
		{"a connector that is not there", "java.lang.ClassNotFoundException: org.apache.flink.connector.kafka.source.KafkaSource", true, false},
		{"a sink that was built for another Flink", "java.lang.NoClassDefFoundError: org/apache/flink/streaming/api/functions/sink/SinkFunction", true, false},
		{"a state backend that is no more", "java.lang.ClassNotFoundException: org.apache.flink.runtime.state.filesystem.FsStateBackend", true, false},
		{"the Scala API is not there", "java.lang.ClassNotFoundException: org.apache.flink.streaming.api.scala.package$", true, false},
		{"the user's own", "java.lang.IllegalStateException: no such account", true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var failures []model.JobException
			for i := range 4 {
				e := unread(time.Duration(i+1)*time.Minute, tt.cause)
				if tt.plain {
					e.Name, e.Message, e.Frames = strings.SplitN(tt.cause, ":", 2)[0], tt.cause, nil
				}
				failures = append(failures, e)
			}
			d := diagnosed(t, restarting(time.Hour, failures...))
			top := d.Top()
			got := top != nil && top.SubCause == api.SubCauseVersionMismatch && top.Verdict == api.VerdictConfirmed
			if got != tt.want {
				t.Errorf("got %+v, want a confirmed mismatch: %t", top, tt.want)
			}
		})
	}
}

// Where every TaskManager says the JobManager's version no words make them differ: the state or a jar is another Flink's.
func TestOneVersionAndWordsOfTwo(t *testing.T) {
	for _, tt := range []struct {
		name      string
		versions  [2]string
		confirmed bool
	}{{"all alike", [2]string{"1.20.5", "1.20.5"}, false}, {"one not known", [2]string{"1.20.5", ""}, true}, {"none known", [2]string{}, true}} {
		t.Run(tt.name, func(t *testing.T) {
			var failures []model.JobException
			for i := range 4 {
				failures = append(failures, model.JobException{At: testNow.Add(-time.Duration(i+1) * time.Minute), Name: "java.io.InvalidClassException",
					Message: "java.io.InvalidClassException: org.apache.flink.api.java.typeutils.runtime.PojoSerializer; local class incompatible"})
			}
			s := restarting(time.Hour, failures...)
			for i := range s.TaskManagers {
				s.TaskManagers[i].Version = tt.versions[i]
			}
			d := diagnosed(t, s)
			top := d.Top()
			got := top != nil && top.SubCause == api.SubCauseVersionMismatch && top.Verdict == api.VerdictConfirmed
			if got != tt.confirmed || !tt.confirmed && top != nil && top.SubCause == api.SubCauseVersionMismatch {
				t.Errorf("got %+v, want a confirmed mismatch: %t", top, tt.confirmed)
			}
		})
	}
}

// A TaskManager that registered and does not know the JobManager's calls is of another version: likely by itself. Beside a measured cause it
// stays second.
func TestATaskManagerThatDoesNotKnowTheCalls(t *testing.T) {
	s := restarting(time.Hour, unread(time.Minute, "x"))
	s.Job.TasksRunning, s.Job.State = s.Job.TasksTotal, "RUNNING"
	s.Checkpoints.History = nil
	add(s, failed(model.FailureTrigger, "Trigger checkpoint failure.", seconds(1)), failed(model.FailureTrigger, "Trigger checkpoint failure.", seconds(1)))
	s.TaskManagers[1].Mismatch = "java.lang.NoSuchMethodException: org.apache.flink.runtime.taskexecutor.TaskExecutor.requestThreadDump()"
	d := diagnosed(t, s)
	if top := d.Top(); top == nil || top.SubCause != api.SubCauseVersionMismatch {
		t.Errorf("got %+v, want the mismatch", top)
	}
}

// Tasks that wait are sick after a start's time, and after half of it where a TaskManager of another version was heard: it will not come.
func TestTasksThatWait(t *testing.T) {
	for _, tt := range []struct {
		name     string
		waited   time.Duration
		mismatch bool
		want     api.Health
	}{
		{"for six minutes", 6 * time.Minute, false, api.HealthUnknown},
		{"for six minutes, of another version", 6 * time.Minute, true, api.HealthUnhealthy},
		{"for four minutes, of another version", 4 * time.Minute, true, api.HealthUnknown},
		{"for eleven minutes", 11 * time.Minute, false, api.HealthUnhealthy},
	} {
		s := jobOf(2)
		s.Job.TasksRunning, s.Job.RunningSince = 0, testNow.Add(-tt.waited)
		for i := range s.Vertices {
			s.Vertices[i].Status = "SCHEDULED"
		}
		if tt.mismatch {
			s.Logs = []model.LogSignal{{Kind: model.LogVersionMismatch, Process: "tm-3", Count: 1, Last: testNow.Add(-tt.waited)}}
		}
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Health, d.Message, tt.want)
		}
	}
}
