package engine

import "slices"

// Options describe one attempt of a job: from the start of its JobManager on.
type Options struct {
	Seed         uint64
	Topology     Topology
	TaskManagers int
	Settings     Settings
	Conditions   Conditions
	Born         float64   // very first start of the job, ms since the epoch: the onset counts from there
	Start        float64   // start of this JobManager
	TasksRun     float64   // when all tasks run; triggers before that fail without leaving a trace in the history
	NextID       int64     // id of the first checkpoint, 1 for a new job
	Restored     *Restored // nil: started empty
	History      int       // entries kept; 0: Flink's default of 10
}

// Engine is one attempt of a job.
type Engine struct {
	Topology     Topology
	TaskManagers int
	Settings     Settings
	Counts       Counts
	Restored     *Restored
	Restarts     int
	Failovers    []Failover // newest first, at most 16
	Changes      uint64     // grows whenever an answer about checkpoints would differ
	LatestFailed *Checkpoint
	LatestDone   *Checkpoint
	Summary      Summary

	conditions    Conditions
	noise         noise
	born, start   float64
	tasksRun      float64
	restarting    bool
	resumed       float64 // when the newest attempt of the tasks began to run; 0 for the first
	now           float64
	queue         eventQueue
	pool          ioPool
	clusterPool   ioPool
	mainFree      float64
	tasks         []task
	first         []int
	statefulTasks int
	history       []*Checkpoint // newest first
	historySize   int
	pending       []*Checkpoint // oldest first
	nextID        int64
	triggering    bool
	queued        int // periodic requests that wait
	cleaning      int
	consecutive   int // expiries in a row
	untolerated   int // those since the last failover: more than tolerable restart the job (CheckpointFailureManager)
	lastDone      float64
	attempt       int
	oversized     int
	ticks         uint64
}

// New starts an attempt of a job.
func New(o Options) *Engine {
	e := &Engine{
		Topology: o.Topology, TaskManagers: max(1, o.TaskManagers), Settings: o.Settings, Restored: o.Restored,
		conditions: o.Conditions, noise: noise(mix(o.Seed)), born: o.Born, start: o.Start, tasksRun: o.TasksRun,
		now: o.Start, historySize: o.History, nextID: max(1, o.NextID), lastDone: o.Start - 1e9,
	}
	if e.historySize == 0 {
		e.historySize = 10
	}
	if o.Restored != nil {
		e.Counts.Restored = 1
	}
	for v, vertex := range o.Topology {
		e.first = append(e.first, o.Topology.First(v))
		if vertex.Kind == Stateful {
			e.statefulTasks += vertex.Parallelism
		}
	}
	e.tasks = make([]task, o.Topology.Subtasks())
	e.pool = newIOPool(o.Settings.IOPool, o.Start)
	e.clusterPool = newIOPool(max(1, o.Settings.ClusterPool), o.Start)
	e.mainFree = o.Start
	e.startTicking(o.Start)
	return e
}

// startTicking begins the periodic triggering at a random moment within the interval (CheckpointCoordinator, up to 2.2).
func (e *Engine) startTicking(at float64) {
	if e.Settings.Interval <= 0 {
		return
	}
	e.ticks++
	e.queued = 0
	e.queue.push(event{at: at + millis(e.Settings.Interval)*e.noise.unit(e.ticks, uint64(at), placeFirstTick), kind: evTick, attempt: e.attempt})
}

// Advance lets everything happen that happens until a moment. Going back in time does nothing.
func (e *Engine) Advance(to float64) {
	for {
		at, waiting := e.queue.next()
		if !waiting || at > to {
			break
		}
		next := e.queue.pop()
		e.now = max(e.now, next.at)
		e.handle(next)
	}
	e.now = max(e.now, to)
}

func (e *Engine) handle(v event) {
	switch v.kind {
	case evTick:
		e.tick(v)
	case evCreated:
		e.create(v.at, v.checkpoint)
	case evTrigger:
		e.coordinatorsAnswered(v.at, v.checkpoint)
	case evAck, evAckQueued, evAckDone, evDecline, evThrow:
		e.report(v)
	case evExpire:
		e.expire(v.at, v.checkpoint)
	case evFailed:
		e.fail(v.at, v.checkpoint, MessageExpired)
	case evFinalized:
		e.complete(v.at, v.checkpoint)
	case evCleaned:
		e.cleaning--
		e.decide(v.at)
	case evRestarted:
		e.restarting, e.resumed = false, v.at
		e.startTicking(v.at)
	}
}

// report takes what a task sends to the JobManager; what the tasks of an earlier attempt sent is dropped.
func (e *Engine) report(v event) {
	if v.attempt != e.attempt {
		return
	}
	switch v.kind {
	case evDecline:
		e.fail(v.at, v.checkpoint, MessageAsync)
	case evThrow:
		e.failover(v.at, Failover{Time: v.at, Checkpoint: v.checkpoint.ID, Subtask: v.subtask, Attempt: e.attempt}, v.attempt)
	default:
		e.ack(v)
	}
}

// physics is what is true at a moment.
func (e *Engine) physics(at float64) *Physics { return e.conditions.at(at - e.born) }

// Physics is what is true at a moment; for metrics and thread dumps.
func (e *Engine) Physics(at float64) Physics { return *e.physics(at) }

// TaskManagerOf is the TaskManager, counted from 0, that runs a subtask: one slot for subtask i of every vertex, slots
// dealt out evenly.
func (e *Engine) TaskManagerOf(_, index int) int { return index % e.TaskManagers }

// Running tells whether all tasks run at a moment.
func (e *Engine) Running(at float64) bool {
	return at >= e.tasksRun && !e.restarting && !e.physics(at).Unscheduled
}

// Restarting tells whether the job is between two attempts of its tasks.
func (e *Engine) Restarting() bool { return e.restarting }

// Attempt is the number of times that the tasks were started again.
func (e *Engine) Attempt() int { return e.attempt }

// Oversized is how many acknowledgements were dropped for their size.
func (e *Engine) Oversized() int { return e.oversized }

// Started is the start of the JobManager, and TasksRun when the tasks ran first; ms since the epoch.
func (e *Engine) Started() (start, tasksRun float64) { return e.start, e.tasksRun }

// Resumed is when the tasks ran again after the newest failover, 0 where there was none.
func (e *Engine) Resumed() float64 { return e.resumed }

// Onset is when the conditions change, ms since the epoch.
func (e *Engine) Onset() float64 { return e.born + millis(e.conditions.Onset) }

// History is the checkpoints that Flink's web page would list, newest first.
func (e *Engine) History() []*Checkpoint { return e.history }

// Find returns a checkpoint of the history, or nil.
func (e *Engine) Find(id int64) *Checkpoint {
	i := slices.IndexFunc(e.history, func(c *Checkpoint) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return e.history[i]
}

// NextID is the id that the next checkpoint gets; a restart from the last state goes on with it.
func (e *Engine) NextID() int64 { return e.nextID }

// MainThread tells what a task's main thread does at the present moment, and AsyncPart what its asynchronous part does.
func (e *Engine) MainThread(vertex, index int) Activity {
	return doing(e.tasks[e.first[vertex]+index].main, e.now)
}

// AsyncPart tells what the asynchronous part of a subtask does at the present moment.
func (e *Engine) AsyncPart(vertex, index int) Activity {
	return doing(e.tasks[e.first[vertex]+index].async, e.now)
}

// IOThread tells what an io thread of the JobManager does at the present moment.
func (e *Engine) IOThread(thread int) Work { return e.pool.doing(thread, e.now) }

// ClusterThread tells what a thread of the pool cluster-io does at the present moment.
func (e *Engine) ClusterThread(thread int) Work { return e.clusterPool.doing(thread, e.now) }

// CoordinatorBusy tells whether the source's enumerator is writing its state for a pending checkpoint.
func (e *Engine) CoordinatorBusy() bool {
	if e.physics(e.now).CoordinatorTime == 0 {
		return false
	}
	return slices.ContainsFunc(e.pending, func(c *Checkpoint) bool { return !c.triggered })
}

// HeldAt tells whether a subtask never gets to its mailbox at a moment.
func (e *Engine) HeldAt(vertex, index int, at float64) bool {
	return e.held(e.physics(at), vertex, index)
}

// Blocked tells that a checkpoint failing now could not be told from a savepoint failing: how long the next one would take
// cannot be known, but one that expired last says that a savepoint under the same timeout would expire too.
func (e *Engine) Blocked() bool { return e.consecutive > 0 }
