package cli

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/verify"
)

// Doctor says what a snapshot means; diagnose.Doctor is the one there is.
type Doctor interface {
	Diagnose(s *model.Snapshot, p *model.Policy, now time.Time) model.Diagnosis
}

// walk takes a snapshot through the rooms behind observe: diagnose, verify, plan.
func walk(doctor Doctor, s *model.Snapshot, policy *model.Policy, now time.Time) *model.Pass {
	pass := &model.Pass{Now: now, Snapshot: s, Policy: *policy}
	pass.Diagnosis = doctor.Diagnose(s, policy, now)
	pass.Verification = verify.Verify(s, &pass.Diagnosis, policy, now)
	// One job, looked at by a person: nothing else is in flight, and the sample is fresh.
	pass.Controls = model.Controls{Warm: true, Fleet: model.Fleet{Targets: 1}}
	pass.Decision = plan.Decide(plan.Input{
		Snapshot: s, Diagnosis: &pass.Diagnosis, Verification: pass.Verification, Policy: policy, Controls: pass.Controls, Now: now,
	})
	if pass.Decision.Remedy != nil {
		pass.Patch = plan.Patch(&s.Target, pass.Decision.Remedy)
	}
	return pass
}

// judge tells a memory what a snapshot meant.
func judge(doctor Doctor, policy *model.Policy) Judge {
	return func(s *model.Snapshot) model.Diagnosis { return doctor.Diagnose(s, policy, s.At) }
}
