package apply

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// StopSwitch is the cluster-wide brake: a flag of the operator, or a ConfigMap whose key stop holds the reason.
type StopSwitch struct {
	// Flag stops all writes for as long as the operator runs with it.
	Flag bool
	// ConfigMap is where the switch can be thrown without a restart; a zero name means nowhere.
	ConfigMap types.NamespacedName
}

// StopKey is the key of the stop switch's ConfigMap: any value but "" and "false" stops all writes.
const StopKey = "stop"

// Thrown reads the switch live and says why writes are stopped; "" where they are not. A switch that cannot be read counts as thrown.
func (s StopSwitch) Thrown(ctx context.Context, live client.Reader) (string, error) {
	if s.Flag {
		return "the operator runs with --stop", nil
	}
	if s.ConfigMap.Name == "" {
		return "", nil
	}
	var configMap corev1.ConfigMap
	err := live.Get(ctx, s.ConfigMap, &configMap)
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the stop switch, ConfigMap %s, cannot be read: %w", s.ConfigMap, err)
	}
	if value := configMap.Data[StopKey]; value != "" && value != "false" {
		return fmt.Sprintf("ConfigMap %s says stop: %s", s.ConfigMap, bounded(value)), nil
	}
	return "", nil
}

// brakes reads pause, suspend and the stop switch live. Undoing a harmful remedy passes suspend no more than any other write does:
// whoever paused a job wants no restart of it.
func (w *Writer) brakes(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass) (model.Refusal, error) {
	refused, err := held(ctx, w.Live, w.StopSwitch, owner)
	if err != nil || refused.Refused() {
		return refused, err
	}
	refused, err = w.inCharge(ctx, owner, pass)
	if err != nil || refused.Refused() {
		return refused, err
	}
	return w.policyUnchanged(ctx, owner, pass)
}

// inCharge makes sure that no other CheckpointHealth is in charge of the job. A verdict on what was begun is recorded all the same.
func (w *Writer) inCharge(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass) (model.Refusal, error) {
	if pass.Decision.Action == model.ActionSettle {
		return model.Refusal{}, nil
	}
	var all api.CheckpointHealthList
	if err := w.Live.List(ctx, &all, client.InNamespace(owner.Namespace)); err != nil {
		return model.Refusal{}, fmt.Errorf("the CheckpointHealths of namespace %s cannot be listed before the write: %w", owner.Namespace, err)
	}
	if who := model.LookedAfter(owner, all.Items, pass.Snapshot); who != "" {
		return model.Refusal{Reason: api.ReasonLookedAfterByAnother, Message: who}, nil
	}
	return model.Refusal{}, nil
}

// held reads live what holds any write for a CheckpointHealth back, be it to its target or a probe pod.
func held(ctx context.Context, reader client.Reader, stop StopSwitch, owner *api.CheckpointHealth) (model.Refusal, error) {
	stopped, err := stop.Thrown(ctx, reader)
	if err != nil {
		return model.Refusal{}, err
	}
	if stopped != "" {
		return model.Refusal{Reason: api.ReasonStopSwitch, Message: stopped}, nil
	}
	var live api.CheckpointHealth
	err = reader.Get(ctx, client.ObjectKeyFromObject(owner), &live)
	switch {
	case apierrors.IsNotFound(err) || (err == nil && live.UID != owner.UID):
		return changed("CheckpointHealth %s was deleted meanwhile", owner.Name), nil
	case err != nil:
		return model.Refusal{}, fmt.Errorf("CheckpointHealth %s cannot be read before the write: %w", owner.Name, err)
	case live.Spec.Suspend != nil && *live.Spec.Suspend:
		return model.Refusal{Reason: api.ReasonSuspended, Message: "spec.suspend was set meanwhile"}, nil
	case live.Generation != owner.Generation:
		return changed("the spec of CheckpointHealth %s changed meanwhile", owner.Name), nil
	}
	if why, paused := live.Annotations[api.AnnotationPause]; paused {
		return model.Refusal{Reason: api.ReasonPaused, Message: "paused meanwhile: " + bounded(why)}, nil
	}
	return model.Refusal{}, nil
}

// policyUnchanged makes sure that the policy that allowed the write is still there and still says Remediate.
func (w *Writer) policyUnchanged(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass) (model.Refusal, error) {
	if owner.Spec.PolicyRef.Name == "" || pass.Decision.Action == model.ActionSettle {
		return model.Refusal{}, nil
	}
	var policy api.RemediationPolicy
	key := client.ObjectKey{Namespace: owner.Namespace, Name: owner.Spec.PolicyRef.Name}
	err := w.Live.Get(ctx, key, &policy)
	switch {
	case apierrors.IsNotFound(err):
		return model.Refusal{Reason: api.ReasonPolicyNotFound, Message: fmt.Sprintf("RemediationPolicy %s was deleted meanwhile", key.Name)}, nil
	case err != nil:
		return model.Refusal{}, fmt.Errorf("RemediationPolicy %s cannot be read before the write: %w", key.Name, err)
	case policy.Spec.Mode != api.ModeRemediate:
		return model.Refusal{Reason: api.ReasonModeRecommend, Message: fmt.Sprintf("RemediationPolicy %s was set to %s meanwhile", key.Name, policy.Spec.Mode)}, nil
	case policy.Generation != pass.Policy.Generation && pass.Decision.Action == model.ActionApply:
		return changed("RemediationPolicy %s changed meanwhile", key.Name), nil
	}
	return model.Refusal{}, nil
}
