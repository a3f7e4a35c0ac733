package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// A cluster whose clocks are 5 h behind UTC: only the JobManager's log tells it, and the lines of a TaskManager's count by UTC as well.
func TestLinesOfATaskManagerAreMovedToUTC(t *testing.T) {
	w := newWorld(t)
	w.fake.answers["/jobmanager/logs"] = `{"logs":[{"name":"jm.log","size":400}]}`
	w.fake.answers["/jobmanager/logs/jm.log"] = "2026-03-01 06:59:50,001 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - " +
		"Triggering checkpoint 8 (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1772366390000 for job " + jobID + ".\n"
	w.fake.answers["/taskmanagers/tm-1/logs"] = `{"logs":[{"name":"tm.log","size":400}]}`
	w.fake.answers["/taskmanagers/tm-1/logs/tm.log"] = "2026-03-01 06:59:55,000 ERROR org.apache.flink.runtime.taskexecutor.TaskExecutor [] - " +
		"java.lang.OutOfMemoryError: Java heap space\n"
	p := &pass{ctx: t.Context(), client: w.conn.Client, opts: &w.opts, memory: w.memory, now: w.clock.now, deadline: w.clock.now.Add(time.Minute),
		snapshot: &model.Snapshot{TaskManagers: []model.TaskManager{{ID: "tm-1"}}}}
	p.readLogs()
	if len(w.memory.logs) != 1 || !w.memory.logs[0].Last.Equal(time.UnixMilli(1772366395000)) {
		t.Errorf("signals %+v, gaps %+v, want one, of 11:59:55 UTC", w.memory.logs, p.snapshot.Gaps)
	}
}
