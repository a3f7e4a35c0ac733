package flinklocal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A standalone JobManager that starts again with other checkpoint settings goes on with those that its job was submitted with: that is what
// the refusal StoredJobGraph says. Its own settings, such as the io pool, are the new ones.
func TestStandaloneRestartsOnRealFlink(t *testing.T) {
	realVersions(t, func(version, dist string, jars Jars) {
		for _, mode := range []Mode{Session, Application} {
			t.Run(version+"/"+string(mode), func(t *testing.T) {
				theCase, _ := Find("healthy")
				theCase.TaskManagers = 1
				restartWithOtherSettings(t, Options{Dist: dist, Jars: jars, Case: theCase, Mode: mode, Dir: t.TempDir(), Log: t.Logf})
			})
		}
	})
}

// seen is what Flink says of a job and its JobManager at one moment.
type seen struct {
	settings CheckpointConfig
	config   map[string]string
	restored int
}

// see waits for so many checkpoints and asks Flink.
func see(ctx context.Context, t *testing.T, c *Cluster, label string, checkpoints int) seen {
	t.Helper()
	if _, err := c.Watch(ctx, label, Ended(checkpoints)); err != nil {
		t.Fatal(err)
	}
	settings, errSettings := c.CheckpointConfig(ctx)
	config, errConfig := c.JobManagerConfig(ctx)
	history, errHistory := c.Checkpoints(ctx)
	if err := errors.Join(errSettings, errConfig, errHistory); err != nil {
		t.Fatal(err)
	}
	return seen{settings, config, history.Counts.Restored}
}

func restartWithOtherSettings(t *testing.T, opts Options) {
	t.Helper()
	ctx, c := realCluster(t, opts)
	if err := c.Deploy(ctx, opts.Case.Spec("default", "orders", "")); err != nil {
		t.Fatal(err)
	}
	before := see(ctx, t, c, "before", 2)
	changes := map[string]string{keyTimeout: "30s", keyInterval: "2s", keyIOPool: "3", "execution.checkpointing.num-retained": "3"}
	if err := c.Restart(ctx, opts.Case.With(changes)); err != nil {
		t.Fatal(err)
	}
	after := see(ctx, t, c, "after", 4)
	t.Logf("measured: Flink %s, %s: timeout %d ms, interval %d ms; restarted with %s: timeout %d ms, interval %d ms; /jobmanager/config says %s and io pool %s; %d checkpoints are kept",
		c.version, opts.Mode, before.settings.Timeout, before.settings.Interval, describe(changes), after.settings.Timeout, after.settings.Interval,
		after.config[keyTimeout], after.config[keyIOPool], kept(t, c))
	if before.settings != (CheckpointConfig{Timeout: 10000, Interval: 3000}) || after.settings != before.settings {
		t.Errorf("before %+v, after %+v: want what the job was submitted with, both times", before.settings, after.settings)
	}
	for key, want := range changes {
		if after.config[key] != want {
			t.Errorf("the JobManager says it was started with %s = %s, want %s", key, after.config[key], want)
		}
	}
	if before.restored != 0 || after.restored != 1 {
		t.Errorf("restored %d times before and %d after the restart, want 0 and 1", before.restored, after.restored)
	}
	if n := kept(t, c); n != 3 {
		t.Errorf("%d checkpoints are kept, want 3: how many is the JobManager's own", n)
	}
}

// The io pool of a standalone JobManager is its own: one more thread or two cure its job, which it recovers by itself. With high availability
// the files that only one checkpoint has are deleted by another pool, so it is the shared ones that hold the io threads.
func TestStandaloneCleanupOnRealFlink(t *testing.T) {
	realVersions(t, func(version, dist string, jars Jars) {
		t.Run(version, func(t *testing.T) {
			theCase, ok := Find("slow-cleanup-shared")
			if !ok {
				t.Fatal("no case slow-cleanup-shared")
			}
			ctx, c := realCluster(t, Options{Dist: dist, Jars: jars, Case: theCase, Mode: Application, Dir: t.TempDir(), Log: t.Logf})
			if _, err := c.Try(ctx, nil, 3, 0); err != nil {
				t.Fatal(err)
			}
			deleting, err := c.deletingThreads(ctx)
			if err != nil || len(deleting) == 0 || !strings.HasPrefix(deleting[len(deleting)-1], "jobmanager-io-thread-") {
				t.Errorf("deletes run in %v (%v), want a jobmanager-io-thread among them", deleting, err)
			}
			t.Logf("measured: Flink %s: deletes run in %v", version, deleting)
			if err := c.Restart(ctx, theCase.With(theCase.Cure)); err != nil {
				t.Fatal(err)
			}
			after, err := c.Watch(ctx, "after", Ended(8))
			if err != nil || Expiries(after) > 0 {
				t.Errorf("with %v %d of %d checkpoints expired (%v), want none", theCase.Cure, Expiries(after), len(after), err)
			}
		})
	})
}

// With high availability completed checkpoints are deleted by the pool cluster-io, which no acknowledgement goes through: slow deletes that
// make checkpoints expire without it (the case slow-cleanup) make none expire with it.
func TestHighAvailabilityDeletesElsewhereOnRealFlink(t *testing.T) {
	realVersions(t, func(version, dist string, jars Jars) {
		t.Run(version, func(t *testing.T) {
			theCase, ok := Find("slow-cleanup")
			if !ok {
				t.Fatal("no case slow-cleanup")
			}
			theCase.Onset = 0
			ctx, c := realCluster(t, Options{Dist: dist, Jars: jars, Case: theCase, Mode: Session, Dir: t.TempDir(), Log: t.Logf})
			if err := c.Deploy(ctx, theCase.Spec("default", "orders", "")); err != nil {
				t.Fatal(err)
			}
			if err := c.WaitReady(ctx); err != nil {
				t.Fatal(err)
			}
			expired, deleting := deletes(ctx, t, c, 10)
			t.Logf("measured: Flink %s: %d of the checkpoints expired, deletes ran in %v", version, expired, deleting)
			if expired > 0 || deleting["cluster-io-thread-"] == 0 || deleting["jobmanager-io-thread-"] > 0 {
				t.Errorf("%d checkpoints expired, deletes in %v: want none, and all deletes in cluster-io", expired, deleting)
			}
		})
	})
}

// deletes looks at so many checkpoints: the most that the history holds as expired, and how often a delete was seen in each pool.
func deletes(ctx context.Context, t *testing.T, c *Cluster, checkpoints int) (expired int, pools map[string]int) {
	t.Helper()
	pools = map[string]int{}
	for range checkpoints {
		if err := c.another(ctx); err != nil {
			t.Fatal(err)
		}
		expired = max(expired, Expiries(c.finished(ctx)))
		names, err := c.deletingThreads(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			pools[strings.TrimRight(name, "0123456789")]++
		}
	}
	return expired, pools
}

// another waits until one more checkpoint has ended than now.
func (c *Cluster) another(ctx context.Context) error {
	before, err := c.Checkpoints(ctx)
	if err != nil {
		return err
	}
	return until(ctx, pollEvery, func(ctx context.Context) (bool, error) {
		now, err := c.Checkpoints(ctx)
		return now.Counts.Completed+now.Counts.Failed > before.Counts.Completed+before.Counts.Failed, err
	})
}

// deletingThreads are the names of the JobManager's threads that are in a delete of the file system, in order.
func (c *Cluster) deletingThreads(ctx context.Context) ([]string, error) {
	var dump struct {
		Threads []struct {
			Name string `json:"threadName"`
			Text string `json:"stringifiedThreadInfo"`
		} `json:"threadInfos"`
	}
	if err := c.rest.get(ctx, "/jobmanager/thread-dump", &dump); err != nil {
		return nil, err
	}
	var names []string
	for _, thread := range dump.Threads {
		if strings.Contains(thread.Text, "FileSystem.delete") {
			names = append(names, thread.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// kept counts the checkpoints on disk that could be restored.
func kept(t *testing.T, c *Cluster) int {
	t.Helper()
	whole, err := filepath.Glob(filepath.Join(c.place.checkpoints(), c.JobID(), "chk-*", "_metadata"))
	if err != nil {
		t.Fatal(err)
	}
	return len(whole)
}

// The files of a ConfigMap are the user's to the byte; what must be otherwise here comes as dynamic properties.
func TestConfigureKeepsMountedFiles(t *testing.T) {
	c := &Cluster{opts: Options{Mode: Application}, version: "2.2.1", place: place{dir: "/lab", scheme: "objectstore", host: loopback, rpc: 1, rest: 2, zooKeeper: 3}}
	spec := Spec{
		Files:  map[string]string{"config.yaml": "# ours\njobmanager: {io-pool: {size: 1}}\nhigh-availability: {type: zookeeper, storageDir: 's3://ha'}\n"},
		Config: map[string]string{keyIOPool: "1", "high-availability.type": "zookeeper", "high-availability.storageDir": "s3://ha"},
	}
	dir := t.TempDir()
	overrides, err := c.configure(dir, c.version, spec, c.configuration(spec))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
	if err != nil || string(text) != spec.Files["config.yaml"] {
		t.Errorf("the file is %q (%v)", text, err)
	}
	for _, want := range []string{"high-availability.storageDir=file:///lab/ha", "high-availability.zookeeper.quorum=127.0.0.1:3", "rest.port=2"} {
		if !slices.Contains(overrides, want) {
			t.Errorf("no %s among %v", want, overrides)
		}
	}
	for _, same := range []string{keyIOPool, "high-availability.type"} {
		if slices.ContainsFunc(overrides, func(o string) bool { return strings.HasPrefix(o, same+"=") }) {
			t.Errorf("%s is overridden, and the file has it as it should be", same)
		}
	}
}

// A TaskManager of another version is configured in the form that it reads itself: one without a configuration would end at its start, and tell
// nothing of versions.
func TestAnotherVersionReadsItsOwnForm(t *testing.T) {
	dist, dir := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(dist, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dist, "lib", "flink-dist-1.17.2.jar"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c := &Cluster{version: "1.20.5"}
	version, err := c.versionOf(program{dist: dist})
	if err != nil || version != "1.17.2" {
		t.Fatalf("version %q (%v), want 1.17.2", version, err)
	}
	if _, err := c.configure(dir, version, Spec{}, forVersion(version, map[string]string{"pekko.framesize": "1 mb"})); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "flink-conf.yaml"))
	if err != nil || string(text) != "akka.framesize: 1 mb\n" {
		t.Errorf("the file is %q (%v)", text, err)
	}
}

// A restart of a standalone cluster ends the JobManager and nothing else, as the rollout of its Deployment does.
func TestStandaloneRestartEndsTheJobManagerOnly(t *testing.T) {
	c := &Cluster{opts: Options{Mode: Session}}
	for _, name := range []string{jobManager, "tm-1", zooKeeper} {
		p := startScript(t, "exec sleep 600")
		p.name = name
		c.procs = append(c.procs, p)
	}
	jm := c.procs[0]
	c.halt()
	if jm.alive() || c.runs(jobManager) || !c.runs("tm-1") || !c.runs(zooKeeper) {
		t.Errorf("JobManager alive %t, %d processes left, want its TaskManager and ZooKeeper", jm.alive(), len(c.procs))
	}
}

// What comes after an application's own arguments is the application's: Flink's come first.
func TestAnApplicationsArgumentsComeLast(t *testing.T) {
	arguments := filepath.Join(t.TempDir(), "arguments")
	c := preparedCluster(t.Context(), t, `echo "$*" >> `+arguments+`; exit 2`)
	c.opts.Mode = Application
	if err := c.Deploy(t.Context(), c.opts.Case.Spec("default", "orders", "")); err == nil {
		t.Fatal("want the end of the process told")
	}
	text, err := os.ReadFile(arguments)
	if err != nil {
		t.Fatal(err)
	}
	i := strings.Index(string(text), applicationMain)
	if i < 0 {
		t.Fatalf("no JobManager of an application was started: %s", text)
	}
	line, _, _ := strings.Cut(string(text)[i:], "\n")
	if properties, own := strings.LastIndex(line, " -D "), strings.Index(line, " --parallelism "); properties < 0 || own < properties {
		t.Errorf("%s: want the job's arguments last", line)
	}
}
