package observe

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func flinkPod(name, component, ip string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: map[string]string{"app": "payments", "component": component}},
		Spec: corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "sidecar"}, {Name: mainContainerName, Image: "flink:1.20.5",
			Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("2Gi")}}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: ip, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: mainContainerName, RestartCount: 3, ImageID: "docker.io/library/flink@sha256:0123",
				LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled"}}}}},
	}
}

func snapshotOfPayments() *model.Snapshot {
	return &model.Snapshot{
		Target:       model.Target{Namespace: "shop", Name: "payments", PodLabels: map[string]string{"app": "payments"}},
		TaskManagers: []model.TaskManager{{ID: "payments-taskmanager-1-1"}, {ID: "10.0.0.9:6122-abc", Host: "10.0.0.9"}},
	}
}

func TestPodsAndTheirUse(t *testing.T) {
	usage := &metricsv1beta1.PodMetrics{ObjectMeta: metav1.ObjectMeta{Name: "payments-5d4", Namespace: "shop", Labels: map[string]string{"app": "payments"}},
		Containers: []metricsv1beta1.ContainerMetrics{{Name: "sidecar"}, {Name: mainContainerName,
			Usage: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("900m"), corev1.ResourceMemory: resource.MustParse("1Gi")}}}}
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(
		flinkPod("payments-5d4", "jobmanager", "10.0.0.1"), flinkPod("payments-taskmanager-1-1", "taskmanager", "10.0.0.2"),
		flinkPod("payments-tm-x", "taskmanager", "10.0.0.9"), usage, nodeUnder("node-1", nil)).Build()
	s := snapshotOfPayments()
	Pods(context.Background(), reader, s)
	if len(s.Gaps) != 0 || len(s.Pods) != 3 {
		t.Fatalf("pods %+v, gaps %+v", s.Pods, s.Gaps)
	}
	wantPod := model.Pod{Name: "payments-5d4", Container: mainContainerName, Node: "node-1", Phase: "Running", Image: "flink:1.20.5", FlinkVersion: "1.20.5", Digest: "sha256:0123", IP: "10.0.0.1", Component: model.ComponentJobManager, Ready: true,
		CPULimit: model.Measured(1), MemoryLimit: model.Measured(2 << 30), CPUUsage: model.Measured(0.9), MemoryUsage: model.Measured(1 << 30),
		Restarts: 3, LastTermination: "OOMKilled", OOMKilled: true, LastTerminationAt: s.Pods[0].LastTerminationAt}
	if diff := cmp.Diff(wantPod, s.Pods[0]); diff != "" {
		t.Errorf("the JobManager's pod differs (-want +got):\n%s", diff)
	}
	wantJobManager := model.JobManager{CPULimit: model.Measured(1), CPUUsage: model.Measured(0.9), CPUUsageFromPod: true,
		ProcessMemory: model.Measured(2 << 30), IOThreads: model.Measured(1)}
	if diff := cmp.Diff(wantJobManager, s.JobManager); diff != "" {
		t.Errorf("the JobManager differs (-want +got):\n%s", diff)
	}
	if !s.TaskManagers[0].CPULimit.Known || !s.TaskManagers[1].CPULimit.Known {
		t.Errorf("TaskManagers %+v; want limits by name and by address", s.TaskManagers)
	}
}

func TestPodGaps(t *testing.T) {
	empty := fake.NewClientBuilder().WithScheme(testScheme(t)).Build()
	noMetrics := interceptor.NewClient(fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(flinkPod("payments-5d4", "jobmanager", "")).Build(),
		interceptor.Funcs{List: func(ctx context.Context, inner client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if _, ok := list.(*metricsv1beta1.PodMetricsList); ok {
				return &meta.NoKindMatchError{GroupKind: schema.GroupKind{Group: "metrics.k8s.io", Kind: "PodMetrics"}}
			}
			return inner.List(ctx, list, options...)
		}})
	s := snapshotOfPayments()
	Pods(context.Background(), empty, s)
	if !s.Missing(model.GapPods) {
		t.Errorf("gaps %+v, want pods", s.Gaps)
	}
	s = snapshotOfPayments()
	Pods(context.Background(), noMetrics, s)
	if !s.Missing(model.GapPodUsage) || s.Missing(model.GapPods) || !strings.Contains(s.Gaps[0].Why, "not installed") {
		t.Errorf("gaps %+v, want pod usage only", s.Gaps)
	}
}

func TestEndpoint(t *testing.T) {
	target := &model.Target{Kind: kindFlinkDeployment, Name: "payments", Namespace: "shop", Cluster: "payments"}
	tests := []struct {
		spec api.Endpoint
		want string
	}{
		{api.Endpoint{}, "http://payments-rest.shop.svc:8081"},
		{api.Endpoint{ServiceName: "gate", Port: 8443, TLS: &api.EndpointTLS{}}, "https://gate.shop.svc:8443"},
		{api.Endpoint{ServiceName: "example.com/x"}, ""},
		{api.Endpoint{ServiceName: "a.b"}, ""},
		{api.Endpoint{ServiceName: "-a"}, ""},
	}
	for _, test := range tests {
		got, err := Endpoint(target, &test.spec)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("Endpoint(%+v) = %q, %v; want %q", test.spec, got, err, test.want)
		}
	}
}

func TestServiceMayNotLeadOut(t *testing.T) {
	target := &model.Target{Namespace: "shop", Cluster: "payments"}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "payments-rest", Namespace: "shop"}}
	check := func(objects ...client.Object) (string, error) {
		return CheckService(context.Background(), fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build(), target, &api.Endpoint{})
	}
	if problem, err := check(); problem != "" || err != nil {
		t.Errorf("a Service that is not there yet: %q, %v", problem, err)
	}
	if problem, err := check(service.DeepCopy()); problem != "" || err != nil {
		t.Errorf("an ordinary Service: %q, %v", problem, err)
	}
	service.Spec.Type, service.Spec.ExternalName = corev1.ServiceTypeExternalName, "169.254.169.254.example"
	if problem, err := check(service); err != nil || !strings.Contains(problem, "ExternalName") {
		t.Errorf("ExternalName gave %q, %v; want a refusal", problem, err)
	}
}
