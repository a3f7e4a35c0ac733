package observe

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"checkpointhealth.dev/operator/controllers/model"
)

func nodeUnder(name string, conditions map[corev1.NodeConditionType]corev1.ConditionStatus) *corev1.Node {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for kind, status := range conditions {
		node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{Type: kind, Status: status})
	}
	return node
}

func TestPressureOfTheNodes(t *testing.T) {
	tests := []struct {
		name       string
		conditions map[corev1.NodeConditionType]corev1.ConditionStatus
		want       string
	}{
		{"no conditions", nil, ""},
		{"at ease", map[corev1.NodeConditionType]corev1.ConditionStatus{corev1.NodeReady: corev1.ConditionTrue, corev1.NodeMemoryPressure: corev1.ConditionFalse}, ""},
		{"not known", map[corev1.NodeConditionType]corev1.ConditionStatus{corev1.NodeMemoryPressure: corev1.ConditionUnknown}, ""},
		{"all three", map[corev1.NodeConditionType]corev1.ConditionStatus{corev1.NodePIDPressure: corev1.ConditionTrue, corev1.NodeDiskPressure: corev1.ConditionTrue,
			corev1.NodeMemoryPressure: corev1.ConditionTrue}, "MemoryPressure, DiskPressure, PIDPressure"},
	}
	for _, test := range tests {
		reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(nodeUnder("a", test.conditions)).Build()
		pods := []model.Pod{{Node: "a"}, {}, {Node: "a"}}
		if why := readNodes(context.Background(), reader, pods); why != "" {
			t.Errorf("%s: %s", test.name, why)
		}
		if pods[0].NodePressure != test.want || pods[2].NodePressure != test.want || pods[1].NodePressure != "" {
			t.Errorf("%s: %+v, want %q", test.name, pods, test.want)
		}
	}
}

func TestNodesThatCannotBeRead(t *testing.T) {
	forbidden := interceptor.Funcs{Get: func(_ context.Context, _ client.WithWatch, key client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "nodes"}, key.Name, nil)
	}}
	asked := 0
	counting := interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
		asked++
		return nil
	}}
	var many []model.Pod
	for i := range 30 {
		many = append(many, model.Pod{Node: fmt.Sprintf("node-%d", i)})
	}
	tests := []struct {
		name  string
		funcs interceptor.Funcs
		pods  []model.Pod
		says  string
	}{
		{"namespaced install", forbidden, []model.Pod{{Node: "a"}}, "forbidden"},
		{"gone", interceptor.Funcs{}, []model.Pod{{Node: "a"}}, "not found"},
		{"too many", counting, many, "more than the 8 nodes"},
		{"not scheduled yet", forbidden, []model.Pod{{}}, ""},
	}
	for _, test := range tests {
		reader := interceptor.NewClient(fake.NewClientBuilder().WithScheme(testScheme(t)).Build(), test.funcs)
		why := readNodes(context.Background(), reader, test.pods)
		if !strings.Contains(why, test.says) || (why == "") != (test.says == "") {
			t.Errorf("%s: %q, want %q", test.name, why, test.says)
		}
	}
	if asked != maxNodes {
		t.Errorf("%d nodes were asked for, want %d", asked, maxNodes)
	}
}

// An evicted pod has no container status any more: the kubelet says when by the pod's readiness.
func TestEvictedPods(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: mainContainerName}}}, Status: corev1.PodStatus{
		Phase: corev1.PodFailed, Reason: "Evicted",
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: metav1.NewTime(at)}}}}
	if got := podOf(pod); !got.Evicted || !got.LastTerminationAt.Equal(at) {
		t.Errorf("got %+v, want it evicted at %s", got, at)
	}
	pod.Status.Reason = "NodeLost"
	if got := podOf(pod); got.Evicted || !got.LastTerminationAt.IsZero() {
		t.Errorf("got %+v, want it not evicted", got)
	}
}
