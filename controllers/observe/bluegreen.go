package observe

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// blueGreenChild is the suffix of the FlinkDeployment that works in each state of a FlinkBlueGreenDeployment (FlinkBlueGreenDeploymentState
// of the Flink operator 1.14 to 1.16): while it goes over from one to the other, the one that it comes from.
var blueGreenChild = map[string]string{
	"INITIALIZING_BLUE": "-blue", "ACTIVE_BLUE": "-blue", "SAVEPOINTING_BLUE": "-blue", "TRANSITIONING_TO_GREEN": "-blue",
	"ACTIVE_GREEN": "-green", "SAVEPOINTING_GREEN": "-green", "TRANSITIONING_TO_BLUE": "-green",
}

// readBlueGreen reads the active child of a FlinkBlueGreenDeployment. The parent would overwrite a patch of it, and a patch of the parent is
// a full transition to the other colour: it is diagnosed, and the patch of the parent recommended.
func readBlueGreen(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	parent, err := getUnstructured(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	state := text(parent, "status", "blueGreenState")
	suffix, known := blueGreenChild[state]
	if !known {
		return model.Target{}, &TargetError{Reason: api.ReasonTargetNotFound, Message: fmt.Sprintf(
			"%s %s has no active FlinkDeployment: status.blueGreenState is %q, expected a state such as ACTIVE_BLUE", ref.Kind, key.Name, cleanText(state, 63))}
	}
	child := api.TargetReference{APIVersion: ref.APIVersion, Kind: kindFlinkDeployment, Name: key.Name + suffix}
	target, err := readFlinkDeployment(ctx, reader, child, client.ObjectKey{Namespace: key.Namespace, Name: child.Name})
	if err != nil {
		return model.Target{}, err
	}
	target.Parent = kindBlueGreen + "/" + key.Name
	return target, nil
}
