package v1alpha1

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// schemas are the schemas of our kinds as they are installed, by file name.
func schemas(t *testing.T) map[string]*apiextensionsv1.JSONSchemaProps {
	t.Helper()
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(files) != 2 {
		t.Fatalf("found %q (%v), want the CustomResourceDefinitions of two kinds", files, err)
	}
	found := map[string]*apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, version := range crd.Spec.Versions {
			found[crd.Spec.Names.Kind+" "+version.Name] = version.Schema.OpenAPIV3Schema
		}
	}
	return found
}

// Words of ours are explained where they come first, and those of the planner alone are not used: who reads the page of a policy has read nothing else.
func TestThePageOfAPolicyExplainsItsWords(t *testing.T) {
	text, err := os.ReadFile("../../docs/spec/remediationpolicy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{" rung", " ladder"} {
		if strings.Contains(string(text), word) {
			t.Errorf("the page says%q, which it does not explain", word)
		}
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "lever") {
			if !strings.Contains(line, "what a remedy changes") {
				t.Errorf("a lever comes first in %q, want it explained there", strings.TrimSpace(line))
			}
			break
		}
	}
}

// walk visits every field of a schema with its path, such as spec.guards.windows[].schedule. What Kubernetes itself defines is not ours
// to bound: apiVersion, kind and metadata, and the items of conditions.
func walk(path string, schema *apiextensionsv1.JSONSchemaProps, visit func(string, *apiextensionsv1.JSONSchemaProps)) {
	for name := range schema.Properties {
		field, property := strings.TrimPrefix(path+"."+name, "."), schema.Properties[name]
		if path == "" && name != "spec" && name != "status" {
			continue
		}
		visit(field, &property)
		walk(field, &property, visit)
	}
	if schema.Items != nil && schema.Items.Schema != nil && path != "status.conditions" {
		visit(path+"[]", schema.Items.Schema)
		walk(path+"[]", schema.Items.Schema, visit)
	}
}

// bounds says of each type the API uses what a field of it must have; a type that is not here, such as number, is not used.
var bounds = map[string]struct {
	has  func(*apiextensionsv1.JSONSchemaProps) bool
	what string
}{
	"string": {func(s *apiextensionsv1.JSONSchemaProps) bool {
		return s.MinLength != nil && s.MaxLength != nil || len(s.Enum) > 0 || s.Format == "date-time"
	}, "minLength and maxLength, an enum, or a time"},
	"integer": {func(s *apiextensionsv1.JSONSchemaProps) bool { return s.Minimum != nil && s.Maximum != nil }, "minimum and maximum"},
	"array":   {func(s *apiextensionsv1.JSONSchemaProps) bool { return s.MaxItems != nil && s.XListType != nil }, "maxItems and x-kubernetes-list-type"},
	"object":  {func(s *apiextensionsv1.JSONSchemaProps) bool { return len(s.Properties) > 0 }, "fields"},
	"boolean": {func(*apiextensionsv1.JSONSchemaProps) bool { return true }, ""},
	// A quantity or a share: its rule bounds it.
	"integer or string": {func(s *apiextensionsv1.JSONSchemaProps) bool { return len(s.XValidations) > 0 }, "a validation rule"},
}

// unbounded says what an own field of the API lacks; "" where it has all.
func unbounded(schema *apiextensionsv1.JSONSchemaProps) string {
	kind := schema.Type
	if schema.XIntOrString {
		kind = "integer or string"
	}
	rule, used := bounds[kind]
	switch {
	case schema.XPreserveUnknownFields != nil || schema.AdditionalProperties != nil:
		return "takes fields nobody described"
	case !used:
		return "is of type " + kind + ", which the API does not use"
	case !rule.has(schema):
		return "is of type " + kind + " and lacks " + rule.what
	}
	return ""
}

func TestEveryFieldIsBounded(t *testing.T) {
	for kind, schema := range schemas(t) {
		fields := 0
		walk("", schema, func(path string, field *apiextensionsv1.JSONSchemaProps) {
			fields++
			if lack := unbounded(field); lack != "" {
				t.Errorf("%s: %s %s", kind, path, lack)
			}
			if field.Description == "" && !strings.HasSuffix(path, "[]") {
				t.Errorf("%s: %s has no description", kind, path)
			}
		})
		if fields < 50 {
			t.Errorf("%s: only %d fields were found", kind, fields)
		}
	}
}

// TestTheOnlyBoolIsSuspend holds what the linter's rule nobools would: a bool has no room for a third state. suspend is the one, as in
// CronJob.
func TestTheOnlyBoolIsSuspend(t *testing.T) {
	var bools []string
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, field *apiextensionsv1.JSONSchemaProps) {
			if field.Type == "boolean" {
				bools = append(bools, kind+" "+path)
			}
		})
	}
	if want := "CheckpointHealth v1alpha1 spec.suspend"; len(bools) != 1 || bools[0] != want {
		t.Errorf("the bools are %q, want only %s", bools, want)
	}
}

// TestStatusTellsNoPhase holds that conditions tell the state.
func TestStatusTellsNoPhase(t *testing.T) {
	for kind, schema := range schemas(t) {
		walk("", schema, func(path string, _ *apiextensionsv1.JSONSchemaProps) {
			if strings.Contains(strings.ToLower(path), "phase") {
				t.Errorf("%s: %s is a phase; conditions tell the state", kind, path)
			}
		})
	}
}
