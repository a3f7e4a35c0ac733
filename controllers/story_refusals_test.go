package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// set changes a field of a manifest before it is created.
func set(value any, path ...string) func(*unstructured.Unstructured) {
	return func(u *unstructured.Unstructured) {
		// A path that cannot be set leaves the manifest as it is, and the story then fails.
		_ = unstructured.SetNestedField(u.Object, value, path...)
	}
}

// unset removes a field of a manifest.
func unset(path ...string) func(*unstructured.Unstructured) {
	return func(u *unstructured.Unstructured) { unstructured.RemoveNestedField(u.Object, path...) }
}

// Every reason not to write is a story: the same sick job each time, and one thing that forbids the remedy. The target is never touched, and
// the status names the reason and what a user can do.
func TestWhatForbidsARemedyIsSaidAndNothingIsWritten(t *testing.T) {
	stories := []struct {
		name, policy, reason, says string
		change                     func(*unstructured.Unstructured)
		before                     func(*world)
	}{
		{name: "mode Recommend", policy: strings.Replace(quick, "Remediate", "Recommend", 1), reason: api.ReasonModeRecommend, says: "Recommend"},
		{name: "lever only recommended", policy: quick + "remedies: {checkpointTimeout: {action: Recommend}}", reason: api.ReasonLeverRecommendOnly, says: "checkpointTimeout"},
		{name: "savepoint upgrades", policy: quick, change: set("savepoint", "spec", "job", "upgradeMode"), reason: api.ReasonUpgradeModeSavepoint, says: "last-state"},
		{name: "stateless upgrades", policy: quick, change: set("stateless", "spec", "job", "upgradeMode"), reason: api.ReasonUpgradeModeStateless, says: "state"},
		{name: "no upgrade mode", policy: quick, change: unset("spec", "job", "upgradeMode"), reason: api.ReasonUpgradeModeStateless, says: "stateless"},
		{name: "no high availability", policy: quick, change: unset("spec", "flinkConfiguration", "high-availability.type"), reason: api.ReasonNoHighAvailability, says: "high availability"},
		{name: "approval wanted", policy: strings.Replace(quick, "cooldownSeconds: 5", "cooldownSeconds: 5, approval: Required", 1), reason: api.ReasonApprovalRequired, says: "approve"},
		{name: "replay too long", policy: strings.Replace(quick, "cooldownSeconds: 5", "cooldownSeconds: 5, maxReplaySeconds: 1", 1), reason: api.ReasonReplayTooLong, says: "maxReplaySeconds"},
		{name: "paused", policy: quick, reason: api.ReasonPaused, says: "black friday", before: func(w *world) {
			health := w.health("payments")
			patch := client.MergeFrom(health.DeepCopy())
			health.Annotations = map[string]string{api.AnnotationPause: "black friday"}
			if err := admin.Patch(w.t.Context(), health, patch); err != nil {
				w.t.Fatal(err)
			}
		}},
		{name: "stop switch", policy: quick, reason: api.ReasonStopSwitch, says: "incident 4711", before: func(w *world) {
			stop := &corev1.ConfigMap{Data: map[string]string{"stop": "incident 4711"}}
			stop.Namespace, stop.Name = w.namespace, "stop-switch"
			w.create(stop)
		}},
		{name: "bound below the present value", policy: quick + `remedies: {checkpointTimeout: {maxSeconds: 5}, transferThreads: {action: "Off"}, maxConcurrentCheckpoints: {action: "Off"}, incrementalCheckpoints: {action: "Off"}}`,
			reason: api.ReasonNoRemedyLeft, says: "maxSeconds"},
	}
	for i, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t, "story-refusal-"+string(rune('a'+i)))
			change := story.change
			if change == nil {
				change = func(*unstructured.Unstructured) {}
			}
			w.deploy("payments", "payments", change)
			w.watch("payments", inline(story.policy))
			if story.before != nil {
				story.before(w)
			}
			w.run(90, "refused as "+story.reason, func() bool { return w.whyNot("payments") == story.reason })
			w.after(15)
			if got := w.target("payments").GetGeneration(); got != 1 {
				t.Errorf("the target was written: generation %d", got)
			}
			if _, ok := w.target("payments").GetAnnotations()[api.AnnotationReceipts]; ok {
				t.Error("the target carries a receipt")
			}
			if message := w.health("payments").Status.Recommendation.WhyNotNow.Message; !strings.Contains(message, story.says) {
				t.Errorf("the message lacks %q: %s", story.says, message)
			}
		})
	}
}

// A recommendation is complete: somebody who keeps the target in Git finds the patch in status, and it applies as it is.
func TestARecommendationCanBeAppliedByHand(t *testing.T) {
	w := newWorld(t, "story-by-hand")
	w.deploy("payments", "payments")
	w.watch("payments", inline(strings.Replace(quick, "Remediate", "Recommend", 1)))
	w.run(90, "recommended", func() bool { return w.whyNot("payments") == api.ReasonModeRecommend })
	patch := w.health("payments").Status.Recommendation.Patch
	if !strings.Contains(patch, "execution.checkpointing.timeout") {
		t.Fatalf("the patch does not change the timeout:\n%s", patch)
	}
	applyByHand(t, w, patch)
	w.run(120, "healthy", func() bool { return w.health("payments").Status.Health == api.HealthHealthy })
}

// Somebody else owns the timeout, by server-side apply as GitOps tools do. The operator yields, names the owner and says what to do.
func TestAFieldOfAnotherManagerIsLeftAlone(t *testing.T) {
	w := newWorld(t, "story-owner")
	w.deploy("payments", "payments", unset("spec", "flinkConfiguration", "execution.checkpointing.timeout"))
	owned := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"flinkConfiguration": map[string]any{"execution.checkpointing.timeout": "10 s"}}}}
	owned.SetGroupVersionKind(w.target("payments").GroupVersionKind())
	owned.SetNamespace(w.namespace)
	owned.SetName("payments")
	if err := admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(owned), client.FieldOwner("kustomize-controller"), client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
	w.watch("payments", inline(strings.Replace(quick, "Force", "Yield", 1)))
	w.run(120, "yields", func() bool { return w.whyNot("payments") == api.ReasonOwnedByOtherManager })
	message := w.health("payments").Status.Recommendation.WhyNotNow.Message
	if !strings.Contains(message, "kustomize-controller") && !strings.Contains(message, "Flux") {
		t.Errorf("the message does not name the owner: %s", message)
	}
	if got := w.timeout(); got != "10 s" {
		t.Errorf("the timeout of another manager was changed to %s", got)
	}
}
