package plan

import (
	"fmt"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// headroom over the largest late acknowledgement: checkpoints then take 1 / 2.2 = 45 % of the timeout, with a tenth to spare to the half
	// at which AtRisk begins. 11s x 2.2 = 24s; with less the cured job would be called at risk from then on.
	headroom = 2.2
	// mostTidied is what tidying leaves at least: of a headroom of 2.2 that is 2.1, so that 14m x 2.2 = 30m48s becomes 30m, which is 14m x 2.14.
	mostTidied = 0.954
	// calmFactor: AtRisk begins where checkpoints take half of the timeout, so one that is not more than twice the longest cures no job of it.
	calmFactor = 2
	// muchLonger is the factor of "a much longer timeout", the runbook's second answer to slow cleanup: 10m becomes 30m.
	muchLonger = 3.0
)

func proposeTimeout(v *view) proposal {
	return sizeTimeout(v, v.policyGrowth())
}

// proposeTimeoutAfterCPU gives a starved JobManager more time only where more CPU was within reach: where its CPU is not even known, a
// longer timeout would hide what nobody has measured.
func proposeTimeoutAfterCPU(v *view) proposal {
	if !v.cpuLimit(1).Known {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "more CPU comes first, and the JobManager's CPU limit is not known")}
	}
	if skip := v.gaugeAlone(); skip.Refused() {
		return proposal{skip: skip}
	}
	return proposeTimeout(v)
}

func proposeMuchLongerTimeout(v *view) proposal {
	return sizeTimeout(v, max(muchLonger, v.policyGrowth()))
}

// sizeTimeout sizes the timeout by what late acknowledgements say would have sufficed. Expiries are censored: where too few values say
// more than "longer than the timeout", it grows by the policy's factor.
func sizeTimeout(v *view, growth float64) proposal {
	now := v.s.Settings.Timeout
	if !now.Known || now.Value <= 0 {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "the checkpoint timeout in force could not be read")}
	}
	if skip := v.timeHelps(); skip.Refused() {
		return proposal{skip: skip}
	}
	want, why := wantedTimeout(v, now.Value, growth)
	if want <= now.Value {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, why)}
	}
	most := secondsOf(v.p.Lever(api.LeverCheckpointTimeout).Max)
	if now.Value >= most {
		return proposal{skip: boundReached(fmt.Sprintf("%s is at the policy's bound remedies.checkpointTimeout.maxSeconds of %s already", span(now.Value), span(most)))}
	}
	capped := min(want, most)
	if skip := v.stillTooShort(now.Value, want, capped); skip.Refused() {
		return proposal{skip: skip}
	}
	if skip := v.triedLonger(capped); skip.Refused() {
		return proposal{skip: skip}
	}
	c := v.change(api.LeverCheckpointTimeout, keyTimeout, flinkDuration(now.Value), flinkDuration(capped), now.Origin)
	if capped < want {
		c.Uncapped = flinkDuration(want)
		why += fmt.Sprintf("; the policy allows up to %s", span(most))
	}
	return proposal{changes: []model.Change{c}, reason: why, notes: v.whatWouldTell(now.Value)}
}

// stillTooShort refuses a timeout that the policy's bounds cut to less than what is known to be needed.
func (v *view) stillTooShort(now, want, capped time.Duration) model.Refusal {
	if late := v.longestLate(now); capped <= late {
		return boundReached(fmt.Sprintf("late acknowledgements came after %s, and the policy's bound remedies.checkpointTimeout.maxSeconds is %s: a timeout of that would still expire",
			span(late), span(capped)))
	}
	if longest := v.d.Facts.Max; v.d.Health == api.HealthAtRisk {
		if capped < want && capped <= calmFactor*longest {
			return boundReached(fmt.Sprintf("the longest checkpoint took %s, and the policy's bound remedies.checkpointTimeout.maxSeconds is %s: a restart for up to %s would leave the job at risk",
				span(longest), span(capped), span(calmFactor*longest)))
		}
		return model.Refusal{}
	}
	if known := v.needed(now); !v.d.Facts.LateComplete && capped <= known.least {
		if want <= known.least {
			longer := withFactor(known.least, v.policyGrowth())
			return boundReached(fmt.Sprintf("%s, and a timeout of more than %s could not be undone within guards.maxReplaySeconds of %s if it failed: %s would be tried with %s, if so much replay is borne",
				known.known, span(want), span(v.p.Guards.MaxReplay), span(longer), span(v.replayToUndo(longer))))
		}
		return boundReached(fmt.Sprintf("%s, and the policy's bound remedies.checkpointTimeout.maxSeconds is %s: a timeout of that would still expire",
			known.known, span(capped)))
	}
	return model.Refusal{}
}

// timeHelps refuses where a longer timeout would not help, or where nothing tells whether it would.
func (v *view) timeHelps() model.Refusal {
	if v.d.Facts.Stalled {
		return refuse(api.ReasonNoRemedyLeft, "it would not help: no checkpoint begins at all, for the job's tasks do not run")
	}
	if v.neverLate() {
		return refuse(api.ReasonNoRemedyLeft,
			"it would not help: the same subtasks stay missing and no late acknowledgement ever comes, so hours would not suffice")
	}
	if v.d.Facts.Unread {
		return refuse(api.ReasonSnapshotIncomplete,
			"nothing tells yet whether it would help: of no expired checkpoint it could be read who was missing and what came late")
	}
	if v.fewMissing() {
		return refuse(api.ReasonSnapshotIncomplete,
			"nothing tells yet that it would help: a few subtasks upload yet and their siblings were quick, so that it may be they that write more; what their late acknowledgements say is waited for")
	}
	if why := v.stillComing(); why.Refused() {
		return why
	}
	if v.d.Facts.NoneLate && (v.d.Health != api.HealthAtRisk || v.d.Facts.Max == 0) {
		return refuse(api.ReasonSnapshotIncomplete,
			"nothing tells yet that it would help: no acknowledgement of an expired checkpoint came late so far, and no upload is seen that moves")
	}
	return model.Refusal{}
}

// whatWouldTell is said where each expiry restarts the job, so that nothing comes late.
func (v *view) whatWouldTell(timeout time.Duration) []string {
	if !v.d.Facts.CutShort || v.longestLate(timeout) > 0 {
		return nil
	}
	return []string{"with " + keyTolerable + " above 0 the job runs on when a checkpoint expires: then late acknowledgements tell the timeout that would have sufficed"}
}

// longestLate is the longest late acknowledgement, 0 where none came after the timeout.
func (v *view) longestLate(timeout time.Duration) time.Duration {
	longest := time.Duration(0)
	for _, late := range v.d.Facts.LateAcks {
		longest = max(longest, late)
	}
	if longest <= timeout {
		return 0
	}
	return longest
}

// wantedTimeout is the timeout without the policy's bound, and the arithmetic.
func wantedTimeout(v *view, now time.Duration, growth float64) (timeout time.Duration, arithmetic string) {
	f := &v.d.Facts
	late := v.longestLate(now)
	switch {
	case late > 0 && f.LateComplete:
		room, piles := v.room()
		want, arithmetic := v.given(late, room)
		return want, fmt.Sprintf("late acknowledgements came after %s%s: %s", lateRange(f.LateAcks, late), piles, arithmetic)
	case v.d.Health == api.HealthAtRisk && f.Max > 0:
		want := tidyUp(times(f.Max, headroom))
		if want <= now {
			return 0, fmt.Sprintf("%s is %s times the longest checkpoint (%s) already", span(now), numberText(headroom), span(f.Max))
		}
		return want, fmt.Sprintf("the longest checkpoint took %s of %s: %s", span(f.Max), span(now), product(f.Max, headroom, want))
	case v.uploadsTake() && f.LateComplete && len(f.LateAcks) > 0:
		return v.queuedTimeout(now)
	}
	return v.grownTimeout(now, growth)
}

// queuedTimeout is for uploads that all came late, and in time but for the wait behind those before them: what they take by themselves is known, and it is
// not guessed.
func (v *view) queuedTimeout(now time.Duration) (timeout time.Duration, arithmetic string) {
	longest := slices.Max(v.d.Facts.LateAcks)
	room, piles := v.room()
	want, arithmetic := v.given(longest, room)
	if want <= now {
		return 0, fmt.Sprintf("by itself an upload takes %s of %s at most%s: it is the wait behind the checkpoint before, and so the interval", span(longest), span(now), piles)
	}
	return want, fmt.Sprintf("late acknowledgements took %s of %s without the wait behind the checkpoint before%s: %s", span(longest), span(now), piles, arithmetic)
}

// uploadsTake tells whether uploads, which queue, are what takes the time.
func (v *view) uploadsTake() bool {
	cause := v.topOrNone().Cause
	return cause == api.CauseSlowStateBackend || cause == api.CauseCheckpointPressure
}

// grownTimeout is for a job of which no late acknowledgement tells, or not all, what would have sufficed: the policy's factor, and no less than what
// else is known of the time that is needed.
func (v *view) grownTimeout(now time.Duration, growth float64) (timeout time.Duration, arithmetic string) {
	if known := v.needed(now); known.want > 0 {
		if grown, arithmetic := v.blindTimeout(now, growth, withFactor(now, v.policyGrowth())); grown > known.want {
			return grown, known.why + v.grows(growth) + arithmetic
		}
		return known.want, known.why + ": " + known.arithmetic
	}
	if v.slowUploads() && !v.rateKnown() {
		grown, arithmetic := v.blindTimeout(now, max(growth, blindGrowth), withFactor(now, growth))
		return grown, fmt.Sprintf("%s, and the uploads move; an attempt that fails costs two restarts and a rest of %s, a timeout that is too long a later "+
			"look at a checkpoint that hangs: %s", v.whyNoneLate(), span(firstMute), arithmetic)
	}
	if v.beside > 0 {
		grown, arithmetic := v.blindTimeout(now, growth*moreTogether, withFactor(now, v.policyGrowth()))
		return grown, fmt.Sprintf("%s, and more comes together in a longer interval: %s", v.whyNoneLate(), arithmetic)
	}
	grown, arithmetic := v.blindTimeout(now, growth, withFactor(now, v.policyGrowth()))
	return grown, v.whyNoneLate() + v.grows(growth) + arithmetic
}

// grows says by whose factor a timeout grows.
func (v *view) grows(growth float64) string {
	if growth == v.policyGrowth() {
		return ", so it grows by the policy's factor: "
	}
	return ", so it grows: "
}

// whyNoneLate says that nothing tells what would have sufficed.
func (v *view) whyNoneLate() string {
	if v.d.Facts.CutShort {
		return "each expiry restarts the job and no late acknowledgement tells what would have sufficed"
	}
	return "no late acknowledgement tells what would have sufficed"
}

// product is the arithmetic in words: what comes out, and what it is tidied to where that is another value.
func product(d time.Duration, factor float64, tidy time.Duration) string {
	text := fmt.Sprintf("%s x %s = %s", span(d), numberText(factor), span(times(d, factor)))
	if span(tidy) != span(times(d, factor)) {
		text += ", tidied to " + span(tidy)
	}
	return text
}

// withFactor is a duration times a factor, tidy, and never with less than a twentieth of it tidied away: 11s x 2.2 = 24.2s is 25s, and 8s x 1.5 = 12s
// is 15s, not 10s.
func withFactor(d time.Duration, factor float64) time.Duration {
	want := tidyNear(times(d, factor))
	if want < times(d, factor*mostTidied) {
		want = tidyUp(times(d, factor))
	}
	return want
}

func lateRange(late []time.Duration, longest time.Duration) string {
	shortest := slices.Min(late)
	if span(shortest) == span(longest) {
		return span(longest)
	}
	return span(shortest) + " to " + span(longest)
}

func secondsOf(f float64) time.Duration { return times(time.Second, f) }

func boundReached(message string) model.Refusal { return refuse(api.ReasonBoundReached, message) }
