package observe

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flinkApplicationNotPatchable is why a FlinkApplication is only recommended for: its operator starts a second cluster for every change and moves the
// job there with a savepoint (flinkk8soperator, v1beta1).
const flinkApplicationNotPatchable = "a FlinkApplication is diagnosed but not patched: its operator answers a change with a second cluster and a savepoint, which fails on a job " +
	"whose checkpoints expire; commit the recommendation, and let the job go on from its last checkpoint"

// flinkApplicationRests are the phases (FlinkApplicationPhase) in which its operator is not at work.
var flinkApplicationRests = map[string]bool{"Running": true, "DeployFailed": true, "DualRunning": true}

// readFlinkApplication reads a FlinkApplication of flink.k8s.io. Its Service NAME leads to the cluster that is deployed; with two of them side by
// side (BlueGreen) each has one of its own, NAME-HASH.
func readFlinkApplication(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	object, err := getUnstructured(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	target := recommendedOnly(object, flinkApplicationNotPatchable, "spec", "uiPort")
	target.PodLabels, target.Service = map[string]string{"flink-app": object.GetName()}, object.GetName()
	if hash := text(object, "status", "deployHash"); hash != "" {
		target.PodLabels["flink-app-hash"] = hash
		if text(object, "spec", "deploymentMode") == "BlueGreen" {
			target.Service += "-" + hash
		}
	}
	if !flinkApplicationRests[text(object, "status", "phase")] {
		target.Lifecycle = "UPGRADING"
	}
	if config, ok, err := unstructured.NestedMap(object.Object, "spec", "flinkConfig"); err == nil && ok {
		target.Config = keepKnown(scalars(config))
	}
	target.HighAvailability = highlyAvailable(target.Config)
	useWrittenResources(&target, object, "jobManagerConfig")
	return target, nil
}

// scalars are the values of a map that are text, numbers or booleans, as text.
func scalars(all map[string]any) map[string]string {
	texts := map[string]string{}
	for key, value := range all {
		if text, ok := scalarText(value); ok {
			texts[key] = text
		}
	}
	return texts
}
