package observe

import (
	"context"
	"math"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// done is a reading at a second of the JobManager's clock.
func done(second int64, attempt int, in, out int64, busy float64, idle, pressed int64) workReading {
	return workReading{attempt: attempt, at: second * 1000, work: flink.Work{ReadRecords: in, WriteRecords: out, ReadComplete: true, WriteComplete: true,
		Busy: flink.Float(busy), Idle: idle, BackPressured: pressed}}
}

func TestWorkBetweenTwoReadings(t *testing.T) {
	unread := done(20, 0, 0, 0, 0, 0, 0)
	unread.work.ReadComplete = false
	for name, c := range map[string]struct {
		readings []workReading
		sick     []bool
		want     model.Work
	}{
		"one element in one call": {
			[]workReading{done(10, 0, 1000, 900, 2000, 8000, 0), done(20, 0, 1000, 900, 12_000, 8000, 0)}, nil,
			model.Work{Span: 10 * time.Second, Busy: 10 * time.Second}},
		"many elements": {
			[]workReading{done(10, 0, 1000, 900, 2000, 8000, 0), done(20, 0, 1100, 990, 11_000, 8500, 500)}, nil,
			model.Work{Span: 10 * time.Second, Busy: 9 * time.Second, Backpressured: 500 * time.Millisecond, In: 100, Out: 90}},
		"one reading tells no span": {[]workReading{done(10, 0, 1000, 900, 2000, 8000, 0)}, nil, model.Work{}},
		"the same figures again tell none": {
			[]workReading{done(10, 0, 1000, 900, 2000, 8000, 0), done(17, 0, 1000, 900, 2000, 8000, 0)}, nil, model.Work{}},
		"too close to compare, so the next is compared with the first": {
			[]workReading{done(10, 0, 0, 0, 2000, 8000, 0), done(12, 0, 3, 0, 3000, 8000, 0), done(20, 0, 9, 0, 9000, 8000, 0)}, nil,
			model.Work{Span: 7 * time.Second, Busy: 7 * time.Second, In: 9}},
		"of a new attempt that is too young to tell anything the old one's stands": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(30, 1, 70, 0, 500, 500, 0)}, []bool{true, true},
			model.Work{Span: 10 * time.Second, Busy: 10 * time.Second}},
		"a new attempt tells what it did since it began": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(30, 1, 70, 0, 4500, 1500, 0)}, []bool{true, true},
			model.Work{Span: 6 * time.Second, Busy: 4500 * time.Millisecond, In: 70}},
		"and not one that began before the last reading, whatever its number says": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 1, 70, 0, 40_000, 1500, 0)}, nil, model.Work{}},
		"nor does the old one stand after a long time": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(330, 1, 70, 0, 500, 500, 0)}, nil, model.Work{}},
		"counters that fell are a new attempt": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(30, 0, 5, 0, 1000, 100, 0)}, []bool{true, true},
			model.Work{}},
		"of a new attempt the first span counts, be it without a late checkpoint": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(30, 1, 70, 0, 500, 500, 0), done(40, 1, 90, 0, 1500, 9500, 0)},
			[]bool{true, true}, model.Work{Span: 10 * time.Second, Busy: time.Second, In: 20}},
		"a source of the old kind is measured by the clock": {
			[]workReading{done(10, 0, 0, 50, math.NaN(), 0, 0), done(20, 0, 0, 250, math.NaN(), 0, 0)}, nil,
			model.Work{Span: 10 * time.Second, Busy: model.Unknown, Out: 200}},
		"Flink has nothing yet": {[]workReading{unread, done(30, 0, 9, 9, 100, 100, 0)}, nil, model.Work{}},
		"readings an hour apart tell of the past": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(3610, 0, 60, 0, 12_000, 3_588_000, 0)}, nil, model.Work{}},
		"what was measured while a checkpoint was late stands beside a time without one": {
			[]workReading{done(10, 0, 50, 0, 2000, 8000, 0), done(20, 0, 50, 0, 12_000, 8000, 0), done(30, 0, 950, 0, 14_000, 16_000, 0)},
			[]bool{true, true, false}, model.Work{Span: 10 * time.Second, Busy: 10 * time.Second}},
	} {
		var w subtaskWork
		for i, reading := range c.readings {
			w.add(reading, i < len(c.sick) && c.sick[i])
		}
		if w.work.Lately != c.want {
			t.Errorf("%s: got %+v, want %+v", name, w.work.Lately, c.want)
		}
	}
}

func TestWorkSinceTheAttemptBegan(t *testing.T) {
	var w subtaskWork
	w.add(done(60, 3, 4, 3, 50_000, 9000, 1000), false)
	if want := (model.Work{Span: time.Minute, Busy: 50 * time.Second, Backpressured: time.Second, In: 4, Out: 3}); w.work.Since != want {
		t.Errorf("got %+v, want %+v", w.work.Since, want)
	}
}

// workingFlink is healthyFlink with an expired checkpoint whose missing subtask takes no record any more.
func workingFlink(second, in, busy int64) *fakeFlink {
	fake := healthyFlink()
	fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(expired(1772365800000))
	counted := func(in, busy int64) string {
		return sprintf(`{"read-records":%d,"read-records-complete":true,"write-records":0,"write-records-complete":true,"accumulated-busy-time":%d.0,`+
			`"accumulated-idle-time":0,"accumulated-backpressured-time":0}`, in, busy)
	}
	fake.answers["/jobs/"+jobID+"/vertices/v1"] = sprintf(`{"id":"v1","name":"ledger: Writer","parallelism":2,"now":%d,"subtasks":[`+
		`{"subtask":0,"status":"RUNNING","attempt":0,"taskmanager-id":"tm-1","metrics":%s},{"subtask":1,"status":"FINISHED","attempt":0,"taskmanager-id":"tm-1"}]}`,
		1772366400000+1000*second, counted(in, busy))
	return fake
}

// A sick job costs one GET a vertex for it, and its first reading is that of the placement; a healthy one costs none.
func TestWorkOfASickJob(t *testing.T) {
	clock := &fakeClock{now: time.UnixMilli(1772366400000)}
	fake := workingFlink(0, 700, 60_000)
	connection, memory := connect(t, fake, clock), &Memory{}
	look := func() model.Snapshot {
		t.Helper()
		snapshot, err := Flink(context.Background(), connection, Options{Now: clock.read, NoLogs: true}, memory)
		if err != nil {
			t.Fatal(err)
		}
		return snapshot
	}
	look()
	memory.judged(clock.now, "Unhealthy", "")
	clock.now = clock.now.Add(30 * time.Second)
	fake.answers["/jobs/"+jobID+"/vertices/v1"] = workingFlink(30, 700, 90_000).answers["/jobs/"+jobID+"/vertices/v1"]
	fake.asked = nil
	snapshot := look()
	if n := fake.count("/jobs/" + jobID + "/vertices/v1"); n != 2 { // with its back pressure
		t.Errorf("asked %d times for the vertex, want 2: %v", n, fake.asked)
	}
	work := snapshot.Vertices[1].Work
	if len(work) != 1 || work[0].Lately != (model.Work{Span: 30 * time.Second, Busy: 30 * time.Second}) || work[0].Since.In != 700 {
		t.Errorf("got %+v, want half a minute busy without a record", work)
	}
	if !snapshot.Missing(model.GapWork) {
		t.Error("the other vertex has no answer, and no gap says so")
	}
	memory.judged(clock.now, "Healthy", "")
	if rested := memory.work[1].subtasks[0]; rested.work != (model.SubtaskWork{}) || rested.last.at == 0 {
		t.Errorf("of the spell that is over %+v is kept, want the reading alone", rested)
	}
	fake.answers["/jobs/"+jobID+"/checkpoints"] = healthyFlink().answers["/jobs/"+jobID+"/checkpoints"]
	fake.asked = nil
	look()
	memory.judged(clock.now.Add(counterAge+time.Second), "Healthy", "")
	if n := fake.count("/jobs/" + jobID + "/vertices"); n != 0 || memory.work != nil {
		t.Errorf("a healthy pass asked %d times for a vertex: %v", n, fake.asked)
	}
}

// Of a wide job no more subtasks are read than is said, those of the vertices with missing ones first.
func TestWorkOfAWideJob(t *testing.T) {
	fake := wideFlink()
	clock := &fakeClock{now: time.UnixMilli(1772366400000)}
	snapshot, err := Flink(context.Background(), connect(t, fake, clock), Options{Now: clock.read, NoLogs: true}, &Memory{})
	if err != nil {
		t.Fatal(err)
	}
	asked := fake.count("/jobs/"+jobID+"/vertices/") - fake.count("/jobs/"+jobID+"/vertices/v0/back")
	for _, v := range []string{"v1", "v2", "v3", "v4"} {
		asked -= fake.count("/jobs/" + jobID + "/vertices/" + v + "/back")
	}
	if asked != 5+1 { // placement of five, records of one
		t.Errorf("asked %d times, want 6", asked)
	}
	if !snapshot.Missing(model.GapWork) {
		t.Error("no gap says that four vertices were not asked")
	}
}

// An answer may name a subtask that the vertex does not have: nothing is kept for it, nor more subtasks than are asked about.
func TestWorkOfSubtasksThatAreNone(t *testing.T) {
	p := &pass{memory: &Memory{}, opts: &Options{Now: (&fakeClock{now: time.UnixMilli(1772366400000)}).read},
		snapshot: &model.Snapshot{Vertices: []model.Vertex{{Parallelism: 1}, {Parallelism: maxWorked}}}}
	p.memory.topology.vertices = make([]model.Vertex, 2)
	answer := flink.Vertex{Subtasks: []flink.SubtaskStatus{{Index: -1, Status: "RUNNING"}, {Index: maxSubtasks - 1, Status: "RUNNING"}, {Index: 0, Status: "RUNNING"}}}
	p.noteWork(0, &answer)
	p.noteWork(1, &answer)
	if first, second := len(p.memory.work[0].subtasks), len(p.memory.work[1].subtasks); first != 1 || second != 0 {
		t.Errorf("%d and %d subtasks are kept, want the one that there is and none of a vertex too many", first, second)
	}
}

// Of more vertices than are asked those with missing subtasks are chosen, and what was known of the others is forgotten.
func TestWorkOfManyVertices(t *testing.T) {
	p := &pass{memory: &Memory{}, snapshot: &model.Snapshot{Vertices: make([]model.Vertex, maxPressed+20)}}
	p.memory.topology.vertices = make([]model.Vertex, maxPressed+20)
	p.workOf(maxPressed + 1).subtasks = make([]subtaskWork, 1)
	chosen := p.chosenForWork()
	if len(chosen) != maxPressed || p.memory.work[maxPressed+1].subtasks != nil {
		t.Errorf("%d vertices are chosen, want %d, and the others forgotten", len(chosen), maxPressed)
	}
}

// What an attempt did lately is not handed on by an hour of attempts that are all too short to be judged.
func TestWhatWasLatelyIsNotHandedOnForEver(t *testing.T) {
	w, at := &subtaskWork{}, int64(1_000_000)
	read := func(attempt int, records, busy, idle int64) {
		work := flink.Work{ReadRecords: records, WriteRecords: records, ReadComplete: true, WriteComplete: true, Idle: idle}
		work.Busy = flink.Float(float64(busy))
		w.add(workReading{attempt: attempt, at: at, work: work}, true)
		at += 30_000
	}
	read(0, 0, 10, 10)
	read(0, 0, 30_010, 10)
	for attempt := 1; attempt <= 120; attempt++ {
		read(attempt, 500, 100, 1900) // two seconds old at each look
		if known := w.work.Lately != (model.Work{}); known != (attempt <= 10) {
			t.Fatalf("%d attempts later, one each half minute: lately %+v", attempt, w.work.Lately)
		}
	}
}
