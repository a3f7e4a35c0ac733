package flinklocal

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// loopback is the only address anything here listens on.
const loopback = "127.0.0.1"

// defaults are the settings of a small cluster that a user's configuration may override. TaskManager memory is given part by
// part: without Flink's start scripts nothing derives it from the size of the process.
func defaults() map[string]string {
	return map[string]string{
		"jobmanager.memory.process.size":                            "1088m",
		"taskmanager.numberOfTaskSlots":                             "1",
		"taskmanager.cpu.cores":                                     "1.0",
		"taskmanager.memory.task.heap.size":                         "384m",
		"taskmanager.memory.task.off-heap.size":                     "0m",
		"taskmanager.memory.managed.size":                           "128m",
		"taskmanager.memory.network.min":                            "64m",
		"taskmanager.memory.network.max":                            "64m",
		"taskmanager.memory.framework.heap.size":                    "64m",
		"taskmanager.memory.framework.off-heap.size":                "64m",
		"taskmanager.memory.jvm-metaspace.size":                     "128m",
		"taskmanager.memory.jvm-overhead.min":                       "64m",
		"taskmanager.memory.jvm-overhead.max":                       "64m",
		"state.backend.type":                                        "hashmap",
		"execution.checkpointing.interval":                          "3 s",
		"execution.checkpointing.timeout":                           "10 s",
		"execution.checkpointing.tolerable-failed-checkpoints":      "1000",
		"execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
		"web.refresh-interval":                                      "1000",
		"metrics.fetcher.update-interval":                           "2000",
	}
}

// place is where a cluster listens and writes: settings that no user's configuration may move.
type place struct {
	dir       string
	scheme    string // of the paths of checkpoints
	host      string // address of the JobManager and of TaskManagers that are not set apart
	rpc, rest int    // ports
	rpcBind   int    // port of the JobManager behind a proxy on rpc; 0 = rpc
	zooKeeper int    // port of ZooKeeper, where there is one
}

func (p place) settings() map[string]string {
	checkpoints := p.scheme + "://" + p.checkpoints()
	return map[string]string{
		"jobmanager.rpc.address": p.host,
		"jobmanager.rpc.port":    strconv.Itoa(p.rpc),
		"jobmanager.bind-host":   loopback,
		"blob.server.port":       "0",
		"rest.address":           loopback,
		"rest.bind-address":      loopback,
		"rest.port":              strconv.Itoa(p.rest),
		"rest.bind-port":         strconv.Itoa(p.rest),
		"taskmanager.host":       p.host,
		"taskmanager.bind-host":  p.host,
		"io.tmp.dirs":            filepath.Join(p.dir, "tmp"),
		"web.upload.dir":         filepath.Join(p.dir, "upload"),
		"state.checkpoints.dir":  checkpoints,
		"state.savepoints.dir":   checkpoints,
	}
}

// jobManagerSettings are those of the JobManager alone.
func (p place) jobManagerSettings() map[string]string {
	own := map[string]string{}
	if p.rpcBind != 0 {
		own["jobmanager.rpc.bind-port"] = strconv.Itoa(p.rpcBind)
	}
	if p.host != loopback {
		own["jobmanager.bind-host"] = "0.0.0.0" // its own blob client goes by way of loopback
	}
	return own
}

func (p place) checkpoints() string { return filepath.Join(p.dir, "checkpoints") }

// leftOut are settings of a FlinkDeployment that mean nothing, or something else, where Flink runs as local processes.
// High availability is one: the newest checkpoint on disk stands in for it, and a standalone cluster gets one of its own.
var leftOut = []string{
	"high-availability", "kubernetes.", "job.autoscaler.", "metrics.reporter", "taskmanager.memory.process.size",
	"taskmanager.memory.flink.size", "execution.savepoint.path", "s3.", "env.java.",
}

func isLeftOut(key string) bool {
	return slices.ContainsFunc(leftOut, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// effective is the configuration a cluster starts with: defaults, then the lab's, then the user's, then what is fixed.
func effective(version string, p place, lab, user map[string]string) map[string]string {
	conf := defaults()
	maps.Copy(conf, lab)
	for k, v := range user {
		if !isLeftOut(k) {
			conf[k] = v
		}
	}
	maps.Copy(conf, p.settings())
	return forVersion(version, conf)
}

// olderNames are keys that came with a version; before it only the older name is read. Version as minor of Flink 1.
var olderNames = []struct {
	key   string
	since int
	older string
}{
	{"execution.checkpointing.incremental", 20, "state.backend.incremental"},
	{"execution.checkpointing.data-inline-threshold", 20, "state.storage.fs.memory-threshold"},
	{"execution.checkpointing.num-retained", 20, "state.checkpoints.num-retained"},
	{"execution.checkpointing.cleaner.parallel-mode", 20, "state.checkpoint.cleaner.parallel-mode"},
	{"pekko.framesize", 18, "akka.framesize"},
	{"pekko.ask.timeout", 18, "akka.ask.timeout"},
}

// forVersion gives keys the name that the version reads, so that a case is written once.
func forVersion(version string, conf map[string]string) map[string]string {
	out := maps.Clone(conf)
	major, minor := majorMinor(version)
	if major != 1 {
		return out
	}
	for _, n := range olderNames {
		if v, ok := out[n.key]; ok && minor < n.since {
			delete(out, n.key)
			out[n.older] = v
		}
	}
	return out
}

func majorMinor(version string) (major, minor int) {
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return 0, 0
	}
	return major, minor
}

// configFile is the name and text of the file in which this version reads flat keys: flink-conf.yaml with a parser of its own
// up to 1.18, config.yaml as real YAML from 1.19 on.
func configFile(version string, conf map[string]string) (name string, text []byte, err error) {
	if major, minor := majorMinor(version); major == 1 && minor < 19 {
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(conf)) {
			b.WriteString(k + ": " + conf[k] + "\n")
		}
		return "flink-conf.yaml", []byte(b.String()), nil
	}
	text, err = yaml.Marshal(conf)
	return "config.yaml", text, err
}

// taskManagerHeap is -Xmx of a TaskManager: heap of the tasks and of the framework.
func taskManagerHeap(conf map[string]string) (int64, error) {
	k := &memoryKeys{conf: conf}
	heap := k.size("taskmanager.memory.task.heap.size", 0) + k.size("taskmanager.memory.framework.heap.size", 0)
	return heap, k.err
}
