package apply

import (
	"bytes"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// carryOver copies the spec fields that checkpoint-health owns already into a new apply configuration, at their live values, so that
// applying it gives none of them up.
func carryOver(live, into *unstructured.Unstructured) error {
	owned, err := ownedFields(live)
	if err != nil {
		return err
	}
	var failed error
	owned.Leaves().Iterate(func(path fieldpath.Path) {
		names, ok := fieldNames(path)
		if !ok || names[0] != "spec" || failed != nil {
			return
		}
		value, found, err := unstructured.NestedFieldCopy(live.Object, names...)
		if _, branch := value.(map[string]any); err != nil || !found || branch {
			// Gone: somebody else deleted it, and it is not ours to bring back. Or a map, owned since it was once empty: what is in it
			// by now is others'.
			return
		}
		failed = setNested(into, value, names)
	})
	return failed
}

// ownedFields reads our manager's entry of managedFields; an empty set where there is none.
func ownedFields(live metav1.Object) (*fieldpath.Set, error) {
	set := fieldpath.NewSet()
	for _, entry := range live.GetManagedFields() {
		if entry.Manager != api.FieldManager || entry.Operation != metav1.ManagedFieldsOperationApply || entry.FieldsV1 == nil {
			continue
		}
		part := &fieldpath.Set{}
		if err := part.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())); err != nil {
			return nil, fmt.Errorf("managedFields of %s cannot be read: %w", live.GetName(), err)
		}
		set = set.Union(part)
	}
	return set, nil
}

// fieldNames turns a path into plain names; ok is false where it goes through a list, which checkpoint-health never writes.
func fieldNames(path fieldpath.Path) ([]string, bool) {
	names := make([]string, 0, len(path))
	for _, element := range path {
		if element.FieldName == nil {
			return nil, false
		}
		names = append(names, *element.FieldName)
	}
	return names, len(names) > 0
}

// setNested sets a value; the names may hold dots, as flinkConfiguration's keys do.
func setNested(object *unstructured.Unstructured, value any, names []string) error {
	if err := unstructured.SetNestedField(object.Object, value, names...); err != nil {
		return fmt.Errorf("field %v cannot be written: %w", names, err)
	}
	return nil
}

// release leaves a field out, and the maps that are empty without it: a manager that applies an empty map owns it, with all that others
// put there later.
func release(request *unstructured.Unstructured, path []string) {
	unstructured.RemoveNestedField(request.Object, path...)
	for i := len(path) - 1; i > 0; i-- {
		if above, ok, err := unstructured.NestedMap(request.Object, path[:i]...); err != nil || !ok || len(above) > 0 {
			return
		}
		unstructured.RemoveNestedField(request.Object, path[:i]...)
	}
}
