package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// GroupVersionKind is the Flink operator's FlinkDeployment.
var GroupVersionKind = schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: "FlinkDeployment"}

// wanted is what a FlinkDeployment asks for: the Spec of its cluster and what its pods need besides.
type wanted struct {
	Spec
	image, taskManagerImage string
	taskManagers            int
	taskManagerCPU          float64
	taskManagerMemory       int64
	restartNonce            int64
	suspended               bool
	raw                     map[string]any // spec as it is written
}

// same tells whether the Flink operator would see nothing to redeploy between two specs.
func (w wanted) same(o wanted) bool {
	return len(w.differences(o)) == 0 && w.suspended == o.suspended
}

// differences lists what changed, as the Flink operator's SpecChanged event words it.
func (w wanted) differences(o wanted) []string {
	var list []string
	note := func(field string, from, to any) {
		if from != to {
			list = append(list, fmt.Sprintf("%s : %v -> %v", field, from, to))
		}
	}
	note("image", w.image, o.image)
	note("jobManager.resource.cpu", w.CPU, o.CPU)
	note("jobManager.resource.memory", w.MemoryBytes, o.MemoryBytes)
	note("job.parallelism", w.Parallelism, o.Parallelism)
	note("restartNonce", w.restartNonce, o.restartNonce)
	before, after := restarts(w.Config), restarts(o.Config)
	for _, key := range slices.Sorted(maps.Keys(merged(before, after))) {
		note("flinkConfiguration."+key, before[key], after[key])
	}
	return list
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// read takes a FlinkDeployment's spec apart. Values that are missing have the Flink operator's defaults.
func read(object *unstructured.Unstructured) (wanted, error) {
	spec, _, err := unstructured.NestedMap(object.Object, "spec")
	if err != nil {
		return wanted{}, fmt.Errorf("spec: %w", err)
	}
	w := wanted{raw: spec}
	w.Namespace, w.Name = object.GetNamespace(), object.GetName()
	w.Config = Flatten(spec["flinkConfiguration"])
	w.image = text(spec, "flink:1.20", "image")
	w.taskManagerImage = podTemplateImage(spec, w.image)
	w.Version = versionOf(w.image, text(spec, "", "flinkVersion"))
	w.UpgradeMode = text(spec, "stateless", "job", "upgradeMode")
	w.suspended = text(spec, "running", "job", "state") == "suspended"
	w.Parallelism = int(number(spec, 1, "job", "parallelism"))
	w.restartNonce = int64(number(spec, 0, "restartNonce"))
	w.CPU, w.taskManagerCPU = number(spec, 1, "jobManager", "resource", "cpu"), number(spec, 1, "taskManager", "resource", "cpu")
	if w.MemoryBytes, err = memory(spec, w.Config, "jobManager", processSize, "1600m"); err != nil {
		return w, err
	}
	if w.taskManagerMemory, err = memory(spec, w.Config, "taskManager", "taskmanager.memory.process.size", "1728m"); err != nil {
		return w, err
	}
	slots, err := strconv.Atoi(orElse(w.Config["taskmanager.numberOfTaskSlots"], "1"))
	if err != nil || slots < 1 {
		return w, fmt.Errorf("flinkConfiguration taskmanager.numberOfTaskSlots %q is not a number of at least 1", w.Config["taskmanager.numberOfTaskSlots"])
	}
	w.taskManagers = (w.Parallelism + slots - 1) / slots
	w.Config[processSize] = asMemory(w.MemoryBytes)
	return w, nil
}

// processSize is the key that the Flink operator sets from resource.memory.
const processSize = "jobmanager.memory.process.size"

// asMemory writes a size as Flink does: whole mebibytes where it can.
func asMemory(size int64) string {
	if size%(1<<20) == 0 {
		return fmt.Sprintf("%dm", size>>20)
	}
	return fmt.Sprintf("%d b", size)
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// memory is resource.memory of a part, else its key of the configuration, else Flink's default; bytes.
func memory(spec map[string]any, config map[string]string, part, key, otherwise string) (int64, error) {
	written := text(spec, orElse(config[key], otherwise), part, "resource", "memory")
	size, err := engine.ParseMemory(written)
	if err != nil {
		return 0, fmt.Errorf("spec.%s.resource.memory: %w", part, err)
	}
	return size, nil
}

// Flatten turns a flinkConfiguration, which may be nested, into flat keys.
func Flatten(configuration any) map[string]string {
	flat := map[string]string{}
	flatten("", configuration, flat)
	return flat
}

func flatten(prefix string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if prefix != "" {
				key = prefix + "." + key
			}
			flatten(key, inner, into)
		}
	case nil:
	case string:
		into[prefix] = v
	default:
		into[prefix] = fmt.Sprint(v)
	}
}

func text(spec map[string]any, otherwise string, path ...string) string {
	value, found, err := unstructured.NestedString(spec, path...)
	if !found || err != nil || value == "" {
		return otherwise
	}
	return value
}

func number(spec map[string]any, otherwise float64, path ...string) float64 {
	value, found, err := unstructured.NestedFieldNoCopy(spec, path...)
	if !found || err != nil {
		return otherwise
	}
	switch n := value.(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return otherwise
}

// podTemplateImage is the image that the TaskManagers' pod template gives to Flink's container, else the deployment's.
func podTemplateImage(spec map[string]any, otherwise string) string {
	containers, _, err := unstructured.NestedSlice(spec, "taskManager", "podTemplate", "spec", "containers")
	if err != nil {
		return otherwise
	}
	for _, c := range containers {
		if container, ok := c.(map[string]any); ok && container["name"] == flinkContainer {
			return text(container, otherwise, "image")
		}
	}
	return otherwise
}

// versionOf is the Flink version of an image's tag, else of flinkVersion: v1_20 is 1.20.
func versionOf(image, flinkVersion string) string {
	if at := strings.LastIndex(image, ":"); at >= 0 {
		tag, _, _ := strings.Cut(image[at+1:], "-")
		if strings.Count(tag, ".") == 2 {
			return tag
		}
	}
	return strings.ReplaceAll(strings.TrimPrefix(flinkVersion, "v"), "_", ".")
}

// lastReconciled is the JSON that the Flink operator keeps of a spec: flat configuration, and an upgradeMode that says
// stateless for a first deployment whatever the user wrote.
func (w wanted) lastReconciled(first, suspended bool) string {
	spec := runtime.DeepCopyJSON(w.raw)
	flat := map[string]any{}
	for key, value := range w.Config {
		if key != processSize {
			flat[key] = value
		}
	}
	spec["flinkConfiguration"] = flat
	job, ok := spec["job"].(map[string]any)
	if !ok {
		job = map[string]any{}
	}
	job["upgradeMode"], job["state"] = w.UpgradeMode, "running"
	if first {
		job["upgradeMode"] = "stateless"
	}
	if suspended {
		job["state"] = "suspended"
	}
	spec["job"] = job
	encoded, err := json.Marshal(map[string]any{
		"spec": spec, "resource_metadata": map[string]any{"apiVersion": "flink.apache.org/v1beta1", "firstDeployment": first},
	})
	if err != nil {
		return ""
	}
	return string(encoded)
}
