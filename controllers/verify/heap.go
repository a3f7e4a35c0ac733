package verify

import (
	"fmt"

	"checkpointhealth.dev/operator/controllers/model"
)

const livesUnknown = "how much of the JobManager's heap lives after a collection is not known yet"

// collects holds the JobManager's heap against the criterion as health does: a full heap that collects little is no illness, and neither is some
// collecting in one that has room. Each by itself was asked for once, and a remedy that had brought the median from 1.9 s to 0.1 s was undone.
func (c *verdict) collects() (short, unknown string) {
	k, jm := &c.r.Criterion, &c.s.JobManager
	gc := jm.GCShare
	switch {
	case k.MaxGCPercent == 0 && k.MaxHeapPercent == 0:
		return "", ""
	case k.MaxGCPercent == 0:
		return c.full() // asked for by hand
	case !gc.Known:
		return "", "how much of its time the JobManager collects garbage is not known"
	case gc.Value*100 < float64(k.MaxGCPercent):
		return "", ""
	case !gc.AtLeast(max(float64(k.MaxGCPercent)/100, model.MuchGC)) || jm.RoomyHeap():
		return c.full()
	case jm.HeapSamples < model.HeapSamplesAfterCollection && !gc.AtLeast(model.MostGC): // it may have room
		return "", livesUnknown
	}
	return fmt.Sprintf("the JobManager uses %.0f %% of its time for garbage collection, asked were less than %d %%", gc.Value*100, k.MaxGCPercent), ""
}

// full tells whether what lives in the JobManager's heap fills it: one sample may be the top of a saw-tooth.
func (c *verdict) full() (short, unknown string) {
	k, jm := &c.r.Criterion, &c.s.JobManager
	used := ratio(jm.HeapUsed, jm.HeapMax)
	switch {
	case k.MaxHeapPercent == 0:
		return "", ""
	case !used.Known:
		return "", "how much the JobManager uses of its heap is not known"
	case used.Value*100 < float64(k.MaxHeapPercent):
		return "", ""
	case jm.HeapSamples < model.HeapSamplesAfterCollection:
		return "", livesUnknown
	}
	return fmt.Sprintf("the JobManager uses %.0f %% of its heap and collects garbage for %.0f %% of its time, asked were less than %d %% of its heap",
		used.Value*100, jm.GCShare.Value*100, k.MaxHeapPercent), ""
}
