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

// readStandaloneTarget reads a JobManager that runs as a Deployment or StatefulSet, without the Flink operator.
func readStandaloneTarget(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	w, err := readWorkload(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	return w.read(ctx, reader)
}

// readWorkload reads a Deployment or StatefulSet, and nothing that it refers to.
func readWorkload(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (*workload, error) {
	if ref.Kind == kindStatefulSet {
		var object appsv1.StatefulSet
		if err := reader.Get(ctx, key, &object); err != nil {
			return nil, targetError(ref, key, err)
		}
		w := workload{ref: ref, meta: &object.ObjectMeta, selector: object.Spec.Selector, template: &object.Spec.Template, replicas: object.Spec.Replicas}
		w.observed = object.Status.ObservedGeneration
		w.rolling, w.manual = statefulSetRollout(&object)
		return &w, nil
	}
	var object appsv1.Deployment
	if err := reader.Get(ctx, key, &object); err != nil {
		return nil, targetError(ref, key, err)
	}
	w := workload{ref: ref, meta: &object.ObjectMeta, selector: object.Spec.Selector, template: &object.Spec.Template, replicas: object.Spec.Replicas}
	w.observed = object.Status.ObservedGeneration
	w.rolling, w.paused = deploymentRollout(&object)
	return &w, nil
}

// workload is what Deployments and StatefulSets have in common.
type workload struct {
	ref      api.TargetReference
	meta     *metav1.ObjectMeta
	selector *metav1.LabelSelector
	template *corev1.PodTemplateSpec
	replicas *int32
	observed int64
	// rolling, paused and manual say why a change would not roll out now.
	rolling, paused, manual string
}

// bare is the target as far as the workload itself tells.
func (w *workload) bare() model.Target {
	target := model.Target{
		APIVersion: w.ref.APIVersion, Kind: w.ref.Kind, Namespace: w.meta.Namespace, Name: w.meta.Name, UID: string(w.meta.UID),
		ResourceVersion: w.meta.ResourceVersion, Generation: w.meta.Generation, ObservedGeneration: w.observed, Cluster: w.meta.Name,
		Config: map[string]string{}, ResourceField: "resources", Suspended: w.replicas != nil && *w.replicas == 0,
		Parent: controllerOf(w.meta), GitOps: gitOpsTools(w.meta),
	}
	if w.selector != nil {
		target.PodLabels = w.selector.MatchLabels
	}
	target.Receipts, target.ReceiptsError = decodeReceipts(w.meta.Annotations[api.AnnotationReceipts])
	target.Standalone = &model.Standalone{
		Places: map[string][]model.SettingPlace{}, ConfigMaps: map[string]model.ConfigMapUse{},
		Rolling: w.rolling, Paused: w.paused, Manual: w.manual, ConfigHash: w.template.Annotations[api.AnnotationConfigHash],
	}
	return target
}

// read makes the target, with what its configuration says.
func (w *workload) read(ctx context.Context, reader client.Reader) (model.Target, error) {
	target := w.bare()
	s := &standalone{ctx: ctx, reader: reader, workload: w, target: &target, out: target.Standalone}
	if err := s.read(); err != nil {
		return model.Target{}, err
	}
	return target, nil
}

// controllerOf names the owner that would overwrite a patch.
func controllerOf(meta *metav1.ObjectMeta) string {
	if owner := metav1.GetControllerOfNoCopy(meta); owner != nil {
		return cleanText(owner.Kind+"/"+owner.Name, 2*maxName)
	}
	return ""
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
