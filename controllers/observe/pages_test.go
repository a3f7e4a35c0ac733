package observe

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// The pages of one job ask for that job and not for the list of all: what a browser exports of them is diagnosed all the same.
func TestJobOfItsPages(t *testing.T) {
	w := newWorld(t)
	delete(w.fake.answers, "/jobs/overview")
	w.opts.Replayed, w.opts.Selector = true, Selector{ID: jobID}
	s := w.pass(0, api.HealthHealthy)
	if !s.Availability.Judgeable() || s.Job.Name != "payments" || s.Job.TasksTotal != 4 || len(s.Checkpoints.History) != 1 || !s.Missing(model.GapVertices) {
		t.Errorf("availability %+v, job %+v, gaps %+v", s.Availability, s.Job, s.Gaps)
	}
	w.opts.Replayed = false
	if s := w.pass(time.Second, api.HealthHealthy); s.Availability.Judgeable() {
		t.Error("a live JobManager without a list of jobs is judged")
	}
}

func TestWithoutUser(t *testing.T) {
	for value, want := range map[string]string{
		"abfss://container@account.dfs.core.windows.net/ckpt": "abfss://container@account.dfs.core.windows.net/ckpt",
		"wasb://container:key@account/ckpt":                   "wasb://container@account/ckpt",
		"s3://key:secret@bucket/ckpt":                         "s3://bucket/ckpt",
		"s3://key@bucket/ckpt":                                "s3://bucket/ckpt",
		"hdfs://nn/a@b":                                       "hdfs://nn/a@b",
		"a@b":                                                 "a@b",
	} {
		if got := withoutUser(value); got != want {
			t.Errorf("withoutUser(%q) = %q, want %q", value, got, want)
		}
	}
}

// A job that is seen starting has no checkpoint yet: its baseline is measured once it has, at three requests a pass.
func TestBaselineOfAJobSeenStarting(t *testing.T) {
	w := newWorld(t)
	w.history()
	w.pass(0, api.HealthHealthy)
	w.history(completed(7, w.clock.now.UnixMilli()+10_000))
	w.fake.answers["/jobs/"+jobID+"/checkpoints/details/7"] = strings.TrimSuffix(completed(7, w.clock.now.UnixMilli()+10_000), "}") +
		`,"tasks":{"v1":{"num_subtasks":1,"num_acknowledged_subtasks":1,"checkpointed_size":4194304}}}`
	w.fake.answers["/jobs/"+jobID+"/checkpoints/details/7/subtasks/v1"] = `{"id":7,"status":"COMPLETED","subtasks":[{"index":0,"status":"completed",` +
		`"ack_timestamp":1,"end_to_end_duration":4000,"checkpointed_size":4194304,"checkpoint":{"sync":1,"async":4000},"alignment":{},"start_delay":1}]}`
	for range 3 {
		if s := w.pass(30*time.Second, api.HealthHealthy); s.Deep || len(w.fake.asked) > 3 {
			t.Errorf("deep %v, asked %v", s.Deep, w.fake.asked)
		}
	}
	if rate := w.memory.baseline.rate; rate.Value != 1<<20 {
		t.Errorf("upload rate %+v, want 4 MiB in 4 s", rate)
	}
}

// A recording may hold the details of a checkpoint only from when it was in progress. What became of it the history says.
func TestDetailsOfAnEarlierMoment(t *testing.T) {
	w := newWorld(t)
	w.opts.Replayed, w.opts.Deep = true, true
	trigger := w.clock.now.UnixMilli() - 90_000
	w.history(completed(8, trigger))
	w.fake.answers["/jobs/"+jobID+"/checkpoints/details/8"] = strings.TrimSuffix(pending(8, trigger), "}") + `,"tasks":{"v1":{"num_subtasks":2,"num_acknowledged_subtasks":0}}}`
	if c := w.pass(0, api.HealthHealthy).Checkpoints.History[0]; c.Status != model.CheckpointCompleted || c.Tasks != nil {
		t.Errorf("%+v, want a completed checkpoint of which no subtask is told", c)
	}
	w.history(expired(trigger - 600_000))
	w.fake.answers["/jobs/"+jobID+"/checkpoints/details/8"] = strings.TrimSuffix(pending(8, trigger-600_000), "}") + `,"tasks":{"v1":{"num_subtasks":2,"num_acknowledged_subtasks":1}}}`
	if c := w.pass(time.Second, api.HealthHealthy).Checkpoints.History[0]; !c.Expired() || len(c.Tasks) != 1 {
		t.Errorf("%+v, want an expired checkpoint with who was missing", c)
	}
}

// After a restart Flink has measured nothing of the tasks, and says that all are busy. What was read while a checkpoint was pending stands.
func TestPressureOfTasksThatHaveJustStarted(t *testing.T) {
	w := newWorld(t)
	w.opts.Deep = true
	pressure := func(back, busy float64) {
		for _, v := range []string{"v0", "v1"} {
			w.fake.answers["/jobs/"+jobID+"/vertices/"+v+"/backpressure"] = sprintf(`{"status":"ok","backpressure-level":"high","subtasks":[{"subtask":0,"ratio":%g,"busyRatio":%g,"idleRatio":0}]}`, back, busy)
		}
	}
	busy := func(s *model.Snapshot) (float64, bool) {
		if len(s.Vertices[0].Pressure) == 0 {
			return 0, false
		}
		return s.Vertices[0].Pressure[0].Busy.Value, true
	}
	pressure(0, 1)
	w.history(pending(8, w.clock.now.UnixMilli()-400_000))
	if s := w.pass(0, api.HealthUnhealthy); s.Vertices[0].Pressure != nil || !s.Missing(model.GapBackpressure) {
		t.Errorf("%+v, want nothing and a gap", s.Vertices[0].Pressure)
	}
	pressure(0.75, 0.25)
	w.history(pending(8, w.clock.now.UnixMilli()-400_000))
	w.pass(time.Second, api.HealthUnhealthy)
	pressure(0, 1)
	if s := w.pass(time.Second, api.HealthUnhealthy); len(s.Vertices[0].Pressure) == 0 || s.Vertices[0].Pressure[0].Busy.Value != 0.25 {
		b, ok := busy(&s)
		t.Errorf("busy %g %v, want 0.25 as read before the restart", b, ok)
	}
}
