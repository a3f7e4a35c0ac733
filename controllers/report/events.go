package report

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Event is one change as a person reads it. Type is Normal or Warning; Reason is one of the API's reasons; Action is the verb in CamelCase
// that events.k8s.io wants; Note is at most maxNote characters.
type Event struct {
	Type, Reason, Action, Note string
}

// maxNote is the API server's bound of an event's note (events.k8s.io/v1).
const maxNote = 1024

// The actions of events.k8s.io: what the operator did when it had something to say.
const (
	actionDiagnose  = "Diagnose"
	actionRecommend = "Recommend"
	actionApply     = "ApplyRemedy"
	actionVerify    = "VerifyRemedy"
	actionRollback  = "RollBackRemedy"
	actionReconcile = "Reconcile"
)

// rules is the table of events: each row compares what was written before with what is said now, and speaks at most once a change.
var rules = []struct {
	name string
	say  func(*change) []Event
}{
	{"this generation cannot be reconciled, or can be again", (*change).ready},
	{"somebody paused it, or let it go on, or meant to", (*change).annotations},
	{"the job became sick or unreadable", (*change).sickness},
	{"a cause became the likely one", (*change).diagnosis},
	{"a remedy was applied, judged or undone", (*change).remedies},
	{"the logs say something after a remedy that is worth watching", (*change).watch},
	{"somebody took our value back, or Flink does not run with it", (*change).alignment},
	{"a remedy is known and something holds it back", (*change).waiting},
	{"the job is healthy again", (*change).recovery},
}

// change is a pass seen from its events: what was said before, what is said now.
type change struct {
	old, next *api.CheckpointHealthStatus
	pass      *model.Pass
	// looked tells that somebody asked how the job is: neither a pass that failed does nor a suspended one.
	looked bool
}

// Events are what there is to say of a change from old to next; none where nothing changed. pass may be nil (a failed pass).
func Events(old, next *api.CheckpointHealthStatus, pass *model.Pass) []Event {
	c := &change{old: old, next: next, pass: pass, looked: pass != nil}
	if pass == nil {
		c.pass = &model.Pass{}
	}
	var out []Event
	for i := range rules {
		for _, e := range rules[i].say(c) {
			e.Note = clean(e.Note, maxNote)
			out = append(out, e)
		}
	}
	return out
}

func (c *change) condition(kind string) (old, next *metav1.Condition) {
	return meta.FindStatusCondition(c.old.Conditions, kind), meta.FindStatusCondition(c.next.Conditions, kind)
}

func (c *change) ready() []Event {
	old, next := c.condition(api.ConditionReady)
	if next == nil || next.Status != metav1.ConditionFalse || (old != nil && old.Status == next.Status && old.Reason == next.Reason) {
		return nil
	}
	return []Event{{corev1.EventTypeWarning, next.Reason, actionReconcile, next.Message}}
}

func (c *change) sickness() []Event {
	if !c.looked {
		return nil
	}
	old, next := c.condition(api.ConditionCheckpointsHealthy)
	if next == nil || (old != nil && old.Reason == next.Reason) {
		return nil
	}
	switch next.Reason {
	case api.ReasonHealthy, api.ReasonTooFewCheckpoints, api.ReasonUpgrading, api.ReasonSuspended:
		return nil
	}
	if c.next.Health == api.HealthUnknown && old == nil {
		return nil // the first look at a job that is just starting
	}
	if c.newlyDiagnosed() {
		return nil // the event of the diagnosis says it
	}
	return []Event{{corev1.EventTypeWarning, next.Reason, actionDiagnose, next.Message}}
}

// newlyDiagnosed tells whether a cause became the likely one.
func (c *change) newlyDiagnosed() bool {
	old, next := c.condition(api.ConditionDiagnosed)
	if next == nil || next.Status != metav1.ConditionTrue {
		return false
	}
	return old == nil || old.Status != metav1.ConditionTrue || old.Reason != next.Reason
}

func (c *change) diagnosis() []Event {
	if !c.newlyDiagnosed() {
		return nil
	}
	_, next := c.condition(api.ConditionDiagnosed)
	return []Event{{corev1.EventTypeNormal, api.ReasonDiagnosed, actionDiagnose, next.Message}}
}

func (c *change) remedies() []Event {
	var out []Event
	// Oldest first, as they happened.
	for i := len(c.next.Remediations) - 1; i >= 0; i-- {
		r := &c.next.Remediations[i]
		before := c.outcomeBefore(r.ID)
		if c.reloaded() {
			if !c.wroteNow(r.ID) {
				continue // no news
			}
			if c.pass.Written.Action != model.ActionApply {
				before = api.OutcomePending // that it was applied was told then
			}
		}
		if before == "" {
			out = append(out, Event{corev1.EventTypeNormal, api.ReasonRemedyApplied, actionApply,
				fmt.Sprintf("%s on %s (remedy %s, %s)", changeNote(r), orElse(r.Object, c.next.Target), r.ID, c.costNote(r.ID)) + c.earlyNote(r.ID)})
		}
		if r.Outcome != before && r.Outcome != api.OutcomePending {
			out = append(out, c.outcomeEvent(r))
		}
	}
	return out
}

// reloaded tells that history is there of which status kept none: the object is new to us, or an older CustomResourceDefinition does not take the list,
// or did not until now.
func (c *change) reloaded() bool {
	return c.old.ObservedGeneration == 0 || len(c.old.Remediations) == 0 && c.old.LastRemedy != ""
}

func (c *change) wroteNow(id string) bool {
	w := c.pass.Written
	return w != nil && w.Receipt != nil && w.Receipt.ID == id
}

func (c *change) outcomeBefore(id string) api.Outcome {
	for i := range c.old.Remediations {
		if c.old.Remediations[i].ID == id {
			return c.old.Remediations[i].Outcome
		}
	}
	return ""
}

// earlyNote says why a job was treated whose checkpoints do not yet expire as often as makes it Unhealthy: its policy says so, and by default none does.
func (c *change) earlyNote(id string) string {
	if !c.wroteNow(id) || c.pass.Written.Receipt.Baseline.Health != api.HealthAtRisk {
		return ""
	}
	return "; the job is at risk only, and is treated as the policy's detection.treat is AtRisk"
}

func (c *change) costNote(id string) string {
	if r := c.pass.Decision.Remedy; r != nil && strings.HasPrefix(id, r.Hash+"-") {
		switch r.Cost {
		case api.CostNoRestart:
			return "no restart"
		case api.CostClusterRestart:
			return "restart of every job of the cluster expected"
		case api.CostJobRestart:
		}
	}
	return "restart expected"
}

func changeNote(r *api.Remediation) string { return changesNote(r.Changes) }

func (c *change) outcomeEvent(r *api.Remediation) Event {
	e := Event{Type: corev1.EventTypeNormal, Reason: outcomeReason[r.Outcome], Action: actionVerify}
	e.Note = changeNote(r) + ": " + orElse(r.Message, outcomeWord[r.Outcome])
	switch r.Outcome {
	case api.OutcomeRolledBack:
		e.Type, e.Action = corev1.EventTypeWarning, actionRollback
	case api.OutcomeIneffective, api.OutcomeHarmful, api.OutcomeInconclusive, api.OutcomeSuperseded:
		e.Type = corev1.EventTypeWarning
	case api.OutcomeEffective:
		if c.next.Cause == r.Cause && sickHealth(c.next.Health) {
			e.Note += "; what was asked of it is met, and the job is still " + strings.ToLower(healthWord[c.next.Health]) + " of the same cause: another remedy may follow"
		}
	case api.OutcomePending:
	}
	return e
}

func (c *change) alignment() []Event {
	old, next := c.condition(api.ConditionConfigAligned)
	if next == nil || next.Status != metav1.ConditionFalse || (old != nil && old.Status == next.Status && old.Reason == next.Reason) {
		return nil
	}
	return []Event{{corev1.EventTypeWarning, next.Reason, actionVerify, next.Message}}
}

// waiting speaks once for each remedy and reason. Reasons that pass by themselves within moments are not worth an event.
func (c *change) waiting() []Event {
	r := &c.next.Recommendation
	if r.WhyNotNow.Reason == "" || len(r.Changes) == 0 || c.said(r) {
		return nil
	}
	what := changesNote(r.Changes)
	switch r.WhyNotNow.Reason {
	case api.ReasonRemedyPending, api.ReasonFreshStart, api.ReasonSnapshotIncomplete, api.ReasonTargetChanged:
		return nil
	case api.ReasonRevertedByGitOps, api.ReasonOverriddenInCode, api.ReasonNestedDuplicate, api.ReasonIgnoredByFlink, api.ReasonNotInForce:
		return nil // the event of ConfigAligned says it
	case api.ReasonModeRecommend, api.ReasonModeObserve, api.ReasonPolicyNotFound, api.ReasonPolicyInvalid, api.ReasonLeverRecommendOnly, api.ReasonHealthyNothingToDo,
		api.ReasonLookedAfterByAnother:
		return []Event{{corev1.EventTypeNormal, api.ReasonRecommended, actionRecommend, "would set " + what + "; " + r.WhyNotNow.Message}}
	case api.ReasonDryRunRefused, api.ReasonWriteFailed, api.ReasonForbidden:
		return []Event{{corev1.EventTypeWarning, r.WhyNotNow.Reason, actionApply, "could not set " + what + "; " + r.WhyNotNow.Message}}
	}
	return []Event{{corev1.EventTypeNormal, api.ReasonWaiting, actionRecommend, "would set " + what + "; " + r.WhyNotNow.Message}}
}

// said tells whether the same remedy was held back for the same reason before.
func (c *change) said(r *api.Recommendation) bool {
	o := &c.old.Recommendation
	return o.WhyNotNow.Reason == r.WhyNotNow.Reason && changesNote(o.Changes) == changesNote(r.Changes)
}

func changesNote(changes []api.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, shortField(c.Field)+" "+fromTo(c.Field, c.From, c.To, " -> "))
	}
	return orElse(strings.Join(out, ", "), "no fields")
}

// recovery speaks where a spell of illness ended, through Unknown as well.
func (c *change) recovery() []Event {
	if c.next.Health != api.HealthHealthy || (!sickHealth(c.old.Health) && c.old.UnhealthySince == nil) {
		return nil
	}
	note := "checkpoints complete again"
	if c.old.UnhealthySince != nil {
		note += "; unhealthy since " + c.old.UnhealthySince.UTC().Format("2 Jan 15:04 UTC")
	}
	if c.old.Cause != "" {
		note += ", cause " + string(c.old.Cause)
	}
	return []Event{{corev1.EventTypeNormal, api.ReasonRecovered, actionDiagnose, note}}
}
