package cli

import (
	"context"
	"net/http"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

const recordings = "../recording/testdata/flink/"

func load(t *testing.T, name string) *recording.Recording {
	t.Helper()
	archive, err := recording.Load(recordings + name + ".har.gz")
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func replay(t *testing.T, name string) []model.Snapshot {
	t.Helper()
	snapshots, err := Replay(context.Background(), load(t, name), observe.Selector{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range snapshots {
		if !snapshots[i].Availability.Judgeable() {
			t.Fatalf("pass %d cannot be judged: %+v", i, snapshots[i].Availability)
		}
	}
	return snapshots
}

// worst is the largest of each phase over the subtasks of one vertex.
type worst struct {
	start, align, sync, async, residual time.Duration
	missing, late                       int
	unfinished                          model.Phase
}

func worstOf(task *model.TaskLedger) worst {
	var w worst
	for i := range task.Entries {
		e := &task.Entries[i]
		if !e.Reported {
			w.missing++
			continue
		}
		if e.Late {
			w.late++
		}
		if e.Unfinished != model.PhaseNone {
			w.unfinished = e.Unfinished
		}
		w.start, w.align, w.sync = max(w.start, e.StartDelay), max(w.align, e.Alignment), max(w.sync, e.Sync)
		w.async, w.residual = max(w.async, e.Async), max(w.residual, e.Residual)
	}
	return w
}

// earliest is the earliest expired checkpoint whose details the recording holds.
func earliest(t *testing.T, snapshot *model.Snapshot) []worst {
	t.Helper()
	history := snapshot.Checkpoints.History
	for i := len(history) - 1; i >= 0; i-- {
		if !history[i].Expired() || history[i].Tasks == nil {
			continue
		}
		vertices := make([]worst, len(snapshot.Vertices))
		for j := range history[i].Tasks {
			task := &history[i].Tasks[j]
			if task.Vertex < 0 {
				t.Fatalf("checkpoint %d: vertex %s is not in the graph", history[i].ID, task.VertexID)
			}
			vertices[task.Vertex] = worstOf(task)
		}
		return vertices
	}
	t.Fatal("no expired checkpoint has details")
	return nil
}

// The figures are those of the recordings' description: seconds agree, tenths do not.
func TestLedgerOfRecordings(t *testing.T) {
	near := func(seconds float64) func(time.Duration) bool {
		return func(d time.Duration) bool { return d.Seconds() > seconds-0.6 && d.Seconds() < seconds+0.6 }
	}
	none := func(d time.Duration) bool { return d < time.Second }
	tests := []struct {
		name  string
		why   string
		holds func(source, state, sink worst) bool
	}{
		{"1.20.5/network-latency", "residual of 12 s everywhere, all late", func(a, b, c worst) bool {
			return near(12)(a.residual) && near(12)(b.residual) && near(12)(c.residual) && none(b.async) && a.late == 2 && b.late == 2 && c.late == 2
		}},
		{"2.2.1/network-latency", "the same in Flink 2", func(a, b, c worst) bool {
			return near(12)(a.residual) && near(12)(b.residual) && near(12)(c.residual)
		}},
		{"1.20.5/slow-storage", "async of the state vertex, with the queue of the earlier ones", func(a, b, c worst) bool {
			return b.async > 11*time.Second && none(b.residual) && none(a.async) && none(c.residual) && b.late == 2
		}},
		{"1.20.5/slow-storage-latency", "async of the state vertex, independent of size", func(_, b, _ worst) bool { return b.async > 14*time.Second && none(b.residual) }},
		{"1.17.2/slow-storage", "the upload was cancelled: it never ended and there is no residual", func(_, b, _ worst) bool {
			return b.unfinished == model.PhaseAsync && none(b.residual) && b.late == 0
		}},
		{"1.20.5/slow-sync", "sync of the state vertex", func(_, b, _ worst) bool { return near(11)(b.sync) && none(b.residual) && none(b.async) }},
		{"1.20.5/sink-flush", "residual of the sink only", func(a, b, c worst) bool { return near(11)(c.residual) && none(a.residual) && none(b.residual) }},
		{"1.20.5/oversized-ack", "the state vertex never reports, late or not", func(a, b, c worst) bool { return a.missing == 0 && b.missing == 2 && c.missing == 0 }},
		{"1.20.5/source-blocked", "start delay of a source", func(a, b, c worst) bool { return a.start > 15*time.Second && b.missing == 2 && c.missing == 2 }},
		{"1.20.5/coordinator-slow", "nothing was ever triggered", func(a, b, c worst) bool { return a.missing == 2 && b.missing == 2 && c.missing == 2 }},
		{"1.20.5/backpressure", "the barrier never came through", func(a, b, c worst) bool { return a.missing == 0 && b.missing == 2 && c.missing == 2 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			snapshots := replay(t, test.name)
			v := earliest(t, &snapshots[len(snapshots)-1])
			if len(v) != 3 || !test.holds(v[0], v[1], v[2]) {
				t.Errorf("want %s; source %+v, state %+v, sink %+v", test.why, v[0], v[1], v[2])
			}
		})
	}
}

func TestRecordedPassesCarryStacksCountersAndPressure(t *testing.T) {
	snapshots := replay(t, "1.20.5/sink-flush")
	last := &snapshots[len(snapshots)-1]
	if len(snapshots) != 3 || len(last.Stacks) != 3 {
		t.Fatalf("%d passes and %d stack samples, want 3 and 3", len(snapshots), len(last.Stacks))
	}
	flushing := 0
	for _, sample := range last.Stacks {
		if sample.PendingCheckpoint == 0 || sample.PendingFor < 5*time.Second {
			t.Errorf("sample at %s: checkpoint %d pending for %s, want one pending for half its timeout", sample.At, sample.PendingCheckpoint, sample.PendingFor)
		}
		for _, thread := range sample.Threads {
			if thread.Vertex >= 0 && last.Vertices[thread.Vertex].Role == model.RoleSink && contains(thread.Frames, "RegularOperatorChain.prepareSnapshotPreBarrier") {
				flushing++
			}
		}
	}
	if flushing < 2 {
		t.Errorf("%d stacks show a sink before its barrier, want at least 2", flushing)
	}
	if !last.JobManager.CPUUsage.Known || last.JobManager.HeapSamples != 3 || !last.JobManager.GCShare.Known {
		t.Errorf("JobManager figures are incomplete: %+v", last.JobManager)
	}
	for _, vertex := range last.Vertices {
		if len(vertex.Pressure) != 2 || !vertex.Pressure[0].Busy.Known || len(vertex.Placement) != 2 || vertex.Placement[0] == "" {
			t.Errorf("vertex %s: pressure %v, placement %v", vertex.Name, vertex.Pressure, vertex.Placement)
		}
	}
}

func contains(frames []string, end string) bool {
	for _, frame := range frames {
		if len(frame) >= len(end) && frame[len(frame)-len(end):] == end {
			return true
		}
	}
	return false
}

func TestRecordedRestartsAndLogs(t *testing.T) {
	declined := replay(t, "1.20.5/declined")
	last := &declined[len(declined)-1]
	if last.Job.Restarts.Value < 5 || len(last.Exceptions) == 0 || last.Exceptions[0].Name == "" {
		t.Errorf("restarts %+v, exceptions %+v; want the restarts and why", last.Job.Restarts, last.Exceptions)
	}
	oversized := replay(t, "2.2.1/oversized-ack")
	found := 0
	for _, signal := range oversized[len(oversized)-1].Logs {
		if signal.Kind == model.LogOversizedPayload && signal.Detail != "" {
			found++
		}
	}
	if found == 0 {
		t.Errorf("no oversized payload in %+v", oversized[len(oversized)-1].Logs)
	}
}

func TestRecordingOfSeveralJobsNamesItsOwn(t *testing.T) {
	snapshots := replay(t, "1.20.5/slow-cleanup-neighbour")
	if name := snapshots[0].Job.Name; name != "faultjob" {
		t.Errorf("job %q, want the one that was recorded", name)
	}
}

// counting counts the requests that reach a recording.
type counting struct {
	player   *recording.Player
	requests []string
}

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.requests = append(c.requests, request.URL.Path)
	return c.player.RoundTrip(request)
}

// A healthy job costs three small requests a pass, once it is known. The recording is asked as a live JobManager would be.
func TestHealthyPassCostsThreeRequests(t *testing.T) {
	archive := load(t, "1.20.5/healthy")
	transport := &counting{player: archive.Player()}
	clock := transport.player.Now()
	now := func() time.Time { return clock }
	connection, err := observe.Connect(transport.player.Base(), flink.WithTransport(transport), flink.WithClock(now))
	if err != nil {
		t.Fatal(err)
	}
	var memory observe.Memory
	for pass := range 5 {
		transport.requests = nil
		snapshot, err := observe.Flink(context.Background(), connection, observe.Options{Now: now}, &memory)
		if err != nil || !snapshot.Availability.Judgeable() {
			t.Fatalf("pass %d: %v, %+v", pass, err, snapshot.Availability)
		}
		memory.Judged(clock, api.HealthHealthy, "")
		if pass > 0 && (len(transport.requests) > 3 || snapshot.Deep) {
			t.Errorf("pass %d made %d requests, want at most 3: %v", pass, len(transport.requests), transport.requests)
		}
		if snapshot.Requests.Count != len(transport.requests) {
			t.Errorf("pass %d counted %d requests, want %d", pass, snapshot.Requests.Count, len(transport.requests))
		}
		clock = clock.Add(100 * time.Millisecond)
	}
	if past := memory.Passes(); past != 5 {
		t.Errorf("%d passes remembered, want 5", past)
	}
}
