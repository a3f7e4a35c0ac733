package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// taskFailure: tasks refuse checkpoints or throw in their snapshot. An exception in snapshotState fails the task, so that the job restarts and
// every entry of the history says only "Checkpoint Coordinator is suspending." (measured on 1.20); what happened is in the exceptions.
var taskFailure = rule{
	cause: api.CauseTaskFailure,
	rows: []row{
		{"declined checkpoints", 50, true, needHistory, func(f *features) sign {
			n, first := f.failuresOf(model.FailureDeclined)
			enough := n >= max(f.p.Detection.ExpiredThreshold, 1)
			if n == 0 {
				n, first = f.failuresOf(model.FailureOther) // in words that name nobody
			}
			if n == 0 {
				return no
			}
			text := fmt.Sprintf("%d of %d: ", n, f.w.counts.Window) + `"` + bounded(first.Failure.Message, 120) + `"`
			if !enough {
				return weighing(20, text, "none")
			}
			return yes(text, "none")
		}},
		{"checkpoints lost with a restart", 30, false, needHistory, func(f *features) sign {
			n := f.lostWithRestart()
			return when(n >= max(f.p.Detection.ExpiredThreshold, 1), of(n, f.w.counts.Window, "ended with a restart of the job"), "none")
		}},
		{"exceptions", 35, true, needExceptions, func(f *features) sign {
			if e := f.words.declined; e != nil {
				return yes(f.says(e), "none")
			}
			if f.words.exceptions > 0 && f.words.rpc == nil && f.words.storage == nil && f.words.versions == nil {
				return weighing(20, f.says(f.words.newest), "none")
			}
			return no
		}},
		// It never comes to a checkpoint, for each start fails of the same.
		{"failures before any checkpoint", 35, true, needExceptions, func(f *features) sign {
			n := f.sameFailures()
			return when(!f.stalled.IsZero() && n >= manyFailures, fmt.Sprintf("the newest %d are of one kind, and no checkpoint began in between", n), "none")
		}},
		// Checkpoints complete in between, and nothing is slow.
		{"failures of the job", 50, true, needExceptions, func(f *features) sign {
			if !f.failsByItself() {
				return no
			}
			text := fmt.Sprintf("%d in %s: %s", len(f.again), span(f.now.Sub(f.again[len(f.again)-1].At)), f.says(f.again[0]))
			if f.w.counts.Expired > 0 || !f.againTheSame() { // tasks that do not come back from a call end with their process
				return weighing(20, text, "none")
			}
			return yes(text, "none")
		}},
		{"restarts", 10, true, needRestarts, func(f *features) sign {
			if f.words.intolerances > 0 && f.words.exceptions == 0 {
				return settled // it restarts because checkpoints fail, not the other way round
			}
			if d := f.s.Job.RestartsDelta; d.AtLeast(1) {
				return yes(fmt.Sprintf("%.0f more since the last look", d.Value), "none")
			}
			return when(f.s.Job.Restarts.AtLeast(2) && f.lostWithRestart() > 0, fmt.Sprintf("%.0f in this run", f.s.Job.Restarts.Value), "none")
		}},
		{"logs", 15, true, needLogs, func(f *features) sign {
			n := f.words.log(model.LogDeclined) + f.words.log(model.LogTaskFailure)
			return when(n > 0 && f.w.failures > 0, fmt.Sprintf("%d lines of declined checkpoints or failing tasks", n)+f.last(model.LogDeclined, model.LogTaskFailure), "none")
		}},
		// Where more of them expire, what fails beside them is another trouble, or follows from it.
		{"expired checkpoints", -25, false, needExceptions, func(f *features) sign {
			if needExceptions.lacking(f) != "" {
				return no // what a task says would tell more
			}
			n, _ := f.failuresOf(model.FailureDeclined)
			return when(f.w.counts.Expired > n+f.lostWithRestart(), fmt.Sprintf("%d, and %d that failed", f.w.counts.Expired, n+f.lostWithRestart()), "")
		}},
		// Lost messages restart jobs, too.
		{"exceptions", -50, true, needExceptions, func(f *features) sign {
			if f.words.rpc == nil || f.words.declined != nil || f.failsByItself() {
				return no
			}
			return yes(f.says(f.words.rpc), "")
		}},
		{"exceptions", -30, true, needExceptions, func(f *features) sign {
			if f.words.storage == nil {
				return no
			}
			return yes(f.says(f.words.storage), "")
		}},
	},
	summary: func(f *features) string {
		if e := f.words.declined; e != nil {
			text := "a task fails in its snapshot"
			if e.Task != "" {
				text += " (" + named(e.Task) + ")"
			}
			return text + ": " + says(e)
		}
		if n, first := f.failuresOf(model.FailureDeclined); n > 0 {
			return of(n, f.w.counts.Window, "checkpoints were declined by a task: ") + bounded(first.Failure.Message, 160)
		}
		if n := f.sameFailures(); !f.stalled.IsZero() && n >= manyFailures {
			return fmt.Sprintf("tasks fail at each start, %d times of the same: %s", n, says(f.words.newest))
		}
		if f.failsByItself() {
			return fmt.Sprintf("the job fails again and again, %d times in %s: %s", len(f.again), span(f.now.Sub(f.again[len(f.again)-1].At)), says(f.again[0]))
		}
		text := of(f.lostWithRestart(), f.w.counts.Window, "checkpoints ended with a restart of the job")
		if f.words.newest != nil {
			text += ": " + says(f.words.newest)
		}
		return text
	},
	next: "the root cause in the job's exceptions (/jobs/:id/exceptions): its innermost \"Caused by\"",
	advice: func(*features) []string {
		return []string{"Repair what throws: no timeout or interval helps, the checkpoints do not expire."}
	},
}

// sameFailures is how many of the newest exceptions, one after the other, are of the class of the newest that tells something and of nothing that has a
// cause of its own: lost messages, the storage, memory, versions.
func (f *features) sameFailures() int {
	w := &f.words
	if w.newest == nil || w.rpc != nil || w.storage != nil || w.versions != nil || w.memory != nil {
		return 0
	}
	n := 0
	for i := range f.s.Exceptions {
		e := &f.s.Exceptions[i]
		if isIntolerance(e) || followsRestart(e) {
			continue
		}
		if e.Name != w.newest.Name || e.At.Before(f.stalled) {
			break
		}
		n++
	}
	return n
}
