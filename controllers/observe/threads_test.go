package observe

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// dumpOf is a thread dump in which a task reads.
const dumpOf = `{"threadInfos":[{"threadName":"Source: orders (1/2)#0","stringifiedThreadInfo":"\"Source: orders (1/2)#0\" Id=90 RUNNABLE\n\tat com.shop.Reader.pollNext(Reader.java:12)\n\n"}]}`

// A look at the stacks is two dumps some seconds apart where the pass may wait: one cannot tell what is stuck from what is at work.
func TestALookIsTwoDumps(t *testing.T) {
	for _, tt := range []struct {
		name      string
		every     time.Duration
		pauses    bool
		tolerated int
		want      int
	}{
		{"every three minutes", 0, true, 3, 2},
		{"nobody may wait", 0, false, 3, 1},
		{"the next look comes soon", 4 * time.Second, true, 3, 1},
		{"the next look comes soon, and an expiry restarts the job before", 4 * time.Second, true, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := healthyFlink()
			clock := &fakeClock{now: time.UnixMilli(1772366400000)}
			fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(pending(9, 1772366400000-400_000))
			fake.answers["/jobmanager/thread-dump"] = dumpOf
			inForce := "/jobs/" + jobID + "/checkpoints/config"
			fake.answers[inForce] = strings.Replace(fake.answers[inForce], `checkpoints":3`, `checkpoints":`+strconv.Itoa(tt.tolerated), 1)
			options := Options{Now: clock.read, StackEvery: tt.every}
			if tt.pauses {
				options.Pause = func(_ context.Context, d time.Duration) { clock.now = clock.now.Add(d) }
			}
			snapshot, err := Flink(t.Context(), connect(t, fake, clock), options, &Memory{})
			if err != nil {
				t.Fatal(err)
			}
			if n := fake.count("/jobmanager/thread-dump"); n != tt.want {
				t.Errorf("%d dumps, want %d; gaps %v", n, tt.want, snapshot.Gaps)
			}
		})
	}
}

// The second dump is of those that the first was of: what the exceptions name by then may be gone.
func TestTheSecondDumpIsOfTheSameTaskManagers(t *testing.T) {
	fake, clock := healthyFlink(), &fakeClock{now: time.UnixMilli(1772366400000)}
	fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(pending(9, 1772366400000-400_000))
	fake.answers["/jobmanager/thread-dump"], fake.answers["/taskmanagers/tm-1/thread-dump"] = dumpOf, dumpOf
	fake.answers["/jobs/"+jobID+"/vertices/v0"] = `{"id":"v0","subtasks":[{"subtask":0,"taskmanager-id":"tm-1"},{"subtask":1,"taskmanager-id":"tm-1"}]}`
	var dead []string
	for i := range maxDumped {
		dead = append(dead, sprintf(`{"exceptionName":"x","timestamp":1772366390000,"stacktrace":"x","taskManagerId":"dead-%d"}`, i))
	}
	fake.answers["/jobs/"+jobID+"/exceptions"] = `{"exceptionHistory":{"entries":[` + strings.Join(dead, ",") + `]}}`
	options := Options{Now: clock.read, Pause: func(_ context.Context, d time.Duration) { clock.now = clock.now.Add(d) }}
	snapshot, err := Flink(t.Context(), connect(t, fake, clock), options, &Memory{})
	if err != nil {
		t.Fatal(err)
	}
	live, gone := fake.count("/taskmanagers/tm-1/thread-dump"), fake.count("/taskmanagers/dead-")
	if len(snapshot.Exceptions) != maxDumped || live != 2 || gone != 0 {
		t.Errorf("%d exceptions, %d dumps of the one that runs, %d of those that are gone, want %d, 2, 0", len(snapshot.Exceptions), live, gone, maxDumped)
	}
}

// slowRPC lets a TaskManager's dump take its time.
type slowRPC struct {
	*fakeFlink
	clock *fakeClock
}

func (s slowRPC) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.HasPrefix(request.URL.Path, "/taskmanagers/tm-1/thread-dump") {
		s.clock.now = s.clock.now.Add(7 * time.Second)
	}
	return s.fakeFlink.RoundTrip(request)
}

// How long each process's dump took is kept with it: a TaskManager's goes over the RPC that acknowledgements take.
func TestDumpsTellHowLongTheyTook(t *testing.T) {
	fake, clock := healthyFlink(), &fakeClock{now: time.UnixMilli(1772366400000)}
	fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(pending(9, 1772366400000-400_000))
	fake.answers["/jobmanager/thread-dump"], fake.answers["/taskmanagers/tm-1/thread-dump"] = dumpOf, dumpOf
	fake.answers["/jobs/"+jobID+"/vertices/v0"] = `{"id":"v0","subtasks":[{"subtask":0,"taskmanager-id":"tm-1"},{"subtask":1,"taskmanager-id":"tm-1"}]}`
	connection, err := Connect("http://payments-rest:8081", flink.WithTransport(slowRPC{fake, clock}), flink.WithClock(clock.read))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := Flink(t.Context(), connection, Options{Now: clock.read}, &Memory{})
	if err != nil || len(snapshot.Stacks) == 0 {
		t.Fatalf("%v, %d samples, gaps %v", err, len(snapshot.Stacks), snapshot.Gaps)
	}
	if took := snapshot.Stacks[0].Took; took["tm-1"] != 7*time.Second || took[model.JobManagerProcess] >= time.Second {
		t.Errorf("took %v, want 7s of tm-1", took)
	}
}

// In a recording a dump may be the nearest of a pass before: the checkpoint that it shows pending is named once the history does.
func TestADumpIsOfTheCheckpointThatWasPending(t *testing.T) {
	at := time.UnixMilli(1772366400000)
	p := &pass{opts: &Options{Replayed: true}, memory: &Memory{}, snapshot: &model.Snapshot{}}
	history := &p.snapshot.Checkpoints.History
	*history = []model.Checkpoint{{ID: 4, Status: model.CheckpointInProgress, Trigger: at.Add(-20 * time.Second)}}
	sample := model.StackSample{At: at, Threads: []model.ThreadStack{{Name: "state (1/2)#0"}}}
	p.keepSample(sample)
	*history = []model.Checkpoint{{ID: 5, Status: model.CheckpointInProgress, Trigger: at.Add(-7 * time.Second)},
		{ID: 4, Status: model.CheckpointFailed, Trigger: at.Add(-20 * time.Second), Failure: &model.CheckpointFailure{At: at.Add(-10 * time.Second)}}}
	p.keepSample(sample)
	*history = nil
	p.keepSample(sample)
	if got := p.memory.stacks; len(got) != 1 || got[0].PendingCheckpoint != 5 || got[0].PendingFor != 7*time.Second {
		t.Errorf("got %+v, want one sample of checkpoint 5, pending for 7s", got)
	}
}

// While checkpoints begin late and none is pending though one is due, the trigger waits for threads of the JobManager: it alone is looked at.
func TestALookWhileACheckpointIsOverdue(t *testing.T) {
	const now = 1772366400000
	for _, tt := range []struct {
		name    string
		history []string
		want    int
	}{
		{"due 40 s ago, and the one before came 140 s late", []string{completed(8, now-100_000), completed(7, now-300_000)}, 1},
		{"not due yet", []string{completed(8, now-30_000), completed(7, now-230_000)}, 0},
		{"in progress", []string{pending(9, now-20_000), completed(8, now-100_000), completed(7, now-300_000)}, 0},
		{"no gap before", []string{completed(8, now-100_000), completed(7, now-160_000)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake, clock := healthyFlink(), &fakeClock{now: time.UnixMilli(now)}
			fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(tt.history...)
			fake.answers["/jobmanager/thread-dump"] = dumpOf
			fake.answers["/jobs/"+jobID+"/vertices/v0"] = `{"id":"v0","subtasks":[{"subtask":0,"taskmanager-id":"tm-1"},{"subtask":1,"taskmanager-id":"tm-1"}]}`
			if _, err := Flink(t.Context(), connect(t, fake, clock), Options{Now: clock.read}, &Memory{}); err != nil {
				t.Fatal(err)
			}
			if jobManager, taskManager := fake.count("/jobmanager/thread-dump"), fake.count("/taskmanagers/tm-1/thread-dump"); jobManager != tt.want || taskManager != 0 {
				t.Errorf("%d dumps of the JobManager and %d of the TaskManager, want %d and none", jobManager, taskManager, tt.want)
			}
		})
	}
}

// Where the next checkpoint is overdue nobody is missing: the JobManager alone is looked at, and that is what is said.
func TestOfAnOverdueCheckpointTheJobManagerAloneIsLookedAt(t *testing.T) {
	const now = 1772366400000
	for name, c := range map[string]struct {
		history []string
		dumps   int
		says    string
	}{
		"overdue":   {[]string{completed(8, now-400_000), completed(7, now-1000_000)}, 1, "overdue"},
		"none late": {[]string{completed(8, now-20_000), completed(7, now-80_000)}, 0, "no checkpoint was pending"},
	} {
		fake, clock := healthyFlink(), &fakeClock{now: time.UnixMilli(now)}
		fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(c.history...)
		fake.answers["/jobmanager/thread-dump"] = dumpOf
		snapshot, err := Flink(t.Context(), connect(t, fake, clock), Options{Now: clock.read, Deep: true}, &Memory{})
		if err != nil {
			t.Fatal(err)
		}
		why := ""
		for _, g := range snapshot.Gaps {
			if g.Signal == "stacks of the missing subtasks" {
				why = g.Why
			}
		}
		if n := fake.count("/jobmanager/thread-dump"); n != c.dumps || !strings.Contains(why, c.says) {
			t.Errorf("%s: %d dumps of the JobManager, want %d; the gap says %q, want %q", name, n, c.dumps, why, c.says)
		}
	}
}
