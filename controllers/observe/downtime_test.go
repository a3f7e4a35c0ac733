package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestDownSince(t *testing.T) {
	memory := &Memory{}
	at := func(i int) time.Time { return time.Date(2026, time.November, 22, 3, i, 0, 0, time.UTC) }
	for i, l := range []struct {
		reason, state string
		since         int // minute; -1: it runs
	}{
		{"", "RUNNING", -1},
		{api.ReasonJobManagerUnreachable, "", -1}, // missing data begins nothing
		{api.ReasonUpgrading, "", 2},
		{api.ReasonJobManagerUnreachable, "", 2},
		{api.ReasonJobNotRunning, "CREATED", 2},
		{"", "RUNNING", -1},
		{"", "RESTARTING", 6},
		{api.ReasonJobNotFound, "", 6},
	} {
		s := &model.Snapshot{Availability: model.Availability{Reason: l.reason}, Job: model.Job{State: l.state}}
		want := time.Time{}
		if l.since >= 0 {
			want = at(l.since)
		}
		if got := memory.downSince(s, at(i)); !got.Equal(want) {
			t.Errorf("minute %d, %s %s: down since %s, want %s", i, l.reason, l.state, got, want)
		}
	}
}

// No JobManager is known to be away where the Flink operator sees none; and a job without slots is RUNNING and RESTARTING by turns.
func TestTasksDownSince(t *testing.T) {
	memory := &Memory{}
	at := func(i int) time.Time { return time.Date(2026, time.November, 22, 3, i, 0, 0, time.UTC) }
	for i, l := range []struct {
		reason, deployment, state string
		running                   int
		tasks, job                int // minutes since when they are down; -1: they run
	}{
		{"", "READY", "RUNNING", 6, -1, -1},
		{"", "READY", "RUNNING", 5, 1, -1},
		{"", "READY", "RESTARTING", 0, 1, 2},
		{"", "READY", "RUNNING", 0, 1, -1},
		{api.ReasonJobManagerUnreachable, "READY", "", 0, 1, -1},
		{api.ReasonJobManagerUnreachable, "MISSING", "", 0, 1, 5},
		{"", "READY", "RUNNING", 6, -1, -1},
		{api.ReasonJobManagerUnreachable, "READY", "", 0, -1, -1}, // missing data begins nothing
		{api.ReasonJobManagerUnreachable, "ERROR", "", 0, 8, 8},
	} {
		s := &model.Snapshot{Availability: model.Availability{Reason: l.reason}, Job: model.Job{State: l.state, TasksRunning: l.running, TasksTotal: 6},
			Target: model.Target{JobManagerDeployment: l.deployment}}
		down := memory.downSince(s, at(i))
		for what, c := range map[string]struct {
			got  time.Time
			want int
		}{"job": {down, l.job}, "tasks": {memory.tasksDown, l.tasks}} {
			if (c.want < 0) != c.got.IsZero() || (c.want >= 0 && !c.got.Equal(at(c.want))) {
				t.Errorf("minute %d: %s down since %s, want minute %d", i, what, c.got, c.want)
			}
		}
	}
}

func TestTasksRunningSince(t *testing.T) {
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	type look struct {
		id      string
		start   time.Time
		running int
		want    time.Time
	}
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }
	for name, looks := range map[string][]look{
		"up at first sight: nobody knows since when":        {{"a", start, 4, time.Time{}}, {"a", start, 4, time.Time{}}},
		"starting at first sight":                           {{"a", start, 0, time.Time{}}, {"a", start, 4, at(1)}, {"a", start, 4, at(1)}},
		"a run that follows another":                        {{"a", start, 4, time.Time{}}, {"a", at(1), 4, at(1)}, {"a", at(1), 4, at(1)}},
		"another id, RUNNING before any task runs":          {{"a", start, 4, time.Time{}}, {"b", at(1), 0, time.Time{}}, {"b", at(1), 3, time.Time{}}, {"b", at(1), 4, at(3)}},
		"no tasks are known":                                {{"a", start, -1, time.Time{}}},
		"a task fails over later: the run is still the one": {{"a", start, 0, time.Time{}}, {"a", start, 4, at(1)}, {"a", start, 2, at(1)}},
	} {
		memory := &Memory{}
		for i, l := range looks {
			job := model.Job{ID: l.id, StartTime: l.start, TasksTotal: 4, TasksRunning: l.running}
			if l.running < 0 {
				job.TasksTotal, job.TasksRunning = 0, 0
			}
			if got := memory.tasksRunningSince(&job, at(i)); !got.Equal(l.want) {
				t.Errorf("%s: look %d: %v, want %v", name, i, got, l.want)
			}
		}
	}
}

func TestMeasuredDowntimeIsTheNewestKnown(t *testing.T) {
	receipts := []model.Receipt{{ID: "pending"}, {ID: "b", DowntimeSeconds: 95}, {ID: "a", DowntimeSeconds: 130}}
	if got := measuredDowntime(receipts); got != 95*time.Second {
		t.Errorf("got %v, want 1m35s", got)
	}
	if got := measuredDowntime(nil); got != 0 {
		t.Errorf("got %v of no receipts", got)
	}
}
