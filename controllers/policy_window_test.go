package controllers

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/report"
)

// A window that never opens is an error in the policy, and its jobs are observed all the same; one that cannot be read is refused.
func TestAPolicyWhoseWindowNeverOpensIsObserved(t *testing.T) {
	for schedule, refused := range map[string]bool{"0 0 30 2 *": false, "0 4 * * 9": true, "0 4 * * 1": false} {
		object := &api.CheckpointHealth{}
		object.Spec.Policy.Guards.Windows = []api.Window{{Schedule: schedule, TimeZone: "UTC", DurationSeconds: 3600}}
		policy, failure, err := resolvePolicy(t.Context(), fake.NewClientBuilder().Build(), object, nil)
		if err != nil || (failure != nil) != refused || !refused && len(policy.Guards.Windows) != 1 {
			t.Errorf("%s: %+v, %v", schedule, failure, err)
		}
		if said := report.CheckPolicy(&object.Spec.Policy) != nil; said != (schedule != "0 4 * * 1") {
			t.Errorf("%s: said to be wrong: %t", schedule, said)
		}
	}
}
