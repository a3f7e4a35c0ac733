package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// memoryModel is how Flink takes a JobManager's process size apart: metaspace, off-heap and JVM overhead, the rest is heap
// (ProcessMemoryUtils and JobManagerFlinkMemoryUtils, 1.15 to 2.3). Sizes are bytes.
type memoryModel struct {
	metaspace, offHeap, overheadMin, overheadMax, fraction float64
}

// memoryModel reads the configured parts. The configuration of a running JobManager holds what Flink computed, not what was configured
// (jvm-overhead.min equals max there), so without a target the defaults are taken.
func (v *view) memoryModel() memoryModel {
	m := memoryModel{metaspace: 256 * mib, offHeap: 128 * mib, overheadMin: 192 * mib, overheadMax: 1024 * mib, fraction: 0.1}
	if !v.hasTarget() {
		return m
	}
	for key, into := range map[string]*float64{
		"jobmanager.memory.jvm-metaspace.size": &m.metaspace, "jobmanager.memory.off-heap.size": &m.offHeap,
		"jobmanager.memory.jvm-overhead.min": &m.overheadMin, "jobmanager.memory.jvm-overhead.max": &m.overheadMax,
	} {
		if bytes, ok := v.memorySetting(key); ok {
			*into = bytes
		}
	}
	if text, ok := v.written("jobmanager.memory.jvm-overhead.fraction"); ok {
		if f, err := strconv.ParseFloat(text, 64); err == nil && f >= 0 && f < 0.9 {
			m.fraction = f
		}
	}
	m.overheadMax = max(m.overheadMax, m.overheadMin)
	return m
}

func (v *view) memorySetting(key string) (float64, bool) {
	text, ok := v.written(key)
	if !ok {
		return 0, false
	}
	bytes, err := model.ParseMemory(text)
	return float64(bytes), err == nil && bytes >= 0
}

// heapOf is the heap of a process: 2048 MiB leave 1459, 4096 leave 3302 with the defaults.
func (m memoryModel) heapOf(process float64) float64 {
	return process - m.metaspace - m.offHeap - min(max(m.fraction*process, m.overheadMin), m.overheadMax)
}

// processFor is the process that a heap needs, the inverse of heapOf: 2048 MiB need 2703, 4096 need 4978 with the defaults.
func (m memoryModel) processFor(heap float64) float64 {
	rest := heap + m.metaspace + m.offHeap
	process := rest / (1 - m.fraction)
	switch overhead := m.fraction * process; {
	case overhead < m.overheadMin:
		return rest + m.overheadMin
	case overhead > m.overheadMax:
		return rest + m.overheadMax
	}
	return process
}

// proposeHeap sizes the process so that the live set fills the target share of the heap. Only the process size is written: Flink derives
// the heap from it.
func proposeHeap(v *view) proposal {
	if text, heap, ok := v.legacyHeap(); ok {
		return proposeLegacyHeap(v, text, heap)
	}
	parts := v.memoryModel()
	present := v.processSize()
	heap := firstMeasure(v.s.JobManager.HeapMax)
	if !heap.Known && present.Known {
		heap = firstMeasure(model.Measured(parts.heapOf(present.Value)))
	}
	if !heap.Known {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "neither the JobManager's heap nor its process size is known")}
	}
	if !present.Known {
		present = model.Measured(parts.processFor(heap.Value))
	}
	wantHeap, why := wantedHeap(v, heap.Value)
	want := tidyMemory(parts.processFor(wantHeap))
	if float64(want) <= present.Value {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("%s; its process size of %s already allows that", why, bytesText(present.Value)))}
	}
	most := v.p.Lever(api.LeverJobManagerHeap).Max
	if present.Value >= most {
		return proposal{skip: boundReached(fmt.Sprintf("a process size of %s is at the policy's bound remedies.jobManagerHeap.max of %s already", bytesText(present.Value), bytesText(most)))}
	}
	capped := min(want, int64(most)/mib*mib)
	if skip := v.pinned(parts, float64(capped)); skip.Refused() {
		return proposal{skip: skip}
	}
	return v.heapProposal(present.Value, capped, want, why+fmt.Sprintf("; a process of %s holds a heap of %s", bytesText(float64(capped)), bytesText(parts.heapOf(float64(capped)))))
}

func (v *view) heapProposal(present float64, capped, want int64, why string) proposal {
	kubernetes := strings.HasSuffix(v.jobManager().JobManagerMemory, "i") || v.jobManager().ResourceField == "resources"
	from, to := memoryText(int64(present), kubernetes), memoryText(capped, kubernetes)
	p := proposal{reason: why}
	if v.standalone() != nil {
		p.changes, kubernetes = v.standaloneMemory(present, capped), false
	} else {
		p.changes, p.notes = v.resourceChanges(api.LeverJobManagerHeap, "memory", from, to), v.overwritten()
	}
	if capped < want {
		for i := range p.changes {
			p.changes[i].Uncapped = memoryText(want, kubernetes)
		}
		p.reason += fmt.Sprintf("; the policy allows up to %s", memoryText(capped, kubernetes))
	}
	return p
}

// wantedHeap is live set / target share, and at least half as much again where the heap is full: a full heap hides how much more it needs.
func wantedHeap(v *view, heap float64) (bytes float64, arithmetic string) {
	live := firstMeasure(v.d.Facts.LiveHeap, v.s.JobManager.HeapUsed)
	least := heap * peggedGrowth
	if !live.Known {
		return least, fmt.Sprintf("what lives in its heap of %s is not known: x %s = %s", bytesText(heap), numberText(peggedGrowth), bytesText(least))
	}
	want := min(live.Value/targetUtilization, math.MaxInt64/8)
	if live.Value >= heap*pegged {
		want = max(want, least)
	}
	if room, words := v.roomForGarbage(heap, live.Value); room > want {
		return room, words
	}
	what := "%s of its heap of %s live after collection: %s / %s = %s"
	if v.s.JobManager.HeapSamples < model.HeapSamplesAfterCollection {
		what = "%s of its heap of %s in use, at most that much live after collection: %s / %s = %s"
	}
	return want, fmt.Sprintf(what, bytesText(live.Value), bytesText(heap),
		bytesText(live.Value), percent(targetUtilization), bytesText(want))
}

const (
	// leastRoom is the share of the heap that is left over at least where the live set seems to fill it: the lowest sample is no exact live set.
	leastRoom = 0.05
	// mostGrowth bounds one step, for a share of garbage collection near 1 would ask for any heap.
	mostGrowth = 3
)

// roomForGarbage sizes a heap that collects too much by its room above the live set. Collections are as many as that room is filled, and each costs the
// live set anew, so that the time of collecting against that of working falls as the room grows: 30 MiB of room with 42 % of the time are 0.72 to 1,
// and 6 % (0.064 to 1) need 340 MiB. Measured: 64 MiB more room left 19 % and were no cure. It is 0 where the
// JobManager does not collect too much, or has room, or what lives is not known: one sample may be the top of a saw-tooth.
func (v *view) roomForGarbage(heap, live float64) (bytes float64, arithmetic string) {
	gc, bound := v.s.JobManager.GCShare, v.p.Thresholds.GC
	if !gc.AtLeast(bound) || bound <= 0 || live < heap*model.CrowdedHeap || v.s.JobManager.HeapSamples < model.HeapSamplesAfterCollection {
		return 0, ""
	}
	target, room := bound*targetUtilization, max(heap-live, heap*leastRoom)
	odds := func(share float64) float64 { return share / max(1-share, 0.01) }
	wanted := room * odds(gc.Value) / odds(target)
	want := min(live+wanted, heap*mostGrowth)
	words := fmt.Sprintf("it collects %s of the time with %s of room above the %s that live: for %s of the time it needs %s of room", percent(gc.Value), bytesText(room), bytesText(live),
		percent(target), bytesText(wanted))
	if want < live+wanted {
		words += fmt.Sprintf(", bounded to a heap of %d times the present one", mostGrowth)
	}
	return want, words
}

// processSize is the JobManager's process size in bytes. The Flink operator overwrites jobmanager.memory.process.size by resource.memory.
func (v *view) processSize() model.Measure {
	if v.standalone() != nil {
		return v.configuredProcess()
	}
	if bytes, err := model.ParseMemory(v.jobManager().JobManagerMemory); err == nil && bytes > 0 {
		return model.Measured(float64(bytes))
	}
	if v.s.Settings.JobManagerProcess.Known {
		return firstMeasure(model.Measured(float64(v.s.Settings.JobManagerProcess.Value)))
	}
	return firstMeasure(v.s.JobManager.ProcessMemory)
}

// pinned refuses where the configuration fixes the heap: a larger process would leave it as it is, and would not even start once what is
// left over for the JVM's overhead leaves its range (IllegalConfigurationException).
func (v *view) pinned(parts memoryModel, process float64) model.Refusal {
	heap, key, ok := v.pinnedHeap(parts)
	if !ok {
		return model.Refusal{}
	}
	leftover := process - heap - parts.offHeap - parts.metaspace
	what := "the heap would stay as it is"
	if leftover < parts.overheadMin || leftover > parts.overheadMax {
		what = fmt.Sprintf("%s would be left for the JVM's overhead, outside of %s to %s, and the JobManager would not start",
			bytesText(leftover), bytesText(parts.overheadMin), bytesText(parts.overheadMax))
	}
	return refuse(api.ReasonHeapSizePinned, fmt.Sprintf("%s pins the heap at %s: with a process of %s %s; remove the key, then the process size decides",
		key, bytesText(heap), bytesText(process), what))
}

// pinnedHeap finds the key that fixes the heap. A running JobManager shows a heap.size that its start script computed: without a target
// it counts as pinned only where it is not what the process size gives.
func (v *view) pinnedHeap(parts memoryModel) (heap float64, key string, pinned bool) {
	if heap, ok := v.memorySetting(keyHeapSize); ok {
		process, has := v.memorySetting(keyProcessSize)
		computed := !v.hasTarget() && (!has || math.Abs(parts.heapOf(process)-heap) <= 2*mib)
		return heap, keyHeapSize, !computed
	}
	const keyFlinkSize = "jobmanager.memory.flink.size"
	if flink, ok := v.memorySetting(keyFlinkSize); ok && v.hasTarget() {
		return flink - parts.offHeap, keyFlinkSize, true
	}
	return 0, "", false
}
