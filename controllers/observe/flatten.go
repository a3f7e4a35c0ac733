package observe

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/model"
)

// Bounds of what is kept of one flinkConfiguration.
const (
	maxConfigKeys  = 2000
	maxConfigDepth = 32
	maxKeysListed  = 32 // twins and overlapping keys that are listed
)

// readConfiguration flattens spec.flinkConfiguration as the Flink operator does.
func readConfiguration(object *unstructured.Unstructured, target *model.Target) {
	raw, ok, err := unstructured.NestedFieldNoCopy(object.Object, "spec", "flinkConfiguration")
	fields, isMap := raw.(map[string]any)
	if err != nil || !ok || !isMap {
		target.Config = map[string]string{}
		return
	}
	flat := flatten(fields)
	target.Config = keepKnown(flat.values)
	for _, key := range slices.Sorted(maps.Keys(flat.forms)) {
		forms := flat.forms[key]
		if len(forms.path) > 1 && KeptKey(key) {
			if target.Nested == nil {
				target.Nested = map[string][]string{}
			}
			target.Nested[key] = forms.path
		}
		if forms.count > 1 && len(target.Twins) < maxKeysListed {
			target.Twins = append(target.Twins, cleanText(key, maxName))
		}
	}
	target.OverlappingKeys = overlapping(flat.values)
}

// flattened is a configuration, key by key, and how each key was written.
type flattened struct {
	values map[string]string
	forms  map[string]keyForms
}

// keyForms tells how often a key was written, and the names by which the form that counts lies in the document.
type keyForms struct {
	count int
	path  []string
}

// flatten joins nested names by dots and lists by ';' (ConfigObjectNode.asFlatMap). Where a key is there twice the later field of the
// document wins; the API server returns fields sorted by name, so that the flat key, the longer one, mostly wins over the nested.
func flatten(fields map[string]any) flattened {
	flat := flattened{values: map[string]string{}, forms: map[string]keyForms{}}
	flat.add(nil, fields)
	return flat
}

func (f *flattened) add(above []string, fields map[string]any) {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		path := append(slices.Clip(above), name)
		if nested, ok := fields[name].(map[string]any); ok {
			if len(path) <= maxConfigDepth {
				f.add(path, nested)
			}
			continue
		}
		key := strings.Join(path, ".")
		value, ok := leafText(fields[name])
		if !ok || len(f.values) >= maxConfigKeys {
			continue
		}
		f.values[key] = value
		f.forms[key] = keyForms{count: f.forms[key].count + 1, path: path}
	}
}

// leafText writes a value that is not an object: scalars as they are, lists joined by ';'.
func leafText(value any) (string, bool) {
	list, ok := value.([]any)
	if !ok {
		return scalarText(value)
	}
	parts := make([]string, 0, len(list))
	for _, item := range list {
		text, ok := scalarText(item)
		if !ok {
			text = fmt.Sprint(item)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ";"), true
}

// scalarText writes a JSON scalar as the user would.
func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// overlapping finds keys of which one is a dotted prefix of another: Flink 2 refuses them at deployment ("Overlapping key prefixes
// detected"), after the job was stopped.
func overlapping(values map[string]string) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var pairs []string
	for _, key := range keys {
		for i := strings.LastIndexByte(key, '.'); i > 0 && len(pairs) < maxKeysListed; i = strings.LastIndexByte(key[:i], '.') {
			if _, ok := values[key[:i]]; ok {
				pairs = append(pairs, cleanText(key[:i]+", "+key, 2*maxName))
			}
		}
	}
	return pairs
}
