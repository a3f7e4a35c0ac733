package observe

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// notPatchable is why a workload without the Flink operator is only diagnosed.
const notPatchable = "a Deployment or StatefulSet is diagnosed but not patched: nothing would restart the job from its last checkpoint; " +
	"apply the recommendation by hand"

// readDeployment reads a JobManager that runs as a Deployment, without the Flink operator.
func readDeployment(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	var object appsv1.Deployment
	if err := reader.Get(ctx, key, &object); err != nil {
		return model.Target{}, targetError(ref, key, err)
	}
	target := appTarget(ref, &object.ObjectMeta, object.Spec.Selector, &object.Spec.Template)
	target.ObservedGeneration = object.Status.ObservedGeneration
	return target, nil
}

// readStatefulSet reads a JobManager that runs as a StatefulSet, without the Flink operator.
func readStatefulSet(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	var object appsv1.StatefulSet
	if err := reader.Get(ctx, key, &object); err != nil {
		return model.Target{}, targetError(ref, key, err)
	}
	target := appTarget(ref, &object.ObjectMeta, object.Spec.Selector, &object.Spec.Template)
	target.ObservedGeneration = object.Status.ObservedGeneration
	return target, nil
}

func appTarget(ref api.TargetReference, meta *metav1.ObjectMeta, selector *metav1.LabelSelector, template *corev1.PodTemplateSpec) model.Target {
	target := model.Target{
		APIVersion: ref.APIVersion, Kind: ref.Kind, Namespace: meta.Namespace, Name: meta.Name, UID: string(meta.UID),
		ResourceVersion: meta.ResourceVersion, Generation: meta.Generation, Cluster: meta.Name,
		Config: map[string]string{}, NotPatchable: notPatchable, ResourceField: "resources",
	}
	if selector != nil {
		target.PodLabels = selector.MatchLabels
	}
	if container := mainContainer(template.Spec.Containers); container != nil {
		resources := container.Resources
		if cpu, ok := resources.Limits[corev1.ResourceCPU]; ok {
			target.JobManagerCPU = model.Measured(cpu.AsApproximateFloat64())
		}
		if memory, ok := resources.Limits[corev1.ResourceMemory]; ok {
			target.JobManagerMemory = memory.String()
		}
	}
	return target
}

// mainContainerName is what the Flink operator and native Kubernetes call the container that runs Flink.
const mainContainerName = "flink-main-container"

// mainContainer finds the container that runs Flink: by that name, else the first.
func mainContainer(containers []corev1.Container) *corev1.Container {
	if len(containers) == 0 {
		return nil
	}
	i := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == mainContainerName })
	return &containers[max(i, 0)]
}
