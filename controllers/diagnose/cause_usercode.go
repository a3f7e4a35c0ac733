package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// userCodeBlocking: one element, one call, minutes. The subtask cannot take the barrier until the call returns; unaligned checkpoints do not
// help, for the task's own thread is in the call.
var userCodeBlocking = rule{
	cause: api.CauseUserCodeBlocking,
	rows: []row{
		{"stacks of missing subtasks", 45, true, needStacks, func(f *features) sign {
			n, stuck, first := f.oneCall()
			if n == 0 {
				return stacksOr(f, no)
			}
			text := fmt.Sprintf("%d of %d: %s", n, len(f.threads.tasks), describe(f, first))
			switch {
			case first.fires() && first.stuck: // the same call for each of many keys, while no record passes
				s := yes(text+", at the same spot in two dumps", "idle")
				s.inferred = true
				return s
			case first.oneElement() && first.cut, first.fires():
				return yes(text, "idle").doubtful()
			case first.oneElement():
				return yes(text, "idle")
			case f.alikeAll(first.vertex, n):
				return weighing(20, text+"; most subtasks of the vertex are there", "few")
			case stuck == 0:
				return yes(text, "idle").once()
			}
			return yes(text+", at the same spot in two dumps", "idle")
		}},
		// One element, or a source between two elements: then no second dump is needed to tell a call from a flow.
		{"records of those subtasks", 25, true, needStacks | needWork, func(f *features) sign {
			_, _, first := f.threads.find(f.inOneElement)
			if first == nil {
				return no
			}
			text := fmt.Sprintf("subtask %d of %s: ", first.subtask, f.vertexName(first.vertex))
			if !first.pace.one {
				return yes(text+"has not taken its trigger, which nothing kept on its way: a source takes it between two elements", "")
			}
			return yes(text+first.pace.text(), fmt.Sprintf("%d or more, each below %s", flow, span(share(f.w.timeout, flowShare))))
		}},
		// What a function does in open or initializeState comes before all checkpoints; restoring much state takes as long.
		{"tasks that initialize", 30, false, 0, func(f *features) sign {
			n, v, since := initializing(f.s, &f.w, f.now)
			if n == 0 {
				return no
			}
			return yes(fmt.Sprintf("%d, of %s among others, and no checkpoint has begun for %s", n, f.vertexName(v), span(f.now.Sub(since))), "run")
		}},
		{"busy subtasks", 20, false, needStacks | needPressure, func(f *features) sign {
			_, _, first := f.oneCall()
			if first == nil || !f.press.known {
				return no
			}
			p := &f.press.vertices[first.vertex]
			return when(p.busy > 0 && (2*p.busy <= p.n || p.n == 1), of(p.busy, p.n, "of "+f.vertexName(first.vertex)+" are busy "+ratio(p.maxBusy)), "")
		}},
		{"late acknowledgements", 10, false, needStacks | needDetails, func(f *features) sign {
			n, _, _ := f.oneCall()
			return when(n > 0 && f.missing.neverLate(), "none ever came", "")
		}},
		{"back pressure", 10, false, needStacks | needPressure, func(f *features) sign {
			n, _, first := f.oneCall()
			if n == 0 || !f.press.known {
				return no
			}
			for _, input := range f.s.Vertices[first.vertex].Inputs {
				if input >= 0 && input < len(f.press.vertices) && f.press.vertices[input].maxPressure >= 0.1 {
					return yes(f.vertexName(input)+" before it "+ratio(f.press.vertices[input].maxPressure), "")
				}
			}
			return no
		}},
		// All subtasks of the vertex at their limit: the vertex is short of capacity, unless each of them is at one element.
		{"busy subtasks", -30, false, needStacks | needPressure, func(f *features) sign {
			_, _, first := f.oneCall()
			if first == nil || first.oneElement() || first.fires() && first.stuck || !f.press.busyMost(first.vertex) || f.press.vertices[first.vertex].n < 2 {
				return no
			}
			return yes("most of "+f.vertexName(first.vertex)+": short of capacity, not stuck in one call", "")
		}},
		{"TaskManagers", -30, true, needStacks | needPlacement, func(f *features) sign {
			_, _, first := f.oneCall()
			if tm := f.sickManager(); tm == nil || first == nil || first.oneElement() || f.managerOf(first.vertex, first.subtask) != tm.ID {
				return no
			}
			return yes("it runs on "+sickName(f)+", which is sick itself", "")
		}},
		// At a last vertex it may be in its snapshot as well; one before others sends its barrier on before that.
		{"callers on that stack", -40, true, needStacks, func(f *features) sign {
			_, _, first := f.oneCall()
			return when(first != nil && first.cut && f.leaf(first.vertex) && !f.startedLate(first.vertex, first.subtask),
				"not shown, and nothing behind it tells whether it has sent its barrier on", "")
		}},
		// In a snapshot no record passes either, and the next barriers wait for it: what a dump shows it at afterwards holds nothing up.
		{"synchronous part", -40, false, needStacks | needDetails, func(f *features) sign {
			_, _, first := f.oneCall()
			return when(first != nil && f.syncLong(first.vertex, first.subtask),
				"what it reported took long in its snapshot, where no record passes either", "")
		}},
		{"records of those subtasks", -40, true, needStacks | needWork, func(f *features) sign {
			n, _, first := f.threads.find(f.inFlow)
			if one, _, _ := f.threads.find(f.inOneElement); n == 0 || one > 0 {
				return no
			}
			return yes(fmt.Sprintf("subtask %d of %s: %s", first.subtask, f.vertexName(first.vertex), first.pace.text()), "")
		}},
	},
	summary: func(f *features) string {
		n, _, first := f.oneCall()
		if waiting, v, _ := initializing(f.s, &f.w, f.now); n == 0 && waiting > 0 {
			return fmt.Sprintf("%d subtasks, of %s among others, have not come out of open or initializeState, or restore their state", waiting, f.vertexName(v))
		}
		if n == 0 {
			return "a call of user code holds up the barrier"
		}
		where := "one call"
		if first.fires() {
			where = "timers that fire without a pause, in calls"
		}
		text := fmt.Sprintf("%d of %d missing subtasks are in %s", n, len(f.threads.tasks), where)
		if first.method != "" {
			text += " of " + first.method
		}
		if name := first.names(); name != "" {
			text += ", waiting for " + name
		}
		return text
	},
	next: "thread dumps of the TaskManager a minute apart: whether the same call is still there",
	advice: func(*features) []string {
		return []string{
			"Bound the call with a timeout of its own, or make it asynchronous (AsyncDataStream) so that the barrier can pass.",
			"Neither a longer timeout nor unaligned checkpoints help while the task's thread is in the call.",
		}
	},
}

// inOneCall tells a subtask that is in user code for one element or timer.
func (f *features) inOneCall(t *taskThread) bool {
	if t.place != inElement && t.place != inTimer || t.vertex < 0 || t.vertex >= len(f.s.Vertices) {
		return false
	}
	return t.held() && (t.kind == userKind || t.kind == sqlKind)
}

// inOneElement tells one of them that has been at one element for long.
func (f *features) inOneElement(t *taskThread) bool { return f.inOneCall(t) && t.oneElement() }

// inFlow tells a missing subtask that is in user code with one of many elements.
func (f *features) inFlow(t *taskThread) bool {
	return t.manyElements() && t.vertex >= 0 && (t.kind == userKind || t.kind == sqlKind)
}

// startedLate tells whether a subtask reported for some checkpoint that shows the illness that it came late to its barriers.
func (f *features) startedLate(vertex, subtask int) bool {
	return f.reported(vertex, subtask, lateToBarriers)
}

// oneCall finds the subtasks in one call; the first of them is one that is sure to be, if any is.
func (f *features) oneCall() (n, stuck int, first *taskThread) {
	n, stuck, first = f.threads.find(f.inOneCall)
	if _, _, sure := f.threads.find(f.inOneElement); sure != nil {
		first = sure
	}
	return n, stuck, first
}

// alikeAll tells whether most subtasks of a vertex are missing, and most of those that were looked at are in such a place: then it is the load, not
// one element. With a single subtask nothing tells the two apart, and load is the more common.
func (f *features) alikeAll(vertex, n int) bool {
	seen, _, _ := f.threads.find(func(t *taskThread) bool { return t.vertex == vertex })
	return 2*f.missing.nowByVertex[vertex] > f.s.Vertices[vertex].Parallelism && 2*n > seen
}
