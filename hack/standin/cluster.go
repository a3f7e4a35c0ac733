package standin

import (
	"context"
	"maps"
	"strings"
)

// Spec is what a FlinkDeployment asks of a cluster.
type Spec struct {
	Namespace, Name string
	Version         string            // of Flink, e.g. 1.20.5, from the image's tag; else from flinkVersion, e.g. 1.20
	Config          map[string]string // flinkConfiguration with flat keys; resource.memory as jobmanager.memory.process.size
	CPU             float64           // cores of the JobManager
	MemoryBytes     int64             // of the JobManager's process
	UpgradeMode     string            // last-state, stateless or savepoint; empty counts as stateless, as in the CRD
	Parallelism     int               // 0 = the job's own
	Files           map[string]string // the configuration files that a ConfigMap gives to a standalone JobManager; nil elsewhere
}

// Cluster is one Flink cluster with its job, simulated or real. The stand-in calls it from one goroutine at a time.
type Cluster interface {
	// Deploy starts the JobManager and the job; the second time with UpgradeMode stateless it starts empty, otherwise from the
	// last completed checkpoint. It may return before anything answers.
	Deploy(ctx context.Context, spec Spec) error
	// Stop ends the JobManager and its TaskManagers. What can be restored is kept.
	Stop(ctx context.Context) error
	// Ready tells whether REST answers and lists the job.
	Ready(ctx context.Context) (bool, error)
}

// Savepointer is a Cluster that can stop with a savepoint. An error means that the savepoint failed and the job goes on from
// its last completed checkpoint.
type Savepointer interface {
	StopWithSavepoint(ctx context.Context) error
}

// Identified is a Cluster that knows Flink's id of its job.
type Identified interface {
	JobID() string
}

// Removable is a Cluster that holds more than Stop ends: Remove ends all of it.
type Removable interface {
	Remove(ctx context.Context) error
}

// Factory makes the cluster of a FlinkDeployment when it is first deployed.
type Factory func(ctx context.Context, spec Spec) (Cluster, error)

// free are the prefixes of keys that the Flink operator reads itself or an autoscaler writes: changing them restarts nothing
// (AbstractFlinkSpec of 1.7.0 to 1.15.0).
var free = []string{"kubernetes.operator.", "job.autoscaler.", "parallelism.default"}

// restarts returns the part of a configuration whose change makes the Flink operator redeploy.
func restarts(config map[string]string) map[string]string {
	kept := maps.Clone(config)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		if key == processSize {
			return true // compared as resource.memory
		}
		for _, prefix := range free {
			if strings.HasPrefix(key, prefix) {
				return true
			}
		}
		return false
	})
	return kept
}
