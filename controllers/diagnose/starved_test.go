package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A TaskManager without CPU uploads late as it does everything. The storage is slow where uploads of others are late as well, and where the one that is late
// has CPU to spare.
func TestUploadsOfAStarvedTaskManager(t *testing.T) {
	const kib = 1 << 10
	for name, tt := range map[string]struct {
		load    [2]float64
		late    [2]bool
		bytes   int64
		storage bool
		weight  int
	}{
		"late there alone, and no CPU there":       {load: [2]float64{0.1, 0.99}, late: [2]bool{false, true}, bytes: 27 * kib, weight: -45},
		"much to write, late there alone":          {load: [2]float64{0.1, 0.99}, late: [2]bool{false, true}, bytes: 27 * mib, weight: -45},
		"late elsewhere as well":                   {load: [2]float64{0.1, 0.99}, late: [2]bool{true, true}, bytes: 27 * kib, storage: true},
		"late there alone, and CPU to spare there": {load: [2]float64{0.1, 0.1}, late: [2]bool{false, true}, bytes: 27 * kib, storage: true},
		"late on both, both without CPU, tiny":     {load: [2]float64{0.95, 0.99}, late: [2]bool{true, true}, bytes: 27 * kib, storage: true, weight: -30},
		"late on both, both without CPU, much":     {load: [2]float64{0.95, 0.99}, late: [2]bool{true, true}, bytes: 27 * mib, storage: true},
	} {
		writes := func(i int) model.SubtaskLedger {
			if tt.late[i%2] {
				return entry(tt.bytes, 20, 0, 0.5, 640, 0.1)
			}
			return entry(tt.bytes, 0.1, 0, 0.1, 0.3, 0.1)
		}
		s := expiredThrice(4, shares{all(quick), writes, all(quick)})
		for i := range s.TaskManagers {
			s.TaskManagers[i].CPULoad = model.Measured(tt.load[i])
		}
		dumps(s, uploadThread(1), idleThread(state, 1), idleThread(state, 3))
		f := featuresOf(t, s)
		a := slowStateBackend.assess(f)
		if got := a.finding.Score >= likelyScore; got != tt.storage {
			t.Errorf("%s: SlowStateBackend %d of %+v", name, a.finding.Score, a.finding.Evidence)
		}
		if got := weightOf(a, "TaskManagers"); got != tt.weight {
			t.Errorf("%s: weighs %d, want %d", name, got, tt.weight)
		}
	}
}

// So with acknowledgements that come late from there alone.
func TestAcknowledgementsOfAStarvedTaskManager(t *testing.T) {
	for name, tt := range map[string]struct {
		load float64
		sick bool
	}{"no CPU there": {0.99, true}, "CPU to spare there": {0.1, false}} {
		late := func(i int) model.SubtaskLedger {
			if i%2 == 1 {
				return entry(mib, 0.1, 0, 0.1, 0.3, 650)
			}
			return quick
		}
		s := expiredThrice(4, shares{late, late, late})
		s.TaskManagers[1].CPULoad = model.Measured(tt.load)
		f := featuresOf(t, s)
		if got := oneSickManager(f); (got.state == present) != tt.sick {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Where one gets no CPU at all and does not tell its load, its dump is late for that, and tells nothing of the way.
func TestADumpOfOneThatGetsNoCPU(t *testing.T) {
	for name, tt := range map[string]struct {
		sync float64
		late bool
	}{"snapshots take long as well": {0.12, false}, "snapshots are quick": {0.002, true}} {
		each := all(entry(4096, 6, 0, tt.sync, 0.4, 640))
		usual := all(entry(4096, 0.01, 0, 0.002, 0.1, 0.01))
		one := func() model.Checkpoint { return detailed(expired(), 4, shares{each, each, each}) }
		s := add(jobOf(4), one(), one(), one(), detailed(completed(20*time.Second), 4, shares{usual, usual, usual}))
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: idleThreads(sink, 4),
			Took: map[string]time.Duration{model.JobManagerProcess: 30 * time.Millisecond, "tm-1": 200 * time.Second, "tm-2": 210 * time.Second}}}
		f := featuresOf(t, s)
		if got := answersSlow(f); (got.state == present) != tt.late {
			t.Errorf("%s: %+v", name, got)
		}
		d := diagnosed(t, s)
		if want := (d.Top().Cause == api.CauseNetworkLatency); want != tt.late {
			t.Errorf("%s: %s is first", name, d.Top().Cause)
		}
	}
}
