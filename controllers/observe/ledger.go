package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// millis turns Flink's milliseconds into a duration; what is below 0 is not known.
func millis(ms int64) time.Duration {
	if ms < 0 || ms > int64(time.Duration(1<<63-1)/time.Millisecond) {
		return model.Unknown
	}
	return time.Duration(ms) * time.Millisecond
}

// moment turns Flink's epoch milliseconds into a time; 0 and below is never.
func moment(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// subtaskLedger says where the time of one subtask went:
//
//	trigger ──start delay──▶ first barrier ──alignment──▶ last barrier ──sync──▶ ──async──▶ ack sent ──residual──▶ ack processed
//
// unaligned is whether the checkpoint was taken unaligned: its async part then contains the alignment, which is not subtracted again.
func subtaskLedger(s *flink.SubtaskCheckpoint, failedAt time.Time, unaligned bool) model.SubtaskLedger {
	entry := model.SubtaskLedger{
		Index: s.Index, Reported: s.Reported, Aborted: s.Aborted, Unaligned: s.Unaligned || unaligned,
		Ack: moment(s.AckTimestamp), EndToEnd: millis(s.EndToEnd),
		StartDelay: millis(s.StartDelay), Alignment: millis(s.Alignment), Sync: millis(s.Sync), Async: millis(s.Async),
		Residual: model.Unknown, CheckpointedSize: s.CheckpointedSize, StateSize: s.StateSize,
	}
	if !s.Reported {
		return entry
	}
	entry.Finished = finished(s)
	entry.Unfinished = unfinished(&entry)
	// A full report after the failure is a late acknowledgement: its end-to-end time is a timeout that would have sufficed.
	// Up to Flink 1.17 an expiry cancels the upload and such a report has async -1: it is no acknowledgement.
	entry.Late = s.Aborted && entry.Unfinished == model.PhaseNone && !entry.Finished && !failedAt.IsZero() && entry.Ack.After(failedAt)
	if entry.Unfinished == model.PhaseNone && !entry.Finished && entry.EndToEnd >= 0 {
		entry.Residual = residual(&entry)
	}
	return entry
}

// settleFinished finds the tasks that had ended before the checkpoint behind a clogged io pool as well, where their acknowledgement takes long:
// it is given before any task is told of the checkpoint, so it is no later than the first barrier that any subtask saw.
func settleFinished(tasks []model.TaskLedger) {
	first := firstBarrier(tasks)
	for i := range tasks {
		for j := range tasks[i].Entries {
			if e := &tasks[i].Entries[j]; didNothing(e) && e.EndToEnd >= 0 && e.EndToEnd <= first {
				e.Finished, e.Residual = true, model.Unknown
			}
		}
	}
}

// firstBarrier is the shortest start delay that is known; 0 where none is.
func firstBarrier(tasks []model.TaskLedger) time.Duration {
	first := time.Duration(0)
	for i := range tasks {
		for j := range tasks[i].Entries {
			if d := tasks[i].Entries[j].StartDelay; d > 0 && (first == 0 || d < first) {
				first = d
			}
		}
	}
	return first
}

// didNothing tells an acknowledgement of nothing but zeros.
func didNothing(e *model.SubtaskLedger) bool {
	phases := e.StartDelay == 0 && e.Alignment == 0 && e.Sync == 0 && e.Async == 0
	return e.Reported && !e.Aborted && phases && e.CheckpointedSize == 0 && e.StateSize == 0
}

// finished tells a task that had ended before the checkpoint (FLIP-147): reported at the trigger with nothing but zeros.
func finished(s *flink.SubtaskCheckpoint) bool {
	const instantly = 100 // milliseconds; it is acknowledged while triggering
	return !s.Aborted && s.StartDelay == 0 && s.Alignment == 0 && s.Sync == 0 && s.Async == 0 &&
		s.CheckpointedSize == 0 && s.StateSize == 0 && s.Processed == 0 && s.EndToEnd >= 0 && s.EndToEnd < instantly
}

// unfinished is the first phase that never ended: the missing time belongs to it. Flink marks only sync and async (-1); start delay and
// alignment read 0 where they are unset.
func unfinished(entry *model.SubtaskLedger) model.Phase {
	switch {
	case entry.StartDelay < 0:
		return model.PhaseStartDelay
	case entry.Alignment < 0:
		return model.PhaseAlignment
	case entry.Sync < 0:
		return model.PhaseSync
	case entry.Async < 0:
		return model.PhaseAsync
	}
	return model.PhaseNone
}

// residual is what the phases do not explain: work before the barrier, network, the JobManager. It may be below 0 where the clocks of
// TaskManager and JobManager differ; that is kept at 0, for "nothing left" is what it says. Where it is so of all subtasks of a TaskManager,
// its clock is named (see compareClocks).
func residual(entry *model.SubtaskLedger) time.Duration { return max(rest(entry), 0) }

// rest is the residual as it comes out.
func rest(entry *model.SubtaskLedger) time.Duration {
	left := entry.EndToEnd - entry.StartDelay - entry.Sync - entry.Async
	if !entry.Unaligned {
		left -= entry.Alignment
	}
	return left
}

// taskLedger puts the subtasks of one vertex in order of their index. Subtasks that the answer leaves out are not reported.
func taskLedger(answer *flink.VertexCheckpoint, checkpoint *model.Checkpoint, task *model.TaskLedger, unaligned bool) {
	var failedAt time.Time
	if checkpoint.Failure != nil {
		failedAt = checkpoint.Failure.At
	}
	count := task.Subtasks
	for i := range answer.Subtasks {
		count = max(count, answer.Subtasks[i].Index+1)
	}
	if count > maxSubtasks {
		count = maxSubtasks
	}
	task.Entries = make([]model.SubtaskLedger, count)
	for i := range task.Entries {
		task.Entries[i] = missingEntry(i)
	}
	for i := range answer.Subtasks {
		s := &answer.Subtasks[i]
		if s.Index < count {
			task.Entries[s.Index] = subtaskLedger(s, failedAt, unaligned)
		}
	}
}

// maxSubtasks bounds what one vertex's answer may make us hold: Flink's own limit of parallelism is 1<<15.
const maxSubtasks = 1 << 15

// missingEntry is a subtask of which nothing came.
func missingEntry(index int) model.SubtaskLedger {
	return model.SubtaskLedger{Index: index, EndToEnd: model.Unknown, StartDelay: model.Unknown, Alignment: model.Unknown,
		Sync: model.Unknown, Async: model.Unknown, Residual: model.Unknown}
}
