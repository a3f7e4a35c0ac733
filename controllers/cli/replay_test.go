package cli

import (
	"context"
	"fmt"
	"net/http"
	"strings"
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

// near are the seconds that a phase should have taken, and none what is noise.
func near(d time.Duration, seconds float64) bool {
	return d.Seconds() > seconds-0.6 && d.Seconds() < seconds+0.6
}

func none(d time.Duration) bool { return d < time.Second }

// phases sums a vertex up in words: each phase that took seconds, what is missing, what came late.
func (w worst) String() string {
	var parts []string
	for _, phase := range []struct {
		name string
		took time.Duration
	}{{"start", w.start}, {"align", w.align}, {"sync", w.sync}, {"async", w.async}, {"residual", w.residual}} {
		if !none(phase.took) {
			parts = append(parts, fmt.Sprintf("%s %.0fs", phase.name, phase.took.Seconds()))
		}
	}
	if w.missing > 0 {
		parts = append(parts, fmt.Sprintf("%d missing", w.missing))
	}
	if w.late > 0 {
		parts = append(parts, fmt.Sprintf("%d late", w.late))
	}
	if w.unfinished != model.PhaseNone {
		parts = append(parts, string(w.unfinished)+" never ended")
	}
	return strings.Join(parts, ", ")
}

// The earliest expired checkpoint that each recording holds in detail: source, state and sink. The figures are those of the recordings'
// description; where only a later checkpoint was recorded, async holds the queue behind the earlier ones.
func TestLedgerOfRecordings(t *testing.T) {
	tests := map[string][3]string{
		"1.20.5/network-latency":      {"residual 12s, 2 late", "residual 12s, 2 late", "residual 12s, 2 late"},
		"2.2.1/network-latency":       {"residual 12s, 2 late", "residual 12s, 2 late", "residual 12s, 2 late"},
		"1.20.5/slow-storage":         {"", "async 30s, 2 late", ""},
		"1.20.5/slow-storage-latency": {"", "async 18s, 2 late", ""},
		"1.17.2/slow-storage":         {"", "upload never ended", ""}, // the expiry ends the upload: no residual, not late
		"1.20.5/slow-sync":            {"", "start 3s, sync 11s, 2 late", "start 3s"},
		"1.20.5/sink-flush":           {"", "", "start 3s, residual 11s, 2 late"},
		"1.20.5/oversized-ack":        {"", "2 missing", ""}, // nor ever late
		"1.20.5/coordinator-slow":     {"2 missing", "2 missing", "2 missing"},
		"1.20.5/backpressure":         {"", "2 missing", "2 missing"},
		"1.20.5/data-skew":            {"", "async 29s, 1 late", ""},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			snapshots := replay(t, name)
			vertices := earliest(t, &snapshots[len(snapshots)-1])
			if len(vertices) != len(want) {
				t.Fatalf("%d vertices, want %d", len(vertices), len(want))
			}
			for i, role := range []string{"source", "state", "sink"} {
				if got := vertices[i].String(); got != want[i] {
					t.Errorf("%s: %q, want %q", role, got, want[i])
				}
			}
		})
	}
}

func TestRecordedStacks(t *testing.T) {
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
		for i := range sample.Threads {
			if flushes(last, &sample.Threads[i]) {
				flushing++
			}
		}
	}
	if flushing < 2 {
		t.Errorf("%d stacks show a sink before its barrier, want at least 2", flushing)
	}
}

// flushes tells a sink's task that works before its barrier.
func flushes(s *model.Snapshot, thread *model.ThreadStack) bool {
	return thread.Vertex >= 0 && s.Vertices[thread.Vertex].Role == model.RoleSink && contains(thread.Frames, "RegularOperatorChain.prepareSnapshotPreBarrier")
}

func TestRecordedFigures(t *testing.T) {
	snapshots := replay(t, "1.20.5/sink-flush")
	last := &snapshots[len(snapshots)-1]
	if !last.JobManager.CPUUsage.Known || last.JobManager.HeapSamples != 3 || !last.JobManager.GCShare.Known {
		t.Errorf("JobManager figures are incomplete: %+v", last.JobManager)
	}
	for _, vertex := range last.Vertices {
		if len(vertex.Pressure) != 2 || !vertex.Pressure[0].Busy.Known || len(vertex.Placement) != 2 || vertex.Placement[0] == "" {
			t.Errorf("vertex %s: pressure %v, placement %v", vertex.Name, vertex.Pressure, vertex.Placement)
		}
	}
}

func TestSourceBlockedShowsAsStartDelayOfASource(t *testing.T) {
	snapshots := replay(t, "1.20.5/source-blocked")
	vertices := earliest(t, &snapshots[len(snapshots)-1])
	if source := vertices[0]; !near(source.start, 19.8) || vertices[1].missing != 2 || vertices[2].missing != 2 {
		t.Errorf("source %v, state %v, sink %v; want a source that starts late and nothing behind it", source, vertices[1], vertices[2])
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
		memory.Judged(clock, &model.Snapshot{}, &model.Diagnosis{Health: api.HealthHealthy})
		if pass > 0 && (len(transport.requests) > 3 || snapshot.Deep) {
			t.Errorf("pass %d made %d requests, want at most 3: %v", pass, len(transport.requests), transport.requests)
		}
		if snapshot.Requests.Count != len(transport.requests) {
			t.Errorf("pass %d counted %d requests, want %d", pass, snapshot.Requests.Count, len(transport.requests))
		}
		clock = clock.Add(100 * time.Millisecond)
	}
	if past := memory.Readings(); past != 5 {
		t.Errorf("%d passes remembered, want 5", past)
	}
}
