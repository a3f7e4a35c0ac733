package report

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxConditionMessage is what we allow ourselves; the API server takes 32768.
const maxConditionMessage = 1024

// conditions are all conditions after a pass. A condition keeps its transition time while its status stays the same.
func conditions(obj *api.CheckpointHealth, pass *model.Pass, next *api.CheckpointHealthStatus) []metav1.Condition {
	w := newConditionWriter(obj, pass.Now)
	ready(w, pass.Policy.Problem)
	checkpointsHealthy(w, pass, next)
	diagnosed(w, pass)
	remediating(w, pass)
	coolingDown(w, pass)
	configAligned(w, pass)
	return w.list
}

// ready is False where the job was assessed without the policy that it is to have. One that may yet be created does not stall.
func ready(w *conditionWriter, policy model.Refusal) {
	if !policy.Refused() {
		w.set(api.ConditionReady, metav1.ConditionTrue, api.ReasonReconciled, "The target was read and assessed.")
	} else {
		w.set(api.ConditionReady, metav1.ConditionFalse, policy.Reason, policy.Message)
	}
	if policy.Reason == api.ReasonPolicyInvalid {
		w.set(api.ConditionStalled, metav1.ConditionTrue, policy.Reason, policy.Message)
		return
	}
	w.set(api.ConditionStalled, metav1.ConditionFalse, api.ReasonProgressing, "Nothing stalls.")
}

type conditionWriter struct {
	list       []metav1.Condition
	generation int64
	now        time.Time
}

func newConditionWriter(obj *api.CheckpointHealth, now time.Time) *conditionWriter {
	// Conditions are plain values: a copy of the list shares nothing with the object.
	list := append(make([]metav1.Condition, 0, 8), obj.Status.Conditions...)
	return &conditionWriter{list: list, generation: obj.Generation, now: now}
}

func (w *conditionWriter) set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&w.list, metav1.Condition{
		Type: kind, Status: status, Reason: clean(orElse(reason, api.ReasonNone), 256), Message: clean(message, maxConditionMessage),
		ObservedGeneration: w.generation, LastTransitionTime: *moment(w.now),
	})
}

// checkpointsHealthy is the job's health: True (Healthy, AtRisk), False (Unhealthy), Unknown with why.
func checkpointsHealthy(w *conditionWriter, pass *model.Pass, next *api.CheckpointHealthStatus) {
	d := &pass.Diagnosis
	reason, message := d.Reason, d.Message
	if message == "" && len(next.Assessment) > 0 {
		message = next.Assessment[0]
	}
	switch d.Health {
	case api.HealthHealthy:
		// No figures: a healthy job's condition must not move.
		w.set(api.ConditionCheckpointsHealthy, metav1.ConditionTrue, api.ReasonHealthy, next.Assessment[0])
	case api.HealthAtRisk:
		w.set(api.ConditionCheckpointsHealthy, metav1.ConditionTrue, api.ReasonAtRisk, message)
	case api.HealthUnhealthy:
		w.set(api.ConditionCheckpointsHealthy, metav1.ConditionFalse, orElse(reason, api.ReasonUnhealthy), message)
	default:
		if pass.Snapshot != nil && !pass.Snapshot.Availability.Judgeable() {
			reason, message = pass.Snapshot.Availability.Reason, pass.Snapshot.WhyAway()
		}
		w.set(api.ConditionCheckpointsHealthy, metav1.ConditionUnknown, orElse(reason, api.ReasonTooFewCheckpoints), message)
	}
}

// diagnosed is True where a cause is likely or confirmed.
func diagnosed(w *conditionWriter, pass *model.Pass) {
	top := pass.Diagnosis.Top()
	switch {
	case !sickHealth(pass.Diagnosis.Health):
		w.set(api.ConditionDiagnosed, metav1.ConditionFalse, api.ReasonNothingToDiagnose, "The job is healthy or cannot be judged.")
	case top == nil || !sure(top):
		w.set(api.ConditionDiagnosed, metav1.ConditionFalse, api.ReasonUndetermined, "No cause is likely yet.")
	default:
		w.set(api.ConditionDiagnosed, metav1.ConditionTrue, string(top.Cause), causeName(top)+", "+verdictWord[top.Verdict]+": "+top.Summary)
	}
}

// sure tells whether a finding is likely enough to act on.
func sure(f *model.Finding) bool {
	return f.Cause != api.CauseUndetermined && (f.Verdict == api.VerdictLikely || f.Verdict == api.VerdictConfirmed)
}

// outcomeReason is the reason of Remediating for each outcome of the newest remedy.
var outcomeReason = map[api.Outcome]string{
	api.OutcomePending: api.ReasonRemedyPending, api.OutcomeEffective: api.ReasonRemedyEffective,
	api.OutcomeIneffective: api.ReasonRemedyIneffective, api.OutcomeHarmful: api.ReasonRemedyHarmful,
	api.OutcomeInconclusive: api.ReasonRemedyInconclusive, api.OutcomeRolledBack: api.ReasonRemedyRolledBack,
	api.OutcomeSuperseded: api.ReasonRemedySuperseded,
}

// remediating is True while a remedy is applied and not judged.
func remediating(w *conditionWriter, pass *model.Pass) {
	if r := pending(pass); r != nil {
		w.set(api.ConditionRemediating, metav1.ConditionTrue, api.ReasonRemedyPending,
			fmt.Sprintf("%s since %s (remedy %s). %s", recordsText(r.Changes), r.AppliedAt.UTC().Format(time.RFC3339), r.ID, sentence(verifying(pass, r))))
		return
	}
	if unreadable(pass) {
		status, reason := metav1.ConditionUnknown, api.ReasonNone
		if old := meta.FindStatusCondition(w.list, api.ConditionRemediating); old != nil {
			status, reason = old.Status, old.Reason // what cannot be read is not gone
		}
		w.set(api.ConditionRemediating, status, reason, "What was written before is not known: "+pass.Snapshot.Target.ReceiptsError)
		return
	}
	all := receipts(pass)
	if len(all) == 0 {
		w.set(api.ConditionRemediating, metav1.ConditionFalse, api.ReasonNone, "No remedy is in flight.")
		return
	}
	w.set(api.ConditionRemediating, metav1.ConditionFalse, orElse(outcomeReason[all[0].Outcome], api.ReasonNone),
		fmt.Sprintf("No remedy is in flight. The last one, %s, is %s.", recordsText(all[0].Changes), outcomeWord[all[0].Outcome]))
}

// unreadable tells that it is not known what was written before: what cannot be read is not gone.
func unreadable(pass *model.Pass) bool {
	return pass.Snapshot != nil && pass.Snapshot.Target.ReceiptsError != ""
}

// coolingDown is True from a remedy until the policy's cooldown has passed.
func coolingDown(w *conditionWriter, pass *model.Pass) {
	all := receipts(pass)
	if len(all) > 0 && pass.Policy.Guards.Cooldown > 0 {
		from := all[0].AppliedAt
		if all[0].FinishedAt != nil && all[0].FinishedAt.After(from) && all[0].Outcome == api.OutcomeRolledBack {
			from = *all[0].FinishedAt
		}
		if end := from.Add(pass.Policy.Guards.Cooldown); pass.Now.Before(end) {
			w.set(api.ConditionCoolingDown, metav1.ConditionTrue, api.ReasonCooldown, "No other remedy before "+end.UTC().Format(time.RFC3339)+".")
			return
		}
	}
	w.set(api.ConditionCoolingDown, metav1.ConditionFalse, api.ReasonNone, "No cooldown runs.")
}

// configAligned is False where the target does not run with what was written.
func configAligned(w *conditionWriter, pass *model.Pass) {
	if m := misaligned(pass); m.Refused() {
		w.set(api.ConditionConfigAligned, metav1.ConditionFalse, m.Reason, m.Message)
		return
	}
	if pass.Snapshot != nil && !pass.Snapshot.Availability.Judgeable() {
		w.keep(api.ConditionConfigAligned, "Nothing was read to compare with.")
		return
	}
	w.set(api.ConditionConfigAligned, metav1.ConditionTrue, api.ReasonAligned, "The target runs with what was written.")
}

// keep leaves a condition as it was; where there was none it is Unknown.
func (w *conditionWriter) keep(kind, message string) {
	if old := meta.FindStatusCondition(w.list, kind); old != nil {
		w.set(kind, old.Status, old.Reason, old.Message)
		return
	}
	w.set(kind, metav1.ConditionUnknown, api.ReasonNone, message)
}
