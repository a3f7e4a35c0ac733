package plan

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// usualPoll is how often a healthy job is looked at.
	usualPoll = 30 * time.Second
	// soonest and latest bound every next look. Flink refreshes its metrics every 10 s and its checkpoint statistics every 3 s at best.
	soonest = 2 * time.Second
	latest  = 10 * time.Minute
	// looksPerCheckpoint: a sick job's checkpoint is looked at some times before it ends, so that its stacks are seen while it is pending.
	looksPerCheckpoint = 4
)

// nextLook is the poll for a healthy job, sooner for a sick one or one with a remedy in flight, and never
// beyond the time at which a refusal may change.
func (v *view) nextLook(d *model.Decision) time.Duration {
	poll := v.poll()
	look := poll
	switch {
	case d.Action != model.ActionNone:
		look = min(poll, soonest) // to see what the write did
	case v.in.Verification.Receipt != nil, v.s.Availability.Judgeable() && v.d.Health == api.HealthUnhealthy:
		look = min(poll/2, v.checkpointTime()/looksPerCheckpoint)
	}
	if d.WhyNot.Retry > 0 {
		look = min(look, d.WhyNot.Retry)
	}
	return min(max(look, min(soonest, poll)), latest)
}

// poll is how often a healthy job is looked at.
func (v *view) poll() time.Duration {
	if v.in.Poll <= 0 {
		return usualPoll
	}
	return v.in.Poll
}

// checkpointTime is how long one checkpoint may take: the shorter of timeout and interval, where known.
func (v *view) checkpointTime() time.Duration {
	timeout, interval := v.s.Settings.Timeout.Value, v.s.Settings.Interval.Value
	switch {
	case timeout > 0 && interval > 0:
		return min(timeout, interval)
	case timeout > 0 || interval > 0:
		return max(timeout, interval)
	}
	return looksPerCheckpoint * usualPoll
}
