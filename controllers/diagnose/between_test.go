package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// waitsFor sets how the subtasks of a vertex spend their time, of which they are back-pressured the rest.
func waitsFor(s *model.Snapshot, v int, busy, idle float64) {
	for i := range s.Vertices[v].Pressure {
		s.Vertices[v].Pressure[i] = model.SubtaskPressure{Busy: model.Measured(busy), Idle: model.Measured(idle), Backpressured: model.Measured(max(1-busy-idle, 0))}
	}
}

// Buffers are full while those behind them wait for input: what lies between is on its way. One that is busy, or that somebody at work holds up, explains
// the same; and so does a burst, which makes both one after the other within the minute of which Flink tells the mean.
func TestDataThatAreOnTheirWay(t *testing.T) {
	for _, tt := range []struct {
		name                string
		pressed, busy, idle float64 // of the source, and of those in the middle
		held, want          bool
	}{
		{"they wait for a quarter of the time, and it presses nearly all of it", 0.95, 0.6, 0.25, false, true},
		{"they wait for a quarter of the time, and it presses half of it: bursts", 0.55, 0.75, 0.25, false, false},
		{"bursts, with hardly any work", 0.5, 0.45, 0.55, false, false},
		{"both may be of two readings", 0.95, 0.85, 0.15, false, false},
		{"they never wait", 0.97, 0.6, 0.01, false, false},
		{"they are busy", 0.97, 0.82, 0.18, false, false},
		{"somebody is at work", 0.95, 0.6, 0.25, true, false},
		{"nobody works, and somebody is held", 0.95, 0.02, 0.98, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := expiredThrice(2, shares{all(quick), absentAll, absentAll})
			waitsFor(s, source, 1-tt.pressed, 0)
			waitsFor(s, state, tt.busy, tt.idle)
			waitsFor(s, sink, 0.1, 0.9)
			threads := idleThreads(state, 2)
			if tt.held {
				threads = []model.ThreadStack{taskThreadOf(state, 0, syncFrames), taskThreadOf(state, 1, syncFrames)}
			}
			dumps(s, threads...)
			f := featuresOf(t, s)
			if got := f.betweenTasks(); got != tt.want {
				t.Errorf("between the tasks: %t, want %t (held %d, known %t)", got, tt.want, f.threads.held, f.threads.known)
			}
			if top := diagnoseCauses(f)[0]; tt.want != (top.Cause == api.CauseNetworkLatency) {
				t.Errorf("got %+v", top)
			}
		})
	}
}

// Four that work for a quarter of the time each may do so in turns, and the source wait for one after the other: that weighs less, unless stacks show
// that none of them is at work.
func TestThoseThatMayTakeTurns(t *testing.T) {
	for _, tt := range []struct {
		name   string
		busy   float64
		dumped bool
		want   overlap
	}{
		{"a quarter each", 0.25, false, mayAlternate},
		{"a quarter each, none at work in two dumps", 0.25, true, overlaps},
		{"a twentieth each", 0.05, false, overlaps},
	} {
		s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
		waitsFor(s, source, 0, 0)
		waitsFor(s, state, tt.busy, 1-tt.busy)
		waitsFor(s, sink, 0.1, 0.9)
		if tt.dumped {
			dumps(s, idleThreads(state, 4)...)
		}
		f := featuresOf(t, s)
		if got := f.onTheWay(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
		if sign := pressureWithoutWork(f); sign.state != present || sign.inferred != (tt.want == mayAlternate) {
			t.Errorf("%s: %+v", tt.name, sign)
		}
	}
}

// Of two that read from one another, the one that works or that was not read may hold up both: only where all wait it is what lies between.
func TestDataOnTheirWayToAllThatRead(t *testing.T) {
	for _, tt := range []struct {
		name string
		busy model.SubtaskPressure // of the second reader
		want bool
	}{
		{"both wait", model.SubtaskPressure{Backpressured: model.Measured(0), Busy: model.Measured(0.6), Idle: model.Measured(0.4)}, true},
		{"one works", model.SubtaskPressure{Backpressured: model.Measured(0), Busy: model.Measured(0.79), Idle: model.Measured(0.05)}, false},
		{"one was not read", model.SubtaskPressure{}, false},
	} {
		s := expiredThrice(2, shares{all(quick), absentAll, absentAll})
		s.Vertices[sink].Inputs = []int{source}
		press(s, source, 0.95, 0.02)
		for i := range 2 {
			s.Vertices[sink].Pressure[i] = model.SubtaskPressure{Backpressured: model.Measured(0), Busy: model.Measured(0.1), Idle: model.Measured(0.9)}
			s.Vertices[state].Pressure[i] = tt.busy
		}
		f := featuresOf(t, s)
		if got := f.press.betweenVertices(f) != noOverlap; got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// One late answer of many is no JobManager that is slow at all.
func TestOneLateAnswerIsNoSlowJobManager(t *testing.T) {
	for _, tt := range []struct {
		median, max time.Duration
		want        bool
	}{{40 * time.Millisecond, 5100 * time.Millisecond, false}, {700 * time.Millisecond, 5100 * time.Millisecond, true}} {
		s := jobOf(2)
		s.Requests.Median, s.Requests.Max = tt.median, tt.max
		if got := featuresOf(t, s).slowAtAll(); got != tt.want {
			t.Errorf("median %s, at worst %s: %t, want %t", tt.median, tt.max, got, tt.want)
		}
	}
}

// An operator that takes seven of ten records that come has no time left, and the one before it waits for three tenths of its own: the buffers between are full.
func TestALittleBackPressureFillsTheBuffersAsWell(t *testing.T) {
	late := all(entry(1<<20, 320, 0.1, 0.1, 0.2, 0.1))
	one := func() model.Checkpoint {
		return detailed(completed(321*time.Second), 4, shares{all(quick), late, all(quick)})
	}
	for _, tt := range []struct {
		pressed, busy float64
		want          bool
	}{{0.3, 1, true}, {0.3, 0.85, false}, {0.05, 1, false}} {
		s := add(jobOf(4), one(), one(), one())
		press(s, source, tt.pressed, 0.05)
		press(s, state, 0, tt.busy)
		d := diagnosed(t, s)
		if f := finding(&d, api.CauseBackpressure, ""); f.Score >= likelyScore != tt.want {
			t.Errorf("back pressure %.2f before busy %.2f: %s %d", tt.pressed, tt.busy, f.Verdict, f.Score)
		}
	}
}
