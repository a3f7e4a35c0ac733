// Package engine computes when the checkpoints of one simulated Flink job are triggered, acknowledged,
// completed or expired, and where the time of each subtask goes.
//
// It is a closed loop: durations follow from the state size, bandwidth, latencies, the JobManager's CPU and heap, its
// io pool, deletes, and the checkpoint settings in force, with seeded noise. Nothing is scripted, so a remedy
// works only where it changes what really takes the time.
//
// The package is pure. Time is a number (milliseconds since the Unix epoch, fractions allowed) that the caller
// passes to Advance; there is no clock, no goroutine and no timer. One Engine is one attempt of a job, from the start
// of a JobManager to its end. An Engine is not safe for concurrent use.
//
// The mechanics follow Flink 1.17 to 2.3: CheckpointCoordinator and CheckpointRequestDecider (triggering, timeouts,
// cleaning), SubtaskCheckpointCoordinatorImpl (order of the phases), the single thread of a subtask's asynchronous
// part (FLINK-34670), and the jobmanager-io pool that acknowledgements, metadata writes and deletes share; with high
// availability the deletes of replaced checkpoints have a pool of their own, cluster-io.
package engine
