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
// Where it names one that is not there the job is judged by the built-in one, and where the policy cannot be used by what of it can:
// Problem says so, and nothing is written. Hosts are those that the operator allows for a Prometheus.
func resolvePolicy(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, hosts []string) (model.Policy, error) {
	name := object.Spec.PolicyRef.Name
	if name == "" {
		// It is written in the object itself, and has its generation.
		return usable("written in spec.policy", model.ResolvePolicy("", &object.Spec.Policy), object.Generation, &object.Spec.Policy, hosts), nil
	}
	var policy api.RemediationPolicy
	err := reader.Get(ctx, client.ObjectKey{Namespace: object.Namespace, Name: name}, &policy)
	if apierrors.IsNotFound(err) {
		return missingPolicy(ctx, reader, object.Namespace, name)
	}
	if err != nil {
		return model.Policy{}, fmt.Errorf("RemediationPolicy %s cannot be read: %w", name, err)
	}
	return usable(name, model.ResolvePolicy(name, &policy.Spec), policy.Generation, &policy.Spec, hosts), nil
}

// missingPolicy is what a job is judged by whose policy is not there. A remedy in flight is judged as well, by the criterion that its receipt
// holds; it is not undone, for nobody gives leave to write. No logs are read, for the policy that is meant may turn them off.
func missingPolicy(ctx context.Context, reader client.Reader, namespace, name string) (model.Policy, error) {
	var list api.RemediationPolicyList
	if err := reader.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return model.Policy{}, fmt.Errorf("the RemediationPolicies of namespace %s cannot be listed: %w", namespace, err)
	}
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	policy := model.ResolvePolicy("", nil)
	policy.Logs = api.LogSourceOff
	policy.Problem = model.Refusal{Reason: api.ReasonPolicyNotFound, Message: fmt.Sprintf(
		"RemediationPolicy %q of namespace %q does not exist%s: create it or name another in spec.policyRef; until then the built-in policy only recommends, and no logs are read",
		name, namespace, suggestion(name, names))}
	return policy, nil
}

// usable takes from a policy what cannot be used: with a schedule nobody can read, nothing is written rather than at any time, and a host that is
// not allowed is not asked. A window that never opens can be read: it holds every restart but that which undoes what harms.
func usable(where string, policy model.Policy, generation int64, spec *api.RemediationPolicySpec, hosts []string) model.Policy {
	policy.Generation = generation
	unreadable, host := report.CheckReadable(spec), report.CheckPrometheus(spec, hosts)
	err := unreadable
	if err == nil {
		err = host
	}
	if err == nil {
		return policy
	}
	if host != nil {
		policy.Prometheus = api.PrometheusSpec{}
	}
	if policy.Mode == api.ModeRemediate {
		policy.Mode, policy.UndoesHarm = api.ModeRecommend, true
	}
	policy.NetworkProbe = api.NetworkProbeOff // a pod is a write as well
	policy.Problem = model.Refusal{Reason: api.ReasonPolicyInvalid,
		Message: fmt.Sprintf("the policy %s cannot be used: %v; until that is changed no remedy is written", where, err)}
	return policy
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
