package diagnose

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// sourceBlocked: a source does not come back to its mailbox, or holds the checkpoint lock: a full read, a query, a sleep. Everything
// behind it waits for its barrier.
var sourceBlocked = rule{
	cause: api.CauseSourceBlocked,
	rows: []row{
		{"stacks of missing sources", 55, true, needStacks, func(f *features) sign {
			n, stuck, first := f.threads.find(f.inTheSource)
			if n == 0 {
				return stacksOr(f, no)
			}
			text := fmt.Sprintf("%d of %d: %s", n, len(f.threads.tasks), describe(f, first))
			switch {
			case stuck == 0 && first.notBack():
				return inferred(weighing(45, text+"; other sources have taken their trigger, between two records", "idle, or reading its input"))
			case stuck == 0 && first.locked:
				return inferred(weighing(45, text+", under the lock for which its trigger waits", "idle, or reading its input"))
			case stuck == 0:
				return yes(text, "idle, or reading its input").once()
			}
			return yes(text+", at the same spot in two dumps", "idle, or reading its input")
		}},
		// Flink says it itself when it cancels the task; this is all that logs alone tell.
		{"stuck task in the logs", 45, true, needLogs, func(f *features) sign {
			return when(strings.HasPrefix(f.words.stuck(), "Source: "), named(f.words.stuck())+" did not react to cancelling"+f.last(model.LogStuckTask), "none")
		}},
		{"sources", 30, false, needDetails, func(f *features) sign {
			late, total := f.lateSources()
			held, stuck, _ := f.threads.find(f.inTheSource)
			short := jobManagerShort(f)
			switch {
			case stuck == 0 && short.state == present:
				return settled // it tells them late
			case stuck == 0 && short.state == unknownSign && late > 0:
				return short
			case late > 0 && f.ledger.equalStart == 0 && !f.ledger.noAcks:
				return yes(of(late, total, "acknowledgements of sources are late or missing"), "within the first second")
			case f.ledger.equalStart > 0 && held > 0: // all of them are held, and everything behind begins when they do
				return yes("all began "+span(f.ledger.startDelay)+" late, and sources are held", "within the first second")
			case f.ledger.known && total == 0 && f.oldSources():
				return yes("all subtasks began equally late or never; the sources are of the kind that takes its trigger under a lock, and no coordinator has a part in that", "within the first second")
			}
			return detailsOr(f, no)
		}},
		{"busy sources", 15, false, needPressure | needDetails, func(f *features) sign {
			for v := range f.press.vertices {
				if p := &f.press.vertices[v]; f.role(v) == model.RoleSource && p.busy > 0 && f.ledger.vertices[v].missing() > 0 {
					return yes(fmt.Sprintf("%s busy %s on %d of %d subtasks", f.vertexName(v), ratio(p.maxBusy), p.busy, p.n), "below "+ratio(busyRatio))
				}
			}
			return no
		}},
		// The trigger does reach sources: others acknowledge at once.
		{"other sources", 5, false, needDetails, func(f *features) sign {
			late, total := f.lateSources()
			return when(late > 0 && total > late, of(total-late, total, "acknowledged in time"), "")
		}},
		{"stacks of sources", -40, true, needStacks, func(f *features) sign {
			idle, _, _ := f.threads.find(func(t *taskThread) bool { return f.role(t.vertex) == model.RoleSource && t.idle() })
			writes, _, first := f.threads.find(func(t *taskThread) bool { return f.role(t.vertex) == model.RoleSource && t.place == inSnapshot })
			busy, _, _ := f.threads.find(f.inTheSource)
			if writes > 0 && busy == 0 { // it took its trigger
				return yes(describe(f, first), "")
			}
			return when(idle > 0 && busy == 0, of(idle, idle, "missing sources are idle"), "")
		}},
		{"back pressure on sources", -30, false, needPressure, func(f *features) sign {
			sure, _, _ := f.threads.find(func(t *taskThread) bool { return f.inTheSource(t) && t.sure() })
			if sure > 0 {
				return settled
			}
			for v := range f.press.vertices {
				p := &f.press.vertices[v]
				if f.role(v) == model.RoleSource && p.n > 0 && 2*p.pressured > p.n && p.busy == 0 {
					return yes(f.vertexName(v)+" "+ratio(p.maxPressure)+": it waits for those behind it", "")
				}
			}
			return no
		}},
		{"TaskManagers", -40, true, needDetails | needPlacement, func(f *features) sign {
			late, there := f.lateSourcesOn(f.sickManager())
			return when(there > 0 && 2*there > late, of(there, late, "of them run on "+sickName(f)+", which is sick itself"), "")
		}},
		// One that has no time tells all of them late.
		{"JobManager's CPU and heap", -30, true, needCPU | needGC, func(f *features) sign {
			if _, stuck, _ := f.threads.find(f.inTheSource); stuck > 0 {
				return settled
			}
			return jobManagerShort(f)
		}},
		{"coordinators", -30, true, needStacks, func(f *features) sign {
			busy, _, _ := f.threads.find(f.inTheSource)
			return when(f.threads.coordinator != nil && busy == 0, named(f.threads.coordinatorName)+" is at work: the sources were not told yet", "")
		}},
	},
	summary: func(f *features) string {
		n, _, first := f.threads.find(f.inTheSource)
		if n > 0 {
			text := fmt.Sprintf("%d of %d missing subtasks are sources that do not return from reading", n, len(f.threads.tasks))
			if what := first.names(); what != "" {
				return text + " (" + what + ")"
			}
			if first.method != "" {
				return text + " (" + first.method + ")"
			}
			return text
		}
		late, total := f.lateSources()
		return of(late, total, "acknowledgements of sources are late or missing, and everything behind them waits for their barriers")
	},
	next: "whether it ends with the full read: the source's phase (snapshot or incremental), and the stack of its thread some seconds apart",
	advice: func(f *features) []string {
		advice := []string{"A longer timeout helps only if the read ends: with the checkpoint lock held, the source acknowledges after the full read, then always."}
		if name := f.facts.LibraryNamed; strings.Contains(name, "CDC") {
			advice = append(advice, "Use the incremental snapshot of Flink CDC (scan.incremental.snapshot.enabled): it reads in chunks and lets checkpoints through.")
		} else if name == "Iceberg" {
			advice = append(advice, "Use Iceberg's newer source (table.exec.iceberg.use-flip27-source=true): the old one sleeps in the task's thread.")
		} else if name == "Hudi" {
			advice = append(advice, "Limit what one read hands out between checkpoints (read.splits.limit, read.tasks).")
		}
		return append(advice, "Until then tolerate failures rather than restart: execution.checkpointing.tolerable-failed-checkpoints.")
	},
}

// inTheSource tells a missing source that is in its own code, or blocked by a thread that is. One that hands an element on along its chain is
// where that operator is.
func (f *features) inTheSource(t *taskThread) bool {
	if f.role(t.vertex) != model.RoleSource || !t.held() {
		return false
	}
	switch t.place {
	case inElement, inTimer:
		return t.blockedOn != "" && t.kind != userKind && t.kind != sqlKind // who waits at a monitor of its own is the operator behind it
	case inRestore:
		return false
	}
	return !t.inCheckpoint()
}

// oldSources tells whether all sources are of the old kind, which reads in a thread of its own and holds the checkpoint lock while it does: Flink tells
// how long it is back-pressured, and not how busy it is.
func (f *features) oldSources() bool {
	found := false
	for v := range f.s.Vertices {
		if f.role(v) != model.RoleSource {
			continue
		}
		for i := range f.s.Vertices[v].Pressure {
			p := &f.s.Vertices[v].Pressure[i]
			if p.Busy.Known || !p.Backpressured.Known {
				return false
			}
			found = true
		}
	}
	return found
}

// fullReads are in the names of classes that read a table for the first time: Debezium's *SnapshotChangeEventSource, Flink CDC's snapshot fetchers
// and split readers.
var fullReads = []string{"SnapshotChangeEventSource", "SnapshotSplitReadTask", "SnapshotFetchTask", "SnapshotSplitReader", "SnapshotScan"}

// readsInFull tells whether the stack of a missing source, or of the thread it waits for, is in a full read, and moves: at another spot in the other
// dump, or deeper in the same one.
func (f *features) readsInFull() bool {
	samples := newestSamples(f.s.Stacks, func(s *model.StackSample) bool { return s.PendingCheckpoint > 0 })
	if len(samples) == 0 {
		return false
	}
	before := byThread(shortlyBefore(f, samples[0], nth(samples, 1)))
	for i := range samples[0].Threads[:min(len(samples[0].Threads), maxThreads)] {
		t := &samples[0].Threads[i]
		if !inFullRead(t) {
			continue
		}
		if last := before.find(t); last != nil && !slices.Equal(last.Frames, t.Frames) {
			return true
		}
	}
	return false
}

func inFullRead(t *model.ThreadStack) bool {
	return slices.ContainsFunc(t.Frames, func(frame string) bool {
		return slices.ContainsFunc(fullReads, func(class string) bool { return strings.Contains(frame, class) })
	})
}

// lateSourcesOn counts the sources that are missing or began late, and those of them that run on a TaskManager.
func (f *features) lateSourcesOn(tm *model.TaskManager) (late, there int) {
	if tm == nil {
		return 0, 0
	}
	for v := range f.s.Vertices {
		if f.role(v) != model.RoleSource {
			continue
		}
		for i, id := range f.s.Vertices[v].Placement {
			if f.waitedFor(v, i) {
				late++
				there += count(id == tm.ID)
			}
		}
	}
	return late, there
}

func sickName(f *features) string {
	if tm := f.sickManager(); tm != nil {
		return named(tm.ID)
	}
	return "a TaskManager"
}

// lateSources counts acknowledgements of sources over the profile that came late, with a start delay that was large, or not at all. A checkpoint
// that nobody acknowledged says nothing of sources.
func (f *features) lateSources() (late, total int) {
	for i := range f.profile {
		p := &f.profile[i]
		if p.reported == 0 || p.equalStart() {
			continue
		}
		for j := range p.tasks {
			if t := &p.tasks[j]; f.role(t.vertex) == model.RoleSource {
				total += t.total
				late += min(t.never+t.big[inStart]+t.unfinished[inStart], t.total)
			}
		}
	}
	return late, total
}
