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

// A client of a recording sees the job as it was at the cursor, with the times of then: counters are compared over them.
func TestReplay(t *testing.T) {
	r, err := recording.Load("../recording/testdata/flink/1.20.5/jobmanager-cpu.har.gz")
	if err != nil {
		t.Fatal(err)
	}
	player := r.Player()
	c := client(t, player.Base(), flink.WithTransport(player), flink.WithTimes(recording.Times))
	var slowest time.Duration
	var cpu []float64
	var times []time.Time
	for _, pass := range r.Passes() {
		player.Seek(pass)
		checkpoints, err := c.Checkpoints(t.Context(), r.Jobs()[0])
		if err != nil {
			t.Fatal(err)
		}
		if !checkpoints.At.Equal(pass) {
			t.Errorf("checkpoints of the pass at %s are of %s", pass, checkpoints.At)
		}
		metrics, err := c.JobManagerMetrics(t.Context(), "Status.JVM.CPU.Time", "no.such.metric")
		if err != nil {
			t.Fatal(err)
		}
		v, ok := metrics.Get("Status.JVM.CPU.Time")
		if !ok || len(metrics.Values) != 1 {
			t.Fatalf("metrics = %v, want the CPU time alone", metrics.Values)
		}
		cpu, times = append(cpu, v), append(times, metrics.At)
		slowest = max(slowest, checkpoints.Took, metrics.Took)
	}
	// The JobManager had a quota of 0.12 core: it answered in seconds where a healthy one needs 0.04 s.
	if slowest < time.Second {
		t.Errorf("slowest answer took %s, want that of a starved JobManager", slowest)
	}
	if len(cpu) != 3 || cpu[2] <= cpu[0] || !times[2].After(times[0]) {
		t.Errorf("CPU time %v at %v, want it to grow", cpu, times)
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
