package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
)

// A log or the details of a wide job take long by their size: only small answers tell of a slow JobManager.
func TestOnlySmallAnswersTellOfASlowJobManager(t *testing.T) {
	c := &Connection{reports: []flink.Report{
		{Template: "/jobs/overview", Status: 200, Took: 40 * time.Millisecond},
		{Template: "/jobs/:jobid/checkpoints", Status: 200, Took: 60 * time.Millisecond},
		{Template: "/jobmanager/logs/:log", Status: 200, Took: 9 * time.Second},
		{Template: "/taskmanagers/:taskmanagerid/thread-dump", Status: 200, Took: 6 * time.Second},
	}}
	if got := c.requestTimes(); got.Count != 4 || got.Median != 60*time.Millisecond || got.Max != 60*time.Millisecond || got.SlowestRoute != "/jobs/:jobid/checkpoints" {
		t.Errorf("got %+v, want two small answers, at worst 60 ms", got)
	}
}
