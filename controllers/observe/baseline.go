package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// baselineEvery is how often the upload rate of a healthy job is measured anew. That pass leaves the JobManager's metrics out, so that it
// costs three requests as any other.
const baselineEvery = time.Hour

// baseline is what is remembered for measuring how fast this job uploads while it is well.
type baseline struct {
	// vertex is the id of the one that writes most; empty where it is not known.
	vertex string
	readAt time.Time
	// rate is the last measurement, in bytes per second of a subtask; it becomes the baseline once the pass is judged healthy.
	rate model.Measure
}

// measuresRate tells whether this pass measures the upload rate: once a checkpoint is there, and then once an hour in place of the metrics.
func (p *pass) measuresRate() bool {
	newest := p.snapshot.Checkpoints.LatestCompleted
	if p.opts.Replayed || p.opts.Deep || newest == nil || newest.CheckpointedSize == 0 || !p.memory.topology.known || sick(p.memory.health) {
		return false
	}
	return p.now.Sub(p.memory.baseline.readAt) >= baselineEvery
}

// readBaseline reads the subtasks of the vertex that writes most, in the newest completed checkpoint.
func (p *pass) readBaseline() {
	known, newest := &p.memory.baseline, p.snapshot.Checkpoints.LatestCompleted
	known.readAt = p.now
	if known.vertex == "" {
		details, err := p.client.CheckpointDetails(p.ctx, p.overview.ID, newest.ID)
		if err != nil || !moment(details.TriggerTimestamp).Equal(newest.Trigger) {
			return
		}
		most := int64(0)
		for id, task := range details.Tasks {
			if task.CheckpointedSize > most {
				known.vertex, most = id, task.CheckpointedSize
			}
		}
		if known.vertex == "" {
			return
		}
		if !p.restarted {
			known.readAt = time.Time{} // the next pass asks its subtasks, so that neither costs a fourth request
			return
		}
	}
	answer, err := p.client.SubtaskDetails(p.ctx, p.overview.ID, newest.ID, known.vertex)
	if err != nil {
		return
	}
	task := model.TaskLedger{VertexID: known.vertex, Subtasks: answer.NumSubtasks}
	taskLedger(&answer, newest, &task, newest.Unaligned)
	measured := *newest
	measured.Tasks = []model.TaskLedger{task}
	known.rate = uploadRate(&model.CheckpointLedger{History: []model.Checkpoint{measured}})
}
