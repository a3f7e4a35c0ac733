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
		step := func(what string, annotations map[string]string, mode api.ModeInForce, first, event string) {
			t.Helper()
			o.Annotations = annotations
			next := status(o)
			if !Changed(&o.Status, &next) {
				t.Errorf("%s, %s: is not worth a write", name, what)
			}
			if mode != "" && next.Mode != mode {
				t.Errorf("%s, %s: the mode is %q, want %q", name, what, next.Mode, mode)
			}
			if text := strings.Join(next.Assessment, " "); !strings.HasPrefix(text, first) {
				t.Errorf("%s, %s: the assessment begins %q, want %q", name, what, next.Assessment[0], first)
			}
			if said := eventLines(Events(&o.Status, &next, nil)); !strings.Contains(said, event) {
				t.Errorf("%s, %s: said is %q, want %q", name, what, said, event)
			}
			o.Status = next
			again := status(o)
			if Changed(&o.Status, &again) || len(Events(&o.Status, &again, nil)) > 0 {
				t.Errorf("%s, %s: said twice", name, what)
			}
		}
		if name == "failed" && !strings.HasPrefix(o.Status.Assessment[len(o.Status.Assessment)-1], "As of ") {
			t.Errorf("%s: does not say when it was so: %q", name, o.Status.Assessment)
		}
		body := o.Status.Assessment
		step("paused", map[string]string{api.AnnotationPause: "me and why"}, api.ModePaused, "Paused (me and why): nothing is written to the target.", "Paused (me and why)")
		step("resumed", nil, "", o.Status.Assessment[1][:7], api.ReasonResumed)
		if !slices.Equal(o.Status.Assessment, body) {
			t.Errorf("%s, resumed: the assessment is %q, want what it was before the pause: %q", name, o.Status.Assessment, body)
		}
		step("misspelt", map[string]string{annotationPrefix + "paus": "x"}, "", "Annotation flink.checkpointhealth.dev/paus is not one that is read:", api.ReasonUnknownAnnotation)
		if len(o.Status.Assessment) > api.MaxAssessmentLines {
			t.Errorf("%s: %d lines", name, len(o.Status.Assessment))
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
