package observe

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func TestTheActiveChildOfABlueGreenDeploymentIsRead(t *testing.T) {
	ref := api.TargetReference{APIVersion: deploymentRef.APIVersion, Kind: kindBlueGreen, Name: "payments"}
	for state, want := range map[string]string{
		"INITIALIZING_BLUE": "payments-blue", "ACTIVE_BLUE": "payments-blue", "SAVEPOINTING_BLUE": "payments-blue", "TRANSITIONING_TO_GREEN": "payments-blue",
		"ACTIVE_GREEN": "payments-green", "SAVEPOINTING_GREEN": "payments-green", "TRANSITIONING_TO_BLUE": "payments-green", "": "", "PURPLE": "",
	} {
		parent := object(t, "apiVersion: flink.apache.org/v1beta1\nkind: FlinkBlueGreenDeployment\nmetadata: {name: payments, namespace: shop}\nstatus: {blueGreenState: '"+state+"'}")
		blue := object(t, strings.Replace(poolYAML, "name: pool", "name: payments-blue", 1))
		green := object(t, strings.Replace(poolYAML, "name: pool", "name: payments-green", 1))
		reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(parent, blue, green).Build()
		got, err := Target(context.Background(), reader, ref, "shop")
		var failure *TargetError
		switch {
		case want == "" && (!errors.As(err, &failure) || failure.Reason != api.ReasonTargetNotFound || !strings.Contains(failure.Message, "ACTIVE_BLUE")):
			t.Errorf("%q: %v, want a target that is not there, and what would be right", state, err)
		case want != "" && (err != nil || got.Name != want || got.Cluster != want || got.Parent != "FlinkBlueGreenDeployment/payments"):
			t.Errorf("%q: %s with parent %s, %v; want %s", state, got.Name, got.Parent, err, want)
		}
	}
}

const lakeYAML = `
apiVersion: flinkoperator.k8s.io/v1beta1
kind: FlinkCluster
metadata: {name: lake, namespace: shop, uid: u-lake}
spec:
  flinkVersion: "1.18"
  flinkProperties: {execution.checkpointing.timeout: 10min, high-availability: zookeeper, s3.secret-key: hunter2}
  jobManager: {ports: {ui: 8088}, resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}}
status: {state: Running, components: {jobManagerService: {name: lake-jobmanager, state: Ready}}}`

func TestAFlinkClusterIsDiagnosedOnly(t *testing.T) {
	ref := api.TargetReference{APIVersion: "flinkoperator.k8s.io/v1beta1", Kind: kindFlinkCluster, Name: "lake"}
	for _, test := range []struct{ name, from, to, endpoint string }{
		{"as its status says", "x", "x", "http://lake-jobmanager.shop.svc:8088"},
		{"before its status says", "jobManagerService: {name: lake-jobmanager, state: Ready}", "", "http://lake-jobmanager.shop.svc:8088"},
		{"default port", "ports: {ui: 8088}, ", "", "http://lake-jobmanager.shop.svc:8081"},
		{"nonsense for a port", "ui: 8088", "ui: 808800", "http://lake-jobmanager.shop.svc:8081"},
	} {
		reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(object(t, strings.Replace(lakeYAML, test.from, test.to, 1))).Build()
		got, err := Target(context.Background(), reader, ref, "shop")
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if base, err := Endpoint(&got, &api.Endpoint{}); err != nil || base != test.endpoint {
			t.Errorf("%s: endpoint %s, %v", test.name, base, err)
		}
		seen := []any{got.NotPatchable == flinkClusterNotPatchable, got.HighAvailability, got.JobManagerCPU.Value, got.JobManagerMemory}
		if diff := cmp.Diff([]any{true, true, 2.0, "2Gi"}, seen); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(map[string]string{"app": "flink", "cluster": "lake"}, got.PodLabels); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", test.name, diff)
		}
		if _, secret := got.Config["s3.secret-key"]; secret || got.Config["execution.checkpointing.timeout"] != "10min" {
			t.Errorf("%s: %v", test.name, got.Config)
		}
	}
}
