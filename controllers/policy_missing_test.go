package controllers

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A name that is misspelt opens no logs that the policy which is meant keeps closed.
func TestWithoutItsPolicyNoLogsAreRead(t *testing.T) {
	scheme, err := Scheme()
	mustDo(t, err)
	object := &api.CheckpointHealth{}
	object.Namespace, object.Spec.PolicyRef.Name = "shop", "prodd"
	policy, err := resolvePolicy(t.Context(), fake.NewClientBuilder().WithScheme(scheme).Build(), object, nil)
	if err != nil || policy.Problem.Reason != api.ReasonPolicyNotFound || policy.Logs != api.LogSourceOff || !strings.Contains(policy.Problem.Message, "no logs are read") {
		t.Errorf("logs %s, %+v, %v", policy.Logs, policy.Problem, err)
	}
}
