package diagnose

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// sinkFlush: a sink writes out what it holds before it lets the barrier go (Sink V2: prepareSnapshotPreBarrier, outside every measured
// phase), or inside snapshotState (older sinks: the sync phase), or waits for its system for ever.
var sinkFlush = rule{
	cause: api.CauseSinkFlush,
	rows: []row{
		{"stacks of missing subtasks", 55, true, needStacks, func(f *features) sign {
			n, stuck, first := f.threads.find(f.flushes)
			if n == 0 {
				return stacksOr(f, no)
			}
			text := fmt.Sprintf("%d of %d: %s", n, len(f.threads.tasks), describe(f, first))
			if stuck > 0 {
				text += ", at the same spot in two dumps"
			}
			if sure, _, _ := f.threads.find(func(t *taskThread) bool { return f.flushes(t) && !f.mayOnlyWait(t) }); sure == 0 {
				return inferred(yes(text+"; its snapshot may as well wait for something else", "idle"))
			}
			return yes(text, "idle")
		}},
		// Of a sink's own snapshot that neither sends nor waits for an answer no frame tells that it is no flush.
		{"stacks of missing sinks in a snapshot", 15, false, needStacks, func(f *features) sign {
			n, _, first := f.threads.find(f.mayFlush)
			if flushing, _, _ := f.threads.find(f.flushes); n == 0 || flushing > 0 {
				return no
			}
			return yes(describe(f, first), "idle")
		}},
		// The flush comes before the clock of the sync phase starts: what is left of the time, on sinks only.
		{"time outside the phases", 45, false, needDetails, func(f *features) sign {
			if f.residualOpen() {
				return weighing(25, f.residualText()+"; source and sink are one vertex, and late acknowledgements look the same", f.limitText())
			}
			k := f.where(inResidual)
			return detailsOr(f, when(k.sinks > 0 && k.sources+k.inner == 0, f.residualText()+", all of them sinks", f.limitText()))
		}},
		{"synchronous part", 35, false, needDetails, func(f *features) sign {
			k, text := f.where(inSync), "up to "+span(f.ledger.all.most[inSync])
			if !f.syncMayFlush() {
				return detailsOr(f, no)
			}
			if k.chained > 0 && k.all() == k.chained {
				return weighing(20, text+"; source, state and sink are one vertex", f.limitText())
			}
			if k.sinks > 0 && k.sources+k.inner == 0 && !f.syncOfSinks() {
				return weighing(20, text+"; whether it is a sink's no name tells", f.limitText())
			}
			flushing, _, _ := f.threads.find(f.flushes)
			if in, _, _ := f.threads.find(f.snapshots); k.sinks > 0 && k.sources+k.inner == 0 && in > 0 && flushing == 0 {
				return weighing(20, text+", on sinks only, and what the stacks show there is no flush", f.limitText())
			}
			return detailsOr(f, when(k.sinks > 0 && k.sources+k.inner == 0, text+", on sinks only", f.limitText()))
		}},
		// A sink that is stuck writing one record.
		{"stacks of missing sinks", 50, true, needStacks, func(f *features) sign {
			writes := func(t *taskThread) bool {
				return f.leaf(t.vertex) && t.kind == connectorKind && t.inUserWork() && !t.manyElements()
			}
			_, stuck, first := f.threads.find(writes)
			if _, _, one := f.threads.find(func(t *taskThread) bool { return writes(t) && t.oneElement() }); one != nil {
				return yes(describe(f, one)+": "+one.pace.text(), "records pass")
			}
			if stuck == 0 {
				return no
			}
			return weighing(25, describe(f, first)+", at the same spot in two dumps", "")
		}},
		// Flink says it itself when it cancels the task.
		{"stuck task in the logs", 45, true, needLogs, func(f *features) sign {
			task := f.words.stuck()
			sink := strings.Contains(task, "Sink") || strings.Contains(task, ": Writer")
			return when(sink && !strings.HasPrefix(task, "Source: "), named(task)+" did not react to cancelling"+f.last(model.LogStuckTask), "none")
		}},
		{"other vertices", 10, false, needDetails, func(f *features) sign {
			if !f.leavesOnly() {
				return detailsOr(f, no)
			}
			return yes("all acknowledged in time", "")
		}},
		{"errors of the connector", 10, true, needLogs, func(f *features) sign {
			n := f.words.log(model.LogSinkError)
			return when(n > 0, fmt.Sprintf("%d in the logs", n)+f.last(model.LogSinkError), "none")
		}},
		{"time outside the phases", -35, false, needDetails, func(f *features) sign {
			return when(f.residualBroad(), "large on other vertices as well", "")
		}},
		// On a TaskManager that collects garbage everything is slow, flushes too.
		{"TaskManagers", -30, true, needPlacement, oneSickManager},
		{"stacks of missing sinks", -30, true, needStacks, func(f *features) sign {
			sinks, _, _ := f.threads.find(func(t *taskThread) bool { return f.leaf(t.vertex) })
			working, _, _ := f.threads.find(func(t *taskThread) bool { return f.leaf(t.vertex) && t.working() })
			return when(sinks > 0 && working == 0, of(sinks, sinks, "idle"), "")
		}},
	},
	summary: func(f *features) string {
		n, _, first := f.threads.find(f.flushes)
		switch {
		case n > 0 && first.names() != "":
			return fmt.Sprintf("%d of %d missing subtasks are flushing to %s", n, len(f.threads.tasks), first.names())
		case n > 0:
			return fmt.Sprintf("%d of %d missing subtasks are flushing before the barrier: %s", n, len(f.threads.tasks), first.method)
		}
		return "only the sinks are late, by up to " + span(max(f.ledger.all.most[inResidual], f.ledger.all.most[inSync])) +
			" that no other phase explains: they flush before they let the barrier go"
	},
	next: "write latency of the system behind the sink at the time of the checkpoints, and how much the sink holds back between two of them",
	advice: func(f *features) []string {
		name := f.facts.LibraryNamed
		if name == "" {
			name = "the sink's system"
		}
		return []string{
			"Look at " + name + ": latency, locks and errors at the time of the expiries. A longer timeout only helps if its flushes end.",
			"Let the sink flush smaller batches more often (its buffer size and flush interval), so that less is left for the checkpoint.",
		}
	},
}

// flushes tells a subtask that flushes: before the barrier, or in the snapshot of a sink or connector.
func (f *features) flushes(t *taskThread) bool {
	switch t.place {
	case beforeBarrier:
		return f.leaf(t.vertex) || t.kind == connectorKind || t.kind == userKind || f.writes(t.vertex)
	case inSnapshot: // code of the user's own in a vertex that is nothing but a sink is the sink's; one that computes or waits for a lock sends nothing
		return t.kind == connectorKind || t.kind == userKind && !t.alone && f.flushesInSnapshot(t)
	}
	return false
}

// flushesInSnapshot tells whether what a subtask does in its snapshot is a sink's, and sends something or waits for what was sent. The writer of a sink that
// flushes by itself flushed before: Flink asks it only for its state then.
func (f *features) flushesInSnapshot(t *taskThread) bool {
	if !f.writes(t.vertex) || !f.leaf(t.vertex) {
		return false
	}
	return t.sends || !t.writer && (t.asks || t.awaits && f.sinkAlone(t.vertex))
}

// mayOnlyWait tells of one that flushes in its snapshot that no method on its stack is called after it: it may ask or wait for something else.
func (f *features) mayOnlyWait(t *taskThread) bool {
	return t.place == inSnapshot && t.kind == userKind && !t.sends
}

// mayFlush tells a subtask of a sink that waits for something in its snapshot that no frame tells to be a flush.
func (f *features) mayFlush(t *taskThread) bool {
	return t.place == inSnapshot && t.kind == userKind && !t.alone && f.writes(t.vertex) && f.leaf(t.vertex) && f.sinkAlone(t.vertex) && !f.flushes(t)
}

// writes tells a vertex that holds the writer of a sink: behind it there may be a committer.
func (f *features) writes(v int) bool {
	return v >= 0 && v < len(f.s.Vertices) && (strings.Contains(f.s.Vertices[v].Name, ": Writer") || strings.Contains(f.s.Vertices[v].Name, "Sink: "))
}

// sinkAlone tells a vertex that by Flink's names is nothing but a sink. Where other operators are chained with it no frame of Flink tells whose snapshot a stack
// is in, and a last vertex without such a name is an operator behind which nobody reads.
func (f *features) sinkAlone(v int) bool {
	return v >= 0 && v < len(f.s.Vertices) && !slices.ContainsFunc(strings.Split(f.s.Vertices[v].Name, "->"), func(part string) bool {
		return !strings.Contains(part, "Sink: ") && !strings.Contains(part, ": Writer") && !strings.Contains(part, ": Committer")
	})
}

// syncOfSinks tells whether the vertices of which the synchronous part is large are nothing but sinks.
func (f *features) syncOfSinks() bool {
	for v := range f.ledger.vertices {
		if f.ledger.vertices[v].mostly(inSync) && !f.sinkAlone(v) {
			return false
		}
	}
	return true
}

// syncMayFlush tells whether among the vertices of which the synchronous part is large is one that may flush there: a last one that is not known to end with the
// writer of a newer sink, which flushes before that part begins.
func (f *features) syncMayFlush() bool {
	for v := range f.ledger.vertices {
		if f.ledger.vertices[v].mostly(inSync) && f.leaf(v) && (!strings.Contains(f.s.Vertices[v].Name, ": Writer") || strings.Contains(f.s.Vertices[v].Name, "Sink: ")) {
			return true
		}
	}
	return false
}

// leavesOnly tells whether all that is missing or late are last vertices, and others acknowledged in time.
func (f *features) leavesOnly() bool {
	found, others := false, false
	for v := range f.ledger.vertices {
		if f.ledger.vertices[v].missing() == 0 {
			others = true
			continue
		}
		if !f.leaf(v) {
			return false
		}
		found = true
	}
	return found && others
}
