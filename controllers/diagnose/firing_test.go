package diagnose

import (
	"fmt"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// No record passes while timers fire, whether for one key or for thousands. Only the same spot in two dumps is one call.
func TestTimersOfManyKeysAreNotOneCall(t *testing.T) {
	s := waiting(4, absentFirst)
	press(s, state, 0, 1, 0)
	works(s, state, 0, 60, 0)
	for k, inner := range []string{"io.harbour.Tide.high", "io.harbour.Wind.gust"} {
		s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(time.Duration(10*k-40) * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: append(idleThreads(sink, 4), taskThreadOf(state, 0, windowFrames, inner, "io.harbour.Logbook.process"))})
	}
	d := diagnosed(t, s)
	f := findingOf(&d, api.CauseUserCodeBlocking)
	if f == nil || f.Verdict == api.VerdictConfirmed || !strings.Contains(f.Summary, "timers that fire") || strings.Contains(f.Summary, "one call") {
		t.Errorf("timers of many keys: %+v", f)
	}
}

// A source whose chain lets nothing out is not at one element for that.
func TestASelectiveSourceIsNotAtOneElement(t *testing.T) {
	for name, holds := range map[string]bool{"Source: ships": true, "Source: ships -> Filter": false} {
		s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
		s.Vertices[source].Name = name
		press(s, source, 0, 0.97)
		for i := range 4 {
			works(s, source, i, 58, 0)
		}
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: append(idleThreads(sink, 4), taskThreadOf(source, 0, chainFrames, "io.harbour.Draught.filter"))}}
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseUserCodeBlocking)
		if got := f != nil && f.Score >= likelyScore; got != holds {
			t.Errorf("%s: likely %v, want %v (%+v)", name, got, holds, f)
		}
	}
}

// A hot key uses up the one core of its TaskManager, and makes the source beside it slow: more CPU would not help.
func TestAHotKeyOnATaskManagerOfOneCore(t *testing.T) {
	beside := func(i int) model.SubtaskLedger {
		if i == 0 {
			return entry(mib, 0.3, 0.1, 0.1, 0.3, 0.1)
		}
		return entry(mib, 0.01, 0.01, 0.01, 0.04, 0.02)
	}
	s := expiredThrice(4, shares{beside, absentFirst, absentAll})
	s.TaskManagers = nil
	for i := range 4 {
		id, load := fmt.Sprintf("berth-%d", i), 0.2
		if i == 0 {
			load = 0.98
		}
		s.TaskManagers = append(s.TaskManagers, model.TaskManager{ID: id, GCShare: model.Measured(0.01), CPULoad: model.Measured(load)})
		for v := range s.Vertices {
			s.Vertices[v].Placement[i] = id
		}
	}
	press(s, source, 0.9, 0.05)
	press(s, state, 0, 0.2)
	press(s, state, 0, 1, 0)
	works(s, state, 0, 60, 30_000)
	dumps(s, append(idleThreads(sink, 4), taskThreadOf(state, 0, elementFrames, "java.util.HashMap.put", "io.harbour.Cargo.processElement"))...)
	if d := diagnosed(t, s); d.Top().Cause != api.CauseDataSkew || d.Top().Score < likelyScore {
		t.Errorf("%s with %d: %s", d.Top().Cause, d.Top().Score, d.Top().Summary)
	}
}

// One sink caught in a flush of the checkpoint before says nothing where two later dumps show all of them idle.
func TestAFlushOfTheCheckpointBeforeIsOver(t *testing.T) {
	s := expiredThrice(4, shares{all(quick), all(quick), absentAll})
	s.Stacks = []model.StackSample{{At: testNow.Add(-11 * time.Minute), PendingCheckpoint: 8120, PendingFor: 9 * time.Minute,
		Threads: append(idleThreads(sink, 4)[1:], taskThreadOf(sink, 0, flushFrames, "io.harbour.Pier.send"))}}
	dumps(s, idleThreads(sink, 4)...)
	d := diagnosed(t, s)
	if f := findingOf(&d, api.CauseSinkFlush); f != nil && f.Score >= likelyScore {
		t.Errorf("SinkFlush %d: %s", f.Score, f.Summary)
	}
}

// The same call for each of many keys is at the same spot in two dumps, but what each of them gives is counted; where nothing came out it is one call.
func TestATimerThatGivesForManyKeysIsNotOneCall(t *testing.T) {
	for gave, one := range map[int64]bool{0: true, 40: false} {
		s := waiting(4, absentFirst)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 0)
		s.Vertices[state].Work[0].Lately.Out = gave
		dumps(s, append(idleThreads(sink, 4), taskThreadOf(state, 0, windowFrames, "io.harbour.Logbook.process"))...)
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseUserCodeBlocking)
		if f == nil || strings.Contains(f.Summary, "one call") != one || f.Verdict == api.VerdictConfirmed != one {
			t.Errorf("%d records came out: %+v", gave, f)
		}
	}
}
