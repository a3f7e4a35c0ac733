package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// windowFrames is a window that fires by the watermark.
var windowFrames = []string{
	"org.apache.flink.streaming.runtime.operators.windowing.functions.InternalIterableProcessWindowFunction.process",
	"org.apache.flink.streaming.runtime.operators.windowing.WindowOperator.emitWindowContents",
	"org.apache.flink.streaming.runtime.operators.windowing.WindowOperator.onEventTime",
	"org.apache.flink.streaming.api.operators.InternalTimerServiceImpl.advanceWatermark",
	"org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.processElement",
}

// chainFrames is a source that hands an element on to the operator chained behind it.
var chainFrames = append([]string{
	"org.apache.flink.streaming.api.operators.StreamMap.processElement",
	"org.apache.flink.streaming.runtime.tasks.CopyingChainingOutput.pushToOperator",
	"org.apache.flink.connector.base.source.reader.SourceReaderBase.pollNext",
}, sourceFrames...)

// waiting is a job whose state operator lets no barrier through, in the subtasks that inside tells, and whose sinks wait for it.
func waiting(n int, missing func(int) model.SubtaskLedger) *model.Snapshot {
	return expiredThrice(n, shares{all(quick), missing, absentAll})
}

// everywhere gives all subtasks of the state operator a minute of work on as many records.
func everywhere(s *model.Snapshot, records int64) {
	for i := range s.Vertices[state].Parallelism {
		works(s, state, i, 60, records)
	}
}

// inAll are threads of all n subtasks of the state operator at the same spot.
func inAll(n int, where []string, inner ...string) []model.ThreadStack {
	var threads []model.ThreadStack
	for i := range n {
		threads = append(threads, taskThreadOf(state, i, where, inner...))
	}
	return threads
}

// twoDumps shows subtask 0 of the state operator at two spots; all else is idle.
func twoDumps(s *model.Snapshot, n int, first, second []string) {
	for k, inner := range [][]string{first, second} {
		threads := append(idleThreads(sink, n), taskThreadOf(state, 0, elementFrames, inner...))
		s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(time.Duration(10*k-40) * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: threads})
	}
}

var workCases = []causeCase{
	{"one call in every subtask", api.CauseUserCodeBlocking, "", "in one call of Rates.processElement", func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 1)
		everywhere(s, 0)
		dumps(s, append(idleThreads(sink, n), inAll(n, elementFrames, "sun.nio.ch.NioSocketImpl.read", "io.acme.Rates.processElement")...)...)
		return s
	}},
	{"every element takes half the timeout, of sums alone", api.CauseUserCodeBlocking, "", "in one call of Rates.processElement", func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 0.6) // the mean of a minute remembers the time before
		s.Vertices[state].AllWork.Lately = model.Work{Span: seconds(300 * float64(n)), Busy: seconds(300 * float64(n)), In: int64(n)}
		dumps(s, append(idleThreads(sink, n), inAll(n, elementFrames, "java.util.concurrent.CompletableFuture.get", "io.acme.Rates.processElement")...)...)
		return s
	}},
	{"many slow elements in every subtask", api.CauseBackpressure, "", `"enrich -> join" is at its limit`, func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 1)
		everywhere(s, 1200)
		dumps(s, append(idleThreads(sink, n), inAll(n, elementFrames, "java.lang.Thread.sleep", "io.acme.Rates.processElement")...)...)
		return s
	}},
	{"a computation without end", api.CauseUserCodeBlocking, "", "1 of", func(n int) *model.Snapshot {
		s := waiting(n, absentFirst)
		press(s, source, 0.9, 0.01, 0)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 0)
		twoDumps(s, n, []string{"java.util.TimSort.mergeLo", "de.firma.Ranking.lambda$sort$0", "java.util.TimSort.sort", "de.firma.Ranking.processElement"},
			[]string{"de.firma.Score.compare", "java.util.TimSort.binarySort", "java.util.TimSort.sort", "de.firma.Ranking.processElement"})
		return s
	}},
	{"a window whose function takes minutes", api.CauseUserCodeBlocking, "", "in one call of Report.process", func(n int) *model.Snapshot {
		s := waiting(n, absentFirst)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 0)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 0, windowFrames, "java.util.regex.Pattern$Loop.match", "net.shop.Report.process"))...)
		return s
	}},
	{"one of the sources hands on an element without end", api.CauseUserCodeBlocking, "", "in one call of Geo.map", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{absentFirst, absentAll, absentAll})
		press(s, source, 0, 1, 0)
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: append(idleThreads(sink, n), taskThreadOf(source, 0, chainFrames, "java.net.http.HttpClient.send", "org.zoo.Geo.map"))}}
		return s
	}},
	{"most of the records go to one subtask", api.CauseDataSkew, "", "1 of", func(n int) *model.Snapshot {
		s := waiting(n, absentFirst)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 4000)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 0, elementFrames, "java.lang.Thread.sleep", "com.shop.Count.processElement"))...)
		return s
	}},
	{"a commit that ended just before the expiry", api.CauseCommitBlocksTask, "", "still commit", func(n int) *model.Snapshot {
		intime := func(i int) model.SubtaskLedger {
			if i == 0 {
				return entry(mib, 580, 0, 0.1, 0.1, 0.1)
			}
			return quick
		}
		s := expiredThrice(n, shares{intime, absentAll, absentAll})
		s.Stacks = []model.StackSample{{At: testNow.Add(-2 * time.Minute), PendingCheckpoint: 8121, PendingFor: 8 * time.Minute,
			Threads: append(idleThreads(state, n), taskThreadOf(source, 0, commitFrames, "java.lang.Thread.sleep", "net.lake.Offsets.notifyCheckpointComplete"))}}
		return s
	}},
	{"a TaskManager without CPU", api.CauseTaskManagerPressure, "", "TaskManager tm-2 uses 99% of the CPU", func(n int) *model.Snapshot {
		slowOdd := func(i int) model.SubtaskLedger {
			if i%2 == 1 {
				return entry(mib, 3, 0, 0.2, 0.1, 0.4)
			}
			return quick
		}
		oddMissing := func(i int) model.SubtaskLedger {
			if i%2 == 1 {
				return absentEntry()
			}
			return quick
		}
		s := expiredThrice(n, shares{slowOdd, oddMissing, absentAll})
		press(s, source, 0.9, 0.01)
		for i := 1; i < n; i += 2 {
			press(s, state, 0, 1, i)
			works(s, state, i, 60, 300)
		}
		s.TaskManagers[0].CPULoad, s.TaskManagers[1].CPULoad = model.Measured(0.08), model.Measured(0.99)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 1, elementFrames, "com.shop.Count.processElement"))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 80 * time.Millisecond, "tm-1": 90 * time.Millisecond, "tm-2": 1300 * time.Millisecond}
		}
		return s
	}},
	{"a TaskManager where every record costs more", api.CauseTaskManagerPressure, "", "TaskManager tm-2 uses 99% of the CPU", func(n int) *model.Snapshot {
		odd := func(i int) model.SubtaskLedger {
			if i%2 == 1 {
				return absentEntry()
			}
			return quick
		}
		s := expiredThrice(n, shares{all(quick), odd, absentAll})
		press(s, source, 0.9, 0.01)
		for i := range n {
			busy, records := 60.0, int64(2500) // 24 ms each
			if i%2 == 0 {
				busy, records = 8, 4000 // 2 ms
				press(s, state, 0.9, 0.1, i)
			} else {
				press(s, state, 0, 1, i)
			}
			works(s, state, i, busy, records)
			s.Vertices[state].Work[i].Since = s.Vertices[state].Work[i].Lately
			works(s, sink, i, float64(1+5*(i%2)), 3000)
		}
		s.TaskManagers[0].CPULoad, s.TaskManagers[1].CPULoad = model.Measured(0.08), model.Measured(0.99)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 1, elementFrames, "com.shop.Count.processElement"))...)
		return s
	}},
	{"sources that are late where there is no CPU", api.CauseTaskManagerPressure, "", "TaskManager tm-2 uses 99% of the CPU", func(n int) *model.Snapshot {
		odd := func(i int) model.SubtaskLedger {
			if i%2 == 1 {
				return entry(mib, 220, 0, 1, 1, 2)
			}
			return quick
		}
		s := expiredThrice(n, shares{odd, absentAll, absentAll})
		press(s, source, 0, 1, 1)
		for i := range n {
			works(s, source, i, float64(5+50*(i%2)), 3000)
		}
		s.TaskManagers[0].CPULoad, s.TaskManagers[1].CPULoad = model.Measured(0.08), model.Measured(0.99)
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Took:    map[string]time.Duration{model.JobManagerProcess: 80 * time.Millisecond, "tm-1": 90 * time.Millisecond, "tm-2": 1300 * time.Millisecond},
			Threads: append(idleThreads(sink, n), taskThreadOf(source, 1, sourceFrames, "org.zoo.Reader.pollNext"))}}
		return s
	}},
	{"TaskManagers that get no CPU and do not tell it", api.CauseTaskManagerPressure, "", "slow in whatever they do", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(entry(300, 250, 0, 0.5, 2, 1.3)), all(entry(mib, 300, 0, 0.6, 200, 3)), absentAll})
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: idleThreads(sink, n),
			Took: map[string]time.Duration{model.JobManagerProcess: 30 * time.Millisecond, "tm-1": 4300 * time.Millisecond, "tm-2": 4100 * time.Millisecond}}}
		return s
	}},
	{"a TaskManager that collects most of the time", api.CauseTaskManagerPressure, "", "81% of its time collecting", func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 1)
		everywhere(s, 20_000)
		s.TaskManagers = s.TaskManagers[:1]
		s.TaskManagers[0].GCShare, s.TaskManagers[0].HeapUsed = model.Measured(0.81), model.Measured(0.98*(1<<30))
		for v := range s.Vertices {
			for i := range s.Vertices[v].Placement {
				s.Vertices[v].Placement[i] = "tm-1"
			}
		}
		dumps(s, append(idleThreads(sink, n), inAll(n, elementFrames, "com.shop.Count.processElement")...)...)
		return s
	}},
	{"a regular expression so deep that its callers are cut off", api.CauseUserCodeBlocking, "", "in one call of Pattern$Loop.match", func(n int) *model.Snapshot {
		s := waiting(n, absentFirst)
		press(s, source, 0.9, 0.01, 0)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 0)
		var deep [2][]string
		for k := range deep {
			for i := range 50 {
				deep[k] = append(deep[k], "java.util.regex.Pattern$"+[]string{"GroupTail", "Loop", "Ques"}[(i+k)%3]+".match")
			}
			deep[k][49] = "java.util.regex.Pattern$Loop.match"
		}
		for k := range deep {
			cut := taskThreadOf(state, 0, nil)
			cut.State, cut.Frames = "RUNNABLE", deep[k]
			s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(time.Duration(10*k-40) * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
				Threads: append(idleThreads(sink, n), cut)})
		}
		return s
	}},
	{"asynchronous calls that do not come back", api.CauseUserCodeBlocking, "", "waiting for asynchronous calls", func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 1)
		everywhere(s, 0)
		full := append([]string{"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take", "org.apache.flink.streaming.runtime.tasks.mailbox.MailboxExecutorImpl.yield",
			"org.apache.flink.streaming.api.operators.async.AsyncWaitOperator.addToWorkQueue", "org.apache.flink.streaming.api.operators.async.AsyncWaitOperator.processElement"},
			elementFrames[1:]...)
		dumps(s, append(idleThreads(sink, n), inAll(n, full)...)...)
		return s
	}},
	{"a sink that writes one record without end", api.CauseSinkFlush, "", "", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(quick), absentAll})
		press(s, state, 0.98, 0.01)
		press(s, sink, 0, 1)
		for i := range n {
			works(s, sink, i, 60, 0)
		}
		var threads []model.ThreadStack
		for i := range n {
			threads = append(threads, taskThreadOf(sink, i, elementFrames, "sun.nio.ch.NioSocketImpl.read", "org.postgresql.core.VisibleBufferedInputStream.read",
				"org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.writeRecord"))
		}
		dumps(s, threads...)
		return s
	}},
	{"a source that has not come back", api.CauseSourceBlocked, "", "do not return from reading", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{absentFirst, absentAll, absentAll})
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: append(idleThreads(sink, n), taskThreadOf(source, 0, sourceFrames, "java.net.http.HttpClient.send", "org.zoo.Reader.pollNext"))}}
		return s
	}},
	{"a computation that takes all the CPU there is", api.CauseUserCodeBlocking, "", "in one call of Ranking.processElement", func(n int) *model.Snapshot {
		s := waiting(n, absentFirst)
		press(s, source, 0.9, 0.01, 0)
		press(s, state, 0, 1, 0)
		works(s, state, 0, 60, 0)
		s.TaskManagers[0].CPULoad, s.TaskManagers[1].CPULoad = model.Measured(0.99), model.Measured(0.05)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 0, elementFrames, "java.util.TimSort.sort", "de.firma.Ranking.processElement"))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 80 * time.Millisecond, "tm-1": 900 * time.Millisecond, "tm-2": 90 * time.Millisecond}
		}
		return s
	}},
	{"an operator that computes as much as its TaskManagers can", api.CauseBackpressure, "", "is at its limit", func(n int) *model.Snapshot {
		s := waiting(n, absentAll)
		press(s, source, 0.98, 0.01)
		press(s, state, 0, 1)
		everywhere(s, 5000)
		s.TaskManagers[0].CPULoad, s.TaskManagers[1].CPULoad = model.Measured(0.97), model.Measured(0.99)
		dumps(s, append(idleThreads(sink, n), inAll(n, elementFrames, "com.shop.Hash.of", "com.shop.Hash.processElement")...)...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 80 * time.Millisecond, "tm-1": 190 * time.Millisecond, "tm-2": 200 * time.Millisecond}
		}
		return s
	}},
}

// From two subtasks to 128: what decides is how a subtask spends its time, not how many there are.
func TestWorkTellsOneElementFromMany(t *testing.T) {
	for _, c := range workCases {
		for _, n := range []int{4, 16, 128} {
			t.Run(fmt.Sprintf("%s/%d", c.name, n), func(t *testing.T) {
				d := diagnosed(t, c.make(n))
				top := d.Top()
				if top.Cause != c.cause || top.Score < likelyScore {
					t.Fatalf("%s with %d (%s), want %s", top.Cause, top.Score, top.Summary, c.cause)
				}
				if !strings.Contains(top.Summary, c.says) {
					t.Errorf("it says %q, want %q in it", top.Summary, c.says)
				}
				for i := range d.Findings[1:] {
					if f := &d.Findings[i+1]; f.Verdict == api.VerdictConfirmed {
						t.Errorf("%s is confirmed beside it", f.Cause)
					}
				}
			})
		}
	}
}

// A hot subtask that no checkpoint waited for is no cause, and neither is one of which nothing tells whether records pass.
func TestAHotSubtaskIsNoCauseByItself(t *testing.T) {
	innocent := expiredThrice(8, shares{all(quick), all(quick), absentAll})
	press(innocent, state, 0, 1, 3)
	works(innocent, state, 3, 60, 9000)
	held := waiting(8, absentFirst)
	press(held, state, 0, 1, 0)
	works(held, state, 0, 60, 0)
	for name, s := range map[string]*model.Snapshot{"nobody waited for it": innocent, "at one element": held} {
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseDataSkew); f != nil && f.Score >= likelyScore {
			t.Errorf("%s: DataSkew %d: %s", name, f.Score, f.Summary)
		}
	}
}

// Where an expiry restarts the job the same subtask is another thread, and maybe in another process: the same spot is the same spot.
func TestTheSameSpotInTwoAttempts(t *testing.T) {
	s := waiting(4, absentFirst)
	twoDumps(s, 4, []string{"java.lang.Thread.sleep", "com.shop.Enrich.processElement"}, []string{"java.lang.Thread.sleep", "com.shop.Enrich.processElement"})
	for k := range s.Stacks {
		task := &s.Stacks[k].Threads[4]
		task.Name, task.Process = fmt.Sprintf("enrich -> join (1/4)#%d", k+1), []string{"tm-1", "tm-2"}[k]
	}
	d := diagnosed(t, s)
	f := findingOf(&d, api.CauseUserCodeBlocking)
	if f == nil || !slices.ContainsFunc(f.Evidence, func(e model.Evidence) bool { return strings.Contains(e.Observed, "at the same spot in two dumps") }) {
		t.Errorf("got %+v", f)
	}
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		lately, since model.Work
		want          string
	}{
		"none in a minute of work":                                {lately: model.Work{Span: seconds(60), Busy: seconds(60)}, want: "one"},
		"none, and hardly any work":                               {lately: model.Work{Span: seconds(60), Busy: seconds(5)}},
		"none in ten seconds of a timeout of minutes":             {lately: model.Work{Span: seconds(10), Busy: seconds(10)}},
		"each takes minutes":                                      {lately: model.Work{Span: seconds(800), Busy: seconds(790), In: 4}, want: "one"},
		"each takes half a minute":                                {lately: model.Work{Span: seconds(300), Busy: seconds(300), In: 10}, want: "many"},
		"each takes two minutes: a call, or a flow":               {lately: model.Work{Span: seconds(1200), Busy: seconds(1200), In: 10}},
		"two in a span tell no flow":                              {lately: model.Work{Span: seconds(40), Busy: seconds(40), In: 2}},
		"a thousand a second":                                     {lately: model.Work{Span: seconds(10), Busy: seconds(9.9), In: 10_000}, want: "many"},
		"a thousand a second, and then a tenth idle or in a call": {lately: model.Work{Span: seconds(10), Busy: seconds(9), In: 10_000}},
		"a source of the old kind":                                {lately: model.Work{Span: seconds(60), Busy: model.Unknown}},
		"one since it began":                                      {since: model.Work{Span: seconds(500), Busy: seconds(490), In: 1}, want: "one"},
		"many since it began tell nothing of now":                 {since: model.Work{Span: seconds(500), Busy: seconds(490), In: 100_000}},
		"none since it began may be restoring":                    {since: model.Work{Span: seconds(500), Busy: seconds(490)}},
		"nothing was read":                                        {},
	} {
		s := waiting(4, absentFirst)
		s.Vertices[state].Work = []model.SubtaskWork{{Lately: c.lately, Since: c.since}}
		q := &patient{s: s, p: testPolicy(), now: testNow, w: countWindow(s, testPolicy(), testNow)}
		f := newFeatures(q, true, newClassifier(&stackData{}))
		got, p := "", f.paceOf(state, 0)
		if p.one {
			got = "one"
		}
		if p.many {
			got += "many"
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q (%+v)", name, got, c.want, p)
		}
	}
}

func TestTimeSpentByItsOwnAccount(t *testing.T) {
	s := waiting(4, absentFirst)
	press(s, state, 0.1, 0.4)
	s.Vertices[state].AllWork.Lately = model.Work{Span: seconds(40), Busy: seconds(39.2)}
	s.Vertices[state].Work = []model.SubtaskWork{{Lately: model.Work{Span: seconds(10), Busy: seconds(1), Backpressured: seconds(9)}}}
	f := &features{s: s}
	for i, want := range [][2]float64{{0.9, 0.4}, {0.1, 0.92}} {
		pressed, busy := f.timeSpent(state, i)
		if diff := pressed.Value - want[0]; diff > 0.001 || diff < -0.001 {
			t.Errorf("subtask %d is back-pressured %v, want %v", i, pressed.Value, want[0])
		}
		if diff := busy.Value - want[1]; diff > 0.001 || diff < -0.001 {
			t.Errorf("subtask %d is busy %v, want %v", i, busy.Value, want[1])
		}
	}
}
