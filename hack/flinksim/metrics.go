package flinksim

import (
	"math"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// fetcher is Flink's MetricFetcher: a request answers with what the last fetch brought and starts the next one, at most
// one every metrics.fetcher.update-interval. So the first answer is empty and later ones are as old as the request before.
type fetcher struct {
	fetched  float64 // what the store holds is from then; 0: nothing
	fetching float64 // a fetch began then; 0: none
}

// fetchTime is how long a fetch takes, in ms.
const fetchTime = 150

// read returns the time of the values that a request at a moment sees, 0 where there are none.
func (f *fetcher) read(now float64, every time.Duration) float64 {
	if f.fetching > 0 && now >= f.fetching+fetchTime {
		f.fetched, f.fetching = f.fetching, 0
	}
	if f.fetching == 0 && now >= f.fetched+ms(every) {
		f.fetching = now
	}
	return f.fetched
}

func (j *Job) updateInterval() time.Duration {
	every, err := engine.ParseDuration(j.settings.Config["metrics.fetcher.update-interval"])
	if err != nil || every == 0 {
		return 10 * time.Second
	}
	return every
}

// metricValues are the values of one process, job or vertex by name.
type metricValues map[string]any

type metricJSON struct {
	ID    string  `json:"id"`
	Value *string `json:"value,omitempty"`
}

// metricList answers a metrics request: names where nothing is asked for, else the values of the known names.
func (j *Job) metricList(get string, now float64, values func(at float64) metricValues) []byte {
	at := j.metrics.read(now, j.updateInterval())
	out := []metricJSON{}
	if at == 0 {
		return encoded(out)
	}
	known := values(at)
	if get == "" {
		for name := range known {
			out = append(out, metricJSON{ID: name})
		}
		return encoded(out)
	}
	for name := range strings.SplitSeq(get, ",") {
		if v, ok := known[name]; ok {
			value := text(v)
			out = append(out, metricJSON{ID: name, Value: &value})
		}
	}
	return encoded(out)
}

// jvm is what one JVM's metrics follow from.
type jvm struct {
	heap, live         float64 // bytes
	cpuBefore, cpuNow  float64 // cores
	gcBefore, gcNow    float64 // share of time
	started, onset     float64
	limit              float64 // cores
	collectors         [2]string
	pause              float64 // of one full collection, ms
	threads, allocates float64 // bytes a second
}

// jvmMetrics are the Status.JVM metrics of a process (MetricUtils, 1.19 and later with All and TimeMsPerSecond).
func (j *Job) jvmMetrics(m jvm, at float64) metricValues {
	seconds := func(before, now float64) float64 {
		return before*max(0, min(at, m.onset)-m.started)/1000 + now*max(0, at-max(m.onset, m.started))/1000
	}
	gc, cpu := m.gcBefore, m.cpuBefore
	if at >= m.onset {
		gc, cpu = m.gcNow, m.cpuNow
	}
	full := seconds(m.gcBefore, m.gcNow) * 1000
	young := 300 + 2*(at-m.started)/1000
	sawtooth := math.Mod(at*m.allocates/1000, (m.heap-m.live)/2) // young collections come long before the heap is full
	v := metricValues{
		"Status.JVM.CPU.Load": min(1, cpu/m.limit), "Status.JVM.CPU.Time": int64(seconds(m.cpuBefore, m.cpuNow)*1e9) + 4_000_000_000,
		"Status.JVM.Memory.Heap.Used": int64(m.live + sawtooth), "Status.JVM.Memory.Heap.Committed": int64(m.heap), "Status.JVM.Memory.Heap.Max": int64(m.heap),
		"Status.JVM.Memory.NonHeap.Used": int64(71475968), "Status.JVM.Memory.NonHeap.Committed": int64(72613888), "Status.JVM.Memory.NonHeap.Max": int64(-1),
		"Status.JVM.Memory.Metaspace.Used": int64(52813200), "Status.JVM.Memory.Metaspace.Committed": int64(53608448), "Status.JVM.Memory.Metaspace.Max": int64(-1),
		"Status.JVM.Memory.Direct.Count": int64(14), "Status.JVM.Memory.Direct.MemoryUsed": int64(16833003), "Status.JVM.Memory.Direct.TotalCapacity": int64(16833002),
		"Status.JVM.Memory.Mapped.Count": int64(0), "Status.JVM.Memory.Mapped.MemoryUsed": int64(0), "Status.JVM.Memory.Mapped.TotalCapacity": int64(0),
		"Status.JVM.Threads.Count": int64(m.threads), "Status.JVM.ClassLoader.ClassesLoaded": int64(11001), "Status.JVM.ClassLoader.ClassesUnloaded": int64(119),
	}
	youngName, fullName := "Status.JVM.GarbageCollector."+m.collectors[0], "Status.JVM.GarbageCollector."+m.collectors[1]
	v[youngName+".Count"], v[youngName+".Time"] = int64(8+young/60), int64(young)
	v[fullName+".Count"], v[fullName+".Time"] = int64(full/m.pause), int64(full)
	if j.engine.Settings.AtLeast(1, 19) {
		v["Status.JVM.GarbageCollector.All.Count"] = int64(8+young/60) + int64(full/m.pause)
		v["Status.JVM.GarbageCollector.All.Time"] = int64(young) + int64(full)
		v["Status.JVM.GarbageCollector.All.TimeMsPerSecond"] = gc*1000 + 2
		v[youngName+".TimeMsPerSecond"], v[fullName+".TimeMsPerSecond"] = 2.0, gc*1000
	}
	if j.major2() {
		v["Status.JVM.FileDescriptor.Open"], v["Status.JVM.FileDescriptor.Max"] = int64(214), int64(1048576)
	}
	return v
}

// jobManagerMetrics are /jobmanager/metrics.
func (j *Job) jobManagerMetrics(at float64) metricValues {
	e := j.engine
	start, _ := e.Started()
	before, now := e.Physics(start), e.Physics(at)
	if e.Onset() <= start {
		before = now
	}
	v := j.jvmMetrics(jvm{
		heap: float64(e.Settings.Heap), live: float64(now.LiveSet), cpuBefore: e.CPUUse(&before), cpuNow: e.CPUUse(&now),
		gcBefore: e.GCShare(&before), gcNow: e.GCShare(&now), started: start, onset: e.Onset(), limit: e.Settings.CPU,
		collectors: [2]string{"Copy", "MarkSweepCompact"}, pause: 640, threads: 65, allocates: 3e6,
	}, at)
	slots := j.slotsEach() * j.registered(at)
	v["numRegisteredTaskManagers"], v["numRunningJobs"] = j.registered(at), 1
	v["taskSlotsTotal"], v["taskSlotsAvailable"] = slots, 0
	return v
}

// taskManagerMetrics are /taskmanagers/:id/metrics.
func (j *Job) taskManagerMetrics(i int, at float64) metricValues {
	e := j.engine
	_, run := e.Started()
	p := e.Physics(at)
	m := jvm{
		heap: 519e6, live: 110e6, cpuBefore: 0.12, cpuNow: 0.12, gcBefore: 0.002, gcNow: 0.002, started: run - 2000, onset: e.Onset(),
		limit: 1, collectors: [2]string{"G1_Young_Generation", "G1_Old_Generation"}, pause: 320, threads: 54, allocates: 20e6,
	}
	if p.SlowTasks > 1 && i == e.TaskManagers-1 {
		m.live, m.cpuNow, m.gcNow = 0.96*m.heap, 0.97, 0.91
	}
	v := j.jvmMetrics(m, at)
	for name, value := range map[string]any{
		"Status.Shuffle.Netty.AvailableMemorySegments": 2031, "Status.Shuffle.Netty.TotalMemorySegments": 2048, "Status.Shuffle.Netty.UsedMemorySegments": 17,
		"Status.Shuffle.Netty.AvailableMemory": 66551808, "Status.Shuffle.Netty.TotalMemory": 67108864, "Status.Shuffle.Netty.UsedMemory": 557056,
		"Status.Shuffle.Netty.RequestedMemoryUsage": 1, "Status.Flink.Memory.Managed.Total": 134217728, "Status.Flink.Memory.Managed.Used": 0,
	} {
		v[name] = value
	}
	if !j.major2() {
		v["Status.Network.AvailableMemorySegments"], v["Status.Network.TotalMemorySegments"] = 2031, 2048
	}
	return v
}

// jobMetrics are /jobs/:id/metrics.
func (j *Job) jobMetrics(at float64) metricValues {
	e := j.engine
	start, run := e.Started()
	v := metricValues{
		"totalNumberOfCheckpoints": e.Counts.Total, "numberOfInProgressCheckpoints": e.Counts.InProgress,
		"numberOfCompletedCheckpoints": e.Counts.Completed, "numberOfFailedCheckpoints": e.Counts.Failed,
		"lastCheckpointRestoreTimestamp": int64(-1), "lastCheckpointSize": int64(-1), "lastCheckpointFullSize": int64(-1),
		"lastCheckpointDuration": int64(-1), "lastCheckpointProcessedData": int64(0), "lastCheckpointPersistedData": int64(0),
		"lastCheckpointExternalPath": "n/a", "lastCompletedCheckpointId": int64(-1), "uptime": whole(max(0, at-run)), "numRestarts": e.Restarts,
	}
	if e.Restored != nil {
		v["lastCheckpointRestoreTimestamp"] = whole(start)
	}
	if c := e.LatestDone; c != nil {
		v["lastCheckpointSize"], v["lastCheckpointFullSize"] = c.Bytes(), j.fullSize(c)
		v["lastCheckpointDuration"], v["lastCompletedCheckpointId"] = whole(c.Duration()), c.ID
		v["lastCheckpointExternalPath"] = j.path(c.ID)
	}
	if j.major2() {
		v["lastCheckpointCompletedTimestamp"], v["lastCheckpointMetadataSize"] = int64(-1), int64(3619)
	} else {
		v["fullRestarts"] = e.Restarts
	}
	return v
}
