package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// slowCleanup: deletes of old checkpoints occupy the JobManager's io pool, through which triggers, acknowledgements and metadata go as well; or, where
// high availability is on, the pool cluster-io, for which only the next trigger waits.
var slowCleanup = rule{
	cause: api.CauseSlowCleanup, effect: deletesShown,
	rows: []row{
		// On a JobManager that answers late everything takes long, a delete as well.
		{"JobManager io threads", 45, true, needJobManagerStacks, func(f *features) sign {
			s := deletes(f)
			if restSlow(f) && s.state == present {
				return s.doubtful()
			}
			return s
		}},
		// With high availability replaced checkpoints are deleted by cluster-io. No acknowledgement waits for it, and the next trigger does.
		{"cluster-io threads", 45, true, needJobManagerStacks | needInterval | needNeighbours, clusterDeletes},
		// The trigger itself waited for the pool: every subtask begins equally late.
		{"start of all subtasks", 25, false, needDetails, func(f *features) sign {
			return detailsOr(f, when(f.ledger.equalStart > 0, "all began "+span(f.ledger.startDelay)+" late, sources too", f.limitText()))
		}},
		// The timer starts after the pool's part of triggering, so a clogged pool makes it late although the JobManager is idle.
		{"timer of an idle JobManager", 45, false, needTimeout, func(f *features) sign {
			late, short := lateTimer(f), jobManagerShort(f)
			if restSlow(f) {
				short = restLate(f) // whatever its CPU is said to do: it does not get to its work
			}
			switch {
			case late.state != present:
				return late
			case short.state == present:
				return settled
			case short.state == unknownSign:
				return short
			case jobManagerFree(f).state != present:
				late.weight = 20 // not measured to have time: its CPU may be what is late
			}
			return late
		}},
		// They are processed all at once when a delete ends.
		{"acknowledgements", 10, false, needDetails, func(f *features) sign {
			return when(f.ledger.bursts > 0, "all processed in one moment", "")
		}},
		// The next trigger waits until what is being cleaned is less than what may run at once.
		{"time between checkpoints", 30, false, needInterval | needNeighbours, func(f *features) sign {
			return when(f.gap.suspicious(&f.w), fmt.Sprintf("up to %s beyond the interval with none in progress, %s on the average",
				span(f.gap.largest), span(f.gap.mean())), "below "+span(f.w.interval))
		}},
		// The metadata is written by the same pool.
		{"pending checkpoint", 10, false, needHistory, func(f *features) sign {
			return when(f.ledger.allAcked > 0, "all subtasks acknowledged, still in progress", "")
		}},
		{"discarding", 10, true, needLogs, func(f *features) sign {
			n := f.words.log(model.LogDiscardFailed)
			return when(n > 0, fmt.Sprintf("%d warnings about files that could not be discarded", n)+f.last(model.LogDiscardFailed), "none")
		}},
		{"settings", 5, false, needConfiguration, cleanupSettings},
		{"JobManager's CPU and heap", -40, true, needCPU | needGC, jobManagerShort},
		{"JobManager io threads", -35, true, needJobManagerStacks, func(f *features) sign {
			t := &f.threads
			return when(t.pool.samples > 1 && t.pool.deleted == 0 && clusterDeletes(f).state != present, fmt.Sprintf("none in a delete in %d dumps", t.pool.samples), "")
		}},
		// The same threads write metadata: a slow write there is the storage's slowness, not the cleaner's.
		{"JobManager io threads in metadata writes", -30, true, needJobManagerStacks, func(f *features) sign {
			t := &f.threads
			return when(t.ioMetadata > 0 && t.pool.deleted == 0 && clusterDeletes(f).state != present, fmt.Sprintf("%d, none in a delete", t.ioMetadata), "")
		}},
		{"start, timer and gaps", -25, false, needDetails | needInterval | needNeighbours, func(f *features) sign {
			normal := f.ledger.known && f.ledger.equalStart == 0 && !f.lagging() && f.gap.count > 0 && !f.gap.suspicious(&f.w)
			return when(normal, "no checkpoint waited for its trigger, and none expired late", "")
		}},
	},
	summary: func(f *features) string {
		switch {
		case f.threads.pool.hold():
			return fmt.Sprintf("%d of %d JobManager io threads delete old checkpoints; triggers, acknowledgements and metadata wait for them", max(f.threads.pool.deletes, 1),
				max(f.threads.pool.threads, 1)) + lagText(f)
		case clusterDeletes(f).state == present:
			return fmt.Sprintf("%d of %d threads of cluster-io delete replaced checkpoints, and the next one waits for them, up to %s", f.threads.cluster.deletes,
				f.threads.cluster.threads, span(f.gap.largest))
		case f.ledger.equalStart == 0 && f.lagging():
			return "triggers, acknowledgements or their timers wait inside the JobManager although it is idle: its io pool is occupied" + lagText(f)
		case f.ledger.equalStart > 0:
			return "every checkpoint begins " + span(f.ledger.startDelay) + " late on all subtasks, sources too, while the JobManager is idle" + lagText(f)
		}
		return "the next checkpoint waits up to " + span(f.gap.largest) + " with none in progress, as it does while old ones are cleaned"
	},
	next: "a thread dump of the JobManager while a checkpoint is pending: what its io threads (jobmanager-io-thread-*, cluster-io-thread-*) do, and how long one delete takes",
	advice: func(f *features) []string {
		advice := []string{"Ask the storage team how long a delete takes: a checkpoint's files are deleted one by one, each while others wait."}
		if f.s.Settings.MaxConcurrent.Known && f.s.Settings.MaxConcurrent.Value > 1 {
			advice = append(advice, "Bring execution.checkpointing.max-concurrent-checkpoints back to 1: with more, deletes come between trigger and acknowledgement and expire checkpoints that would only have been late.")
		}
		return advice
	},
}

// clusterDeletes looks for deletes that hold cluster-io, with what they do: the next trigger waits until no more checkpoints are being cleaned than may
// be concurrent. Deletes there for which nothing waits do no harm.
func clusterDeletes(f *features) sign {
	p := &f.threads.cluster
	return when(p.hold() && f.gap.suspicious(&f.w), p.text(&f.threads.deleting), "none for long, or no checkpoint that waits")
}

// deletesShown tells whether anything shows deletes: a stack, a discard that failed, or checkpoints that wait with none in progress. Late timers and
// triggers alone are as well a JobManager that does not get the CPU it asks for, as on a node that is overloaded.
func deletesShown(f *features) sign {
	if f.threads.pool.deleted > 0 || f.words.log(model.LogDiscardFailed) > 0 {
		return yes("", "")
	}
	// Deletes in cluster-io make the next checkpoint wait for its trigger; they expire none, as no acknowledgement goes through that pool.
	if f.w.counts.Expired == 0 && f.gap.suspicious(&f.w) {
		return yes("", "")
	}
	if f.threads.pool.samples == 0 {
		return missing(model.GapThreadDumps)
	}
	return settled
}

func cleanupSettings(f *features) sign {
	set := &f.s.Settings
	switch {
	case set.BackgroundCleanup.Known && set.BackgroundCleanup.Value:
		return yes("background cleanup is on", "")
	case set.CleanerParallel.Known && !set.CleanerParallel.Value:
		return yes("the cleaner deletes one file after the other", "")
	case f.s.JobManager.IOThreads.Known && f.s.JobManager.IOThreads.Value <= 1:
		return yes("the io pool has one thread", "")
	}
	return no
}
