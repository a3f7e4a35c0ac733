package diagnose

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// randomJob is a job that makes no sense: anything may be missing, negative, huge or inconsistent.
func randomJob(r *rand.Rand) *model.Snapshot {
	s := jobOf(r.IntN(5))
	if r.IntN(4) == 0 {
		s.Vertices = s.Vertices[:r.IntN(len(s.Vertices))]
	}
	for v := range s.Vertices {
		s.Vertices[v].Inputs = append(s.Vertices[v].Inputs, r.IntN(9)-3)
		s.Vertices[v].Parallelism += r.IntN(5) - 2
		s.Vertices[v].Status = pick(r, "RUNNING", "SCHEDULED", "", "FINISHED")
		for i := range s.Vertices[v].Pressure {
			s.Vertices[v].Pressure[i] = model.SubtaskPressure{Backpressured: randomMeasure(r), Busy: randomMeasure(r)}
		}
	}
	for range r.IntN(14) {
		s.Checkpoints.History = append(s.Checkpoints.History, randomCheckpoint(r))
	}
	for range r.IntN(4) {
		s.Stacks = append(s.Stacks, randomSample(r))
	}
	for range r.IntN(4) {
		s.Exceptions = append(s.Exceptions, model.JobException{Name: pick(r, "", "java.io.IOException", "a.b.AskTimeoutException"), Message: pick(r, "", "Could not perform checkpoint 7", "\x00")})
		s.Logs = append(s.Logs, model.LogSignal{Kind: pick(r, model.LogExpired, model.LogOversizedPayload, model.LogStorageError, model.LogVersionMismatch), Count: r.IntN(3) - 1, Process: pick(r, "", "tm-1", model.JobManagerProcess)})
	}
	jm := &s.JobManager
	for _, m := range []*model.Measure{&jm.CPULimit, &jm.CPUUsage, &jm.CPULoad, &jm.HeapUsed, &jm.HeapMax, &jm.GCShare, &jm.IOThreads, &jm.ThrottledShare} {
		*m = randomMeasure(r)
	}
	s.Settings.Timeout.Known, s.Settings.Interval.Known = r.IntN(3) > 0, r.IntN(3) > 0
	s.Job.FlinkVersion = pick(r, "", "1.20.5", "banana", "2.4-SNAPSHOT", "1.18.0-amzn-1")
	s.Network = randomProbe(r)
	s.Past.Health = pick(r, "", api.HealthUnhealthy)
	return s
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func randomMeasure(r *rand.Rand) model.Measure {
	return model.Measure{Value: pick(r, -1, 0, 0.5, 0.95, 3e9), Known: r.IntN(3) > 0}
}

func randomDuration(r *rand.Rand) time.Duration {
	return pick(r, model.Unknown, 0, time.Millisecond, time.Second, 5*time.Minute, 11*time.Minute, time.Hour*9999, -time.Hour)
}

func randomCheckpoint(r *rand.Rand) model.Checkpoint {
	c := model.Checkpoint{ID: int64(r.IntN(9)), Duration: randomDuration(r), Subtasks: r.IntN(9) - 2, Acknowledged: r.IntN(9) - 2, Savepoint: r.IntN(9) == 0,
		Status: pick(r, model.CheckpointCompleted, model.CheckpointFailed, model.CheckpointInProgress, ""), CheckpointedSize: int64(r.IntN(3)-1) << 40, StateSize: int64(r.IntN(3)-1) << 40}
	if r.IntN(4) > 0 {
		c.Trigger = testNow.Add(-randomDuration(r))
	}
	if c.Status == model.CheckpointFailed && r.IntN(6) > 0 {
		c.Failure = &model.CheckpointFailure{Kind: pick(r, model.FailureExpired, model.FailureExpired, model.FailureAsync, model.FailureFailover, model.FailureOther, model.FailureDeclined), Message: pick(r, "", "x")}
	}
	for range r.IntN(4) {
		task := model.TaskLedger{Vertex: r.IntN(6) - 2, Subtasks: r.IntN(5) - 1, Acknowledged: r.IntN(5) - 1}
		for range r.IntN(6) {
			task.Entries = append(task.Entries, model.SubtaskLedger{Index: r.IntN(7) - 1, Reported: r.IntN(2) == 0, Aborted: r.IntN(2) == 0, Late: r.IntN(2) == 0, Finished: r.IntN(9) == 0,
				Ack: pick(r, time.Time{}, testNow), EndToEnd: randomDuration(r), StartDelay: randomDuration(r), Alignment: randomDuration(r), Sync: randomDuration(r), Async: randomDuration(r),
				Residual: randomDuration(r), Unfinished: pick(r, model.PhaseNone, model.PhaseAsync, model.PhaseSync, "nonsense"), CheckpointedSize: int64(r.IntN(3)-1) << r.IntN(40)})
		}
		c.Tasks = append(c.Tasks, task)
	}
	return c
}

func randomProbe(r *rand.Rand) *model.NetworkProbe {
	if r.IntN(2) == 0 {
		return nil
	}
	p := &model.NetworkProbe{Node: pick(r, "", "node-1", "\x00"), Why: pick(r, "", "x"), Hops: make([]string, r.IntN(3))}
	for range r.IntN(4) {
		p.RoundTrips = append(p.RoundTrips, model.RoundTrips{Name: pick(r, "", model.RoundTripsRPC, model.RoundTripsRESTRequest), Sent: r.IntN(40) - 5, Lost: r.IntN(9) - 3,
			Failed: r.IntN(9) - 3, P95: randomDuration(r), Max: randomDuration(r), Retransmits: randomMeasure(r)})
	}
	return p
}

func randomSample(r *rand.Rand) model.StackSample {
	sample := model.StackSample{At: testNow, PendingCheckpoint: int64(r.IntN(3))}
	spots := [][]string{mailboxFrames, elementFrames, syncFrames, flushFrames, commitFrames, sourceFrames, asyncFrames, deleteFrames, enumeratorFrames, metadataFrames, abortFrames, nil, {""}, {"."}, {"noclass"}}
	for range r.IntN(8) {
		thread := model.ThreadStack{Process: pick(r, model.JobManagerProcess, "tm-1", ""), Name: pick(r, "task", "jobmanager-io-thread-1", "SourceCoordinator-x", "Checkpoint Timer", legacySource+" - x"),
			State: pick(r, "BLOCKED", "RUNNABLE", ""), Vertex: r.IntN(6) - 2, Subtask: r.IntN(6) - 2, BlockedOn: pick(r, "", "java.lang.Object"), Holder: pick(r, "", "task")}
		thread.Frames = append([]string{pick(r, "com.shop.Fn.run", "org.apache.kafka.clients.Producer.flush", "java.lang.Thread.sleep")}, pick(r, spots...)...)
		sample.Threads = append(sample.Threads, thread)
	}
	return sample
}

// Nothing that Flink or a gateway can answer may stop the diagnosis, and what it says stays within bounds.
func TestNoSnapshotStopsTheDoctor(t *testing.T) {
	for seed := range uint64(3000) {
		s := randomJob(rand.New(rand.NewPCG(seed, 7)))
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("seed %d: %v", seed, p)
				}
			}()
			d := diagnosed(t, s)
			for i := range d.Findings {
				if f := &d.Findings[i]; f.Score < 0 || f.Score > 100 || f.Summary == "" {
					t.Errorf("seed %d: %s scores %d: %q", seed, f.Cause, f.Score, f.Summary)
				}
			}
		}()
	}
	var empty model.Snapshot
	if d := diagnosed(t, &empty); d.Health != api.HealthUnknown {
		t.Errorf("an empty snapshot is %s", d.Health)
	}
}

// withholdings take one kind of data away, as a gateway or a missing permission does.
var withholdings = []struct {
	name string
	take func(*model.Snapshot)
	kind model.GapKind
}{
	{"thread dumps", func(s *model.Snapshot) { s.Stacks = nil }, model.GapThreadDumps},
	{"logs", func(s *model.Snapshot) { s.Logs = nil }, model.GapLogs},
	{"exceptions", func(s *model.Snapshot) { s.Exceptions = nil }, model.GapExceptions},
	{"JobManager metrics", func(s *model.Snapshot) { s.JobManager = model.JobManager{} }, model.GapJobManagerMetrics},
	{"TaskManagers", func(s *model.Snapshot) { s.TaskManagers = nil }, model.GapTaskManagers},
	{"back pressure", func(s *model.Snapshot) {
		for v := range s.Vertices {
			s.Vertices[v].Pressure = nil
		}
	}, model.GapBackpressure},
	{"pods", func(s *model.Snapshot) { s.Pods = nil }, model.GapPods},
	{"network probe", func(s *model.Snapshot) { s.Network = nil }, model.GapNetworkProbe},
	{"checkpoint details", func(s *model.Snapshot) {
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Tasks = nil
		}
	}, model.GapCheckpointDetails},
}

// Missing data never add to what speaks for a cause: for every cause the evidence for it without the data weighs no more than with them, so that
// its score cannot rise above what was seen.
func TestMissingDataNeverSpeakForACause(t *testing.T) {
	for _, c := range causeCases {
		for _, w := range withholdings {
			before := evidenceFor(diagnosed(t, c.make(4)).Findings)
			s := c.make(4)
			w.take(s)
			s.Gaps = append(s.Gaps, model.Gap{Kind: w.kind, Signal: w.name, Why: "answered 404"})
			d := diagnosed(t, s)
			for cause, weight := range evidenceFor(d.Findings) {
				if weight > before[cause] {
					t.Errorf("%s without %s: evidence for %s rises from %d to %d", c.name, w.name, cause, before[cause], weight)
				}
			}
			for i := range d.Findings {
				f := &d.Findings[i]
				if name := causeName(f.Cause, f.SubCause); f.Score > before[name] {
					t.Errorf("%s without %s: %s scores %d, with the data %d spoke for it", c.name, w.name, name, f.Score, before[name])
				}
			}
		}
	}
}

func evidenceFor(findings []model.Finding) map[string]int {
	sums := map[string]int{}
	for i := range findings {
		f := &findings[i]
		for _, e := range f.Evidence {
			sums[causeName(f.Cause, f.SubCause)] += max(e.Weight, 0)
		}
	}
	return sums
}

// What is not there is named, once, with what was tried.
func TestWhatIsMissingIsNamed(t *testing.T) {
	for _, c := range causeCases {
		s := c.make(4)
		s.Stacks = nil
		s.Gaps = append(s.Gaps, model.Gap{Kind: model.GapThreadDumps, Signal: "thread dump of TaskManager tm-1", Why: "answered 403"})
		d := diagnosed(t, s)
		if len(d.Findings) == 0 {
			continue // garbage collection is what its health was judged by
		}
		found := 0
		for i := range d.Findings {
			for _, m := range d.Findings[i].Missing {
				if m == "thread dump of TaskManager tm-1 (answered 403)" {
					found++
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: nobody misses the thread dump:\n%s", c.name, ranking(d.Findings))
		}
	}
}

// The same snapshot gives the same diagnosis, whatever was diagnosed before or at the same time.
func TestTheDoctorRemembersNothing(t *testing.T) {
	d, err := NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan string)
	for i := range 8 {
		go func() {
			c := causeCases[i%len(causeCases)]
			out := d.Diagnose(c.make(4), testPolicy(), testNow)
			results <- fmt.Sprint(i, out)
		}()
	}
	seen := map[string]bool{}
	for range 8 {
		seen[<-results] = true
	}
	for i := range 8 {
		c := causeCases[i%len(causeCases)]
		if out := fmt.Sprint(i, d.Diagnose(c.make(4), testPolicy(), testNow)); !seen[out] {
			t.Errorf("%s: another diagnosis the second time", c.name)
		}
	}
}
