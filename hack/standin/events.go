package standin

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Event reasons of the Flink operator (1.7.0 and 1.15.0).
const (
	reasonSpecChanged = "SpecChanged"
	reasonSuspended   = "Suspended"
	reasonSubmit      = "Submit"
	reasonJobStatus   = "JobStatusChanged"
	reasonException   = "ClusterDeploymentException"
)

// event records an Event of the FlinkDeployment.
func (o *Operator) event(ctx context.Context, object *unstructured.Unstructured, kind, reason, message string) error {
	now := metav1.NewTime(o.now())
	e := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: object.GetNamespace(), GenerateName: object.GetName() + "."},
		InvolvedObject: corev1.ObjectReference{
			APIVersion: object.GetAPIVersion(), Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName(), UID: object.GetUID(),
		},
		Type: kind, Reason: reason, Message: message, FirstTimestamp: now, LastTimestamp: now, Count: 1,
		Source: corev1.EventSource{Component: "JobManagerDeployment"},
	}
	if err := o.Client.Create(ctx, e); err != nil {
		return fmt.Errorf("record event %s of %s: %w", reason, object.GetName(), err)
	}
	return nil
}

func (o *Operator) jobStatusChanged(ctx context.Context, object *unstructured.Unstructured, from, to string) error {
	if from == to || from == "" {
		return nil
	}
	return o.event(ctx, object, corev1.EventTypeNormal, reasonJobStatus, fmt.Sprintf("Job status changed from %s to %s", from, to))
}
