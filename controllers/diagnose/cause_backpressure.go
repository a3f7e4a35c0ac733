package diagnose

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// backpressure: an operator is at its limit, and barriers wait in the buffers before it.
var backpressure = rule{
	cause: api.CauseBackpressure,
	rows: []row{
		{"back pressure and who causes it", 45, true, needPressure, func(f *features) sign {
			p := &f.press
			if !p.known {
				return missing(model.GapBackpressure)
			}
			if p.upstream < 0 || p.busy < 0 {
				return no
			}
			text := fmt.Sprintf("%s back-pressured %s, %s behind it busy %s", f.vertexName(p.upstream), ratio(p.vertices[p.upstream].maxPressure),
				f.vertexName(p.busy), ratio(p.vertices[p.busy].maxBusy))
			if !f.shortOfCapacity(p.busy) {
				return weighing(20, text+fmt.Sprintf(", %d of %d subtasks", p.vertices[p.busy].busy, p.vertices[p.busy].n), "")
			}
			if p.low {
				return weighing(35, text+", all of its time", "below "+ratio(lowPressure))
			}
			return yes(text, "below "+ratio(highPressure))
		}},
		// Barriers are late or do not arrive; the work itself is quick where they do.
		{"barriers", 20, false, needDetails, barriersWait},
		{"stacks of missing subtasks", 15, true, needStacks, func(f *features) sign {
			t := &f.threads
			if !t.known {
				return missing(model.GapThreadDumps)
			}
			elements, _, first := t.find(func(t *taskThread) bool { return t.place == inElement || t.place == inTimer })
			others, _, _ := t.find(func(t *taskThread) bool { return t.working() && t.place != inElement && t.place != inTimer })
			if elements == 0 && t.buffers == 0 || others > 0 {
				return no
			}
			if first == nil {
				return yes(of(t.buffers, len(t.tasks), "wait for network buffers"), "")
			}
			return yes(of(elements, len(t.tasks), "are processing elements")+": "+describe(f, first), "")
		}},
		{"records of the busy operator", 10, true, needPressure | needWork, func(f *features) sign {
			p, ok := f.paceOfBusy()
			return when(ok && p.many, f.vertexName(f.press.busy)+": "+p.text(), "")
		}},
		// One call that lasts is the cause, and back pressure its consequence.
		{"records of the busy operator", -45, true, needPressure | needWork, func(f *features) sign {
			p, ok := f.paceOfBusy()
			_, _, first := f.threads.find(f.inOneElement)
			if ok && !p.many && first != nil && first.vertex == f.press.busy {
				p = first.pace
			}
			return when(ok && p.one, f.vertexName(f.press.busy)+": "+p.text(), "many")
		}},
		{"TaskManagers", -30, true, needPressure | needPlacement, func(f *features) sign { return f.onSickManager(f.press.busy) }},
		// Whoever is inside a flush, a snapshot or a commit takes no input: that is the cause, back pressure its consequence.
		{"stacks of missing subtasks", -45, true, needStacks, func(f *features) sign {
			n, _, first := f.threads.find((*taskThread).inCheckpoint)
			if caught, _, _ := f.threads.find(f.snapshots); n == 0 || n == caught && f.caughtInPassing(f.snapshots) {
				return stacksOr(f, no)
			}
			return yes(describe(f, first), "")
		}},
		// What they report when they come tells where the time went: not before the barrier came.
		{"phases of the missing subtasks", -40, false, needDetails, func(f *features) sign {
			v := f.snapshotLate()
			return detailsOr(f, when(v >= 0, f.vertexName(max(v, 0))+" came to its barriers in time, and its synchronous part took up to "+span(f.syncMost(v)), ""))
		}},
		{"busy subtasks", -25, false, needPressure, func(f *features) sign {
			p := &f.press
			if p.busy < 0 || f.shortOfCapacity(p.busy) {
				return no
			}
			return yes(of(p.vertices[p.busy].busy, p.vertices[p.busy].n, "of "+f.vertexName(p.busy)+": one is held up, not all are short of capacity"), "")
		}},
		{"busy operators", -40, false, needPressure, func(f *features) sign {
			return when(f.onTheWay() == overlaps, "nobody above "+ratio(f.press.anyBusy), "")
		}},
		// Small records wait by the hundred in the buffers of those that receive them, and hold nobody up.
		{"back pressure", -40, false, needPressure, func(f *features) sign {
			return when(f.press.known && f.press.anyPressure < lowPressure && !f.press.queued, ratio(f.press.anyPressure)+" at most", "")
		}},
	},
	summary: func(f *features) string {
		p := &f.press
		if p.upstream < 0 || p.busy < 0 {
			return "barriers wait in the buffers before a busy operator"
		}
		return fmt.Sprintf("%s is at its limit (busy %s) and holds up %s (back-pressured %s); barriers wait in the buffers between", f.vertexName(p.busy),
			ratio(p.vertices[p.busy].maxBusy), f.vertexName(p.upstream), ratio(p.vertices[p.upstream].maxPressure))
	},
	next: "records per second in and out of the busy operator, and a CPU profile of it (rest.profiling.enabled)",
	advice: func(f *features) []string {
		advice := []string{"Give the busy operator more: parallelism or TaskManagers, or less work per record."}
		if name := f.facts.LibraryNamed; name != "" {
			advice = append(advice, "The busy operator waits for "+name+": look at that system's latency first.")
		}
		return append(advice, "Unaligned checkpoints (execution.checkpointing.unaligned.enabled) let barriers overtake the waiting records; exactly-once and one checkpoint at a time only.")
	},
}

// waitAt counts the subtasks of a vertex that came late to their barriers, or else those that none has come to yet.
func (f *features) waitAt(v int) int {
	sum := &f.ledger.vertices[v]
	switch {
	case sum.mostly(inStart) || sum.mostly(inAlignment):
		return sum.total
	case sum.never > 0 && !f.missing.passed[v] && f.snapshotLate() != v:
		return sum.never
	}
	return 0
}

// snapshotLate is a vertex with missing subtasks whose reports say that their synchronous part is what took long, and never the wait for barriers; -1 if none.
func (f *features) snapshotLate() int {
	for v := range f.ledger.vertices {
		sum := &f.ledger.vertices[v]
		if sum.missing() > 0 && sum.sometimes(inSync) && !sum.sometimes(inStart) && !sum.sometimes(inAlignment) {
			return v
		}
	}
	return -1
}

func (f *features) syncMost(v int) time.Duration {
	if v < 0 {
		return 0
	}
	return f.ledger.vertices[v].most[inSync]
}

// shortOfCapacity tells whether a vertex is at its limit as a whole: most of its subtasks are, or many records pass the busy ones, the others are at work or
// wait for those behind them for half of the time at least, and take no less than half as many records: it is neither one that is stuck nor one key.
func (f *features) shortOfCapacity(v int) bool {
	if f.press.short(v) {
		return true
	}
	h := &f.hot
	return h.found && h.vertex == v && h.pace.many && h.others >= idleRatio && h.more > 0 && h.more < skewRecords
}

// paceOfBusy is how most of the busy subtasks work of the operator that holds up the others; not ok where nobody is busy.
func (f *features) paceOfBusy() (found pace, ok bool) {
	v := f.press.busy
	if v < 0 {
		return pace{}, false
	}
	var one, many []pace
	for i := range f.s.Vertices[v].Pressure {
		if _, busy := f.timeSpent(v, i); !busy.AtLeast(busyRatio) {
			continue
		}
		switch p := f.paceOf(v, i); {
		case p.one:
			one = append(one, p)
		case p.many:
			many = append(many, p)
		}
	}
	switch {
	case len(one) > 0 && len(one) >= len(many):
		return one[0], true
	case len(many) > 0:
		return many[0], true
	}
	return pace{}, true
}

// barriersWait: where subtasks are missing nothing of the snapshot has begun (nothing behind them acknowledged), or start delay and alignment are
// what took long. Sources acknowledged in time: the checkpoint did begin.
func barriersWait(f *features) sign {
	if !f.ledger.known {
		return missing(model.GapCheckpointDetails)
	}
	sources, waiting := 0, 0
	for v := range f.ledger.vertices {
		if f.role(v) == model.RoleSource {
			sources += f.ledger.vertices[v].inTime
		} else {
			waiting += f.waitAt(v)
		}
	}
	if sources == 0 || waiting == 0 || f.ledger.equalStart > 0 {
		return no
	}
	return yes(fmt.Sprintf("late or not there on %d subtasks behind sources that acknowledged", waiting), "")
}
