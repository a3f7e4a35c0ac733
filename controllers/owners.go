package controllers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// keepOwn leaves the receipts of other CheckpointHealths to them: several may look at the jobs of one session cluster. A receipt whose
// CheckpointHealth is gone, or looks at another workload by now, is taken over: nobody else would ever judge it. One whose FlinkSessionJob is not there
// may be back in a moment (deleted and created again), and keeps its remedy of the cluster until the time in which that is judged is past.
func keepOwn(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, target *model.Target, now time.Time) error {
	uid, others := string(object.UID), writers{}
	for _, receipt := range known(target) {
		if receipt.UID != "" && receipt.UID != uid {
			deadline := receipt.AppliedAt.Add(time.Duration(receipt.Criterion.DeadlineSeconds) * time.Second)
			others[receipt.UID] = others[receipt.UID] || receipt.Pending() && now.Before(deadline)
		}
	}
	if len(others) == 0 {
		return nil
	}
	names, err := answering(ctx, reader, object.Namespace, target, others)
	if err != nil {
		return err
	}
	target.KeepOwn(uid, func(other string) string { return names[other] })
	return nil
}

// orphaned tells of the uid of a CheckpointHealth that none of it answers for a target any more. They are listed when the first is asked for; where
// that fails none is an orphan.
func orphaned(ctx context.Context, reader client.Reader, namespace string, target *model.Target) func(uid string) bool {
	list := sync.OnceValues(func() (map[string]string, error) { return answering(ctx, reader, namespace, target, nil) })
	return func(uid string) bool {
		names, err := list()
		return err == nil && names[uid] == ""
	}
}

// known are all receipts of a target and of the ConfigMaps that it is configured by.
func known(target *model.Target) []model.Receipt {
	all := slices.Clone(target.Receipts)
	if s := target.Standalone; s != nil {
		all = slices.AppendSeq(slices.AppendSeq(all, maps.Values(s.Halfway)), maps.Values(s.Untold))
	}
	return all
}

// writers are the uids of CheckpointHealths that wrote receipts, and whether one of those waits for its verdict in time.
type writers map[string]bool

// answering are the names, by uid, of the CheckpointHealths that look at a target, or at a job of the same session cluster: of all, or of the writers
// that are asked about. Those of a namespace that was restored are no writers, and what each looks at need not be found out.
func answering(ctx context.Context, reader client.Reader, namespace string, target *model.Target, asked writers) (map[string]string, error) {
	var list api.CheckpointHealthList
	if err := reader.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("the CheckpointHealths of namespace %s cannot be listed: %w", namespace, err)
	}
	names := map[string]string{}
	for i := range list.Items {
		health := &list.Items[i]
		waits, wrote := asked[string(health.UID)]
		if (wrote || asked == nil) && looksAt(ctx, reader, health, target, waits) {
			names[string(health.UID)] = health.Name
		}
	}
	return names, nil
}

// looksAt tells whether a CheckpointHealth looks at a target or at an object beside it: by its name, or as the FlinkSessionJob of a session
// cluster. One of which that cannot be told may; one whose FlinkSessionJob names no cluster, or is not there, does where it is waited for.
func looksAt(ctx context.Context, reader client.Reader, health *api.CheckpointHealth, target *model.Target, waits bool) bool {
	ref := &health.Spec.TargetRef
	objects := append([]model.Target{*target}, target.Others...)
	if slices.ContainsFunc(objects, func(t model.Target) bool { return t.Kind == ref.Kind && t.Name == ref.Name }) {
		return true
	}
	cluster, err := observe.ClusterOf(ctx, reader, *ref, health.Namespace)
	if err != nil || cluster == "" {
		return err != nil || waits && observe.OnSessionCluster(ref.Kind)
	}
	return slices.ContainsFunc(objects, func(t model.Target) bool { return t.SessionCluster && t.Name == cluster })
}
