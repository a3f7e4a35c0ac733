package observe

import (
	"context"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// A slow answer tells little of a clock: what was known stays as long as it is possible.
func TestMeasureClock(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name                string
		before, flink, took time.Duration // flink is the JobManager's clock less ours when the answer came
		want                time.Duration
	}{
		{"the same clock", 0, -10 * time.Millisecond, 20 * time.Millisecond, 0},
		{"an answer of 40 s fits the same clock", 0, -30 * time.Second, 40 * time.Second, 0},
		{"a minute ahead", 0, time.Minute - 10*time.Millisecond, 20 * time.Millisecond, time.Minute},
		{"a minute behind", 0, -time.Minute - 10*time.Millisecond, 20 * time.Millisecond, -time.Minute},
		{"a slow answer does not spoil a quick one", time.Minute, 40 * time.Second, 30 * time.Second, time.Minute},
		{"clocks are set right", time.Minute, -10 * time.Millisecond, 20 * time.Millisecond, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clock := jobManagerClock{ahead: test.before}
			job := flink.Job{Received: flink.Received{At: at, Took: test.took}, Now: at.Add(test.flink).UnixMilli()}
			clock.measure(&job, at)
			if clock.ahead != test.want || !clock.readAt.Equal(at) {
				t.Errorf("%s ahead, read at %s; want %s", clock.ahead, clock.readAt, test.want)
			}
		})
	}
	var clock jobManagerClock
	clock.measure(&flink.Job{Received: flink.Received{At: at}}, at)
	if !clock.readAt.IsZero() {
		t.Error("an answer without a clock was taken for one")
	}
}

// jobManagerAt is the fake's clock in /jobs/:jobid.
var jobManagerAt = time.UnixMilli(1772366400000)

func clockGap(s *model.Snapshot) string {
	for _, gap := range s.Gaps {
		if gap.Kind == model.GapClocks {
			return gap.Signal + ": " + gap.Why
		}
	}
	return ""
}

func TestTheSnapshotHasTheJobManagersClock(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		0:                "",
		2 * time.Second:  "",
		61 * time.Second: "it is 1m1s ahead of ours",
		-5 * time.Minute: "it is 5m0s behind ours",
	} {
		ours := &fakeClock{now: jobManagerAt.Add(-ahead)}
		var memory Memory
		snapshot, err := Flink(context.Background(), connect(t, healthyFlink(), ours), Options{Now: ours.read}, &memory)
		if err != nil {
			t.Fatal(err)
		}
		if !snapshot.JobManagerNow.Equal(jobManagerAt) || snapshot.ClockOffset() != ahead {
			t.Errorf("%s ahead: the JobManager's clock is at %s, want %s", ahead, snapshot.JobManagerNow, jobManagerAt)
		}
		if gap := clockGap(&snapshot); (gap == "") != (want == "") || !strings.Contains(gap, want) {
			t.Errorf("%s ahead: gap %q, want %q", ahead, gap, want)
		}
	}
}

// Without a clock in an answer ours is taken, unless what the JobManager wrote lies in our future.
func TestTheHistoryTellsAClockThatIsAhead(t *testing.T) {
	for ahead, known := range map[time.Duration]bool{-time.Hour: false, 0: false, time.Hour: true} {
		fake := healthyFlink()
		delete(fake.answers, "/jobs/"+jobID)
		ours := &fakeClock{now: jobManagerAt.Add(-ahead)}
		var memory Memory
		snapshot, err := Flink(context.Background(), connect(t, fake, ours), Options{Now: ours.read}, &memory)
		if err != nil {
			t.Fatal(err)
		}
		if got := !snapshot.JobManagerNow.IsZero(); got != known {
			t.Errorf("%s ahead: known %t, want %t", ahead, got, known)
		}
		if behind := jobManagerAt.Sub(snapshot.JobManagerNow); known && (behind < 0 || behind > 10*time.Second) {
			t.Errorf("%s ahead: the clock is %s off", ahead, behind)
		}
	}
}

// A clock that is set right while we run is noticed: after ten minutes, and in the next pass of a job that is sick.
func TestAClockIsMeasuredAgain(t *testing.T) {
	for _, test := range []struct {
		health api.Health
		after  time.Duration
		again  bool
	}{
		{api.HealthHealthy, time.Minute, false}, {api.HealthHealthy, 10 * time.Minute, true}, {api.HealthUnhealthy, 30 * time.Second, true},
	} {
		fake := healthyFlink()
		ours := &fakeClock{now: jobManagerAt.Add(time.Minute)} // a minute ahead, at first
		connection := connect(t, fake, ours)
		var memory Memory
		if _, err := Flink(context.Background(), connection, Options{Now: ours.read}, &memory); err != nil {
			t.Fatal(err)
		}
		memory.judged(ours.now, test.health, "")
		later := jobManagerAt.Add(test.after)
		ours.now = later
		if test.after == 10*time.Minute {
			ours.now = later.Add(time.Minute)
			later = ours.now
		}
		fake.answers["/jobs/"+jobID] = strings.Replace(fake.answers["/jobs/"+jobID], `"now":1772366400000`, sprintf(`"now":%d`, later.UnixMilli()), 1)
		snapshot, err := Flink(context.Background(), connection, Options{Now: ours.read}, &memory)
		if err != nil {
			t.Fatal(err)
		}
		if right := snapshot.ClockOffset() == 0; right != test.again {
			t.Errorf("%s, after %s: %s apart, want it measured again: %t", test.health, test.after, snapshot.ClockOffset(), test.again)
		}
	}
}

// placed are subtasks of two vertices, one of each on both TaskManagers.
func placed(entries ...[2]model.SubtaskLedger) *pass {
	p := &pass{snapshot: &model.Snapshot{}, memory: &Memory{}}
	c := model.Checkpoint{ID: 7}
	for v, pair := range entries {
		p.snapshot.Vertices = append(p.snapshot.Vertices, model.Vertex{Placement: []string{"tm-1", "tm-2"}})
		c.Tasks = append(c.Tasks, model.TaskLedger{Vertex: v, Entries: pair[:]})
	}
	p.snapshot.Checkpoints.History = []model.Checkpoint{c}
	return p
}

// subtask takes a second for its snapshot.
func subtask(start, endToEnd time.Duration) model.SubtaskLedger {
	return model.SubtaskLedger{Reported: true, StartDelay: start, Async: time.Second, EndToEnd: endToEnd}
}

func TestClocksOfTaskManagers(t *testing.T) {
	const s = time.Second
	usual := subtask(10*time.Millisecond, s+20*time.Millisecond)
	tests := []struct {
		name    string
		entries [][2]model.SubtaskLedger
		want    string
	}{
		{"the same clock", [][2]model.SubtaskLedger{{usual, usual}, {usual, usual}}, ""},
		{"tm-2 is a minute ahead", [][2]model.SubtaskLedger{{usual, subtask(60*s, s)}, {usual, subtask(61*s, 2*s)}},
			"clock of TaskManager tm-2: all its subtasks began to acknowledge after their acknowledgement came: it is at least 1m0s ahead"},
		{"one subtask is not all of them", [][2]model.SubtaskLedger{{usual, subtask(60*s, s)}, {usual, usual}}, ""},
		{"tm-1 is behind", [][2]model.SubtaskLedger{{subtask(0, 9*s), subtask(8*s, 9*s)}, {subtask(0, 9*s), subtask(8*s, 9*s)}},
			"clock of TaskManager tm-1: all its subtasks saw the barrier at once"},
		{"a quick checkpoint", [][2]model.SubtaskLedger{{subtask(0, s), usual}, {subtask(0, s), usual}}, ""},
		{"a barrier that is late downstream only", [][2]model.SubtaskLedger{{subtask(0, s), subtask(8*s, 9*s)}, {subtask(8*s, 9*s), subtask(8*s, 9*s)}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := placed(test.entries...)
			p.compareClocks()
			if got := clockGap(p.snapshot); (got == "") != (test.want == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
