package plan

import (
	"fmt"
	"math"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// proposeInterval sizes the interval so that checkpoints take at most the policy's duty cycle of it: p95 duration <= duty x interval.
// With 2m20s and 50 % that is 4m40s, tidied to 5m, the runbook's answer to 1m.
func proposeInterval(v *view) proposal {
	if v.p.Lever(api.LeverCheckpointInterval).Action == api.LeverOff {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, "the policy has remedies.checkpointInterval Off")}
	}
	now := v.s.Settings.Interval
	if !now.Known || now.Value <= 0 {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "the checkpoint interval in force could not be read")}
	}
	duration, what := v.expectedDuration()
	if duration <= 0 {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "no checkpoint completed or expired whose duration tells the interval")}
	}
	// Flink raises an interval shorter than min-pause to min-pause.
	present := max(now.Value, v.s.Settings.MinPause.Value)
	duty := v.p.Thresholds.DutyCycle
	want := tidyUp(times(duration, 1/max(duty, 0.01)))
	if want <= present {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("%s takes at most %s of %s already", what, percent(duty), span(present)))}
	}
	most := secondsOf(v.p.Lever(api.LeverCheckpointInterval).Max)
	if present >= most {
		return proposal{skip: boundReached(fmt.Sprintf("%s is at the policy's bound remedies.checkpointInterval.maxSeconds of %s already", span(present), span(most)))}
	}
	want, bounded := v.undoneInterval(want, duration)
	if want <= present {
		return proposal{skip: boundReached(what + bounded)}
	}
	capped := min(want, most)
	c := v.change(api.LeverCheckpointInterval, keyInterval, flinkDuration(now.Value), flinkDuration(capped), now.Origin)
	p := proposal{
		changes: []model.Change{c},
		reason: fmt.Sprintf("%s / %s = %s; a failure then replays up to %s instead of %s",
			what, percent(duty), span(times(duration, 1/max(duty, 0.01)))+bounded, span(capped), span(present)),
		dutyPercent: dutyOf(v.d.Facts.P50, capped, duty),
	}
	if capped < want {
		p.changes[0].Uncapped = flinkDuration(want)
		p.reason += fmt.Sprintf("; the policy allows up to %s", span(most))
	}
	if backlog, ok := v.backlogInterval(capped); ok {
		p.changes = append(p.changes, backlog)
	}
	return v.withMoreTime(p, capped)
}

// undoneInterval bounds an interval that is a guess: that a checkpoint takes the timeout at least is no measure of it, and where the remedy fails, what it
// replays is its own doing. It is no shorter than what a checkpoint is known to take, and the timeout that goes along no shorter than by the policy's factor.
func (v *view) undoneInterval(want, duration time.Duration) (bounded time.Duration, why string) {
	timeout := v.s.Settings.Timeout.Value
	known := v.d.Facts.LateComplete && len(v.d.Facts.LateAcks) > 0
	if v.d.Counts.Expired == 0 || known || v.longestLate(timeout) > 0 {
		return want, ""
	}
	undoable := max(v.undoableInterval(withFactor(timeout, v.policyGrowth())+max(v.s.Settings.MinPause.Value, 0)), duration)
	if undoable >= want {
		return want, ""
	}
	return undoable, v.boundedTo(undoable)
}

// withMoreTime adds a longer timeout to the interval where checkpoints expire: one that by itself takes most of the timeout expires at any interval, and
// with a longer one more has come together. Measured: completed ones took 1.2 to 2.5 times as long after the interval as those that had completed before
// it, of a timeout of 10 s up to 9.3; of one of them half expired, and it took a second restart. Two changes are one restart. A state grows into its
// timeout, so that where nothing came late what it needs is near that, and takes the same headroom. With that headroom alone two of nine failed, of which
// the longer timeout that came next cured both (14 s at the median and more than 20 where 9 had been measured): so it has room for what comes together.
func (v *view) withMoreTime(p proposal, interval time.Duration) proposal {
	switch {
	case v.d.Counts.Expired == 0 || v.fitsByItself():
		return p
	case v.d.Facts.CutShort && !v.d.Facts.UploadMoves: // nothing comes late there, and nothing shows that more time would help
		return p
	case !v.timeMayGoAlong(api.LeverCheckpointInterval), v.muted(api.LeverCheckpointTimeout).Refused():
		return p
	}
	beside := *v
	beside.beside = interval
	longer := sizeTimeout(&beside, max(v.policyGrowth(), headroom))
	if len(longer.changes) == 0 {
		return p
	}
	p.changes = append(p.changes, longer.changes...)
	p.reason = join(p.reason, "and since checkpoints expire, a longer timeout in the same restart: "+longer.reason)
	return p
}

// fitsByItself tells whether each upload fits the timeout without the wait behind the one before, with all that comes together in a longer interval: then it is
// the interval alone.
func (v *view) fitsByItself() bool {
	f := &v.d.Facts
	return f.LateComplete && len(f.LateAcks) > 0 && times(slices.Max(f.LateAcks), moreTogether) <= v.s.Settings.Timeout.Value
}

// expectedDuration is how long a checkpoint takes, and in words. Completed ones alone are the short half of a job whose others expire:
// then the first late acknowledgement counts, or at least the timeout.
func (v *view) expectedDuration() (took time.Duration, words string) {
	f := &v.d.Facts
	timeout := v.s.Settings.Timeout.Value
	switch late := v.longestLate(timeout); {
	case late > 0:
		return max(late, f.P95), fmt.Sprintf("a checkpoint that takes %s (late acknowledgement)", span(max(late, f.P95)))
	case v.d.Counts.Expired > 0 && timeout > 0:
		return max(timeout, f.P95), fmt.Sprintf("a checkpoint that takes at least the timeout of %s", span(max(timeout, f.P95)))
	case f.P95 > 0:
		return f.P95, fmt.Sprintf("95 %% of the checkpoints take at most %s, which", span(f.P95))
	case f.Max > 0:
		return f.Max, fmt.Sprintf("the longest checkpoint of %s", span(f.Max))
	}
	return 0, ""
}

// dutyOf is what the criterion asks: the policy's duty cycle, or what the bound leaves to hope for.
func dutyOf(median, interval time.Duration, duty float64) int {
	ask := duty
	if median > 0 {
		ask = max(ask, float64(median)/float64(interval))
	}
	return min(int(math.Ceil(ask*100)), 100)
}

// backlogInterval raises interval-during-backlog along: Flink 1.19 and later reject a job whose value is above 0 and below the interval.
func (v *view) backlogInterval(interval time.Duration) (model.Change, bool) {
	text, ok := v.written(keyIntervalBacklog)
	if !ok {
		return model.Change{}, false
	}
	now, readable := durationOf(text)
	if !readable || now == 0 || now >= interval {
		return model.Change{}, false
	}
	return v.change(api.LeverCheckpointInterval, keyIntervalBacklog, text, flinkDuration(interval), api.OriginTarget), true
}
