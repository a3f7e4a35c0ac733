package report

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// How long figures that move on their own may stand in status before they are renewed. Healthy jobs have no such figures.
const (
	// refreshSick is for jobs that are sick or cannot be judged: four writes an hour at most.
	refreshSick = 15 * time.Minute
	// refreshPending is for jobs whose remedy is being verified: people watch.
	refreshPending = time.Minute
)

// RefreshAfter is after what time a status whose figures alone moved is written again; 0 means never.
func RefreshAfter(s *api.CheckpointHealthStatus) time.Duration {
	switch {
	case s.LastOutcome == api.OutcomePending:
		return refreshPending
	case s.Health == api.HealthHealthy:
		return 0
	}
	return refreshSick
}

// Changed tells whether next says something that old does not: another health, cause, verdict, outcome, recommendation, setting, reason.
// Figures that move on their own (ages, counts within the window, durations, scores, the wording of evidence) are no change.
func Changed(old, next *api.CheckpointHealthStatus) bool { return essence(old) != essence(next) }

// Merge returns the status to keep and whether it is worth a write: next where something changed or where a refresh is due and any figure
// moved, else old, byte for byte. So an object at rest is never written.
func Merge(old, next *api.CheckpointHealthStatus, refreshDue bool) (api.CheckpointHealthStatus, bool) {
	if Changed(old, next) || (refreshDue && RefreshAfter(next) > 0 && !sameFigures(old, next)) {
		return *next.DeepCopy(), true
	}
	return *old.DeepCopy(), false
}

// sameFigures tells whether two statuses are equal but for the time stamp of their assessments.
func sameFigures(old, next *api.CheckpointHealthStatus) bool {
	a, b := old.DeepCopy(), next.DeepCopy()
	a.Assessment, b.Assessment = unstamped(a.Assessment), unstamped(b.Assessment)
	return reflect.DeepEqual(a, b)
}

func unstamped(lines []string) []string {
	if n := len(lines); n > 0 && strings.HasPrefix(lines[n-1], stampPrefix) {
		return lines[:n-1]
	}
	return lines
}

// essence is what a status says, without the figures that move on their own.
func essence(s *api.CheckpointHealthStatus) string {
	var b strings.Builder
	say := func(v ...any) { fmt.Fprintln(&b, v...) }
	say(s.ObservedGeneration, s.Target, s.Health, s.Cause, s.Mode, s.LastRemedy, s.LastOutcome, instant(s.UnhealthySince))
	if len(s.Assessment) > 0 {
		// Written at all, and suspended or not.
		say("assessment", s.Assessment[0] == suspendedLine)
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		say(c.Type, c.Status, c.Reason, c.ObservedGeneration)
		if steadyMessage(c) {
			say(figureless(c.Message))
		}
	}
	if s.Job != nil {
		say(s.Job.ID, s.Job.Name, s.Job.State, s.Job.FlinkVersion)
	}
	sayCheckpoints(say, s.Checkpoints)
	saySettings(say, s.Settings)
	sayDiagnoses(say, s.Diagnoses)
	sayRecommendation(say, s.Recommendation)
	for i := range s.Remediations {
		r := &s.Remediations[i]
		say(r.ID, r.Outcome, instant(r.FinishedTime), r.Message)
	}
	return b.String()
}

// steadyMessage tells whether a condition's message is worth a write of its own: the ones that tell a user what to change.
func steadyMessage(c *metav1.Condition) bool {
	switch c.Type {
	case api.ConditionReady, api.ConditionStalled:
		return true
	case api.ConditionConfigAligned, api.ConditionRemediating:
		return c.Status == metav1.ConditionFalse
	}
	return false
}

// figures are numbers with what follows them directly: 9m52s, 1.1, 10.0.0.7:6122, 2026-07-28T02:14:00Z.
var figures = regexp.MustCompile(`\d[0-9A-Za-z.:%-]*`)

// figureless masks the figures of a text.
func figureless(s string) string { return figures.ReplaceAllString(s, "#") }

// sayCheckpoints tells only whether something expired or failed: the counts themselves move as checkpoints enter and leave the history.
func sayCheckpoints(say func(...any), c *api.CheckpointsStatus) {
	if c != nil {
		say("checkpoints", positive(c.Expired), positive(c.Failed), positive(c.ConsecutiveExpired))
	}
}

func positive(n *int32) bool { return n != nil && *n > 0 }

func saySettings(say func(...any), s *api.SettingsStatus) {
	if s == nil {
		return
	}
	for _, v := range []*api.SettingStatus{s.Timeout, s.Interval, s.MinPause, s.MaxConcurrent, s.Unaligned, s.Incremental, s.JobManagerCPU, s.JobManagerMemory} {
		if v == nil {
			say("-")
		} else {
			say(v.Value, v.Origin)
		}
	}
}

// sayDiagnoses tells the first cause and the ones as sure as it; the order of the rest moves with the evidence.
func sayDiagnoses(say func(...any), all []api.Diagnosis) {
	for i := range all {
		d := &all[i]
		if i == 0 || d.Verdict == api.VerdictConfirmed || d.Verdict == api.VerdictLikely {
			say(d.Cause, d.SubCause, d.Verdict)
		}
	}
}

func sayRecommendation(say func(...any), r *api.Recommendation) {
	if r == nil {
		return
	}
	say("recommendation", r.Hash, r.Cause, r.Cost, r.Changes)
	if r.WhyNotNow == nil {
		return
	}
	say(r.WhyNotNow.Reason)
	switch r.WhyNotNow.Reason {
	case api.ReasonPaused, api.ReasonStopSwitch, api.ReasonOwnedByOtherManager, api.ReasonDryRunRefused, api.ReasonWriteFailed:
		// What a person or another program said: worth a write where it is something else.
		say(figureless(r.WhyNotNow.Message))
	}
}

func instant(t *metav1.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
