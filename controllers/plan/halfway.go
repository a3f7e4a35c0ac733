package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// halfway are the remedies that lie on ConfigMaps and that the workload has not heard of, newest first.
func (v *view) halfway() []model.Receipt {
	s := v.standalone()
	if s == nil {
		return nil
	}
	var begun []model.Receipt
	for _, name := range slices.Sorted(maps.Keys(s.Halfway)) {
		if r := s.Halfway[name]; r.Pending() {
			begun = append(begun, r)
		}
	}
	slices.SortStableFunc(begun, func(a, b model.Receipt) int { return b.AppliedAt.Compare(a.AppliedAt) })
	return begun
}

// finishHalfway looks after a write that ended between its ConfigMap and the workload: a decision to apply completes it, or replaces it;
// where the job is judged and no remedy is to be applied any more, the ConfigMap gets its prior text back. What cannot be judged waits, what
// another CheckpointHealth began is left to that one, and what is in use all the same is a person's to decide.
func (v *view) finishHalfway(d model.Decision) model.Decision {
	begun := v.halfway()
	if len(begun) == 0 || (d.Action != model.ActionNone && d.Action != model.ActionApply) || begunByAnother(v).Message != "" {
		return d
	}
	if len(v.s.Settings.Cluster) == 0 {
		return v.untilRead(d, &begun[0])
	}
	for i := range begun {
		if why := v.inUse(&begun[i]); why != "" {
			return v.leave(d, &begun[i], why)
		}
	}
	receipt := begun[0]
	if d.Action == model.ActionApply || v.mustWait(&receipt) || v.mayYetBeWanted(&receipt, d.WhyNot) {
		return d
	}
	at := v.in.Now
	receipt.Outcome, receipt.FinishedAt = api.OutcomeRolledBack, &at
	receipt.Message = "it was written to its ConfigMap and never rolled out, and is not wanted any more: " + orElse(d.WhyNot.Message, "the job needs no remedy")
	d.Action, d.Receipt = model.ActionRollback, &receipt
	return d
}

// untilRead writes nothing while nobody can tell whether Flink runs with what lies on the ConfigMaps: its JobManager is away, or was not asked yet.
func (v *view) untilRead(d model.Decision, r *model.Receipt) model.Decision {
	if d.Action != model.ActionApply {
		return d
	}
	held := refuse(api.ReasonRemedyPending, fmt.Sprintf("remedy %s lies on %s and was not rolled out; whether Flink runs with it all the same could not be "+
		"read, and nothing is written until it can.", r.ID, v.filesOf(r)))
	return model.Decision{Action: model.ActionNone, WhyNot: held, Refusals: []model.Refusal{held}, Advice: d.Advice}
}

// mustWait tells that a first half cannot be taken back now: the job is not judged, a rollout is on its way, somebody holds all writes back, or
// the API server refused it lately.
func (v *view) mustWait(r *model.Receipt) bool {
	return v.d.Health == api.HealthUnknown || v.standalone().Rolling != "" || len(v.ask(brakes, nil)) > 0 || v.refusedBefore(r).Refused()
}

// mayYetBeWanted tells that no cause is sure enough now, which may be for want of what a look caught or did not: that does not speak against a remedy
// before it would have been judged.
func (v *view) mayYetBeWanted(r *model.Receipt, why model.Refusal) bool {
	return why.Reason == api.ReasonUndetermined && v.in.Now.Before(r.AppliedAt.Add(time.Duration(r.Criterion.DeadlineSeconds)*time.Second))
}

// inUse says why a remedy that the workload does not know of is no first half that nothing runs with; empty where it is one. Somebody may have
// restarted the JobManager, or removed the receipts from the workload after the rollout. The template's hash stays where somebody put the text back.
func (v *view) inUse(r *model.Receipt) string {
	s := v.standalone()
	rolledOut := func(known model.Receipt) bool {
		return (known.InForce() || known.Outcome == api.OutcomeSuperseded) && inConfigMaps(&known)
	}
	switch {
	case v.runsWith(r):
		return "Flink runs with it"
	case s.ConfigHash != "" && !slices.ContainsFunc(v.target().Receipts, rolledOut) && !slices.ContainsFunc(v.target().Foreign, rolledOut):
		return "the pod template has the hash of a configuration that was rolled out"
	}
	return ""
}

func inConfigMaps(r *model.Receipt) bool {
	return slices.ContainsFunc(r.Changes, func(c model.ChangeRecord) bool { return c.Place != nil && c.Place.Kind == model.PlaceConfigMap })
}

// runsWith tells that the JobManager shows what a receipt wrote to a ConfigMap as its own configuration.
func (v *view) runsWith(r *model.Receipt) bool {
	return slices.ContainsFunc(r.Changes, func(c model.ChangeRecord) bool {
		value, known := v.s.Settings.Cluster[c.Field]
		return known && c.Place != nil && c.Place.Kind == model.PlaceConfigMap && !sameText(value, c.From) && sameText(value, c.To)
	})
}

// leave writes nothing over a remedy that is in use although the workload does not know of it, and says how a person settles it: its prior
// text in the file would be lost to the job with its next start, and another remedy would be sized from values that are not in force.
func (v *view) leave(d model.Decision, r *model.Receipt, why string) model.Decision {
	files := v.filesOf(r)
	held := refuse(api.ReasonRemedyPending, fmt.Sprintf("remedy %s lies on %s and %s, yet %s does not know of it: somebody restarted the JobManager, "+
		"or removed the annotation; nothing is written until a person says which holds.", r.ID, files, why, v.target().Key()))
	settle := fmt.Sprintf("To keep remedy %s, remove annotation %s from %s; to be rid of it, put %s there as well and restart the JobManager.",
		r.ID, api.AnnotationReceipts, files, priorValues(r))
	if d.Action == model.ActionApply {
		d = model.Decision{Action: model.ActionNone, WhyNot: held, Refusals: []model.Refusal{held}, Advice: d.Advice}
	}
	d.Advice = append([]string{held.Message, settle}, d.Advice...)
	return d
}

// filesOf names the ConfigMaps that a receipt lies halfway on.
func (v *view) filesOf(r *model.Receipt) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(v.standalone().Halfway)) {
		if v.standalone().Halfway[name].ID == r.ID {
			names = append(names, "ConfigMap/"+name)
		}
	}
	return strings.Join(names, " and ")
}

// halfUndone is the receipt in flight as a ConfigMap has it, where its undoing began there and the workload has not heard of it.
func (v *view) halfUndone() (model.Receipt, bool) {
	s, flying := v.standalone(), v.in.Verification.Receipt
	if s == nil || flying == nil {
		return model.Receipt{}, false
	}
	for _, name := range slices.Sorted(maps.Keys(s.Halfway)) {
		if r := s.Halfway[name]; r.ID == flying.ID && !r.InForce() {
			return r, true
		}
	}
	return model.Receipt{}, false
}

// tell completes a verdict that reached the workload and not a ConfigMap, which calls the remedy pending yet. It is bookkeeping: the mode does
// not hold it back, and what else was decided stands.
func (v *view) tell(d model.Decision) model.Decision {
	if s := v.standalone(); s != nil && d.Action == model.ActionNone && !v.heldBack() {
		for _, name := range slices.Sorted(maps.Keys(s.Untold)) {
			if r := s.Untold[name]; r.Owner == "" && !v.refusedBefore(&r).Refused() {
				d.Action, d.Receipt = model.ActionSettle, &r
				return d
			}
		}
	}
	return d
}

// heldBack tells that people hold even bookkeeping back.
func (v *view) heldBack() bool {
	return slices.ContainsFunc(v.ask(brakes, nil), func(why model.Refusal) bool { return !ofThePolicy(why) })
}
