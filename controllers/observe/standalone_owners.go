package observe

import (
	"strings"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"checkpointhealth.dev/operator/controllers/model"
)

// readOwners tells who owns each field that a remedy may change: the key of a ConfigMap, the container's arguments, a variable, a request
// or limit. A file is one field: who wrote it owns all of its keys.
func (s *standalone) readOwners() {
	container := map[string][]string{}
	eachOwned(s.workload.meta.ManagedFields, func(manager string, path fieldpath.Path) {
		if field, ok := s.containerField(path); ok {
			addOwner(container, field, manager)
		}
	})
	s.target.Owners = map[string][]string{}
	for field, owners := range container {
		if strings.HasPrefix(field, "resources.") {
			s.target.Owners["jobManager."+field] = owners
		}
	}
	for key := range s.out.Places {
		s.target.Owners[key] = s.ownersOf(&s.out.Places[key][0], container)
	}
	if s.out.New != nil {
		s.target.Owners[model.AnyKey] = s.ownersOf(s.out.New, container)
	}
}

func (s *standalone) ownersOf(place *model.SettingPlace, container map[string][]string) []string {
	switch place.Kind {
	case model.PlaceConfigMap:
		return s.out.ConfigMaps[place.Name].Owners[place.Key]
	case model.PlaceEnvironment:
		return container["env."+place.Name]
	}
	return container[place.Key]
}

// containerField names a field of the JobManager's container: args, command, env.NAME, resources.limits.cpu.
func (s *standalone) containerField(path fieldpath.Path) (string, bool) {
	if len(path) < 6 || keyOf(path[4]) != s.container.Name {
		return "", false
	}
	names := make([]string, 0, len(path))
	for i, element := range path {
		name := keyOf(element)
		if element.FieldName != nil {
			name = *element.FieldName
		}
		if i != 4 {
			names = append(names, name)
		}
	}
	field, within := strings.CutPrefix(strings.Join(names, "."), "spec.template.spec.containers.")
	parts := strings.Split(field, ".")
	switch {
	case !within:
		return "", false
	case field == "args", field == "command", parts[0] == "resources" && len(parts) == 3:
		return field, true
	case parts[0] == "env" && len(parts) > 1:
		return "env." + parts[1], true
	}
	return "", false
}

// keyOf is the name by which an element of a list is known.
func keyOf(element fieldpath.PathElement) string {
	if element.Key == nil {
		return ""
	}
	for _, field := range *element.Key {
		if field.Name == "name" && field.Value.IsString() {
			return field.Value.AsString()
		}
	}
	return ""
}
