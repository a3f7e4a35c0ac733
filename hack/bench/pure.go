package main

import (
	"fmt"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/verify"
)

// stages walks a snapshot through the pure stages.
func stages(doctor *diagnose.Doctor, snapshot *model.Snapshot, policy *model.Policy) model.Pass {
	pass := model.Pass{Now: snapshot.At, Snapshot: snapshot, Policy: *policy, Controls: model.Controls{Warm: true, Fleet: model.Fleet{Targets: 1}}}
	pass.Diagnosis = doctor.Diagnose(snapshot, policy, snapshot.At)
	pass.Verification = verify.Verify(snapshot, &pass.Diagnosis, policy, snapshot.At)
	pass.Decision = plan.Decide(plan.Input{
		Snapshot: snapshot, Diagnosis: &pass.Diagnosis, Verification: pass.Verification, Policy: policy, Now: snapshot.At, Controls: pass.Controls,
	})
	return pass
}

// benchPure measures the pure stages on a healthy job of 20 vertices and on a sick one of 25,000 subtasks.
func benchPure() ([]figure, error) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		return nil, fmt.Errorf("doctor: %w", err)
	}
	policy := model.ResolvePolicy("bench", &api.RemediationPolicySpec{Mode: api.ModeRemediate})
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	healthy, sick := healthyJob(now, 20), sickJob(now, 10, 2500)
	if reason := stages(doctor, healthy, &policy).Decision.WhyNot.Reason; reason != api.ReasonHealthyNothingToDo {
		return nil, fmt.Errorf("the healthy job of the benchmark is not judged healthy: %s", reason)
	}
	if decision := stages(doctor, sick, &policy).Decision; decision.Remedy == nil {
		return nil, fmt.Errorf("the sick job of the benchmark gets no remedy: %s", decision.WhyNot.Reason)
	}
	h := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			stages(doctor, healthy, &policy)
		}
	})
	s := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			stages(doctor, sick, &policy)
		}
	})
	return []figure{
		{"pure_healthy_us", float64(h.NsPerOp()) / 1e3},
		{"pure_healthy_allocs", float64(h.AllocsPerOp())},
		{"pure_sick_25k_ms", float64(s.NsPerOp()) / 1e6},
	}, nil
}

// known makes a setting that the target sets.
func known[T any](value T) model.Setting[T] {
	return model.Setting[T]{Value: value, Known: true, Origin: api.OriginTarget}
}

// job is what both jobs have in common.
func job(now time.Time, vertices, parallelism int) *model.Snapshot {
	s := &model.Snapshot{
		At:  now,
		Job: model.Job{ID: "0123456789abcdef0123456789abcdef", Name: "payments", State: "RUNNING", FlinkVersion: "1.20.5", StartTime: now.Add(-72 * time.Hour), RunningSince: now.Add(-72 * time.Hour), TasksTotal: vertices * parallelism, TasksRunning: vertices * parallelism},
		Settings: model.Settings{
			Timeout: known(10 * time.Minute), Interval: known(time.Minute), MinPause: known(time.Duration(0)), MaxConcurrent: known(1),
			ExactlyOnce: known(true), Unaligned: known(false), Incremental: known(false), StateBackend: known("rocksdb"),
		},
		Target: model.Target{
			APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Namespace: "shop", Name: "payments", UID: "u", Generation: 3,
			ObservedGeneration: 3, Lifecycle: "STABLE", Reconciliation: "DEPLOYED", JobManagerDeployment: "READY", JobState: "RUNNING",
			UpgradeMode: "last-state", HighAvailability: true, ResourceField: "resource",
			Config: map[string]string{"execution.checkpointing.timeout": "10 min", "execution.checkpointing.interval": "1 min"},
		},
		JobManager: model.JobManager{
			CPULimit: model.Measured(2), CPUUsage: model.Measured(0.1), HeapUsed: model.Measured(300 << 20), HeapMax: model.Measured(1 << 30), GCShare: model.Measured(0.01),
		},
		Past: model.Past{Passes: 100, Health: api.HealthHealthy, HealthyDuration: 20 * time.Second, HealthyUploadRate: model.Measured(14 << 20)},
	}
	for v := range vertices {
		role := model.RoleInner
		switch v {
		case 0:
			role = model.RoleSource
		case vertices - 1:
			role = model.RoleSink
		}
		vertex := model.Vertex{ID: fmt.Sprintf("v%d", v), Name: fmt.Sprintf("vertex %d", v), Status: "RUNNING", Parallelism: parallelism, Role: role}
		if v > 0 {
			vertex.Inputs = []int{v - 1}
		}
		s.Vertices = append(s.Vertices, vertex)
	}
	return s
}

// healthyJob completed ten checkpoints in twenty seconds each; no details were read, as in any healthy pass.
func healthyJob(now time.Time, vertices int) *model.Snapshot {
	s := job(now, vertices, 4)
	for i := range 10 {
		trigger := now.Add(-time.Duration(i+1) * time.Minute)
		s.Checkpoints.History = append(s.Checkpoints.History, model.Checkpoint{
			ID: int64(1000 - i), Status: model.CheckpointCompleted, Trigger: trigger, LatestAck: trigger.Add(20 * time.Second), Duration: 20 * time.Second,
			CheckpointedSize: 5 << 30, StateSize: 5 << 30, Subtasks: vertices * 4, Acknowledged: vertices * 4,
		})
	}
	s.Checkpoints.LatestCompleted = &s.Checkpoints.History[0]
	return s
}

// sickJob expired its last six checkpoints: the state uploads at a tenth of its own past. It has all that a deep pass reads: details of four
// checkpoints, back pressure and placement of every subtask, two dumps, logs and exceptions.
func sickJob(now time.Time, vertices, parallelism int) *model.Snapshot {
	s := job(now, vertices, parallelism)
	s.Deep = true
	for i := range 10 {
		trigger := now.Add(-time.Duration(i+1) * 10 * time.Minute)
		checkpoint := model.Checkpoint{
			ID: int64(1000 - i), Status: model.CheckpointCompleted, Trigger: trigger, LatestAck: trigger.Add(20 * time.Second), Duration: 20 * time.Second,
			CheckpointedSize: 5 << 30, StateSize: 5 << 30, Subtasks: vertices * parallelism, Acknowledged: vertices * parallelism,
		}
		if i < 6 {
			expire(&checkpoint, s.Vertices, parallelism, i < 3 || i == 5)
		}
		s.Checkpoints.History = append(s.Checkpoints.History, checkpoint)
	}
	s.Checkpoints.LatestCompleted = &s.Checkpoints.History[6]
	for v := range s.Vertices {
		s.Vertices[v].BackpressureLevel = "ok"
		for i := range parallelism {
			s.Vertices[v].Pressure = append(s.Vertices[v].Pressure, model.SubtaskPressure{Backpressured: model.Measured(0.02), Busy: model.Measured(0.3), Idle: model.Measured(0.68)})
			s.Vertices[v].Placement = append(s.Vertices[v].Placement, fmt.Sprintf("tm-%d", i%100))
		}
	}
	for _, at := range []time.Duration{10 * time.Second, 3 * time.Second} {
		s.Stacks = append(s.Stacks, dump(now.Add(-at), vertices/2))
	}
	for _, kind := range []model.LogKind{model.LogExpired, model.LogLateMessage, model.LogStorageThrottled} {
		s.Logs = append(s.Logs, model.LogSignal{Kind: kind, Process: "jobmanager", Count: 50, First: now.Add(-time.Hour), Last: now, Sample: "Checkpoint 1000 of job payments expired before completing."})
	}
	return s
}

// dump is 64 threads that wait in an upload, as many as a dump keeps.
func dump(at time.Time, vertex int) model.StackSample {
	sample := model.StackSample{At: at, PendingCheckpoint: 1001, PendingFor: 6 * time.Minute}
	for i := range 64 {
		sample.Threads = append(sample.Threads, model.ThreadStack{
			Process: fmt.Sprintf("tm-%d", i), Name: "AsyncOperations-thread-1", State: "RUNNABLE", Vertex: vertex, Subtask: i,
			Frames: []string{
				"java.net.SocketOutputStream.socketWrite0", "java.net.SocketOutputStream.write",
				"org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.write",
				"org.apache.flink.runtime.state.SnapshotStrategyRunner$1.callInternal", "java.util.concurrent.FutureTask.run", "java.lang.Thread.run",
			},
		})
	}
	return sample
}

// expire makes a checkpoint expire on the state's vertex, whose acknowledgements come late; detailed fills in every subtask.
func expire(c *model.Checkpoint, vertices []model.Vertex, parallelism int, detailed bool) {
	const timeout = 10 * time.Minute
	c.Status, c.Duration = model.CheckpointFailed, timeout+50*time.Millisecond
	c.Failure = &model.CheckpointFailure{At: c.Trigger.Add(c.Duration), Kind: model.FailureExpired, Message: "Checkpoint expired before completing."}
	c.Acknowledged -= parallelism
	if !detailed {
		return
	}
	for v := range vertices {
		task := model.TaskLedger{VertexID: vertices[v].ID, Vertex: v, Subtasks: parallelism, Acknowledged: parallelism, Entries: make([]model.SubtaskLedger, parallelism)}
		for i := range task.Entries {
			entry := model.SubtaskLedger{
				Index: i, Reported: true, StartDelay: 200 * time.Millisecond, Alignment: 100 * time.Millisecond, Sync: 300 * time.Millisecond,
				Async: time.Second, Residual: 20 * time.Millisecond, CheckpointedSize: 1 << 20, StateSize: 1 << 20,
			}
			if v == len(vertices)/2 {
				entry.Aborted, entry.Late = true, true
				entry.Async = 12*time.Minute + time.Duration(i)*10*time.Millisecond
				entry.CheckpointedSize, entry.StateSize = 1<<30, 1<<30
			}
			entry.EndToEnd = entry.StartDelay + entry.Alignment + entry.Sync + entry.Async + entry.Residual
			entry.Ack = c.Trigger.Add(entry.EndToEnd)
			task.Entries[i] = entry
		}
		if v == len(vertices)/2 {
			task.Acknowledged = 0
		}
		c.Tasks = append(c.Tasks, task)
	}
}
