package diagnose

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
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
		// All are triggered after the coordinators: where the JobManager has time and deletes nothing, they are what every subtask waited for.
		{"start of all subtasks", 30, false, needDetails, (*features).waitedForCoordinators},
		{"JobManager", 5, false, needStacks, func(f *features) sign {
			if f.threads.coordinator == nil {
				return no
			}
			return jobManagerFree(f)
		}},
		// A JobManager that collects garbage or has no CPU triggers late by itself, and whatever it does takes long.
		{"garbage collection", -30, true, needGC, func(f *features) sign {
			return when(collects(&f.s.JobManager, f.p) && !f.threads.coordinatorStuck, percent(f.s.JobManager.GCShare.Value), "")
		}},
		{"acknowledgements", -40, false, needDetails, func(f *features) sign {
			return when(f.ledger.known && !f.ledger.noAcks && f.triggeredLate() == 0, of(f.ledger.all.inTime+f.ledger.all.late, f.ledger.all.total, "came"), "")
		}},
		// Whoever is in a flush or a snapshot was triggered. The commit of the checkpoint before says nothing of this one.
		{"stacks of missing subtasks", -40, true, needStacks, func(f *features) sign {
			n, _, first := f.threads.find(func(t *taskThread) bool { return t.place == beforeBarrier || t.place == inSnapshot })
			if n == 0 {
				return stacksOr(f, no)
			}
			if f.triggeredLate() > 0 { // late, by what came before
				return settled
			}
			return yes(describe(f, first), "")
		}},
		{"stacks of the coordinators", -30, true, needStacks, func(f *features) sign {
			t := &f.threads
			if triggered, _, _ := t.find((*taskThread).inCheckpoint); triggered > 0 && f.triggeredLate() > 0 {
				return settled // by then their part was over
			}
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

// triggeredLate is how late all subtasks that acknowledged a checkpoint began it, sources too, where they began alike, within a tenth: the trigger
// itself waited, whatever held up those that are missing afterwards. 0 where there is no such checkpoint.
func (f *features) triggeredLate() time.Duration {
	latest := time.Duration(0)
	for i := range f.profile {
		p := &f.profile[i]
		if p.reported > 1 && p.minStart >= share(p.ref, large) && p.maxStart-p.minStart <= p.maxStart/10 {
			latest = max(latest, p.maxStart)
		}
	}
	return latest
}

// waitedForCoordinators looks for triggers that waited though nothing else is known that they could wait for: deletes, a busy JobManager, a slow way, or
// the lock of sources that have no coordinator.
func (f *features) waitedForCoordinators() sign {
	late := f.triggeredLate()
	switch {
	case late == 0:
		return detailsOr(f, no)
	case f.threads.pool.samples == 0:
		return missing(model.GapThreadDumps)
	case !f.press.known:
		return missing(model.GapBackpressure)
	case f.threads.pool.deleted > 0 || f.oldSources() || answersSlow(f).state == present:
		return no
	}
	if free := jobManagerFree(f); free.state != present {
		return free
	}
	return yes("all that acknowledged began up to "+span(late)+" late and alike, sources too", f.limitText())
}
