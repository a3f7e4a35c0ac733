package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
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
		s.Past.Health, s.Past.JobManagerLoad = api.HealthAtRisk, model.Measured(load)
		return s
	}
	once, far := atWork(0.52, 500*time.Millisecond, 400), atWork(0.55, 600*time.Millisecond, 400)
	once.Past.JobManagerLoad, far.Requests.Max = model.Measured(0.1), 700*time.Millisecond
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
		{"at work in one look alone", once, false},
		{"at work, and as late each time, as over a long way", far, false},
	} {
		f := featuresOf(t, tt.s)
		if a := jobManagerCPU.assess(f); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: CPU %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
		if s := jobManagerShort(f); (s.state == present) != tt.likely {
			t.Errorf("%s: against others %+v", tt.name, s)
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

// A snapshot that passes, of a subtask that reports it as short, does not hold up those before it; one that stays does.
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
}

// quietUntilExpiry is a job whose dumps show all missing subtasks idle.
func quietUntilExpiry(looks int, change func(*model.Snapshot)) *model.Snapshot {
	some := func(i int) model.SubtaskLedger {
		if i == 0 {
			return quick
		}
		return absentEntry()
	}
	s := expiredThrice(4, shares{all(quick), some, absentAll})
	for i := range looks {
		c := &s.Checkpoints.History[i]
		s.Stacks = append([]model.StackSample{{At: c.Trigger.Add(6 * time.Minute), PendingCheckpoint: c.ID, PendingFor: 6 * time.Minute,
			Threads: append(idleThreads(state, 4), idleThreads(sink, 4)...)}}, s.Stacks...)
	}
	change(s)
	return s
}

var quietCases = []struct {
	name   string
	looks  int
	change func(*model.Snapshot)
	likely bool
}{
	{"two looks", 2, func(*model.Snapshot) {}, true},
	{"one look at one that expired later", 1, func(*model.Snapshot) {}, true},
	{"one look at one that is pending", 1, func(s *model.Snapshot) {
		c := &s.Checkpoints.History[0]
		c.Status, c.Failure, c.Duration = model.CheckpointInProgress, nil, model.Unknown
	}, false},
	{"one look, and the barrier came after it", 1, func(s *model.Snapshot) {
		c := &s.Checkpoints.History[0]
		for v := state; v <= sink; v++ {
			for i := range 4 {
				c.Tasks[v].Entries[i] = entry(mib, 390, 0.1, 0.1, 0.2, 0.1)
				c.Tasks[v].Entries[i].Index, c.Tasks[v].Entries[i].Ack = i, c.Trigger.Add(391*time.Second)
			}
		}
	}, false},
	{"of each vertex one is at the end of its upload", 2, func(s *model.Snapshot) {
		for i := range s.Stacks {
			s.Stacks[i].Threads = append(s.Stacks[i].Threads, uploadThread(1))
		}
	}, false},
	{"somebody is in a call", 2, func(s *model.Snapshot) {
		for i := range s.Stacks {
			s.Stacks[i].Threads[1] = taskThreadOf(state, 1, elementFrames, "com.shop.Enrich.map")
		}
	}, false},
	{"one behind has the barrier", 2, func(s *model.Snapshot) {
		for i := range 3 {
			s.Checkpoints.History[i].Tasks[sink].Entries[1] = quick
		}
	}, false},
	{"all on one TaskManager", 2, func(s *model.Snapshot) {
		for v := range s.Vertices {
			s.Vertices[v].Placement = []string{"tm-1", "tm-1", "tm-1", "tm-1"}
		}
	}, false},
	{"sources are missing as well", 2, func(s *model.Snapshot) {
		for i := range 3 {
			s.Checkpoints.History[i].Tasks[source].Entries[3] = absentEntry()
		}
	}, false},
	{"a TaskManager collects garbage", 2, func(s *model.Snapshot) { s.TaskManagers[0].GCShare = model.Measured(0.6) }, false},
	{"back pressure was not read", 2, func(s *model.Snapshot) {
		for v := range s.Vertices {
			s.Vertices[v].Pressure = nil
		}
	}, false},
	{"our own requests were not timed", 2, func(s *model.Snapshot) { s.Requests = model.RequestTimes{} }, false},
	{"where half of them run is not known", 2, func(s *model.Snapshot) {
		for v := range s.Vertices {
			s.Vertices[v].Placement = []string{"tm-1", "", "tm-1", ""}
		}
	}, false},
}

// Barriers that all sources have sent and that idle subtasks of another TaskManager wait for, in dumps of several checkpoints, are lost on the way, though no
// buffer is full. Whoever is at work, buffers that are full, a vertex behind that got the barrier, or a single TaskManager make it another thing.
func TestBarriersThatDoNotArrive(t *testing.T) {
	for _, tt := range quietCases {
		f := networkFinding(t, quietUntilExpiry(tt.looks, tt.change))
		if f.Score >= likelyScore != tt.likely || f.Verdict == api.VerdictConfirmed {
			t.Errorf("%s: %s (%d), %+v", tt.name, f.Verdict, f.Score, f.Evidence)
		}
	}
}

// Where many records pass the busy subtask and the other works nearly as much, on nearly as many, the vertex is at its limit and not one key.
func TestTwoSubtasksAtWorkAreAVertexAtItsLimit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		records int64 // of the other
		busy    float64
		want    bool
	}{{"nearly as many", 4000, 0.6, true}, {"a third, and it has time", 2000, 0.2, false}, {"a third, though it works", 2000, 0.6, false}} {
		s := grown(2)
		press(s, source, 0.97, 0.02)
		press(s, state, 0, 1, 0)
		press(s, state, 0, tt.busy, 1)
		works(s, state, 0, 60, 6100)
		works(s, state, 1, 60*tt.busy, tt.records)
		for i := range s.Vertices[state].Work { // as since the attempt began
			s.Vertices[state].Work[i].Since = s.Vertices[state].Work[i].Lately
		}
		if got := scoreOf(t, s, &backpressure); (got >= likelyScore) != tt.want {
			t.Errorf("%s: %d", tt.name, got)
		}
	}
}

// Subtasks that reported a short upload for checkpoints that took long do not wait for the upload that a dump caught.
func TestAnUploadThatWasNeverLong(t *testing.T) {
	missing := func(i int) model.SubtaskLedger {
		if i == 1 {
			return absentEntry()
		}
		return quick
	}
	for seconds, want := range map[float64]int{0.2: 0, 250: 1} {
		s := grown(2)
		for i := range s.Checkpoints.History {
			for k := range s.Checkpoints.History[i].Tasks[state].Entries {
				s.Checkpoints.History[i].Tasks[state].Entries[k].Async = time.Duration(seconds * float64(time.Second))
			}
		}
		s = add(s, detailed(expired(), 2, shares{all(quick), missing, all(quick)}))
		s.Stacks = []model.StackSample{{At: testNow.Add(-time.Minute), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: []model.ThreadStack{idleThread(state, 1), uploadThread(1)}}}
		if f := featuresOf(t, s); f.threads.uploads != want {
			t.Errorf("uploads of %gs before: %d are said to be at work, want %d", seconds, f.threads.uploads, want)
		}
	}
}

// Where the late reports of the missing say that their synchronous part took the time, and never the wait for barriers, buffers are not why.
func TestASnapshotThatIsLateIsNoBackPressure(t *testing.T) {
	for name, tt := range map[string]struct {
		late model.SubtaskLedger
		want bool
	}{"its snapshot": {entry(mib, 0.1, 0.1, 700, 0.2, 0.1), false}, "its barriers": {entry(mib, 700, 0.1, 0.1, 0.2, 0.1), true}} {
		s := expiredThrice(4, shares{all(quick), all(quick), all(tt.late)})
		press(s, source, 0, 0.05)
		press(s, state, 0.6, 0.05)
		press(s, sink, 0, 0.99)
		if got := scoreOf(t, s, &backpressure); (got >= likelyScore) != tt.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// Of one hot key the subtask takes many times the records of the others: that their uploads are slow besides speaks of the storage alone.
func TestAHotKeyBesideASlowStorage(t *testing.T) {
	upload := func(i int) model.SubtaskLedger {
		if i == 0 {
			return absentEntry()
		}
		return entry(64*mib, 0.1, 0.1, 0.1, 200, 0.1)
	}
	s := expiredThrice(4, shares{all(quick), upload, absentAll})
	press(s, source, 0.97, 0.02)
	press(s, state, 0, 0.05)
	press(s, state, 0, 1, 0)
	works(s, state, 0, 60, 6000)
	f := featuresOf(t, s)
	if slow, writers := f.writers(); 2*slow <= writers {
		t.Fatalf("%d of %d uploads are slow", slow, writers)
	}
	if a := dataSkew.assess(f); a.finding.Score < likelyScore {
		t.Errorf("%d: %+v", a.finding.Score, a.finding.Evidence)
	}
}

// A rate of the same spell is known for an hour or six timeouts: what a storage does after so long nobody has measured. It is not measured anew by being known.
func TestARateOfTheSpellAges(t *testing.T) {
	for ago, want := range map[time.Duration]bool{55 * time.Minute: true, 65 * time.Minute: false} {
		s := endlessUploads(2000*mib, 20*mib)
		s.Checkpoints.LatestCompleted = nil
		s.Past.SlowUploadRate, s.Past.SlowUploadAt = model.Measured(mib/2), testNow.Add(-ago)
		f := featuresOf(t, s)
		if f.upload.before.Known != want || f.facts.UploadRemembered != want {
			t.Errorf("%s ago: %+v, remembered %t", ago, f.upload.before, f.facts.UploadRemembered)
		}
	}
}

// What checkpoints of less state told while they completed is known still when the history has lost them.
func TestTheRateOfCompletedCheckpointsOutlivesThem(t *testing.T) {
	upload := func(bytes int64, took float64) func(int) model.SubtaskLedger {
		return all(entry(bytes, 0.1, 0.1, 0.1, took, 0.1))
	}
	s := add(jobOf(2), detailed(expired(), 2, shares{all(quick), upload(3000*mib, 700), all(quick)}), detailed(completed(seconds(200)), 2, shares{all(quick), upload(1000*mib, 199), all(quick)}))
	s.Checkpoints.History[0].CheckpointedSize, s.Checkpoints.History[1].CheckpointedSize = 6000*mib, 2000*mib
	f := featuresOf(t, s)
	if !f.facts.CompletedUploadRate.AtLeast(5 * mib) {
		t.Fatalf("the completed one told %+v", f.facts.CompletedUploadRate)
	}
	s.Checkpoints.History = s.Checkpoints.History[:1]
	s.Past.CompletedUploadRate = f.facts.CompletedUploadRate
	if f := featuresOf(t, s); normalRate(f).state != present {
		t.Errorf("now %+v, healthy %+v", f.upload.now, f.upload.healthy)
	}
}
