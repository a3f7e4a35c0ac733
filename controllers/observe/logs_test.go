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

// A look at the logs before the first checkpoint failed has nothing to say of it: the next pass looks again, once a spell, and then as often as ever.
func TestLogsAreReadAgainAfterTheFirstFailure(t *testing.T) {
	w := newWorld(t)
	w.fake.answers["/jobmanager/logs"] = `{"logs":[{"name":"jm.log","size":400}]}`
	w.fake.answers["/jobmanager/logs/jm.log"] = "2026-03-01 06:59:50,001 INFO  x [] - nothing to say\n"
	begin := w.clock.now
	failedAt := func(ago time.Duration) model.Checkpoint {
		return model.Checkpoint{Status: model.CheckpointFailed, Failure: &model.CheckpointFailure{At: begin.Add(-ago)}}
	}
	for _, step := range []struct {
		name   string
		after  time.Duration
		failed []model.Checkpoint
		looks  int
	}{
		{"the first look, long after another failure", 0, []model.Checkpoint{failedAt(time.Hour)}, 1},
		{"nothing new", 20 * time.Second, []model.Checkpoint{failedAt(time.Hour)}, 1},
		{"one expired since", 40 * time.Second, []model.Checkpoint{failedAt(-30 * time.Second), failedAt(time.Hour)}, 2},
		{"and another one", 60 * time.Second, []model.Checkpoint{failedAt(-50 * time.Second), failedAt(-30 * time.Second)}, 2},
		{"five minutes later", 6 * time.Minute, []model.Checkpoint{failedAt(-5 * time.Minute)}, 3},
	} {
		p := &pass{ctx: t.Context(), client: w.conn.Client, opts: &w.opts, memory: w.memory, now: begin.Add(step.after), deadline: begin.Add(time.Hour),
			snapshot: &model.Snapshot{TaskManagers: []model.TaskManager{{ID: "tm-1"}}, Checkpoints: model.CheckpointLedger{History: step.failed}}}
		p.readLogs()
		if n := w.fake.count("/jobmanager/logs/jm.log"); n != step.looks {
			t.Errorf("%s: %d looks, want %d", step.name, n, step.looks)
		}
	}
}
