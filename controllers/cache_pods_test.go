package controllers

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Pods that the cache does not select are seen all the same; of a workload whose pods it has, nothing is asked past it.
func TestPodsThatTheCacheDoesNotHold(t *testing.T) {
	scheme, err := Scheme()
	mustDo(t, err)
	for _, test := range []struct {
		name         string
		carries, own map[string]string
		live         int
	}{
		{"the Flink operator's", map[string]string{"app": "river", "component": "jobmanager"}, map[string]string{"app": "river"}, 0},
		{"a FlinkApplication's", map[string]string{"flink-app": "river", "flink-app-hash": "c15f4020", "flink-deployment-type": "jobmanager"},
			map[string]string{"flink-app": "river", "flink-app-hash": "c15f4020"}, 2},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "river-0", Labels: test.carries}, Status: corev1.PodStatus{Phase: corev1.PodRunning},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "jobmanager", Image: "flink:1.14.6"}}}}
		lists := 0
		whole := fake.NewClientBuilder().WithScheme(scheme).WithObjects(pod).Build()
		live := interceptor.NewClient(whole, interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				lists++
				return c.List(ctx, list, options...)
			}})
		cached := interceptor.NewClient(whole, interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				err := c.List(ctx, list, options...)
				if pods, ok := list.(*corev1.PodList); ok {
					pods.Items = slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool { return !flinkPods().Matches(labels.Set(p.Labels)) })
				}
				return err
			}})
		r := &CheckpointHealthReconciler{Client: cached, Live: live}
		s := &scope{object: &api.CheckpointHealth{}, session: &session{}}
		s.policy.Logs = api.LogSourceKubernetes
		snapshot := model.Snapshot{Deep: true, Target: model.Target{Namespace: "shop", Name: "river", PodLabels: test.own}}
		r.podsSeen(t.Context(), s, &snapshot)
		var seen corev1.PodList
		mustDo(t, r.podLogs(s).Pods.List(t.Context(), &seen, client.InNamespace("shop"), client.MatchingLabels(test.own)))
		if len(snapshot.Pods) != 1 || snapshot.Pods[0].Component != model.ComponentJobManager || len(seen.Items) != 1 || lists != test.live {
			t.Errorf("%s: pods %+v, of logs %d, lists past the cache %d, want %d", test.name, snapshot.Pods, len(seen.Items), lists, test.live)
		}
	}
}

func TestTheCacheKeepsWhyAPodIsNotScheduled(t *testing.T) {
	pod := &corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
		{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}, {Type: corev1.PodReady, Status: corev1.ConditionFalse},
		{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/1 nodes are available: 1 Insufficient cpu."},
	}}}
	stripped, err := stripPod(pod)
	if err != nil {
		t.Fatal(err)
	}
	kept, ok := stripped.(*corev1.Pod)
	if !ok || len(kept.Status.Conditions) != 2 || kept.Status.Conditions[1].Message == "" {
		t.Errorf("kept %+v, want whether it is ready and why it is not scheduled", stripped)
	}
}
