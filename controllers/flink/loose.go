package flink

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// assign puts a decoded JSON tree into v, a pointer, converting scalars where it can. A scalar it cannot convert is left at
// its zero value (absent); an object where a list is due, or the other way round, is an error.
func assign(tree, v any) error {
	return set(tree, reflect.ValueOf(v).Elem(), "answer")
}

func set(tree any, v reflect.Value, name string) error {
	v.SetZero()
	if tree == nil {
		return nil
	}
	if f, ok := v.Addr().Interface().(*Float); ok {
		*f = Float(scalarFloat(tree))
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return set(tree, v.Elem(), name)
	case reflect.Struct:
		return setStruct(tree, v, name)
	case reflect.Slice:
		return setSlice(tree, v, name)
	case reflect.Map:
		return setMap(tree, v, name)
	default:
		setScalar(tree, v)
		return nil
	}
}

func setStruct(tree any, v reflect.Value, name string) error {
	object, ok := tree.(map[string]any)
	if !ok {
		return malformed("answered with %s as %s, expected an object", jsonKind(tree), name)
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous {
			if err := setStruct(tree, v.Field(i), name); err != nil {
				return err
			}
			continue
		}
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value, present := object[key]
		if key == "" || key == "-" || !present {
			continue
		}
		if err := set(value, v.Field(i), key); err != nil {
			return err
		}
	}
	return nil
}

func setSlice(tree any, v reflect.Value, name string) error {
	list, ok := tree.([]any)
	if !ok {
		return malformed("answered with %s as %s, expected a list", jsonKind(tree), name)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i, item := range list {
		if err := set(item, v.Index(i), name); err != nil {
			return err
		}
	}
	return nil
}

func setMap(tree any, v reflect.Value, name string) error {
	object, ok := tree.(map[string]any)
	if !ok {
		return malformed("answered with %s as %s, expected an object", jsonKind(tree), name)
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
	for key, item := range object {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := set(item, value, key); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key), value)
	}
	return nil
}

func setScalar(tree any, v reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(scalarInt(tree))
	case reflect.Float64:
		v.SetFloat(scalarFloat(tree))
	case reflect.String:
		v.SetString(scalarString(tree))
	case reflect.Bool:
		v.SetBool(scalarString(tree) == "true")
	default: // no type of this package has another kind of field
	}
}

func scalarString(tree any) string {
	switch t := tree.(type) {
	case string:
		return t
	case json.Number:
		return t.String()
	case bool:
		return strconv.FormatBool(t)
	}
	return ""
}

func scalarFloat(tree any) float64 { return parseFloat(scalarString(tree)) }

// scalarInt keeps the precision of integers (Long.MAX_VALUE is an interval) and cuts the fraction of floats.
func scalarInt(tree any) int64 {
	s := scalarString(tree)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f := parseFloat(s)
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func jsonKind(tree any) string {
	switch tree.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "true or false"
	}
	return "a number"
}
