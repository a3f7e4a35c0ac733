package observe

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// generatedName is what kustomize appends to a generated ConfigMap: ten digits of a hash, written without vowels and without 0, 1 and 3.
var generatedName = regexp.MustCompile(`-[2456789bcdfghkmt]{10}$`)

// describeConfigMaps tells of every ConfigMap that holds a setting who owns it and whether it may be edited.
func (s *standalone) describeConfigMaps() {
	users := s.otherUsers()
	for name, object := range s.configMaps {
		if object == nil {
			continue
		}
		use := model.ConfigMapUse{UID: string(object.UID), ResourceVersion: object.ResourceVersion, GitOps: gitOpsTools(object),
			Owners: ownersOfData(object.ManagedFields)}
		use.Fixed = s.fixed(object, users[name])
		s.out.ConfigMaps[name] = use
		for _, tool := range use.GitOps {
			if !slices.Contains(s.target.GitOps, tool) {
				s.target.GitOps = append(s.target.GitOps, tool)
			}
		}
	}
}

// fixed says why a ConfigMap must not be edited.
func (s *standalone) fixed(object *corev1.ConfigMap, users []string) string {
	switch owner := controllerOf(&object.ObjectMeta); {
	case object.Immutable != nil && *object.Immutable:
		return "it is immutable: make a new one with the change and mount that"
	case owner != "":
		return fmt.Sprintf("%s owns it and would write it anew: change it there", owner)
	case generatedName.MatchString(object.Name):
		return "its name ends in a hash of its content, so kustomize made it: change what it is generated from, and the new name rolls out by itself"
	case len(users) > 0:
		return fmt.Sprintf("%s uses it as well and is not part of this Flink cluster: give each its own", users[0])
	}
	return ""
}

// otherUsers finds the Deployments and StatefulSets of the namespace that use the same ConfigMaps and are not this cluster: its TaskManagers
// share the configuration by design.
func (s *standalone) otherUsers() map[string][]string {
	users := map[string][]string{}
	if len(s.configMaps) == 0 {
		return users
	}
	var deployments appsv1.DeploymentList
	var sets appsv1.StatefulSetList
	for _, list := range []client.ObjectList{&deployments, &sets} {
		if err := s.reader.List(s.ctx, list, client.InNamespace(s.target.Namespace), client.UnsafeDisableDeepCopy); err != nil {
			s.unreadable("who else uses the ConfigMaps is not known: %s", cleanText(err.Error(), 200))
		}
	}
	for i := range deployments.Items {
		s.noteUser(users, kindDeployment, &deployments.Items[i].ObjectMeta, &deployments.Items[i].Spec.Template)
	}
	for i := range sets.Items {
		s.noteUser(users, kindStatefulSet, &sets.Items[i].ObjectMeta, &sets.Items[i].Spec.Template)
	}
	return users
}

func (s *standalone) noteUser(users map[string][]string, kind string, meta *metav1.ObjectMeta, template *corev1.PodTemplateSpec) {
	if (kind == s.target.Kind && meta.Name == s.target.Name) || runsTaskManager(template) {
		return
	}
	for name := range s.configMaps {
		if usesConfigMap(&template.Spec, name) {
			users[name] = append(users[name], kind+"/"+meta.Name)
		}
	}
}

func runsTaskManager(template *corev1.PodTemplateSpec) bool {
	return slices.ContainsFunc(template.Spec.Containers, func(c corev1.Container) bool { return programOf(&c) == runsTaskManagers })
}

// usesConfigMap looks at volumes, env and envFrom of all containers.
func usesConfigMap(spec *corev1.PodSpec, name string) bool {
	for i := range spec.Volumes {
		volume := &spec.Volumes[i]
		if volume.ConfigMap != nil && volume.ConfigMap.Name == name {
			return true
		}
		if volume.Projected != nil && slices.ContainsFunc(volume.Projected.Sources, func(p corev1.VolumeProjection) bool {
			return p.ConfigMap != nil && p.ConfigMap.Name == name
		}) {
			return true
		}
	}
	return slices.ContainsFunc(slices.Concat(spec.InitContainers, spec.Containers), func(c corev1.Container) bool {
		return slices.ContainsFunc(c.EnvFrom, func(e corev1.EnvFromSource) bool { return e.ConfigMapRef != nil && e.ConfigMapRef.Name == name }) ||
			slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool {
				return e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil && e.ValueFrom.ConfigMapKeyRef.Name == name
			})
	})
}

// ownersOfData reads who owns each key of a ConfigMap.
func ownersOfData(entries []metav1.ManagedFieldsEntry) map[string][]string {
	owners := map[string][]string{}
	eachOwned(entries, func(manager string, path fieldpath.Path) {
		if len(path) == 2 && named(path[0], "data") && path[1].FieldName != nil {
			addOwner(owners, *path[1].FieldName, manager)
		}
	})
	return owners
}

// eachOwned visits the fields that other managers than ours own.
func eachOwned(entries []metav1.ManagedFieldsEntry, visit func(manager string, path fieldpath.Path)) {
	for _, entry := range entries {
		if entry.Subresource != "" || entry.FieldsV1 == nil || entry.Manager == api.FieldManager {
			continue
		}
		set := &fieldpath.Set{}
		if set.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())) != nil {
			continue
		}
		manager := cleanText(entry.Manager, 128)
		set.Leaves().Iterate(func(path fieldpath.Path) { visit(manager, path) })
	}
}

func addOwner(owners map[string][]string, field, manager string) {
	if !slices.Contains(owners[field], manager) && len(owners) < maxConfigKeys {
		owners[field] = append(owners[field], manager)
	}
}

func named(element fieldpath.PathElement, name string) bool {
	return element.FieldName != nil && *element.FieldName == name
}
