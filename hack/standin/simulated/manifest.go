package simulated

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
)

// Manifest is the FlinkDeployment of a case, as a user would write it.
func Manifest(namespace string, c flinksim.Case) *unstructured.Unstructured {
	config := map[string]any{}
	for key, value := range c.Config {
		config[key] = value
	}
	taskManager := map[string]any{"resource": map[string]any{"cpu": float64(1), "memory": "1728m"}}
	if c.TaskManagerVersion != "" {
		taskManager["podTemplate"] = map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": "flink-main-container", "image": "flink:" + c.TaskManagerVersion},
		}}}
	}
	spec := map[string]any{
		"image":              "flink:" + c.Version,
		"flinkVersion":       flinkVersion(c.Version),
		"serviceAccount":     "flink",
		"flinkConfiguration": config,
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": c.CPU, "memory": c.Memory}},
		"taskManager":        taskManager,
		"job": map[string]any{
			"jarURI": "local:///opt/flink/usrlib/" + c.Name + ".jar", "parallelism": int64(parallelism(c)), "upgradeMode": c.UpgradeMode, "state": "running",
		},
	}
	u := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	u.SetGroupVersionKind(standin.GroupVersionKind)
	u.SetNamespace(namespace)
	u.SetName(c.Name)
	return u
}

// flinkVersion is v1_20 for 1.20.5.
func flinkVersion(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	return "v" + parts[0] + "_" + parts[1]
}

func parallelism(c flinksim.Case) int {
	widest := 1
	for _, v := range c.Vertices {
		widest = max(widest, v.Parallelism)
	}
	return widest
}
