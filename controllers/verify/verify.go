package verify

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Verify judges the newest pending receipt of the target. Without one it tells only whether the values written last are still in place.
// The policy fills in what a receipt's criterion lacks; what it says of the rest was frozen with the receipt.
func Verify(s *model.Snapshot, d *model.Diagnosis, p *model.Policy, now time.Time) model.Verification {
	if s == nil {
		return model.Verification{}
	}
	receipt := pendingReceipt(s.Target.Receipts)
	if receipt == nil {
		return kept(s, p, now)
	}
	c := &verdict{s: s, d: d, r: receipt, now: now}
	if c.d == nil {
		c.d = &model.Diagnosis{Health: api.HealthUnknown}
	}
	c.complete(p)
	v := c.decide()
	v.Receipt, v.Downtime = receipt, c.downtime()
	return v
}

// pendingReceipt is a copy of the newest one that is not judged yet. Receipts are newest first.
func pendingReceipt(receipts []model.Receipt) *model.Receipt {
	for i := range receipts {
		if receipts[i].Pending() {
			r := receipts[i]
			return &r
		}
	}
	return nil
}

// verdict is one judgement in the making.
type verdict struct {
	s   *model.Snapshot
	d   *model.Diagnosis
	r   *model.Receipt
	now time.Time
}

// object is where the remedy was written.
// applied is when the remedy was written, on the JobManager's clock: what the times of its runs and checkpoints are compared with.
func (c *verdict) applied() time.Time { return c.s.JobManagerTime(c.r.AppliedAt) }

func (c *verdict) object() *model.Target { return c.s.Target.At(c.r.Object) }

// upgrading tells that the Flink operator is at work on the target or on the object that the remedy was written to.
func (c *verdict) upgrading() bool { return c.s.Target.Upgrading() || c.object().Upgrading() }

// complete gives a criterion without numbers (written by hand, or cut) the policy's.
func (c *verdict) complete(p *model.Policy) {
	rule := model.ResolvePolicy("", nil).Verification
	if p != nil {
		rule = p.Verification
	}
	k := &c.r.Criterion
	if k.CompleteInRow <= 0 {
		k.CompleteInRow = max(rule.Checkpoints, 1)
	}
	if k.FailInRow <= 0 {
		k.FailInRow = model.FailuresThatDecide(rule.Checkpoints)
	}
	if k.DeadlineSeconds <= 0 {
		k.DeadlineSeconds = int64(rule.Deadline / time.Second)
	}
}

// decide asks in order: did somebody else take the field, did it harm, what do the checkpoints say, is the time up?
func (c *verdict) decide() model.Verification {
	if v, taken := c.superseded(); taken {
		return v
	}
	t := c.tally()
	if why := c.refused(); why != "" {
		return model.Verification{Outcome: api.OutcomeHarmful, Message: why, NeverRolledOut: true}
	}
	if why := c.harm(); why != "" {
		return model.Verification{Outcome: api.OutcomeHarmful, Message: why, Completed: t.completed}
	}
	v := c.judge(&t)
	v.Completed, v.Median = t.completed, median(t.durations)
	if v.Outcome != api.OutcomeHarmful {
		c.align(&v)
	}
	if v.Outcome == api.OutcomePending && c.late() && !c.awaited() {
		c.expire(&v, &t)
	}
	return v
}

// late tells whether the deadline has passed.
func (c *verdict) late() bool { return c.now.Sub(c.r.AppliedAt) > c.deadline() }

func (c *verdict) deadline() time.Duration {
	return time.Duration(c.r.Criterion.DeadlineSeconds) * time.Second
}

// restarts tells whether the remedy redeploys the job: the Flink operator reads only these keys without.
func (c *verdict) restarts() bool {
	for i := range c.r.Changes {
		if !restartFree(c.r.Changes[i].Field) {
			return true
		}
	}
	return false
}
