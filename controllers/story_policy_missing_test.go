package controllers

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A policyRef that names no policy, or one that cannot be used, takes nothing of the diagnosis: the job is judged, the remedy recommended, health
// told by its events, and nothing written.
func TestWithoutItsPolicyAJobIsJudged(t *testing.T) {
	for name, c := range map[string]struct{ policy, spec, reason, says string }{
		"misspelt":   {"prod", quick, api.ReasonPolicyNotFound, `is "prod" meant?`},
		"unreadable": {"prodd", strings.Replace(quick, "guards: {", "guards: {windows: [{schedule: '0 4 * * 9', durationSeconds: 3600}], ", 1), api.ReasonPolicyInvalid, "windows[0].schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "story-policy-"+name)
			w.policy(c.policy, c.spec)
			w.deploy("payments", "payments")
			generation := w.target("payments").GetGeneration()
			w.watch("payments", "policyRef: {name: prodd}\n")
			w.run(120, "a remedy recommended", func() bool { return len(w.health("payments").Status.Recommendation.Changes) > 0 })
			w.after(30)
			s := w.health("payments").Status
			ready := meta.FindStatusCondition(s.Conditions, api.ConditionReady)
			if ready.Status != metav1.ConditionFalse || ready.Reason != c.reason || !strings.Contains(ready.Message, c.says) {
				t.Errorf("the condition does not say %q: %+v", c.says, ready)
			}
			if !meta.IsStatusConditionTrue(s.Conditions, api.ConditionDiagnosed) || s.Mode != api.ModeInForce(api.ModeRecommend) {
				t.Errorf("mode %s, cause %s\n%s", s.Mode, s.Cause, w.story())
			}
			for _, event := range []string{c.reason, api.ReasonDiagnosed, api.ReasonRecommended} {
				if !w.told(event) {
					t.Errorf("no event %s\n%s", event, w.story())
				}
			}
			if got := w.target("payments").GetGeneration(); got != generation || len(s.Remediations) > 0 {
				t.Errorf("something was written without leave: generation %d, then %d\n%s", generation, got, w.story())
			}
		})
	}
}

// A remedy in flight whose policy is deleted is judged by the criterion that it was written with, and its outcome recorded; nothing else is begun.
func TestARemedyWhosePolicyIsGoneIsJudged(t *testing.T) {
	w := newWorld(t, "story-policy-gone")
	w.policy("prod", quick)
	w.deploy("payments", "payments")
	w.watch("payments", "policyRef: {name: prod}\n")
	w.run(120, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	if err := admin.Delete(t.Context(), object(t, "RemediationPolicy", w.namespace, "prod", quick)); err != nil {
		t.Fatal(err)
	}
	w.run(240, "judged", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	if s := w.health("payments").Status; len(s.Remediations) != 1 || meta.IsStatusConditionTrue(s.Conditions, api.ConditionReady) {
		t.Errorf("%d remedies, conditions %+v", len(s.Remediations), s.Conditions)
	}
}
