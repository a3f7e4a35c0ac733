package controllers

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// blueGreen creates a FlinkBlueGreenDeployment in a state, and its child payments-blue with the sick job of that name.
func blueGreen(w *world, state string) *unstructured.Unstructured {
	w.t.Helper()
	c, _ := flinksim.CaseNamed("payments")
	c.Name = "payments-blue"
	w.cases[c.Name] = c
	child := simulated.Manifest(w.namespace, c)
	parent := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"template": map[string]any{"spec": child.Object["spec"]}}}}
	parent.SetGroupVersionKind(schema.GroupVersionKind{Group: standin.GroupVersionKind.Group, Version: standin.GroupVersionKind.Version, Kind: "FlinkBlueGreenDeployment"})
	parent.SetNamespace(w.namespace)
	parent.SetName("payments")
	parent = parent.DeepCopy()
	w.create(parent)
	child.SetOwnerReferences([]metav1.OwnerReference{*metav1.NewControllerRef(parent, parent.GroupVersionKind())})
	w.create(child)
	before := parent.DeepCopy()
	set(state, "status", "blueGreenState")(parent)
	if err := admin.Status().Patch(w.t.Context(), parent, client.MergeFrom(before)); err != nil {
		w.t.Fatal(err)
	}
	return parent
}

// The child of a FlinkBlueGreenDeployment is never patched: the parent would put it back. The patch that can be committed is the parent's,
// whether the CheckpointHealth names the child or the parent.
func TestABlueGreenDeploymentIsDiagnosedAndNeverPatched(t *testing.T) {
	for i, story := range []struct{ kind, name string }{{"FlinkDeployment", "payments-blue"}, {"FlinkBlueGreenDeployment", "payments"}} {
		t.Run(story.kind, func(t *testing.T) {
			w := newWorld(t, "story-blue-green-"+string(rune('a'+i)))
			parent := blueGreen(w, "ACTIVE_BLUE")
			spec := "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: " + story.kind + ", name: " + story.name + "}\n" + inline(quick)
			w.create(object(t, "CheckpointHealth", w.namespace, story.name, spec))
			w.run(90, "refused", func() bool { return w.whyNot(story.name) == api.ReasonManagedByParent })
			w.after(10)
			recommendation := w.health(story.name).Status.Recommendation
			if !strings.Contains(recommendation.WhyNotNow.Message, "FlinkBlueGreenDeployment/payments") {
				t.Errorf("the parent is not named: %s", recommendation.WhyNotNow.Message)
			}
			applyPatchTo(t, parent, recommendation.Patch)
			if w.target("payments-blue").GetGeneration() != 1 || receiptsOn(w.target("payments-blue")) != "" {
				t.Error("the child was written")
			}
		})
	}
}

// applyPatchTo applies a recommendation's patch as somebody who has the object in Git would, and looks whether the timeout arrives.
func applyPatchTo(t *testing.T, parent *unstructured.Unstructured, patch string) {
	t.Helper()
	if err := admin.Get(t.Context(), client.ObjectKeyFromObject(parent), parent); err != nil {
		t.Fatal(err)
	}
	if parent.GetGeneration() != 1 || receiptsOn(parent) != "" {
		t.Errorf("the parent was written: generation %d", parent.GetGeneration())
	}
	text, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		t.Fatalf("the patch is no YAML: %v\n%s", err, patch)
	}
	if err := admin.Patch(t.Context(), parent, client.RawPatch("application/merge-patch+json", text)); err != nil {
		t.Fatal(err)
	}
	got, _, err := unstructured.NestedString(parent.Object, "spec", "template", "spec", "flinkConfiguration", timeoutKey)
	if err != nil || got == "10 s" {
		t.Errorf("the patch left the timeout of the template at %q, %v:\n%s", got, err, patch)
	}
}

// A FlinkBlueGreenDeployment that was not deployed yet has no job to look at, and that is said.
func TestABlueGreenDeploymentWithoutAChildSaysSo(t *testing.T) {
	w := newWorld(t, "story-blue-green-new")
	parent := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{}}}
	parent.SetGroupVersionKind(schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: "FlinkBlueGreenDeployment"})
	parent.SetNamespace(w.namespace)
	parent.SetName("payments")
	w.create(parent)
	w.create(object(t, "CheckpointHealth", w.namespace, "payments", "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkBlueGreenDeployment, name: payments}\n"))
	w.run(10, "said", func() bool { return len(w.health("payments").Status.Conditions) > 0 })
	if text := conditionsText(w.health("payments")); !strings.Contains(text, api.ReasonTargetNotFound) || !strings.Contains(text, "blueGreenState") {
		t.Errorf("conditions: %s", text)
	}
}

func conditionsText(health *api.CheckpointHealth) string {
	var b strings.Builder
	for i := range health.Status.Conditions {
		b.WriteString(health.Status.Conditions[i].Reason + ": " + health.Status.Conditions[i].Message + "\n")
	}
	return b.String()
}

// A FlinkCluster of the other operator is found by its Service, diagnosed like any other, and only recommended for.
func TestAFlinkClusterIsDiagnosedAndOnlyRecommendedFor(t *testing.T) {
	w := newWorld(t, "story-flinkcluster")
	c, _ := flinksim.CaseNamed("payments")
	job := w.jobs.AddAt(w.namespace, "payments-jobmanager", c)
	settings, err := job.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Deploy(settings, false); err != nil {
		t.Fatal(err)
	}
	properties := map[string]any{}
	for key, value := range c.Config {
		properties[key] = value
	}
	cluster := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"flinkVersion": "1.20", "flinkProperties": properties}}}
	cluster.SetGroupVersionKind(schema.GroupVersionKind{Group: "flinkoperator.k8s.io", Version: "v1beta1", Kind: "FlinkCluster"})
	cluster.SetNamespace(w.namespace)
	cluster.SetName("payments")
	w.create(cluster)
	w.create(object(t, "CheckpointHealth", w.namespace, "payments", "targetRef: {apiVersion: flinkoperator.k8s.io/v1beta1, kind: FlinkCluster, name: payments}\n"+inline(quick)))
	w.run(90, "refused", func() bool { return w.whyNot("payments") == api.ReasonTargetNotPatchable })
	status := w.health("payments").Status
	if status.Cause != api.CauseSlowStateBackend || !strings.Contains(status.Recommendation.WhyNotNow.Message, "savepoint") {
		t.Errorf("cause %s; %s", status.Cause, status.Recommendation.WhyNotNow.Message)
	}
	if !strings.Contains(status.Recommendation.Patch, "FlinkCluster/payments") || !strings.Contains(status.Recommendation.Patch, "flinkProperties") {
		t.Errorf("the patch:\n%s", status.Recommendation.Patch)
	}
	w.after(10)
	if err := admin.Get(t.Context(), client.ObjectKeyFromObject(cluster), cluster); err != nil || cluster.GetGeneration() != 1 || len(cluster.GetAnnotations()) > 0 {
		t.Errorf("the FlinkCluster was written: generation %d, %v, %v", cluster.GetGeneration(), cluster.GetAnnotations(), err)
	}
}
