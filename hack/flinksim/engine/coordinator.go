package engine

import (
	"errors"
	"slices"
)

// ErrSavepointTimedOut is that a stop-with-savepoint expired; the Flink operator passes these words on.
var ErrSavepointTimedOut = errors.New("stopping the job with savepoint timed out, configure a larger timeout via 'execution.checkpointing.timeout'")

// maxQueued is the number of periodic requests that may wait (CheckpointRequestDecider, all versions).
const maxQueued = 1000

// restartDelay and redeployTime are how long a failover waits and how long the tasks then take to run, in ms
// (restart-strategy fixed-delay, 1 s, and a small job's deployment).
const (
	restartDelay = 1000
	redeployTime = 700
)

// tick is the periodic timer: it asks for a checkpoint, which waits where it cannot start.
func (e *Engine) tick(v event) {
	if v.attempt != e.attempt {
		return
	}
	next := v.at + millis(e.Settings.Interval)
	switch pause := e.lastDone + millis(e.Settings.MinPause); {
	case v.at < e.tasksRun || e.physics(v.at).Unscheduled:
		e.Counts.Total++
		e.Counts.Failed++
		e.Changes++
	case pause > v.at:
		next = pause
	default:
		e.queued = min(e.queued+1, maxQueued)
		e.decide(v.at)
	}
	e.queue.push(event{at: next, kind: evTick, attempt: e.attempt})
}

// decide starts the next waiting checkpoint if nothing forbids it: one trigger at a time, no more discarded checkpoints
// being deleted than may be concurrent, and no more pending than may be (CheckpointRequestDecider, 1.13 and later).
func (e *Engine) decide(at float64) {
	free := !e.triggering && !e.restarting && e.cleaning <= e.Settings.Concurrent && len(e.pending) < e.Settings.Concurrent
	if e.queued == 0 || !free || e.lastDone+millis(e.Settings.MinPause) > at {
		return
	}
	e.queued--
	e.triggering = true
	c := &Checkpoint{
		ID: e.nextID, Trigger: at, Status: InProgress, LatestAck: -1, Unaligned: e.Settings.Unaligned,
		Subtasks: make([]Subtask, len(e.tasks)), sent: make([]Subtask, len(e.tasks)),
	}
	e.nextID++
	p := e.physics(at)
	ends := e.compute(at, millis(p.TriggerWork), p, Triggering)
	e.queue.push(event{at: ends, kind: evCreated, checkpoint: c, attempt: e.attempt})
}

// create makes the checkpoint visible; its timeout runs from here, though its trigger timestamp is older.
func (e *Engine) create(at float64, c *Checkpoint) {
	if e.restarting {
		e.triggering = false
		return
	}
	p := e.physics(at)
	c.created, c.expires = at, at+millis(e.Settings.Timeout)
	e.Counts.Total++
	e.Counts.InProgress++
	e.Changes++
	e.pending = append(e.pending, c)
	e.history = slices.Insert(e.history, 0, c)
	if len(e.history) > e.historySize {
		e.history = e.history[:e.historySize]
	}
	e.queue.push(event{at: c.expires, kind: evExpire, checkpoint: c})
	e.queue.push(event{at: at + millis(p.CoordinatorTime) + 1, kind: evTrigger, checkpoint: c, attempt: e.attempt})
}

func (e *Engine) coordinatorsAnswered(at float64, c *Checkpoint) {
	if c.done {
		return
	}
	c.triggered, e.triggering = true, false
	e.triggerTasks(at, c, e.physics(at))
	e.decide(at)
}

// ack takes an acknowledgement through the JobMaster's main thread and an io thread.
func (e *Engine) ack(v event) {
	p := e.physics(v.at)
	cost := millis(p.AckWork)
	if v.checkpoint.done {
		cost /= 3 // only statistics are kept of a late one
	}
	switch v.kind {
	case evAck:
		e.mainFree = max(e.mainFree, v.at) + cost/4/e.Speed(p) // deserialising on the main thread; the rest is the io thread's
		v.kind, v.at = evAckQueued, e.mainFree
		e.queue.push(v)
	case evAckQueued:
		v.kind, v.at = evAckDone, e.compute(v.at, cost, p, Acknowledging)
		e.queue.push(v)
	default:
		e.acknowledged(v.at, v.checkpoint, v.subtask)
	}
}

func (e *Engine) acknowledged(at float64, c *Checkpoint, s int) {
	report := c.sent[s]
	report.Reported, report.Ack, report.Aborted = true, at, c.done || report.Async < 0
	c.Subtasks[s] = report
	c.Changes++
	e.Changes++
	if report.Aborted {
		return
	}
	c.Acked++
	c.LatestAck = max(c.LatestAck, at)
	if c.Acked < len(c.Subtasks) {
		return
	}
	c.acking = true
	p := e.physics(at)
	takes := e.noise.around(millis(p.MetadataTime), 0.3, uint64(c.ID), 0, placeMetadata)
	e.queue.push(event{at: e.pool.run(at, takes, WritingMetadata), kind: evFinalized, checkpoint: c})
}

// complete ends a checkpoint well: older ones are subsumed and deleted, sinks commit.
func (e *Engine) complete(at float64, c *Checkpoint) {
	if c.done {
		return
	}
	c.Status, c.Finished = Completed, at
	e.finish(c)
	e.Counts.Completed++
	e.consecutive, e.untolerated = 0, 0
	e.lastDone = at
	e.Summary.add(c)
	for _, older := range slices.Clone(e.pending) {
		if older.ID < c.ID {
			e.fail(at, older, "Checkpoint has been subsumed.")
		}
	}
	previous := e.LatestDone
	e.LatestDone = c
	p := e.physics(at)
	if previous != nil || e.Restored != nil {
		e.replace(at, p.Files, uint64(c.ID))
	}
	if p.CommitTime > 0 {
		e.commit(at, c, p)
	}
	e.decide(at)
}

// commit keeps the sinks' main threads busy after the notification of a completed checkpoint.
func (e *Engine) commit(at float64, c *Checkpoint, p *Physics) {
	for v, vertex := range e.Topology {
		if vertex.Kind != Sink {
			continue
		}
		for i := range vertex.Parallelism {
			t := &e.tasks[e.first[v]+i]
			from := max(at, t.busyUntil)
			t.busyUntil = from + e.noise.around(millis(p.CommitTime), 0.03, uint64(c.ID), uint64(i), placeMetadata)
			t.does(Committing, from, t.busyUntil)
		}
	}
}

// expire is the timeout firing on the timer thread, which is as slow as the rest of the JobManager.
func (e *Engine) expire(at float64, c *Checkpoint) {
	if c.done || c.acking {
		return
	}
	p := e.physics(at)
	lag := e.noise.between(2, 40, uint64(c.ID), 0, placeTimer) + 30/e.Speed(p) - 30
	e.queue.push(event{at: at + lag, kind: evFailed, checkpoint: c})
}

// fail ends a checkpoint that is still pending.
func (e *Engine) fail(at float64, c *Checkpoint, message string) {
	if c.done || c.acking {
		return
	}
	c.Status, c.Failure, c.Message = Failed, at, message
	if !c.triggered {
		e.triggering = false
	}
	e.finish(c)
	e.Counts.Failed++
	e.LatestFailed = c
	counted := message == MessageExpired || message == MessageAsync
	if counted {
		e.consecutive++
		e.untolerated++
	}
	e.discard(at, &e.pool, e.privateFiles(c, e.physics(at)), uint64(c.ID), DiscardingPending)
	if counted && e.untolerated > e.Settings.Tolerable {
		e.untolerated = 0
		e.failover(at, Failover{Time: at, Checkpoint: c.ID, Subtask: -1, Attempt: e.attempt}, e.attempt)
		return
	}
	e.decide(at)
}

// privateFiles is how many files of a failed checkpoint are deleted: those of the stateful subtasks that had acknowledged,
// shared ones of incremental checkpoints excepted.
func (e *Engine) privateFiles(c *Checkpoint, p *Physics) int {
	acked := 0
	for v, vertex := range e.Topology {
		if vertex.Kind != Stateful {
			continue
		}
		for _, s := range c.Subtasks[e.first[v] : e.first[v]+vertex.Parallelism] {
			if s.Reported && !s.Aborted {
				acked++
			}
		}
	}
	files := p.Files
	if e.Settings.Incremental && e.Settings.RocksDB {
		files = min(files, 3)
	}
	return acked * files / max(1, e.statefulTasks)
}

func (e *Engine) finish(c *Checkpoint) {
	c.done, c.acking = true, false
	c.Changes++
	e.Changes++
	e.Counts.InProgress--
	e.pending = slices.DeleteFunc(e.pending, func(other *Checkpoint) bool { return other == c })
}

// failover restarts all tasks: every pending checkpoint fails, and the next attempt begins where the last one completed.
func (e *Engine) failover(at float64, cause Failover, attempt int) {
	if attempt != e.attempt || e.restarting {
		return
	}
	e.attempt++
	e.Restarts++
	e.restarting, e.triggering, e.queued = true, false, 0
	for _, c := range slices.Clone(e.pending) {
		c.acking = false
		e.fail(at, c, MessageSuspending)
	}
	e.Failovers = slices.Insert(e.Failovers, 0, cause)
	e.Failovers = e.Failovers[:min(len(e.Failovers), 16)]
	for i := range e.tasks {
		e.tasks[i] = task{busyUntil: at}
	}
	if e.LatestDone != nil {
		e.Counts.Restored++
		e.Restored = &Restored{ID: e.LatestDone.ID, Time: at + restartDelay}
	}
	e.Changes++
	e.queue.push(event{at: at + restartDelay + redeployTime, kind: evRestarted, attempt: e.attempt})
}

// StopWithSavepoint tries what the Flink operator does before an upgrade with savepoint. Under conditions that let
// checkpoints expire the savepoint expires too and the job's tasks restart from the last checkpoint.
func (e *Engine) StopWithSavepoint() error {
	if !e.Blocked() {
		return nil
	}
	e.failover(e.now, Failover{Time: e.now, Subtask: -1, Attempt: e.attempt}, e.attempt)
	return ErrSavepointTimedOut
}
