package standin

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Status is what the Flink operator shows of a FlinkDeployment, as far as the stand-in shows it.
type Status struct {
	ClusterInfo                map[string]string `json:"clusterInfo,omitempty"`
	Error                      string            `json:"error,omitempty"`
	JobManagerDeploymentStatus string            `json:"jobManagerDeploymentStatus,omitempty"`
	JobStatus                  JobStatus         `json:"jobStatus"`
	LifecycleState             string            `json:"lifecycleState,omitempty"`
	ObservedGeneration         int64             `json:"observedGeneration,omitempty"`
	Reconciliation             Reconciliation    `json:"reconciliationStatus"`
	TaskManager                TaskManagerStatus `json:"taskManager"`
}

// JobStatus is the job as the Flink operator last saw it. State says FINISHED while the job is suspended for an upgrade.
type JobStatus struct {
	JobID      string `json:"jobId,omitempty"`
	JobName    string `json:"jobName,omitempty"`
	State      string `json:"state,omitempty"`
	StartTime  string `json:"startTime,omitempty"`  // ms since the epoch, as a string
	UpdateTime string `json:"updateTime,omitempty"` // likewise
}

// Reconciliation is what the Flink operator has made of which spec.
type Reconciliation struct {
	State                   string `json:"state,omitempty"`
	LastReconciledSpec      string `json:"lastReconciledSpec,omitempty"`
	LastStableSpec          string `json:"lastStableSpec,omitempty"`
	ReconciliationTimestamp int64  `json:"reconciliationTimestamp,omitempty"` // ms since the epoch
}

// TaskManagerStatus counts the TaskManagers.
type TaskManagerStatus struct {
	LabelSelector string `json:"labelSelector,omitempty"`
	Replicas      int64  `json:"replicas,omitempty"`
}

// statusOf reads a FlinkDeployment's status; what is not there is empty.
func statusOf(object *unstructured.Unstructured) (Status, error) {
	var s Status
	fields, found, err := unstructured.NestedMap(object.Object, "status")
	if err != nil || !found {
		return s, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &s); err != nil {
		return s, fmt.Errorf("status: %w", err)
	}
	return s, nil
}

// writeStatus changes a FlinkDeployment's status, and nothing where the change makes no difference.
func (o *Operator) writeStatus(ctx context.Context, object *unstructured.Unstructured, change func(*Status)) error {
	before := object.DeepCopy()
	s, err := statusOf(object)
	if err != nil {
		return err
	}
	old := s.JobStatus.State
	change(&s)
	if s.JobStatus.State != old {
		s.JobStatus.UpdateTime = fmt.Sprint(o.now().UnixMilli())
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&s)
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	if err := unstructured.SetNestedMap(object.Object, fields, "status"); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	if equality.Semantic.DeepEqual(before.Object["status"], object.Object["status"]) {
		return nil
	}
	if err := o.Client.Status().Patch(ctx, object, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("write status of %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	return o.jobStatusChanged(ctx, object, old, s.JobStatus.State)
}

func (o *Operator) now() time.Time { return o.Clock.Now() }
