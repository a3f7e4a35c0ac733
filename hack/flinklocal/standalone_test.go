package flinklocal

import (
	"maps"
	"path/filepath"
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

func restartWithOtherSettings(t *testing.T, opts Options) {
	t.Helper()
	ctx, c := realCluster(t, opts)
	if err := c.Deploy(ctx, opts.Case.Spec("default", "orders", "")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(ctx, "before", Ended(2)); err != nil {
		t.Fatal(err)
	}
	before, err := c.CheckpointConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]string{keyTimeout: "30s", keyInterval: "2s", keyIOPool: "3", "execution.checkpointing.num-retained": "3"}
	job := c.JobID()
	if err := c.Restart(ctx, opts.Case.With(changes)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(ctx, "after", Ended(4)); err != nil {
		t.Fatal(err)
	}
	after, err := c.CheckpointConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	config, err := c.JobManagerConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := c.Checkpoints(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("measured: Flink %s, %s: timeout %d ms, interval %d ms; restarted with %s: timeout %d ms, interval %d ms; /jobmanager/config says %s and io pool %s; %d checkpoints are kept",
		c.version, opts.Mode, before.Timeout, before.Interval, describe(changes), after.Timeout, after.Interval, config[keyTimeout], config[keyIOPool], kept(t, c))
	if before != (CheckpointConfig{Timeout: 10000, Interval: 3000}) || after != before {
		t.Errorf("before %+v, after %+v: want what the job was submitted with, both times", before, after)
	}
	started := map[string]string{}
	for key := range changes {
		started[key] = config[key]
	}
	if !maps.Equal(started, changes) {
		t.Errorf("the JobManager says it was started with %v, want %v", started, changes)
	}
	if c.JobID() != job || seen.Counts.Restored != 1 {
		t.Errorf("job %s restored %d times, want %s, once", c.JobID(), seen.Counts.Restored, job)
	}
	if n := kept(t, c); n != 3 {
		t.Errorf("%d checkpoints are kept, want 3: how many is the JobManager's own", n)
	}
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
