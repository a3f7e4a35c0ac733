package flinklocal

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Mode tells who submits the job, and what brings it back after a restart.
type Mode string

// The modes.
const (
	// Operated is as the Flink operator does it: every start submits the job anew, from its newest checkpoint.
	Operated Mode = ""
	// Session is a standalone session cluster with high availability: a client submits the job once, and a JobManager that starts again
	// recovers it from ZooKeeper by itself. A restart ends the JobManager only, as the rollout of its Deployment does.
	Session Mode = "session"
	// Application is the same with the job in the class path of the JobManager, which runs its main method at every start.
	Application Mode = "application"
)

// Names of processes, and so of their logs.
const (
	jobManager = "jm"
	zooKeeper  = "zk"
)

const keyProcess = "jobmanager.memory.process.size"

// zooKeeperHeap is plenty for a few kilobytes of handles.
const zooKeeperHeap = "-Xmx96m"

// highAvailability are the settings of a standalone cluster that say where it keeps what it recovers from.
func (p place) highAvailability() map[string]string {
	return map[string]string{
		"high-availability.type":             "zookeeper",
		"high-availability.zookeeper.quorum": loopback + ":" + strconv.Itoa(p.zooKeeper),
		"high-availability.storageDir":       "file://" + filepath.Join(p.dir, "ha"),
		"high-availability.cluster-id":       "/standalone",
	}
}

// startZooKeeper starts the ZooKeeper that comes with Flink, where the mode needs one and it does not run. It is as long there as the
// cluster: JobManagers come and go.
func (c *Cluster) startZooKeeper() error {
	if c.opts.Mode == Operated || c.runs(zooKeeper) {
		return nil
	}
	data := c.path("zookeeper")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	file := c.path("zoo.cfg")
	text := fmt.Sprintf("dataDir=%s\nclientPort=%d\nclientPortAddress=%s\ntickTime=2000\nadmin.enableServer=false\n", data, c.place.zooKeeper, loopback)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	run := program{name: zooKeeper, main: zooKeeperMain, jvm: []string{zooKeeperHeap, "-XX:+UseSerialGC", processors(1)}}
	return c.java(run, []string{"--zkConfigFile", file, "--peerId", "1"})
}

// jobManager is the program of a JobManager, with the job where the mode has it there.
func (c *Cluster) jobManager(spec Spec) program {
	if c.opts.Mode != Application {
		return program{name: jobManager, main: jobManagerMain}
	}
	arguments := append([]string{"--job-classname", c.opts.Case.entryClass(), "--job-id", c.JobID()}, c.arguments(c.opts.Case.Args, spec)...)
	return program{name: jobManager, main: applicationMain, classes: c.opts.Jars.Job, arguments: arguments}
}

// configure writes the configuration directory of a process. Where files are mounted they are the user's, to the byte, and what has to be
// otherwise on this machine comes as dynamic properties, which win.
func (c *Cluster) configure(dir, version string, spec Spec, conf map[string]string) (overrides []string, err error) {
	if len(spec.Files) == 0 {
		file, text, err := configFile(version, conf)
		if err != nil {
			return nil, err
		}
		return nil, os.WriteFile(filepath.Join(dir, file), text, 0o644)
	}
	for name, text := range spec.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		if value, set := spec.Config[key]; !set || value != conf[key] {
			overrides = append(overrides, key+"="+conf[key])
		}
	}
	return overrides, nil
}

// runs tells whether a process of that name is alive.
func (c *Cluster) runs(name string) bool {
	return slices.ContainsFunc(c.procs, func(p *process) bool { return p.name == name && p.alive() })
}

// partition cuts a list in two by what is asked of each.
func partition(all []*process, ask func(*process) bool) (yes, no []*process) {
	for _, p := range all {
		if ask(p) {
			yes = append(yes, p)
		} else {
			no = append(no, p)
		}
	}
	return yes, no
}

// CheckpointConfig is what /jobs/:id/checkpoints/config says of the coordinator that runs; milliseconds.
type CheckpointConfig struct {
	Timeout  int64 `json:"timeout"`
	Interval int64 `json:"interval"`
}

// CheckpointConfig asks Flink for the checkpoint settings that the job runs with.
func (c *Cluster) CheckpointConfig(ctx context.Context) (CheckpointConfig, error) {
	var answer CheckpointConfig
	err := c.rest.get(ctx, "/jobs/"+c.JobID()+"/checkpoints/config", &answer)
	return answer, err
}

// JobManagerConfig asks Flink for the configuration that the JobManager was started with.
func (c *Cluster) JobManagerConfig(ctx context.Context) (map[string]string, error) {
	var answer []struct{ Key, Value string }
	if err := c.rest.get(ctx, "/jobmanager/config", &answer); err != nil {
		return nil, err
	}
	config := map[string]string{}
	for _, entry := range answer {
		config[entry.Key] = entry.Value
	}
	return config, nil
}
