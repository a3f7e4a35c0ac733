package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// policyKind is what --policy reads.
const policyKind = "RemediationPolicy"

// readPolicy reads a RemediationPolicy from a YAML file: whole, its `spec:`, or what stands below that. It is held against the kind's schema
// as the API server does it, defaults included. Without a file it is the built-in one, in mode Recommend.
func readPolicy(ctx context.Context, env *Environment, path string) (model.Policy, error) {
	if path == "" {
		return model.ResolvePolicy("", nil), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return model.Policy{}, fmt.Errorf("--policy: %w", err)
	}
	policy, err := parsePolicy(ctx, env.PolicyCRD, raw)
	if err != nil {
		return model.Policy{}, fmt.Errorf("--policy %s %w", path, err)
	}
	return model.ResolvePolicy(policy.Name, &policy.Spec), nil
}

// parsePolicy is readPolicy of a text. Its errors go on from the name of the file.
func parsePolicy(ctx context.Context, crd, raw []byte) (*api.RemediationPolicy, error) {
	object, err := policyIn(raw)
	if err != nil {
		return nil, err
	}
	schema, err := newPolicySchema(crd)
	if err != nil {
		return nil, err
	}
	if err := schema.admit(ctx, object); err != nil {
		return nil, err
	}
	text, err := utiljson.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	var policy api.RemediationPolicy
	if err := yaml.UnmarshalStrict(text, &policy); err != nil {
		return nil, fmt.Errorf("cannot be used: %w", err)
	}
	if err := report.CheckPolicy(&policy.Spec); err != nil {
		return nil, fmt.Errorf("cannot be used: %w", err)
	}
	return &policy, nil
}

// policyIn is the one policy among the documents of a file, as an object with a spec.
func policyIn(raw []byte) (map[string]any, error) {
	documents, err := documentsOf(raw)
	if err != nil {
		return nil, fmt.Errorf("is no YAML: %w", err)
	}
	var policies []map[string]any
	for _, d := range documents {
		if kind, stated := d["kind"]; !stated || kind == policyKind {
			policies = append(policies, d)
		}
	}
	switch {
	case len(documents) == 0:
		return nil, errors.New("holds nothing, expected a RemediationPolicy or its spec")
	case len(policies) == 0:
		return nil, fmt.Errorf("is a %v, expected a RemediationPolicy or its spec", documents[0]["kind"])
	case len(policies) > 1:
		return nil, fmt.Errorf("holds %d policies, expected one", len(policies))
	}
	return wholePolicy(policies[0])
}

// wholePolicy makes an object of a policy that may be its bare spec.
func wholePolicy(policy map[string]any) (map[string]any, error) {
	if _, whole := policy["spec"]; !whole && policy["kind"] == nil {
		policy = map[string]any{"spec": policy}
	}
	want := api.GroupVersion.String()
	if got, stated := policy["apiVersion"]; stated && got != want {
		return nil, fmt.Errorf("is of apiVersion %v, expected %s", got, want)
	}
	policy["apiVersion"], policy["kind"] = want, policyKind
	return policy, nil
}

// documentsOf are the documents of a YAML file that hold something, with whole numbers as such.
func documentsOf(raw []byte) ([]map[string]any, error) {
	var out []map[string]any
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		var object map[string]any
		if err := utiljson.Unmarshal(text, &object); err != nil {
			return nil, errors.New("expected keys and values, such as mode: Observe")
		}
		if len(object) > 0 {
			out = append(out, object)
		}
	}
}
