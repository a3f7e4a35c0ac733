package observe

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// jvmMetrics are what is asked of a process, in one request. Unknown names are left out by Flink without a word, so the garbage
// collectors of all JVMs are asked for by name: G1, Serial, Parallel, ZGC, Shenandoah; All is the sum of them since Flink 1.19.
var jvmMetrics = jvmMetricNames()

const (
	metricLoad     = "Status.JVM.CPU.Load"
	metricCPUTime  = "Status.JVM.CPU.Time" // nanoseconds
	metricHeapUsed = "Status.JVM.Memory.Heap.Used"
	metricHeapMax  = "Status.JVM.Memory.Heap.Max"
	gcPrefix       = "Status.JVM.GarbageCollector."
	metricGCRate   = gcPrefix + "All.TimeMsPerSecond"
)

func jvmMetricNames() []string {
	names := []string{metricLoad, metricCPUTime, metricHeapUsed, metricHeapMax, metricGCRate}
	for _, collector := range []string{"All", "G1_Young_Generation", "G1_Old_Generation", "G1_Concurrent_GC", "Copy", "MarkSweepCompact",
		"PS_Scavenge", "PS_MarkSweep", "ZGC_Cycles", "ZGC_Pauses", "Shenandoah_Pauses"} {
		names = append(names, gcPrefix+collector+".Count", gcPrefix+collector+".Time")
	}
	return names
}

// processMemory is what earlier passes saw of one process's counters.
type processMemory struct {
	last  counters
	heaps []heapSample
	// names are the metrics that the process has, once it has answered: nothing else is asked for again.
	names []string
}

// ask is what to ask the process for.
func (m *processMemory) ask() []string {
	if len(m.names) == 0 {
		return jvmMetrics
	}
	return m.names
}

// note keeps the names of an answer that looks whole.
func (m *processMemory) note(answer *flink.Metrics) {
	if len(m.names) > 0 || !measure(answer, metricCPUTime).Known {
		return
	}
	for _, name := range jvmMetrics {
		if _, ok := answer.Get(name); ok || name == metricLoad || name == metricGCRate {
			m.names = append(m.names, name) // a load that is not known now may be later
		}
	}
}

// counters are cumulative values and when Flink took them.
type counters struct {
	at               time.Time
	cpu, gc, gcCount model.Measure // nanoseconds, milliseconds, a count
}

type heapSample struct {
	at   time.Time
	used float64
}

// jvmFigures are a process's figures, from one answer and the pass before.
type jvmFigures struct {
	load, cpuUsage, heapUsed, heapMax, gcShare model.Measure
	gcPause                                    time.Duration
	heapSamples                                int
	// answered is false where the process gave no values at all; stale where it gave the ones of the pass before.
	answered, stale bool
}

// figures compares an answer, whose values were taken at a time, with the pass before.
func (m *processMemory) figures(answer *flink.Metrics, taken time.Time) jvmFigures {
	figures := jvmFigures{answered: len(answer.Values) > 0}
	m.note(answer)
	figures.load = measure(answer, metricLoad)
	figures.heapMax = measure(answer, metricHeapMax)
	if rate := measure(answer, metricGCRate); rate.Known {
		figures.gcShare = model.Measured(clampShare(rate.Value / 1000))
	}
	now := counters{at: taken, cpu: measure(answer, metricCPUTime)}
	now.gc, now.gcCount = collectors(answer)
	m.compare(&figures, now)
	m.keepHeap(&figures, measure(answer, metricHeapUsed), taken)
	return figures
}

// fetches are when Flink last began to fetch metrics, as far as our own requests tell: a request for metrics of whichever process or job
// answers with what the fetch before it brought, and begins a new one of all processes if the last is older than
// metrics.fetcher.update-interval (MetricFetcherImpl, 1.15 to 2.3).
type fetches struct {
	latest, before time.Time
}

// fetchTakes is about how long a fetch takes: until then answers hold what the one before it brought.
const fetchTakes = time.Second

// taken says when the values of an answer were taken, and notes the fetch that the request began.
func (f *fetches) taken(asked time.Time, interval time.Duration) time.Time {
	taken := f.latest
	if asked.Sub(f.latest) < fetchTakes {
		taken = f.before
	}
	if asked.Sub(f.latest) >= interval {
		f.before, f.latest = f.latest, asked
	}
	return taken
}

// takenAt is when the values of an answer to this pass were taken; what was recorded carries its time.
func (p *pass) takenAt(answer *flink.Metrics) time.Time {
	if p.opts.Replayed {
		return answer.At
	}
	return p.memory.fetches.taken(answer.At, p.metricsInterval())
}

// counterAge is how long counters are compared: over a longer time they tell an average of the past, such as of all the time a job was well, and
// not what goes on now. Two sick passes are a minute apart at most.
const counterAge = 5 * time.Minute

// compare turns counters into rates. Values that stayed the same are an old answer, not a process that stood still; values that fell
// belong to a new process. Neither is a difference.
func (m *processMemory) compare(figures *jvmFigures, now counters) {
	before := m.last
	if !now.cpu.Known && !now.gc.Known {
		return
	}
	figures.stale = before.cpu.Known && now.cpu == before.cpu
	if figures.stale {
		return
	}
	m.last = now
	if elapsed := now.at.Sub(before.at); !before.at.IsZero() && !now.at.IsZero() && elapsed > 0 && elapsed <= counterAge {
		figures.rates(before, now, elapsed)
	}
}

// rates are the differences of two samples over the time between them.
func (figures *jvmFigures) rates(before, now counters, elapsed time.Duration) {
	if used := growth(before.cpu, now.cpu); used.Known && used.Value > 0 {
		figures.cpuUsage = model.Measured(used.Value / float64(elapsed.Nanoseconds()))
	}
	spent := growth(before.gc, now.gc) // milliseconds
	if spent.Known && !figures.gcShare.Known {
		figures.gcShare = model.Measured(clampShare(spent.Value / float64(elapsed.Milliseconds())))
	}
	if runs := growth(before.gcCount, now.gcCount); spent.Known && runs.AtLeast(1) {
		figures.gcPause = time.Duration(spent.Value / runs.Value * float64(time.Millisecond))
	}
}

// growth is a counter's difference; unknown where either is, or where it fell.
func growth(before, now model.Measure) model.Measure {
	if !before.Known || !now.Known || now.Value < before.Value {
		return model.Measure{}
	}
	return model.Measured(now.Value - before.Value)
}

// keepHeap remembers a sample and answers with the lowest of the recent ones: use saw-tooths between collections, and what is left
// after one is what tells.
func (m *processMemory) keepHeap(figures *jvmFigures, used model.Measure, at time.Time) {
	recent := m.heaps[:0]
	for _, sample := range m.heaps {
		if at.Sub(sample.at) <= heapAge {
			recent = append(recent, sample)
		}
	}
	if used.Known && !figures.stale {
		recent = append(recent, heapSample{at: at, used: used.Value})
	}
	if len(recent) > maxHeapSamples {
		recent = append(recent[:0], recent[len(recent)-maxHeapSamples:]...)
	}
	m.heaps = recent
	for _, sample := range recent {
		if !figures.heapUsed.Known || sample.used < figures.heapUsed.Value {
			figures.heapUsed = model.Measured(sample.used)
		}
	}
	figures.heapSamples = len(recent)
}

func measure(answer *flink.Metrics, name string) model.Measure {
	value, ok := answer.Get(name)
	return model.Measure{Value: value, Known: ok && value >= 0}
}

// collectors sums up the garbage collectors: time in milliseconds, and runs.
func collectors(answer *flink.Metrics) (spent, runs model.Measure) {
	if all := measure(answer, gcPrefix+"All.Time"); all.Known {
		return all, measure(answer, gcPrefix+"All.Count")
	}
	for name, value := range answer.Values {
		switch {
		case !strings.HasPrefix(name, gcPrefix) || value < 0:
		case strings.HasSuffix(name, ".Time"):
			spent = model.Measured(spent.Value + value)
		case strings.HasSuffix(name, ".Count"):
			runs = model.Measured(runs.Value + value)
		}
	}
	return spent, runs
}

// clampShare keeps a share of time within 0 and 1: Flink's TimeMsPerSecond reached 1129 (1.20.5, measured).
func clampShare(share float64) float64 { return min(max(share, 0), 1) }

// readJobManager asks the JobManager's figures: one small GET.
func (p *pass) readJobManager() {
	answer, err := p.client.JobManagerMetrics(p.ctx, p.memory.jobManager.ask()...)
	if err != nil {
		p.gap(model.GapJobManagerMetrics, "JobManager metrics", err)
		return
	}
	p.useJobManager(&answer)
}

func (p *pass) useJobManager(answer *flink.Metrics) {
	figures := p.memory.jobManager.figures(answer, p.takenAt(answer))
	jm := &p.snapshot.JobManager
	jm.CPULoad, jm.HeapMax, jm.HeapUsed = figures.load, figures.heapMax, figures.heapUsed
	jm.HeapSamples = figures.heapSamples
	if figures.gcShare.Known {
		jm.GCShare = figures.gcShare
	}
	if figures.cpuUsage.Known {
		jm.CPUUsage = figures.cpuUsage
	}
	if figures.gcPause > 0 {
		jm.GCPause = figures.gcPause
	}
	p.jobManagerAnswered = p.jobManagerAnswered || figures.answered
	p.countersStale = !jm.CPUUsage.Known
}

// sizeJobManager says what the JobManager may use, from the configuration; pods say it better and come later.
func (p *pass) sizeJobManager() {
	jm, settings := &p.snapshot.JobManager, &p.snapshot.Settings
	if settings.JobManagerCPU.Known {
		jm.CPULimit = model.Measured(settings.JobManagerCPU.Value)
	}
	if settings.JobManagerProcess.Known {
		jm.ProcessMemory = model.Measured(float64(settings.JobManagerProcess.Value))
	}
	switch {
	case settings.IOPoolSize.Known:
		jm.IOThreads = model.Measured(float64(settings.IOPoolSize.Value))
	case jm.CPULimit.Known:
		// Hardware.getNumberCPUCores: the CPUs the JVM sees, a quota rounded up.
		jm.IOThreads = model.Measured(max(float64(int(jm.CPULimit.Value+0.999)), 1))
	}
	if jm.HeapMax.Known && !settings.JobManagerHeap.Known {
		settings.JobManagerHeap.Value, settings.JobManagerHeap.Known = int64(jm.HeapMax.Value), true
		settings.JobManagerHeap.Origin = settings.JobManagerProcess.Origin
	}
}
