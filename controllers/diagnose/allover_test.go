package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Slow messages make the trigger, the acknowledgement and the dump late, and a write to an object store the asynchronous part. Only where the snapshots
// themselves take several times as long as they do in health, of several vertices, is it the processor that is short.
func TestSlowMessagesAreNoWantOfCPU(t *testing.T) {
	const mostly = 0.12
	for name, c := range map[string]struct {
		sync    [3]float64 // of source, state and sink
		async   float64
		usual   float64
		load    float64
		starved bool
	}{
		"a write to an object store":            {sync: [3]float64{0.002, 0.002, 0.002}, async: 0.4, usual: 0.002, load: -1},
		"slow in each part, load not read":      {sync: [3]float64{mostly, mostly, mostly}, async: 0.4, usual: 0.002, load: -1, starved: true},
		"slow in each part, some load":          {sync: [3]float64{mostly, mostly, mostly}, async: 0.4, usual: 0.002, load: 0.4, starved: true},
		"slow in each part, CPU to spare":       {sync: [3]float64{mostly, mostly, mostly}, async: 0.4, usual: 0.002, load: 0.05},
		"it has always been so":                 {sync: [3]float64{mostly, mostly, mostly}, async: 0.4, usual: 0.1, load: -1},
		"nothing is known of health":            {sync: [3]float64{mostly, mostly, mostly}, async: 0.4, usual: -1, load: -1},
		"the snapshots of one vertex, no other": {sync: [3]float64{0.002, 3, 0.002}, async: 0.1, usual: 0.002, load: -1},
	} {
		late := func(v int) func(int) model.SubtaskLedger { return all(entry(4096, 6, 0, c.sync[v], c.async, 640)) }
		before := completed(20 * time.Second)
		if c.usual >= 0 {
			usual := all(entry(4096, 0.01, 0, c.usual, 0.1, 0.01))
			before = detailed(before, 4, shares{usual, usual, usual})
		}
		one := func() model.Checkpoint { return detailed(expired(), 4, shares{late(source), late(state), late(sink)}) }
		s := add(jobOf(4), one(), one(), one(), before)
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

// A subtask that writes nothing waits for no storage in its asynchronous part, either.
func TestTheAsynchronousPartOfNothingIsItsOwn(t *testing.T) {
	stateless, writes := entry(0, 6, 0, 0, 0.4, 1), entry(4096, 6, 0, 0, 0.4, 1)
	if got := ownWork(&stateless); got != 400*time.Millisecond {
		t.Errorf("of one that writes nothing %s", got)
	}
	if got := ownWork(&writes); got != 0 {
		t.Errorf("of one that writes %s", got)
	}
}
