package controllers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A team gives its JobManager CPU through a pod template, where Flink overwrites it. The remedy goes where it counts, the template stays as it
// is, and status says what overwrites what.
func TestMoreCPUGoesWherePodTemplatesHaveNoSay(t *testing.T) {
	w := newWorld(t, "story-pod-template")
	template := map[string]any{"spec": map[string]any{"containers": []any{map[string]any{
		"name": "flink-main-container", "resources": map[string]any{"limits": map[string]any{"cpu": "4"}}}}}}
	w.deploy("fraud", "fraud", set(template, "spec", "jobManager", "podTemplate"))
	w.watch("fraud", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("fraud").Status.Remediations) == 1 })
	if source := w.health("fraud").Status.Settings.JobManagerCPU.Source; !strings.Contains(source, "overwrites spec.jobManager.podTemplate (limits.cpu 4)") {
		t.Errorf("status says that the CPU comes from %q", source)
	}
	if lever := w.health("fraud").Status.Remediations[0].Lever; lever != api.LeverJobManagerCPU {
		t.Fatalf("lever %s", lever)
	}
	kept, _, err := unstructured.NestedMap(w.target("fraud").Object, "spec", "jobManager", "podTemplate")
	if diff := cmp.Diff(template, kept); err != nil || diff != "" {
		t.Errorf("the pod template was changed (-want +got):\n%s%v", diff, err)
	}
	w.run(120, "effective", func() bool { return w.health("fraud").Status.LastOutcome == api.OutcomeEffective })
}
