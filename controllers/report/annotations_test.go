package report

import (
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// In an incident one wants to see that the pause took, of a job whose JobManager does not answer as of any other, and that a misspelt one did not.
func TestAnnotationsAreSeen(t *testing.T) {
	failed := func(o *api.CheckpointHealth) api.CheckpointHealthStatus {
		return Failed(o, Failure{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment prod/payments does not exist"}, at)
	}
	for name, status := range map[string]func(*api.CheckpointHealth) api.CheckpointHealthStatus{
		"healthy":     func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Status(o, base()) },
		"sick":        func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Status(o, slowStorage()) },
		"unreachable": func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Status(o, unreachable()) },
		"failed":      failed,
		"suspended":   func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Suspended(o, at) },
	} {
		o := object()
		o.Status = status(o)
		w := annotated{t, name, o, status}
		if name == "failed" && !strings.HasPrefix(o.Status.Assessment[len(o.Status.Assessment)-1], "As of ") {
			t.Errorf("%s: does not say when it was so: %q", name, o.Status.Assessment)
		}
		body := o.Status.Assessment
		w.step("paused", map[string]string{api.AnnotationPause: "me and why"}, api.ModePaused, "Paused (me and why): nothing is written to the target.", "Paused (me and why)")
		w.step("resumed", nil, "", o.Status.Assessment[1][:7], api.ReasonResumed)
		if !slices.Equal(o.Status.Assessment, body) {
			t.Errorf("%s, resumed: the assessment is %q, want what it was before the pause: %q", name, o.Status.Assessment, body)
		}
		w.step("misspelt", map[string]string{annotationPrefix + "paus": "x"}, "", "Annotation flink.checkpointhealth.dev/paus is not one that is read:", api.ReasonUnknownAnnotation)
		if len(o.Status.Assessment) > api.MaxAssessmentLines {
			t.Errorf("%s: %d lines", name, len(o.Status.Assessment))
		}
	}
}

// Who approves what was proposed a minute ago is told that it is not what is proposed now; the present approval is no news, and where none is waited
// for an old one is none either.
func TestAnApprovalOfAnEarlierProposalIsTold(t *testing.T) {
	pass := slowStorage()
	asks := []model.Refusal{{Reason: api.ReasonApprovalRequired, Message: "approve it with the annotation " + api.AnnotationApprove + ": " + pass.Decision.Remedy.Hash}}
	looked := func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Status(o, pass) }
	o := object()
	pass.Decision.Refusals = asks
	o.Status = looked(o)
	body := o.Status.Assessment
	w := annotated{t, "waiting", o, looked}
	told := "Annotation flink.checkpointhealth.dev/approve: 58274208e9 is of an earlier proposal, not of this one"
	w.step("stale", map[string]string{api.AnnotationApprove: "58274208e9"}, "", told[:40], api.ReasonUnknownAnnotation)
	if text := strings.Join(strings.Fields(strings.Join(o.Status.Assessment, " ")), " "); !strings.Contains(text, told) || !slices.Equal(OfTheJob(o.Status.Assessment), body) {
		t.Errorf("said is %q", text)
	}
	for name, still := range map[string]struct {
		approved string
		refusals []model.Refusal
	}{"the present one": {pass.Decision.Remedy.Hash, asks}, "none is waited for": {"58274208e9", nil}} {
		o.Annotations[api.AnnotationApprove], pass.Decision.Refusals = still.approved, still.refusals
		if status := looked(o); strings.HasPrefix(status.Assessment[0], strayHead) {
			t.Errorf("%s: told: %q", name, status.Assessment[0])
		}
	}
}

// A pause holds while the object is suspended: it is neither gone with spec.suspend nor new without it, and what is done to it meanwhile is said.
func TestAPauseOutlastsASuspension(t *testing.T) {
	why := map[string]string{api.AnnotationPause: "release week"}
	looked := func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Status(o, slowStorage()) }
	suspended := func(o *api.CheckpointHealth) api.CheckpointHealthStatus { return Suspended(o, at) }
	o := object()
	o.Status = looked(o)
	for _, step := range []struct {
		name        string
		annotations map[string]string
		status      func(*api.CheckpointHealth) api.CheckpointHealthStatus
		paused      bool
		event       string // Paused, Resumed or none of them
	}{
		{"paused", why, looked, true, api.ReasonPaused},
		{"suspended", why, suspended, true, ""},
		{"no longer suspended", why, looked, true, ""},
		{"suspended again", why, suspended, true, ""},
		{"resumed while suspended", nil, suspended, false, api.ReasonResumed},
		{"paused while suspended", why, suspended, true, api.ReasonPaused},
		{"resumed with the end of the suspension", nil, looked, false, api.ReasonResumed},
	} {
		o.Annotations = step.annotations
		next := step.status(o)
		if !Changed(&o.Status, &next) {
			t.Errorf("%s: is not worth a write", step.name)
		}
		if got := next.Mode == api.ModePaused; got != step.paused {
			t.Errorf("%s: the mode is %q, want paused %t", step.name, next.Mode, step.paused)
		}
		said := ""
		for _, e := range Events(&o.Status, &next, &model.Pass{}) {
			if e.Reason == api.ReasonPaused || e.Reason == api.ReasonResumed {
				said += e.Reason
			}
		}
		if said != step.event {
			t.Errorf("%s: said is %q, want %q", step.name, said, step.event)
		}
		o.Status = next
	}
}

// annotated is an object whose status is written anew after each change of its annotations.
type annotated struct {
	t      *testing.T
	name   string
	o      *api.CheckpointHealth
	status func(*api.CheckpointHealth) api.CheckpointHealthStatus
}

// step puts the annotations in place and asks for the mode ("" = whichever), how the assessment begins and what the events say, once.
func (w annotated) step(what string, annotations map[string]string, mode api.ModeInForce, first, event string) {
	w.t.Helper()
	w.o.Annotations = annotations
	next := w.status(w.o)
	if !Changed(&w.o.Status, &next) {
		w.t.Errorf("%s, %s: is not worth a write", w.name, what)
	}
	if mode != "" && next.Mode != mode {
		w.t.Errorf("%s, %s: the mode is %q, want %q", w.name, what, next.Mode, mode)
	}
	if text := strings.Join(next.Assessment, " "); !strings.HasPrefix(text, first) {
		w.t.Errorf("%s, %s: the assessment begins %q, want %q", w.name, what, next.Assessment[0], first)
	}
	if said := eventLines(Events(&w.o.Status, &next, nil)); !strings.Contains(said, event) {
		w.t.Errorf("%s, %s: said is %q, want %q", w.name, what, said, event)
	}
	w.o.Status = next
	again := w.status(w.o)
	if Changed(&w.o.Status, &again) || len(Events(&w.o.Status, &again, nil)) > 0 {
		w.t.Errorf("%s, %s: said twice", w.name, what)
	}
}
