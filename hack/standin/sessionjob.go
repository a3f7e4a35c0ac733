package standin

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// SessionJobKind is the Flink operator's FlinkSessionJob.
var SessionJobKind = schema.GroupVersionKind{Group: GroupVersionKind.Group, Version: GroupVersionKind.Version, Kind: "FlinkSessionJob"}

// SessionCluster is a cluster without a job of its own, to which jobs are submitted.
type SessionCluster interface {
	// Submit runs a job with its own flinkConfiguration on top of the cluster's, and returns Flink's id of it, a new one each time. With
	// restore it goes on from the job's last completed checkpoint.
	Submit(ctx context.Context, name string, config map[string]string, restore bool) (id string, err error)
	// Cancel ends a job. What can be restored is kept.
	Cancel(ctx context.Context, name string) error
	// CancelWithSavepoint ends a job with a savepoint. An error means that the savepoint failed and the job goes on.
	CancelWithSavepoint(ctx context.Context, name string) error
}

// SessionJobs stands in for the Flink operator's work on FlinkSessionJobs: a changed spec cancels the job and submits it again.
type SessionJobs struct {
	// Operator writes status and events.
	Operator *Operator
	// Cluster finds the session cluster of a FlinkDeployment's name; false while it does not run.
	Cluster func(namespace, name string) (SessionCluster, bool)
	// Validate refuses a spec with an error text; nil takes all. A spec that is refused is not rolled out: the job goes on with the one before.
	Validate func(object *unstructured.Unstructured) string

	mu   sync.Mutex
	jobs map[client.ObjectKey]*sessionCourse
}

// sessionCourse is what the stand-in knows of one FlinkSessionJob.
type sessionCourse struct {
	config map[string]string
	nonce  int64
	step   step
}

// Reconcile takes one FlinkSessionJob one step further: submitted, seen running, and on a change canceled.
func (s *SessionJobs) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(SessionJobKind)
	if err := s.Operator.Client.Get(ctx, request.NamespacedName, object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	spec, _, err := unstructured.NestedMap(object.Object, "spec")
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("spec of FlinkSessionJob %s: %w", request.NamespacedName, err)
	}
	cluster, up := s.Cluster(request.Namespace, text(spec, "", "deploymentName"))
	if !up {
		return ctrl.Result{}, nil // not ready to be reconciled, as the Flink operator has it
	}
	c := s.courseOf(request.NamespacedName)
	config, nonce := restarts(Flatten(spec["flinkConfiguration"])), int64(number(spec, 0, "restartNonce"))
	if s.Validate != nil {
		if why := s.Validate(object); why != "" {
			return ctrl.Result{}, s.Operator.writeStatus(ctx, object, func(status *Status) { status.Error = validationError(why) })
		}
	}
	changed := !maps.Equal(config, c.config) || nonce != c.nonce
	switch {
	case c.step == stepNew, c.step == stepSuspended:
		restore := c.step == stepSuspended && text(spec, "stateless", "job", "upgradeMode") != "stateless"
		return ctrl.Result{}, s.submit(ctx, object, cluster, c, sessionCourse{config: config, nonce: nonce, step: stepCreated}, restore)
	case changed:
		return ctrl.Result{}, s.cancel(ctx, object, cluster, c, text(spec, "stateless", "job", "upgradeMode"))
	}
	c.step = stepStable
	return ctrl.Result{}, s.Operator.writeStatus(ctx, object, func(status *Status) {
		status.LifecycleState, status.JobStatus.State, status.Error = "STABLE", "RUNNING", ""
		status.ObservedGeneration = object.GetGeneration()
	})
}

// validationError is what the Flink operator writes into status.error for a spec that it refuses (measured on 1.7.0).
func validationError(why string) string {
	return fmt.Sprintf(`{"type":"org.apache.flink.kubernetes.operator.exception.ValidationException","message":%q,"additionalMetadata":{},"throwableList":[]}`, why)
}

// submit runs the job and shows it as deployed.
func (s *SessionJobs) submit(ctx context.Context, object *unstructured.Unstructured, cluster SessionCluster, c *sessionCourse, next sessionCourse, restore bool) error {
	id, err := cluster.Submit(ctx, object.GetName(), next.config, restore)
	if err != nil {
		return s.Operator.writeStatus(ctx, object, func(status *Status) { status.Error = err.Error() })
	}
	*c = next
	return s.Operator.writeStatus(ctx, object, func(status *Status) {
		status.LifecycleState, status.Reconciliation.State, status.Error = "DEPLOYED", "DEPLOYED", ""
		status.JobStatus.State, status.JobStatus.JobID = "RECONCILING", id
		status.ObservedGeneration = object.GetGeneration()
	})
}

// cancel ends the job because its spec has changed. A savepoint that fails leaves it running, with the error in status.
func (s *SessionJobs) cancel(ctx context.Context, object *unstructured.Unstructured, cluster SessionCluster, c *sessionCourse, upgradeMode string) error {
	end := cluster.Cancel
	if upgradeMode == "savepoint" {
		end = cluster.CancelWithSavepoint
	}
	if err := end(ctx, object.GetName()); err != nil {
		message := fmt.Sprintf("Timed out stopping the job with savepoint, please configure a larger timeout via 'execution.checkpointing.timeout' (%v)", err)
		return s.Operator.writeStatus(ctx, object, func(status *Status) { status.Error = message })
	}
	c.step = stepSuspended
	return s.Operator.writeStatus(ctx, object, func(status *Status) {
		status.LifecycleState, status.Reconciliation.State, status.JobStatus.State = "UPGRADING", "UPGRADING", "CANCELED"
		status.ObservedGeneration = object.GetGeneration()
	})
}

func (s *SessionJobs) courseOf(key client.ObjectKey) *sessionCourse {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs == nil {
		s.jobs = map[client.ObjectKey]*sessionCourse{}
	}
	if s.jobs[key] == nil {
		s.jobs[key] = &sessionCourse{}
	}
	return s.jobs[key]
}
