package observe

import (
	"fmt"
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
	for key, forms := range flat.forms {
		if forms.nested && KeptKey(key) && len(target.Nested) < maxKeysListed {
			target.Nested = append(target.Nested, key)
		}
		if forms.count > 1 && len(target.Twins) < maxKeysListed {
			target.Twins = append(target.Twins, cleanText(key, maxName))
		}
	}
	slices.Sort(target.Nested)
	slices.Sort(target.Twins)
	target.OverlappingKeys = overlapping(flat.values)
}

// flattened is a configuration, key by key, and how each key was written.
type flattened struct {
	values map[string]string
	forms  map[string]keyForms
}

// keyForms tells how often a key was written, and whether the form that counts was nested.
type keyForms struct {
	count  int
	nested bool
}

// flatten joins nested names by dots and lists by ';' (ConfigObjectNode.asFlatMap). Where a key is there twice the later field of the
// document wins; the API server returns fields sorted by name, so that the flat key, the longer one, mostly wins over the nested.
func flatten(fields map[string]any) flattened {
	flat := flattened{values: map[string]string{}, forms: map[string]keyForms{}}
	flat.add("", fields, 0)
	return flat
}

func (f *flattened) add(prefix string, fields map[string]any, depth int) {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		key := prefix + name
		if nested, ok := fields[name].(map[string]any); ok {
			if depth < maxConfigDepth {
				f.add(key+".", nested, depth+1)
			}
			continue
		}
		value, ok := leafText(fields[name])
		if !ok || len(f.values) >= maxConfigKeys {
			continue
		}
		f.values[key] = value
		forms := f.forms[key]
		f.forms[key] = keyForms{count: forms.count + 1, nested: depth > 0}
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
