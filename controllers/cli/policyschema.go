package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// policySchema is the schema of a kind, and how the API server holds objects against it.
type policySchema struct {
	structural *structuralschema.Structural
	values     validation.SchemaValidator
	rules      *cel.Validator
}

// newPolicySchema reads a CustomResourceDefinition of one version.
func newPolicySchema(crd []byte) (*policySchema, error) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(crd, &definition); err != nil {
		return nil, fmt.Errorf("cannot be checked: the CustomResourceDefinition of this program: %w", err)
	}
	if len(definition.Spec.Versions) != 1 || definition.Spec.Versions[0].Schema == nil {
		return nil, errors.New("cannot be checked: this program was built without the CustomResourceDefinition of RemediationPolicy")
	}
	var props apiextensions.JSONSchemaProps
	err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, &props, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot be checked: %w", err)
	}
	s := &policySchema{}
	if s.structural, err = structuralschema.NewStructural(&props); err != nil {
		return nil, fmt.Errorf("cannot be checked: %w", err)
	}
	if s.values, _, err = validation.NewSchemaValidator(&props); err != nil {
		return nil, fmt.Errorf("cannot be checked: %w", err)
	}
	s.rules = cel.NewValidator(s.structural, true, celconfig.PerCallLimit)
	return s, nil
}

// admit refuses what the API server would refuse, and puts the schema's defaults into the object. The error names each field, its value and what
// would be right.
func (s *policySchema) admit(ctx context.Context, object map[string]any) error {
	unknown := pruning.PruneWithOptions(object, s.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	if len(unknown) > 0 {
		return fmt.Errorf("is not what a RemediationPolicy may be:%s", s.unknownFields(unknown))
	}
	defaulting.Default(object, s.structural)
	wrong := validation.ValidateCustomResource(nil, object, s.values)
	if len(wrong) == 0 {
		wrong, _ = s.rules.Validate(ctx, nil, s.structural, object, nil, celconfig.RuntimeCELCostBudget)
	}
	if len(wrong) == 0 {
		return nil
	}
	var lines []string
	for _, e := range wrong {
		if line := "\n  " + s.explain(e, object); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return fmt.Errorf("is not what a RemediationPolicy may be:%s", strings.Join(lines, ""))
}

// explain says what is wrong with a field. A bare Off is what most get wrong: YAML reads it as false.
func (s *policySchema) explain(e *field.Error, object map[string]any) string {
	if value, isBool := valueAt(object, e.Field).(bool); isBool {
		if at := s.schemaAt(e.Field); at != nil && at.ValueValidation != nil && slices.ContainsFunc(at.ValueValidation.Enum, isOff) {
			return fmt.Sprintf("%s: %t is no word; write \"Off\" in quotation marks, for YAML reads a bare Off as false", e.Field, value)
		}
	}
	if e.Type == field.ErrorTypeTypeInvalid {
		if at := s.schemaAt(e.Field); at != nil {
			return fmt.Sprintf("%s: %s, expected %s", e.Field, shownValue(valueAt(object, e.Field)), kindOf(at))
		}
	}
	return strings.ReplaceAll(e.Error(), e.Field+" in body ", "it ")
}

// shownValue is a value as its document writes it.
func shownValue(value any) string {
	text, err := utiljson.Marshal(value)
	if err != nil || len(text) > 60 {
		return fmt.Sprintf("it is a %T", value)
	}
	return "it is " + string(text)
}

// kindOf says in words what a schema takes.
func kindOf(at *structuralschema.Structural) string {
	switch at.Type {
	case "object":
		return "fields: " + strings.Join(slices.Sorted(maps.Keys(at.Properties)), ", ")
	case "array":
		return "a list"
	case "integer":
		return "a whole number, without quotation marks"
	}
	return "a " + at.Type
}

func isOff(word structuralschema.JSON) bool { return word.Object == "Off" }

// unknownFields names fields that are in no schema, each with those that may stand in its place.
func (s *policySchema) unknownFields(paths []string) string {
	var out strings.Builder
	for _, path := range paths {
		parent, name := "", path
		if i := strings.LastIndexByte(path, '.'); i >= 0 {
			parent, name = path[:i], path[i+1:]
		}
		fmt.Fprintf(&out, "\n  %s: unknown field %q", path, name)
		if at := s.schemaAt(parent); at != nil {
			fmt.Fprintf(&out, "; there are %s", strings.Join(slices.Sorted(maps.Keys(at.Properties)), ", "))
		}
	}
	return out.String()
}

// schemaAt is the schema of a field by its path, such as spec.guards.windows[0]; nil where there is none.
func (s *policySchema) schemaAt(path string) *structuralschema.Structural {
	at := s.structural
	for _, step := range stepsOf(path) {
		if strings.HasPrefix(step, "[") {
			if at.Items == nil {
				return nil
			}
			at = at.Items
			continue
		}
		next, ok := at.Properties[step]
		if !ok {
			return nil
		}
		at = &next
	}
	return at
}

// valueAt is the value of a field by its path; nil where there is none.
func valueAt(object any, path string) any {
	for _, step := range stepsOf(path) {
		switch at := object.(type) {
		case map[string]any:
			object = at[step]
		case []any:
			i := 0
			if _, err := fmt.Sscanf(step, "[%d]", &i); err != nil || i < 0 || i >= len(at) {
				return nil
			}
			object = at[i]
		default:
			return nil
		}
	}
	return object
}

// stepsOf takes a path apart: spec.guards.windows[0] is spec, guards, windows and [0].
func stepsOf(path string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(path, "[", ".["), func(r rune) bool { return r == '.' })
}
