package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// shared is what a sick job shares with the other CheckpointHealths of its namespace, and who of them sickened about when it did. All of it is
// read from the cache, and nothing of it for a healthy job. Jobs that are neither unhealthy nor at risk count among those that share, not among
// the sick.
func shared(ctx context.Context, reader client.Reader, object *api.CheckpointHealth, snapshot *model.Snapshot) ([]model.SharedThing, error) {
	var list api.CheckpointHealthList
	if err := reader.List(ctx, &list, client.InNamespace(object.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("the CheckpointHealths of namespace %s cannot be listed: %w", object.Namespace, err)
	}
	own := ownThings(object, snapshot)
	since := snapshot.Past.UnhealthySince
	if since.IsZero() {
		since = snapshot.At
	}
	nodes := nodesOf(ctx, reader, object.Namespace, own)
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID == object.UID || other.Spec.TargetRef == object.Spec.TargetRef {
			continue // several that look at one cluster are one patient here
		}
		for j := range own {
			if has(other, &own[j], nodes) {
				count(&own[j], other, since)
			}
		}
	}
	return own, nil
}

// ownThings are what this job may share with others.
func ownThings(object *api.CheckpointHealth, snapshot *model.Snapshot) []model.SharedThing {
	var things []model.SharedThing
	add := func(kind model.SharedKind, name string) {
		thing := model.SharedThing{Kind: kind, Name: name, Jobs: 1, Sick: map[api.Cause]model.SickJobs{}, Untold: map[api.Cause]int{}}
		if name != "" && !slices.ContainsFunc(things, func(t model.SharedThing) bool { return t.Kind == kind && t.Name == name }) {
			things = append(things, thing)
		}
	}
	for i := range snapshot.Pods {
		if len(things) < maxNodes {
			add(model.SharedNode, snapshot.Pods[i].Node)
		}
	}
	add(model.SharedStorage, snapshot.Settings.StoragePlace())
	add(model.SharedVersion, snapshot.Job.FlinkVersion)
	add(model.SharedPolicy, object.Spec.PolicyRef.Name)
	return things
}

// maxNodes is on how many nodes of a job its neighbours are looked for: a job of hundreds of TaskManagers is on every node.
const maxNodes = 32

// nodesOf are the nodes on which the other workloads of the namespace run, by the label app, which Flink's native clusters and the Flink
// operator set to the cluster's name. Workloads without it are on no known node.
func nodesOf(ctx context.Context, reader client.Reader, namespace string, own []model.SharedThing) map[string]map[string]bool {
	if !slices.ContainsFunc(own, func(t model.SharedThing) bool { return t.Kind == model.SharedNode }) {
		return nil
	}
	var pods corev1.PodList
	if err := reader.List(ctx, &pods, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil // the pods of the job itself were read a moment ago; nodes only add to the rest
	}
	nodes := map[string]map[string]bool{}
	for i := range pods.Items {
		pod := &pods.Items[i]
		if app := pod.Labels["app"]; app != "" && pod.Spec.NodeName != "" {
			if nodes[app] == nil {
				nodes[app] = map[string]bool{}
			}
			nodes[app][pod.Spec.NodeName] = true
		}
	}
	return nodes
}

// has tells whether another job shares a thing.
func has(other *api.CheckpointHealth, thing *model.SharedThing, nodes map[string]map[string]bool) bool {
	switch thing.Kind {
	case model.SharedNode:
		return nodes[other.Spec.TargetRef.Name][thing.Name]
	case model.SharedStorage:
		return other.Status.Settings.CheckpointStorage.Value == thing.Name
	case model.SharedVersion:
		return other.Status.Job.FlinkVersion == thing.Name
	case model.SharedPolicy:
		return other.Spec.PolicyRef.Name == thing.Name
	}
	return false
}

// count adds another job to those that share a thing, and to the sick where it sickened about when this one did.
func count(thing *model.SharedThing, other *api.CheckpointHealth, since time.Time) {
	thing.Jobs++
	if !sickenedWith(other, since) {
		return
	}
	if cause := ownCause(&other.Status); cause != "" && cause != api.CauseUndetermined {
		thing.Sick[cause] = thing.Sick[cause].Add(other.Name, sickSince(&other.Status))
		return
	}
	for _, cause := range thing.Causes() {
		if !ruledOut(&other.Status, cause) {
			thing.Untold[cause]++
		}
	}
}

// ruledOut tells whether a job is not sick of a cause, as far as was looked.
func ruledOut(status *api.CheckpointHealthStatus, cause api.Cause) bool {
	return slices.ContainsFunc(status.Diagnoses, func(d api.Diagnosis) bool { return d.Cause == cause && d.Verdict == api.VerdictRuledOut })
}

// ownDiagnosis is the first cause that was found in a job itself: behind a shared dependency stands the job's own. It is empty where there is none.
func ownDiagnosis(status *api.CheckpointHealthStatus) api.Diagnosis {
	for i := range status.Diagnoses {
		if status.Diagnoses[i].Cause != api.CauseSharedDependencyDegraded {
			return status.Diagnoses[i]
		}
	}
	return api.Diagnosis{}
}

// ownCause is its cause.
func ownCause(status *api.CheckpointHealthStatus) api.Cause {
	if status.Cause != api.CauseSharedDependencyDegraded {
		return status.Cause
	}
	return ownDiagnosis(status).Cause
}

// sickSince is since when a job is sick: unhealthy, or, where nothing expired yet, at risk of the cause that was found. It is zero for one that is
// neither.
func sickSince(status *api.CheckpointHealthStatus) time.Time {
	if status.Health != api.HealthUnhealthy && status.Health != api.HealthAtRisk {
		return time.Time{}
	}
	if status.UnhealthySince != nil {
		return status.UnhealthySince.Time
	}
	if own := ownDiagnosis(status); own.Since != nil {
		return own.Since.Time
	}
	return time.Time{}
}

// sickenedWith tells whether another job is sick since about the same time.
func sickenedWith(other *api.CheckpointHealth, since time.Time) bool {
	began := sickSince(&other.Status)
	return !began.IsZero() && since.Sub(began).Abs() <= model.SharedWindow
}
