package cli

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// readPolicy reads a RemediationPolicy, or its bare spec, from a YAML file. Without a file it is the built-in one, in mode Recommend.
func readPolicy(path string) (model.Policy, error) {
	if path == "" {
		return model.ResolvePolicy("", nil), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return model.Policy{}, fmt.Errorf("--policy: %w", err)
	}
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(raw, &head); err != nil {
		return model.Policy{}, fmt.Errorf("--policy %s is no YAML: %w", path, err)
	}
	var policy api.RemediationPolicy
	switch head.Kind {
	case "RemediationPolicy":
		err = yaml.UnmarshalStrict(raw, &policy)
	case "":
		err = yaml.UnmarshalStrict(raw, &policy.Spec)
	default:
		return model.Policy{}, fmt.Errorf("--policy %s is a %s, expected a RemediationPolicy or its spec", path, head.Kind)
	}
	if err != nil {
		return model.Policy{}, fmt.Errorf("--policy %s: %w", path, err)
	}
	if err := report.CheckPolicy(&policy.Spec); err != nil {
		return model.Policy{}, fmt.Errorf("--policy %s: %w", path, err)
	}
	return model.ResolvePolicy(policy.Name, &policy.Spec), nil
}
