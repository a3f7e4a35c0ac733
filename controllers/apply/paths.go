package apply

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/model"
)

// fieldPath tells where a field of a remedy lies in a target of the Flink operator.
func fieldPath(target *model.Target, field string) []string {
	return append([]string{"spec"}, target.SpecPath(field)...)
}

// fieldValue gives a value the type the CRD wants: jobManager.resource.cpu is a number, all else a string.
func fieldValue(field, value string) (any, error) {
	if field != "jobManager.resource.cpu" {
		return value, nil
	}
	cpu, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return nil, fmt.Errorf("field %s: value %q is not a number of cores such as 1.5", field, value)
	}
	return cpu, nil
}

// liveValue reads a field as text; ok is false where it is not set.
func liveValue(object *unstructured.Unstructured, path []string) (string, bool) {
	value, ok, err := unstructured.NestedFieldNoCopy(object.Object, path...)
	if err != nil || !ok || value == nil {
		return "", false
	}
	return scalar(value), true
}

// scalar writes a JSON scalar as the user would.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// sameValue compares two values of a field; CPU as numbers, since 1 and 1.0 are the same.
func sameValue(field, a, b string) bool {
	if a == b {
		return true
	}
	if field != "jobManager.resource.cpu" {
		return false
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}
