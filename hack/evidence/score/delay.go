package score

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// seen is a checkpoint as the last pass saw it that saw it.
type seen struct {
	model.Checkpoint
	// took is how long it took or has taken so far.
	took time.Duration
	// timeout is the one in force at that pass; 0 where not known.
	timeout time.Duration
}

// end is when the checkpoint was over, or when it was last seen pending.
func (c *seen) end() time.Time { return c.Trigger.Add(c.took) }

// hurt tells that a checkpoint failed, or took half of its timeout or longer: the share at which AtRisk begins.
func (c *seen) hurt() bool {
	return c.Status == model.CheckpointFailed || c.timeout > 0 && c.took >= c.timeout/2
}

// historyOf are the checkpoints of all passes by id, savepoints left out.
func historyOf(passes []*model.Pass) map[int64]*seen {
	all := map[int64]*seen{}
	for _, p := range passes {
		s := p.Snapshot
		for i := range s.Checkpoints.History {
			c := &s.Checkpoints.History[i]
			if c.Savepoint {
				continue
			}
			at := &seen{Checkpoint: *c, took: max(c.Duration, 0), timeout: max(s.Settings.Timeout.Value, 0)}
			if c.Status == model.CheckpointInProgress {
				at.took = max(s.JobManagerTime(p.Now).Sub(c.Trigger), 0)
			}
			all[c.ID] = at
		}
	}
	return all
}

// first is the checkpoint with the lowest id for which test holds; nil if none.
func first(all map[int64]*seen, test func(*seen) bool) *seen {
	var found *seen
	for _, c := range all {
		if (found == nil || c.ID < found.ID) && test(c) {
			found = c
		}
	}
	return found
}

// firstHurt is the first checkpoint that the fault hurt: of those that ended after the fault began the first that failed or took half of its
// timeout, else the first that began after it. Nil where neither can be told.
func firstHurt(t *trial.Trial, all map[int64]*seen) *seen {
	hurt := first(all, func(c *seen) bool { return c.hurt() && c.end().After(t.FaultAt) })
	if hurt == nil && !t.FaultAt.IsZero() {
		hurt = first(all, func(c *seen) bool { return !c.Trigger.Before(t.FaultAt) })
	}
	return hurt
}

// newest is the highest id that a pass saw, of all checkpoints or of those that had ended; 0 if none.
func newest(p *model.Pass, ended bool) int64 {
	id := int64(0)
	for i := range p.Snapshot.Checkpoints.History {
		c := &p.Snapshot.Checkpoints.History[i]
		if !c.Savepoint && (!ended || c.Status != model.CheckpointInProgress) {
			id = max(id, c.ID)
		}
	}
	return id
}

// delay is how many checkpoints began after the first one that the fault hurt until a pass named the cause. It is known where the recording
// looked before that checkpoint began, and the cause was named. Passes have gaps, so it is what it was at most.
func delay(t *trial.Trial, passes []*model.Pass, all map[int64]*seen) Count {
	if t.Healthy() {
		return Count{}
	}
	hurt := firstHurt(t, all)
	if hurt == nil || !passes[0].Snapshot.JobManagerTime(passes[0].Now).Before(hurt.Trigger) {
		return Count{}
	}
	for _, p := range passes {
		if names(t, p) {
			return Count{N: int(max(newest(p, false)-hurt.ID, 0)), Known: true}
		}
	}
	return Count{}
}

// early tells whether a pass named the cause before the first checkpoint expired, and how many checkpoints ended from then on up to and with
// that one; the number is known where one expired.
func early(t *trial.Trial, passes []*model.Pass, all map[int64]*seen) (bool, Count) {
	expired := first(all, func(c *seen) bool { return c.Expired() })
	before := t.FirstExpiry
	if before.IsZero() && expired != nil {
		before = expired.Failure.At
	}
	for _, p := range passes {
		if !before.IsZero() && !p.Snapshot.JobManagerTime(p.Now).Before(before) {
			return false, Count{}
		}
		if !names(t, p) {
			continue
		}
		if expired == nil {
			return true, Count{}
		}
		return true, Count{N: int(max(expired.ID-newest(p, true), 0)), Known: true}
	}
	return false, Count{}
}
