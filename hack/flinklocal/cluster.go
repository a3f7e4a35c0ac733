package flinklocal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Entry points of Flink's processes, and what its start scripts open of Java's modules (1.17 to 2.3).
const (
	jobManagerMain  = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
	applicationMain = "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint"
	zooKeeperMain   = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer"
	taskManagerMain = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
	openedModules   = "java.lang java.net java.io java.nio sun.nio.ch java.lang.reflect java.text java.time java.util " +
		"java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks"
	// An actor system may take two minutes to start instead of ten seconds: two cores may have six JVMs to start at once. As system
	// properties, for Flink's own option of that name does not reach this setting (1.17 to 2.2; akka is its name up to 1.17).
	patientActors = "-Dpekko.remote.classic.startup-timeout=120s -Dakka.remote.classic.startup-timeout=120s"
)

// quickStart are the lighter compiler and no second look at classes: these processes live for minutes, and half of a start is loading classes.
const quickStart = "-XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"

const log4j = `rootLogger.level = INFO
rootLogger.appenderRef.f.ref = F
appender.f.name = F
appender.f.type = File
appender.f.fileName = ${sys:log.file}
appender.f.layout.type = PatternLayout
appender.f.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
`

// Options say what a cluster is made of.
type Options struct {
	Dist string // directory of the distribution, from Fetch
	Jars Jars   // from Build, for the same distribution
	Mode Mode   // who submits the job, and what brings it back after a restart; "" = Operated
	Case Case   // the job, its fault, and the size of the cluster
	Last string // directory of the distribution of the last TaskManager, where the case gives it another version; "" = Dist
	Dir  string // where the work directory is made; "" = the system's directory for temporary files
	Keep bool   // leaves the work directory (logs, checkpoints) behind
	Log  Logf   // may be nil
}

// Cluster is one JobManager, its TaskManagers and one job. The address of its REST API stays the same over restarts.
type Cluster struct {
	opts    Options
	version string
	jdk     JDK
	place   place
	rest    *rest
	life    context.Context
	release func() bool // takes back the promise to close with the context

	mu        sync.Mutex // one of Deploy, Restart, Stop and Close at a time
	procs     []*process
	spec      Spec
	starts    int
	submitted bool   // the job has been submitted, or its JobManager started with it in its class path
	savepoint string // what the job was stopped with, until a start has used it
	closed    bool
	closing   context.CancelFunc

	around surroundings

	jobMu sync.Mutex
	job   string
}

var (
	errNoJob  = errors.New("no job has been deployed on this cluster")
	errClosed = errors.New("this cluster has been closed")
)

// New prepares a cluster: work directory, ports, plugin. Nothing runs before Deploy. When ctx ends the cluster is closed.
func New(ctx context.Context, opts Options) (*Cluster, error) {
	version, err := Version(opts.Dist)
	if err != nil {
		return nil, err
	}
	jdk, err := FindJDK(ctx)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(opts.Dir, "flink-"+opts.Case.Name+"-")
	if err != nil {
		return nil, err
	}
	life, closing := context.WithCancel(context.WithoutCancel(ctx))
	c := &Cluster{opts: opts, version: version, jdk: jdk, place: place{dir: dir, scheme: opts.Case.store().Scheme, host: loopback, rpc: ports[0], rest: ports[1], zooKeeper: ports[2]},
		rest: newRest(ports[1]), life: life, closing: closing, job: newJobID()}
	if err := c.furnish(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.release = context.AfterFunc(ctx, func() {
		if err := c.Close(); err != nil {
			c.opts.Log.line("%s: %v", c.opts.Case.Name, err)
		}
	})
	return c, nil
}

// furnish makes the work directory: folders, logging, the plugin, and no delays yet.
func (c *Cluster) furnish() error {
	plugin := filepath.Join("plugins", c.place.scheme)
	for _, sub := range []string{"log", "tmp", plugin, "upload", "checkpoints"} {
		if err := os.MkdirAll(filepath.Join(c.place.dir, sub), 0o755); err != nil {
			return err
		}
	}
	jar, err := os.ReadFile(c.opts.Jars.Store)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.place.dir, plugin, filepath.Base(c.opts.Jars.Store)), jar, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(c.path("log4j.properties"), []byte(log4j), 0o644); err != nil {
		return err
	}
	return c.SetDelays(nil)
}

func (c *Cluster) path(name string) string { return filepath.Join(c.place.dir, name) }

// URL is the address of the REST API, such as http://127.0.0.1:20481.
func (c *Cluster) URL() string { return c.rest.base }

// Dir is the work directory, with log/<start>/<process>/<process>.log, checkpoints/ and the configuration files.
func (c *Cluster) Dir() string { return c.place.dir }

// JobID is the id of the job deployed last; it stays over restarts that restore, as it does with high availability.
func (c *Cluster) JobID() string {
	c.jobMu.Lock()
	defer c.jobMu.Unlock()
	return c.job
}

// SetDelays sets what storage does from now on, in all processes within a fifth of a second; nil = as fast as the disk.
func (c *Cluster) SetDelays(delays map[string]string) error {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(delays)) {
		b.WriteString(k + "=" + delays[k] + "\n")
	}
	next := c.path("delays.properties.new")
	if err := os.WriteFile(next, []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(next, c.path("delays.properties"))
}

// Close stops the processes and removes the work directory. It may be called more than once.
func (c *Cluster) Close() error {
	c.closing() // whatever is being waited for is given up
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.release != nil {
		c.release()
	}
	end(c.procs, grace)
	c.procs = nil
	err := c.around.remove()
	if c.opts.Keep {
		return err
	}
	return errors.Join(err, os.RemoveAll(c.place.dir))
}

// halt ends the processes that a restart ends; the lock is held.
func (c *Cluster) halt() {
	ending, staying := c.procs, []*process(nil)
	if c.opts.Mode != Operated {
		ending, staying = partition(c.procs, func(p *process) bool { return p.name == jobManager })
	}
	end(ending, grace)
	c.procs = staying
}

// launch starts JobManager and TaskManagers and waits until they know each other; the lock is held.
func (c *Cluster) launch(ctx context.Context, spec Spec) error {
	conf := c.configuration(spec)
	memory, err := DeriveJobManagerMemory(conf)
	if err != nil {
		return err
	}
	heap, err := taskManagerHeap(conf)
	if err != nil {
		return err
	}
	c.starts++
	if err := os.MkdirAll(c.logDir(), 0o755); err != nil {
		return err
	}
	if err := c.around.rescale(spec.CPU); err != nil {
		return err
	}
	if err := c.startZooKeeper(); err != nil {
		return err
	}
	cpu := max(1, int(math.Ceil(spec.CPU)))
	jm := c.jobManager(spec)
	jm.jvm, jm.properties = slices.Concat(memory.JVM(), []string{processors(cpu)}, c.opts.Case.JobManagerJVM), memory.Properties()
	own := maps.Clone(conf)
	maps.Copy(own, c.place.jobManagerSettings())
	if err := c.spawn(jm, spec, own); err != nil {
		return err
	}
	if err := c.startTaskManagers(spec, conf, heap); err != nil {
		return err
	}
	return c.waitRegistered(ctx)
}

// waitRegistered returns when the JobManager knows the TaskManagers, but for one of another version, which may never register.
func (c *Cluster) waitRegistered(ctx context.Context) error {
	procs, want := c.procs, c.opts.Case.taskManagers()
	if c.opts.Case.LastVersion != "" {
		_, procs = partition(procs, func(p *process) bool { return p.name == c.lastName() })
		want--
	}
	return waitFor(ctx, procs, "the TaskManagers to register", func(ctx context.Context) (bool, string) {
		n, err := c.rest.registered(ctx)
		return err == nil && n >= want, fmt.Sprintf("%d of %d", n, want)
	})
}

// configuration is what a start of the cluster runs with, flat.
func (c *Cluster) configuration(spec Spec) map[string]string {
	conf := effective(c.version, c.place, c.opts.Case.Lab, spec.Config)
	// As the Flink operator does with jobManager.resource.memory. A size that says the same stays as it is written.
	if size, err := ParseMemory(conf[keyProcess]); spec.MemoryBytes > 0 && (err != nil || size != spec.MemoryBytes) {
		conf[keyProcess] = strconv.FormatInt(spec.MemoryBytes, 10) + "b"
	}
	conf["taskmanager.numberOfTaskSlots"] = strconv.Itoa(c.opts.Case.slots(spec.Parallelism))
	if c.opts.Mode != Operated {
		maps.Copy(conf, c.place.highAvailability())
	}
	return conf
}

// processors makes the JVM see as many CPUs as its container would have; Flink sizes its io pool by them.
func processors(n int) string { return fmt.Sprintf("-XX:ActiveProcessorCount=%d", n) }

func (c *Cluster) logDir() string { return c.path(filepath.Join("log", strconv.Itoa(c.starts))) }

// program is a process of Flink.
type program struct {
	name, main string
	jvm        []string // options of the JVM
	properties []string // dynamic properties, key=value
	arguments  []string // what else follows; the last, for an application's own arguments end those of Flink
	classes    string   // a jar for the class path besides Flink's
	dist       string   // directory of its distribution; "" = the cluster's
	before     []string // a command line that java follows
}

// spawn starts a process of Flink with a configuration directory of its own, in the form that its own version reads.
func (c *Cluster) spawn(run program, spec Spec, conf map[string]string) error {
	dir := c.path("conf-" + run.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	version, err := c.versionOf(run)
	if err != nil {
		return err
	}
	overrides, err := c.configure(dir, version, spec, forVersion(version, conf))
	if err != nil {
		return err
	}
	arguments := []string{"--configDir", dir}
	for _, d := range slices.Concat(overrides, run.properties) {
		arguments = append(arguments, "-D", d)
	}
	return c.java(run, append(arguments, run.arguments...), "FLINK_CONF_DIR="+dir)
}

// versionOf is the Flink version of a program: its own distribution's where it has one.
func (c *Cluster) versionOf(run program) (string, error) {
	if run.dist == "" {
		return c.version, nil
	}
	return Version(run.dist)
}

// java starts a program of Flink's jars.
func (c *Cluster) java(run program, arguments []string, environment ...string) error {
	lib := filepath.Join(run.dist, "lib")
	if run.dist == "" {
		lib = filepath.Join(c.opts.Dist, "lib")
	}
	classpath, err := runtimeJars(lib, c.opts.Case.job().Table != "")
	if err != nil {
		return err
	}
	if run.classes != "" {
		classpath += string(os.PathListSeparator) + run.classes
	}
	// Each process has a directory of its own, as in a pod: Flink serves all logs beside the one it writes as its own.
	logs := filepath.Join(c.logDir(), run.name)
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	p := &process{name: run.name, out: filepath.Join(logs, run.name+".out"), log: filepath.Join(logs, run.name+".log")}
	args := slices.Concat(run.jvm, strings.Fields(patientActors), strings.Fields(quickStart))
	for _, m := range strings.Fields(openedModules) {
		args = append(args, "--add-opens=java.base/"+m+"=ALL-UNNAMED")
	}
	args = append(args, "--add-exports=java.base/sun.net.util=ALL-UNNAMED", "-Djava.io.tmpdir="+c.path("tmp"), "-Dlog.file="+p.log,
		"-Dlog4j.configurationFile=file:"+c.path("log4j.properties"), "-cp", classpath, run.main)
	line := slices.Concat(run.before, []string{c.jdk.Java}, args, arguments)
	p.cmd = exec.CommandContext(c.life, line[0], line[1:]...)
	p.cmd.Env = append(os.Environ(), append(environment, "FLINK_PLUGINS_DIR="+c.path("plugins"), "FLINK_LIB_DIR="+lib,
		c.opts.Case.store().Control+"="+c.path("delays.properties"))...)
	if err := p.start(); err != nil {
		return err
	}
	c.procs = append(c.procs, p)
	if group := c.group(run.name); group != nil {
		return group.add(p.cmd.Process.Pid)
	}
	return nil
}

// runtimeJars are Flink itself and its logging, and where the job is in SQL its planner: else the table jars would only slow the start.
func runtimeJars(lib string, sql bool) (string, error) {
	var jars []string
	patterns := []string{"flink-dist-*.jar", "log4j-*.jar"}
	if sql {
		patterns = append(patterns, "flink-table-*.jar")
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(lib, pattern))
		if err != nil {
			return "", err
		}
		jars = append(jars, found...)
	}
	return strings.Join(jars, string(os.PathListSeparator)), nil
}
