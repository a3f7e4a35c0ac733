package report

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A target that is missing hides neither that the policy is missing as well nor that another mode is in force for it.
func TestAFailureTellsOfThePolicyAsWell(t *testing.T) {
	o := object()
	o.Status.Mode = api.ModeInForce(api.ModeRemediate)
	failure := Failure{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment prod/payments does not exist"}
	if s := Failed(o, failure, at); s.Mode != api.ModeInForce(api.ModeRemediate) {
		t.Errorf("what was not read is not gone: mode %q", s.Mode)
	}
	policy := model.ResolvePolicy("", nil)
	policy.Problem = model.Refusal{Reason: api.ReasonPolicyNotFound, Message: `RemediationPolicy "prodd" does not exist`}
	failure.Policy = &policy
	s := Failed(o, failure, at)
	if s.Mode != api.ModeInForce(api.ModeRecommend) || !strings.Contains(strings.Join(s.Assessment, "\n"), `Policy: RemediationPolicy "prodd" does not exist.`) {
		t.Errorf("mode %q\n%s", s.Mode, strings.Join(s.Assessment, "\n"))
	}
}
