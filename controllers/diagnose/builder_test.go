package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A job for tests: source -> state -> sink, a timeout of 10m and an interval of 1m. Times in seconds are shares of the timeout: 600 is all of it.
const (
	source = iota
	state
	sink
)

var testNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func testPolicy() *model.Policy {
	p := model.ResolvePolicy("", nil)
	return &p
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func set[T any](v T) model.Setting[T] {
	return model.Setting[T]{Value: v, Known: true, Origin: api.OriginTarget}
}

// jobOf is a running job without history, every subtask of parallelism n on TaskManager tm-1 (even) or tm-2 (odd).
func jobOf(n int) *model.Snapshot {
	s := &model.Snapshot{
		At:  testNow,
		Job: model.Job{ID: "j", Name: "orders", State: "RUNNING", FlinkVersion: "1.20.5", RunningSince: testNow.Add(-72 * time.Hour)},
		Settings: model.Settings{Timeout: set(10 * time.Minute), Interval: set(time.Minute), MaxConcurrent: set(1), MinPause: set(time.Duration(0)),
			ExactlyOnce: set(true), Unaligned: set(false), Incremental: set(true), StateBackend: set("rocksdb")},
		JobManager: model.JobManager{CPULimit: model.Measured(1), CPUUsage: model.Measured(0.05), CPULoad: model.Measured(0.05),
			HeapUsed: model.Measured(200 << 20), HeapMax: model.Measured(1 << 30), HeapSamples: 6, GCShare: model.Measured(0.01), IOThreads: model.Measured(1)},
		Requests: model.RequestTimes{Count: 10, Median: 40 * time.Millisecond, Max: 90 * time.Millisecond},
		Deep:     true,
	}
	names := []string{"Source: orders", "enrich -> join", "Sink: warehouse"}
	roles := []model.VertexRole{model.RoleSource, model.RoleInner, model.RoleSink}
	for v := range names {
		vertex := model.Vertex{ID: names[v], Name: names[v], Status: "RUNNING", Parallelism: n, Role: roles[v]}
		if v > 0 {
			vertex.Inputs = []int{v - 1}
		}
		for i := range n {
			vertex.Placement = append(vertex.Placement, []string{"tm-1", "tm-2"}[i%2])
			vertex.Pressure = append(vertex.Pressure, model.SubtaskPressure{Backpressured: model.Measured(0), Busy: model.Measured(0.05), Idle: model.Measured(0.95)})
		}
		s.Vertices = append(s.Vertices, vertex)
	}
	s.TaskManagers = []model.TaskManager{
		{ID: "tm-1", GCShare: model.Measured(0.01), HeapUsed: model.Measured(1 << 28), HeapMax: model.Measured(1 << 30)},
		{ID: "tm-2", GCShare: model.Measured(0.01), HeapUsed: model.Measured(1 << 28), HeapMax: model.Measured(1 << 30)},
	}
	s.Job.TasksTotal, s.Job.TasksRunning = 3*n, 3*n
	return s
}

// add puts checkpoints before the history, the first the newest, and gives them ids and triggers an interval apart (or behind one another where
// they last longer), the newest ending now.
func add(s *model.Snapshot, checkpoints ...model.Checkpoint) *model.Snapshot {
	end, id := testNow, int64(8121)
	for i := range checkpoints {
		c := &checkpoints[i]
		c.ID = id - int64(i)
		began := end.Add(-max(c.Duration, time.Minute))
		if c.Status == model.CheckpointInProgress {
			began, c.Duration = end.Add(-c.Duration), model.Unknown
		}
		c.Trigger = began
		if c.Failure != nil {
			c.Failure.At = began.Add(c.Duration)
		}
		for j := range c.Tasks {
			for k := range c.Tasks[j].Entries {
				if e := &c.Tasks[j].Entries[k]; e.Reported {
					e.Ack = began.Add(e.EndToEnd)
				}
			}
		}
		end = began
	}
	s.Checkpoints.History = append(checkpoints, s.Checkpoints.History...)
	for i := range s.Checkpoints.History {
		if c := &s.Checkpoints.History[i]; c.Status == model.CheckpointCompleted {
			s.Checkpoints.LatestCompleted = c
			break
		}
	}
	return s
}

func completed(d time.Duration) model.Checkpoint {
	return model.Checkpoint{Status: model.CheckpointCompleted, Duration: d, CheckpointedSize: 1 << 28, StateSize: 1 << 30, Subtasks: 12, Acknowledged: 12}
}

func failed(kind model.FailureKind, message string, d time.Duration) model.Checkpoint {
	return model.Checkpoint{Status: model.CheckpointFailed, Duration: d, Subtasks: 12, Failure: &model.CheckpointFailure{Kind: kind, Message: message}}
}

func expired() model.Checkpoint {
	return failed(model.FailureExpired, "Checkpoint expired before completing.", 10*time.Minute)
}

func times(n int, c model.Checkpoint) []model.Checkpoint {
	var all []model.Checkpoint
	for range n {
		one := c
		if c.Failure != nil {
			failure := *c.Failure
			one.Failure = &failure
		}
		all = append(all, one)
	}
	return all
}

// entry is a subtask that reported: start, align, sync, async, residual in seconds, and bytes.
func entry(bytes int64, phases ...float64) model.SubtaskLedger {
	e := model.SubtaskLedger{Reported: true, CheckpointedSize: bytes, StateSize: bytes}
	d := [5]time.Duration{}
	for i, p := range phases {
		d[i] = seconds(p)
		e.EndToEnd += d[i]
	}
	e.StartDelay, e.Alignment, e.Sync, e.Async, e.Residual = d[0], d[1], d[2], d[3], d[4]
	if e.EndToEnd > 10*time.Minute {
		e.Aborted, e.Late = true, true
	}
	return e
}

var quick = entry(1<<20, 0.1, 0.1, 0.1, 0.2, 0.1)

func absentEntry() model.SubtaskLedger {
	return model.SubtaskLedger{EndToEnd: model.Unknown, StartDelay: model.Unknown, Alignment: model.Unknown, Sync: model.Unknown, Async: model.Unknown, Residual: model.Unknown}
}

// shares are what each vertex did: one function a vertex, from subtask to its share.
type shares []func(i int) model.SubtaskLedger

// detailed gives a checkpoint its subtasks.
func detailed(c model.Checkpoint, n int, each shares) model.Checkpoint {
	c.Subtasks, c.Acknowledged, c.Tasks = 0, 0, nil
	for v, f := range each {
		task := model.TaskLedger{Vertex: v, Subtasks: n}
		for i := range n {
			e := f(i)
			e.Index = i
			if e.Reported && !e.Aborted {
				task.Acknowledged++
			}
			task.Entries = append(task.Entries, e)
		}
		c.Subtasks += n
		c.Acknowledged += task.Acknowledged
		c.Tasks = append(c.Tasks, task)
	}
	return c
}

func all(e model.SubtaskLedger) func(int) model.SubtaskLedger {
	return func(int) model.SubtaskLedger { return e }
}

// press sets the pressure of a vertex, for the subtasks listed or all.
func press(s *model.Snapshot, v int, backpressured, busy float64, subtasks ...int) {
	for i := range s.Vertices[v].Pressure {
		if len(subtasks) == 0 {
			s.Vertices[v].Pressure[i] = model.SubtaskPressure{Backpressured: model.Measured(backpressured), Busy: model.Measured(busy)}
		}
	}
	for _, i := range subtasks {
		s.Vertices[v].Pressure[i] = model.SubtaskPressure{Backpressured: model.Measured(backpressured), Busy: model.Measured(busy)}
	}
}

// works gives a subtask as many seconds of work since the reading before, in which it took so many records and gave as many; the others took a thousand.
func works(s *model.Snapshot, v, i int, busy float64, records int64) {
	vertex := &s.Vertices[v]
	if vertex.Work == nil {
		for range vertex.Parallelism {
			vertex.Work = append(vertex.Work, model.SubtaskWork{Lately: model.Work{Span: seconds(60), Busy: seconds(3), In: 1000, Out: 1000}})
		}
	}
	vertex.Work[i].Lately = model.Work{Span: seconds(max(busy, 60)), Busy: seconds(busy), In: records, Out: records}
}

// dumps puts the same threads into two samples ten seconds apart, taken while the newest checkpoint was pending.
func dumps(s *model.Snapshot, threads ...model.ThreadStack) {
	for _, ago := range []time.Duration{40 * time.Second, 30 * time.Second} {
		s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(-ago), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: threads})
	}
}

// taskThreadOf is the thread of a subtask with these frames inside of where; the frames of the JDK around it are added.
func taskThreadOf(v, i int, where []string, inner ...string) model.ThreadStack {
	frames := append(append([]string{"java.lang.Thread.sleep"}, inner...), where...)
	frames = append(frames, taskFrames...)
	return model.ThreadStack{Process: []string{"tm-1", "tm-2"}[i%2], Name: "task", State: "TIMED_WAITING", Vertex: v, Subtask: i, Frames: frames}
}

func jobManagerThread(name string, frames ...string) model.ThreadStack {
	return model.ThreadStack{Process: model.JobManagerProcess, Name: name, State: "RUNNABLE", Vertex: -1, Subtask: -1,
		Frames: append(frames, "java.util.concurrent.ThreadPoolExecutor.runWorker", "java.util.concurrent.ThreadPoolExecutor$Worker.run", "java.lang.Thread.run")}
}

func diagnosed(t *testing.T, s *model.Snapshot) model.Diagnosis {
	t.Helper()
	if _, err := builtIn(); err != nil {
		t.Fatal(err)
	}
	return Diagnose(s, testPolicy(), testNow)
}
