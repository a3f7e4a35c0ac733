package plan

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const day = 24 * time.Hour

// replayTooLong compares what a restart would process again with what the policy bears. It grows until a checkpoint completes, so no
// retry time is given.
func replayTooLong(v *view, r *model.Remedy) model.Refusal {
	if r.Cost == api.CostNoRestart || r.Replay <= v.p.Guards.MaxReplay {
		return model.Refusal{}
	}
	return saying("a restart now would replay %s and the policy allows %s; it grows until a checkpoint completes: raise guards.maxReplaySeconds if that is borne",
		span(r.Replay), span(v.p.Guards.MaxReplay))
}

// dailyLimit counts the remedies of the last 24 hours.
func dailyLimit(v *view, _ *model.Remedy) model.Refusal {
	count, oldest := 0, v.in.Now
	for i := range v.target().Receipts {
		at := v.target().Receipts[i].AppliedAt
		if v.in.Now.Sub(at) < day {
			count++
			oldest = earlier(oldest, at)
		}
	}
	if count == 0 || count < v.p.Guards.MaxPerDay {
		return model.Refusal{}
	}
	why := saying("%d applied in the last 24 hours, and the policy allows %d", count, v.p.Guards.MaxPerDay)
	why.Retry = max(oldest.Add(day).Sub(v.in.Now), time.Second)
	return why
}

// cooldown rests after the last write to the target, applying or undoing.
func cooldown(v *view, _ *model.Remedy) model.Refusal {
	var last time.Time
	for i := range v.target().Receipts {
		r := &v.target().Receipts[i]
		last = later(last, r.AppliedAt)
		if r.Outcome == api.OutcomeRolledBack {
			last = later(last, finished(r))
		}
	}
	if last.IsZero() {
		return model.Refusal{}
	}
	rest := last.Add(v.p.Guards.Cooldown).Sub(v.in.Now)
	if rest <= 0 {
		return model.Refusal{}
	}
	why := saying("the target was last changed %s ago, and the policy waits %s between remedies", span(max(v.in.Now.Sub(last), 0)), span(v.p.Guards.Cooldown))
	why.Retry = rest
	return why
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
