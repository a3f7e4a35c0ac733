package diagnose

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// storageFailure: the storage refuses, so that checkpoints fail rather than expire; or the metadata of a fully acknowledged one is never written.
var storageFailure = rule{
	cause: api.CauseStorageFailure,
	rows: []row{
		{"how checkpoints fail", 55, true, needHistory, func(f *features) sign {
			n, first := f.failuresOf(model.FailureAsync, model.FailureIO, model.FailureFinalize)
			if n == 0 || f.memoryAsIO() {
				return no
			}
			text := fmt.Sprintf("%d of %d: ", n, f.w.counts.Window) + `"` + bounded(first.Failure.Message, 120) + `"`
			if n < max(f.p.Detection.ExpiredThreshold, 1) {
				return weighing(25, text, "none")
			}
			return yes(text, "none")
		}},
		{"exceptions and logs", 25, true, needLogs | needExceptions, func(f *features) sign {
			if e := f.words.storage; e != nil {
				return yes(f.says(e), "none")
			}
			if s := f.words.logs[model.LogStorageError]; s != nil {
				return yes(fmt.Sprintf("%d lines%s: %s", s.Count, f.ago(s.Last), bounded(s.Sample, 160)), "none")
			}
			return no
		}},
		// All acknowledged and no end: the metadata write hangs, with the coordinator's lock in its hands, so that not even the timer gets through.
		{"pending checkpoint", 55, true, needTimeout, func(f *features) sign {
			waited := f.sinceLastAck()
			if f.w.guessed || f.ledger.allAcked == 0 || f.w.counts.PendingFor <= f.w.timeout || waited < share(f.w.timeout, large) {
				return no
			}
			s := yes(fmt.Sprintf("all subtasks of checkpoint %d acknowledged, still in progress %s after the last of them", f.w.pending.ID, span(waited)),
				"completed at once")
			if f.slowAtAll() || waited <= f.w.timeout { // a write that is slow ends
				return s.doubtful()
			}
			return s
		}},
		{"JobManager io threads", 25, true, needJobManagerStacks, func(f *features) sign {
			return stacksOr(f, when(!f.slowAtAll() && f.threads.ioMetadata > 0 && f.ledger.allAcked > 0, "writing the metadata of a checkpoint", "idle"))
		}},
		// The timer that would expire it waits for that lock, too.
		{"checkpoint timer", 10, true, needJobManagerStacks, func(f *features) sign {
			return when(f.threads.timerBlocked && f.ledger.allAcked > 0, "blocked by "+named(f.threads.timerHolder), "waiting for its time")
		}},
		{"JobManager io threads in deletes", -60, true, needJobManagerStacks, deletes},
		// A task that refuses, or a restart, is another story.
		{"refused snapshots", -40, true, needExceptions, func(f *features) sign {
			if f.words.declined == nil || f.words.storage != nil {
				return no
			}
			return yes(f.says(f.words.declined), "")
		}},
	},
	summary: func(f *features) string {
		n, first := f.failuresOf(model.FailureAsync, model.FailureIO, model.FailureFinalize)
		if n > 0 {
			return fmt.Sprintf("%d of %d checkpoints failed on the storage, not on time: %s", n, f.w.counts.Window, bounded(first.Failure.Message, 200))
		}
		if f.ledger.allAcked > 0 {
			return fmt.Sprintf("checkpoint %d is acknowledged by all subtasks and has waited %s for its metadata to be written", f.w.pending.ID, span(f.w.counts.PendingFor))
		}
		return "the storage refuses writes"
	},
	next: "the first storage exception before the failure (JobManager and TaskManager logs); what comes after an abort is its consequence",
	advice: func(*features) []string {
		return []string{
			"Check the checkpoint directory: that it exists, permissions and credentials of JobManager and TaskManagers, quota and free space.",
			"No timeout helps: the checkpoints fail, they do not expire.",
		}
	},
}

// sinceLastAck is how long the oldest pending checkpoint has waited since the last acknowledgement; since its trigger where no details tell.
func (f *features) sinceLastAck() time.Duration {
	if f.w.pending == nil {
		return 0
	}
	last := f.w.pending.Trigger
	forEntries(f.w.pending, func(_ int, e *model.SubtaskLedger) {
		if e.Reported && e.Ack.After(last) {
			last = e.Ack
		}
	})
	return max(f.now.Sub(last), 0)
}

// memoryAsIO tells whether memory ran out, nothing names the storage, and all that speaks for it is Flink's word for any IOException while it triggers a
// checkpoint (CheckpointFailureReason.IO_EXCEPTION): the end of a heap comes as one, too.
func (f *features) memoryAsIO() bool {
	n, _ := f.failuresOf(model.FailureAsync, model.FailureFinalize)
	return n == 0 && f.words.storage == nil && f.words.log(model.LogStorageError) == 0 && (f.words.memory != nil || f.words.log(model.LogOutOfMemory) > 0)
}

// failuresOf counts failures of some kinds within the window, and returns the newest.
func (f *features) failuresOf(kinds ...model.FailureKind) (n int, first *model.Checkpoint) {
	seen := 0
	for i := range f.s.Checkpoints.History {
		c := &f.s.Checkpoints.History[i]
		if c.Savepoint || c.Status == model.CheckpointInProgress || !counts(c) {
			continue
		}
		seen++
		if seen > f.w.counts.Window {
			break
		}
		if c.Failure == nil {
			continue
		}
		for _, kind := range kinds {
			if c.Failure.Kind == kind {
				n++
				if first == nil {
					first = c
				}
			}
		}
	}
	return n, first
}
