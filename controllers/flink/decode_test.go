package flink

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var versions = []string{"1.17.2", "1.20.5", "2.2.1"}

func recorded(t *testing.T, version, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", version, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded[T any](t *testing.T, version, name string, decode func([]byte) (T, error)) T {
	t.Helper()
	v, err := decode(recorded(t, version, name))
	if err != nil {
		t.Fatalf("%s of %s: %v", name, version, err)
	}
	return v
}

func TestRecordedJob(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			if got := decoded(t, version, "overview", decodeOverview); got.Version != version || got.TaskManagers != 2 {
				t.Errorf("overview = %+v, want version %s and 2 TaskManagers", got, version)
			}
			if got := decoded(t, version, "config", decodeDashboardConfig); got.Version != version {
				t.Errorf("version in config = %q, want %s", got.Version, version)
			}
			jobs := decoded(t, version, "jobs-overview", decodeJobs)
			job := decoded(t, version, "job", decodeJob)
			if len(jobs) != 1 || jobs[0].ID != job.ID || jobs[0].State != "RUNNING" || jobs[0].Tasks.Running != 6 {
				t.Errorf("jobs = %+v, want the job %s RUNNING with 6 tasks", jobs, job.ID)
			}
			var names []string
			for _, v := range job.Vertices {
				names = append(names, v.Name)
			}
			if diff := cmp.Diff([]string{"Source: events", "state", "sink"}, names); diff != "" {
				t.Errorf("vertices (-want +got):\n%s", diff)
			}
			if job.Vertices[0].Inputs != nil || len(job.Vertices[2].Inputs) != 1 || job.Vertices[2].Inputs[0] != job.Vertices[1].ID {
				t.Errorf("inputs = %v, %v; want none of the source, the state of the sink", job.Vertices[0].Inputs, job.Vertices[2].Inputs)
			}
			if job.Now <= job.StartTime || job.Timestamps["RUNNING"] < job.StartTime {
				t.Errorf("now %d and RUNNING %d, want both after start %d", job.Now, job.Timestamps["RUNNING"], job.StartTime)
			}
			vertex := decoded(t, version, "vertex", decodeVertex)
			if len(vertex.Subtasks) != 2 || vertex.Subtasks[0].TaskManagerID == "" || vertex.Subtasks[0].Endpoint+vertex.Subtasks[0].Host == "" {
				t.Errorf("subtasks = %+v, want two with a TaskManager and a place", vertex.Subtasks)
			}
		})
	}
}

func TestRecordedCheckpoints(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			c := decoded(t, version, "checkpoints", decodeCheckpoints)
			if len(c.History) != 3 || c.History[0].Status != CheckpointInProgress || c.History[0].FailureMessage != "" {
				t.Fatalf("history = %+v, want three, the newest in progress", c.History)
			}
			failed := c.Latest.Failed
			if failed == nil || failed.FailureMessage != "Checkpoint expired before completing." || failed.EndToEndDuration < 10_000 {
				t.Errorf("latest failed = %+v, want an expiry after 10 s", failed)
			}
			if c.Latest.Savepoint != nil || c.Latest.Restored != nil {
				t.Errorf("savepoint %v, restored %v; want none", c.Latest.Savepoint, c.Latest.Restored)
			}
			config := decoded(t, version, "checkpoints-config", decodeCheckpointConfig)
			want := CheckpointConfig{Mode: "exactly_once", Interval: 3000, Timeout: 10_000, MaxConcurrent: 1, TolerableFailedCheckpoints: 1000,
				StateBackend: "HashMapStateBackend", CheckpointStorage: "FileSystemCheckpointStorage"}
			want.Externalization.DeleteOnCancellation = true
			if diff := cmp.Diff(want, config); diff != "" {
				t.Errorf("checkpoint config (-want +got):\n%s", diff)
			}
			if !config.Periodic() {
				t.Error("an interval of 3 s is not periodic")
			}
			pending := decoded(t, version, "subtasks-pending", decodeSubtaskDetails)
			nothing := SubtaskCheckpoint{Index: 1, AckTimestamp: -1, EndToEnd: -1, StartDelay: -1, Alignment: -1, Sync: -1, Async: -1}
			if diff := cmp.Diff(nothing, pending.Subtasks[1]); diff != "" {
				t.Errorf("pending subtask (-want +got):\n%s", diff)
			}
			expired := decoded(t, version, "checkpoint-expired", decodeCheckpointDetails)
			if expired.Status != CheckpointFailed || len(expired.Tasks) != 3 {
				t.Errorf("expired checkpoint = %+v, want FAILED with three tasks", expired)
			}
		})
	}
}

// Up to 1.17 an expiry cancels the upload, later it runs on and reports late: both are reports and no acknowledgement.
func TestRecordedLateReport(t *testing.T) {
	want := map[string]SubtaskCheckpoint{
		"1.17.2": {Reported: true, Aborted: true, AckTimestamp: 1795349015468, EndToEnd: 10056, StartDelay: 53, Alignment: 19, Async: -1, Processed: 1073, Persisted: -1},
		"1.20.5": {Reported: true, Aborted: true, AckTimestamp: 1795347349124, EndToEnd: 29744, StartDelay: 31, Alignment: 10, Sync: 7, Async: 29663,
			CheckpointedSize: 2127580, StateSize: 2127580, Processed: 296},
		"2.2.1": {Reported: true, Aborted: true, AckTimestamp: 1795349184053, EndToEnd: 29575, StartDelay: 49, Alignment: 11, Async: 29501,
			CheckpointedSize: 2127580, StateSize: 2127580, Processed: 111},
	}
	for version, expected := range want {
		got := decoded(t, version, "subtasks-expired", decodeSubtaskDetails)
		if diff := cmp.Diff(expected, got.Subtasks[0]); diff != "" {
			t.Errorf("%s: late report (-want +got):\n%s", version, diff)
		}
	}
}

func TestRecordedMetrics(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			values := map[string]float64{}
			if err := decodeMetrics(recorded(t, version, "jobmanager-metrics"), values); err != nil {
				t.Fatal(err)
			}
			if values["Status.JVM.CPU.Time"] <= 0 || values["numRegisteredTaskManagers"] != 2 {
				t.Errorf("metrics = %v, want CPU time and two TaskManagers", values)
			}
			if v, known := values["Status.JVM.Memory.NonHeap.Max"]; known {
				t.Errorf("NonHeap.Max = %v; the JVM says -1, which is not known", v)
			}
			if names := decoded(t, version, "jobmanager-metric-names", decodeMetricNames); len(names) < 25 {
				t.Errorf("%d names, want all of them", len(names))
			}
			values = map[string]float64{}
			if err := decodeMetrics(recorded(t, version, "vertex-metrics"), values); err != nil {
				t.Fatal(err)
			}
			if got := bySubtask(values); len(got) != 2 || got[1]["numRecordsIn"] <= 0 {
				t.Errorf("by subtask = %v, want two subtasks with their records", got)
			}
			if got := decoded(t, version, "jobmanager-config", decodeJobManagerConfig); got["execution.checkpointing.timeout"] != "10 s" {
				t.Errorf("timeout in the configuration = %q, want 10 s", got["execution.checkpointing.timeout"])
			}
			if got := decoded(t, version, "taskmanager", decodeTaskManager); got.Metrics == nil || got.Metrics.HeapMax <= 0 || len(got.Metrics.GarbageCollector) == 0 {
				t.Errorf("TaskManager = %+v, want its heap and collectors", got)
			}
			pressure := decoded(t, version, "backpressure", decodeBackPressure)
			if !pressure.Sampled || pressure.Level != "ok" || len(pressure.Subtasks) != 2 || pressure.Subtasks[0].Idle < 0.9 {
				t.Errorf("back pressure = %+v, want two idle subtasks", pressure)
			}
		})
	}
}

func TestRecordedExceptions(t *testing.T) {
	for _, version := range versions {
		if got := decoded(t, version, "exceptions", decodeExceptions); len(got.Entries) != 0 {
			t.Errorf("%s: %d exceptions, want none", version, len(got.Entries))
		}
	}
	got := decoded(t, "1.20.5", "exceptions-declined", decodeExceptions)
	if len(got.Entries) != 2 {
		t.Fatalf("%d exceptions, want 2", len(got.Entries))
	}
	want := ExceptionEntry{Name: "java.io.IOException", Timestamp: 1795348933840, TaskName: "state (2/2) - execution #9",
		Endpoint: "localhost:21042", Location: "localhost:21042", TaskManagerID: "tm-2"}
	if diff := cmp.Diff(want, got.Entries[0], cmpopts.IgnoreFields(ExceptionEntry{}, "Stacktrace")); diff != "" {
		t.Errorf("exception (-want +got):\n%s", diff)
	}
}

// What a version or a proxy's JSON library may write otherwise.
func TestTolerance(t *testing.T) {
	config, err := decodeCheckpointConfig([]byte(`{"mode":"exactly_once","interval":9223372036854775807,"timeout":"600000","max_concurrent":1.0,"min_pause":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if config.Interval != math.MaxInt64 || config.Periodic() || config.Timeout != 600_000 || config.MaxConcurrent != 1 || config.MinPause != 0 {
		t.Errorf("config = %+v, want interval Long.MAX_VALUE (not periodic), timeout 600000 and one at a time", config)
	}
	details, err := decodeSubtaskDetails([]byte(`{"id":"7","subtasks":[{"index":0,"status":"completed","ack_timestamp":"12","end_to_end_duration":3.0,"checkpoint":{"sync":null}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := SubtaskCheckpoint{Reported: true, AckTimestamp: 12, EndToEnd: 3, Sync: -1, Async: -1}
	if diff := cmp.Diff(want, details.Subtasks[0]); diff != "" || details.ID != 7 {
		t.Errorf("subtask of checkpoint %d (-want +got):\n%s", details.ID, diff)
	}
	pressure, err := decodeBackPressure([]byte(`{"status":"ok","backpressureLevel":"high","subtasks":[{"subtask":0,"ratio":1.3,"busyRatio":"NaN"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	s := pressure.Subtasks[0]
	if pressure.Level != "high" || s.BackPressured != 1 || !math.IsNaN(s.Busy) || !math.IsNaN(s.Idle) {
		t.Errorf("back pressure = %+v, want high, 1, and NaN where there is nothing", pressure)
	}
	checkpoints, err := decodeCheckpoints([]byte(`{"summary":{"end_to_end_duration":{"p50":"NaN","p95":7.5}},"history":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := checkpoints.Summary.EndToEndDuration.P50.Value(); ok {
		t.Error(`p50 "NaN" has a value`)
	}
	if v, ok := checkpoints.Summary.EndToEndDuration.P95.Value(); !ok || v != 7.5 {
		t.Errorf("p95 = %v, %v; want 7.5", v, ok)
	}
}

func TestNotFlink(t *testing.T) {
	for text, decode := range map[string]func([]byte) error{
		`{"status":"ok"}`: func(b []byte) error { _, err := decodeJobs(b); return err },
		`{}`:              func(b []byte) error { _, err := decodeCheckpoints(b); return err },
		`[]`:              func(b []byte) error { _, err := decodeOverview(b); return err },
	} {
		if err := decode([]byte(text)); err == nil {
			t.Errorf("%s is taken for an answer of Flink", text)
		}
	}
}
