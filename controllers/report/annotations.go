package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// pausedHead begins the assessment of a paused object, whatever its health.
	pausedHead = "Paused ("
	// strayHead begins the line about an annotation of ours that nobody reads; maxStray of them are told.
	strayHead = "Annotation "
	maxStray  = 2
)

// annotationPrefix is ours.
var annotationPrefix = strings.TrimSuffix(api.AnnotationPause, "pause")

// modeInForce is the policy's mode, or Paused.
func modeInForce(obj *api.CheckpointHealth, mode api.ModeInForce) api.ModeInForce {
	_, paused := obj.Annotations[api.AnnotationPause]
	switch {
	case paused:
		return api.ModePaused
	case mode == api.ModePaused:
		return "" // what the policy says is told by the next pass that reads it
	}
	return mode
}

// allowed is the policy's mode, but for a job that another CheckpointHealth is in charge of: there Remediate is no more than Recommend.
func allowed(pass *model.Pass) api.ModeInForce {
	if pass.Controls.LookedAfter != "" && pass.Policy.Mode == api.ModeRemediate {
		return api.ModeInForce(api.ModeRecommend)
	}
	return api.ModeInForce(pass.Policy.Mode)
}

// withAnnotations begins an assessment with what the object's annotations say: that it is paused and why, which of them nobody reads, and that an
// approval is not of the proposal that waits for one; toApprove is the hash of that, empty where none waits.
func withAnnotations(obj *api.CheckpointHealth, lines []string, toApprove string) []string {
	p := page{width: describeColumns}
	if why, paused := obj.Annotations[api.AnnotationPause]; paused {
		p.add("", 2, pausedHead+orElse(clean(why, 200), "no reason given")+"): nothing is written to the target.")
	}
	stray := strayAnnotations(obj)
	for _, key := range stray[:min(len(stray), maxStray)] {
		p.add("", 2, fmt.Sprintf("%s%s is not one that is read: %s and %s are.", strayHead, clean(key, 120), api.AnnotationPause, api.AnnotationApprove))
	}
	if given := obj.Annotations[api.AnnotationApprove]; given != "" && toApprove != "" && given != toApprove {
		p.add("", 2, fmt.Sprintf("%s%s: %s is of an earlier proposal, not of this one, which is %s.", strayHead, api.AnnotationApprove, clean(given, 64), toApprove))
	}
	if len(p.lines) == 0 {
		return lines
	}
	last := lines[len(lines)-1:]
	all := slices.Concat(p.lines, lines)
	if len(all) > api.MaxAssessmentLines { // the last line tells of when the figures are
		all = append(all[:api.MaxAssessmentLines-1:api.MaxAssessmentLines-1], last...)
	}
	return all
}

// toApprove is the hash of a proposal that waits for a person's approval; empty where none does.
func toApprove(d *model.Decision) string {
	if d.Remedy == nil || !slices.ContainsFunc(d.Refusals, func(r model.Refusal) bool { return strings.Contains(r.Message, api.AnnotationApprove) }) {
		return ""
	}
	return clean(d.Remedy.Hash, 64)
}

// strayAnnotations are those of our prefix on a CheckpointHealth that nobody reads, in order.
func strayAnnotations(obj *api.CheckpointHealth) []string {
	var stray []string
	for _, key := range slices.Sorted(maps.Keys(obj.Annotations)) {
		if strings.HasPrefix(key, annotationPrefix) && key != api.AnnotationPause && key != api.AnnotationApprove {
			stray = append(stray, key)
		}
	}
	return stray
}

// OfTheJob is what of an assessment is about the job: without the lines on annotations that stand before it.
func OfTheJob(assessment []string) []string {
	n := 0
	for n < len(assessment) && (strings.HasPrefix(assessment[n], pausedHead) || strings.HasPrefix(assessment[n], strayHead) || n > 0 && strings.HasPrefix(assessment[n], "  ")) {
		n++
	}
	return assessment[n:]
}

// toldAnnotations are what an assessment says of annotations: the pause, in one sentence, and the others.
func toldAnnotations(assessment []string) (paused, stray string) {
	var told []string
	for _, line := range assessment {
		more := strings.HasPrefix(line, "  ") && len(told) > 0
		if !more && !strings.HasPrefix(line, pausedHead) && !strings.HasPrefix(line, strayHead) {
			break
		}
		if more {
			told[len(told)-1] += " " + strings.TrimSpace(line)
			continue
		}
		told = append(told, line)
	}
	if len(told) > 0 && strings.HasPrefix(told[0], pausedHead) {
		return told[0], strings.Join(told[1:], " ")
	}
	return "", strings.Join(told, " ")
}

// annotations are what a write is worth: a pause is seen at once, with its reason.
func (g *gist) annotations(assessment []string) {
	paused, stray := toldAnnotations(assessment)
	g.say(paused, stray)
}

// annotations speaks where somebody paused the object or let it go on, misspelt what they meant to say, or approved what is no longer proposed.
func (c *change) annotations() []Event {
	var out []Event
	wasPaused, wasStray := toldAnnotations(c.old.Assessment)
	paused, stray := toldAnnotations(c.next.Assessment)
	switch {
	case paused != "" && wasPaused == "":
		out = append(out, Event{corev1.EventTypeNormal, api.ReasonPaused, actionReconcile, paused})
	case paused == "" && wasPaused != "":
		out = append(out, Event{corev1.EventTypeNormal, api.ReasonResumed, actionReconcile, "the annotation " + api.AnnotationPause + " is gone: the policy decides again"})
	}
	if stray != "" && stray != wasStray {
		out = append(out, Event{corev1.EventTypeWarning, api.ReasonUnknownAnnotation, actionReconcile, stray})
	}
	return out
}
