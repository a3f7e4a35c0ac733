package engine

import (
	"slices"
	"testing"
	"time"
)

// attempt is a small healthy job with changes to its physics and configuration, begun at 0.
func attempt(t *testing.T, config map[string]string, change func(*Physics)) *Engine {
	t.Helper()
	all := map[string]string{"execution.checkpointing.interval": "3 s", "execution.checkpointing.timeout": "10 s", "execution.checkpointing.tolerable-failed-checkpoints": "1000"}
	for key, value := range config {
		all[key] = value
	}
	s, err := ReadSettings("1.20.5", all, 1, 1600<<20)
	if err != nil {
		t.Fatal(err)
	}
	p := Healthy()
	if change != nil {
		change(&p)
	}
	vertices := NewTopology(1, Vertex{Name: "a", Kind: Source, Parallelism: 2}, Vertex{Name: "b", Kind: Stateful, Parallelism: 2}, Vertex{Name: "c", Kind: Sink, Parallelism: 2})
	return New(Options{Seed: 7, Topology: vertices, TaskManagers: 2, Settings: s, Conditions: Steady(p), Start: 1000, TasksRun: 1000})
}

func statuses(e *Engine) []Status {
	var list []Status
	for _, c := range e.History() {
		list = append(list, c.Status)
	}
	return list
}

func TestTheSameSeedGivesTheSameWhateverIsAskedBetween(t *testing.T) {
	slow := func(p *Physics) { p.Bandwidth = 400e3 }
	once, often := attempt(t, nil, slow), attempt(t, nil, slow)
	once.Advance(95_000)
	for at := 1000.0; at <= 95_000; at += 37 {
		often.Advance(at)
	}
	if len(once.History()) != len(often.History()) {
		t.Fatalf("%d and %d checkpoints", len(once.History()), len(often.History()))
	}
	for i, c := range once.History() {
		o := often.History()[i]
		if c.ID != o.ID || c.Status != o.Status || c.Trigger != o.Trigger || c.Duration() != o.Duration() || !slices.Equal(c.Subtasks, o.Subtasks) {
			t.Errorf("checkpoint %d differs: %+v and %+v", c.ID, c, o)
		}
	}
}

// What is not tolerated restarts the tasks: the history stays, the restore is renewed, the next expiry counts anew.
func TestAnExpiryThatIsNotToleratedRestartsTheJob(t *testing.T) {
	slow := func(p *Physics) { p.Bandwidth = 100e3 }
	for tolerable, restarts := range map[string]int{"0": 4, "1": 2, "1000": 0} {
		e := attempt(t, map[string]string{"execution.checkpointing.tolerable-failed-checkpoints": tolerable}, slow)
		e.Advance(60_000)
		if e.Restarts != restarts || len(e.Failovers) != restarts {
			t.Errorf("tolerable %s: %d restarts, want %d (%v)", tolerable, e.Restarts, restarts, statuses(e))
		}
		if !slices.Contains(statuses(e), Failed) {
			t.Errorf("tolerable %s: no expiry in the history: %v", tolerable, statuses(e))
		}
	}
}

func TestPhasesAddUpToTheTimeOnTheJobManagersClock(t *testing.T) {
	e := attempt(t, nil, nil)
	e.Advance(30_000)
	for _, c := range e.History() {
		for s, r := range c.Subtasks {
			if !r.Reported {
				continue
			}
			residual := r.Ack - c.Trigger - r.StartDelay - r.Alignment - r.Sync - r.Async
			if residual < 0 || residual > 60 {
				t.Errorf("checkpoint %d, subtask %d: residual %.1f ms", c.ID, s, residual)
			}
		}
	}
}

func TestAnExpiredUploadRunsOnFrom118AndIsCancelledBefore(t *testing.T) {
	slow := func(p *Physics) { p.Bandwidth = 160e3 }
	late := attempt(t, nil, slow)
	late.Advance(60_000)
	first := late.Find(1)
	if first.Status != Failed || !first.Subtasks[2].Aborted || first.Subtasks[2].Async < 10_000 || first.Subtasks[2].Ack < first.Failure {
		t.Errorf("1.20: %+v", first.Subtasks[2])
	}
	second := late.Find(2)
	if second.Subtasks[2].Async <= first.Subtasks[2].Async+1000 {
		t.Errorf("the second upload should queue behind the first: %.0f ms after %.0f ms", second.Subtasks[2].Async, first.Subtasks[2].Async)
	}
	early := attempt(t, nil, slow)
	early.Settings.Minor = 17
	early.Advance(60_000)
	if r := early.Find(1).Subtasks[2]; !r.Aborted || r.Async != -1 || r.Ack-early.Find(1).Failure > 200 {
		t.Errorf("1.17: %+v", r)
	}
}

func TestDeletesHoldTheNextTriggerUpAndACompletedCheckpointOutlastsTheTimeout(t *testing.T) {
	e := attempt(t, nil, func(p *Physics) { p.DeleteTime, p.Files = 2500*time.Millisecond, 5 })
	e.Advance(120_000)
	outlasted := 0
	for _, c := range e.History() {
		if c.Status == Failed {
			t.Errorf("checkpoint %d failed: with one at a time nothing comes between trigger and acknowledgement", c.ID)
		}
		if c.Status == Completed && c.Duration() > 10_000 {
			outlasted++
		}
	}
	if outlasted < 3 {
		t.Errorf("%d completed checkpoints are longer than the timeout: %v", outlasted, statuses(e))
	}
}

func TestMinPauseAndConcurrencyAreKept(t *testing.T) {
	e := attempt(t, map[string]string{"execution.checkpointing.min-pause": "5 s"}, nil)
	e.Advance(60_000)
	for i, c := range e.History()[:len(e.History())-1] {
		if pause := c.Trigger - e.History()[i+1].Finished; pause < 4999 {
			t.Errorf("checkpoint %d begins %.0f ms after the one before, min-pause is 5 s", c.ID, pause)
		}
	}
	overlapping := attempt(t, map[string]string{"execution.checkpointing.max-concurrent-checkpoints": "3"}, func(p *Physics) { p.Bandwidth = 400e3 })
	most := 0
	for at := 1000.0; at < 60_000; at += 100 {
		overlapping.Advance(at)
		most = max(most, overlapping.Counts.InProgress)
	}
	if most < 2 || most > 3 {
		t.Errorf("%d checkpoints at once, want 2 or 3", most)
	}
}

func TestNothingIsTriggeredWithoutAnInterval(t *testing.T) {
	e := attempt(t, map[string]string{"execution.checkpointing.interval": "0"}, nil)
	e.Advance(60_000)
	if e.Counts.Total != 0 {
		t.Errorf("%d checkpoints with checkpointing off", e.Counts.Total)
	}
}

func TestUnalignedBarriersOvertake(t *testing.T) {
	queues := func(p *Physics) { p.QueueTime = 60 * time.Second }
	aligned := attempt(t, nil, queues)
	aligned.Advance(60_000)
	if aligned.Counts.Completed > 0 {
		t.Error("aligned checkpoints completed although barriers wait for a minute")
	}
	unaligned := attempt(t, map[string]string{"execution.checkpointing.unaligned.enabled": "true"}, queues)
	unaligned.Advance(60_000)
	if unaligned.Counts.Completed < 10 {
		t.Errorf("%d unaligned checkpoints completed", unaligned.Counts.Completed)
	}
}

func TestSettingsAreReadAsFlinkReadsThem(t *testing.T) {
	read := func(version string, config map[string]string) Settings {
		t.Helper()
		s, err := ReadSettings(version, config, 0.5, 2048<<20)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := read("1.20.5", map[string]string{"execution.checkpointing.timeout": "15 min", "state.backend.type": "rocksdb", "execution.checkpointing.incremental": "true"})
	want := Settings{Major: 1, Minor: 20, Timeout: 15 * time.Minute, Concurrent: 1, RocksDB: true, Incremental: true, IOPool: 1, ClusterPool: 4, ParallelMode: true,
		Threads: 4, FrameSize: 10 << 20, CPU: 0.5, Process: 2048 << 20, Heap: 2048<<20 - 256<<20 - 2048<<20/10 - 128<<20}
	if s != want {
		t.Errorf("1.20: %+v, want %+v", s, want)
	}
	old := read("1.17.2", map[string]string{"execution.checkpointing.incremental": "true", "execution.checkpointing.unaligned": "true", "state.checkpoint.cleaner.parallel-mode": "true"})
	if old.Incremental || !old.Unaligned || old.ParallelMode {
		t.Errorf("1.17 does not know execution.checkpointing.incremental or a parallel cleaner: %+v", old)
	}
}

func TestSettingsThatFlinkRefusesAreRefused(t *testing.T) {
	for key, value := range map[string]string{
		"execution.checkpointing.timeout": "soon", "jobmanager.io-pool.size": "none", "pekko.framesize": "big", "execution.checkpointing.unaligned.enabled": "perhaps",
	} {
		if _, err := ReadSettings("1.20.5", map[string]string{key: value}, 1, 1600<<20); err == nil {
			t.Errorf("%s: %q was taken", key, value)
		}
	}
	if _, err := ReadSettings("1.20.5", map[string]string{"execution.checkpointing.unaligned.enabled": "true", "execution.checkpointing.max-concurrent-checkpoints": "2"}, 1, 1600<<20); err == nil {
		t.Error("unaligned checkpoints with a concurrency of 2 were taken; Flink rejects the job")
	}
	if _, err := ReadSettings("latest", nil, 1, 1600<<20); err == nil {
		t.Error("version \"latest\" was taken")
	}
}

func TestQuantitiesAreReadAsFlinkWritesThem(t *testing.T) {
	for text, want := range map[string]time.Duration{"10 s": 10 * time.Second, "3min": 3 * time.Minute, "1500": 1500 * time.Millisecond, "250 ms": 250 * time.Millisecond, "1 h": time.Hour} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for text, want := range map[string]int64{"1600m": 1600 << 20, "2 gb": 2 << 30, "1280Mi": 1280 << 20, "123 b": 123, "42": 42} {
		if got, err := ParseMemory(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "s", "10 parsecs", "-1 s", "1.5 s", "99999999999999999999 s", "9223372036854775807 d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

// With high availability replaced checkpoints are deleted by cluster-io, and what incremental checkpoints share by the io pool all the same.
func TestDeletesGoToTheirPool(t *testing.T) {
	for _, c := range []struct {
		name        string
		ha, shared  bool
		io, cluster Work
	}{
		{"without high availability", false, false, DiscardingCompleted, Idle},
		{"with it", true, false, Idle, DiscardingCompleted},
		{"with it, incremental", true, true, DiscardingShared, DiscardingCompleted},
	} {
		p := Healthy()
		p.DeleteTime = time.Hour
		s := Settings{Major: 1, Minor: 20, Interval: time.Second, Timeout: time.Minute, Concurrent: 2, Tolerable: 1000, IOPool: 8, ClusterPool: 8, HA: c.ha,
			Incremental: c.shared, RocksDB: c.shared, ParallelMode: true, Threads: 4, FrameSize: 1 << 20, CPU: 1, Heap: 1 << 30}
		e := New(Options{Seed: 7, Topology: NewTopology(7, Vertex{Name: "Source: a", Kind: Source, Parallelism: 1}, Vertex{Name: "b", Kind: Stateful, Parallelism: 1}),
			TaskManagers: 1, Settings: s, Conditions: Steady(p)})
		e.Advance(4000)
		io, cluster := e.IOThread(0), e.ClusterThread(0)
		for i := range 8 {
			io, cluster = max(io, e.IOThread(i)), max(cluster, e.ClusterThread(i))
		}
		if io != c.io || cluster != c.cluster {
			t.Errorf("%s: the io pool does %d and cluster-io %d, want %d and %d", c.name, io, cluster, c.io, c.cluster)
		}
	}
}
