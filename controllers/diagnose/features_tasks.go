package diagnose

import (
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// taskThread is the thread of one missing subtask.
type taskThread struct {
	activity
	vertex, subtask int
	// stuck is true where the sample before shows it at the same spot; moved where that sample shows it elsewhere.
	stuck, moved bool
	pace         pace
	// told is true for a source that has not taken its trigger although others have: a source takes it between two elements. sent is true for a subtask
	// whose barrier is with those behind it.
	told, sent bool
	// locked is true for a source of the old kind that holds the lock for which its own task waits.
	locked bool
}

// sure tells what a single dump shows as well as two: a task in its own part of a checkpoint. An element, a timer or a read takes a second dump, or
// records that do not pass.
func (t *taskThread) sure() bool {
	return t.stuck || t.locked || t.inCheckpoint() || t.place == inRestore || t.oneElement() || t.notBack()
}

// notBack tells a source that has not come back from its reading to take the trigger that others have taken.
func (t *taskThread) notBack() bool { return t.place == inSource && t.keptOn() }

// keptOn tells a source that was told and is still at what it was at then: no record passed, or, where records were not read, no dump shows it elsewhere.
func (t *taskThread) keptOn() bool {
	return t.told && t.pace.records == 0 && (t.pace.span > 0 || !t.moved)
}

// inUserWork tells a subtask that works on an element or a timer.
func (t *taskThread) inUserWork() bool { return t.place == inElement || t.place == inTimer }

// oneElement tells a subtask that has long been at one element: none passed, or each takes a large share of the timeout. A source needs no count. While
// timers fire no element passes, either, for one key or for thousands: then it takes the same spot as well, and that nothing came out meanwhile.
func (t *taskThread) oneElement() bool {
	return t.inUserWork() && (t.pace.one && (t.place != inTimer || t.oneTimer()) || t.keptOn())
}

// oneTimer tells that all that two dumps and the count of records know is one firing: the same call for each of many keys looks the same in dumps, but what
// each of them gives is counted.
func (t *taskThread) oneTimer() bool { return t.stuck && t.pace.gave <= 1 }

// longAt tells a subtask that has long been at what it is at, however many dumps there are.
func (t *taskThread) longAt() bool { return t.oneElement() || t.fires() || t.notBack() }

// fires tells a subtask that fires timers for long, for whatever many keys.
func (t *taskThread) fires() bool { return t.place == inTimer && t.pace.one && !t.oneTimer() }

// manyElements tells a subtask in the midst of a flow of elements.
func (t *taskThread) manyElements() bool {
	return t.inUserWork() && t.pace.many && !t.told
}

// held tells a subtask that something keeps from its mailbox: a flush, a snapshot, a commit, a monitor; or an element, a timer or a read that
// is still the same in the next dump. In a single dump anybody may be caught while it works off one of many elements, and in two at the same spot of
// another one: where records pass it is not held. Nor is it by what it does after its barrier is sent.
func (t *taskThread) held() bool {
	switch {
	case t.free():
		return false
	case t.blockedOn != "" || t.longAt():
		return true
	}
	switch t.place {
	case inElement, inTimer:
		return !t.moved && !t.pace.many
	case inSource:
		return t.stuck || !t.moved && t.pace.records < flow
	case nowhere:
		return !t.moved
	}
	return true
}

// free tells a subtask that does nothing of its own, or is at its next records, for its barrier is sent.
func (t *taskThread) free() bool {
	return !t.working() || t.sent && t.blockedOn == "" && (t.inUserWork() || t.place == inSource)
}

// inCheckpoint tells a subtask whose thread is in its own part of a checkpoint: a flush, a snapshot, a commit, an abort.
func (t *taskThread) inCheckpoint() bool {
	switch t.place {
	case beforeBarrier, inSnapshot, inCommit, inAbort:
		return true
	}
	return false
}

// missingAt tells whether a thread works for a subtask that had not acknowledged when the sample was taken; where the checkpoint of that moment was
// not read, for one that is missing now, and for any where that is not known either.
func (f *features) missingAt(sample *model.StackSample) func(*model.ThreadStack) bool {
	c, at := f.checkpointOf(sample), f.s.JobManagerTime(sample.At)
	return func(thread *model.ThreadStack) bool {
		if thread.Vertex < 0 {
			return false
		}
		if c != nil {
			if e := entryOf(c, thread.Vertex, thread.Subtask); e != nil {
				return !e.Finished && (!e.Reported || e.Aborted || e.Ack.After(at))
			}
		}
		return len(f.missing.now) == 0 || f.missing.now[subtaskKey(thread.Vertex, thread.Subtask)]
	}
}

// checkpointOf is the checkpoint that was pending when a sample was taken, nil where its subtasks were not read.
func (f *features) checkpointOf(sample *model.StackSample) *model.Checkpoint {
	for i := range f.s.Checkpoints.History {
		if c := &f.s.Checkpoints.History[i]; c.ID == sample.PendingCheckpoint && hasEntries(c) {
			return c
		}
	}
	return nil
}

// toldSource tells whether a thread is of a source that others' triggers have passed by: a source acknowledged the checkpoint before the sample was
// taken, and this one, whose trigger waits in no buffer, has not come back to its mailbox since. A source of the old kind hands its elements on in a
// thread of its own.
func (f *features) toldSource(sample *model.StackSample, thread *model.ThreadStack) bool {
	c := f.checkpointOf(sample)
	if c == nil || f.role(thread.Vertex) != model.RoleSource || strings.HasPrefix(thread.Name, legacySource) || 2*sample.PendingFor < f.w.timeout || f.sentBarrier(sample, thread) {
		return false
	}
	at := f.s.JobManagerTime(sample.At)
	for j := range c.Tasks {
		if t := &c.Tasks[j]; f.role(t.Vertex) == model.RoleSource && slices.ContainsFunc(t.Entries, func(e model.SubtaskLedger) bool {
			return e.Reported && !e.Finished && !e.Ack.After(at)
		}) {
			return true
		}
	}
	return false
}

func (t *threads) told(f *features, sample *model.StackSample, thread *model.ThreadStack) bool {
	return f.toldSource(sample, thread) || t.triggersPass(f, sample, thread)
}

// triggersPass tells whether a thread is of a source that was told although no source has acknowledged: nothing kept the trigger, for the coordinators on
// the JobManager are idle, its REST API answers at once and so did this TaskManager over the same RPC, while the checkpoint was pending for half its timeout.
func (t *threads) triggersPass(f *features, sample *model.StackSample, thread *model.ThreadStack) bool {
	if t.coordinators == 0 || t.coordinator != nil || restSlow(f) || sample.Took[model.JobManagerProcess] >= slowAnswer {
		return false
	}
	took, answered := sample.Took[thread.Process]
	c := f.checkpointOf(sample)
	return answered && took < slowAnswer && c != nil && f.role(thread.Vertex) == model.RoleSource && !strings.HasPrefix(thread.Name, legacySource) &&
		2*sample.PendingFor >= f.w.timeout && !f.sentBarrier(sample, thread)
}

// sentBarrier tells whether a thread is of a subtask that had sent its barrier on, whatever became of its acknowledgement: all of a vertex that reads
// from it acknowledged, or, where there are as many, the one of the same number, which reads from it over whatever edge.
func (f *features) sentBarrier(sample *model.StackSample, thread *model.ThreadStack) bool {
	c := f.checkpointOf(sample)
	return c != nil && f.sentOn(c, thread.Vertex, thread.Subtask, f.s.JobManagerTime(sample.At))
}

func (f *features) sentOn(c *model.Checkpoint, v, i int, at time.Time) (sent bool) {
	if v < 0 || v >= len(f.s.Vertices) {
		return false
	}
	f.children(v, func(child int) {
		n, all := f.s.Vertices[child].Parallelism, 0
		for all < n && cameTo(c, child, all, at) {
			all++
		}
		sent = sent || n > 0 && all == n || n == f.s.Vertices[v].Parallelism && cameTo(c, child, i, at)
	})
	return sent
}

// stoppedInSnapshot tells whether a subtask sent the barrier of an expired checkpoint on, never reported it, and has sent none since: its thread has not come
// back from that snapshot. An upload or an acknowledgement that is lost keeps no later barrier.
func (f *features) stoppedInSnapshot(sample *model.StackSample, v, i int) bool {
	for _, c := range f.expiredOnes() { // newest first
		if c.ID >= sample.PendingCheckpoint {
			continue
		}
		e := entryOf(c, v, i)
		if e == nil || e.Reported {
			return false
		}
		if f.sentOn(c, v, i, c.Failure.At) {
			return true
		}
	}
	return false
}

// cameTo tells whether a subtask had acknowledged a checkpoint by then: the barriers of all before it came.
func cameTo(c *model.Checkpoint, v, i int, at time.Time) bool {
	e := entryOf(c, v, i)
	return e != nil && e.Reported && !e.Finished && !e.Ack.After(at)
}

// movedOn tells whether a thread is elsewhere in the look before, or a look after shows a source that was told at other work and still not back.
func movedOn(stuck bool, last *model.ThreadStack, later []taskThread, thread *model.ThreadStack) bool {
	return !stuck && (last != nil || slices.ContainsFunc(later, func(t taskThread) bool {
		return t.vertex == thread.Vertex && t.subtask == thread.Subtask && t.told && t.moved && t.working()
	}))
}

type threadKey struct{ process, name string }

// threadIndex finds threads of a sample by process and name.
type threadIndex map[threadKey]*model.ThreadStack

func byThread(sample *model.StackSample) threadIndex {
	if sample == nil {
		return nil
	}
	m := make(threadIndex, len(sample.Threads))
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		t := &sample.Threads[i]
		m[threadKey{t.Process, t.Name}] = t
		if key, of := attemptless(t); of {
			m[key] = t
		}
	}
	return m
}

// find is the same thread, or the one of another attempt of the same subtask: where an expiry restarts the job the work begins anew in another thread,
// and maybe elsewhere.
func (m threadIndex) find(t *model.ThreadStack) *model.ThreadStack {
	if same := m[threadKey{t.Process, t.Name}]; same != nil {
		return same
	}
	key, of := attemptless(t)
	if !of {
		return nil
	}
	return m[key]
}

// attemptless is the key of a task's thread in whatever attempt: "state (1/2)#0" is "state (1/2)#".
func attemptless(t *model.ThreadStack) (key threadKey, of bool) {
	name, number := t.Name, strings.LastIndexByte(t.Name, '#')
	if t.Vertex < 0 || number < 0 || strings.Trim(name[number+1:], "0123456789") != "" {
		return threadKey{}, false
	}
	return threadKey{name: name[:number+1]}, true
}
