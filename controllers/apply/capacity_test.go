package apply

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func list(pairs ...string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		out[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return out
}

func quota(hard, used corev1.ResourceList) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "team"}, Status: corev1.ResourceQuotaStatus{Hard: hard, Used: used}}
}

func limitRange(kind corev1.LimitType, most corev1.ResourceList) *corev1.LimitRange {
	return &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "sizes"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{Type: kind, Max: most}}}}
}

func node(name string, allocatable corev1.ResourceList) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{Allocatable: allocatable}}
}

func TestALargerJobManagerMustFit(t *testing.T) {
	cpu := model.Change{Lever: api.LeverJobManagerCPU, Field: "jobManager.resource.cpu", From: "1", To: "2"}
	heap := model.Change{Lever: api.LeverJobManagerHeap, Field: "jobManager.resource.memory", From: "1600m", To: "3200m"}
	for _, c := range []struct {
		name   string
		change model.Change
		with   []client.Object
		says   string // empty: it fits
	}{
		{"nothing limits it", cpu, nil, ""},
		{"the quota has room", cpu, []client.Object{quota(list("limits.cpu", "10"), list("limits.cpu", "9"))}, ""},
		{"the quota of limits is full", cpu, []client.Object{quota(list("limits.cpu", "10"), list("limits.cpu", "9500m"))}, "ResourceQuota team allows 10 limits.cpu"},
		{"the quota of requests is full", heap, []client.Object{quota(list("requests.memory", "4Gi"), list("requests.memory", "3Gi"))}, "requests.memory"},
		{"the limit range of containers", cpu, []client.Object{limitRange(corev1.LimitTypeContainer, list("cpu", "1500m"))}, "LimitRange sizes"},
		{"the limit range of volumes is another matter", cpu, []client.Object{limitRange(corev1.LimitTypePersistentVolumeClaim, list("cpu", "1500m"))}, ""},
		{"no node is large enough", cpu, []client.Object{node("a", list("cpu", "1")), node("b", list("cpu", "1900m"))}, "no node holds"},
		{"one node is", cpu, []client.Object{node("a", list("cpu", "1")), node("b", list("cpu", "2"))}, ""},
		{"Flink's m is MiB: 3200m fits into 4Gi", heap, []client.Object{node("a", list("memory", "4Gi"))}, ""},
		{"and not into 3Gi", heap, []client.Object{node("a", list("memory", "3Gi"))}, "no node holds"},
		{"a timeout needs no room", model.Change{Lever: api.LeverCheckpointTimeout, Field: timeoutKey, To: "20m"}, []client.Object{node("a", list("cpu", "1"))}, ""},
	} {
		w := &Writer{Live: fake.NewClientBuilder().WithObjects(c.with...).Build()}
		pass := &model.Pass{Snapshot: &model.Snapshot{Target: model.Target{Namespace: "shop"}}, Decision: model.Decision{Remedy: &model.Remedy{Changes: []model.Change{c.change}}}}
		refused, err := w.capacity(t.Context(), pass)
		if err != nil || (refused.Reason == api.ReasonDoesNotFitCluster) != (c.says != "") || !strings.Contains(refused.Message, c.says) {
			t.Errorf("%s: %+v, %v; want it to say %q", c.name, refused, err, c.says)
		}
	}
}
