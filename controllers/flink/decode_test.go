package flink

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
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

func same[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestRecordedOverview(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			same(t, "version in config", version, decoded(t, version, "config", decodeDashboardConfig).Version)
			same(t, "overview", Overview{Version: version, TaskManagers: 2, SlotsTotal: 2, JobsRunning: 1},
				decoded(t, version, "overview", decodeOverview), cmpopts.IgnoreFields(Overview{}, "Commit"))
		})
	}
}

func TestRecordedJob(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			jobs, job := decoded(t, version, "jobs-overview", decodeJobs), decoded(t, version, "job", decodeJob)
			overview := JobOverview{ID: job.ID, Name: "faultjob", State: "RUNNING", StartTime: job.StartTime, EndTime: -1}
			overview.Tasks.Total, overview.Tasks.Running = 6, 6
			same(t, "jobs", []JobOverview{overview}, jobs, cmpopts.IgnoreFields(JobOverview{}, "Duration", "LastModification"))
			source, state, sink := job.Vertices[0], job.Vertices[1], job.Vertices[2]
			same(t, "vertices", []string{"Source: events", "state", "sink"}, []string{source.Name, state.Name, sink.Name})
			same(t, "inputs", [][]string{nil, {source.ID}, {state.ID}}, [][]string{source.Inputs, state.Inputs, sink.Inputs})
			if job.Now <= job.StartTime || job.Timestamps["RUNNING"] < job.StartTime {
				t.Errorf("now %d and RUNNING %d, want both after start %d", job.Now, job.Timestamps["RUNNING"], job.StartTime)
			}
		})
	}
}

func TestRecordedVertex(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			vertex := decoded(t, version, "vertex", decodeVertex)
			same(t, "subtasks", []SubtaskStatus{{Index: 0, Status: "RUNNING", TaskManagerID: "tm-1"}, {Index: 1, Status: "RUNNING", TaskManagerID: "tm-2"}},
				vertex.Subtasks, cmpopts.IgnoreFields(SubtaskStatus{}, "Endpoint", "Host", "StartTime", "Work"))
			if vertex.Subtasks[0].Endpoint+vertex.Subtasks[0].Host == "" {
				t.Error("the subtask names no place")
			}
			pressure := decoded(t, version, "backpressure", decodeBackPressure)
			same(t, "back pressure", []any{true, "ok", 2}, []any{pressure.Sampled, pressure.Level, len(pressure.Subtasks)})
			if pressure.Subtasks[0].Idle < 0.9 {
				t.Errorf("idle = %v, want an idle subtask", pressure.Subtasks[0].Idle)
			}
		})
	}
}

// A reading of a minute: some 37,000 records in two seconds of work.
func TestRecordedWork(t *testing.T) {
	for _, version := range versions {
		for _, s := range decoded(t, version, "vertex", decodeVertex).Subtasks {
			if w := s.Work; !w.ReadComplete || !w.WriteComplete || w.ReadRecords < 30_000 || w.WriteRecords < 30_000 {
				t.Errorf("%s: records of subtask %d are %+v", version, s.Index, w)
			}
			if w := s.Work; w.Busy < 1000 || w.Idle < 60_000 || w.BackPressured != 0 {
				t.Errorf("%s: times of subtask %d are %+v", version, s.Index, w)
			}
		}
	}
}

func TestRecordedCheckpoints(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			c := decoded(t, version, "checkpoints", decodeCheckpoints)
			same(t, "statuses, newest first", []string{CheckpointInProgress, CheckpointFailed, CheckpointFailed},
				[]string{c.History[0].Status, c.History[1].Status, c.History[2].Status})
			same(t, "message of the latest failure", "Checkpoint expired before completing.", c.Latest.Failed.FailureMessage)
			if c.Latest.Failed.EndToEndDuration < 10_000 {
				t.Errorf("it took %d ms, want the timeout of 10 s or more", c.Latest.Failed.EndToEndDuration)
			}
			if c.Latest.Savepoint != nil || c.Latest.Restored != nil {
				t.Errorf("savepoint %v, restored %v; want none", c.Latest.Savepoint, c.Latest.Restored)
			}
			expired := decoded(t, version, "checkpoint-expired", decodeCheckpointDetails)
			same(t, "tasks and status of an expired checkpoint", []any{3, CheckpointFailed}, []any{len(expired.Tasks), expired.Status})
			pending := decoded(t, version, "subtasks-pending", decodeSubtaskDetails)
			same(t, "pending subtask", SubtaskCheckpoint{Index: 1, AckTimestamp: -1, EndToEnd: -1, StartDelay: -1, Alignment: -1, Sync: -1, Async: -1},
				pending.Subtasks[1])
		})
	}
}

func TestRecordedCheckpointConfig(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			want := CheckpointConfig{Mode: "exactly_once", Interval: 3000, Timeout: 10_000, MaxConcurrent: 1, TolerableFailedCheckpoints: 1000,
				StateBackend: "HashMapStateBackend", CheckpointStorage: "FileSystemCheckpointStorage"}
			want.Externalization.DeleteOnCancellation = true
			got := decoded(t, version, "checkpoints-config", decodeCheckpointConfig)
			same(t, "checkpoint config", want, got)
			if !got.Periodic() {
				t.Error("an interval of 3 s is not periodic")
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
		})
	}
}

func TestRecordedProcesses(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			same(t, "timeout in the configuration", "10 s", decoded(t, version, "jobmanager-config", decodeJobManagerConfig)["execution.checkpointing.timeout"])
			list, one := decoded(t, version, "taskmanagers", decodeTaskManagers), decoded(t, version, "taskmanager", decodeTaskManager)
			same(t, "TaskManager, number of them", []any{"tm-1", 2}, []any{one.ID, len(list)})
			if one.Metrics == nil || one.Metrics.HeapMax <= 0 || len(one.Metrics.GarbageCollector) == 0 {
				t.Errorf("TaskManager = %+v, want its heap and collectors", one)
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
	same(t, "config", CheckpointConfig{Mode: "exactly_once", Interval: math.MaxInt64, Timeout: 600_000, MaxConcurrent: 1}, config)
	if config.Periodic() {
		t.Error("an interval of Long.MAX_VALUE is periodic")
	}
	details, err := decodeSubtaskDetails([]byte(`{"id":"7","subtasks":[{"index":0,"status":"completed","ack_timestamp":"12","end_to_end_duration":3.0,"checkpoint":{"sync":null}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "details", VertexCheckpoint{ID: 7, Subtasks: []SubtaskCheckpoint{{Reported: true, AckTimestamp: 12, EndToEnd: 3, Sync: -1, Async: -1}}}, details)
	pressure, err := decodeBackPressure([]byte(`{"status":"ok","backpressureLevel":"high","subtasks":[{"subtask":0,"ratio":1.3,"busyRatio":"NaN"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "back pressure", BackPressure{Sampled: true, Level: "high", Subtasks: []SubtaskBackPressure{{BackPressured: 1, Idle: math.NaN(), Busy: math.NaN()}}},
		pressure, cmpopts.EquateNaNs())
}

// A history that is not there is none that is empty, and what was made room for is no answer.
func TestAnAbsentHistoryIsNoEmptyOne(t *testing.T) {
	for _, body := range []string{`{}`, `{"history":null}`, `{"counts":{"total":"1"}}`} {
		if c, err := decodeCheckpoints([]byte(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v; want that the history is missing", body, c, err)
		}
	}
	one := `{"status":"COMPLETED","trigger_timestamp":1}`
	for body, want := range map[string]int{
		`{"history":[]}`: 0, `{"counts":{"total":"1"},"history":[]}`: 0, `{"history":[` + one + `]}`: 1,
		`{"history":[` + strings.Repeat(one+",", 2*usualHistory) + one + `]}`: 2*usualHistory + 1,
	} {
		if c, err := decodeCheckpoints([]byte(body)); err != nil || len(c.History) != want {
			t.Errorf("%.60s: %d checkpoints, %v; want %d", body, len(c.History), err, want)
		}
	}
}

func TestQuantileWithoutData(t *testing.T) {
	c, err := decodeCheckpoints([]byte(`{"summary":{"end_to_end_duration":{"p50":"NaN","p95":7.5}},"history":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Summary.EndToEndDuration.P50.Value(); ok {
		t.Error(`p50 "NaN" has a value`)
	}
	if v, ok := c.Summary.EndToEndDuration.P95.Value(); !ok || v != 7.5 {
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
