package observe

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// longestCancel is for how long after an expiry the tasks that it ends are looked at: three times what Flink waits for one before it ends the process
// (task.cancellation.timeout: 3 minutes).
const longestCancel = 9 * time.Minute

// quickCancel is how long tasks take to end that nothing holds, a JobManager that has little time included.
const quickCancel = 5 * time.Second

// endedBy is the expired checkpoint for which the job ends its tasks now; nil where it does not. Where no failed checkpoint is tolerated an expiry restarts the
// job, and a task that is in a call must come back from it first: as long as it does not, no checkpoint is pending, and what it does is what held up the one
// that expired.
func (p *pass) endedBy(ours time.Time) *model.Checkpoint {
	tolerated := p.snapshot.Settings.TolerableFailed
	if !tolerated.Known || tolerated.Value > 0 || p.snapshot.Job.State == "RUNNING" {
		return nil
	}
	history := p.snapshot.Checkpoints.History
	i := slices.IndexFunc(history, func(c model.Checkpoint) bool { return !c.Savepoint })
	if i < 0 || !history[i].Expired() || !p.cancels() {
		return nil
	}
	if since := p.jobManagerTime(ours).Sub(history[i].Failure.At); since < quickCancel || since > longestCancel {
		return nil
	}
	return &history[i]
}

// cancels tells whether Flink waits for a task to end.
func (p *pass) cancels() bool {
	return slices.ContainsFunc(p.snapshot.Vertices, func(v model.Vertex) bool { return v.Status == "CANCELING" })
}

// nameTheEnded names the checkpoint that a sample with tasks tells of, where none was pending any more and the job ends them for it.
func (p *pass) nameTheEnded(sample *model.StackSample) {
	c := p.endedBy(sample.At)
	if sample.PendingCheckpoint > 0 || c == nil || p.jobManagerTime(sample.At).Before(c.Failure.At) {
		return
	}
	if slices.ContainsFunc(sample.Threads, func(t model.ThreadStack) bool { return t.Vertex >= 0 }) {
		sample.PendingCheckpoint, sample.PendingFor = c.ID, p.jobManagerTime(sample.At).Sub(c.Trigger)
	}
}
