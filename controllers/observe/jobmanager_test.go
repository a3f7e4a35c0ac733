package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
)

func answer(at time.Time, cpuSeconds, gcMillis, heap float64) *flink.Metrics {
	return &flink.Metrics{Received: flink.Received{At: at}, Values: map[string]float64{
		metricCPUTime: cpuSeconds * 1e9, gcPrefix + "Copy.Time": gcMillis, gcPrefix + "Copy.Count": gcMillis / 100, metricHeapUsed: heap,
	}}
}

// A request answers with what the one before it made Flink fetch.
func TestCountersAreOnePollOld(t *testing.T) {
	base := time.UnixMilli(1772366400000)
	var m processMemory
	interval := 10 * time.Second
	var f fetches
	look := func(a *flink.Metrics) jvmFigures { return m.figures(a, f.taken(a.At, interval)) }
	look(&flink.Metrics{Received: flink.Received{At: base}})       // nothing yet; begins a fetch at 0 s
	look(answer(base.Add(30*time.Second), 10, 100, 50))            // taken at 0 s
	figures := look(answer(base.Add(60*time.Second), 25, 400, 40)) // taken at 30 s
	if got := figures.cpuUsage; !got.Known || got.Value != 0.5 {
		t.Errorf("CPU %+v, want 15 s in 30 s", got)
	}
	if got := figures.gcShare; got.Value != 0.01 || figures.gcPause != 100*time.Millisecond {
		t.Errorf("GC share %+v, pause %s; want 300 ms in 30 s, 100 ms each", got, figures.gcPause)
	}
	if figures.heapUsed.Value != 40 || figures.heapSamples != 2 {
		t.Errorf("heap %+v of %d samples, want the lowest of 2", figures.heapUsed, figures.heapSamples)
	}
}

func TestCountersThatTellNothing(t *testing.T) {
	base := time.UnixMilli(1772366400000)
	interval := 10 * time.Second
	var m processMemory
	var f fetches
	look := func(a *flink.Metrics) jvmFigures { return m.figures(a, f.taken(a.At, interval)) }
	look(answer(base, 0, 0, 50))
	look(answer(base.Add(30*time.Second), 10, 100, 50))
	look(answer(base.Add(60*time.Second), 25, 400, 40))
	// 5 s later Flink has what the request at 60 s made it fetch: 30 s after the last, not 5 s.
	figures := look(answer(base.Add(65*time.Second), 28, 400, 45))
	if got := figures.cpuUsage; got.Value != 0.1 {
		t.Errorf("CPU %+v, want 3 s in 30 s", got)
	}
	// The same values again are an old answer, not a process that stood still.
	figures = look(answer(base.Add(66*time.Second), 28, 400, 45))
	if figures.cpuUsage.Known || !figures.stale {
		t.Errorf("a stale sample gave %+v", figures.cpuUsage)
	}
	// Counters that fall belong to a new process.
	figures = look(answer(base.Add(100*time.Second), 1, 0, 45))
	if figures.cpuUsage.Known || figures.gcShare.Known {
		t.Errorf("a new process gave %+v, %+v", figures.cpuUsage, figures.gcShare)
	}
}

func TestRecordedCountersCarryTheirTimes(t *testing.T) {
	base := time.UnixMilli(1772366400000)
	var m processMemory
	m.figures(answer(base, 10, 0, 1), base)
	if got := m.figures(answer(base.Add(10*time.Second), 15, 0, 1), base.Add(10*time.Second)).cpuUsage; got.Value != 0.5 {
		t.Errorf("CPU %+v, want 5 s in 10 s", got)
	}
}

func TestGarbageCollectionIsClamped(t *testing.T) {
	var m processMemory
	a := &flink.Metrics{Values: map[string]float64{metricGCRate: 1129, gcPrefix + "All.Time": 5000, gcPrefix + "All.Count": 7}}
	if got := m.figures(a, time.Time{}).gcShare; got.Value != 1 {
		t.Errorf("GC share %+v, want 1: Flink's rate can exceed 1000 ms/s", got)
	}
}

// Any request for metrics makes Flink fetch those of all processes: a TaskManager that was not asked for while the job was well has counters
// of the JobManager's last request, not of its own.
func TestCountersOfProcessesAskedSeldom(t *testing.T) {
	w := newWorld(t)
	w.fake.answers["/taskmanagers"] = `{"taskmanagers":[{"id":"tm-1","path":"pekko.tcp://flink@10.0.0.7:6122/user/rpc/taskmanager_0"}]}`
	tm := func(cpuSeconds int64) { w.fake.answers["/taskmanagers/tm-1/metrics"] = metrics(cpuSeconds*1e9, 0, 1) }
	tm(100)
	w.pass(0, api.HealthUnhealthy)
	tm(110)
	w.pass(30*time.Second, api.HealthHealthy)
	for range 20 {
		w.pass(30*time.Second, api.HealthHealthy)
	}
	if w.fake.count("/taskmanagers") != 0 {
		t.Fatal("a healthy pass asks TaskManagers")
	}
	w.opts.Deep = true
	tm(1000) // of the JobManager's request 30 s ago
	if s := w.pass(30*time.Second, api.HealthUnhealthy); s.TaskManagers[0].CPUUsage.Known {
		t.Errorf("CPU %+v after ten minutes in which nobody asked, want none", s.TaskManagers[0].CPUUsage)
	}
	tm(1015)
	if got := w.pass(30*time.Second, api.HealthUnhealthy).TaskManagers[0].CPUUsage; got.Value != 0.5 {
		t.Errorf("CPU %+v, want 15 s in 30 s", got)
	}
}
