package observe

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A bounded source that has come to its end is no reason to read deep for ever, nor are the tasks of such a job never all running.
func TestFinishedTasksAreNotMissing(t *testing.T) {
	w := newWorld(t)
	tasks := func(running, finished int) {
		w.fake.answers["/jobs/overview"] = strings.Replace(healthyFlink().answers["/jobs/overview"], `"tasks":{"total":4,"running":4}`,
			sprintf(`"tasks":{"total":4,"running":%d,"finished":%d}`, running, finished), 1)
	}
	tasks(2, 0)
	if s := w.pass(0, api.HealthHealthy); !s.Deep {
		t.Error("two of four tasks run: not read deep")
	}
	tasks(2, 2)
	s := w.pass(30*time.Second, api.HealthHealthy)
	if s.Deep || s.Job.TasksRunningSince.IsZero() {
		t.Errorf("two of four tasks have finished: deep %v, all running since %s", s.Deep, s.Job.TasksRunningSince)
	}
}
