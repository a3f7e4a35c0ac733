package diagnose

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// computeFacts are the figures that remedies are sized by.
func computeFacts(f *features) model.Facts {
	facts := windowFacts(&f.w, f.gap)
	facts.Max, facts.Stalled = longestNow(f), !f.stalled.IsZero()
	facts.NeverLate, facts.CutShort = f.missing.neverLate() && !f.upload.before.Known, f.cut
	facts.IODeletes, facts.IOIdle = f.threads.pool.hold(), f.threads.pool.samples > 1 && f.threads.pool.deleted == 0
	facts.ClusterDeletes = f.threads.cluster.hold() && f.threads.cluster.deletes == f.threads.cluster.threads
	facts.UploadRate, _ = f.upload.measured()
	facts.UploadRemembered = facts.UploadRate.Known && !f.upload.now.Known
	facts.CompletedUploadRate = f.upload.completed
	facts.CPUUsage = f.s.JobManager.CPUUsage
	facts.LiveHeap = f.s.JobManager.HeapUsed
	facts.LateAcks, facts.LateComplete = lateAcks(f)
	facts.Unread = f.w.counts.Expired > 0 && f.missing.expired == 0 && len(facts.LateAcks) == 0
	facts.UploadMoves = uploadMoves(f)
	facts.NoneLate = !facts.UploadMoves && len(facts.LateAcks) == 0 && noneCameLate(f)
	if facts.NoneLate && messagesLost(f) {
		facts.Max = 0 // those that completed tell nothing of one that expired, whose messages were lost and of which nothing came late
	}
	facts.LibraryNamed = libraryNamed(f)
	return facts
}

// noneCameLate tells whether checkpoints expired and nobody was seen to acknowledge one afterwards, although the job was there to be seen.
func noneCameLate(f *features) bool {
	return f.missing.expired > 0 && !f.missing.lateSeen && (!f.cut || !f.sick)
}

// messagesLost tells whether what a checkpoint waits for was on its way and did not arrive.
func messagesLost(f *features) bool {
	return f.lost.checkpoints > 0 || f.waits.checkpoints > 0 || f.cut && f.outside()
}

// longestNow is the longest completed checkpoint of the present trouble. One before a row of quick ones is no measure: the first of a run is slow.
func longestNow(f *features) time.Duration {
	longest := time.Duration(0)
	for _, c := range presentOnes(f) {
		if completes(c) {
			longest = max(longest, c.Duration)
		}
	}
	return longest
}

// windowFacts are the ones that the history alone gives; they are there for healthy jobs as well.
func windowFacts(w *window, gap idleGaps) model.Facts {
	durations := w.recent(maxDurations)
	facts := model.Facts{P50: median(durations), P95: quantile(durations, 0.95), Excess: max(w.excess, 0), LateStart: gap.mean(), Starts: gap.count}
	for _, d := range durations {
		facts.Max = max(facts.Max, d)
	}
	return facts
}

// lateAcks are the end-to-end times of full late reports, of the oldest expired checkpoint of which what they say is clean: the first after
// a completed one, or one whose queue behind the checkpoint before is known and taken off. Others would say too much.
func lateAcks(f *features) (acks []time.Duration, complete bool) {
	for i := len(f.profile) - 1; i >= 0; i-- { // oldest first
		p := &f.profile[i]
		if !p.c.Expired() {
			continue
		}
		found, all := lateAcksOf(f, p)
		if all && len(found) > 0 {
			return found, true
		}
		if len(acks) == 0 {
			acks = found
		}
	}
	if len(acks) == 0 {
		acks = loggedLateAcks(f)
	}
	return acks, false
}

// loggedLateAcks are those that a log tells of the oldest expired checkpoint behind which nothing was queued: the one before it completed. Whether
// they are all that were missing no log tells.
func loggedLateAcks(f *features) []time.Duration {
	history := f.s.Checkpoints.History
	for i := len(history) - 1; i >= 0; i-- { // oldest first
		c := &history[i]
		if !c.Expired() || i+1 < len(history) && history[i+1].Status != model.CheckpointCompleted {
			continue
		}
		var acks []time.Duration
		for _, late := range c.LateAcks {
			if late.EndToEnd > 0 {
				acks = append(acks, late.EndToEnd)
			}
		}
		if len(acks) > 0 {
			slices.SortFunc(acks, func(a, b time.Duration) int { return int(b - a) })
			return acks
		}
	}
	return nil
}

func lateAcksOf(f *features, p *profiled) (acks []time.Duration, complete bool) {
	complete = true
	for j := range p.c.Tasks {
		for k := range p.c.Tasks[j].Entries {
			e := &p.c.Tasks[j].Entries[k]
			if e.Finished || e.Reported && !e.Aborted {
				continue
			}
			if !e.Late {
				complete = false
				continue
			}
			queued, clean := queueBehind(f, p, p.c.Tasks[j].Vertex, e)
			if !clean {
				complete = false
				continue
			}
			acks = append(acks, e.EndToEnd-queued)
		}
	}
	slices.SortFunc(acks, func(a, b time.Duration) int { return int(b - a) })
	return acks, complete
}

// uploadMoves tells whether an upload makes progress: its rate was measured in this spell, or a stack shows it writing; not where it hangs.
func uploadMoves(f *features) bool {
	if rate, _ := f.upload.measured(); rate.Known && rate.Value > 0 {
		return true
	}
	return f.threads.uploads > 0 && f.threads.uploading.kind == filesystemKind && !f.uploadsHang()
}

// uploadsHang tells whether uploads are at the same spot in two dumps, and none of those that are missing was ever late, though several expired checkpoints
// had a whole timeout more: what was measured before tells nothing of them.
func (f *features) uploadsHang() bool { return f.threads.uploadStuck && f.missing.neverLate() }

// libraryNamed is the connector or library that the stack of a missing subtask names.
func libraryNamed(f *features) string {
	for i := range f.threads.tasks {
		t := &f.threads.tasks[i]
		if t.working() && (t.kind == connectorKind || t.kind == userKind) && t.names() != "" {
			return t.names()
		}
	}
	if c := f.threads.coordinator; c != nil && c.names() != "" {
		return c.names()
	}
	return ""
}
