package simulated

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/hack/flinksim"
)

// Form is where a standalone JobManager's configuration stands.
type Form string

// The forms.
const (
	FormLines      Form = "flink-conf.yaml"
	FormYAML       Form = "config.yaml"
	FormProperties Form = "FLINK_PROPERTIES"
	FormArguments  Form = "arguments"
)

// ConfigMapName is the name of the ConfigMap of a standalone case.
func ConfigMapName(c flinksim.Case) string { return c.Name + "-config" }

// Standalone is a case as a user without the Flink operator would write it: a Deployment of an application's JobManager, and the ConfigMap
// with its configuration where it stands in one.
func Standalone(namespace string, c flinksim.Case, form Form) (*appsv1.Deployment, *corev1.ConfigMap) {
	labels := map[string]string{"app": c.Name, "component": "jobmanager"}
	config := maps.Clone(c.Config)
	config["jobmanager.memory.process.size"] = c.Memory
	container := corev1.Container{Name: "jobmanager", Image: "flink:" + c.Version, Args: []string{"standalone-job", "--job-classname", "com.acme.Job"}}
	container.Resources.Limits = corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(c.CPU*1000), resource.DecimalSI),
		corev1.ResourceMemory: resource.MustParse(strings.ToUpper(c.Memory) + "i"),
	}
	pod := corev1.PodSpec{}
	var file *corev1.ConfigMap
	switch form {
	case FormProperties:
		container.Env = []corev1.EnvVar{{Name: "FLINK_PROPERTIES", Value: linesOf(config, "")}}
	case FormArguments:
		for _, key := range slices.Sorted(maps.Keys(config)) {
			container.Args = append(container.Args, fmt.Sprintf("-D%s=%s", key, config[key]))
		}
	default:
		text := linesOf(config, "# What "+c.Name+" runs with.\n")
		if form == FormYAML {
			text = yamlOf(config)
		}
		file = &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: ConfigMapName(c)},
			Data:       map[string]string{string(form): text, "log4j-console.properties": "rootLogger.level = INFO\n"},
		}
		pod.Volumes = []corev1.Volume{{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: file.Name}}}}}
		container.VolumeMounts = []corev1.VolumeMount{{Name: "conf", MountPath: "/opt/flink/conf"}}
	}
	pod.Containers = []corev1.Container{container}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: c.Name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod},
		},
	}, file
}

// StandaloneSet is the same as a StatefulSet.
func StandaloneSet(namespace string, c flinksim.Case, form Form) (*appsv1.StatefulSet, *corev1.ConfigMap) {
	d, file := Standalone(namespace, c, form)
	return &appsv1.StatefulSet{
		ObjectMeta: d.ObjectMeta,
		Spec:       appsv1.StatefulSetSpec{ServiceName: c.Name, Selector: d.Spec.Selector, Template: d.Spec.Template},
	}, file
}

// Objects are what there is to create, without what is nil.
func Objects(workload client.Object, file *corev1.ConfigMap) []client.Object {
	if file == nil {
		return []client.Object{workload}
	}
	return []client.Object{file, workload}
}

func linesOf(config map[string]string, head string) string {
	text := head
	for _, key := range slices.Sorted(maps.Keys(config)) {
		text += key + ": " + config[key] + "\n"
	}
	return text
}

// yamlOf nests the keys of checkpointing, as people do, and leaves the others flat.
func yamlOf(config map[string]string) string {
	nested, flat := "execution:\n  # agreed with the platform team\n  checkpointing:\n", ""
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if name, ok := strings.CutPrefix(key, "execution.checkpointing."); ok {
			nested += fmt.Sprintf("    %s: '%s'\n", name, config[key])
		} else {
			flat += fmt.Sprintf("%s: %q   # as measured\n", key, config[key])
		}
	}
	return nested + flat
}
