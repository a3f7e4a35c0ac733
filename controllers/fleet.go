package controllers

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// fleet holds the places of each policy's budget. What is in flight is written on the targets, as receipts; the places tell what this process
// began since, which the cache may not show yet. So a restart forgets nothing, and two workers never spend the same place.
type fleet struct {
	mu     sync.Mutex
	places map[types.NamespacedName]map[types.UID]struct{}
}

func newFleet() *fleet {
	return &fleet{places: map[types.NamespacedName]map[types.UID]struct{}{}}
}

// count reads the policy's CheckpointHealths from the cache, for a job that sickened of the cause at the time. Objects with an inline or
// built-in policy are a fleet of one.
func (f *fleet) count(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, cause api.Cause, sickSince time.Time) (model.Fleet, error) {
	if object.Spec.PolicyRef.Name == "" {
		return model.Fleet{Targets: 1}, nil
	}
	governed, err := governedObjects(ctx, reader, object.Namespace, object.Spec.PolicyRef.Name)
	if err != nil {
		return model.Fleet{}, err
	}
	taken := f.taken(policyKey(object))
	count := model.Fleet{Targets: len(governed)}
	for _, other := range governed {
		if other.UID == object.UID {
			continue
		}
		if _, reserved := taken[other.UID]; reserved || meta.IsStatusConditionTrue(other.Status.Conditions, api.ConditionRemediating) {
			count.InFlight++
		}
		if sharesCause(other, cause, sickSince) {
			count.SharedWith++
		}
	}
	return count, nil
}

// taken is a copy of a policy's places.
func (f *fleet) taken(policy types.NamespacedName) map[types.UID]struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.places[policy])
}

// governedObjects are the CheckpointHealths of a namespace that name a policy, as the cache holds them: not to be changed.
func governedObjects(ctx context.Context, reader client.Reader, namespace, policy string) ([]*api.CheckpointHealth, error) {
	var list api.CheckpointHealthList
	if err := reader.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("the CheckpointHealths of RemediationPolicy %s cannot be listed: %w", policy, err)
	}
	var governed []*api.CheckpointHealth
	for i := range list.Items {
		if list.Items[i].Spec.PolicyRef.Name == policy {
			governed = append(governed, &list.Items[i])
		}
	}
	return governed, nil
}

// sharesCause tells whether another job is unhealthy of the same cause since about the same time.
func sharesCause(other *api.CheckpointHealth, cause api.Cause, sickSince time.Time) bool {
	return cause != "" && cause != api.CauseUndetermined && ownCause(&other.Status) == cause && sickenedWith(other, sickSince)
}

// reserve takes a place of the budget for an object, unless none is left. It is the last word: plan saw statuses, and reserve reads the
// receipts of the policy's other targets, of which a status may not tell yet.
func (f *fleet) reserve(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, policy *model.Policy, now time.Time) (bool, error) {
	if object.Spec.PolicyRef.Name == "" {
		return true, nil
	}
	governed, err := governedObjects(ctx, reader, object.Namespace, object.Spec.PolicyRef.Name)
	if err != nil {
		return false, err
	}
	busy := map[types.UID]struct{}{}
	for _, other := range governed {
		if other.UID != object.UID && remedyInFlight(ctx, reader, other, now) {
			busy[other.UID] = struct{}{}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := policyKey(object)
	for uid := range f.places[key] {
		if uid != object.UID {
			busy[uid] = struct{}{}
		}
	}
	if len(busy) >= policy.Budget(len(governed)) {
		return false, nil
	}
	if f.places[key] == nil {
		f.places[key] = map[types.UID]struct{}{}
	}
	f.places[key][object.UID] = struct{}{}
	return true, nil
}

// remedyInFlight tells by the receipts on its target whether a remedy of another job waits for its verdict. A target that cannot be read is
// judged by what status said last; one that is gone has nothing in flight.
func remedyInFlight(ctx context.Context, reader client.Reader, other *api.CheckpointHealth, now time.Time) bool {
	target, err := observe.TargetReceipts(ctx, reader, other.Spec.TargetRef, other.Namespace)
	if err == nil {
		jobs := observe.ListSessionJobs(ctx, reader, &target).WithOrphans(orphaned(ctx, reader, other.Namespace, &target))
		jobs.AttachCarrier(&target, string(other.UID), selectorOf(other))
		err = keepOwn(ctx, reader, other, &target, now)
	}
	if failure := targetFailure(err); failure != nil && failure.Reason == api.ReasonTargetNotFound {
		return false
	}
	if err == nil && (inFlight(&target) || target.ReceiptsError == "") {
		return inFlight(&target)
	}
	return meta.IsStatusConditionTrue(other.Status.Conditions, api.ConditionRemediating)
}

// release gives the place back, once no remedy of the object is in flight or the object is gone.
func (f *fleet) release(namespace string, uid types.UID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, places := range f.places {
		if key.Namespace != namespace {
			continue
		}
		delete(places, uid)
		if len(places) == 0 {
			delete(f.places, key)
		}
	}
}

func policyKey(object *api.CheckpointHealth) types.NamespacedName {
	return types.NamespacedName{Namespace: object.Namespace, Name: object.Spec.PolicyRef.Name}
}
