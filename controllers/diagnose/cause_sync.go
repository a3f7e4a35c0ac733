package diagnose

import (
	"fmt"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// slowSyncPhase: the synchronous part of a snapshot takes long or never ends: the state backend's own (a native checkpoint, a flush of
// write buffers), or a function's snapshotState.
var slowSyncPhase = rule{
	cause: api.CauseSlowSyncPhase,
	rows: []row{
		{"synchronous part", 50, false, needDetails, func(f *features) sign {
			k, text := f.where(inSync), "up to "+span(f.ledger.all.most[inSync])
			switch {
			case k.all() == 0:
				return detailsOr(f, no)
			case !f.syncMayFlush(): // nothing of these flushes in its snapshot
				return yes(text, f.limitText())
			case k.all() == k.sinks && f.syncOfSinks():
				return weighing(20, text+", on sinks only", f.limitText())
			case k.sources+k.inner == 0:
				return weighing(30, text+"; state and sink are one vertex", f.limitText())
			}
			return yes(text, f.limitText())
		}},
		{"stacks of missing subtasks", 55, true, needStacks, func(f *features) sign {
			n, stuck, first := f.threads.find(f.snapshots)
			if n == 0 {
				return f.flushOrNot()
			}
			text := fmt.Sprintf("%d of %d: %s", n, len(f.threads.tasks), describe(f, first))
			switch {
			case stuck > 0:
				text += ", at the same spot in two dumps"
			case f.caughtInPassing(f.snapshots):
				return yes(text+"; it reported this part as short for other checkpoints", "idle").once()
			}
			return yes(text, "idle")
		}},
		{"missing subtasks", 10, false, needStacks | needDetails, func(f *features) sign {
			m := &f.missing
			n, _, _ := f.threads.find(f.snapshots)
			return when(n > 0 && m.expired > 1 && m.always > 0, of(m.always, m.ever, "are missing every time"), "")
		}},
		// The barrier went on, so the snapshot did begin.
		{"barriers", 5, false, needDetails, func(f *features) sign {
			for v, passed := range f.missing.passed {
				if passed && f.ledger.vertices[v].mostly(inSync) {
					return yes("sent on by "+f.vertexName(v), "")
				}
			}
			return no
		}},
		// Uploads or acknowledgements are what takes long, and nobody is in a snapshot.
		{"other phases", -30, false, needDetails | needStacks, func(f *features) sign {
			most := &f.ledger.all.most
			other := max(most[inAsync], most[inResidual])
			n, _, _ := f.threads.find(f.snapshots)
			return when((n == 0 || f.caughtInPassing(f.snapshots)) && other >= share(f.w.timeout, large) && most[inSync] < other/4, "up to "+span(other)+", sync "+span(most[inSync]), "")
		}},
	},
	summary: func(f *features) string {
		n, stuck, first := f.threads.find(f.snapshots)
		if n == 0 {
			return "the synchronous part of the snapshot takes up to " + span(f.ledger.all.most[inSync])
		}
		what := first.method
		if what == "" {
			what = first.names()
		}
		verb := "are in"
		if stuck > 0 && f.missing.neverLate() {
			verb = "are stuck in"
		}
		text := fmt.Sprintf("%d of %d missing subtasks %s the synchronous part of their snapshot", n, len(f.threads.tasks), verb)
		if what == "" { // Flink's own, such as a copy of a list
			return text
		}
		return text + " (" + what + ")"
	},
	next: "a thread dump of the TaskManager every few seconds while the checkpoint is pending; for a native backend a native profile (async-profiler)",
	advice: func(f *features) []string {
		_, _, first := f.threads.find(f.snapshots)
		if first != nil && first.kind == userKind {
			return []string{"Move slow work out of snapshotState (" + first.method + "): it stops the subtask, and a longer timeout does not help where it never returns."}
		}
		if first != nil && first.kind == backendKind {
			return []string{"The state backend (" + first.library + ") itself is slow to freeze its state: look at local disk latency, write buffer size and compactions."}
		}
		return []string{"Find out what the synchronous part does: a thread dump names the class."}
	},
}

// flushOrNot is the stack of a sink in its snapshot that flushes or waits for something else there.
func (f *features) flushOrNot() sign {
	n, _, first := f.threads.find(func(t *taskThread) bool { return f.flushes(t) && f.mayOnlyWait(t) })
	if n == 0 {
		return stacksOr(f, no)
	}
	return yes(fmt.Sprintf("%d of %d: %s, a flush or not", n, len(f.threads.tasks), describe(f, first)), "idle").doubtful()
}

// caughtInPassing tells whether the subtasks that fit were looked at once in what passes: none is at the same spot in two dumps, and each reported
// a short synchronous part for some sick checkpoint and a long one for none.
func (f *features) caughtInPassing(fits func(*taskThread) bool) bool {
	found := false
	for i := range f.threads.tasks {
		t := &f.threads.tasks[i]
		if !fits(t) {
			continue
		}
		if t.stuck || !f.syncShort(t.vertex, t.subtask) {
			return false
		}
		found = true
	}
	return found
}

// syncShort tells whether a subtask reported a short synchronous part for some checkpoint that shows the illness, and a long one for none.
func (f *features) syncShort(vertex, subtask int) bool {
	short := false
	for i := range f.profile {
		p := &f.profile[i]
		e := entryOf(p.c, vertex, subtask)
		switch {
		case e == nil || !e.Reported:
		case e.Unfinished == model.PhaseSync || e.Sync >= share(p.ref, large):
			return false
		case e.Sync >= 0:
			short = true
		}
	}
	return short
}

// syncLong tells whether a subtask reported for some checkpoint that shows the illness that its synchronous part took long. The barriers of a later one may
// have waited for it: a thread that is in one snapshot comes late to the next.
func (f *features) syncLong(vertex, subtask int) bool {
	return f.reported(vertex, subtask, func(e *model.SubtaskLedger, long time.Duration) bool { return e.Sync >= long })
}

// reported tells whether what a subtask reported for some checkpoint that shows the illness fits; long is what is a large part of that checkpoint.
func (f *features) reported(vertex, subtask int, fits func(e *model.SubtaskLedger, long time.Duration) bool) bool {
	return slices.ContainsFunc(f.profile, func(p profiled) bool {
		e := entryOf(p.c, vertex, subtask)
		return e != nil && e.Reported && fits(e, share(p.ref, large))
	})
}

// lateToBarriers tells whether a subtask waited long for its barriers.
func lateToBarriers(e *model.SubtaskLedger, long time.Duration) bool {
	return max(e.StartDelay, 0)+max(e.Alignment, 0) >= long
}

// snapshots tells a subtask that is in the synchronous part of its snapshot and not in a sink's flush; or in what comes before its barrier, of Flink's own or
// of a state backend: state that is read and written asynchronously is waited for there.
func (f *features) snapshots(t *taskThread) bool {
	own := t.place == beforeBarrier && (t.kind == unknownKind || t.kind == backendKind)
	return (t.place == inSnapshot || own) && !f.flushes(t)
}
