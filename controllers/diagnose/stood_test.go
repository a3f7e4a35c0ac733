package diagnose

import (
	"testing"

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

// What a sink of the user's own does in its snapshot is a flush while it waits for the system behind it. One that computes writes nothing.
func TestASinkThatComputesInItsSnapshot(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		inner []string
		want  api.Cause
	}{
		"it reads an answer": {"RUNNABLE", []string{"sun.nio.ch.NioSocketImpl.read", "com.shop.Warehouse.snapshotState"}, api.CauseSinkFlush},
		"it waits":           {"TIMED_WAITING", []string{"java.lang.Thread.sleep", "com.shop.Warehouse.snapshotState"}, api.CauseSinkFlush},
		"it computes":        {"RUNNABLE", []string{"java.util.TreeMap.put", "com.shop.Warehouse.snapshotState"}, api.CauseSlowSyncPhase},
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
