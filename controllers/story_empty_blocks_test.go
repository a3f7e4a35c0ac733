package controllers

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A user whose templates leave a block empty gets the defaults, as if the block were not there.
func TestEmptyBlocksAreTheDefaults(t *testing.T) {
	namespace := namespaceFor(t, "empty-blocks")
	for i, spec := range []string{
		"{}", "detection: {}", "thresholds: {}", "remedies: {}", "guards: {}", "budget: {}", "verification: {}",
		"remedies: {checkpointTimeout: {}, checkpointInterval: {}, jobManagerCPU: {}, jobManagerHeap: {}}",
		"remedies: {maxConcurrentCheckpoints: {}, transferThreads: {}, ioPoolSize: {}}",
	} {
		policy := object(t, "RemediationPolicy", namespace, fmt.Sprintf("empty-%d", i), spec)
		if err := admin.Create(t.Context(), policy); err != nil {
			t.Errorf("a policy of %s is refused: %v", spec, err)
			continue
		}
		var stored api.RemediationPolicy
		if err := admin.Get(t.Context(), client.ObjectKeyFromObject(policy), &stored); err != nil {
			t.Fatal(err)
		}
		want := model.ResolvePolicy("", nil)
		want.BuiltIn = false // the stored one is given
		if diff := cmp.Diff(want, model.ResolvePolicy("", &stored.Spec)); diff != "" {
			t.Errorf("a policy of %s is not the built-in one (-built-in +stored):\n%s", spec, diff)
		}
	}
	for i, spec := range []string{"policy: {}", "endpoint: {}", "endpoint: {tls: {}}", "policy: {remedies: {}}"} {
		if err := admin.Create(t.Context(), object(t, "CheckpointHealth", namespace, fmt.Sprintf("empty-%d", i), goodTarget+spec)); err != nil {
			t.Errorf("a CheckpointHealth with %s is refused: %v", spec, err)
		}
	}
}

// A user who writes a Go program sets what differs from the defaults; what it leaves out is defaulted, and a cooldown of 0 stays 0.
func TestGoClientsSetOnlyWhatDiffers(t *testing.T) {
	namespace := namespaceFor(t, "go-clients")
	none := int32(0)
	policy := &api.RemediationPolicy{Spec: api.RemediationPolicySpec{
		Mode: api.ModeRemediate, Detection: api.DetectionSpec{WindowCheckpoints: 20}, Guards: api.GuardsSpec{CooldownSeconds: &none},
	}}
	policy.Namespace, policy.Name = namespace, "prod"
	if err := admin.Create(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	want := model.ResolvePolicy("", nil)
	want.BuiltIn = false
	want.Mode, want.Detection.Window, want.Guards.Cooldown = api.ModeRemediate, 20, 0
	if diff := cmp.Diff(want, model.ResolvePolicy("", &policy.Spec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if policy.Spec.Detection.ExpiredThreshold != 2 || policy.Spec.Guards.MaxRemediationsPerDay != 4 {
		t.Errorf("the API server did not default what was left out: %+v", policy.Spec)
	}
}
