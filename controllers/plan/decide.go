package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Input is all that a decision depends on.
type Input struct {
	Snapshot     *model.Snapshot
	Diagnosis    *model.Diagnosis
	Verification model.Verification
	Policy       *model.Policy
	Controls     model.Controls
	// Now is the time on our clock.
	Now time.Time
	// Poll is how often a healthy job is looked at; 0 means 30 seconds.
	Poll time.Duration
}

// Decide says what is to be done now. It is total: the decision applies, rolls back or settles, or it is None with a reason, a message
// that a user can act on, and the remedy as far as there is one. NextLook is always above 0.
//
// The mode gates the writer only: the remedy in mode Recommend is the one that Remediate would apply.
func Decide(in Input) model.Decision {
	v := look(in)
	d := v.unreadable(v.tell(v.finishHalfway(v.decide())))
	d.NextLook = v.nextLook(&d)
	return d
}

// unreadable takes a write back where it is not known what was written before: a remedy may be in flight there. What would have been written
// stays as it is, and is told.
func (v *view) unreadable(d model.Decision) model.Decision {
	problem := v.target().ReceiptsError
	if problem == "" || d.Action == model.ActionNone {
		return d
	}
	why := refuse(api.ReasonSnapshotIncomplete, "nothing is written, for what was written before is not known: "+problem)
	d.Action, d.WhyNot, d.Refusals = model.ActionNone, why, append([]model.Refusal{why}, d.Refusals...)
	if v.in.Verification.Receipt != nil {
		d.Receipt = v.in.Verification.Receipt
	}
	return d
}

// decide asks the questions in order; the first answer stands.
func (v *view) decide() model.Decision {
	if r := v.in.Verification.Receipt; r != nil {
		// That a settled remedy was reverted is only recorded: where that must wait, the rest goes on.
		if d := v.flight(); r.Pending() || d.Action != model.ActionNone {
			return d
		}
	}
	if !v.s.Availability.Judgeable() {
		return none(refuse(v.s.Availability.Reason, orElse(v.s.WhyAway(), "there is no job to judge")))
	}
	switch v.d.Health {
	case api.HealthHealthy:
		return v.healthy()
	case api.HealthUnhealthy, api.HealthAtRisk:
		return v.treat()
	default:
	}
	return none(refuse(orElse(v.d.Reason, api.ReasonSnapshotIncomplete),
		orElse(v.d.Message, "there is no fresh data to judge the job by: nothing is done until there is")))
}

// healthy puts back what is held yet, and says what is owed.
func (v *view) healthy() model.Decision {
	restored, advice, ok := v.restoreHeld()
	if ok {
		return restored
	}
	d := none(refuse(api.ReasonHealthyNothingToDo, "checkpoints complete well within their timeout: nothing to do"))
	if advice != "" {
		d.Advice = []string{advice}
	}
	v.repay(&d)
	return d
}

// treat looks for a remedy of a sick job and asks the guards.
func (v *view) treat() model.Decision {
	if v.p.Mode == api.ModeObserve {
		return none(refuse(api.ReasonModeObserve, "the policy's mode is Observe: set it to Recommend to see the remedy, to Remediate to have it applied"))
	}
	if why := v.untreatable(); why.Refused() {
		d := none(why)
		d.Advice = v.adviceOf(v.row())
		return d
	}
	chosen := v.choose()
	d := model.Decision{Action: model.ActionNone, Advice: chosen.advice}
	if chosen.why.Refused() {
		d.WhyNot = chosen.why
		return d
	}
	d.Remedy = v.remedy(&chosen)
	d.Refusals = v.refusals(d.Remedy)
	if len(d.Refusals) == 0 {
		d.Action = model.ActionApply
		return d
	}
	d.WhyNot = d.Refusals[0]
	d.Advice = append(d.Advice, v.beforeCommitting(d.Refusals)...)
	v.withhold(&d)
	return d
}

// withhold takes a remedy back that would take the job down, whoever commits it: the other guards ask for something before it is applied, and this one
// says what is known to come of it.
func (v *view) withhold(d *model.Decision) {
	i := slices.IndexFunc(d.Refusals, func(why model.Refusal) bool { return why.Reason == api.ReasonNetworkTooSlow })
	if i < 0 {
		return
	}
	var settings []string
	for k := range d.Remedy.Changes {
		settings = append(settings, d.Remedy.Changes[k].Field+": "+d.Remedy.Changes[k].To)
	}
	d.WhyNot, d.Refusals = d.Refusals[i], d.Refusals[i:i+1]
	d.Advice = append(v.adviceOf(v.row()), fmt.Sprintf("once a restart is borne: %s (%s)", strings.Join(settings, ", "), d.Remedy.Reason))
	d.Remedy = nil
}

// untreatable says why no ladder is climbed at all: no cause is sure enough, it passes by itself, it is nobody's fault here, or another one is there
// as well that nothing here cures.
func (v *view) untreatable() model.Refusal {
	top := v.top
	if top == nil || top.Cause == api.CauseUndetermined || (top.Verdict != api.VerdictLikely && top.Verdict != api.VerdictConfirmed) {
		return v.undetermined()
	}
	if v.d.Facts.EndsByItself != "" {
		return refuse(api.ReasonAdviceOnly, fmt.Sprintf("%s passes by itself: %s", top.Cause, v.d.Facts.EndsByItself))
	}
	if top.Cause == api.CauseSharedDependencyDegraded {
		return refuse(api.ReasonSharedDependency, orElse(top.Summary, "a dependency that many jobs share is degraded")+
			": no job is patched for it; look at what they share")
	}
	if why := v.blockedAsWell(); why.Refused() {
		return why
	}
	return v.blockedBefore()
}

// calls are causes for which no setting is written and beside which none helps: whatever is done about the first cause, checkpoints do not complete in
// time until a person has mended this one, and a restart buys nothing. They come now and then.
var calls = []api.Cause{
	api.CauseUserCodeBlocking, api.CauseSourceBlocked, api.CauseCoordinatorBlocked, api.CauseSinkFlush, api.CauseCommitBlocksTask,
}

// blockers are those, and others of the kind that stay.
var blockers = slices.Concat(calls, []api.Cause{api.CauseSlowSyncPhase, api.CauseOversizedAck, api.CauseStorageFailure, api.CauseTaskFailure})

// blockedAsWell refuses to treat a cause beside another likely one that nothing here cures.
func (v *view) blockedAsWell() model.Refusal {
	for i := range v.d.Findings {
		f := &v.d.Findings[i]
		if v.holds(f) && f.Cause != v.top.Cause && (slices.Contains(blockers, f.Cause) || v.pressedAsWell(f)) && len(v.row().rungs) > 0 {
			return refuse(api.ReasonAdviceOnly, fmt.Sprintf("%s is %s as well, which %s cures and which keeps checkpoints from completing whatever is done about %s: mend that first (%s)",
				f.Cause, f.Verdict, pick(v.pressedAsWell(f), "no longer timeout", "no setting"), v.top.Cause, orElse(f.Summary, ladderOf(f.Cause, f.SubCause).advice)))
		}
	}
	return model.Refusal{}
}

// pressedAsWell tells whether barriers wait behind a backlog besides slow uploads, which make none (they run beside the task). More time for the uploads is
// none for the barriers, and a restart adds to the backlog. Tried once, all checkpoints after it expired. Unaligned barriers overtake the backlog; that the
// policy would have them does not: they are on another cause's ladder.
func (v *view) pressedAsWell(f *model.Finding) bool {
	unaligned := v.s.Settings.Unaligned
	return v.top.Cause == api.CauseSlowStateBackend && f.Cause == api.CauseBackpressure && (!unaligned.Known || !unaligned.Value)
}

// holds tells whether a finding is likely enough to stand in the way of the first one. A JobManager that is starved for certain makes all that goes through
// it late, commits and coordinators among it: what is only likely beside that may be its shadow. One place in a sink that stacks show, of which it is not known
// whether it is its flush or its snapshot, is no shadow: one of the two it is.
func (v *view) holds(f *model.Finding) bool {
	shadow := v.top.Cause == api.CauseJobManagerOverload && v.top.Verdict == api.VerdictConfirmed
	return f.Verdict == api.VerdictConfirmed || f.Verdict == api.VerdictLikely && (!shadow || v.oneOfTwo(f))
}

// oneOfTwo tells whether stacks of the sink are told as its flush and as its snapshot, both likely, for nothing tells the two apart.
func (v *view) oneOfTwo(f *model.Finding) bool {
	two := []api.Cause{api.CauseSinkFlush, api.CauseSlowSyncPhase}
	seen := 0
	for i := range v.d.Findings {
		other := &v.d.Findings[i]
		if slices.Contains(two, other.Cause) && other.Verdict == api.VerdictLikely && slices.ContainsFunc(other.Evidence, showsStacks) {
			seen++
		}
	}
	return seen == len(two) && slices.Contains(two, f.Cause)
}

// showsStacks tells evidence that stacks of subtasks gave.
func showsStacks(e model.Evidence) bool {
	return e.Weight > 0 && strings.HasPrefix(e.Signal, "stacks of")
}

// blockedBefore waits where a cause that nothing here cures was the first one of this spell until a moment ago: a call that comes now and then is not
// seen in between. As many checkpoints as decide on a remedy must pass without it in front.
func (v *view) blockedBefore() model.Refusal {
	cycle := v.s.Settings.Timeout.Value + v.s.Settings.Interval.Value
	wait := times(cycle, float64(v.failInRow()))
	for _, named := range v.s.Past.Named {
		rest := named.Last.Add(wait).Sub(v.in.Now)
		if rest <= 0 || named.Cause == v.top.Cause || !slices.Contains(calls, named.Cause) || len(v.row().rungs) == 0 {
			continue
		}
		return model.Refusal{Reason: api.ReasonUndetermined, Retry: rest, Message: fmt.Sprintf(
			"%s was the first cause %s ago, which no setting cures; %s is treated where that does not come back for another %s",
			named.Cause, span(max(v.in.Now.Sub(named.Last), 0)), v.top.Cause, span(rest))}
	}
	return model.Refusal{}
}

// undetermined leaves the measurement that would settle it to the finding, which has a line of its own; without one it says what comes next.
func (v *view) undetermined() model.Refusal {
	message := "no cause is likely enough to act on"
	if v.top != nil && v.top.Cause != api.CauseUndetermined {
		message = fmt.Sprintf("%s is only %s: not enough to act on", v.top.Cause, orElse(string(v.top.Verdict), "suspected"))
	}
	if v.top == nil || v.top.NextMeasurement == "" {
		message += "; the next failed checkpoint is looked at in detail, with the stacks of the missing subtasks"
	}
	return refuse(api.ReasonUndetermined, message)
}

// none is the decision that changes nothing.
func none(why model.Refusal) model.Decision {
	return model.Decision{Action: model.ActionNone, WhyNot: why}
}

func refuse(reason, message string) model.Refusal {
	return model.Refusal{Reason: reason, Message: message}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
