package report

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Failure is why a pass ended before there was anything to judge: the target is missing, its CRD is, the policy is, RBAC forbids.
type Failure struct {
	// Reason is a reason of the condition Ready, such as TargetNotFound.
	Reason string
	// Message says what was looked for, what came back and what a user can do.
	Message string
	// Stalled is true where no retry cures it: a user must change something.
	Stalled bool
	// Policy is the policy that governs the object; nil where that was not read.
	Policy *model.Policy
}

// Failed is the status after a failed pass. What earlier passes learned of the job is dropped, for it is no longer known to hold; the
// history of remedies stays.
func Failed(obj *api.CheckpointHealth, f Failure, now time.Time) api.CheckpointHealthStatus {
	prev := &obj.Status
	out := api.CheckpointHealthStatus{
		ObservedGeneration: obj.Generation, Target: target(obj), Health: api.HealthUnknown, UnhealthySince: prev.UnhealthySince,
		Mode: modeInForce(obj, prev.Mode), LastRemedy: prev.LastRemedy, LastOutcome: prev.LastOutcome, Job: keptJob(prev.Job), Remediations: prev.Remediations,
		NetworkProbe: prev.NetworkProbe,
	}
	if prev.Target == out.Target {
		out.Baseline = prev.Baseline
	}
	p := page{width: describeColumns}
	p.add("Unknown: ", 2, sentence(clean(f.Message, 600)))
	if f.Stalled {
		p.add("", 2, "Nothing is read or written until that is changed; trying again by itself would not help.")
	} else {
		p.add("", 2, "It is tried again by itself. Nothing is written to the target meanwhile.")
	}
	if f.Policy != nil {
		out.Mode = modeInForce(obj, api.ModeInForce(f.Policy.Mode))
		if why := f.Policy.Problem; why.Refused() {
			p.add("Policy: ", 2, sentence(clean(why.Message, 600)))
		}
	}
	out.Assessment = withStamp(p.lines, now)
	w := newConditionWriter(obj, now)
	w.set(api.ConditionReady, metav1.ConditionFalse, f.Reason, f.Message)
	if f.Stalled {
		w.set(api.ConditionStalled, metav1.ConditionTrue, f.Reason, f.Message)
	} else {
		w.set(api.ConditionStalled, metav1.ConditionFalse, api.ReasonProgressing, "It is tried again by itself.")
	}
	w.set(api.ConditionCheckpointsHealthy, metav1.ConditionUnknown, f.Reason, f.Message)
	w.set(api.ConditionDiagnosed, metav1.ConditionFalse, api.ReasonNothingToDiagnose, "The job cannot be judged.")
	if f.Reason == api.ReasonTargetNotFound && meta.IsStatusConditionTrue(w.list, api.ConditionRemediating) {
		w.set(api.ConditionRemediating, metav1.ConditionFalse, api.ReasonNone, "The target is gone, and the remedy in flight with it.")
	}
	out.Conditions = w.list
	out.Assessment = withAnnotations(obj, out.Assessment, "")
	return out
}

// suspendedLine begins the assessment of a suspended object.
const suspendedLine = "Suspended (spec.suspend): nothing is read or written."

// suspendedNow tells whether an assessment is of a suspended object.
func suspendedNow(assessment []string) bool {
	lines := OfTheJob(assessment)
	return len(lines) > 0 && lines[0] == suspendedLine
}

// Suspended is the status of an object with spec.suspend. What was seen last stays, under a line that says so; health is Unknown, for
// nothing fresh is known. What the annotations say is as fresh as ever.
func Suspended(obj *api.CheckpointHealth, now time.Time) api.CheckpointHealthStatus {
	out := *obj.Status.DeepCopy()
	out.ObservedGeneration, out.Target, out.Health, out.Mode = obj.Generation, target(obj), api.HealthUnknown, modeInForce(obj, out.Mode)
	lines := OfTheJob(out.Assessment)
	if !suspendedNow(lines) {
		head := []string{suspendedLine}
		if len(lines) > 0 {
			head = append(head, "What was seen last:")
		}
		lines = append(head, lines...)
		lines = lines[:min(len(lines), api.MaxAssessmentLines)]
	}
	out.Assessment = withAnnotations(obj, lines, "")
	w := newConditionWriter(obj, now)
	w.set(api.ConditionReady, metav1.ConditionTrue, api.ReasonSuspended, "spec.suspend is true: nothing is read or written until it is false.")
	w.set(api.ConditionStalled, metav1.ConditionFalse, api.ReasonProgressing, "Nothing stalls.")
	w.set(api.ConditionCheckpointsHealthy, metav1.ConditionUnknown, api.ReasonSuspended, "spec.suspend is true: nothing fresh is known.")
	out.Conditions = w.list
	return out
}
