package flinksim

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// logLine is one event of a log with the lines that follow it.
type logLine struct {
	at    float64
	level string
	from  string // the logger's class
	text  string
	more  []string // lines without a timestamp: causes
}

// written is the log in the layout of Flink's log4j-console.properties, in time order.
func written(lines []logLine) string {
	sort.SliceStable(lines, func(a, b int) bool { return lines[a].at < lines[b].at })
	var b strings.Builder
	for _, l := range lines {
		when := time.UnixMilli(int64(l.at)).UTC().Format("2006-01-02 15:04:05.000")
		fmt.Fprintf(&b, "%s %-5s %-60s [] - %s\n", strings.Replace(when, ".", ",", 1), l.level, l.from, l.text)
		for _, more := range l.more {
			b.WriteString(more + "\n")
		}
	}
	return b.String()
}

const (
	coordinatorLogger = "org.apache.flink.runtime.checkpoint.CheckpointCoordinator"
	failureLogger     = "org.apache.flink.runtime.checkpoint.CheckpointFailureManager"
)

// jobManagerLog is /jobmanager/log: the start, and what concerns the checkpoints of the history.
func (j *Job) jobManagerLog() string {
	start, _ := j.engine.Started()
	lines := []logLine{{at: start - 500, level: "INFO", from: "org.apache.flink.runtime.entrypoint.ClusterEntrypoint",
		text: fmt.Sprintf(" Starting KubernetesApplicationClusterEntrypoint (Version: %s, Scala: 2.12, Rev:0980485, Date:2026-06-08T09:21:06+02:00)", j.spec.Version)}}
	failures := 0
	history := j.engine.History()
	for i := len(history) - 1; i >= 0; i-- {
		c := history[i]
		lines = append(lines, logLine{at: c.Trigger, level: "INFO", from: coordinatorLogger,
			text: fmt.Sprintf("Triggering checkpoint %d (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ %d for job %s.", c.ID, whole(c.Trigger), j.id)})
		switch c.Status {
		case engine.Completed:
			failures = 0
			lines = append(lines, logLine{at: c.Finished, level: "INFO", from: coordinatorLogger,
				text: fmt.Sprintf("Completed checkpoint %d for job %s (%d bytes, checkpointDuration=%d ms, finalizationTime=%d ms).",
					c.ID, j.id, c.Bytes(), whole(c.Finished-c.Trigger), whole(c.Finished-c.LatestAck))})
		case engine.Failed:
			lines = append(lines, j.failureLines(c, failures)...)
			failures++
		default: // still in progress
		}
	}
	return written(lines)
}

func (j *Job) failureLines(c *engine.Checkpoint, failures int) []logLine {
	var lines []logLine
	if c.Message == engine.MessageExpired {
		lines = append(lines, logLine{at: c.Failure, level: "INFO", from: coordinatorLogger,
			text: fmt.Sprintf("Checkpoint %d of job %s expired before completing.", c.ID, j.id)})
	}
	failed := logLine{at: c.Failure, level: "WARN", from: failureLogger,
		text: fmt.Sprintf("Failed to trigger or complete checkpoint %d for job %s. (%d consecutive failed attempts so far)", c.ID, j.id, failures),
		more: []string{"org.apache.flink.runtime.checkpoint.CheckpointException: " + c.Message}}
	if c.Message == engine.MessageAsync {
		failed.more = append(failed.more, storageCauses(j.spec.Name, c)...)
	}
	lines = append(lines, failed)
	for s, report := range c.Subtasks {
		if !report.Reported || !report.Aborted {
			continue
		}
		v, i := j.engine.Topology.Place(s)
		manager := j.engine.TaskManagerOf(v, i)
		lines = append(lines, logLine{at: report.Ack, level: "WARN", from: coordinatorLogger,
			text: fmt.Sprintf("Received late message for now expired checkpoint attempt %d from task %s_%s_%d_%d of job %s at %s @ 10.244.0.%d (dataPort=%d).",
				c.ID, engine.HexID(j.spec.Seed, 31), j.engine.Topology[v].ID, i, j.engine.Attempt(), j.id, j.taskManagerID(manager), 20+manager, 40000+manager)})
	}
	return lines
}

func storageCauses(bucketPrefix string, c *engine.Checkpoint) []string {
	return []string{
		"Caused by: org.apache.flink.util.SerializedThrowable: java.lang.Exception: Could not materialize checkpoint " + text(c.ID) + " for operator.",
		"Caused by: org.apache.flink.util.SerializedThrowable: java.io.IOException: Could not open output stream for state backend",
		"Caused by: org.apache.flink.util.SerializedThrowable: com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; bucket: acme-flink/" + bucketPrefix + ")",
	}
}

// taskManagerLog is /taskmanagers/:id/log.
func (j *Job) taskManagerLog(i int) string {
	start, _ := j.engine.Started()
	lines := []logLine{{at: start + 200, level: "INFO", from: "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
		text: fmt.Sprintf(" Starting TaskManager (Version: %s, Scala: 2.12, Rev:0980485, Date:2026-06-08T09:21:06+02:00)", j.taskManagerVersion())}}
	for _, c := range j.engine.History() {
		p := j.engine.Physics(c.Trigger)
		switch {
		case c.Message == engine.MessageAsync:
			lines = append(lines, logLine{at: c.Failure - 20, level: "INFO", from: "org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable",
				text: fmt.Sprintf("%s (%d/%d)#%d - asynchronous part of checkpoint %d could not be completed.", j.statefulName(), i+1, j.engine.TaskManagers, j.engine.Attempt(), c.ID),
				more: []string{"java.util.concurrent.ExecutionException: java.io.IOException: Could not open output stream for state backend",
					"Caused by: com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)"}})
		case p.AckBytes > j.engine.Settings.FrameSize:
			lines = append(lines, logLine{at: c.Trigger + 190, level: "ERROR", from: "org.apache.pekko.remote.EndpointWriter",
				text: "Transient association error (association remains live)",
				more: []string{fmt.Sprintf("org.apache.pekko.remote.OversizedPayloadException: Discarding oversized payload sent to Actor[pekko.tcp://flink@%s.%s:6123/user/rpc/jobmanager_2#-1058255045]: "+
					"max allowed size %d bytes, actual size of encoded class org.apache.flink.runtime.rpc.messages.RemoteFencedMessage was %d bytes.", j.Name, j.Namespace, j.engine.Settings.FrameSize, p.AckBytes)}})
		}
	}
	return written(lines)
}

func (j *Job) taskManagerVersion() string {
	if j.spec.TaskManagerVersion != "" {
		return j.spec.TaskManagerVersion
	}
	return j.spec.Version
}

func (j *Job) statefulName() string {
	for _, v := range j.engine.Topology {
		if v.Kind == engine.Stateful {
			return v.Name
		}
	}
	return j.engine.Topology[0].Name
}

// logList is /jobmanager/logs and /taskmanagers/:id/logs.
func logList(now float64, size int) object {
	return object{"logs": []object{{"name": "flink.log", "size": size, "mtime": whole(now)}}}
}

// exceptions is /jobs/:id/exceptions.
func (j *Job) exceptions() object {
	entries := []object{}
	for _, f := range j.engine.Failovers {
		entries = append(entries, j.exceptionEntry(f))
	}
	out := object{"exceptionHistory": object{"entries": entries, "truncated": false}}
	if j.major2() {
		return out
	}
	out["root-exception"], out["timestamp"], out["all-exceptions"], out["truncated"] = nil, nil, []object{}, false
	if len(entries) > 0 {
		first := entries[0]
		out["root-exception"], out["timestamp"] = first["stacktrace"], first["timestamp"]
		legacy := object{"exception": first["stacktrace"], "timestamp": first["timestamp"]}
		for to, from := range map[string]string{"task": "taskName", "location": "location", "endpoint": "endpoint", "taskManagerId": "taskManagerId"} {
			if value, has := first[from]; has {
				legacy[to] = value
			}
		}
		out["all-exceptions"] = []object{legacy}
	}
	return out
}

func (j *Job) exceptionEntry(f engine.Failover) object {
	entry := object{"timestamp": whole(f.Time), "concurrentExceptions": []object{}}
	if j.engine.Settings.AtLeast(1, 18) {
		entry["failureLabels"] = object{}
	}
	if f.Subtask < 0 {
		entry["exceptionName"] = "org.apache.flink.util.FlinkRuntimeException"
		entry["stacktrace"] = "org.apache.flink.util.FlinkRuntimeException: Stop-with-savepoint failed.\n"
		if f.Checkpoint != 0 {
			entry["stacktrace"] = "org.apache.flink.util.FlinkRuntimeException: " + engine.MessageNotTolerated + "\n"
		}
		return entry
	}
	v, i := j.engine.Topology.Place(f.Subtask)
	vertex := j.engine.Topology[v]
	manager := j.engine.TaskManagerOf(v, i)
	task := fmt.Sprintf("%s (%d/%d)", vertex.Name, i+1, vertex.Parallelism)
	entry["exceptionName"] = "java.io.IOException"
	entry["stacktrace"] = fmt.Sprintf("java.io.IOException: Could not perform checkpoint %d for operator %s#%d.\n"+
		"\tat org.apache.flink.streaming.runtime.tasks.StreamTask.triggerCheckpointOnBarrier(StreamTask.java:1394)\n"+
		"Caused by: org.apache.flink.runtime.checkpoint.CheckpointException: Could not complete snapshot %d for operator %s#%d. Failure reason: Checkpoint was declined.\n"+
		"\tat org.apache.flink.streaming.api.operators.StreamOperatorStateHandler.snapshotState(StreamOperatorStateHandler.java:300)\n"+
		"Caused by: %s", f.Checkpoint, task, f.Attempt, f.Checkpoint, task, f.Attempt, j.spec.Flavor.Exception)
	entry["taskName"] = fmt.Sprintf("%s - execution #%d", task, f.Attempt)
	entry["taskManagerId"] = j.taskManagerID(manager)
	if j.engine.Settings.AtLeast(1, 19) {
		entry["endpoint"] = j.endpoint(manager)
	}
	if !j.major2() {
		entry["location"] = j.endpoint(manager)
	}
	return entry
}
