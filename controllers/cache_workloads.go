package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/observe"
)

// The cache holds every Deployment and StatefulSet of the watched namespaces, for those that a standalone JobManager shares its ConfigMaps with are
// told from them; most are no Flink at all. Kept is what observe reads; apply reads live. Of a Deployment of one container with probes, twenty
// variables, what kubectl applied last and its managed fields that is 1.3 of 7.8 kB as JSON (TestTheCacheKeepsOfWorkloadsWhatIsRead).

// stripWorkload keeps a Deployment's or StatefulSet's identity, owners and rollout, and of its pod template how Flink is started and configured.
func stripWorkload(object any) (any, error) {
	switch w := object.(type) {
	case *appsv1.Deployment:
		stripMeta(&w.ObjectMeta)
		w.Spec = appsv1.DeploymentSpec{Replicas: w.Spec.Replicas, Selector: w.Spec.Selector, Paused: w.Spec.Paused, Template: started(&w.Spec.Template)}
		w.Status.Conditions = nil
	case *appsv1.StatefulSet:
		stripMeta(&w.ObjectMeta)
		w.Spec = appsv1.StatefulSetSpec{Replicas: w.Spec.Replicas, Selector: w.Spec.Selector, UpdateStrategy: w.Spec.UpdateStrategy, Template: started(&w.Spec.Template)}
		w.Status.Conditions = nil
	}
	return object, nil
}

// stripMeta drops what kubectl applied last, which holds the whole object once more, and who owns the status.
func stripMeta(meta *metav1.ObjectMeta) {
	delete(meta.Annotations, corev1.LastAppliedConfigAnnotation)
	var kept []metav1.ManagedFieldsEntry
	for i := range meta.ManagedFields {
		if meta.ManagedFields[i].Subresource == "" {
			kept = append(kept, meta.ManagedFields[i])
		}
	}
	meta.ManagedFields = kept
}

// started is how a pod template starts and configures its containers.
func started(template *corev1.PodTemplateSpec) corev1.PodTemplateSpec {
	spec := corev1.PodSpec{InitContainers: startedContainers(template.Spec.InitContainers), Containers: startedContainers(template.Spec.Containers)}
	for i := range template.Spec.Volumes {
		v := &template.Spec.Volumes[i]
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: v.Name, VolumeSource: corev1.VolumeSource{ConfigMap: v.ConfigMap, Projected: v.Projected, Secret: v.Secret}})
	}
	kept := corev1.PodTemplateSpec{Spec: spec}
	if hash, ok := template.Annotations[api.AnnotationConfigHash]; ok {
		kept.Annotations = map[string]string{api.AnnotationConfigHash: hash}
	}
	return kept
}

func startedContainers(containers []corev1.Container) []corev1.Container {
	var kept []corev1.Container
	for i := range containers {
		c := &containers[i]
		kept = append(kept, corev1.Container{Name: c.Name, Image: c.Image, Command: c.Command, Args: c.Args, Env: variables(c.Env), EnvFrom: c.EnvFrom,
			Resources: c.Resources, VolumeMounts: c.VolumeMounts})
	}
	return kept
}

// variables are those that Flink is configured by, and those that come from a ConfigMap; a value of any other may be a secret.
func variables(all []corev1.EnvVar) []corev1.EnvVar {
	var kept []corev1.EnvVar
	for i := range all {
		switch {
		case observe.ReadsVariable(all[i].Name):
			kept = append(kept, all[i])
		case all[i].ValueFrom != nil && all[i].ValueFrom.ConfigMapKeyRef != nil:
			kept = append(kept, corev1.EnvVar{Name: all[i].Name, ValueFrom: all[i].ValueFrom})
		}
	}
	return kept
}
