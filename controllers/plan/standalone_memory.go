package plan

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// keyLegacyHeap is how the heap was called before Flink 1.11; start scripts honour it, and FLINK_JM_HEAP before it, up to 1.20.
const keyLegacyHeap = "jobmanager.heap.size"

// standaloneMemory writes a new process size of a standalone JobManager, and the container's request and limit with it: a process larger
// than its container is killed, and a container larger than its process is paid for nothing.
func (v *view) standaloneMemory(present float64, capped int64) []model.Change {
	change := v.change(api.LeverJobManagerHeap, keyProcessSize, memoryText(int64(present), false), memoryText(capped, false), v.s.Settings.JobManagerProcess.Origin)
	return append([]model.Change{change}, v.containerMemory(float64(capped)-present, float64(capped))...)
}

// containerMemory raises what the container sets of its memory, by as much as the process grows and at least to the process.
func (v *view) containerMemory(more, least float64) []model.Change {
	var changes []model.Change
	for _, list := range []string{"limits", "requests"} {
		field := "jobManager.resources." + list + ".memory"
		written, ok := v.target().JobManagerResources[field]
		if !ok {
			continue
		}
		amount, err := resource.ParseQuantity(written)
		if err != nil {
			continue
		}
		to := amount.AsApproximateFloat64() + more
		if list == "limits" {
			to = max(to, least)
		}
		changes = append(changes, model.Change{Lever: api.LeverJobManagerHeap, Field: field, From: written, WasSet: true,
			To: memoryText(tidyContainer(to), true), Origin: api.OriginTarget})
	}
	return changes
}

// tidyContainer rounds up to whole MiB.
func tidyContainer(bytes float64) int64 { return (int64(bytes) + mib - 1) / mib * mib }

// legacyHeap is a heap that FLINK_JM_HEAP or jobmanager.heap.size sets and no newer key overrides; bytes.
func (v *view) legacyHeap() (written string, heap float64, ok bool) {
	if v.standalone() == nil || v.version.atLeast(2, 0) {
		return "", 0, false
	}
	for _, newer := range []string{keyProcessSize, keyHeapSize, "jobmanager.memory.flink.size"} {
		if _, ok := v.written(newer); ok {
			return "", 0, false
		}
	}
	text, set := v.written(keyLegacyHeap)
	bytes, err := model.ParseMemory(text)
	return text, float64(bytes), set && err == nil && bytes > 0
}

// proposeLegacyHeap sizes the heap where it is set itself: the process is what Flink adds up from it.
func proposeLegacyHeap(v *view, text string, present float64) proposal {
	wantHeap, why := wantedHeap(v, present)
	want := tidyMemory(wantHeap)
	most := v.p.Lever(api.LeverJobManagerHeap).Max
	parts := v.memoryModel()
	capped := min(want, int64(max(parts.heapOf(most), 0))/mib*mib)
	if float64(want) <= present {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("%s; %s = %s already allows that", why, keyLegacyHeap, text))}
	}
	if float64(capped) <= present {
		return proposal{skip: boundReached(fmt.Sprintf("a heap of %s is at the policy's bound remedies.jobManagerHeap.max of %s for the process already",
			bytesText(present), bytesText(most)))}
	}
	change := v.change(api.LeverJobManagerHeap, keyLegacyHeap, text, strconv.FormatInt(capped/mib, 10)+"m", api.OriginConfigMap)
	p := proposal{changes: []model.Change{change}, reason: why}
	p.changes = append(p.changes, v.containerMemory(float64(capped)-present, parts.processFor(float64(capped)))...)
	if capped < want {
		p.changes[0].Uncapped = strconv.FormatInt(want/mib, 10) + "m"
		p.reason += fmt.Sprintf("; the policy allows a process of up to %s", bytesText(most))
	}
	return p
}

// configuredProcess is the process size of a standalone JobManager as its configuration has it: its container's limit does not size it.
func (v *view) configuredProcess() model.Measure {
	if bytes, ok := v.memorySetting(keyProcessSize); ok && bytes > 0 {
		return model.Measured(bytes)
	}
	if s := v.s.Settings.JobManagerProcess; s.Known {
		return firstMeasure(model.Measured(float64(s.Value)))
	}
	return model.Measure{}
}
