package controllers

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func TestWouldActCountsWhatTheModeAloneHoldsBack(t *testing.T) {
	changes := []api.Change{{Field: "execution.checkpointing.timeout"}}
	for name, c := range map[string]struct {
		recommendation api.Recommendation
		want           bool
	}{
		"the mode alone":            {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonModeRecommend}}, true},
		"and a window that opens":   {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonModeRecommend, api.ReasonOutsideWindow}}, true},
		"and the budget":            {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonModeRecommend, api.ReasonBudgetExhausted}}, true},
		"and a job without HA":      {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonModeRecommend, api.ReasonNoHighAvailability}}, false},
		"and another manager":       {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonModeRecommend, api.ReasonOwnedByOtherManager}}, false},
		"a policy that is invalid":  {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonPolicyInvalid}}, false},
		"advice only":               {api.Recommendation{HeldBy: []string{api.ReasonModeRecommend}}, false},
		"in mode Remediate already": {api.Recommendation{Changes: changes, HeldBy: []string{api.ReasonCooldown}}, false},
	} {
		if got := wouldBeTreated(&c.recommendation); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
