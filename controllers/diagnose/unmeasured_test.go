package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// No summary states a number that nobody measured.
func TestNoSummaryStatesWhatWasNotMeasured(t *testing.T) {
	killed := expiredThrice(4, shares{all(entry(mib, 0.1, 0, 0.1, 0.2, 640)), all(entry(mib, 0.1, 0, 0.1, 0.2, 640)), absentAll})
	killed.JobManager = model.JobManager{}
	killed.Pods = []model.Pod{{Name: "orders-0", Component: model.ComponentJobManager, OOMKilled: true, LastTerminationAt: testNow.Add(-time.Minute)}}
	killed.Requests = model.RequestTimes{Count: 3, Median: time.Second, Max: 2 * time.Second}
	cancelled := expiredThrice(4, shares{all(quick), func(int) model.SubtaskLedger {
		e := entry(0, 0.1, 0.1, 0.1, 0, 0)
		e.Async, e.Residual, e.Unfinished, e.Aborted = model.Unknown, model.Unknown, model.PhaseAsync, true
		return e
	}, all(quick)})
	for i := range cancelled.Checkpoints.History {
		cancelled.Checkpoints.History[i].CheckpointedSize, cancelled.Checkpoints.History[i].StateSize = 0, 0
	}
	for name, s := range map[string]*model.Snapshot{"a JobManager that was killed": killed, "uploads that are cancelled": cancelled} {
		d := diagnosed(t, s)
		for i := range d.Findings {
			if text := d.Findings[i].Summary; strings.Contains(text, "0%") || strings.Contains(text, " 0 B") {
				t.Errorf("%s: %s: %s", name, d.Findings[i].Cause, text)
			}
		}
	}
	if f := finding(ptr(diagnosed(t, killed)), api.CauseJobManagerOverload, api.SubCauseHeap); !strings.Contains(f.Summary, "OOMKilled") {
		t.Errorf("a JobManager that was killed: %q", f.Summary)
	}
}

func ptr[T any](v T) *T { return &v }

// One sample of a heap may be the top of its saw-tooth.
func TestOneSampleOfTheHeapIsNoLiveSet(t *testing.T) {
	for samples, counts := range map[int]bool{1: false, 2: false, 3: true} {
		s := caseNamed(t, "JobManager collects garbage")
		s.JobManager.HeapSamples = samples
		d := diagnosed(t, s)
		found := false
		for _, e := range finding(&d, api.CauseJobManagerOverload, api.SubCauseHeap).Evidence {
			found = found || e.Signal == "heap after collections"
		}
		if found != counts {
			t.Errorf("%d samples: counted %v", samples, found)
		}
	}
}
