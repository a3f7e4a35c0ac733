package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// coordinatorBlocked: operator coordinators snapshot before any task is triggered; while one works or sleeps nothing acknowledges, sources included.
var coordinatorBlocked = rule{
	cause: api.CauseCoordinatorBlocked,
	rows: []row{
		{"stack of the coordinator", 50, true, needStacks, func(f *features) sign {
			t := &f.threads
			if t.coordinator == nil {
				return stacksOr(f, no)
			}
			text := named(t.coordinatorName) + " is at work"
			if t.coordinator.method != "" {
				text += " in " + t.coordinator.method
			}
			if name := t.coordinator.names(); name != "" {
				text += ", " + name
			}
			if t.coordinatorStuck {
				text += ", at the same spot in two dumps"
			}
			return yes(text, "idle")
		}},
		{"acknowledgements", 35, false, needDetails, func(f *features) sign {
			if f.ledger.noAcks && f.oldSources() && f.threads.coordinators == 0 {
				return weighing(20, "none of any subtask; the sources are of the kind without a coordinator", "sources acknowledge at once")
			}
			if f.ledger.noAcks && f.cut {
				return weighing(20, "none of any subtask, sources included; each expiry restarts the job", "sources acknowledge at once")
			}
			return detailsOr(f, when(f.ledger.noAcks, "none of any subtask, sources included, not even late", "sources acknowledge at once"))
		}},
		{"JobManager", 5, false, needStacks, func(f *features) sign {
			if f.threads.coordinator == nil {
				return no
			}
			return jobManagerFree(f)
		}},
		{"acknowledgements", -40, false, needDetails, func(f *features) sign {
			return when(f.ledger.known && !f.ledger.noAcks && f.ledger.equalStart == 0, of(f.ledger.all.inTime+f.ledger.all.late, f.ledger.all.total, "came"), "")
		}},
		// Whoever is in a flush or a snapshot was triggered. The commit of the checkpoint before says nothing of this one.
		{"stacks of missing subtasks", -40, true, needStacks, func(f *features) sign {
			n, _, first := f.threads.find(func(t *taskThread) bool { return t.place == beforeBarrier || t.place == inSnapshot })
			if n == 0 {
				return stacksOr(f, no)
			}
			return yes(describe(f, first), "")
		}},
		{"stacks of the coordinators", -30, true, needStacks, func(f *features) sign {
			t := &f.threads
			return when(t.coordinators > 0 && t.coordinator == nil, of(t.coordinators, t.coordinators, "idle"), "")
		}},
	},
	summary: func(f *features) string {
		c := f.threads.coordinator
		if c == nil {
			return "nothing acknowledges, sources included: no task was ever triggered"
		}
		text := "no task is triggered while " + named(f.threads.coordinatorName) + " works on its own state"
		if c.method != "" {
			text += " (" + c.method + ")"
		}
		return text
	},
	next: "thread dumps of the JobManager some seconds apart while a checkpoint is pending: SourceCoordinator-* threads",
	advice: func(f *features) []string {
		what := "the source's enumerator"
		if c := f.threads.coordinator; c != nil && c.names() != "" {
			what = c.names()
		}
		return []string{fmt.Sprintf("Look at what %s does in its coordinator thread: listing files or partitions, queries, a state of many splits (larger splits make fewer).", what)}
	},
}
