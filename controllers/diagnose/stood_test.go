package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What had gathered behind one call passes in a moment when it ends, before the next: counted over both, it looks like a flow of slow ones. That nothing
// passed at all during the call before tells the two apart.
func TestAFlowBetweenTwoCalls(t *testing.T) {
	for name, c := range map[string]struct {
		stood model.Work
		want  api.Cause
	}{
		"none passed in a span before":           {model.Work{Span: seconds(60), Busy: seconds(59)}, api.CauseUserCodeBlocking},
		"it stood for less than half a minute":   {model.Work{Span: seconds(20), Busy: seconds(20)}, api.CauseBackpressure},
		"it waited for input in the span before": {model.Work{Span: seconds(60), Busy: seconds(35)}, api.CauseBackpressure},
		"some passed at any time":                {model.Work{}, api.CauseBackpressure},
	} {
		s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
		var threads []model.ThreadStack
		for i := range 4 {
			threads = append(threads, taskThreadOf(state, i, elementFrames, "com.shop.Rates.lookup"))
			works(s, state, i, 60, 600)
			s.Vertices[state].Work[i].Stood = c.stood
		}
		dumps(s, threads...)
		press(s, source, 1, 0)
		press(s, state, 0, 1)
		if d := diagnosed(t, s); d.Top().Cause != c.want || d.Top().Score < likelyScore {
			t.Errorf("%s: %s %s %d", name, d.Top().Verdict, d.Top().Cause, d.Top().Score)
		}
	}
}

// A stack so deep that its callers are not shown is that of a snapshot where its subtask reported that this is what took long, and that of an element where
// it came late to its barrier.
func TestWhereADeepStackIs(t *testing.T) {
	var deep []string
	for len(deep) < 50 {
		deep = append(deep, "java.util.regex.Pattern$Loop.match", "java.util.regex.Pattern$GroupTail.match")
	}
	for name, c := range map[string]struct {
		reported model.SubtaskLedger
		want     place
	}{
		"its snapshot took long": {entry(0, 1, 1, 700, 0, 0), inSnapshot},
		"it began late":          {entry(0, 700, 1, 1, 0, 0), inElement},
		"it never reported":      {absentEntry(), inElement},
	} {
		s := expiredThrice(1, shares{all(quick), all(quick), absentAll})
		c.reported.Index = 0
		s.Checkpoints.History[2].Tasks[sink].Entries[0] = c.reported
		dumps(s, model.ThreadStack{Process: "tm-1", Name: "sink (1/1)#0", State: "RUNNABLE", Vertex: sink, Frames: deep})
		f := featuresOf(t, s)
		if len(f.threads.tasks) != 1 || f.threads.tasks[0].place != c.want {
			t.Errorf("%s: %+v, want %s", name, f.threads.tasks, c.want)
		}
		if d := diagnosed(t, s); c.want == inSnapshot && (d.Top().Cause != api.CauseSlowSyncPhase || d.Top().Score < likelyScore) {
			t.Errorf("%s: %s %d", name, d.Top().Cause, d.Top().Score)
		}
	}
}

// What a sink of the user's own does in its snapshot is a flush while it waits for the system behind it. One that computes, or waits for somebody in its own
// process, sends nothing.
func TestASinkThatComputesInItsSnapshot(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		inner []string
		want  api.Cause
	}{
		"it reads an answer":        {"RUNNABLE", []string{"sun.nio.ch.NioSocketImpl.read", "com.shop.Warehouse.snapshotState"}, api.CauseSinkFlush},
		"it waits":                  {"TIMED_WAITING", []string{"java.lang.Thread.sleep", "com.shop.Warehouse.snapshotState"}, api.CauseSinkFlush},
		"it computes":               {"RUNNABLE", []string{"java.util.TreeMap.put", "com.shop.Warehouse.snapshotState"}, api.CauseSlowSyncPhase},
		"it writes to its own disk": {"RUNNABLE", []string{"java.io.FileOutputStream.writeBytes", "java.util.zip.GZIPOutputStream.write", "com.shop.Warehouse.snapshotState"}, api.CauseSlowSyncPhase},
		"it waits at a monitor":     {"BLOCKED", []string{"com.shop.Index.lock", "com.shop.Warehouse.snapshotState"}, api.CauseSlowSyncPhase},
		"it waits for a lock":       {"WAITING", []string{"jdk.internal.misc.Unsafe.park", "java.util.concurrent.locks.ReentrantLock.lock", "com.shop.Warehouse.snapshotState"}, api.CauseSlowSyncPhase},
	} {
		s := expiredThrice(1, shares{all(quick), all(quick), absentAll})
		thread := model.ThreadStack{Process: "tm-1", Name: "sink (1/1)#0", State: c.state, Vertex: sink}
		thread.Frames = append(append(c.inner, syncFrames...), taskFrames...)
		dumps(s, thread)
		if d := diagnosed(t, s); d.Top().Cause != c.want || d.Top().Score < likelyScore {
			t.Errorf("%s: %s %d, want %s", name, d.Top().Cause, d.Top().Score, c.want)
		}
	}
}

// An operator that waits at a monitor of its own, in the chain of a source, is that operator's call; what waits there without one is the source.
func TestAMonitorInTheChainOfASource(t *testing.T) {
	for name, c := range map[string]struct {
		inner []string
		want  api.Cause
	}{
		"of the user's own": {[]string{"com.shop.Rates.lock", "com.shop.Valid.filter"}, api.CauseUserCodeBlocking},
		"of nobody":         {nil, api.CauseSourceBlocked},
	} {
		s := expiredThrice(2, shares{absentAll, absentAll, absentAll})
		var threads []model.ThreadStack
		for i := range 2 {
			thread := taskThreadOf(source, i, chainFrames, c.inner...)
			thread.Name, thread.State, thread.BlockedOn, thread.Holder = nameOf(i), "BLOCKED", "java.lang.Object", "rebuild"
			threads = append(threads, thread)
		}
		dumps(s, threads...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseSourceBlocked); (f != nil && f.Score >= likelyScore) != (c.want == api.CauseSourceBlocked) {
			t.Errorf("%s: %+v", name, f)
		}
		if f := findingOf(&d, api.CauseUserCodeBlocking); c.want == api.CauseUserCodeBlocking && (f == nil || f.Score < possibleScore) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func nameOf(i int) string { return []string{"orders (1/2)#0", "orders (2/2)#0"}[i] }

// One subtask of which the records cost a hundred times what those of its siblings do, and that took no more of them, is in a few long calls: it need not be
// one. One that took more may have a heavy key, and all of them alike are short of capacity.
func TestRecordsThatCostMuchInOneSubtask(t *testing.T) {
	for name, c := range map[string]struct {
		own, busyOthers float64
		want            bool
	}{
		"as many as the others":   {1000, 0.6, true},
		"three times as many":     {3000, 0.6, false},
		"the others cost as much": {1000, 55, false},
	} {
		s := expiredThrice(4, shares{all(quick), absentFirst, absentAll})
		works(s, state, 0, 60, int64(c.own))
		for i := 1; i < 4; i++ {
			works(s, state, i, c.busyOthers, 1000)
		}
		dumps(s, taskThreadOf(state, 0, elementFrames, "com.shop.Rates.lookup"))
		press(s, state, 0, 1, 0)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseUserCodeBlocking); (f != nil && f.Score >= likelyScore) != c.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A stack without callers: whoever sent the barrier of an earlier checkpoint on and never reported is in that snapshot; a last vertex shows neither.
func TestADeepStackThatNeverReported(t *testing.T) {
	var deep []string
	for len(deep) < 50 {
		deep = append(deep, "java.util.regex.Pattern$Loop.match", "java.util.regex.Pattern$GroupTail.match")
	}
	for name, c := range map[string]struct {
		v      int
		oldest shares
		likely api.Cause
	}{
		"its first barrier went on": {state, shares{all(quick), absentAll, all(quick)}, api.CauseSlowSyncPhase},
		"none of its barriers did":  {state, shares{all(quick), absentAll, absentAll}, api.CauseUserCodeBlocking},
		"a last vertex":             {sink, shares{all(quick), all(quick), absentAll}, api.CauseUndetermined},
	} {
		each := shares{all(quick), absentAll, absentAll}
		if c.v == sink {
			each = c.oldest
		}
		s := add(jobOf(1), detailed(expired(), 1, each), detailed(expired(), 1, each), detailed(expired(), 1, c.oldest), detailed(completed(20*time.Second), 1, shares{all(quick), all(quick), all(quick)}))
		dumps(s, model.ThreadStack{Process: "tm-1", Name: "x (1/1)#0", State: "RUNNABLE", Vertex: c.v, Frames: deep})
		works(s, c.v, 0, 60, 0)
		press(s, c.v, 0, 1)
		if d := diagnosed(t, s); d.Top().Cause != c.likely {
			t.Errorf("%s: %s %s %d, want %s", name, d.Top().Verdict, d.Top().Cause, d.Top().Score, c.likely)
		}
	}
}
