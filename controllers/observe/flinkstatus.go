package observe

import (
	"encoding/json"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/model"
)

// observedGeneration is status.observedGeneration, or in older versions of the Flink operator (1.7.0 measured) the generation inside
// lastReconciledSpec.resource_metadata; 0 where neither is there.
func observedGeneration(object *unstructured.Unstructured) int64 {
	if generation, ok, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration"); err == nil && ok {
		return generation
	}
	const most = 1 << 20 // bytes; a spec is a few kilobytes
	last, _, err := unstructured.NestedString(object.Object, "status", "reconciliationStatus", "lastReconciledSpec")
	if err != nil || last == "" || len(last) > most {
		return 0
	}
	var spec struct {
		Metadata struct {
			Metadata struct {
				Generation int64 `json:"generation"`
			} `json:"metadata"`
		} `json:"resource_metadata"`
	}
	if json.Unmarshal([]byte(last), &spec) != nil {
		return 0
	}
	return spec.Metadata.Metadata.Generation
}

// jobManagerResources reads what the JobManager gets. Where both fields are set a non-empty resources wins (Flink operator 1.16, FLINK-33548).
func jobManagerResources(object *unstructured.Unstructured, target *model.Target) {
	resources, _, err := unstructured.NestedMap(object.Object, "spec", "jobManager", "resources")
	if err == nil && len(resources) > 0 {
		target.ResourceField, target.JobManagerResources = "resources", writtenResources(object, "jobManager")
		cpu := firstText(object, "cpu", "limits", "requests")
		if quantity, err := resource.ParseQuantity(cpu); err == nil {
			target.JobManagerCPU = model.Measured(quantity.AsApproximateFloat64())
		}
		target.JobManagerMemory = firstText(object, "memory", "limits", "requests")
		return
	}
	target.ResourceField = "resource"
	if cpu, err := strconv.ParseFloat(scalarAt(object, "spec", "jobManager", "resource", "cpu"), 64); err == nil && cpu > 0 {
		target.JobManagerCPU = model.Measured(cpu)
	}
	target.JobManagerMemory = scalarAt(object, "spec", "jobManager", "resource", "memory")
}

// firstText reads spec.jobManager.resources.<list>.<name> of the first list that has it.
func firstText(object *unstructured.Unstructured, name string, lists ...string) string {
	for _, list := range lists {
		if value := scalarAt(object, "spec", "jobManager", "resources", list, name); value != "" {
			return value
		}
	}
	return ""
}

// scalarAt reads a string, number or bool as text; empty where there is none.
func scalarAt(object *unstructured.Unstructured, path ...string) string {
	value, ok, err := unstructured.NestedFieldNoCopy(object.Object, path...)
	if err != nil || !ok {
		return ""
	}
	text, ok := scalarText(value)
	if !ok {
		return ""
	}
	return cleanText(text, maxValue)
}

// highlyAvailable tells whether the configuration turns JobManager high availability on.
func highlyAvailable(config map[string]string) bool {
	for _, key := range keysHA {
		if value, ok := config[key]; ok {
			return value != "" && !strings.EqualFold(value, "none")
		}
	}
	return false
}

// autoscaled tells whether the Flink operator's autoscaler may rescale the job.
func autoscaled(config map[string]string) bool {
	enabled, err := parseBool(config["job.autoscaler.enabled"])
	return err == nil && enabled
}
