package main

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// flinkDeployment is the kind of all targets here.
var flinkDeployment = schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: "FlinkDeployment"}

// job is what is peculiar to the FlinkDeployment of a story.
type job struct {
	config map[string]string // on top of the one all have
	args   []string          // of the pipeline; see the README of hack/lab/faultjobs
	// upgradeMode is last-state where it is empty.
	upgradeMode string
	// jobManagerMemory is the process size; "" = 1024m.
	jobManagerMemory string
	// jobManagerCPU is the limit in cores; 0 = a request of a quarter and a limit of four times that.
	jobManagerCPU float64
}

// Checkpoints are given up after ten seconds and begin every five; a failed one does not restart the job. A pod asks for a quarter of a core
// and may use a whole one, as much of a start is JVM work.
const (
	keyTimeout  = "execution.checkpointing.timeout"
	keyInterval = "execution.checkpointing.interval"
	cpuRequest  = 0.25
	cpuFactor   = "4.0"
)

// storageControl is the file in a pod that holds the delays of storage; the node's directory behind /lab is the job's own.
const storageControl = "/lab/storage.properties"

// options are what the cluster was made of. The directory data of the node holds one of each job and run: an earlier run's slow storage is not
// found again.
type options struct {
	namespace, image, flinkVersion, data, run string
}

// manifest is the FlinkDeployment as a user would write it.
func (j *job) manifest(o *options, name string) *unstructured.Unstructured {
	config := map[string]string{
		"taskmanager.numberOfTaskSlots":           "2",
		"high-availability.type":                  "kubernetes",
		"high-availability.storageDir":            "file:///lab/ha",
		"state.checkpoints.dir":                   "objectstore:///lab/checkpoints",
		"state.savepoints.dir":                    "file:///lab/savepoints",
		"kubernetes.jobmanager.cpu.limit-factor":  cpuFactor,
		"kubernetes.taskmanager.cpu.limit-factor": cpuFactor,
		keyInterval: "5s",
		keyTimeout:  "10s",
		"execution.checkpointing.tolerable-failed-checkpoints":      "1000",
		"execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
	}
	cpu := cpuRequest
	if j.jobManagerCPU > 0 {
		cpu, config["kubernetes.jobmanager.cpu.limit-factor"] = j.jobManagerCPU, "1.0"
	}
	maps.Copy(config, j.config)
	flat, args := map[string]any{}, []any{"--parallelism", "2"}
	for k, v := range config {
		flat[k] = v
	}
	for _, a := range j.args {
		args = append(args, a)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image": o.image, "imagePullPolicy": "Never", "flinkVersion": o.flinkVersion, "serviceAccount": "flink",
		"flinkConfiguration": flat,
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": cpu, "memory": orElse(j.jobManagerMemory, "1024m")}},
		"taskManager":        map[string]any{"resource": map[string]any{"cpu": cpuRequest, "memory": "1280m"}},
		"podTemplate":        podTemplate(o.data + "/" + name + o.run),
		"job": map[string]any{
			"jarURI": "local:///opt/flink/usrlib/pipeline.jar", "args": args, "parallelism": int64(2), "state": "running",
			"upgradeMode": orElse(j.upgradeMode, "last-state"),
		},
	}}}
	u.SetGroupVersionKind(flinkDeployment)
	u.SetNamespace(o.namespace)
	u.SetName(name)
	return u
}

// podTemplate mounts the node's directory of the job at /lab.
func podTemplate(directory string) map[string]any {
	return map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{
			"name":         "flink-main-container",
			"env":          []any{map[string]any{"name": "OBJECTSTORE_CONTROL", "value": storageControl}},
			"volumeMounts": []any{map[string]any{"name": "lab", "mountPath": "/lab"}},
		}},
		"volumes": []any{map[string]any{
			"name": "lab", "hostPath": map[string]any{"path": directory, "type": "DirectoryOrCreate"},
		}},
	}}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
