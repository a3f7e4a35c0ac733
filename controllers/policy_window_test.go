package controllers

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/report"
)

// A window that never opens is an error in the policy and holds restarts; under one that cannot be read nothing is written at all. Its jobs are judged.
func TestAPolicyWhoseWindowNeverOpensIsObserved(t *testing.T) {
	for schedule, refused := range map[string]bool{"0 0 30 2 *": false, "0 4 * * 9": true, "0 4 * * 1": false} {
		object := &api.CheckpointHealth{}
		object.Spec.Policy.Guards.Windows = []api.Window{{Schedule: schedule, TimeZone: "UTC", DurationSeconds: 3600}}
		object.Spec.Policy.Mode = api.ModeRemediate
		policy, err := resolvePolicy(t.Context(), fake.NewClientBuilder().Build(), object, nil)
		if err != nil || policy.Problem.Refused() != refused || (policy.Mode == api.ModeRemediate) == refused || policy.UndoesHarm != refused || len(policy.Guards.Windows) != 1 {
			t.Errorf("%s: %+v, mode %s, %v", schedule, policy.Problem, policy.Mode, err)
		}
		if said := report.CheckPolicy(&object.Spec.Policy) != nil; said != (schedule != "0 4 * * 1") {
			t.Errorf("%s: said to be wrong: %t", schedule, said)
		}
	}
}
