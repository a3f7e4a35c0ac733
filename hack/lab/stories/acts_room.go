package main

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// roomLeft is what another pod leaves of each node, in thousandths of a core: enough for the two pods of the next story's job, not for the 700 by which
// a JobManager grows from 0.8 to 1.5 cores.
const roomLeft = 2 * cpuRequest * 1000 * 1.25

// withoutRoom takes the room of the nodes before the JobManager is overloaded. The larger JobManager, or the TaskManager after it, is taken by none of
// them: the job is down until the remedy is undone, and the status says why.
func withoutRoom(ctx context.Context, s *scene) error {
	return s.withRoomTaken(ctx, func() error {
		s.history.fault = s.last.health.Status.Job.StartTime.Add(overloadAfter)
		if err := s.diagnosed(ctx); err != nil {
			return err
		}
		err := s.until(ctx, "the remedy is undone", 3*remedyWithin, func(v *view) bool {
			r := v.remedy()
			return r != nil && r.Outcome == api.OutcomeRolledBack
		})
		if err != nil {
			return err
		}
		r := s.last.remedy()
		s.say("undone: %s", r.Message)
		if !strings.Contains(r.Message, "is not scheduled") || !strings.Contains(r.Message, "Insufficient cpu") {
			return fmt.Errorf("the undo says %q, expected the pod that is not scheduled and what its node lacks", r.Message)
		}
		s.history.story.Note = "undone: " + r.Message
		return s.until(ctx, "the job runs again as it did before", startWithin, func(v *view) bool { return v.health.Status.Job.State == "RUNNING" })
	})
}

// withRoomTaken does something while a pod on each node asks for what is left of it.
func (s *scene) withRoomTaken(ctx context.Context, do func() error) error {
	var nodes corev1.NodeList
	var pods corev1.PodList
	if err := s.List(ctx, &nodes); err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	if err := s.List(ctx, &pods); err != nil {
		return fmt.Errorf("pods of all namespaces: %w", err)
	}
	var fillers []*corev1.Pod
	for i := range nodes.Items {
		fillers = append(fillers, s.filler(nodes.Items[i].Name, max(leftOn(&nodes.Items[i], pods.Items)-roomLeft, 1)))
	}
	defer s.giveRoom(context.WithoutCancel(ctx), fillers)
	for _, filler := range fillers {
		if err := s.Create(ctx, filler); err != nil {
			return fmt.Errorf("pod %s: %w", filler.Name, err)
		}
		s.say("pod %s takes %s of %s's cores", filler.Name, filler.Spec.Containers[0].Resources.Requests.Cpu(), filler.Spec.NodeName)
	}
	return do()
}

func (s *scene) giveRoom(ctx context.Context, fillers []*corev1.Pod) {
	for _, filler := range fillers {
		if err := client.IgnoreNotFound(s.Delete(ctx, filler, client.GracePeriodSeconds(0))); err != nil {
			s.say("cannot delete pod %s: %v", filler.Name, err)
		}
	}
}

// leftOn is what no pod of a node asks for, in thousandths of a core.
func leftOn(node *corev1.Node, pods []corev1.Pod) int64 {
	left := node.Status.Allocatable.Cpu().MilliValue()
	for i := range pods {
		if p := &pods[i]; p.Spec.NodeName == node.Name && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			for k := range p.Spec.Containers {
				left -= p.Spec.Containers[k].Resources.Requests.Cpu().MilliValue()
			}
		}
	}
	return left
}

// filler is a pod that does nothing but ask for so many thousandths of a core of a node.
func (s *scene) filler(node string, milli int64) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.options.namespace, Name: s.story.name + "-filler-" + node},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: ptr.To[int64](0),
			Containers: []corev1.Container{{
				Name: "filler", Image: s.options.image, ImagePullPolicy: corev1.PullNever, Command: []string{"sleep", "infinity"},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: *resource.NewMilliQuantity(milli, resource.DecimalSI)}},
			}},
		},
	}
}
