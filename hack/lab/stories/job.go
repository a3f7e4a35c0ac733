package main

import (
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The kinds of targets here.
var (
	flinkDeployment = schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: "FlinkDeployment"}
	flinkSessionJob = schema.GroupVersionKind{Group: "flink.apache.org", Version: "v1beta1", Kind: "FlinkSessionJob"}
)

// job is what is peculiar to the FlinkDeployment of a story.
type job struct {
	config map[string]string // on top of the one all have
	args   []string          // of the pipeline; see the README of hack/lab/faultjobs
	// upgradeMode is last-state where it is empty.
	upgradeMode string
	// jobManagerMemory is the process size; "" = 1024m.
	jobManagerMemory string
	// jobManagerCPU is request and limit in cores; 0 = a request of a tenth and a limit of ten times that.
	jobManagerCPU float64
	// session is a FlinkSessionJob on a session cluster of its own.
	session bool
	// longWay puts the lab's latency before the JobManager's RPC port.
	longWay bool
	// nested writes flinkConfiguration as nested YAML.
	nested bool
}

// Checkpoints are given up after ten seconds and begin every five; a failed one does not restart the job. A pod asks for a tenth of a core,
// so that on a node of two cores there is room for two jobs of which one has a JobManager of 1.5, and may use a whole one, as much of a start is JVM work.
const (
	keyTimeout  = "execution.checkpointing.timeout"
	keyInterval = "execution.checkpointing.interval"
	cpuRequest  = 0.1
	cpuFactor   = "10.0"
)

// Files in a pod that hold the delays of storage and of the network; the node's directory behind /lab is the job's own.
const (
	storageControl = "/lab/storage.properties"
	networkControl = "/lab/network.properties"
)

// Jars of the pipeline: in the Flink image, and in that of the lab's Flink operator, which uploads it to session clusters.
const (
	clusterJar = "local:///opt/flink/usrlib/pipeline.jar"
	sessionJar = "file:///opt/flink/usrlib/pipeline.jar"
)

// options are what the cluster was made of. The directory data of the node holds one of each job and run: an earlier run's slow storage is not
// found again.
type options struct {
	namespace, image, flinkVersion, data, run string
}

// manifests are what a user would write: a FlinkDeployment, or a session cluster and the FlinkSessionJob for it. The target comes last.
func (j *job) manifests(o *options, name string) []*unstructured.Unstructured {
	config, run := j.configuration(), j.run()
	if j.session {
		return j.onSessionCluster(o, name, config, run)
	}
	spec := j.cluster(o, name, config)
	spec["job"] = run
	return []*unstructured.Unstructured{object(flinkDeployment, o, name, spec)}
}

// onSessionCluster divides a configuration: what a job may set itself is the FlinkSessionJob's.
func (j *job) onSessionCluster(o *options, name string, config, run map[string]any) []*unstructured.Unstructured {
	own := map[string]any{}
	for key, value := range config {
		if strings.HasPrefix(key, "execution.") {
			own[key] = value
			delete(config, key)
		}
	}
	run["jarURI"] = sessionJar
	return []*unstructured.Unstructured{
		object(flinkDeployment, o, clusterOf(name), j.cluster(o, name, config)),
		object(flinkSessionJob, o, name, map[string]any{"deploymentName": clusterOf(name), "flinkConfiguration": own, "job": run}),
	}
}

// clusterOf is the session cluster of a FlinkSessionJob.
func clusterOf(name string) string { return name + "-cluster" }

func object(kind schema.GroupVersionKind, o *options, name string, spec map[string]any) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	u.SetGroupVersionKind(kind)
	u.SetNamespace(o.namespace)
	u.SetName(name)
	return u
}

// configuration is Flink's, of the job and of its cluster.
func (j *job) configuration() map[string]any {
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
	if j.jobManagerCPU > 0 {
		config["kubernetes.jobmanager.cpu.limit-factor"] = "1.0"
	}
	if j.longWay {
		maps.Copy(config, longWay)
	}
	maps.Copy(config, j.config)
	loose := map[string]any{}
	for k, v := range config {
		if !j.nested {
			loose[k] = v
		} else if err := unstructured.SetNestedField(loose, v, strings.Split(k, ".")...); err != nil {
			loose[k] = v // a key that begins with another one cannot be nested beside it
		}
	}
	return loose
}

// configured is a key of an object's flinkConfiguration, flat or nested; "" where it has none.
func configured(object *unstructured.Unstructured, key string) string {
	for _, path := range [][]string{{key}, strings.Split(key, ".")} {
		if value, _, _ := unstructured.NestedString(object.Object, append([]string{"spec", "flinkConfiguration"}, path...)...); value != "" {
			return value
		}
	}
	return ""
}

// run is what is run: spec.job.
func (j *job) run() map[string]any {
	args := []any{"--parallelism", "2"}
	for _, a := range j.args {
		args = append(args, a)
	}
	return map[string]any{
		"jarURI": clusterJar, "args": args, "parallelism": int64(2), "state": "running", "upgradeMode": orElse(j.upgradeMode, "last-state"),
	}
}

// cluster is the spec of a FlinkDeployment without a job.
func (j *job) cluster(o *options, name string, config map[string]any) map[string]any {
	cpu := cpuRequest
	if j.jobManagerCPU > 0 {
		cpu = j.jobManagerCPU
	}
	jobManager := map[string]any{"resource": map[string]any{"cpu": cpu, "memory": orElse(j.jobManagerMemory, "1024m")}}
	if j.longWay {
		jobManager["podTemplate"] = latencyTemplate()
	}
	return map[string]any{
		"image": o.image, "imagePullPolicy": "Never", "flinkVersion": o.flinkVersion, "serviceAccount": "flink",
		"flinkConfiguration": config,
		"jobManager":         jobManager,
		"taskManager":        map[string]any{"resource": map[string]any{"cpu": cpuRequest, "memory": "1280m"}},
		"podTemplate":        podTemplate(o.data + "/" + name + o.run),
	}
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

// longWay has the JobManager listen beside its RPC port, at which the lab's latency stands. TaskManagers know the port alone. An answer is waited
// for longer than both ways take, and so is a slot (taskmanager.slot.timeout): else a job that restarts gets none, for its TaskManagers are back at the
// JobManager only after three round trips.
var longWay = map[string]string{"jobmanager.rpc.bind-port": "6125", "pekko.ask.timeout": "60s"}

// latencyTemplate adds the lab's latency to the pod of the JobManager. The Flink operator merges lists of containers by place.
func latencyTemplate() map[string]any {
	return map[string]any{"spec": map[string]any{"containers": []any{
		map[string]any{"name": "flink-main-container"},
		map[string]any{
			"name": "latency", "image": "localhost/latency:lab", "imagePullPolicy": "Never",
			"args":         []any{"-listen", ":6123", "-to", "127.0.0.1:6125", "-control", networkControl},
			"volumeMounts": []any{map[string]any{"name": "lab", "mountPath": "/lab"}},
		},
	}}}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
