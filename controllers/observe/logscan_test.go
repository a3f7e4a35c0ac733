package observe

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const job32 = "9ee5f488e87f39d44f7cd9e6da6ff1cd"

// jobManagerLog: checkpoint 4 completes, 5 expires after 10 s and is acknowledged late, 6 is pending. The clock is 8 h ahead of UTC.
var jobManagerLog = strings.Join([]string{
	`2026-03-01 20:00:00,000 INFO  org.apache.flink.runtime.entrypoint.ClusterEntrypoint [] -  Starting KubernetesApplicationClusterEntrypoint (Version: 1.17.2-amzn-1, Scala: 2.12)`,
	`2026-03-01 20:00:01,000 INFO  org.apache.flink.configuration.GlobalConfiguration [] - Loading configuration property: execution.checkpointing.timeout, 10 s`,
	`2026-03-01 20:00:01,000 INFO  org.apache.flink.configuration.GlobalConfiguration [] - Loading configuration property: s3.secret-key, hunter2`,
	`2026-03-01 20:00:02,000 INFO  org.apache.flink.runtime.executiongraph.ExecutionGraph [] - Source: orders -> Map (1/2) (` + job32 + `_bc764cd8ddf7a0cff126f51c16239658_0_0) switched from SCHEDULED to DEPLOYING.`,
	`2026-03-01 20:00:03,010 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Triggering checkpoint 4 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1772366403000 for job ` + job32 + `.`,
	`2026-03-01 20:00:04,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Completed checkpoint 4 for job ` + job32 + ` (2523646 bytes, checkpointDuration=990 ms, finalizationTime=3 ms).`,
	`2026-03-01 20:00:06,012 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Triggering checkpoint 5 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1772366406000 for job ` + job32 + `.`,
	`2026-03-01 20:00:16,014 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Checkpoint 5 of job ` + job32 + ` expired before completing.`,
	`2026-03-01 20:00:16,015 WARN  org.apache.flink.runtime.checkpoint.CheckpointFailureManager [] - Failed to trigger or complete checkpoint 5 for job ` + job32 + `. (0 consecutive failed attempts so far)`,
	`org.apache.flink.runtime.checkpoint.CheckpointException: Checkpoint expired before completing.`,
	`	at org.apache.flink.runtime.checkpoint.CheckpointCoordinator$CheckpointCanceller.run(CheckpointCoordinator.java:2187) ~[flink-dist-1.17.2.jar:1.17.2]`,
	`2026-03-01 20:00:18,000 WARN  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Received late message for now expired checkpoint attempt 5 from task ` + job32 + `_bc764cd8ddf7a0cff126f51c16239658_1_0 of job ` + job32 + ` at tm-2 @ localhost (dataPort=1).`,
	`2026-03-01 20:00:16,020 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Triggering checkpoint 6 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1772366416018 for job ` + job32 + `.`,
}, "\n") + "\n"

func scan(t *testing.T, process, text string) *LogReport {
	t.Helper()
	report, err := ScanLog(strings.NewReader(text), process)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// told is what is compared of a checkpoint that logs tell of.
type told struct {
	ID            int64
	Status        model.CheckpointStatus
	Duration, Lag time.Duration
	Size          int64
	Expired       bool
}

func tell(history []model.Checkpoint) []told {
	var out []told
	for i := range history {
		c := &history[i]
		out = append(out, told{c.ID, c.Status, c.Duration, c.TriggerLag, c.CheckpointedSize, c.Expired()})
	}
	return out
}

// wantHistory is what jobManagerLog tells.
var wantHistory = []told{
	{ID: 6, Status: model.CheckpointInProgress, Duration: model.Unknown, Lag: 2 * time.Millisecond},
	{ID: 5, Status: model.CheckpointFailed, Duration: 10014 * time.Millisecond, Lag: 12 * time.Millisecond, Expired: true},
	{ID: 4, Status: model.CheckpointCompleted, Duration: 990 * time.Millisecond, Lag: 10 * time.Millisecond, Size: 2523646},
}

func TestFromLogs(t *testing.T) {
	s := FromLogs([]*LogReport{scan(t, "jm.log", jobManagerLog)}, nil, time.Time{}, Selector{})
	if !s.Availability.Judgeable() || s.Job.ID != job32 || s.Job.FlinkVersion != "1.17.2-amzn-1" {
		t.Fatalf("availability %+v, job %+v", s.Availability, s.Job)
	}
	if diff := cmp.Diff(wantHistory, tell(s.Checkpoints.History)); diff != "" {
		t.Errorf("the history differs (-want +got):\n%s", diff)
	}
	wantVertices := []model.Vertex{{ID: "bc764cd8ddf7a0cff126f51c16239658", Name: "Source: orders -> Map", Parallelism: 2, Role: model.RoleSource}}
	if diff := cmp.Diff(wantVertices, s.Vertices); diff != "" {
		t.Errorf("the vertices differ (-want +got):\n%s", diff)
	}
	if s.Settings.Timeout.Value != 10*time.Second || s.Settings.Cluster["s3.secret-key"] != "" {
		t.Errorf("timeout %+v, cluster %v", s.Settings.Timeout, s.Settings.Cluster)
	}
	if want := time.Date(2026, 3, 1, 12, 0, 16, 20e6, time.UTC); !s.At.Equal(want) {
		t.Errorf("at %s, want %s: the log's clock is 8 h ahead of UTC", s.At, want)
	}
}

func TestLateAcknowledgementsFromLogs(t *testing.T) {
	s := FromLogs([]*LogReport{scan(t, "jm.log", jobManagerLog)}, nil, time.Time{}, Selector{})
	expired := s.Checkpoints.History[1]
	want := []model.LateAck{{VertexID: "bc764cd8ddf7a0cff126f51c16239658", Subtask: 1, EndToEnd: 12 * time.Second}}
	if diff := cmp.Diff(want, expired.LateAcks); diff != "" || expired.Tasks != nil {
		t.Errorf("tasks %+v; the late acknowledgements differ (-want +got):\n%s", expired.Tasks, diff)
	}
}

func TestTimeoutIsReadOffAnExpiry(t *testing.T) {
	var lines []string
	for line := range strings.SplitSeq(jobManagerLog, "\n") {
		if !strings.Contains(line, "Loading configuration") {
			lines = append(lines, line)
		}
	}
	s := FromLogs([]*LogReport{scan(t, "jm.log", strings.Join(lines, "\n"))}, nil, time.Time{}, Selector{})
	if got := s.Settings.Timeout; got.Value != 10*time.Second || got.Origin != api.OriginUnknown {
		t.Errorf("timeout %+v, want 10 s of unknown origin", got)
	}
	if !s.Missing(model.GapConfiguration) || !s.Missing(model.GapCheckpointDetails) {
		t.Errorf("gaps %+v, want configuration and details", s.Gaps)
	}
}

func zip(t *testing.T, text string) string {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped.String()
}

// eachLine changes every line of jobManagerLog.
func eachLine(change func(string) string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(jobManagerLog, "\n"), "\n") {
		b.WriteString(change(line) + "\n")
	}
	return b.String()
}

func levelFirst(line string) string {
	if !strings.HasPrefix(line, "2026") {
		return line
	}
	return "[INFO ] " + strings.Replace(line[:23], " ", "T", 1) + " [jobmanager-io-thread-1] " + line[30:]
}

// The same log in other clothes says the same.
func TestLayouts(t *testing.T) {
	tests := map[string]string{
		"plain":      jobManagerLog,
		"CRLF":       strings.ReplaceAll(jobManagerLog, "\n", "\r\n"),
		"gzip":       zip(t, jobManagerLog),
		"containerd": eachLine(func(line string) string { return "2026-03-01T12:00:00.123456789Z stdout F " + line }),
		"docker json": eachLine(func(line string) string {
			return sprintf(`{"log":%q,"stream":"stdout","time":"2026-03-01T12:00:00.1Z"}`, line+"\n")
		}),
		"kubectl": eachLine(func(line string) string {
			return "[pod/payments-5d4/flink-main-container] 2026-03-01T12:00:00.123456789Z " + line
		}),
		"compose":     eachLine(func(line string) string { return "jobmanager-1  | " + line }),
		"terminal":    eachLine(func(line string) string { return "\x1b[32m" + line + "\x1b[0m" }),
		"thread":      strings.ReplaceAll(jobManagerLog, "INFO  ", "INFO  [74] "),
		"level first": eachLine(levelFirst),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			s := FromLogs([]*LogReport{scan(t, "jm.log", text)}, nil, time.Time{}, Selector{})
			if diff := cmp.Diff(wantHistory, tell(s.Checkpoints.History)); diff != "" {
				t.Errorf("the history differs (-want +got):\n%s", diff)
			}
			if n := countOf(&s, model.LogExpired); n != 1 {
				t.Errorf("%d expiries counted, want 1", n)
			}
		})
	}
}

// countOf is how often a kind of line was seen.
func countOf(s *model.Snapshot, kind model.LogKind) int {
	n := 0
	for _, signal := range s.Logs {
		if signal.Kind == kind {
			n += signal.Count
		}
	}
	return n
}

func TestJSONLayout(t *testing.T) {
	report := scan(t, "jm", `{"@timestamp":"2026-03-01T12:00:16.014Z","log.level":"INFO","log.logger":"org.apache.flink.runtime.checkpoint.CheckpointCoordinator","message":"Checkpoint 5 of job `+job32+` expired before completing."}
{"instant":{"epochSecond":1772366416,"nanoOfSecond":14000000},"level":"ERROR","loggerName":"x","message":"upload failed","thrown":{"extendedStackTrace":"com.amazonaws.services.s3.model.AmazonS3Exception: Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown)"}}
`)
	kinds := map[model.LogKind]int{}
	for _, signal := range report.Signals {
		kinds[signal.Kind] = signal.Count
	}
	if kinds[model.LogExpired] != 1 || kinds[model.LogStorageThrottled] != 1 || report.Last.Unix() != 1772366416 {
		t.Errorf("signals %+v, last %s", report.Signals, report.Last)
	}
}

func TestSignals(t *testing.T) {
	const stamp = "2026-03-01 20:00:00,000 WARN  org.example.Logger [] - "
	tests := []struct {
		text   string
		kind   model.LogKind
		detail string
	}{
		{stamp + "Transient association error\norg.apache.pekko.remote.OversizedPayloadException: Discarding oversized payload sent to Actor[x]: max allowed size 500000 bytes, actual size of encoded class org.apache.flink.runtime.rpc.messages.RemoteFencedMessage was 725411 bytes.",
			model.LogOversizedPayload, "max allowed size 500000 bytes, actual size of encoded class org.apache.flink.runtime.rpc.messages.RemoteFencedMessage was 725411 bytes"},
		{stamp + "Triggering Checkpoint 3 for job " + job32 + " failed due to java.util.concurrent.TimeoutException: x", model.LogTriggerFailed, "java.util.concurrent.TimeoutException"},
		{stamp + "x\njava.util.concurrent.TimeoutException: Invocation of [RemoteRpcInvocation(JobMasterGateway.updateTaskExecutionState(TaskExecutionState))] at recipient [x] timed out.", model.LogRPCTimeout, "JobMasterGateway.updateTaskExecutionState"},
		{stamp + "Heartbeat of TaskManager with id tm-1 timed out.", model.LogHeartbeatTimeout, "TaskManager"},
		{stamp + "The heartbeat of JobManager with id 5 timed out.", model.LogHeartbeatTimeout, "JobManager"},
		{stamp + "TaskManager with id tm-1 is no longer reachable.", model.LogHeartbeatTimeout, "TaskManager"},
		{stamp + "Status Code: 503, AWS Service: Amazon S3, AWS Error Code: SlowDown", model.LogStorageThrottled, ""},
		{stamp + "x\njava.io.IOException: Could not flush and close the file system output stream to s3://b/c", model.LogStorageError, ""},
		{stamp + "Could not properly discard completed checkpoint 5.", model.LogDiscardFailed, "completed checkpoint 5"},
		{stamp + "Decline checkpoint 5 by task a_b_0_0 of job " + job32 + " at tm-1", model.LogDeclined, "5 by task a_b_0_0"},
		{stamp + "state (1/2)#0 - asynchronous part of checkpoint 12 could not be completed.", model.LogAsyncFailed, "12"},
		{stamp + "Exceeded checkpoint tolerable failure threshold.", model.LogToleranceExceeded, ""},
		{stamp + "Checkpoint [7] duration exceeded checkpoint timeout of [600000]ms", model.LogPlatformTimeout, "600000"},
		{stamp + "Checkpoint [7] failed: Checkpoint is too late", model.LogPlatformTimeout, ""},
		{stamp + "x\njava.lang.OutOfMemoryError: Java heap space", model.LogOutOfMemory, "Java heap space"},
		{stamp + "x\njava.lang.NoSuchMethodException: y.registerTaskExecutor(z)", model.LogVersionMismatch, ""},
		{stamp + "state (1/2) (" + job32 + "_bc_0_0) switched from RUNNING to FAILED on tm-1", model.LogTaskFailure, "state (1/2)"},
	}
	for _, test := range tests {
		report := scan(t, "p", test.text+"\n")
		found := false
		for _, signal := range report.Signals {
			found = found || signal.Kind == test.kind && signal.Count == 1 && strings.HasSuffix(signal.Detail, test.detail) && signal.Sample != ""
		}
		if !found {
			t.Errorf("%q gave %+v, want one %q with detail %q", test.text, report.Signals, test.kind, test.detail)
		}
	}
}

func TestConsequencesAreNoCauses(t *testing.T) {
	report := scan(t, "p", "2026-03-01 20:00:00,000 WARN x [] - Could not flush and close the file system output stream\njava.util.concurrent.CancellationException: null\n")
	for _, signal := range report.Signals {
		if signal.Kind == model.LogStorageError {
			t.Errorf("what follows an abort was counted: %+v", signal)
		}
	}
}

func TestStuckTask(t *testing.T) {
	text := "2024-05-28 15:39:37,363 WARN org.apache.flink.runtime.taskmanager.Task [] - Task 'Source: Postgres Source -> Process (1/1)#0' did not react to cancell" +
		"ing signal - interrupting; it is stuck for 30 seconds in method:\n" +
		" java.net.SocketInputStream.socketRead0(Native Method)\njava.net.SocketInputStream.read(SocketInputStream.java:171)\norg.postgresql.core.VisibleBufferedInputStream.readMore(VisibleBufferedInputStream.java:161)\n\n" +
		"2024-05-28 15:39:38,000 INFO x [] - next\n"
	s := FromLogs([]*LogReport{scan(t, "tm.log", text)}, nil, time.Time{}, Selector{})
	if len(s.Stacks) != 1 || len(s.Stacks[0].Threads) != 1 {
		t.Fatalf("stacks %+v", s.Stacks)
	}
	thread := s.Stacks[0].Threads[0]
	if len(thread.Frames) != 3 || thread.Frames[2] != "org.postgresql.core.VisibleBufferedInputStream.readMore" || thread.Name != "Source: Postgres Source -> Process (1/1)#0" {
		t.Errorf("thread %+v", thread)
	}
}

func TestNoFlinkLog(t *testing.T) {
	s := FromLogs([]*LogReport{scan(t, "x", "hello\nworld\n")}, nil, time.UnixMilli(1), Selector{})
	if s.Availability.Reason != api.ReasonMalformedAnswer || !s.At.Equal(time.UnixMilli(1)) {
		t.Errorf("availability %+v at %s", s.Availability, s.At)
	}
	if _, err := ScanLog(strings.NewReader("\x1f\x8bbroken"), "x"); err == nil {
		t.Error("a broken gzip file was read")
	}
}

func TestParseConfig(t *testing.T) {
	for name, text := range map[string]string{
		"nested":   "execution:\n  checkpointing:\n    timeout: 15 min\ns3:\n  secret-key: x\n",
		"flat":     "execution.checkpointing.timeout: 15 min\ns3.secret-key: x\n",
		"not YAML": "execution.checkpointing.timeout: 15 min # as agreed\nenv.java.opts: -Dx=a: b: c\ns3.secret-key: x\n",
	} {
		config, err := ParseConfig([]byte(text))
		if err != nil || config["execution.checkpointing.timeout"] != "15 min" || config["s3.secret-key"] != "" {
			t.Errorf("%s: %v, %v", name, config, err)
		}
	}
	if _, err := ParseConfig([]byte("nonsense")); err == nil {
		t.Error("nonsense was read as a configuration")
	}
}

// incidents reads the quoted log lines of real incidents, by the name of their file.
func incidents(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../hack/evidence/incidents/data/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no incidents: %v", err)
	}
	lines := map[string][]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var incident struct {
			Log []string `json:"log"`
		}
		if err := yaml.Unmarshal(data, &incident); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		lines[strings.TrimSuffix(filepath.Base(file), ".yaml")] = incident.Log
	}
	return lines
}

// The log lines of real incidents, as people quote them.
func TestIncidentLogLines(t *testing.T) {
	quoted := incidents(t)
	for number, kinds := range map[string][]model.LogKind{
		"cdc-273": {model.LogExpired, model.LogToleranceExceeded}, "doris-426": {model.LogStuckTask},
		"hudi-8087": {model.LogExpired, model.LogToleranceExceeded}, "hudi-12523": {model.LogAsyncFailed},
	} {
		s := FromLogs([]*LogReport{scan(t, "quoted", strings.Join(quoted[number], "\n")+"\n")}, nil, time.UnixMilli(1), Selector{})
		for _, kind := range kinds {
			if countOf(&s, kind) == 0 {
				t.Errorf("incident %s: no %q in %+v", number, kind, s.Logs)
			}
		}
	}
	s := FromLogs([]*LogReport{scan(t, "quoted", strings.Join(quoted["cdc-273"], "\n")+"\n")}, nil, time.UnixMilli(1), Selector{})
	want := []told{{ID: 17, Status: model.CheckpointFailed, Duration: 180081 * time.Millisecond, Lag: 81 * time.Millisecond, Expired: true}}
	if diff := cmp.Diff(want, tell(s.Checkpoints.History)); diff != "" || s.Settings.Timeout.Value != 3*time.Minute {
		t.Errorf("timeout %+v; the history differs (-want +got):\n%s", s.Settings.Timeout, diff)
	}
}

// A log of months is longer than what is kept of it: what is kept is its end.
func TestScanLogKeepsTheNewest(t *testing.T) {
	var log strings.Builder
	const last = 3*maxLogEvents + 5
	for id := range last + 1 {
		fmt.Fprintf(&log, "2025-01-31 12:00:00,000 INFO x [] - Completed checkpoint %d for job %s (10 bytes, checkpointDuration=5 ms, finalizationTime=1 ms).\n", id, jobID)
	}
	report, err := ScanLog(strings.NewReader(log.String()), "jm")
	if err != nil {
		t.Fatal(err)
	}
	snapshot := FromLogs([]*LogReport{report}, nil, time.Time{}, Selector{})
	if newest := snapshot.Checkpoints.History[0].ID; newest != last || len(report.events) != maxLogEvents {
		t.Errorf("newest checkpoint %d of %d events, want %d of %d", newest, len(report.events), last, maxLogEvents)
	}
}
