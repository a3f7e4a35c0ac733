package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A long collection in a log weighs a little, for the process that logged it alone, and not where it is older than the spell.
func TestLongCollectionsCountForTheirProcess(t *testing.T) {
	weightOf := func(process string, age time.Duration, cause api.Cause, sub api.SubCause) (weight int, observed string) {
		s := add(jobOf(4), times(5, expired())...)
		s.JobManager.GCShare = model.Measured(0.2)
		for i := range s.TaskManagers {
			s.TaskManagers[i].GCShare = model.Measured(0.2)
		}
		s.Logs = []model.LogSignal{{Kind: model.LogGCPause, Process: process, Count: 3, Last: s.At.Add(-age), Detail: "2912.3ms"}}
		d := diagnosed(t, s)
		for _, e := range finding(&d, cause, sub).Evidence {
			if strings.HasPrefix(e.Signal, "collections in") {
				weight, observed = weight+e.Weight, e.Observed
			}
		}
		return weight, observed
	}
	for _, tt := range []struct {
		process  string
		age      time.Duration
		heap, tm int
	}{
		{model.JobManagerProcess, time.Minute, 5, 0}, {"tm-1", time.Minute, 0, 5}, {model.JobManagerProcess, 48 * time.Hour, 0, 0}, {"tm-1", 48 * time.Hour, 0, 0},
	} {
		heap, said := weightOf(tt.process, tt.age, api.CauseJobManagerOverload, api.SubCauseHeap)
		if heap != tt.heap || heap > 0 && said != "3 of 0.5 s or more, the first 2912.3ms, 1m ago" {
			t.Errorf("%s, %s ago: weighs %d for the heap (%q)", tt.process, tt.age, heap, said)
		}
		if tm, said := weightOf(tt.process, tt.age, api.CauseTaskManagerPressure, ""); tm != tt.tm || tm > 0 && !strings.HasPrefix(said, "tm-1: 3 of") {
			t.Errorf("%s, %s ago: weighs %d for a TaskManager (%q)", tt.process, tt.age, tm, said)
		}
	}
}
