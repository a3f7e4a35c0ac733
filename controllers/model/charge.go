package model

import (
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// LookedAfter says which other CheckpointHealth of the namespace is in charge of the job that own looks at; "" where own is. Of those that name the
// same job of the same target it is the oldest, then the one with the smallest name; one that is being deleted is not in charge. One that is paused,
// suspended or only recommends stays in charge: whoever holds a job back wants nobody else to write to it.
func LookedAfter(own *api.CheckpointHealth, all []api.CheckpointHealth, seen *Snapshot) string {
	first := own
	for i := range all {
		other := &all[i]
		if other.Name != own.Name && other.Namespace == own.Namespace && other.DeletionTimestamp == nil && goesBefore(other, first) &&
			sameTarget(&other.Spec.TargetRef, &own.Spec.TargetRef) && sameJob(&other.Spec.JobSelector, &own.Spec.JobSelector, seen) {
			first = other
		}
	}
	if first == own {
		return ""
	}
	return fmt.Sprintf("%s/%s is looked after by CheckpointHealth %s; this one only watches, until that one is deleted",
		own.Spec.TargetRef.Kind, own.Spec.TargetRef.Name, first.Name)
}

// goesBefore tells which of two is in charge. Neither time nor name ever changes, so that everybody who looks says the same.
func goesBefore(a, b *api.CheckpointHealth) bool {
	if b.DeletionTimestamp != nil {
		return true
	}
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.Name < b.Name
}

// sameTarget compares without the version: an object is the same in each.
func sameTarget(a, b *api.TargetReference) bool {
	groupA, _, _ := strings.Cut(a.APIVersion, "/")
	groupB, _, _ := strings.Cut(b.APIVersion, "/")
	return groupA == groupB && a.Kind == b.Kind && a.Name == b.Name
}

// sameJob tells whether another's selector takes the job that own's took: several may look at the jobs of one session cluster, one each. One that
// selects nothing means a cluster's only job.
func sameJob(other, own *api.JobSelector, seen *Snapshot) bool {
	job := &seen.Job
	switch {
	case *other == *own:
		return true
	case *other == api.JobSelector{}:
		return seen.Session.Running <= 1
	case job.ID == "" && job.Name == "":
		return !seen.Target.SessionCluster
	}
	return (other.ID == "" || other.ID == job.ID) && (other.Name == "" || other.Name == job.Name)
}
