package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A source with operators chained behind it may let few of many through; one that gave a flow since it began and gives none now is in one call.
func TestASourceThatGaveAFlowAndGivesNone(t *testing.T) {
	for name, c := range map[string]struct {
		since model.Work
		want  bool
	}{
		"it gave twenty in a second": {model.Work{Span: seconds(600), Busy: seconds(100), Out: 12000}, true},
		"it gave one in a minute":    {model.Work{Span: seconds(600), Busy: seconds(100), Out: 10}, false},
	} {
		s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
		s.Vertices[source].Name = "Source: orders -> keep"
		press(s, source, 0, 1)
		works(s, source, 0, 60, 0)
		for i := range s.Vertices[source].Work {
			s.Vertices[source].Work[i] = model.SubtaskWork{Lately: model.Work{Span: seconds(60), Busy: seconds(60)}, Since: c.since}
		}
		var threads []model.ThreadStack
		for i := range 4 {
			threads = append(threads, taskThreadOf(source, i, chainFrames, "com.shop.Rates.lookup"))
		}
		dumps(s, threads...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseUserCodeBlocking); (f != nil && f.Score >= likelyScore) != c.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A subtask that stood at one element says nothing of the processor that it runs on.
func TestACallIsNoSlowProcessor(t *testing.T) {
	s := waiting(4, absentFirst)
	works(s, state, 0, 60, 20)
	f := featuresOf(t, s)
	dear := f.costByHost(state, func(w *model.SubtaskWork) *model.Work { return &w.Lately })["tm-1"]
	s.Vertices[state].Work[0].Stood = model.Work{Span: seconds(60), Busy: seconds(60)}
	f = featuresOf(t, s)
	if cost := f.costByHost(state, func(w *model.SubtaskWork) *model.Work { return &w.Lately })["tm-1"]; cost*2 > dear {
		t.Errorf("a record costs %s there, and %s with the call", cost, dear)
	}
}

// Of a stack that is deep the outer frames are not written: the inner ones of a snapshot and of a commit tell where it is.
func TestInnerFramesTellThePlace(t *testing.T) {
	deep := slices.Repeat([]string{"com.shop.Tree.copy"}, 40)
	for want, inner := range map[place][]string{
		inSnapshot: {"org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator.snapshotState"},
		inCommit:   {"org.apache.flink.streaming.runtime.operators.sink.CommitterOperator.commitAndEmitCheckpoints", "org.apache.flink.streaming.runtime.operators.sink.CommitterOperator.processElement"},
	} {
		thread := stack(deep, inner)
		if a := testClassifier(t).classify(&thread); a.place != want || a.kind != userKind {
			t.Errorf("%s: %+v", want, a)
		}
	}
}

// In which operator of a chain a snapshot is no frame of Flink tells: where others are chained with the sink, only who has a connection in hand flushes. A sink
// alone flushes or waits for something else, unless a method is called after it; the writer of a newer one has flushed before.
func TestASnapshotInAChainWithASink(t *testing.T) {
	writer := append([]string{"org.apache.flink.streaming.runtime.operators.sink.StatefulSinkWriterStateHandler.snapshotState",
		"org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperator.snapshotState"}, syncFrames[1:]...)
	const future, socket, sleep = "java.util.concurrent.CompletableFuture.get", "java.net.Socket$SocketInputStream.read", "java.lang.Thread.sleep"
	for name, c := range map[string]struct {
		vertex string
		frames []string
		inner  []string
		want   api.Cause
		// second is what is Possible beside it
		second api.Cause
	}{
		"a sink alone that waits":             {"Sink: warehouse", syncFrames, []string{future}, api.CauseSinkFlush, api.CauseSlowSyncPhase},
		"a sink alone that asks":              {"Sink: warehouse", syncFrames, []string{socket}, api.CauseSinkFlush, api.CauseSlowSyncPhase},
		"a sink alone that flushes":           {"Sink: warehouse", syncFrames, []string{future, "com.shop.Buffer.flushAll"}, api.CauseSinkFlush, ""},
		"a sink alone that tries again":       {"Sink: warehouse", syncFrames, []string{sleep}, api.CauseSinkFlush, api.CauseSlowSyncPhase},
		"a sink alone that waits its turn":    {"Sink: warehouse", syncFrames, []string{"java.util.concurrent.Semaphore.acquire"}, api.CauseSlowSyncPhase, ""},
		"a writer that sleeps then":           {"warehouse: Writer", writer, []string{sleep}, api.CauseSlowSyncPhase, ""},
		"a chain that waits":                  {"count -> Sink: warehouse", syncFrames, []string{future}, api.CauseSlowSyncPhase, ""},
		"a chain that flushes":                {"count -> Sink: warehouse", syncFrames, []string{future, "com.shop.Buffer.flush"}, api.CauseSinkFlush, ""},
		"a chain that waits for an answer":    {"count -> Sink: warehouse", syncFrames, []string{socket}, api.CauseSinkFlush, api.CauseSlowSyncPhase},
		"such a one that waits for an answer": {"warehouse", syncFrames, []string{socket}, api.CauseSlowSyncPhase, ""},
		"an operator without a sink's name":   {"warehouse", syncFrames, []string{future}, api.CauseSlowSyncPhase, ""},
		"the writer and committer of a sink":  {"warehouse: Writer -> warehouse: Committer", syncFrames, []string{future}, api.CauseSinkFlush, api.CauseSlowSyncPhase},
		"a writer asked for its state":        {"warehouse: Writer", writer, []string{socket}, api.CauseSlowSyncPhase, ""},
		"such a one that flushes then":        {"warehouse: Writer", writer, []string{socket, "com.shop.Buffer.executeBatch"}, api.CauseSinkFlush, ""},
	} {
		s := expiredThrice(4, shares{all(quick), all(quick), absentAll})
		s.Vertices[sink].Name = c.vertex
		var threads []model.ThreadStack
		for i := range 4 {
			thread := taskThreadOf(sink, i, c.frames, append(slices.Clone(c.inner), "com.shop.Buffer.snapshotState")...)
			thread.Frames = thread.Frames[1:] // it sleeps only where it says so
			threads = append(threads, thread)
		}
		dumps(s, threads...)
		d := diagnosed(t, s)
		if d.Top().Cause != c.want || d.Top().Score < likelyScore || (d.Top().Verdict == api.VerdictConfirmed) && c.second != "" {
			t.Errorf("%s: %s", name, ranking(d.Findings))
		}
		if f := findingOf(&d, c.second); c.second != "" && (f == nil || f.Verdict != api.VerdictPossible) {
			t.Errorf("%s: %s beside it, %+v", name, c.second, f)
		}
	}
}

// Who is long in its snapshots comes late to the next barriers, and no record passes meanwhile: that a dump shows it at a record is no call that lasts.
func TestRecordsAfterALongSnapshot(t *testing.T) {
	for name, sync := range map[string]float64{"its snapshots take long": 300, "they are short": 0.1} {
		s := expiredThrice(4, shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(mib, 320, 0.1, sync, 0.1, 0.1) }})
		s.Checkpoints.History[0] = detailed(s.Checkpoints.History[0], 4, shares{all(quick), all(quick), absentAll})
		var threads []model.ThreadStack
		for i := range 4 {
			threads = append(threads, taskThreadOf(sink, i, elementFrames, "com.shop.Warehouse.invoke"))
			works(s, sink, i, 60, 0)
		}
		press(s, sink, 0, 0.9)
		dumps(s, threads...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseUserCodeBlocking); (f != nil && f.Score >= likelyScore) != (sync < 1) {
			t.Errorf("%s: %s, %+v", name, d.Top().Cause, f)
		}
	}
}

// A dump in which everybody had acknowledged says nothing of who was late: the one before it does.
func TestADumpWhenAllHadAcknowledged(t *testing.T) {
	s := add(jobOf(2), detailed(model.Checkpoint{Status: model.CheckpointInProgress, Duration: 11 * time.Minute}, 2, shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(0, 500, 0, 0, 0, 0) }}),
		detailed(completed(9*time.Minute), 2, shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(0, 500, 0, 0, 0, 0) }}),
		detailed(completed(20*time.Second), 2, shares{all(quick), all(quick), all(quick)}))
	committing := []model.ThreadStack{taskThreadOf(sink, 0, commitFrames, "com.shop.Committer.commit"), taskThreadOf(sink, 1, commitFrames, "com.shop.Committer.commit")}
	trigger := s.Checkpoints.History[0].Trigger
	for _, after := range []float64{300, 303, 600, 603} {
		threads := committing
		if after > 500 {
			threads = append(idleThreads(sink, 2), idleThreads(state, 2)...)
		}
		s.Stacks = append(s.Stacks, model.StackSample{At: trigger.Add(seconds(after)), PendingCheckpoint: 8121, PendingFor: seconds(after), Threads: threads})
	}
	d := diagnosed(t, s)
	if f := findingOf(&d, api.CauseCommitBlocksTask); f == nil || f.Score < likelyScore {
		t.Errorf("%s: %+v", d.Message, f)
	}
}

// A commit runs after each completed checkpoint and after no other. Where the next one begins late at that vertex only then, it is the commit that holds it
// up, though the newest dump shows what comes after it.
func TestWhoBeginsLateAfterACompletedCheckpoint(t *testing.T) {
	late := func(int) model.SubtaskLedger { return entry(mib, 480, 0, 0.1, 300, 0.1) }
	behind := func(int) model.SubtaskLedger { return entry(0, 480, 0, 0.1, 0.1, 0.1) }
	soon := func(int) model.SubtaskLedger { return entry(mib, 0.1, 0, 0.1, 650, 0.1) }
	after, again := shares{all(quick), late, behind}, shares{all(quick), soon, all(quick)}
	for name, c := range map[string]struct {
		second shares
		commit bool
		want   func(score int) bool
	}{
		"with a dump of a commit":                {again, true, func(n int) bool { return n >= likelyScore }},
		"without one":                            {again, false, func(n int) bool { return n < likelyScore }},
		"it begins late after expired ones, too": {after, true, func(n int) bool { return n < likelyScore }},
	} {
		s := add(jobOf(2), detailed(expired(), 2, c.second), detailed(expired(), 2, after), detailed(completed(20*time.Second), 2, shares{all(quick), all(quick), all(quick)}),
			detailed(expired(), 2, c.second), detailed(expired(), 2, after), detailed(completed(20*time.Second), 2, shares{all(quick), all(quick), all(quick)}))
		id, at := s.Checkpoints.History[4].ID, s.Checkpoints.History[4].Trigger.Add(seconds(200))
		if c.commit {
			s.Stacks = append(s.Stacks, model.StackSample{At: at, PendingCheckpoint: id, PendingFor: seconds(200),
				Threads: []model.ThreadStack{taskThreadOf(state, 0, commitFrames, "com.shop.Notice.send")}})
		}
		dumps(s, append(idleThreads(state, 2), idleThreads(sink, 2)...)...)
		d := diagnosed(t, s)
		score := 0
		if f := findingOf(&d, api.CauseCommitBlocksTask); f != nil {
			score = f.Score
		}
		if !c.want(score) {
			t.Errorf("%s: %d, %+v", name, score, d.Findings)
		}
	}
}

// All that waits behind one commit begins in the moment in which it ends, and is no sign against it; what begins at another one is. What began at once before
// the first late one was in health.
func TestWhatWaitsBehindOneCommit(t *testing.T) {
	late := func(s float64) shares {
		return shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(mib, s, 0, 0.1, 0.1, 0.1) }}
	}
	soon := shares{all(quick), all(quick), all(quick)}
	for name, c := range map[string]struct {
		second float64
		want   bool
	}{
		"it begins with the one before it": {300, true},
		"it begins later than that":        {450, false},
	} {
		h := []model.Checkpoint{detailed(expired(), 2, soon), detailed(expired(), 2, late(c.second)), detailed(expired(), 2, late(900))}
		for range 4 {
			h = append(h, detailed(completed(20*time.Second), 2, soon))
		}
		s := add(jobOf(2), h...)
		s.Checkpoints.History[1].Trigger = s.Checkpoints.History[2].Trigger.Add(10 * time.Minute)
		s.Vertices[sink].Name = "warehouse: Writer -> warehouse: Committer"
		f := featuresOf(t, s)
		if a := f.lateAfterCompleted(sink); (a.late > 0) != c.want {
			t.Errorf("%s: %+v", name, a)
		}
		d := diagnosed(t, s)
		if found := findingOf(&d, api.CauseCommitBlocksTask); c.want && (found == nil || found.Score < possibleScore) {
			t.Errorf("%s: %s", name, ranking(d.Findings))
		}
	}
}

// What dumps of two checkpoints of a spell show stands where the newest shows nobody.
func TestACommitInEarlierDumps(t *testing.T) {
	for n, want := range map[int]bool{0: false, 1: true, 2: true} {
		s := expiredThrice(2, shares{all(quick), all(quick), absentAll})
		for i := range n {
			c := &s.Checkpoints.History[i+1]
			s.Stacks = append(s.Stacks, model.StackSample{At: c.Trigger.Add(seconds(400)), PendingCheckpoint: c.ID, PendingFor: seconds(400),
				Threads: []model.ThreadStack{taskThreadOf(sink, 0, commitFrames, "com.shop.Notice.send")}})
		}
		dumps(s, idleThreads(sink, 2)...)
		d := diagnosed(t, s)
		if found := findingOf(&d, api.CauseCommitBlocksTask); (found != nil && found.Score >= possibleScore) != want {
			t.Errorf("in %d: %s, %+v", n, ranking(d.Findings), found)
		}
	}
}

// That all have acknowledged and a checkpoint is still in progress says something once that has lasted: from the trigger on the uploads are in it.
func TestHowLongMetadataTake(t *testing.T) {
	for name, c := range map[string]struct {
		acknowledged float64
		want         int
	}{
		"the last acknowledgement came just now": {655, 0},
		"it came a third of the timeout ago":     {440, 27},
		"it came a whole timeout ago":            {10, 55},
	} {
		slow := entry(mib, 0.1, 0.1, 0.1, c.acknowledged, 0.1)
		slow.Aborted, slow.Late = false, false
		s := add(jobOf(2), detailed(model.Checkpoint{Status: model.CheckpointInProgress, Duration: 11 * time.Minute}, 2, shares{all(quick), all(slow), all(quick)}), completed(20*time.Second), completed(20*time.Second))
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseStorageFailure)
		if f == nil || f.Score != c.want {
			t.Errorf("%s: %+v", name, f)
		}
		if f != nil && c.want > 0 && !strings.Contains(f.Evidence[0].Observed, "after the last of them") {
			t.Errorf("%s: %+v", name, f.Evidence)
		}
	}
}

// Before its barrier a sink flushes, and an operator whose state is asynchronous waits for what it asked of that: the latter is no sink.
func TestWhatComesBeforeTheBarrier(t *testing.T) {
	drain := []string{"org.apache.flink.runtime.asyncprocessing.AsyncExecutionController.drainInflightRecords",
		"org.apache.flink.streaming.runtime.operators.asyncprocessing.AbstractAsyncStateStreamOperator.prepareSnapshotPreBarrier"}
	for name, c := range map[string]struct {
		vertex int
		where  []string
		want   api.Cause
	}{
		"asynchronous state in the middle": {state, append(drain, flushFrames[1:]...), api.CauseSlowSyncPhase},
		"a writer at the end":              {sink, flushFrames, api.CauseSinkFlush},
	} {
		each := shares{all(quick), absentAll, absentAll}
		if c.vertex == sink {
			each[state] = all(quick)
		}
		s := expiredThrice(2, each)
		dumps(s, taskThreadOf(c.vertex, 0, c.where), taskThreadOf(c.vertex, 1, c.where))
		if d := diagnosed(t, s); d.Top().Cause != c.want || d.Top().Score < likelyScore {
			t.Errorf("%s: %s %d", name, d.Top().Cause, d.Top().Score)
		}
	}
}

// A vertex that dumps of two checkpoints show in a commit takes no records meanwhile: that those before it are held with nobody busy is not the network's.
func TestACommitHoldsThoseBeforeIt(t *testing.T) {
	for _, c := range causeCases {
		if c.name != "data between TaskManagers on the way" {
			continue
		}
		for commits, want := range map[int]signState{0: present, 1: present, 2: absent} {
			f := featuresOf(t, c.make(4))
			f.threads.committed = map[int]int{sink: commits}
			if s := pressureWithoutWork(f); s.state != want {
				t.Errorf("%d commits: %+v", commits, s)
			}
		}
	}
}

// The writer of a sink alone commits nothing, whoever comes late to it; and a long synchronous part of what is no sink needs no stack.
func TestWhoMayCommit(t *testing.T) {
	late := shares{all(quick), all(quick), func(int) model.SubtaskLedger { return entry(mib, 480, 0, 0.1, 0.1, 0.1) }}
	for name, want := range map[string]signState{"warehouse: Writer": absent, "warehouse: Writer -> warehouse: Committer": present, "count -> warehouse: Writer": present, "Sink: warehouse": present} {
		s := add(jobOf(2), detailed(completed(480*time.Second), 2, late), detailed(completed(480*time.Second), 2, late))
		s.Vertices[sink].Name = name
		if c := committersLate(featuresOf(t, s)); c.state != want {
			t.Errorf("%s: %+v", name, c)
		}
	}
	s := add(jobOf(2), times(3, detailed(expired(), 2, shares{all(quick), func(int) model.SubtaskLedger { return entry(mib, 0.1, 0, 650, 0.1, 0.1) }, all(quick)}))...)
	if d := diagnosed(t, s); d.Top().Cause != api.CauseSlowSyncPhase || d.Top().Verdict != api.VerdictLikely {
		t.Errorf("%s", ranking(d.Findings))
	}
}
