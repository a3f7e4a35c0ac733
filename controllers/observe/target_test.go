package observe

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

var deploymentRef = api.TargetReference{APIVersion: "flink.apache.org/v1beta1", Kind: kindFlinkDeployment, Name: "payments"}

func testScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, metricsv1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{kindFlinkDeployment, kindFlinkSessionJob} {
		gvk := schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: kind}
		scheme.AddKnownTypeWithName(gvk, &unstructured.Unstructured{})
		scheme.AddKnownTypeWithName(gvk.GroupVersion().WithKind(kind+"List"), &unstructured.UnstructuredList{})
	}
	return scheme
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	out := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &out.Object); err != nil {
		t.Fatal(err)
	}
	return out
}

const paymentsYAML = `
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata:
  name: payments
  namespace: shop
  uid: u1
  generation: 4
  labels: {kustomize.toolkit.fluxcd.io/name: apps}
  ownerReferences: [{apiVersion: flink.apache.org/v1beta1, kind: FlinkBlueGreenDeployment, name: parent, uid: p1}]
  annotations:
    flink.checkpointhealth.dev/receipts: '[{"id":"a-3","cause":"NetworkLatency","lever":"checkpointTimeout","changes":[],"appliedAt":"2026-03-01T10:00:00Z","generation":3,"baseline":{"health":"Unhealthy","expired":3,"window":10,"medianMilliseconds":0,"restarts":0,"jobID":"","lastCheckpointID":0,"sinceCompletedSeconds":0},"criterion":{"completeInRow":3,"withinTimeoutPercent":80,"failInRow":2,"deadlineSeconds":3600,"maxRestarts":1},"outcome":"Pending"}]'
  managedFields:
  - manager: kustomize-controller
    operation: Apply
    apiVersion: flink.apache.org/v1beta1
    fieldsType: FieldsV1
    fieldsV1:
      f:spec:
        f:flinkConfiguration:
          f:execution.checkpointing.interval: {}
          f:execution: {f:checkpointing: {f:min-pause: {}}}
        f:jobManager: {f:resource: {f:cpu: {}, f:memory: {}}}
        f:job: {f:upgradeMode: {}}
  - manager: checkpoint-health
    operation: Apply
    apiVersion: flink.apache.org/v1beta1
    fieldsType: FieldsV1
    fieldsV1: {f:spec: {f:flinkConfiguration: {f:execution.checkpointing.timeout: {}}}}
  - manager: fabric8-kubernetes-client
    operation: Update
    subresource: status
    apiVersion: flink.apache.org/v1beta1
    fieldsType: FieldsV1
    fieldsV1: {f:status: {f:lifecycleState: {}}}
spec:
  flinkConfiguration:
    execution:
      checkpointing: {min-pause: 10s, timeout: 5m}
    execution.checkpointing.timeout: 15m
    execution.checkpointing.interval: 60000
    state.backend: rocksdb
    state.backend.type: rocksdb
    high-availability.type: kubernetes
    env.java.opts.all: [-Xint, -Da=b]
    s3.secret-key: hunter2
    pipeline.classpaths: [a.jar, b.jar]
  jobManager: {resource: {cpu: 1, memory: 2048m}}
  job: {upgradeMode: last-state, state: running}
status:
  lifecycleState: UPGRADING
  jobManagerDeploymentStatus: MISSING
  jobStatus: {state: FINISHED, jobId: 0ee9c1ce5758c6d072f133fc27bfc50e}
  reconciliationStatus:
    state: UPGRADING
    lastReconciledSpec: '{"resource_metadata":{"metadata":{"generation":3}}}'
`

func TestFlinkDeployment(t *testing.T) {
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(object(t, paymentsYAML)).WithReturnManagedFields().Build()
	got, err := Target(context.Background(), reader, deploymentRef, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Receipts) != 1 || !got.Receipts[0].Pending() {
		t.Errorf("receipts %+v, want one that is pending", got.Receipts)
	}
	got.Receipts, got.ResourceVersion = nil, ""
	want := model.Target{
		APIVersion: "flink.apache.org/v1beta1", Kind: kindFlinkDeployment, Namespace: "shop", Name: "payments", UID: "u1", Generation: 4,
		ObservedGeneration: 3, // the one inside lastReconciledSpec
		Config: map[string]string{
			"execution.checkpointing.timeout":   "15m",   // the flat key wins over its nested twin
			"execution.checkpointing.min-pause": "10s",   // nested
			"execution.checkpointing.interval":  "60000", // a number
			"state.backend":                     "rocksdb", "state.backend.type": "rocksdb", "high-availability.type": "kubernetes",
		}, // and neither secrets nor what nobody needs
		Nested: map[string][]string{"execution.checkpointing.min-pause": {"execution", "checkpointing", "min-pause"}}, Twins: []string{"execution.checkpointing.timeout"},
		OverlappingKeys: []string{"state.backend, state.backend.type"},
		Owners: map[string][]string{
			"execution.checkpointing.interval": {"kustomize-controller"}, "execution.checkpointing.min-pause": {"kustomize-controller"},
			"jobManager.resource.cpu": {"kustomize-controller"}, "jobManager.resource.memory": {"kustomize-controller"},
			"job.upgradeMode": {"kustomize-controller"},
		},
		Ours: []string{"execution.checkpointing.timeout"}, GitOps: []string{"Flux"}, Parent: "FlinkBlueGreenDeployment/parent",
		ResourceField: "resource", JobManagerCPU: model.Measured(1), JobManagerMemory: "2048m",
		UpgradeMode: "last-state", HighAvailability: true, Lifecycle: "UPGRADING", JobManagerDeployment: "MISSING",
		Reconciliation: "UPGRADING", JobState: "FINISHED", JobID: jobID, Cluster: "payments", PodLabels: map[string]string{"app": "payments"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the target differs (-want +got):\n%s", diff)
	}
	if !got.Upgrading() {
		t.Error("generation 4 has not been seen yet: it is upgrading")
	}
}

func TestTargetIsTakenApartOncePerVersion(t *testing.T) {
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(object(t, paymentsYAML)).Build()
	var memory Memory
	read := func() model.Target {
		target, err := memory.Target(context.Background(), reader, deploymentRef, "shop", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	first := read()
	memory.target.Lifecycle = "remembered"
	if again := read(); again.Lifecycle != "remembered" {
		t.Errorf("lifecycle %q: the object did not change and was read anew", again.Lifecycle)
	}
	changed := &unstructured.Unstructured{}
	changed.SetGroupVersionKind(schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: kindFlinkDeployment})
	if err := reader.Get(context.Background(), client.ObjectKey{Namespace: "shop", Name: "payments"}, changed); err != nil {
		t.Fatal(err)
	}
	changed.SetLabels(map[string]string{"team": "a"})
	if err := reader.Update(context.Background(), changed); err != nil {
		t.Fatal(err)
	}
	if third := read(); third.Lifecycle != "UPGRADING" || third.ResourceVersion == first.ResourceVersion {
		t.Errorf("lifecycle %q of version %s: the object changed and was not read anew", third.Lifecycle, third.ResourceVersion)
	}
}

func TestResourcesWinOverResource(t *testing.T) {
	target := FlinkDeployment(object(t, `
kind: FlinkDeployment
metadata: {name: a, namespace: b}
spec: {jobManager: {resource: {cpu: 1, memory: 1g}, resources: {requests: {cpu: 500m}, limits: {cpu: "2", memory: 3Gi}}}}`))
	if target.ResourceField != "resources" || target.JobManagerCPU.Value != 2 || target.JobManagerMemory != "3Gi" || !target.SessionCluster {
		t.Errorf("got %+v", target)
	}
}

func TestReceiptsThatCannotBeRead(t *testing.T) {
	for _, annotation := range []string{"{", `{"id":"x"}`, `[{"cause":"NetworkLatency"}]`, `[{"id":"a"}]`, "[" + strings.Repeat(`{"id":"a","appliedAt":"2026-03-01T10:00:00Z","outcome":"Pending"},`, 50) +
		`{"id":"a","appliedAt":"2026-03-01T10:00:00Z","outcome":"Pending"}]`, strings.Repeat("x", maxReceiptsBytes+1)} {
		if receipts, problem := decodeReceipts(annotation); problem == "" || receipts != nil || !strings.Contains(problem, api.AnnotationReceipts) {
			t.Errorf("decodeReceipts(%.40q) = %v, %q; want a problem", annotation, receipts, problem)
		}
	}
}

func TestTargetErrors(t *testing.T) {
	empty := fake.NewClientBuilder().WithScheme(testScheme(t)).Build()
	failing := func(err error) client.Reader {
		return interceptor.NewClient(empty, interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return err
		}})
	}
	forbidden := apierrors.NewForbidden(schema.GroupResource{Group: "flink.apache.org", Resource: "flinkdeployments"}, "payments", errors.New("no"))
	noMatch := &meta.NoKindMatchError{GroupKind: schema.GroupKind{Group: "flink.apache.org", Kind: kindFlinkDeployment}}
	tests := []struct {
		name   string
		reader client.Reader
		ref    api.TargetReference
		reason string
	}{
		{"missing", empty, deploymentRef, api.ReasonTargetNotFound},
		{"unknown kind", empty, api.TargetReference{APIVersion: "v1", Kind: "ConfigMap", Name: "x"}, api.ReasonTargetKindUnknown},
		{"no CRD", failing(noMatch), deploymentRef, api.ReasonTargetCRDMissing},
		{"forbidden", failing(forbidden), deploymentRef, api.ReasonForbidden},
		{"transient", failing(errors.New("etcd is busy")), deploymentRef, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Target(context.Background(), test.reader, test.ref, "shop")
			var target *TargetError
			if !errors.As(err, &target) || target.Reason != test.reason || target.Message == "" {
				t.Errorf("got %v, want reason %q", err, test.reason)
			}
		})
	}
}

func TestPlainDeployment(t *testing.T) {
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "plain", Namespace: "shop", Generation: 2},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "flink"}},
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "jm", Resources: corev1.ResourceRequirements{
				Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1500m")}}}}}}}}
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(deployment).Build()
	got, err := Target(context.Background(), reader, api.TargetReference{APIVersion: "apps/v1", Kind: kindDeployment, Name: "plain"}, "shop")
	if err != nil || got.Standalone == nil || got.Standalone.Container != "jm" || got.JobManagerCPU.Value != 1.5 || got.PodLabels["app"] != "flink" {
		t.Errorf("deployment: %+v, %v", got, err)
	}
}
