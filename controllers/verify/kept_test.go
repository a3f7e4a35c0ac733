package verify

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// settled is a treated job whose remedy was settled an hour after the patch.
func settled(outcome api.Outcome) *model.Snapshot {
	s := treated()
	finished := applied.Add(time.Hour)
	receipt(s).Outcome, receipt(s).FinishedAt = outcome, &finished
	return s
}

func TestRevertOfSettledRemedy(t *testing.T) {
	argo := func(value string) func(*model.Snapshot) {
		return func(s *model.Snapshot) { s.Target.GitOps, s.Target.Config[timeoutKey] = []string{"Argo CD"}, value }
	}
	person := func(value string) func(*model.Snapshot) {
		return func(s *model.Snapshot) { s.Target.Config[timeoutKey] = value }
	}
	cpu := func(s *model.Snapshot) {
		receipt(s).Lever, receipt(s).Changes[0] = api.LeverJobManagerCPU, model.ChangeRecord{Field: "jobManager.resource.cpu", From: "1", WasSet: true, To: "2"}
		s.Target.GitOps, s.Target.JobManagerCPU = []string{"Flux"}, model.Measured(1)
	}
	for _, c := range []struct {
		name     string
		outcome  api.Outcome
		after    time.Duration
		change   func(*model.Snapshot)
		recorded bool
		says     string
	}{
		{"in place", api.OutcomeEffective, time.Hour, argo("15m"), false, ""},
		{"put back by a GitOps tool", api.OutcomeEffective, time.Hour, argo("10m"), true, "it was Effective; then Argo CD set " + timeoutKey + " to 10m"},
		{"changed by a GitOps tool", api.OutcomeEffective, time.Hour, argo("12m"), true, "Argo CD set"},
		{"a kept one that did not help", api.OutcomeIneffective, time.Hour, argo("10m"), true, "Argo CD set"},
		{"put back by a person", api.OutcomeEffective, time.Hour, person("10m"), true, "somebody else set"},
		{"changed by a person", api.OutcomeEffective, time.Hour, person("30m"), false, ""},
		{"a person undoes what did not help", api.OutcomeIneffective, time.Hour, person("10m"), false, ""},
		{"a day later a timeout is walked back, which is recommended", api.OutcomeEffective, 25 * time.Hour, argo("10m"), false, ""},
		{"a day later, to another value", api.OutcomeEffective, 25 * time.Hour, argo("12m"), true, "Argo CD set"},
		{"no other lever is ever walked back", api.OutcomeEffective, 25 * time.Hour, cpu, true, "Flux set jobManager.resource.cpu to 1"},
		{"undone by us", api.OutcomeRolledBack, time.Hour, argo("10m"), false, ""},
		{"superseded by a person before", api.OutcomeSuperseded, time.Hour, person("10m"), false, ""},
	} {
		s := settled(c.outcome)
		c.change(s)
		v := Verify(s, nil, nil, applied.Add(time.Hour+c.after))
		if (v.Receipt != nil) != c.recorded || (v.Outcome == api.OutcomeSuperseded) != c.recorded || !strings.Contains(v.Message, c.says) {
			t.Errorf("%s: %+v", c.name, v)
		}
		if (v.RevertedBy != "") != (v.Misaligned == api.ReasonRevertedByGitOps) {
			t.Errorf("%s: reverted by %q, %s", c.name, v.RevertedBy, v.Misaligned)
		}
	}
}

func TestTheNewestReceiptThatWroteAFieldSpeaksForIt(t *testing.T) {
	s := settled(api.OutcomeEffective)
	s.Target.GitOps, s.Target.Config[timeoutKey] = []string{"Argo CD"}, "10m"
	newer := *receipt(s)
	newer.Outcome = api.OutcomeRolledBack
	s.Target.Receipts = append([]model.Receipt{newer}, s.Target.Receipts...)
	if v := Verify(s, nil, nil, applied.Add(2*time.Hour)); v != (model.Verification{}) {
		t.Errorf("%+v", v)
	}
}

func TestARecordedRevertStandsUntilTargetOrPolicyChanges(t *testing.T) {
	s := settled(api.OutcomeSuperseded)
	s.Target.GitOps, s.Target.Config[timeoutKey] = []string{"Argo CD"}, "10m"
	receipt(s).RevertedBy, receipt(s).SettledGeneration, receipt(s).PolicyGeneration = "Argo CD", 4, 1
	policy := model.ResolvePolicy("", nil)
	for _, c := range []struct {
		target, policy int64
		stands         bool
	}{{4, 1, true}, {5, 1, false}, {4, 2, false}} {
		s.Target.Generation, policy.Generation = c.target, c.policy
		v := Verify(s, nil, &policy, applied.Add(48*time.Hour))
		if (v.Misaligned == api.ReasonRevertedByGitOps) != c.stands || v.Receipt != nil {
			t.Errorf("target %d, policy %d: %+v", c.target, c.policy, v)
		}
	}
	s.Target.Generation, policy.Generation, policy.Problem = 4, 0, model.Refusal{Reason: api.ReasonPolicyNotFound}
	if v := Verify(s, nil, &policy, applied.Add(48*time.Hour)); v.Misaligned != api.ReasonRevertedByGitOps {
		t.Errorf("a policy that is not there is none that changed: %+v", v)
	}
}
