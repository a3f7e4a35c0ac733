package controllers

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// reported writes status, events and metrics: the one deferred write of the pass.
func (r *CheckpointHealthReconciler) reported(ctx context.Context, s *scope, walked error) error {
	r.Metrics.Passed(r.Clock.Since(s.now), s.pass.Snapshot != nil && s.pass.Snapshot.Deep)
	r.Metrics.Wrote(s.pass.Written)
	if walked != nil {
		return nil // a pass that broke off says nothing new; it is walked again
	}
	object := s.object
	if failure := s.failure; failure != nil {
		if s.policy.Mode != "" { // it was read
			failure.Policy = &s.policy
		}
		return r.store(ctx, object, report.Failed(object, *failure, s.now), nil)
	}
	if completed := s.pass.Snapshot.Checkpoints.LatestCompleted; completed != nil {
		r.Metrics.Completed(s.key(), completed.End())
	}
	return r.store(ctx, object, report.Status(object, &s.pass), &s.pass)
}

// reportSuspended says that nothing is looked at.
func (r *CheckpointHealthReconciler) reportSuspended(ctx context.Context, s *scope) error {
	return r.store(ctx, s.object, report.Suspended(s.object, s.now), nil)
}

// store writes the status where it says something new, and then tells of the change. The object is the cache's, and is not changed.
func (r *CheckpointHealthReconciler) store(ctx context.Context, object *api.CheckpointHealth, next api.CheckpointHealthStatus, pass *model.Pass) error {
	written, err := r.Status.Write(ctx, object, &next, r.Clock.Now())
	if apierrors.IsNotFound(err) {
		return nil // deleted meanwhile
	}
	r.Metrics.Status(written != nil, err)
	if err != nil {
		return err
	}
	r.Metrics.Observe(client.ObjectKeyFromObject(object), &next)
	if written != nil {
		told := report.Told(&written.Status, &next)
		r.Events.Emit(eventReference(object), report.Events(&object.Status, told, pass))
		r.Metrics.Count(&object.Status, told)
	}
	return nil
}

// eventReference names the object without its resourceVersion: the recorder's series are keyed by it, and each status write would begin a
// new series.
func eventReference(object *api.CheckpointHealth) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		APIVersion: api.GroupVersion.String(), Kind: "CheckpointHealth",
		Namespace: object.Namespace, Name: object.Name, UID: object.UID,
	}
}

// lag is how much later than meant a pass began; a first pass has none.
func lag(now, due time.Time) time.Duration {
	if due.IsZero() {
		return 0
	}
	return max(now.Sub(due), 0)
}
