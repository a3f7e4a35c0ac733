package observe

import (
	"context"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flinkClusterNotPatchable is why a FlinkCluster is only recommended for: its operator takes a savepoint before any update and creates
// everything anew, waits for it as long as the old timeout says, and knows no update from the last checkpoint (v0.6.0,
// FlinkClusterReconciler). The JobManager's resources cannot be updated at all.
const flinkClusterNotPatchable = "a FlinkCluster is diagnosed but not patched: its operator answers a change with a savepoint, which fails on a job whose checkpoints expire, " +
	"and does not change the JobManager's resources of a running cluster; commit the recommendation, and restart the cluster from its last checkpoint"

// flinkClusterBusy are the states (ClusterState) in which its operator is at work.
var flinkClusterBusy = map[string]bool{"Creating": true, "Reconciling": true, "Updating": true}

// readFlinkCluster reads a FlinkCluster of flinkoperator.k8s.io: StatefulSet and Service NAME-jobmanager.
func readFlinkCluster(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	object, err := getUnstructured(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	target := recommendedOnly(object, flinkClusterNotPatchable, "spec", "jobManager", "ports", "ui")
	target.PodLabels = map[string]string{"app": "flink", "cluster": object.GetName()}
	if target.Service = text(object, "status", "components", "jobManagerService", "name"); target.Service == "" {
		target.Service = target.Name + "-jobmanager"
	}
	if flinkClusterBusy[text(object, "status", "state")] {
		target.Lifecycle = "UPGRADING"
	}
	if properties, ok, err := unstructured.NestedStringMap(object.Object, "spec", "flinkProperties"); err == nil && ok {
		target.Config = keepKnown(properties)
	}
	target.HighAvailability = highlyAvailable(target.Config)
	useWrittenResources(&target, object, "jobManager")
	return target, nil
}

// recommendedOnly is what all objects have in common that are diagnosed and not patched; port is the field with the port of Flink's REST API.
func recommendedOnly(object *unstructured.Unstructured, why string, port ...string) model.Target {
	target := model.Target{
		APIVersion: object.GetAPIVersion(), Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName(),
		UID: string(object.GetUID()), ResourceVersion: object.GetResourceVersion(), Generation: object.GetGeneration(),
		Cluster: object.GetName(), NotPatchable: why, ResourceField: "resources", GitOps: gitOpsTools(object), Config: map[string]string{},
	}
	if n, ok, err := unstructured.NestedInt64(object.Object, port...); err == nil && ok && n > 0 && n < 1<<16 {
		target.Port = int32(n)
	}
	return target
}

// useWrittenResources takes the JobManager's size from its part of spec.
func useWrittenResources(target *model.Target, object *unstructured.Unstructured, part string) {
	target.JobManagerResources = writtenResources(object, part)
	if quantity, err := resource.ParseQuantity(target.JobManagerResources["jobManager.resources.limits.cpu"]); err == nil {
		target.JobManagerCPU = model.Measured(quantity.AsApproximateFloat64())
	}
	target.JobManagerMemory = target.JobManagerResources["jobManager.resources.limits.memory"]
}

// writtenResources are the resources of the JobManager's part of spec as written, by the path that they have in a FlinkDeployment; only what is set
// is there.
func writtenResources(object *unstructured.Unstructured, part string) map[string]string {
	written := map[string]string{}
	for _, list := range []string{"limits", "requests"} {
		for _, name := range []string{"cpu", "memory"} {
			if value := scalarAt(object, "spec", part, "resources", list, name); value != "" {
				written["jobManager.resources."+list+"."+name] = value
			}
		}
	}
	return written
}
