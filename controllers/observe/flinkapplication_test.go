package observe

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

const riverYAML = `
apiVersion: flink.k8s.io/v1beta1
kind: FlinkApplication
metadata: {name: river, namespace: shop, uid: u-river}
spec:
  flinkVersion: "1.14"
  uiPort: 8088
  deploymentMode: Dual
  flinkConfig: {execution.checkpointing.timeout: 10min, high-availability: zookeeper, jobmanager.io-pool.size: 4, s3.secret-key: hunter2, taskmanager: {a: b}}
  jobManagerConfig: {resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}}
status: {phase: Running, deployHash: c15f4020}`

func TestAFlinkApplicationIsDiagnosedOnly(t *testing.T) {
	ref := api.TargetReference{APIVersion: "flink.k8s.io/v1beta1", Kind: kindFlinkApplication, Name: "river"}
	for _, test := range []struct {
		name, from, to, endpoint, hash string
		busy                           bool
	}{
		{name: "it runs", from: "x", to: "x", endpoint: "http://river.shop.svc:8088", hash: "c15f4020"},
		{name: "two clusters side by side", from: "Dual", to: "BlueGreen", endpoint: "http://river-c15f4020.shop.svc:8088", hash: "c15f4020"},
		{name: "nothing was deployed", from: "phase: Running, deployHash: c15f4020", to: "phase: ''", endpoint: "http://river.shop.svc:8088", busy: true},
		{name: "it is updated", from: "phase: Running", to: "phase: Savepointing", endpoint: "http://river.shop.svc:8088", hash: "c15f4020", busy: true},
		{name: "default port", from: "uiPort: 8088", to: "uiPort: 0", endpoint: "http://river.shop.svc:8081", hash: "c15f4020"},
	} {
		reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(object(t, strings.Replace(riverYAML, test.from, test.to, 1))).Build()
		got, err := Target(context.Background(), reader, ref, "shop")
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		base, err := Endpoint(&got, &api.Endpoint{})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		seen := []any{base, got.PodLabels["flink-app"], got.PodLabels["flink-app-hash"], got.Upgrading(), got.NotPatchable == flinkApplicationNotPatchable,
			got.HighAvailability, got.JobManagerCPU.Value, got.JobManagerMemory, got.Config["jobmanager.io-pool.size"], got.Config["execution.checkpointing.timeout"], got.Config["s3.secret-key"],
			strings.Join(got.SpecPath("execution.checkpointing.timeout"), "/"), strings.Join(got.SpecPath("jobManager.resources.limits.cpu"), "/")}
		want := []any{test.endpoint, "river", test.hash, test.busy, true, true, 2.0, "2Gi", "4", "10min", "",
			"flinkConfig/execution.checkpointing.timeout", "jobManagerConfig/resources/limits/cpu"}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
