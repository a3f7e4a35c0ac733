package controllers

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// keepOwn leaves the receipts of other CheckpointHealths to them: several may look at the jobs of one session cluster. A receipt whose
// CheckpointHealth is gone, or looks at another workload by now, is taken over: nobody else would ever judge it.
func (r *CheckpointHealthReconciler) keepOwn(ctx context.Context, object *api.CheckpointHealth, target *model.Target) error {
	uid := string(object.UID)
	if !slices.ContainsFunc(known(target), func(receipt model.Receipt) bool { return receipt.UID != "" && receipt.UID != uid }) {
		return nil
	}
	var list api.CheckpointHealthList
	if err := r.Client.List(ctx, &list, client.InNamespace(object.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("the CheckpointHealths of namespace %s cannot be listed: %w", object.Namespace, err)
	}
	answers := r.answering(ctx, list.Items, target)
	target.KeepOwn(uid, func(other string) string { return answers[other] })
	return nil
}

// known are all receipts of a target and of the ConfigMaps that it is configured by.
func known(target *model.Target) []model.Receipt {
	all := slices.Clone(target.Receipts)
	if s := target.Standalone; s != nil {
		all = slices.AppendSeq(slices.AppendSeq(all, maps.Values(s.Halfway)), maps.Values(s.Untold))
	}
	return all
}

// answering are the names, by uid, of the CheckpointHealths that look at a target, or at a job of the same session cluster.
func (r *CheckpointHealthReconciler) answering(ctx context.Context, all []api.CheckpointHealth, target *model.Target) map[string]string {
	names := map[string]string{}
	for i := range all {
		if r.looksAt(ctx, &all[i], target) {
			names[string(all[i].UID)] = all[i].Name
		}
	}
	return names
}

// looksAt tells whether a CheckpointHealth looks at a target or at an object beside it: by its name, or as the FlinkSessionJob of a session
// cluster. One of which that cannot be told may.
func (r *CheckpointHealthReconciler) looksAt(ctx context.Context, health *api.CheckpointHealth, target *model.Target) bool {
	ref := &health.Spec.TargetRef
	objects := append([]model.Target{*target}, target.Others...)
	if slices.ContainsFunc(objects, func(t model.Target) bool { return t.Kind == ref.Kind && t.Name == ref.Name }) {
		return true
	}
	cluster, err := observe.ClusterOf(ctx, r.Client, *ref, health.Namespace)
	return err != nil || slices.ContainsFunc(objects, func(t model.Target) bool { return t.SessionCluster && t.Name == cluster })
}
