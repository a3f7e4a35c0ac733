package observe

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// What the scheduler says is that of Kubernetes 1.36 on a node of two cores.
func TestWhyNoNodeTakesAPod(t *testing.T) {
	waits := flinkPod("payments-taskmanager-1-1", "taskmanager", "")
	waits.Status.Phase = corev1.PodPending
	waits.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable",
		Message: "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."}}
	taken := flinkPod("payments-5d4", "jobmanager", "10.0.0.1")
	taken.Status.Conditions = append(taken.Status.Conditions, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue})
	s := snapshotOfPayments()
	Pods(context.Background(), fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(taken, waits).Build(), s)
	const want = "pod payments-taskmanager-1-1 is not scheduled: 0/1 nodes are available: 1 Insufficient cpu"
	if got := s.Unscheduled(); got != want {
		t.Errorf("unscheduled %q, want %q", got, want)
	}
	s.Pods[1].Ending = true
	if got := s.Unscheduled(); got != "" {
		t.Errorf("unscheduled %q of a pod that is being deleted, want none", got)
	}
}
