package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// missing is what a job is judged by whose policy is not there.
func missing() *model.Policy {
	p := model.ResolvePolicy("", nil)
	p.Problem = model.Refusal{Reason: api.ReasonPolicyNotFound, Message: "it does not exist"}
	return &p
}

// One commit in Git renames the policy and puts the remedy's field back. Once policyRef names the new one, the revert holds the remedy back all the
// same: applied again, Git would put it back again, at two restarts.
func TestARevertSeenWithoutAPolicyStands(t *testing.T) {
	in := inFlight(api.OutcomeSuperseded)
	in.Verification.RevertedBy = "Argo CD"
	in.Verification.Receipt.AppliedAt = now.Add(-48 * time.Hour)
	in.Snapshot.Target.Receipts[0] = *in.Verification.Receipt
	policy := *in.Policy
	policy.Generation = 1

	in.Policy = missing()
	d := Decide(in)
	if d.Action == model.ActionSettle {
		in.Snapshot.Target.Receipts[0], in.Verification = *d.Receipt, model.Verification{}
	} else if d.WhyNot.Reason != api.ReasonPolicyNotFound || !strings.Contains(d.WhyNot.Message, "Superseded, to be recorded later") {
		t.Errorf("without a policy: %s %+v", d.Action, d.WhyNot)
	}
	in.Policy = &policy
	for range 2 {
		if d = Decide(in); d.Action == model.ActionSettle {
			in.Snapshot.Target.Receipts[0], in.Verification = *d.Receipt, model.Verification{}
		}
	}
	if d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonRevertedByGitOps {
		t.Errorf("with the policy of the new name: %s %+v", d.Action, d.WhyNot)
	}
}

func TestARecordedRevertStandsWithoutThePolicy(t *testing.T) {
	in := inFlight("")
	past := *in.Verification.Receipt
	past.Outcome, past.RevertedBy, past.SettledGeneration, past.PolicyGeneration = api.OutcomeSuperseded, "Argo CD", 3, 7
	in.Snapshot.Target.Receipts[0], in.Verification, in.Policy = past, model.Verification{}, missing()
	d := Decide(in)
	held := false
	for _, why := range d.Refusals {
		held = held || why.Reason == api.ReasonRevertedByGitOps
	}
	if !held {
		t.Errorf("a policy that is not there is none that changed: %+v", d.Refusals)
	}
}

// A remedy that did not help is not kept for good by limits that nobody set: what the policy allows is asked once it is there.
func TestWhatDidNotHelpWaitsForThePolicy(t *testing.T) {
	for name, change := range map[string]func(*Input){
		"undone": func(in *Input) { in.Policy.Guards.MaxReplay = 6 * time.Hour },
		"kept":   func(in *Input) { in.Policy.Verification.OnIneffective = api.IneffectiveKeep },
	} {
		in := inFlight(api.OutcomeIneffective)
		in.Snapshot.Checkpoints.LatestCompleted.Trigger = now.Add(-2 * time.Hour) // the built-in policy bears the replay of one
		policy := in.Policy
		in.Policy = missing()
		if d := Decide(in); d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonPolicyNotFound || !strings.Contains(d.WhyNot.Message, "Ineffective, to be recorded later") {
			t.Errorf("%s: without the policy: %s %+v %+v", name, d.Action, d.WhyNot, d.Receipt)
		}
		in.Policy = policy
		change(&in)
		if d := Decide(in); (d.Action == model.ActionRollback) != (name == "undone") || (d.Action == model.ActionSettle) != (name == "kept") {
			t.Errorf("%s: with it: %s %+v", name, d.Action, d.WhyNot)
		}
	}
}

// What holds a remedy back is that its policy cannot be used, and not its mode: no mode that is set would have it written.
func TestAPolicyThatCannotBeUsedIsAReasonOfItsOwn(t *testing.T) {
	for _, reason := range []string{api.ReasonPolicyNotFound, api.ReasonPolicyInvalid} {
		broken := func(in *Input) {
			in.Policy = missing()
			in.Policy.Problem.Reason = reason
		}
		if d := Decide(with(patient(api.CauseNetworkLatency, ""), broken)); d.Action != model.ActionNone || d.WhyNot.Reason != reason || d.Remedy == nil {
			t.Errorf("%s: %s %+v", reason, d.Action, d.WhyNot)
		}
		if d := Decide(with(inFlight(api.OutcomeEffective), broken)); d.Action != model.ActionSettle {
			t.Errorf("%s: what was begun is recorded: %s %+v", reason, d.Action, d.WhyNot)
		}
	}
}

// A policy that says Remediate and has a fault elsewhere leaves no job down that a remedy of its own took down; without one, or in another mode,
// nobody gives leave.
func TestHarmIsUndoneUnderAPolicyWithAFault(t *testing.T) {
	for _, c := range []struct {
		outcome api.Outcome
		leave   bool
		paused  string
		action  model.Action
	}{
		{api.OutcomeHarmful, true, "", model.ActionRollback},
		{api.OutcomeHarmful, false, "", model.ActionNone},
		{api.OutcomeHarmful, true, "on call", model.ActionNone},
		{api.OutcomeIneffective, true, "", model.ActionNone},
	} {
		in := inFlight(c.outcome)
		in.Policy.Mode, in.Policy.UndoesHarm, in.Controls.Paused = api.ModeRecommend, c.leave, c.paused
		in.Policy.Problem = model.Refusal{Reason: api.ReasonPolicyInvalid, Message: "a host that is not allowed"}
		if d := Decide(in); d.Action != c.action {
			t.Errorf("%+v: %s %+v", c, d.Action, d.WhyNot)
		}
	}
}
