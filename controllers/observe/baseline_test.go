package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestUploadRateOfTheHealthyJob(t *testing.T) {
	w := newWorld(t)
	now := w.clock.now.UnixMilli()
	w.history(completed(7, now-10_000), completed(6, now-70_000), completed(5, now-130_000))
	base := "/jobs/" + jobID + "/checkpoints/details/7"
	w.fake.answers[base] = completed(7, now-10_000)[:len(completed(7, now-10_000))-1] +
		`,"tasks":{"v0":{"checkpointed_size":10},"v1":{"checkpointed_size":2000000,"num_subtasks":1}}}`
	w.fake.answers[base+"/subtasks/v1"] = `{"id":7,"num_subtasks":1,"subtasks":[{"index":0,"status":"completed","ack_timestamp":` + sprintf("%d", now-9_000) +
		`,"end_to_end_duration":1000,"checkpointed_size":2000000,"state_size":2000000,"checkpoint":{"sync":1,"async":500},"alignment":{"duration":0},"start_delay":1}]}`
	w.pass(0, api.HealthHealthy)
	second := w.pass(30*time.Second, api.HealthHealthy)
	if got := second.Past.HealthyUploadRate; got.Value != 4e6 || len(w.fake.asked) != 3 {
		t.Errorf("rate %+v after asking %v; want 4 MB/s and three requests", got, w.fake.asked)
	}
	if got := second.Past.HealthyDuration; got != 800*time.Millisecond {
		t.Errorf("healthy duration %s, want 800 ms", got)
	}
	w.history(completed(7, now+3_600_000-10_000), completed(6, now+3_600_000-70_000))
	later := w.pass(time.Hour-time.Second, api.HealthHealthy)
	if later.Deep || len(w.fake.asked) != 4 || w.fake.count(base) != 1 || w.fake.count("/jobmanager/metrics") != 0 {
		t.Errorf("asked %v an hour later, want overview, the JobManager's clock, checkpoints and the subtasks", w.fake.asked)
	}
	if !later.JobManager.HeapMax.Known || later.Missing(model.GapJobManagerMetrics) {
		t.Errorf("JobManager %+v, gaps %+v; want the figures of the pass before", later.JobManager, later.Gaps)
	}
}

func TestRestartsAreAskedWhenTasksChanged(t *testing.T) {
	w := newWorld(t)
	path := "/jobs/" + jobID + "/metrics"
	w.fake.answers[path] = `[{"id":"numRestarts","value":"2"}]`
	w.pass(0, api.HealthHealthy)
	s := w.pass(30*time.Second, api.HealthHealthy)
	if s.Job.Restarts.Value != 2 || !s.Job.RestartsDelta.Known || w.fake.count(path) != 0 {
		t.Errorf("restarts %+v after asking %v; want 2, remembered", s.Job.Restarts, w.fake.asked)
	}
	w.modified("1772366500000")
	w.pass(30*time.Second, api.HealthHealthy) // answered with what was true before
	w.fake.answers[path] = `[{"id":"numRestarts","value":"3"}]`
	s = w.pass(30*time.Second, api.HealthHealthy)
	if s.Job.Restarts.Value != 3 || s.Job.RestartsDelta.Value != 1 {
		t.Errorf("restarts %+v, delta %+v; want 3 and 1", s.Job.Restarts, s.Job.RestartsDelta)
	}
}
