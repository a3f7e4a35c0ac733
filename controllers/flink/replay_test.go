package flink_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/recording"
)

const cpuTime = "Status.JVM.CPU.Time"

// A client of a recording sees the job as it was at the cursor, with the times of then: counters are compared over them.
func TestReplay(t *testing.T) {
	r, err := recording.Load("../recording/testdata/flink/1.20.5/jobmanager-cpu.har.gz")
	if err != nil {
		t.Fatal(err)
	}
	player := r.Player()
	c := client(t, player.Base(), flink.WithTransport(player), flink.WithTimes(recording.Times))
	var slowest time.Duration
	var samples []flink.Metrics
	for _, pass := range r.Passes() {
		player.Seek(pass)
		checkpoints, err := c.Checkpoints(t.Context(), r.Jobs()[0])
		if err != nil {
			t.Fatal(err)
		}
		same(t, "time of the checkpoints", pass, checkpoints.At)
		metrics, err := c.JobManagerMetrics(t.Context(), cpuTime, "no.such.metric")
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, metrics)
		slowest = max(slowest, checkpoints.Took, metrics.Took)
	}
	// The JobManager had a quota of 0.12 core: it answered in seconds where a healthy one needs 0.04 s.
	if slowest < time.Second {
		t.Errorf("slowest answer took %s, want that of a starved JobManager", slowest)
	}
	if len(samples) != 3 {
		t.Fatalf("%d samples, want 3", len(samples))
	}
	first, last := samples[0], samples[2]
	if len(first.Values) != 1 || last.Values[cpuTime] <= first.Values[cpuTime] || !last.At.After(first.At) {
		t.Errorf("CPU time %v at %s and %v at %s, want it alone, and growing", first.Values, first.At, last.Values, last.At)
	}
}

func TestReplayGap(t *testing.T) {
	r, err := recording.Load("../recording/testdata/flink/2.2.1/sink-flush.har.gz")
	if err != nil {
		t.Fatal(err)
	}
	player := r.Player()
	c := client(t, player.Base(), flink.WithTransport(player), flink.WithTimes(recording.Times))
	_, err = c.TaskManagerLogs(t.Context(), "tm-9")
	var status *flink.StatusError
	if !errors.Is(err, flink.ErrNotFound) || !errors.As(err, &status) || status.Status != http.StatusNotFound || !strings.Contains(err.Error(), recording.NotRecorded) {
		t.Errorf("error = %v, want not found, with the reason", err)
	}
}
