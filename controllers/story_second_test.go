package controllers

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Two CheckpointHealths look at one job. The first remedies it, and a person puts the value back, after which the first only recommends. The
// second, which has seen none of that, writes nothing either: it says who is in charge, until that one is deleted.
func TestASecondCheckpointHealthOnlyWatches(t *testing.T) {
	w := newWorld(t, "story-second")
	w.policy("prod", quick)
	w.deploy("payments", "payments")
	w.watch("payments", "policyRef: {name: prod}\n")
	w.create(object(t, "CheckpointHealth", w.namespace, "second", // created in the same second or later, and behind by its name
		"targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, name: payments}\npolicyRef: {name: prod}\n"))
	before := w.timeout()
	w.run(120, "remedied by the first", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	if s := w.health("second").Status; len(s.Remediations) > 0 || s.Mode != api.ModeInForce(api.ModeRecommend) || !strings.Contains(w.story(), "Watches: ") {
		t.Errorf("mode %s, remedies %+v\n%s", s.Mode, s.Remediations, w.story())
	}
	deployment := w.target("payments")
	if err := unstructured.SetNestedField(deployment.Object, before, "spec", "flinkConfiguration", "execution.checkpointing.timeout"); err != nil {
		t.Fatal(err)
	}
	if err := admin.Update(t.Context(), deployment, client.FieldOwner("on-call")); err != nil {
		t.Fatal(err)
	}
	said := w.held("second", api.ReasonLookedAfterByAnother)
	if !strings.Contains(strings.Join(strings.Fields(said), " "), "FlinkDeployment/payments is looked after by CheckpointHealth payments; this one only watches") {
		t.Errorf("it says\n%s", said)
	}
	w.after(60)
	if got := w.timeout(); got != before || !w.told("this one only watches") {
		t.Fatalf("a person set %q, and it is %q\n%s", before, got, w.story())
	}
	if err := admin.Delete(t.Context(), w.health("payments")); err != nil {
		t.Fatal(err)
	}
	w.run(30, "in charge itself", func() bool { return w.health("second").Status.Mode == api.ModeInForce(api.ModeRemediate) })
}
