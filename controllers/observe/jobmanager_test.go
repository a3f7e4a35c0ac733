package observe

import (
	"testing"
	"time"

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
	m.figures(&flink.Metrics{Received: flink.Received{At: base}}, interval, false)       // nothing yet; begins a fetch at 0 s
	m.figures(answer(base.Add(30*time.Second), 10, 100, 50), interval, false)            // taken at 0 s
	figures := m.figures(answer(base.Add(60*time.Second), 25, 400, 40), interval, false) // taken at 30 s
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
	m.figures(answer(base, 0, 0, 50), interval, false)
	m.figures(answer(base.Add(30*time.Second), 10, 100, 50), interval, false)
	m.figures(answer(base.Add(60*time.Second), 25, 400, 40), interval, false)
	// 5 s later Flink has what the request at 60 s made it fetch: 30 s after the last, not 5 s.
	figures := m.figures(answer(base.Add(65*time.Second), 28, 400, 45), interval, false)
	if got := figures.cpuUsage; got.Value != 0.1 {
		t.Errorf("CPU %+v, want 3 s in 30 s", got)
	}
	// The same values again are an old answer, not a process that stood still.
	figures = m.figures(answer(base.Add(66*time.Second), 28, 400, 45), interval, false)
	if figures.cpuUsage.Known || !figures.stale {
		t.Errorf("a stale sample gave %+v", figures.cpuUsage)
	}
	// Counters that fall belong to a new process.
	figures = m.figures(answer(base.Add(100*time.Second), 1, 0, 45), interval, false)
	if figures.cpuUsage.Known || figures.gcShare.Known {
		t.Errorf("a new process gave %+v, %+v", figures.cpuUsage, figures.gcShare)
	}
}

func TestRecordedCountersCarryTheirTimes(t *testing.T) {
	base := time.UnixMilli(1772366400000)
	var m processMemory
	m.figures(answer(base, 10, 0, 1), time.Second, true)
	if got := m.figures(answer(base.Add(10*time.Second), 15, 0, 1), time.Second, true).cpuUsage; got.Value != 0.5 {
		t.Errorf("CPU %+v, want 5 s in 10 s", got)
	}
}

func TestGarbageCollectionIsClamped(t *testing.T) {
	var m processMemory
	a := &flink.Metrics{Values: map[string]float64{metricGCRate: 1129, gcPrefix + "All.Time": 5000, gcPrefix + "All.Count": 7}}
	if got := m.figures(a, time.Second, true).gcShare; got.Value != 1 {
		t.Errorf("GC share %+v, want 1: Flink's rate can exceed 1000 ms/s", got)
	}
}
