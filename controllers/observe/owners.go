package observe

import (
	"bytes"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// readOwners reads from managedFields who owns each field that a remedy may change. managedFields knows every key of flinkConfiguration by
// itself, nested or flat (measured with the CustomResourceDefinitions of 1.7 to 1.15).
func readOwners(object *unstructured.Unstructured, target *model.Target) {
	target.Owners = map[string][]string{}
	for _, entry := range object.GetManagedFields() {
		if entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		set := &fieldpath.Set{}
		if set.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())) != nil {
			continue
		}
		set.Leaves().Iterate(func(path fieldpath.Path) {
			field, ok := remedyField(path)
			if !ok {
				return
			}
			if entry.Manager == api.FieldManager {
				if !slices.Contains(target.Ours, field) {
					target.Ours = append(target.Ours, field)
				}
				return
			}
			manager := cleanText(entry.Manager, 128)
			if !slices.Contains(target.Owners[field], manager) && len(target.Owners) < maxConfigKeys {
				target.Owners[field] = append(target.Owners[field], manager)
			}
		})
	}
	slices.Sort(target.Ours)
}

// remedyField names a field as remedies do: a Flink key, or a path below spec such as jobManager.resource.cpu; ok is false for others.
func remedyField(path fieldpath.Path) (string, bool) {
	names := make([]string, 0, len(path))
	for _, element := range path {
		if element.FieldName == nil {
			return "", false
		}
		names = append(names, *element.FieldName)
	}
	if len(names) < 3 || names[0] != "spec" {
		return "", false
	}
	field := strings.Join(names[1:], ".")
	switch names[1] {
	case "flinkConfiguration":
		key := strings.Join(names[2:], ".")
		return key, KeptKey(key)
	case "jobManager":
		return field, names[2] == "resource" || names[2] == "resources"
	case "job":
		return field, names[2] == "upgradeMode" || names[2] == "state"
	}
	return "", false
}

// gitOpsMarks tell the tools that own objects on behalf of a repository: by the start of a field manager's name, or of a label or annotation.
var gitOpsMarks = []struct{ tool, manager, mark string }{
	{tool: "Argo CD", manager: "argocd-", mark: "argocd.argoproj.io/"},
	{tool: "Flux", manager: "kustomize-controller", mark: "kustomize.toolkit.fluxcd.io/"},
	{tool: "Flux", manager: "helm-controller", mark: "helm.toolkit.fluxcd.io/"},
	{tool: "Fleet", manager: "fleetagent", mark: "objectset.rio.cattle.io/"},
	{tool: "Config Sync", manager: "configsync", mark: "configsync.gke.io/"},
	{tool: "Helm", manager: "helm", mark: "meta.helm.sh/release-name"},
}

// gitOpsTools names the tools that manage the object.
func gitOpsTools(object metav1.Object) []string {
	var tools []string
	for _, known := range gitOpsMarks {
		if slices.Contains(tools, known.tool) || !marked(object, known.manager, known.mark) {
			continue
		}
		// helm-controller begins with helm as well: Flux has been named then.
		if known.tool == "Helm" && slices.Contains(tools, "Flux") {
			continue
		}
		tools = append(tools, known.tool)
	}
	return tools
}

func marked(object metav1.Object, manager, mark string) bool {
	for _, entry := range object.GetManagedFields() {
		if entry.Subresource == "" && strings.HasPrefix(entry.Manager, manager) {
			return true
		}
	}
	for _, set := range []map[string]string{object.GetLabels(), object.GetAnnotations()} {
		for name := range set {
			if strings.HasPrefix(name, mark) {
				return true
			}
		}
	}
	return false
}
