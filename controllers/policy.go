package controllers

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// resolvePolicy finds the policy that governs an object: the one it names, the one written in it, or the built-in one in mode Recommend.
// A policy that is named and not there is a failure: nothing is guessed in its place, and nothing is written. Hosts are those that the operator
// allows for a Prometheus.
func resolvePolicy(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, hosts []string) (model.Policy, *report.Failure, error) {
	name := object.Spec.PolicyRef.Name
	if name == "" {
		if failure := invalidPolicy("written in spec.policy", &object.Spec.Policy, hosts); failure != nil {
			return model.Policy{}, failure, nil
		}
		resolved := model.ResolvePolicy("", &object.Spec.Policy)
		resolved.Generation = object.Generation // it is written in the object itself
		return resolved, nil, nil
	}
	var policy api.RemediationPolicy
	err := reader.Get(ctx, client.ObjectKey{Namespace: object.Namespace, Name: name}, &policy)
	if apierrors.IsNotFound(err) {
		return model.Policy{}, &report.Failure{
			Reason:  api.ReasonPolicyNotFound,
			Message: fmt.Sprintf("RemediationPolicy %q of namespace %q does not exist: create it or name another in spec.policyRef; until then nothing is recommended or written", name, object.Namespace),
		}, nil
	}
	if err != nil {
		return model.Policy{}, nil, fmt.Errorf("RemediationPolicy %s cannot be read: %w", name, err)
	}
	if failure := invalidPolicy(name, &policy.Spec, hosts); failure != nil {
		return model.Policy{}, failure, nil
	}
	resolved := model.ResolvePolicy(name, &policy.Spec)
	resolved.Generation = policy.Generation
	return resolved, nil, nil
}

// invalidPolicy says what of a policy cannot be used: with a schedule nobody can read, nothing is written rather than at any time. One
// that never opens can be read: the jobs are observed, a remedy in flight is judged, and the closed window holds every restart
// but that which undoes what harms.
func invalidPolicy(name string, spec *api.RemediationPolicySpec, hosts []string) *report.Failure {
	err := report.CheckReadable(spec)
	if err == nil {
		err = report.CheckPrometheus(spec, hosts)
	}
	if err != nil {
		return &report.Failure{Reason: api.ReasonPolicyInvalid, Message: fmt.Sprintf("the policy %s cannot be used: %v", name, err), Stalled: true}
	}
	return nil
}

// targetFailure turns an error of reading the target into the failure that status shows; nil where a retry may cure it. What a user
// must change first stalls; a target that may yet be created does not.
func targetFailure(err error) *report.Failure {
	var target *observe.TargetError
	if !errors.As(err, &target) || target.Reason == "" {
		return nil
	}
	stalled := target.Reason == api.ReasonTargetKindUnknown || target.Reason == api.ReasonForbidden
	return &report.Failure{Reason: target.Reason, Message: target.Message, Stalled: stalled}
}
