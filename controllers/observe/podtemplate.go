package observe

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// podTemplates are where a FlinkDeployment may say what its JobManager's container gets, the one that wins first.
var podTemplates = [][]string{{"spec", "jobManager", "podTemplate"}, {"spec", "podTemplate"}}

// podTemplateResources says which CPU and memory a pod template gives to Flink's container, and where; empty where none does. They have no
// effect: Flink sets requests and limits of both from its own configuration, which jobManager.resource goes into (KubernetesUtils.
// getResourceRequirements, 1.15 to 2.3, native and standalone mode). The list of containers is atomic in the CustomResourceDefinition, so
// that no manager could own one entry of it either.
func podTemplateResources(object *unstructured.Unstructured) string {
	for _, path := range podTemplates {
		containers, _, err := unstructured.NestedSlice(object.Object, append(path[:len(path):len(path)], "spec", "containers")...)
		if err != nil {
			continue
		}
		for _, container := range containers {
			if said := containerResources(container); said != "" {
				return strings.Join(path, ".") + " (" + said + ")"
			}
		}
	}
	return ""
}

// containerResources are CPU and memory of Flink's container; empty for others and where it has none.
func containerResources(container any) string {
	fields, ok := container.(map[string]any)
	if !ok || fields["name"] != mainContainerName {
		return ""
	}
	var said []string
	for _, path := range []string{"limits cpu", "requests cpu", "limits memory", "requests memory"} {
		list, name, _ := strings.Cut(path, " ")
		value, found, err := unstructured.NestedFieldNoCopy(fields, "resources", list, name)
		if text, ok := scalarText(value); ok && found && err == nil {
			said = append(said, fmt.Sprintf("%s.%s %s", list, name, cleanText(text, 32)))
		}
	}
	return strings.Join(said, ", ")
}

// sizeSource names the field of a FlinkDeployment that the JobManager's size comes from, and what it overwrites; empty for other kinds.
func (l lookups) sizeSource(target *model.Target, name string) string {
	if l.targetBy == api.OriginSessionCluster {
		target = &target.Others[0]
	}
	if target.Kind != kindFlinkDeployment {
		return ""
	}
	source := "spec.jobManager." + target.ResourceField + "." + name
	if target.ResourceField == "resources" {
		source = "spec.jobManager.resources"
	}
	if target.PodTemplateResources != "" {
		source += ", which overwrites " + target.PodTemplateResources
	}
	return source
}
