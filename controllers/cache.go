package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/apply"
)

// cacheOptions is one cache: Flink's pods only, and every object stripped of what nobody reads. managedFields of targets stay, since
// they tell who owns a field.
func cacheOptions(namespaces []string) cache.Options {
	options := cache.Options{
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Pod{}:     {Label: flinkPods(), Transform: stripPod},
			&corev1.Service{}: {Transform: stripService},

			&appsv1.Deployment{}:  {Transform: stripWorkload},
			&appsv1.StatefulSet{}: {Transform: stripWorkload},
		},
		DefaultTransform: stripTarget,
	}
	if len(namespaces) > 0 {
		options.DefaultNamespaces = map[string]cache.Config{}
		for _, namespace := range namespaces {
			options.DefaultNamespaces[namespace] = cache.Config{}
		}
	}
	return options
}

// flinkPods selects pods that carry the label both the Flink operator and Flink's own Kubernetes mode set, and our probe pods.
func flinkPods() labels.Selector {
	requirement, err := labels.NewRequirement(apply.LabelComponent, selection.In, []string{"jobmanager", "taskmanager", apply.ProbeComponent})
	if err != nil {
		return labels.Nothing()
	}
	return labels.NewSelector().Add(*requirement)
}

// clientOptions: reads go through the cache, but for what is read rarely, may hold secrets or has no watch.
func clientOptions() client.Options {
	return client.Options{Cache: &client.CacheOptions{
		Unstructured: true,
		DisableFor: []client.Object{
			&corev1.Secret{}, &corev1.ConfigMap{}, &corev1.Node{}, &corev1.ResourceQuota{}, &corev1.LimitRange{},
			&metricsv1beta1.PodMetrics{},
		},
	}}
}

// stripPod keeps a pod's identity, placement, resources and container statuses.
func stripPod(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	pod.ManagedFields, pod.Annotations = nil, nil
	pod.Spec.Volumes, pod.Spec.Tolerations, pod.Spec.Affinity = nil, nil, nil
	pod.Spec.InitContainers, pod.Spec.EphemeralContainers = nil, nil
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		pod.Spec.Containers[i] = corev1.Container{Name: container.Name, Image: container.Image, Resources: container.Resources}
	}
	pod.Status.Conditions = readyAndUnscheduled(pod.Status.Conditions)
	return pod, nil
}

// readyAndUnscheduled keeps whether the pod is ready, and why no node takes it where that is so.
func readyAndUnscheduled(conditions []corev1.PodCondition) []corev1.PodCondition {
	var kept []corev1.PodCondition
	for i := range conditions {
		c := &conditions[i]
		if c.Type == corev1.PodReady || c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			kept = append(kept, *c)
		}
	}
	return kept
}

// stripService keeps a Service's identity and type: whether it leads out of the namespace is all that is asked of it, in every pass.
func stripService(object any) (any, error) {
	service, ok := object.(*corev1.Service)
	if !ok {
		return object, nil
	}
	service.ManagedFields, service.Annotations, service.Labels = nil, nil, nil
	service.Spec, service.Status = corev1.ServiceSpec{Type: service.Spec.Type}, corev1.ServiceStatus{}
	return service, nil
}

// stripTarget drops the large parts of a Flink resource that nobody reads: pod templates, but for the resources of their containers, and the
// copy of the last stable spec.
func stripTarget(object any) (any, error) {
	target, ok := object.(*unstructured.Unstructured)
	if !ok {
		return object, nil
	}
	for _, path := range [][]string{
		{"spec", "taskManager", "podTemplate"}, {"spec", "template"}, {"spec", "logConfiguration"}, {"status", "reconciliationStatus", "lastStableSpec"},
	} {
		unstructured.RemoveNestedField(target.Object, path...)
	}
	for _, path := range [][]string{{"spec", "podTemplate"}, {"spec", "jobManager", "podTemplate"}} {
		stripTemplate(target, path)
	}
	return target, nil
}

// stripTemplate keeps the names and resources of a pod template's containers.
func stripTemplate(target *unstructured.Unstructured, path []string) {
	containers, _, err := unstructured.NestedSlice(target.Object, append(path[:len(path):len(path)], "spec", "containers")...)
	unstructured.RemoveNestedField(target.Object, path...)
	var kept []any
	for _, container := range containers {
		if fields, ok := container.(map[string]any); ok && fields["resources"] != nil {
			kept = append(kept, map[string]any{"name": fields["name"], "resources": fields["resources"]})
		}
	}
	if err != nil || kept == nil {
		return
	}
	if err := unstructured.SetNestedSlice(target.Object, kept, append(path[:len(path):len(path)], "spec", "containers")...); err != nil {
		unstructured.RemoveNestedField(target.Object, path...) // nobody reads half of one
	}
}
