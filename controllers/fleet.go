package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// sharedWindow is how close together several jobs must have become unhealthy for the cause to count as shared: one quarter of an hour is
// one and a half times Flink's default checkpoint timeout of ten minutes, the time within which all of them notice the same fault.
const sharedWindow = 15 * time.Minute

// fleet counts what is in flight over all CheckpointHealths of a policy. Status tells what was in flight when the manager started; the
// reservations tell what this process began since, so that two workers never spend the same place of a budget.
type fleet struct {
	mu       sync.Mutex
	reserved map[types.NamespacedName]map[types.UID]struct{}
}

func newFleet() *fleet {
	return &fleet{reserved: map[types.NamespacedName]map[types.UID]struct{}{}}
}

// count reads the policy's CheckpointHealths from the cache. Objects with an inline or built-in policy are a fleet of one.
func (f *fleet) count(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, cause api.Cause) (model.Fleet, error) {
	if object.Spec.PolicyRef.Name == "" {
		return model.Fleet{Targets: 1}, nil
	}
	governed, err := governedObjects(ctx, reader, object.Namespace, object.Spec.PolicyRef.Name)
	if err != nil {
		return model.Fleet{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	reserved := f.reserved[policyKey(object)]
	count := model.Fleet{Targets: len(governed)}
	for _, other := range governed {
		if other.Status.Health == api.HealthUnhealthy {
			count.Unhealthy++
		}
		_, mine := reserved[other.UID]
		if other.UID == object.UID {
			continue
		}
		if mine || meta.IsStatusConditionTrue(other.Status.Conditions, api.ConditionRemediating) {
			count.InFlight++
		}
		if sharesCause(object, other, cause) {
			count.SharedWith++
		}
	}
	return count, nil
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

// sharesCause tells whether another job became unhealthy of the same cause at about the same time.
func sharesCause(object, other *api.CheckpointHealth, cause api.Cause) bool {
	if other.Status.Health != api.HealthUnhealthy || cause == "" || cause == api.CauseUndetermined || other.Status.Cause != cause {
		return false
	}
	if object.Status.UnhealthySince == nil || other.Status.UnhealthySince == nil {
		return false
	}
	apart := object.Status.UnhealthySince.Sub(other.Status.UnhealthySince.Time)
	return apart.Abs() <= sharedWindow
}

// reserve takes a place of the budget for an object, unless none is left. It is the last word: plan saw the count a moment earlier.
func (f *fleet) reserve(object *api.CheckpointHealth, policy *model.Policy, seen model.Fleet) bool {
	if object.Spec.PolicyRef.Name == "" {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := policyKey(object)
	places := f.reserved[key]
	if places == nil {
		places = map[types.UID]struct{}{}
		f.reserved[key] = places
	}
	others := len(places)
	if _, mine := places[object.UID]; mine {
		others--
	}
	if max(others, seen.InFlight) >= policy.Budget(seen.Targets) {
		return false
	}
	places[object.UID] = struct{}{}
	return true
}

// release gives the place back, once no remedy of the object is in flight or the object is gone.
func (f *fleet) release(namespace string, uid types.UID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, places := range f.reserved {
		if key.Namespace != namespace {
			continue
		}
		delete(places, uid)
		if len(places) == 0 {
			delete(f.reserved, key)
		}
	}
}

func policyKey(object *api.CheckpointHealth) types.NamespacedName {
	return types.NamespacedName{Namespace: object.Namespace, Name: object.Spec.PolicyRef.Name}
}
