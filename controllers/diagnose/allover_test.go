package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Slow messages make the trigger, the acknowledgement and the dump late, and one write to an object store the snapshot: that is no want of CPU.
func TestSlowMessagesAreNoWantOfCPU(t *testing.T) {
	for name, c := range map[string]struct {
		sync, async, load float64
		starved           bool
	}{
		"a write to an object store, load not read": {sync: 0.002, async: 0.12, load: -1},
		"slow in each part, CPU to spare":           {sync: 0.12, async: 0.4, load: 0.05},
		"slow in each part, load not read":          {sync: 0.12, async: 0.4, load: -1, starved: true},
		"slow in each part, some load":              {sync: 0.12, async: 0.4, load: 0.4, starved: true},
	} {
		one := all(entry(4096, 6, 0, c.sync, c.async, 640))
		s := expiredThrice(4, shares{one, one, one})
		for i := range s.TaskManagers {
			if c.load >= 0 {
				s.TaskManagers[i].CPULoad = model.Measured(c.load)
			}
		}
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: idleThreads(sink, 4),
			Took: map[string]time.Duration{model.JobManagerProcess: 30 * time.Millisecond, "tm-1": 6 * time.Second, "tm-2": 6100 * time.Millisecond}}}
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseTaskManagerPressure)
		if starved := f != nil && f.Score >= likelyScore; starved != c.starved {
			t.Errorf("%s: TaskManagerPressure likely %v, want %v (%+v)", name, starved, c.starved, f)
		}
		if !c.starved && d.Top().Cause != api.CauseNetworkLatency {
			t.Errorf("%s: %s is first", name, d.Top().Cause)
		}
	}
}
