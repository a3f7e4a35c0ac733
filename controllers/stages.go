package controllers

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/report"
	"checkpointhealth.dev/operator/controllers/verify"
)

// governed finds the policy.
func (r *CheckpointHealthReconciler) governed(ctx context.Context, s *scope) error {
	policy, err := resolvePolicy(ctx, r.Client, s.object, r.Dial.PrometheusHosts)
	s.policy = policy
	return err
}

// targeted reads the workload.
func (r *CheckpointHealthReconciler) targeted(ctx context.Context, s *scope) error {
	target, err := s.session.memory.Target(ctx, r.Client, s.object.Spec.TargetRef, s.object.Namespace, s.now)
	if err == nil && s.session.behind(&target) {
		// The cache does not show our own last write yet: a receipt that is not seen would be a remedy forgotten.
		target, err = observe.Target(ctx, r.Live, s.object.Spec.TargetRef, s.object.Namespace)
	}
	if failure := targetFailure(err); failure != nil {
		if failure.Reason == api.ReasonTargetNotFound {
			r.fleet.release(s.object.Namespace, s.object.UID) // what was in flight went with it
		}
		s.fail(failure)
		return nil
	}
	s.target = target
	s.sessionJobs = r.sessionJobsOf(ctx, s)
	return err
}

// sessionJobsOf lists the FlinkSessionJobs of a session cluster, past the cache where that does not show our own last write to one of them yet.
func (r *CheckpointHealthReconciler) sessionJobsOf(ctx context.Context, s *scope) *observe.SessionJobs {
	jobs, behind := observe.ListSessionJobs(ctx, r.Client, &s.target), false
	jobs.Each(func(job *model.Target) bool {
		behind = behind || s.session.behind(job)
		return !behind
	})
	if behind {
		jobs = observe.ListSessionJobs(ctx, r.Live, &s.target)
	}
	return jobs.WithOrphans(orphaned(ctx, r.Client, s.object.Namespace, &s.target))
}

// connected finds the way to the JobManager.
func (r *CheckpointHealthReconciler) connected(ctx context.Context, s *scope) error {
	problem, err := observe.CheckService(ctx, r.Client, &s.target, &s.object.Spec.Endpoint)
	if err != nil {
		return err
	}
	if problem != "" {
		s.session.connection = nil // what it is connected to may be elsewhere
		s.fail(&report.Failure{Reason: api.ReasonEndpointInvalid, Message: problem})
		return nil
	}
	failure, err := r.Dial.connect(ctx, r.Live, s.object, &s.target, s.session)
	s.fail(failure)
	return err
}

// observed asks Flink, and Kubernetes for the pods where the pass goes deep.
func (r *CheckpointHealthReconciler) observed(ctx context.Context, s *scope) error {
	options := observe.Options{Target: &s.target, Selector: selectorOf(s.object), Now: r.Clock.Now, StackEvery: r.ThreadDumpEvery, Pause: r.Pause,
		NoLogs: s.policy.Logs == api.LogSourceOff, PodLogs: r.podLogs(s), SessionJobs: s.sessionJobs, UID: string(s.object.UID)}
	snapshot, err := observe.Flink(ctx, s.session.connection, options, s.session.memory)
	if err != nil {
		return err
	}
	r.podsSeen(ctx, s, &snapshot)
	if snapshot.Deep || s.session.memory.Sick() {
		if snapshot.Shared, err = shared(ctx, r.Client, s.object, &snapshot); err != nil {
			return err
		}
	}
	if snapshot.Deep || inFlight(&snapshot.Target) {
		snapshot.Session = sessionOf(ctx, r.Client, &snapshot)
	}
	if err := keepOwn(ctx, r.Client, s.object, &snapshot.Target, s.now); err != nil {
		return err
	}
	useNetwork(&snapshot, &s.policy, s.session.network.probe)
	s.pass = model.Pass{Now: s.now, Snapshot: &snapshot, Policy: s.policy}
	return nil
}

// selectorOf is which job of a cluster a CheckpointHealth means.
func selectorOf(object *api.CheckpointHealth) observe.Selector {
	return observe.Selector{Name: object.Spec.JobSelector.Name, ID: object.Spec.JobSelector.ID}
}

// sessionOf adds to what Flink runs on a session cluster which FlinkSessionJobs share it.
func sessionOf(ctx context.Context, reader client.Reader, snapshot *model.Snapshot) model.SessionCluster {
	session := observe.SessionCluster(ctx, reader, &snapshot.Target)
	session.Running = snapshot.Session.Running
	return session
}

// doctor says what a snapshot means. Its known issues may change between two passes.
type doctor interface {
	Diagnose(s *model.Snapshot, p *model.Policy, now time.Time) model.Diagnosis
}

// diagnosed judges what was seen.
func (r *CheckpointHealthReconciler) diagnosed(_ context.Context, s *scope) error {
	s.pass.Diagnosis = r.Doctor.Diagnose(s.pass.Snapshot, &s.pass.Policy, s.now)
	s.session.memory.Judged(s.now, s.pass.Snapshot, &s.pass.Diagnosis)
	return nil
}

// verified judges the remedy in flight.
func (r *CheckpointHealthReconciler) verified(_ context.Context, s *scope) error {
	s.pass.Verification = verify.Verify(s.pass.Snapshot, &s.pass.Diagnosis, &s.pass.Policy, s.now)
	return nil
}

// planned decides.
func (r *CheckpointHealthReconciler) planned(ctx context.Context, s *scope) error {
	controls, err := r.controls(ctx, s)
	if err != nil {
		return err
	}
	s.pass.Controls = controls
	s.pass.Decision = plan.Decide(plan.Input{
		Snapshot: s.pass.Snapshot, Diagnosis: &s.pass.Diagnosis, Verification: s.pass.Verification,
		Policy: &s.pass.Policy, Controls: controls, Now: s.now, Poll: r.Poll,
	})
	if remedy := s.pass.Decision.Remedy; remedy != nil {
		s.pass.Patch = plan.Patch(&s.pass.Snapshot.Target, remedy)
	}
	return nil
}

// controls is what people and the fleet say now. The fleet is only counted for a job that is not healthy.
func (r *CheckpointHealthReconciler) controls(ctx context.Context, s *scope) (model.Controls, error) {
	controls := model.Controls{
		Approved: s.object.Annotations[api.AnnotationApprove],
		// The first pass after a start restores what status and receipts keep; the second sees fresh samples beside them.
		Warm:   s.session.memory.Readings() > 1,
		Looked: s.session.memory.Looks() > 1,
		Fleet:  model.Fleet{Targets: 1},
	}
	if why, paused := s.object.Annotations[api.AnnotationPause]; paused {
		controls.Paused = why
		if why == "" {
			controls.Paused = "no reason given"
		}
	}
	var err error
	if controls.LookedAfter, err = r.lookedAfter(ctx, s); err != nil {
		return controls, err
	}
	controls.WriteRefused, controls.WriteRefusedHash = s.session.refusal(&s.pass.Snapshot.Target, s.now)
	if health := s.pass.Diagnosis.Health; health == api.HealthHealthy || health == api.HealthUnknown {
		return controls, nil
	}
	var cause api.Cause
	if own := s.pass.Diagnosis.Own(); own != nil {
		cause = own.Cause
	}
	count, err := r.fleet.count(ctx, r.Client, s.object, cause, s.session.memory.SickSince(s.now))
	if err != nil {
		return controls, err
	}
	controls.Fleet = count
	stopped, err := r.Writer.StopSwitch.Thrown(ctx, r.Live)
	if err != nil {
		stopped = err.Error()
	}
	controls.Stopped = stopped
	return controls, nil
}

// applied does what was decided, within the budget.
func (r *CheckpointHealthReconciler) applied(ctx context.Context, s *scope) error {
	decision := &s.pass.Decision
	if decision.Action == model.ActionApply {
		reserved, err := r.fleet.reserve(ctx, r.Client, s.object, &s.pass.Policy, s.now)
		if err != nil {
			return err
		}
		if !reserved {
			decision.Action = model.ActionNone
			decision.WhyNot = model.Refusal{Reason: api.ReasonBudgetExhausted,
				Message: fmt.Sprintf("policy %q has no place left for another remedy in flight; it is applied when one is judged", s.pass.Policy.Name)}
			return nil
		}
	}
	written, err := r.Writer.Do(ctx, s.object, &s.pass)
	s.pass.Written = written
	if written != nil {
		r.remember(s, written, err)
	}
	if err == nil && nothingInFlight(&s.pass.Snapshot.Target) {
		r.fleet.release(s.object.Namespace, s.object.UID)
	}
	return err
}

// remember keeps what a write did and what it was refused; it may be both.
func (r *CheckpointHealthReconciler) remember(s *scope, written *model.Written, err error) {
	if !written.Refused.Refused() || written.Refused.Reason == api.ReasonTargetChanged {
		s.session.memory.Rewritten()
	}
	if written.ResourceVersion != "" {
		s.session.wrote(s.pass.Object(), written)
	}
	switch {
	case written.Refused.Refused():
		r.keepRefusal(s, written)
	case err == nil:
		s.pass.Snapshot.Target.Receipts = apply.Merge(s.pass.Snapshot.Target.Receipts, *written.Receipt)
	}
}

// keepRefusal keeps a refusal for the next passes: what the API server refused once it refuses again, until the target or the remedy changes. A
// remedy that waits beside a verdict or an undo was not what was refused, and why it waits is still said.
func (r *CheckpointHealthReconciler) keepRefusal(s *scope, written *model.Written) {
	decision, object := &s.pass.Decision, s.pass.Object()
	applied := decision.Action == model.ActionApply
	decision.Action = model.ActionNone
	if applied || decision.Remedy == nil || !decision.WhyNot.Refused() {
		decision.WhyNot = written.Refused
	}
	if written.Refused.Reason == api.ReasonTargetChanged {
		s.retry = changedRetry
		return
	}
	switch {
	case applied && decision.Remedy != nil:
		s.session.refuse(written.Refused, decision.Remedy.Hash, object, s.now)
	case written.Receipt != nil:
		s.session.refuse(written.Refused, written.Receipt.ID, object, s.now)
	case decision.Remedy != nil:
		s.session.refuse(written.Refused, decision.Remedy.Hash, object, s.now)
	}
}

// changedRetry is how soon a target that changed under a write is read again: the cache has it within a second or two.
const changedRetry = 2 * time.Second

// nothingInFlight is no more than is known: what cannot be read is not gone.
func nothingInFlight(target *model.Target) bool {
	return target.ReceiptsError == "" && !inFlight(target)
}

func inFlight(target *model.Target) bool {
	for i := range target.Receipts {
		if target.Receipts[i].Pending() {
			return true
		}
	}
	return false
}
