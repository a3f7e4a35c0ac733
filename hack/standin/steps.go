package standin

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
)

// stop ends the JobManager. With upgradeMode savepoint a savepoint that fails leaves everything running and is tried again:
// status says STABLE and RUNNING all the while, the error shows until the next attempt, and the Event stays (measured on 1.7.0).
func (o *Operator) stop(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (stopped bool, result ctrl.Result, err error) {
	saver, can := c.cluster.(Savepointer)
	if w.UpgradeMode != "savepoint" || !can {
		if err := c.cluster.Stop(ctx); err != nil {
			return false, ctrl.Result{}, fmt.Errorf("stop cluster of %s/%s: %w", w.Namespace, w.Name, err)
		}
		return true, ctrl.Result{}, nil
	}
	failure := saver.StopWithSavepoint(ctx)
	if failure == nil {
		return true, ctrl.Result{}, nil
	}
	c.attempts++
	c.tried = w
	message := fmt.Sprintf("Timed out stopping the job %s with savepoint, please configure a larger timeout via 'execution.checkpointing.timeout' (%v)", jobID(c.cluster), failure)
	if err := o.event(ctx, object, corev1.EventTypeWarning, reasonException, message); err != nil {
		return false, ctrl.Result{}, err
	}
	if err := o.writeStatus(ctx, object, func(s *Status) { s.Error = message }); err != nil {
		return false, ctrl.Result{}, err
	}
	result, err = o.wait(c, stepStable, o.Delays.Retry)
	return false, result, err
}

// deploy starts the JobManager with the spec of this moment: changes that came while it was suspended are folded in.
func (o *Operator) deploy(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	if err := c.cluster.Deploy(ctx, w.Spec); err != nil {
		return o.failed(ctx, object, c, err)
	}
	first := c.deployments == 0
	c.applied = w
	c.deployments++
	if err := o.bringUp(ctx, object, w, c.deployments); err != nil {
		return ctrl.Result{}, err
	}
	if err := o.event(ctx, object, corev1.EventTypeNormal, reasonSubmit, "Starting deployment"); err != nil {
		return ctrl.Result{}, err
	}
	err := o.writeStatus(ctx, object, func(s *Status) {
		s.LifecycleState, s.JobManagerDeploymentStatus, s.Error = "DEPLOYED", "DEPLOYING", ""
		s.ObservedGeneration = object.GetGeneration()
		s.JobStatus.State, s.JobStatus.JobID = "RECONCILING", jobID(c.cluster)
		s.Reconciliation.State, s.Reconciliation.LastReconciledSpec = "DEPLOYED", w.lastReconciled(first, false)
		s.Reconciliation.ReconciliationTimestamp = o.now().UnixMilli()
		s.TaskManager = TaskManagerStatus{LabelSelector: fmt.Sprintf("component=taskmanager,app=%s", w.Name), Replicas: int64(w.taskManagers)}
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return o.wait(c, stepStarting, o.Delays.Starting)
}

// failed shows a deployment that Flink did not take and tries it again later.
func (o *Operator) failed(ctx context.Context, object *unstructured.Unstructured, c *course, cause error) (ctrl.Result, error) {
	if err := o.event(ctx, object, corev1.EventTypeWarning, reasonException, cause.Error()); err != nil {
		return ctrl.Result{}, err
	}
	err := o.writeStatus(ctx, object, func(s *Status) {
		s.Error, s.JobManagerDeploymentStatus = cause.Error(), "ERROR"
		s.ObservedGeneration = object.GetGeneration()
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return o.wait(c, stepFailed, o.Delays.Retry)
}

// observe looks whether the JobManager answers: DEPLOYED_NOT_READY until it does, READY with the job CREATED when it does.
func (o *Operator) observe(ctx context.Context, object *unstructured.Unstructured, c *course) (ctrl.Result, error) {
	ready, err := c.cluster.Ready(ctx)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("look at the JobManager of %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	if !ready {
		if err := o.writeStatus(ctx, object, func(s *Status) { s.JobManagerDeploymentStatus = "DEPLOYED_NOT_READY" }); err != nil {
			return ctrl.Result{}, err
		}
		return o.wait(c, stepStarting, o.Delays.Observe)
	}
	err = o.writeStatus(ctx, object, func(s *Status) {
		s.JobManagerDeploymentStatus = "READY"
		s.ClusterInfo = map[string]string{"flink-version": c.applied.Version, "total-cpu": fmt.Sprint(c.applied.CPU), "total-memory": fmt.Sprint(c.applied.MemoryBytes)}
		s.JobStatus.State, s.JobStatus.JobID, s.JobStatus.JobName = "CREATED", jobID(c.cluster), object.GetName()
		s.JobStatus.StartTime = fmt.Sprint(o.now().UnixMilli())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return o.wait(c, stepCreated, o.Delays.Running)
}

// stabilize is the job seen RUNNING: the deployment is STABLE, which may be long before its tasks run.
func (o *Operator) stabilize(ctx context.Context, object *unstructured.Unstructured, c *course) (ctrl.Result, error) {
	err := o.writeStatus(ctx, object, func(s *Status) {
		s.LifecycleState, s.JobStatus.State = "STABLE", "RUNNING"
		s.Reconciliation.LastStableSpec = s.Reconciliation.LastReconciledSpec
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	c.step, c.until = stepStable, o.now()
	return ctrl.Result{}, nil
}

// settle takes note of a change that restarts nothing, and clears the error of a savepoint that was not tried again.
func (o *Operator) settle(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	c.attempts = 0
	return ctrl.Result{}, o.writeStatus(ctx, object, func(s *Status) {
		s.Error = ""
		if s.ObservedGeneration != object.GetGeneration() {
			s.ObservedGeneration = object.GetGeneration()
			s.Reconciliation.LastReconciledSpec = w.lastReconciled(false, false)
			s.Reconciliation.LastStableSpec = s.Reconciliation.LastReconciledSpec
		}
	})
}

// park shows a job whose spec says suspended.
func (o *Operator) park(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	c.step = stepParked
	return ctrl.Result{}, o.writeStatus(ctx, object, func(s *Status) {
		s.LifecycleState, s.Reconciliation.State = "SUSPENDED", "DEPLOYED"
		s.Reconciliation.LastReconciledSpec = w.lastReconciled(false, true)
	})
}

func jobID(c Cluster) string {
	if known, ok := c.(Identified); ok {
		return known.JobID()
	}
	return ""
}
