package observe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// betweenDumps is how far the two dumps of one look lie apart: longer than work on an element takes, shorter than anybody minds.
const betweenDumps = 3 * time.Second

// Pause waits by a timer, or until nobody waits any more.
func Pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// dumpAgain takes the second dump of this pass's look, at its end, of the same processes, or the two would not compare: what else was read took some of
// the time between. Where the next look comes soon it is the second dump, unless an expiry restarts the job before: then other threads do the work.
func (p *pass) dumpAgain() {
	tolerated := p.snapshot.Settings.TolerableFailed
	restarts := tolerated.Known && tolerated.Value == 0
	soon := orDefault(p.opts.StackEvery, defaultStackEvery) < 4*betweenDumps && !restarts
	if p.dumpedFirst.IsZero() || p.opts.Replayed || soon || p.outOfTime() {
		return
	}
	if left := betweenDumps - p.opts.Now().Sub(p.dumpedFirst); left > 0 {
		if p.opts.Pause == nil {
			return
		}
		p.opts.Pause(p.ctx, left)
	}
	if !p.outOfTime() && p.opts.Now().Sub(p.dumpedFirst) >= betweenDumps {
		p.dumpStacks()
	}
}

// dumpStacks reads the thread dumps of the JobManager and of the TaskManagers that this pass dumps, and tells whether any came. A JobManager
// that could not answer for itself is not asked for TaskManagers': they come through it.
func (p *pass) dumpStacks() bool {
	dump, err := p.client.JobManagerThreadDump(p.ctx)
	sample := model.StackSample{At: p.dumpedAt(&dump), Took: map[string]time.Duration{}}
	if err != nil {
		p.gap(model.GapThreadDumps, "thread dump of the JobManager", err)
	} else {
		sample.Threads = p.keepThreads(model.JobManagerProcess, &dump)
		sample.Took[model.JobManagerProcess] = dump.Took
	}
	silent := !p.opts.Replayed && cannotAnswer(err)
	for _, id := range p.dumped {
		if silent {
			p.gapText(model.GapThreadDumps, "thread dump of TaskManager "+id, "not asked: it comes through the JobManager, whose own failed")
			continue
		}
		p.dumpTaskManager(&sample, id)
	}
	p.keepSample(sample)
	return len(sample.Took) > 0
}

// dumpTaskManager adds the stacks of one TaskManager to a sample.
func (p *pass) dumpTaskManager(sample *model.StackSample, id string) {
	if p.outOfTime() {
		p.gapText(model.GapThreadDumps, "thread dump of TaskManager "+id, "not asked: the JobManager answers slowly")
		return
	}
	dump, err := p.client.TaskManagerThreadDump(p.ctx, id)
	if err != nil {
		p.gap(model.GapThreadDumps, "thread dump of TaskManager "+id, err)
		p.noteMismatch(id, err)
		return
	}
	if p.opts.PodLogs != nil { // nothing else is asked of it
		delete(p.memory.mismatches, id)
	}
	if sample.At.IsZero() {
		sample.At = p.dumpedAt(&dump)
	}
	sample.Threads = append(sample.Threads, p.keepThreads(id, &dump)...)
	sample.Took[id] = dump.Took
}

// cannotAnswer tells an error of a JobManager that does not get round to an answer from one that says that there is none, or not for us.
func cannotAnswer(err error) bool {
	var answer *flink.StatusError
	return errors.Is(err, flink.ErrUnreachable) || errors.As(err, &answer) && answer.Status >= http.StatusInternalServerError
}

// lookAtStacks takes the first dump of a pass, or remembers what kept us from it. The next look is as far away then: a JobManager that cannot answer is not
// to be asked in every pass.
func (p *pass) lookAtStacks() {
	before := len(p.snapshot.Gaps)
	p.memory.stackAt, p.memory.failedLook = p.now, nil
	if p.dumpStacks() {
		p.dumpedFirst = p.opts.Now()
		return
	}
	p.memory.failedLook = slices.Clone(p.snapshot.Gaps[before:])
}

// lookedLately tells that the last look was too short a while ago for the next one.
func (p *pass) lookedLately() bool {
	return !p.memory.stackAt.IsZero() && p.now.Sub(p.memory.stackAt) < orDefault(p.opts.StackEvery, defaultStackEvery)
}

// retellFailedLook puts the gaps of the last look into this pass, where that look brought nothing, and tells whether it did not. Once the next look might be
// taken they are no longer why there are no stacks: a JobManager that did not answer then may answer now.
func (p *pass) retellFailedLook() bool {
	if !p.lookedLately() {
		p.memory.failedLook = nil
	}
	for _, gap := range p.memory.failedLook {
		p.snapshot.Gaps = addGap(p.snapshot.Gaps, gap)
	}
	return len(p.memory.failedLook) > 0
}

// dumpedAt is when a dump was taken: now, or when it was recorded.
func (p *pass) dumpedAt(dump *flink.ThreadDump) time.Time {
	if dump.Threads == nil {
		return time.Time{}
	}
	return dump.At
}

// keepSample names the checkpoint that was pending at the time. Of a recording the same dump may be the nearest of several passes.
func (p *pass) keepSample(sample model.StackSample) {
	if len(sample.Threads) == 0 || sample.At.IsZero() {
		return
	}
	p.nameThePending(&sample)
	if i := slices.IndexFunc(p.memory.stacks, func(s model.StackSample) bool { return s.At.Equal(sample.At) }); i >= 0 {
		if known := &p.memory.stacks[i]; sample.PendingCheckpoint > known.PendingCheckpoint {
			known.PendingCheckpoint, known.PendingFor = sample.PendingCheckpoint, sample.PendingFor
		}
		return
	}
	p.memory.addStack(sample)
}

// nameThePending finds the checkpoint that was pending the longest when a sample was taken. Of a recording a dump may come before the history that names it.
func (p *pass) nameThePending(sample *model.StackSample) {
	at := p.jobManagerTime(sample.At)
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		if age := at.Sub(c.Trigger); wasPending(c, at) && age > sample.PendingFor {
			sample.PendingCheckpoint, sample.PendingFor = c.ID, age
		}
	}
	p.nameTheEnded(sample)
}

// wasPending tells whether a checkpoint was pending at a time of the JobManager's clock.
func wasPending(c *model.Checkpoint, at time.Time) bool {
	switch {
	case c.Trigger.After(at):
		return false
	case c.Failure != nil:
		return !c.Failure.At.Before(at)
	case c.Status == model.CheckpointCompleted:
		return !c.LatestAck.Before(at)
	}
	return true
}
