package diagnose

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// The JVM's load is of one moment. Where it says no more than that the JobManager is at work, late answers to us and late acknowledgements of all kinds of
// vertices together say that it has too little CPU; one of them alone does not, nor where its limit is known.
func TestAJobManagerAtWorkThatIsLateWithEverything(t *testing.T) {
	atWork := func(load float64, answers time.Duration, residual float64) *model.Snapshot {
		late := all(entry(mib, 0.1, 0.1, 0.1, 0.2, residual))
		slow := detailed(completed(seconds(residual+1)), 4, shares{late, late, late})
		s := add(jobOf(4), times(4, slow)...)
		s.Past.HealthyDuration = seconds(2)
		s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measure{}, model.Measure{}, model.Measured(load)
		s.Requests = model.RequestTimes{Count: 12, Median: answers, Max: 9 * answers}
		return s
	}
	known := atWork(0.52, 500*time.Millisecond, 400)
	known.JobManager.CPUUsage, known.JobManager.CPULimit = model.Measured(0.3), model.Measured(2)
	for _, tt := range []struct {
		name   string
		s      *model.Snapshot
		likely bool
	}{
		{"at work and late", atWork(0.52, 500*time.Millisecond, 400), true},
		{"idle and late", atWork(0.3, 500*time.Millisecond, 400), false},
		{"at work, and answers at once", atWork(0.52, 20*time.Millisecond, 400), false},
		{"its limit is known", known, false},
	} {
		f := featuresOf(t, tt.s)
		if a := jobManagerCPU.assess(f); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: CPU %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
		if a := networkLatency.assess(f); tt.likely && a.finding.Score >= likelyScore {
			t.Errorf("%s: network %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
	}
	quick := add(jobOf(4), times(4, detailed(completed(seconds(400)), 4, shares{all(quick), all(entry(mib, 0.1, 0.1, 0.1, 390, 0.1)), all(quick)}))...)
	quick.JobManager = atWork(0.52, time.Second, 400).JobManager
	quick.Requests = model.RequestTimes{Count: 12, Median: 500 * time.Millisecond, Max: time.Second}
	if s := cpuHigh(featuresOf(t, quick)); s.state == present {
		t.Errorf("it does its part at once: %+v", s)
	}
}

// strained without its limit: half of the load at one moment is enough where answers and checkpoints say the same.
func TestALoadOfOneMomentIsNoSpareTime(t *testing.T) {
	for load, want := range map[float64]bool{0.52: true, 0.45: false} {
		s := strained(load, 300*time.Millisecond, 70)
		if w := countWindow(s, testPolicy(), testNow); (w.strain > 0) != want {
			t.Errorf("load %.2f: strain %s", load, w.strain)
		}
	}
}

// grown is a job whose barriers wait before a vertex that takes longer and longer, and none of which has expired yet.
func grown(n int) *model.Snapshot {
	var row []model.Checkpoint
	for _, d := range []float64{330, 320, 310, 300} {
		row = append(row, detailed(completed(seconds(d)), n, shares{all(quick), all(entry(1<<20, d-1, 0.1, 0.1, 0.2, 0.1)), all(quick)}))
	}
	s := add(jobOf(n), row...)
	s.Past.HealthyDuration = seconds(3)
	return s
}

func scoreOf(t *testing.T, s *model.Snapshot, r *rule) int {
	t.Helper()
	a := r.assess(featuresOf(t, s))
	return a.finding.Score
}

// Whoever works for a part of the time and waits for the one behind it for the rest has no time left, either: the one at its limit is two vertices on.
func TestTheOneAtItsLimitMayBeTwoVerticesOn(t *testing.T) {
	s := grown(4)
	press(s, source, 0.95, 0.02)
	press(s, state, 0.4, 0.6)
	press(s, sink, 0, 0.99)
	f := featuresOf(t, s)
	if f.press.upstream != state || f.press.busy != sink || backpressure.assess(f).finding.Score < likelyScore {
		t.Errorf("before the congestion %d, at its limit %d: %+v", f.press.upstream, f.press.busy, backpressure.assess(f).finding)
	}
}

// Of a vertex that comes to its limit some subtasks do first. One that is busy alone, or several of which the others have time, are another thing.
func TestAVertexThatComesToItsLimit(t *testing.T) {
	for _, tt := range []struct {
		name string
		busy []float64
		want bool
	}{
		{"three at the limit, the others close", []float64{0.95, 0.9, 0.85, 0.7, 0.7, 0.65, 0.6, 0.6}, true},
		{"three at the limit, the others have time", []float64{0.95, 0.9, 0.85, 0.3, 0.2, 0.3, 0.1, 0.2}, false},
		{"one at the limit, the others close", []float64{0.95, 0.7, 0.7, 0.7, 0.7, 0.65, 0.6, 0.6}, false},
	} {
		s := grown(8)
		press(s, source, 0.95, 0.02)
		for i, busy := range tt.busy {
			press(s, state, 0, busy, i)
		}
		if got := scoreOf(t, s, &backpressure); (got >= likelyScore) != tt.want {
			t.Errorf("%s: %d", tt.name, got)
		}
	}
}

// In the first look of a spell the answers are one poll old, and Flink's mean is of a minute: what was counted just before tells who has no time left.
func TestWhatWasCountedBeforeTheSpell(t *testing.T) {
	s := grown(2)
	press(s, source, 0.05, 0.05)
	press(s, state, 0, 0.45)
	if got := scoreOf(t, s, &backpressure); got >= likelyScore {
		t.Errorf("by Flink's means alone it is %d", got)
	}
	for v, spent := range map[int]model.Work{
		source: {Span: seconds(14), Busy: seconds(1), Backpressured: seconds(4.2), Out: 800},
		state:  {Span: seconds(14), Busy: seconds(13.8), In: 800, Out: 800},
	} {
		s.Vertices[v].Work = []model.SubtaskWork{{Before: spent}, {Before: spent}}
	}
	f := featuresOf(t, s)
	if got := backpressure.assess(f).finding.Score; got < likelyScore {
		t.Errorf("with what was counted before it is %d", got)
	}
	if p := f.paceOf(state, 0); p.many || p.one {
		t.Errorf("what was counted before a call began says nothing of it: %+v", p)
	}
}

// A snapshot that passes, of a subtask that reports it as short, does not hold up those before it; one that stays does. Nor does whoever fires for many keys
// stay at one element.
func TestWhatPassesIsNotWhyBuffersAreFull(t *testing.T) {
	full := func(frames []string, ago ...time.Duration) *model.Snapshot {
		s := grown(2)
		press(s, source, 0.95, 0.02)
		press(s, state, 0, 0.99)
		dumps(s, taskThreadOf(state, 0, frames), taskThreadOf(state, 1, elementFrames, "com.shop.Count.processElement"))
		if len(ago) > 0 {
			s.Stacks = s.Stacks[1:]
		}
		return s
	}
	if got := scoreOf(t, full(syncFrames, 0), &backpressure); got < likelyScore {
		t.Errorf("one dump caught a snapshot: %d", got)
	}
	if got := scoreOf(t, full(syncFrames), &backpressure); got >= likelyScore {
		t.Errorf("a snapshot at the same spot in two dumps: %d", got)
	}
	for gave, want := range map[int64]bool{900: true, 0: false} {
		s := full(elementFrames)
		for v := range s.Vertices[state].Parallelism {
			works(s, state, v, 200, 0)
			s.Vertices[state].Work[v].Lately.Out = gave
		}
		if got := scoreOf(t, s, &backpressure); (got >= likelyScore) != want {
			t.Errorf("%d given: %d", gave, got)
		}
	}
}
