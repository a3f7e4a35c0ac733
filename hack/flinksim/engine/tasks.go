package engine

import "math"

// never is later than anything: a report that does not come.
const never = math.MaxFloat64

// Activity is what a task's main thread, or its asynchronous part, is doing.
type Activity uint8

// What a task may be doing; Waiting is waiting for mails, which is healthy.
const (
	Waiting Activity = iota
	Flushing
	Snapshotting
	Committing
	Uploading
)

type activity struct {
	from, to float64
	what     Activity
}

// task is the state of one subtask on its TaskManager.
type task struct {
	busyUntil   float64 // main thread
	uploadUntil float64 // the single thread of the asynchronous parts (FLINK-34670)
	credit      float64 // bytes it may send at the burst rate
	creditAt    float64
	main        []activity
	async       []activity
}

func (t *task) does(what Activity, from, to float64) {
	if what == Uploading {
		t.async = append(dropOld(t.async), activity{from, to, what})
		return
	}
	t.main = append(dropOld(t.main), activity{from, to, what})
}

// dropOld forgets the oldest of very many: an hour of checkpoints every second. What is queued may be long before its time comes.
func dropOld(list []activity) []activity {
	if len(list) > 4096 {
		return list[1:]
	}
	return list
}

func doing(list []activity, at float64) Activity {
	for _, a := range list {
		if a.from <= at && at < a.to {
			return a.what
		}
	}
	return Waiting
}

// barrier is when a barrier leaves a subtask; never where the subtask does not take part.
type barrier = float64

// triggerTasks lets a checkpoint travel through the job: sources get the trigger, everyone else its barriers, and what
// each subtask reports is sent to the JobManager. All of it follows from what the tasks are busy with now.
func (e *Engine) triggerTasks(now float64, c *Checkpoint, p *Physics) {
	var upstream []barrier
	for v, vertex := range e.Topology {
		left := make([]barrier, vertex.Parallelism)
		for i := range left {
			left[i] = e.passSubtask(now, c, p, v, i, upstream)
		}
		upstream = left
	}
}

// passSubtask computes one subtask's part and returns when its barrier leaves it.
func (e *Engine) passSubtask(now float64, c *Checkpoint, p *Physics, v, i int, upstream []barrier) barrier {
	s := e.first[v] + i
	t := &e.tasks[s]
	slow := e.slowness(p, v, i)
	first, last := e.arrival(now, c, p, v, s, upstream, slow)
	if first == never {
		return never
	}
	seen := max(first, t.busyUntil)
	begin := max(last, t.busyUntil)
	// A task that gets to the barrier after the checkpoint was aborted skips it ("has been notified as aborted"). Sources got
	// the trigger as a mail, ahead of the abortion, and carry it out.
	if last == never || e.held(p, v, i) || v > 0 && begin >= c.expires {
		return never
	}
	flush, sync := e.mainThread(p, c, v, s, slow)
	snapshot, ends := t.snapshots(begin, flush, sync)
	report := Subtask{StartDelay: max(0, seen-c.Trigger), Alignment: max(0, begin-seen), Sync: sync}
	if v > 0 && report.Alignment > 1 {
		report.Processed = int64(report.Alignment * 90)
	}
	if p.Throws && e.lastStateful(v, i) {
		e.queue.push(event{at: snapshot + 20, kind: evThrow, checkpoint: c, subtask: s, attempt: e.attempt})
		return snapshot
	}
	e.asyncPart(c, p, v, i, ends, slow, report)
	return snapshot
}

// worthShowing is the shortest activity that a thread dump may find, in ms.
const worthShowing = 50

// snapshots takes the main thread for the flush and the synchronous part; the barrier leaves between them.
func (t *task) snapshots(begin, flush, sync float64) (snapshot, ends float64) {
	snapshot = begin + flush
	ends = snapshot + sync
	if flush > worthShowing {
		t.does(Flushing, begin, snapshot)
	}
	if sync > worthShowing {
		t.does(Snapshotting, snapshot, ends)
	}
	t.busyUntil = ends
	return snapshot, ends
}

func laterBy(b barrier, late float64) barrier {
	if b == never {
		return never
	}
	return b + late
}

// arrival is when the first and the last barrier (or the trigger) reaches a subtask, and its task gets to them.
func (e *Engine) arrival(now float64, c *Checkpoint, p *Physics, v, s int, upstream []barrier, slow float64) (first, last float64) {
	first, last = e.travel(now, c, p, v, s, upstream)
	if slow <= 1 || first == never {
		return first, last
	}
	late := (slow - 1) * e.noise.between(50, 65, uint64(c.ID), uint64(s), placeQueue)
	return first + late, laterBy(last, late)
}

// travel is when the first and the last barrier (or the trigger) is there.
func (e *Engine) travel(now float64, c *Checkpoint, p *Physics, v, s int, upstream []barrier) (first, last float64) {
	if v == 0 {
		at := now + e.noise.between(8, 45, uint64(c.ID), uint64(s), placeStart)
		return at, at
	}
	first, last = never, 0
	queued := e.bufferedFor(p, v)
	for from, left := range upstream {
		if left == never {
			last = never
			continue
		}
		at := left + e.noise.between(1, 14, uint64(c.ID), uint64(s*1024+from), placeChannel)
		if queued > 0 {
			at += e.noise.around(queued, 0.3, uint64(c.ID), uint64(s*1024+from), placeQueue)
		}
		first = min(first, at)
		if last != never {
			last = max(last, at)
		}
	}
	return first, last
}

// bufferedFor is how long barriers wait in the buffers before a vertex: all vertices behind the source wait, unless barriers may
// overtake the buffers.
func (e *Engine) bufferedFor(p *Physics, v int) float64 {
	if v == 0 || p.QueueTime == 0 || e.Settings.Unaligned && !p.NoOvertaking {
		return 0
	}
	return millis(p.QueueTime) / float64(len(e.Topology)-1)
}

// held tells whether a subtask does not get to its mailbox at all.
func (e *Engine) held(p *Physics, v, i int) bool {
	return i == 0 && (p.SourceHeld && v == 0 || p.UserHeld && e.Topology[v].Kind == Stateful && e.statefulBefore(v) == 0)
}

func (e *Engine) statefulBefore(v int) int {
	n := 0
	for _, vertex := range e.Topology[:v] {
		if vertex.Kind == Stateful {
			n++
		}
	}
	return n
}

func (e *Engine) lastStateful(v, i int) bool {
	return e.Topology[v].Kind == Stateful && i == e.Topology[v].Parallelism-1
}

// slowness is the factor by which a subtask's TaskManager is slower than the others.
func (e *Engine) slowness(p *Physics, v, i int) float64 {
	if p.SlowTasks > 1 && e.TaskManagerOf(v, i) == e.TaskManagers-1 {
		return p.SlowTasks
	}
	return 1
}

// mainThread is how long the task's main thread flushes before the barrier and takes the synchronous part, in ms.
func (e *Engine) mainThread(p *Physics, c *Checkpoint, v, s int, slow float64) (flush, sync float64) {
	if e.Topology[v].Kind == Sink {
		flush = e.noise.around(millis(p.FlushTime), 0.02, uint64(c.ID), uint64(s), placeStart) * slow
	}
	sync = e.noise.between(0, 3, uint64(c.ID), uint64(s), placeSync)
	if e.Topology[v].Kind == Stateful {
		sync = e.noise.around(millis(p.SyncTime), 0.05, uint64(c.ID), uint64(s), placeSync)
	}
	return flush, sync * slow
}

// asyncPart uploads the subtask's state and sends its acknowledgement.
func (e *Engine) asyncPart(c *Checkpoint, p *Physics, v, i int, from, slow float64, report Subtask) {
	s := e.first[v] + i
	t := &e.tasks[s]
	report.Bytes = e.bytes(p, v, i, from)
	begins := max(from, t.uploadUntil)
	ends := from + e.noise.between(0, 4, uint64(c.ID), uint64(s), placeAsync)
	if e.Topology[v].Kind == Stateful {
		ends = begins + e.upload(p, t, begins, float64(report.Bytes), slow, c, s)
		if p.WriteFails {
			e.queue.push(event{at: begins + 60, kind: evDecline, checkpoint: c, subtask: s, attempt: e.attempt})
			return
		}
		// Up to 1.17 the abortion cancels the upload at once (FLINK-30251 changed that in 1.18).
		if !e.Settings.AtLeast(1, 18) && ends > c.expires {
			t.does(Uploading, begins, c.expires)
			t.uploadUntil = c.expires + 20
			report.Async, report.Bytes = -1, 0
			e.acknowledge(c, p, s, c.expires+40, report)
			return
		}
		t.does(Uploading, begins, ends)
		t.uploadUntil = ends
	}
	report.Async = ends - from
	e.acknowledge(c, p, s, ends, report)
}

// upload is how long one subtask's state takes to reach the storage, in ms. A stream that has rested sends at the burst
// rate until its credit is used up; credit comes back at the sustained rate.
func (e *Engine) upload(p *Physics, t *task, at, bytes, slow float64, c *Checkpoint, s int) float64 {
	rate := e.noise.around(p.Bandwidth, 0.04, uint64(c.ID), uint64(s), placeUpload)
	takes := millis(p.RequestLatency) * e.fileRounds(p)
	if p.Burst > rate {
		if t.creditAt == 0 {
			t.credit = p.Credit
		} else {
			t.credit = min(p.Credit, t.credit+(at-t.creditAt)/1000*rate)
		}
		burst := min(bytes/p.Burst, t.credit/(p.Burst-rate))
		t.credit -= burst * (p.Burst - rate)
		takes += burst * 1000
		bytes -= burst * p.Burst
	}
	takes = (takes + bytes/rate*1000) * slow
	t.creditAt = at + takes
	return takes
}

// fileRounds is how many times the latency of a request is paid one after the other.
func (e *Engine) fileRounds(p *Physics) float64 {
	if !e.Settings.RocksDB || p.Files <= 1 {
		return 1
	}
	perTask := float64(p.Files) / float64(max(1, e.statefulTasks))
	return max(1, math.Ceil(perTask/float64(e.Settings.Threads)))
}

// bytes is what one subtask uploads in a checkpoint.
func (e *Engine) bytes(p *Physics, v, i int, at float64) int64 {
	switch {
	case v == 0:
		return 234 // reader state of a source split, as recorded
	case e.Topology[v].Kind != Stateful:
		return 0
	}
	total := float64(p.StateBytes) + p.Growth*(at-e.born)/1000
	if e.Settings.Incremental && e.Settings.RocksDB {
		total = min(total, p.Churn*e.Settings.Interval.Seconds())
	}
	tasks := float64(e.statefulTasks)
	if p.Skew > 0 {
		if i == 0 {
			return int64(total * p.Skew)
		}
		return int64(total * (1 - p.Skew) / max(1, tasks-1))
	}
	return int64(total / tasks * (1 + 0.03*float64(i%3)))
}

// acknowledge sends a report to the JobManager; one that is larger than a frame, or lost, never arrives.
func (e *Engine) acknowledge(c *Checkpoint, p *Physics, s int, at float64, report Subtask) {
	v, _ := e.Topology.Place(s)
	if e.Topology[v].Kind == Stateful && p.AckBytes > e.Settings.FrameSize {
		e.oversized++
		return
	}
	if p.LossShare > 0 && e.noise.unit(uint64(c.ID), uint64(s), placeLoss) < p.LossShare {
		return
	}
	at += e.noise.around(millis(p.AckLatency), 0.1, uint64(c.ID), uint64(s), placeAck)
	c.sent[s] = report
	e.queue.push(event{at: at, kind: evAck, checkpoint: c, subtask: s, attempt: e.attempt})
}
