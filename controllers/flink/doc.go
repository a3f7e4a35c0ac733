// Package flink is a typed client of the REST API of Apache Flink 1.15 to 2.3. It knows nothing of Kubernetes or of us.
//
// Construct one per JobManager and share it; a Client is safe for concurrent use.
//
//	c, err := flink.New("http://payments-rest:8081",
//	        flink.WithTimeout(60*time.Second), flink.WithBearerToken(token), flink.WithReport(func(flink.Report) {…}))
//
// One method an endpoint, one file a family of endpoints:
//
//	overview.go      Overview, DashboardConfig
//	jobs.go          Jobs, Job, JobConfig
//	checkpoints.go   Checkpoints, CheckpointConfig
//	details.go       CheckpointDetails, SubtaskDetails
//	vertices.go      Vertex (which TaskManager runs which subtask), BackPressure
//	exceptions.go    Exceptions
//	metrics.go       JobManagerMetrics, TaskManagerMetrics, JobMetrics, VertexMetrics, and the lists of their names
//	jobmanager.go    JobManagerConfig
//	taskmanagers.go  TaskManagers, TaskManager
//	threads.go       JobManagerThreadDump, TaskManagerThreadDump
//	logs.go          JobManagerLogs, JobManagerLog, TaskManagerLogs, TaskManagerLog
//
// What holds for all of them:
//
//   - Times are Flink's own: epoch milliseconds (int64); durations are milliseconds (int64); sizes are bytes. -1 is Flink's mark
//     for "not yet" or "never ended" and is kept. Long.MAX_VALUE as interval means that periodic checkpoints are off
//     (see CheckpointConfig.Periodic). Floats without a value are NaN.
//   - Answers whose values are compared over time carry Received: when the answer came and how long it took. A JobManager
//     starved of CPU answers in 5 s, at worst 37 s (measured on 1.20.5), so how long an answer took is evidence, and the
//     default timeout is longer than that.
//   - A number that comes as a string, a float where an int is documented, null and a missing field are all read; a field
//     that is absent is the zero value, or -1 where zero would be a claim (see SubtaskCheckpoint).
//   - Text from Flink is untrusted: it is cut to a length and control characters are taken out (newlines and tabs stay in
//     stack traces and logs).
//   - Bodies are bounded by what the endpoint needs (bounds.go), and so is what becomes of them: large answers of all clients of a
//     process share one Budget of memory (budget.go), and logs are read as they come. Redirects are not followed, and no URL in an error carries
//     credentials.
//
// Errors: *StatusError (an HTTP status that is not 200), *AnswerError (200, and not what the API says: a web page, half an
// answer, too large) and *UnreachableError (no answer at all). All three say what was asked, what came back and what to
// try; errors.Is knows ErrUnreachable, ErrNotFound, ErrCheckpointingNotEnabled, ErrUnauthorized, ErrUnavailable,
// ErrMalformed, ErrTooLarge and ErrBusy.
package flink
