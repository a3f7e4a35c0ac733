package apply

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// template fills the request for the workload: what we own of the pod template already, at its live values, and what was drafted.
func (d *draft) template(request *unstructured.Unstructured, change *edit) error {
	owned, err := d.ownedOfContainer()
	if err != nil {
		return err
	}
	wanted := maps.Clone(owned)
	if change.restarts {
		maps.Copy(wanted, d.edited)
	}
	container, err := d.fields(wanted)
	if err != nil {
		return err
	}
	if len(container) > 0 {
		container["name"] = d.on.target.Standalone.Container
		if err := setNested(request, []any{container}, []string{"spec", "template", "spec", "containers"}); err != nil {
			return err
		}
	}
	if hash := d.hash(change); hash != "" {
		return setNested(request, hash, []string{"spec", "template", "metadata", "annotations", api.AnnotationConfigHash})
	}
	return nil
}

// fields are the container's fields to write, of those that are wanted; what is wanted and not there is left out, and so given up.
func (d *draft) fields(wanted map[string]bool) (map[string]any, error) {
	container := map[string]any{}
	for list, words := range d.lists {
		if wanted[list] {
			all := make([]any, 0, len(words))
			for _, word := range words {
				all = append(all, word)
			}
			container[list] = all
		}
	}
	for field, amount := range d.resources {
		if !wanted[field] {
			continue
		}
		path := strings.Split(strings.TrimPrefix(field, "jobManager."), ".")
		if err := unstructured.SetNestedField(container, amount, path...); err != nil {
			return nil, fmt.Errorf("field %s cannot be written: %w", field, err)
		}
	}
	if variables := d.variables(wanted); len(variables) > 0 {
		container["env"] = variables
	}
	return container, nil
}

// variables are the environment variables to write, by name.
func (d *draft) variables(wanted map[string]bool) []any {
	var variables []any
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		variable, ok := strings.CutPrefix(name, model.PlaceRef{Kind: model.PlaceEnvironment}.String())
		if !ok {
			continue
		}
		if text, there := d.text(model.PlaceRef{Kind: model.PlaceEnvironment, Name: variable}); there {
			variables = append(variables, map[string]any{"name": variable, "value": text})
		}
	}
	return variables
}

// ownedOfContainer are the fields of the JobManager's container that we own, named as the draft names what it edits.
func (d *draft) ownedOfContainer() (map[string]bool, error) {
	owned, err := ownedFields(d.on.live)
	if err != nil {
		return nil, err
	}
	fields := map[string]bool{}
	owned.Leaves().Iterate(func(path fieldpath.Path) {
		names := make([]string, 0, len(path))
		for _, element := range path {
			names = append(names, nameOf(element))
		}
		field, ok := strings.CutPrefix(strings.Join(names, "/"), "spec/template/spec/containers/"+d.on.target.Standalone.Container+"/")
		parts := strings.Split(field, "/")
		switch {
		case !ok:
		case field == "command", field == "args":
			fields[field] = true
		case parts[0] == "resources" && len(parts) == 3:
			fields["jobManager."+strings.Join(parts, ".")] = true
		case parts[0] == "env" && len(parts) == 3 && parts[2] == "value":
			fields[model.PlaceRef{Kind: model.PlaceEnvironment, Name: parts[1]}.String()] = true
		}
	})
	return fields, nil
}

// nameOf is the name of a field, or the one by which an element of a list is known.
func nameOf(element fieldpath.PathElement) string {
	if element.FieldName != nil {
		return *element.FieldName
	}
	if element.Key != nil {
		for _, field := range *element.Key {
			if field.Name == "name" && field.Value.IsString() {
				return field.Value.AsString()
			}
		}
	}
	return ""
}

// hash is the pod template's hash of the configuration: a new one where a ConfigMap's text changes, else the one that is there.
func (d *draft) hash(change *edit) string {
	touched := change.restarts && slices.ContainsFunc(slices.Collect(maps.Keys(d.texts)), func(p model.PlaceRef) bool { return p.Kind == model.PlaceConfigMap })
	if touched {
		return d.configHash(change.receipts)
	}
	present, _, err := unstructured.NestedString(d.on.live.Object, "spec", "template", "metadata", "annotations", api.AnnotationConfigHash)
	if err != nil {
		return ""
	}
	return present
}
