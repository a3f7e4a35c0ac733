package plan

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// blindGrowth is the least factor over what has not sufficed where an upload moves and nothing will ever tell more. How long it needs is unknown in
// scale, so it is more than g times that in one of g cases: one attempt in ten fails with 10; with 1.5 two of three did, with 3 one of three (41 s
// against 3 x 10 s). A failed one costs two restarts and rests for firstMute, a timeout that is too long a later look at a checkpoint that hangs:
// with a hang in one of twenty such spells 6h/g + g x T/20 is least at g = sqrt(6h x 20 / T), 27 for 10 minutes. It is no longer than can be undone.
const blindGrowth = 10.0

// blindFactor is the factor over what has not sufficed, where nothing else is known. What a state backend piles up needs no room of its own beside it: it
// is one of the reasons why the scale is unknown. Where the rate of uploads is known it is not they that are unknown, but what else holds them, and the
// policy's factor tells as much.
func (v *view) blindFactor() float64 {
	if v.rateKnown() {
		return v.policyGrowth()
	}
	return blindGrowth
}

// blindTimeout is the timeout over what has not sufficed, where nothing else is known, and its arithmetic. What it fails by is as many expiries of it, and
// all of them are processed again when it is undone: so it is no longer than that the policy bears that. Where not even the policy's own factor, which
// makes it floor, fits into that, it stands: it is the policy's word as well.
func (v *view) blindTimeout(failed time.Duration, factor float64, floor time.Duration) (want time.Duration, arithmetic string) {
	return v.withinReplay(failed, factor, floor, "the policy's factor")
}

// withinReplay is a timeout of which the part beyond floor is a guess, so that it is bounded by what can be undone.
func (v *view) withinReplay(failed time.Duration, factor float64, floor time.Duration, floorIs string) (want time.Duration, arithmetic string) {
	want = withFactor(failed, factor)
	arithmetic = product(failed, factor, want)
	undoable, most := v.undoable(), v.p.Guards.MaxReplay
	switch {
	case want <= max(undoable, floor):
		return want, arithmetic
	case undoable < floor:
		return floor, arithmetic + fmt.Sprintf("; no more than %s, %s, for it could not be undone within guards.maxReplaySeconds of %s", floorIs, span(floor), span(most))
	}
	return undoable, arithmetic + v.boundedTo(undoable)
}

func (v *view) boundedTo(undoable time.Duration) string {
	return fmt.Sprintf("; bounded to %s by guards.maxReplaySeconds: %d that expire and the restart must fit into %s, so that it can be undone",
		span(undoable), v.failInRow(), span(v.p.Guards.MaxReplay))
}

// undoable is the longest timeout that can be undone when it fails: the redeploy twice over, the first interval and as many expiries as decide against it,
// each with the pause behind it, are within the replay that the policy bears. With 1h, 3 of them, an interval of 1m and the usual 2 minutes that is
// (60 - 4 - 1) / 3 = 18m. 0 where the intervals alone are longer.
func (v *view) undoable() time.Duration {
	s, n := &v.s.Settings, time.Duration(v.failInRow())
	interval := max(s.Interval.Value, v.beside, 0)
	left := v.p.Guards.MaxReplay - 2*v.downtime() - interval
	each := left / n
	if each <= 0 || each < interval {
		return 0
	}
	longest := max(each-max(s.MinPause.Value, 0), 0)
	return longest - longest%step(longest)
}

// undoableInterval is the longest interval that can be undone when it fails beside a timeout, with the same arithmetic: with 1h, 3 of them and a timeout of 15m
// that is 60 - 4 - 3 x 15 = 11m. 0 where the timeouts alone are longer.
func (v *view) undoableInterval(timeout time.Duration) time.Duration {
	n := time.Duration(v.failInRow())
	left := max(v.p.Guards.MaxReplay-2*v.downtime(), 0)
	longest := left / (n + 1)
	if longest < timeout {
		longest = max(left-times(min(timeout, left), float64(v.failInRow())), 0)
	}
	return longest - longest%step(longest)
}

// replayToUndo is what guards.maxReplaySeconds would have to be so that a timeout can be undone.
func (v *view) replayToUndo(timeout time.Duration) time.Duration {
	s := &v.s.Settings
	interval := max(s.Interval.Value, v.beside, 0)
	each := max(min(timeout, longestDeadline)+max(s.MinPause.Value, 0), interval)
	return tidyUp(2*v.downtime() + min(interval, longestDeadline) + times(each, float64(v.failInRow())))
}

// failInRow is how many failures in a row decide against a remedy.
func (v *view) failInRow() int { return model.FailuresThatDecide(v.p.Verification.Checkpoints) }

// downtime is what a redeploy of this workload takes: its own where that was measured.
func (v *view) downtime() time.Duration {
	if v.s.Past.Downtime > 0 {
		return v.s.Past.Downtime
	}
	return usualDowntime
}

// rateKnown tells whether it is known at which rate the uploads that did not come in time go, and how much they write.
func (v *view) rateKnown() bool {
	took, _ := v.uploadTime()
	return took > 0
}

// policyGrowth is the factor by which the policy lets a timeout grow.
func (v *view) policyGrowth() float64 { return v.p.Lever(api.LeverCheckpointTimeout).Growth }
