package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// applyByHand merges a patch from status into its target, as kubectl patch --type=merge does.
func applyByHand(t *testing.T, w *world, patch string) {
	t.Helper()
	text, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		t.Fatalf("the patch is no YAML: %v\n%s", err, patch)
	}
	if err := admin.Patch(t.Context(), w.target("payments"), client.RawPatch("application/merge-patch+json", text)); err != nil {
		t.Fatal(err)
	}
}

// What a user can get wrong is answered by a condition with a reason and a message to act on, and looked at again.
func TestBadInputIsAnsweredByACondition(t *testing.T) {
	const flinkTarget = "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, name: payments}\n"
	stories := []struct {
		name, spec, condition, reason, says string
		deploy                              bool
		retried                             bool
	}{
		{name: "target missing", spec: flinkTarget, condition: api.ConditionReady, reason: api.ReasonTargetNotFound, says: "payments", retried: true},
		{name: "kind unknown", spec: "targetRef: {apiVersion: v1, kind: ConfigMap, name: payments}", condition: api.ConditionStalled, reason: api.ReasonTargetKindUnknown, says: "FlinkDeployment", retried: true},
		{name: "CRD not installed", spec: "targetRef: {apiVersion: flink.apache.org/v9, kind: FlinkDeployment, name: payments}", condition: api.ConditionReady, reason: api.ReasonTargetCRDMissing, says: "CustomResourceDefinition", retried: true},
		{name: "policy missing", spec: flinkTarget + "policyRef: {name: prod}", deploy: true, condition: api.ConditionReady, reason: api.ReasonPolicyNotFound, says: "prod", retried: true},
		{name: "unreadable schedule", spec: flinkTarget + "policy: {guards: {windows: [{schedule: '0 4 * * 9', durationSeconds: 3600}]}}", deploy: true,
			condition: api.ConditionStalled, reason: api.ReasonPolicyInvalid, says: "spec.guards.windows[0].schedule", retried: true},
		{name: "no such job", spec: flinkTarget + "jobSelector: {name: other}", deploy: true, condition: api.ConditionCheckpointsHealthy, reason: api.ReasonJobNotFound, says: "other", retried: true},
		{name: "secret missing", spec: flinkTarget + "endpoint: {authSecretRef: {name: token}}", deploy: true, condition: api.ConditionReady, reason: api.ReasonEndpointInvalid, says: "token", retried: true},
		{name: "service that leads elsewhere", spec: flinkTarget + "endpoint: {serviceName: outside}", deploy: true, condition: api.ConditionReady, reason: api.ReasonEndpointInvalid, says: "ExternalName", retried: true},
		{name: "no such service", spec: flinkTarget + "endpoint: {serviceName: elsewhere}", deploy: true, condition: api.ConditionCheckpointsHealthy, reason: api.ReasonJobManagerUnreachable, says: "elsewhere", retried: true},
	}
	for i, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t, "story-input-"+string(rune('a'+i)))
			if story.deploy {
				w.deploy("payments", "payments")
			}
			w.create(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "outside"},
				Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "metadata.example"}})
			w.create(object(t, "CheckpointHealth", w.namespace, "payments", story.spec))
			find := func() *metav1.Condition {
				return meta.FindStatusCondition(w.health("payments").Status.Conditions, story.condition)
			}
			w.run(20, story.reason, func() bool { c := find(); return c != nil && c.Reason == story.reason })
			if message := find().Message; !strings.Contains(message, story.says) {
				t.Errorf("the message lacks %q: %s", story.says, message)
			}
			if w.due["payments"].Sub(w.clock.Now()) <= 0 && story.retried {
				t.Error("nobody will look again")
			}
			if len(w.errors) > 0 {
				t.Errorf("bad input is no error of ours: %v", w.errors)
			}
		})
	}
}

// The target may come later: nothing has to be restarted.
func TestATargetThatComesLaterIsPickedUp(t *testing.T) {
	w := newWorld(t, "story-late-target")
	w.watch("payments", "")
	w.after(5)
	w.deploy("payments", "payments")
	w.run(30, "judged", func() bool { return w.health("payments").Status.Health == api.HealthHealthy })
}
