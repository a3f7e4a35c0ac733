package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A node under pressure and an eviction speak for a process that is short of something: a little, and only for the component they hit.
func TestPressureOfANodeSpeaksALittle(t *testing.T) {
	evicted := model.Pod{Name: "orders-1", Evicted: true, LastTerminationAt: testNow.Add(-time.Minute)}
	old := evicted
	old.LastTerminationAt = testNow.Add(-100 * time.Hour)
	for _, tt := range []struct {
		name   string
		pod    model.Pod
		gap    bool
		weight int // in the heap of a JobManager; a TaskManager's eviction weighs 20 more, as one that died
		more   int
	}{
		{"at ease", model.Pod{Name: "orders-1"}, false, 0, 0},
		{"pressure", model.Pod{Name: "orders-1", NodePressure: "MemoryPressure"}, false, 5, 0},
		{"evicted", evicted, false, 5, 20},
		{"evicted long ago", old, false, 0, 0},
		{"not read", model.Pod{Name: "orders-1"}, true, 0, 0},
	} {
		for component, cause := range map[model.Component]api.Cause{model.ComponentJobManager: api.CauseJobManagerOverload, model.ComponentTaskManager: api.CauseTaskManagerPressure} {
			s := add(jobOf(4), times(5, expired())...)
			tt.pod.Component = component
			s.Pods, s.Past.UnhealthySince = []model.Pod{tt.pod}, testNow.Add(-time.Hour)
			if tt.gap {
				s.Gaps = append(s.Gaps, model.Gap{Kind: model.GapNodes, Signal: "pressure of the pods' nodes", Why: "reading nodes is forbidden"})
			}
			sub, want := api.SubCauseHeap, tt.weight
			if component == model.ComponentTaskManager {
				sub, want = "", tt.weight+tt.more
			}
			f := finding(ptr(diagnosed(t, s)), cause, sub)
			got := 0
			for _, e := range f.Evidence {
				if strings.Contains(e.Observed, "orders-1") {
					got += e.Weight
				}
			}
			if got != want {
				t.Errorf("%s: %s has evidence %+v, want %d of the pod", tt.name, cause, f.Evidence, want)
			}
			if named := strings.Contains(strings.Join(f.Missing, " "), "nodes"); named != tt.gap {
				t.Errorf("%s: %s misses %q", tt.name, cause, f.Missing)
			}
		}
	}
}

// A TaskManager that is throttled is short of CPU although its use on the average is not at its limit.
func TestAThrottledTaskManager(t *testing.T) {
	for share, want := range map[float64]int{0.05: 0, 0.1: 10, 0.9: 10} {
		s := add(jobOf(4), times(5, expired())...)
		s.Pods = []model.Pod{{Name: "orders-1", Component: model.ComponentTaskManager, ThrottledShare: model.Measured(share)}}
		got := 0
		for _, e := range finding(ptr(diagnosed(t, s)), api.CauseTaskManagerPressure, "").Evidence {
			if strings.Contains(e.Observed, "throttled") {
				got += e.Weight
			}
		}
		if got != want {
			t.Errorf("throttled %v of the time weighs %d, want %d", share, got, want)
		}
	}
}
