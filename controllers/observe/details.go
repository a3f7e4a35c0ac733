package observe

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Bounds of the details of one pass. With 25,000 subtasks one checkpoint's details are about 9 MB of JSON, so a wide job has fewer
// checkpoints read.
const (
	maxDetailed     = 4  // checkpoints
	maxAttempts     = 12 // of them, 404s included
	maxDetailVertex = 40 // vertices of one checkpoint
	wideJob         = 5000
	wideDetailed    = 2
)

// readDetails reads where the time of the checkpoints went that matter most.
func (p *pass) readDetails() {
	history := p.snapshot.Checkpoints.History
	most := maxDetailed
	if p.opts.Replayed {
		most = maxAttempts // nothing is asked of anybody
	} else if p.memory.topology.subtasks() > wideJob {
		most = wideDetailed
	}
	read, attempts := 0, 0
	var firstError error
	for _, i := range worthDetails(history) {
		if read == most || attempts == maxAttempts || p.outOfTime() {
			break
		}
		if !p.settled(&history[i]) {
			attempts++
			if err := p.readCheckpoint(&history[i]); err != nil {
				firstError = cmp.Or(firstError, err)
				continue
			}
		}
		read++
	}
	if firstError != nil && p.wantsDetails(history) {
		p.gap(model.GapCheckpointDetails, "details of the failed and pending checkpoints", firstError)
	}
	p.noteFailures(history)
}

// wantsDetails tells whether there are checkpoints whose details would tell something, failed ones or one pending for long, and none of
// them has any.
func (p *pass) wantsDetails(history []model.Checkpoint) bool {
	pending := p.pendingLong(p.asked)
	telling, read := pending != nil, false
	for i := range history {
		failed := history[i].Status == model.CheckpointFailed
		telling = telling || failed
		read = read || failed && history[i].Tasks != nil
	}
	return telling && !read && (pending == nil || pending.Tasks == nil)
}

// settled tells that a checkpoint's details were read and can change no more: late acknowledgements come within about a timeout.
func (p *pass) settled(c *model.Checkpoint) bool {
	known := p.memory.recall(c.ID)
	if known == nil || !known.checkpoint.Trigger.Equal(c.Trigger) || c.Status == model.CheckpointInProgress || known.checkpoint.Status != c.Status {
		return false
	}
	if c.Failure == nil {
		return true
	}
	return p.jobManagerTime(known.readAt).Sub(c.Failure.At) > p.lateFor()
}

// lateFor is how long after an expiry acknowledgements are waited for.
func (p *pass) lateFor() time.Duration { return model.LateFor(p.timeout()) }

// worthDetails orders the history by what it tells: the oldest pending checkpoint (who is missing now), the first expiry after a completed
// one (later ones contain the queue behind it), the newest failure, the slowest completed one. Then the other failures, the oldest
// first: history drops those next. Then the other completed ones, the newest first: they show what is normal for this job, and where the time of
// one that is only at risk goes. The result are indexes into history.
func worthDetails(history []model.Checkpoint) []int {
	pending, newestFailed := -1, -1
	var failed []int // oldest first
	for i := len(history) - 1; i >= 0; i-- {
		switch history[i].Status {
		case model.CheckpointInProgress:
			if pending < 0 {
				pending = i
			}
		case model.CheckpointFailed:
			failed = append(failed, i)
			newestFailed = i
		default: // completed: see below
		}
	}
	wanted := append([]int{pending, firstExpiry(history), newestFailed, slowestCompleted(history)}, failed...)
	return withoutRepeats(append(wanted, completedOnes(history)...))
}

// completedOnes are the completed checkpoints, newest first.
func completedOnes(history []model.Checkpoint) []int {
	var indexes []int
	for i := range history {
		if history[i].Status == model.CheckpointCompleted && !history[i].Savepoint {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// withoutRepeats keeps the first of each index, and none below 0.
func withoutRepeats(indexes []int) []int {
	var order []int
	for _, i := range indexes {
		if i >= 0 && !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	return order
}

// slowestCompleted is the index of the completed checkpoint that took longest, savepoints left out; -1 where none completed.
func slowestCompleted(history []model.Checkpoint) int {
	slowest := -1
	for i := range history {
		c := &history[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint && (slowest < 0 || c.Duration > history[slowest].Duration) {
			slowest = i
		}
	}
	return slowest
}

// firstExpiry is the newest expired checkpoint that follows a completed one, else the oldest expired one; -1 if none expired.
func firstExpiry(history []model.Checkpoint) int {
	oldest := -1
	for i := range history {
		if !history[i].Expired() {
			continue
		}
		oldest = i
		if i+1 < len(history) && history[i+1].Status == model.CheckpointCompleted {
			return i
		}
	}
	return oldest
}

// errOtherJob is the answer of another job's checkpoint of the same id: Flink's cache is keyed by the checkpoint id alone.
var errOtherJob = errors.New("the answer is of another job's checkpoint with the same id (the session cluster's cache mixes them)")

// readCheckpoint reads one checkpoint's details and its subtasks.
func (p *pass) readCheckpoint(c *model.Checkpoint) error {
	details, err := p.client.CheckpointDetails(p.ctx, p.overview.ID, c.ID)
	if err != nil {
		return err
	}
	if !moment(details.TriggerTimestamp).Equal(c.Trigger) {
		return errOtherJob
	}
	fresh := checkpointOf(&details)
	if p.opts.Replayed && fresh.Status != c.Status {
		if c.Status == model.CheckpointCompleted {
			return nil // the recording's only answer is of an earlier moment: who had not acknowledged then did later
		}
		// It is of another moment: what it says of subtasks holds, what became of the checkpoint the history says.
		fresh = *c
	}
	fresh.Tasks = p.readTasks(&fresh, &details)
	*c = fresh
	p.memory.remember(c, p.opts.Now(), p.firstExpiryID())
	return nil
}

// readTasks reads the vertices' shares: those with missing or slow acknowledgements first.
func (p *pass) readTasks(c *model.Checkpoint, details *flink.Checkpoint) []model.TaskLedger {
	tasks := make([]model.TaskLedger, 0, len(details.Tasks))
	for id, task := range details.Tasks {
		vertex, known := p.memory.topology.index[id]
		if !known {
			vertex = -1
		}
		tasks = append(tasks, model.TaskLedger{VertexID: id, Vertex: vertex, Subtasks: max(task.NumSubtasks, 0),
			Acknowledged: task.NumAcknowledgedSubtasks, CheckpointedSize: task.CheckpointedSize})
	}
	slices.SortFunc(tasks, func(a, b model.TaskLedger) int {
		slowA, slowB := details.Tasks[a.VertexID].EndToEndDuration, details.Tasks[b.VertexID].EndToEndDuration
		return cmp.Or(
			cmp.Compare(b.Subtasks-b.Acknowledged, a.Subtasks-a.Acknowledged),
			cmp.Compare(slowB, slowA), cmp.Compare(a.VertexID, b.VertexID))
	})
	unaligned := c.Unaligned || p.snapshot.Settings.Unaligned.Known && p.snapshot.Settings.Unaligned.Value
	for i := range tasks {
		if i == maxDetailVertex || p.outOfTime() {
			p.gapText(model.GapCheckpointDetails, "subtasks of some vertices", "not asked: too many vertices, or the JobManager answers slowly")
			break
		}
		answer, err := p.client.SubtaskDetails(p.ctx, p.overview.ID, c.ID, tasks[i].VertexID)
		if err != nil {
			p.gap(model.GapCheckpointDetails, "subtasks of vertex "+p.vertexName(tasks[i].Vertex, tasks[i].VertexID), err)
			continue
		}
		taskLedger(&answer, c, &tasks[i], unaligned)
	}
	settleFinished(tasks)
	slices.SortFunc(tasks, func(a, b model.TaskLedger) int {
		return cmp.Or(cmp.Compare(a.Vertex, b.Vertex), cmp.Compare(a.VertexID, b.VertexID))
	})
	return tasks
}

func (p *pass) vertexName(vertex int, id string) string {
	if vertex >= 0 && vertex < len(p.snapshot.Vertices) {
		return cleanText(p.snapshot.Vertices[vertex].Name, 80)
	}
	return id
}

// firstExpiryID is the first expiry of the present spell: of those that are remembered, for the history loses it, else of the history; -1 if none.
func (p *pass) firstExpiryID() int64 {
	first := int64(-1)
	if i := firstExpiry(p.snapshot.Checkpoints.History); i >= 0 {
		first = p.snapshot.Checkpoints.History[i].ID
	}
	if c := p.memory.firstExpiryAfter(p.lastCompletedID()); c != nil && (first < 0 || c.ID < first) {
		return c.ID
	}
	return first
}

// lastCompletedID is the newest completed checkpoint, -1 if none.
func (p *pass) lastCompletedID() int64 {
	if c := p.snapshot.Checkpoints.LatestCompleted; c != nil {
		return c.ID
	}
	return -1
}

// noteFailures remembers which failures were looked at, and when to look again for late acknowledgements.
func (p *pass) noteFailures(history []model.Checkpoint) {
	p.memory.lookAgain = time.Time{}
	for i := range history {
		c := &history[i]
		if c.Status != model.CheckpointFailed {
			continue
		}
		p.memory.seenFailed = max(p.memory.seenFailed, c.ID)
		again := c.Failure.At.Add(p.lateFor()).Add(-p.memory.clock.ahead)
		if c.Expired() && again.After(p.now) {
			p.memory.lookAgain = again
			return
		}
	}
}

// keepFirstExpiry puts the first expiry of the present spell behind the history once Flink has dropped it: the timeout is sized from it.
func (p *pass) keepFirstExpiry() {
	ledger := &p.snapshot.Checkpoints
	if len(ledger.History) == 0 {
		return
	}
	oldest := ledger.History[len(ledger.History)-1].ID
	if c := p.memory.firstExpiryAfter(p.lastCompletedID()); c != nil && c.ID < oldest {
		ledger.History = append(ledger.History, *c)
	}
}
