package standin

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
)

// rolloutLook is how often a rollout is looked at.
const rolloutLook = 200 * time.Millisecond

// SetupWithManager lets the stand-in watch Deployments. A start may block, so several run at once.
func (w *Workloads) SetupWithManager(m ctrl.Manager, name string) error {
	return ctrl.NewControllerManagedBy(m).Named(name).For(&appsv1.Deployment{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 8}).Complete(w)
}

// Reconcile takes one Deployment one step further, and comes back until its JobManager is ready. What keeps a pod from starting is said
// with every attempt, as a kubelet does.
func (w *Workloads) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var d appsv1.Deployment
	if err := w.Client.Get(ctx, request.NamespacedName, &d); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return ctrl.Result{}, w.forget(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, fmt.Errorf("get Deployment %s: %w", request.NamespacedName, err)
	}
	if err := w.Deployment(ctx, &d); err != nil {
		return ctrl.Result{}, err
	}
	r := w.rolloutOf(request.NamespacedName)
	if r.failure != "" {
		if w.Failed != nil {
			w.Failed("pod of %s: %s", request.NamespacedName, r.failure)
		}
		return ctrl.Result{}, fmt.Errorf("pod of %s: %s", request.NamespacedName, r.failure)
	}
	if r.ready || d.Spec.Paused {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: rolloutLook}, nil
}

// forget stops the JobManager of a Deployment that is gone.
func (w *Workloads) forget(ctx context.Context, key client.ObjectKey) error {
	w.mu.Lock()
	r := w.rollouts[key]
	delete(w.rollouts, key)
	w.mu.Unlock()
	if r == nil || r.cluster == nil {
		return nil
	}
	if gone, ok := r.cluster.(Removable); ok {
		return gone.Remove(ctx)
	}
	return r.cluster.Stop(ctx)
}
