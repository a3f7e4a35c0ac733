package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/controllers/model"
)

// Patch is the remedy as YAML, ready to commit for whoever keeps the target in Git, in the form (flat or nested) that the target has. The
// same remedy gives the same text. Empty where there is nothing to write.
func Patch(t *model.Target, r *model.Remedy) string {
	if r == nil || len(r.Changes) == 0 {
		return ""
	}
	if t == nil {
		t = &model.Target{}
	}
	t = t.At(r.Object)
	if t.Kind == "Deployment" || t.Kind == "StatefulSet" {
		return configurationFile(t, r)
	}
	spec := map[string]any{}
	for i := range r.Changes {
		put(spec, t.SpecPath(r.Changes[i].Field), typed(r.Changes[i].Field, r.Changes[i].To))
	}
	whole, what := map[string]any{"spec": spec}, objectName(t)
	if kind, _, ok := strings.Cut(t.Parent, "/"); ok && kind == "FlinkBlueGreenDeployment" {
		whole, what = map[string]any{"spec": map[string]any{"template": map[string]any{"spec": spec}}}, t.Parent
	}
	return render("merge into "+what+"; everything else stays as it is", whole)
}

// configurationFile is the remedy for a plain Deployment: Flink keys go into the configuration file, the container's resources beside it.
func configurationFile(t *model.Target, r *model.Remedy) string {
	keys := map[string]any{}
	var container []string
	for i := range r.Changes {
		c := &r.Changes[i]
		switch {
		case !strings.HasPrefix(c.Field, "jobManager."):
			keys[c.Field] = c.To
			continue
		case t.Standalone == nil && strings.HasSuffix(c.Field, ".memory"):
			keys[keyProcessSize] = strings.ToLower(strings.TrimSuffix(c.To, "i"))
		}
		container = append(container, strings.TrimPrefix(strings.TrimPrefix(c.Field, "jobManager.resource."), "jobManager.")+" of the JobManager's container: "+c.To)
	}
	head := fmt.Sprintf("into %s of %s; then restart the JobManager", placeNames(r), objectName(t))
	text := "# " + head + "\n"
	if len(keys) > 0 {
		text = render(head, keys)
	}
	for _, line := range container {
		text += "# " + line + "\n"
	}
	return text
}

// placeNames are the places of the Flink keys, each once.
func placeNames(r *model.Remedy) string {
	var names []string
	for i := range r.Changes {
		if place := r.Changes[i].Place; place != nil && !slices.Contains(names, place.String()) {
			names = append(names, place.String())
		}
	}
	return orElse(strings.Join(names, " and "), "the Flink configuration (config.yaml, flink-conf.yaml before Flink 2)")
}

func objectName(t *model.Target) string {
	if t.Kind == "" {
		return "the FlinkDeployment of this job"
	}
	return t.Kind + "/" + t.Name
}

// typed gives a value the type that the FlinkDeployment's schema wants: resource.cpu is a number, all else text.
func typed(field, value string) any {
	if field != fieldCPU {
		return value
	}
	if cpu, err := strconv.ParseFloat(value, 64); err == nil {
		return cpu
	}
	return value
}

// put sets a value at a path. Where a value stands in the way of a branch it is left, and the rest of the path becomes one key.
func put(tree map[string]any, path []string, value any) {
	for len(path) > 1 {
		next, ok := tree[path[0]].(map[string]any)
		if !ok {
			if _, taken := tree[path[0]]; taken {
				break
			}
			next = map[string]any{}
			tree[path[0]] = next
		}
		tree, path = next, path[1:]
	}
	tree[strings.Join(path, ".")] = value
}

func render(head string, tree map[string]any) string {
	text, err := yaml.Marshal(tree)
	if err != nil {
		return "# " + head + "\n# cannot be written as YAML: " + err.Error() + "\n"
	}
	return "# " + head + "\n" + string(text)
}
