package flinksim

import (
	"sync"
	"testing"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// testClock is a clock that a test moves.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock { return &testClock{now: time.UnixMilli(1_795_347_266_979)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// changed are settings with some keys changed; "cpu" and "memory" are the JobManager's resources.
func changed(t *testing.T, s Settings, changes map[string]string) Settings {
	t.Helper()
	for key, value := range changes {
		switch key {
		case "cpu":
			s.CPU = map[string]float64{"0.4": 0.4, "2": 2, "4": 4}[value]
		case "memory":
			size, err := engine.ParseMemory(value)
			if err != nil {
				t.Fatal(err)
			}
			s.Memory = size
		default:
			s.Config[key] = value
		}
	}
	return s
}

// deployed is a job of a case that has just been deployed, and its clock.
func deployed(t *testing.T, name string) (*Job, *testClock) {
	t.Helper()
	c, ok := CaseNamed(name)
	if !ok {
		t.Fatalf("there is no case %q", name)
	}
	clock := newTestClock()
	j := NewJob("demo", c.Name, c, clock, QuickStartup())
	s, err := j.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Deploy(s, true); err != nil {
		t.Fatal(err)
	}
	return j, clock
}

// redeployed restarts a job with some settings changed, as the Flink operator would.
func redeployed(t *testing.T, j *Job, clock *testClock, changes map[string]string) {
	t.Helper()
	s, err := j.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	j.Stop()
	clock.pass(300 * time.Millisecond)
	if err := j.Deploy(changed(t, s, changes), true); err != nil {
		t.Fatal(err)
	}
}

// outcome counts the checkpoints of the history that ended.
func outcome(j *Job) (completed, failed int) {
	statuses, _ := j.Recent()
	for _, s := range statuses {
		if s == engine.Completed {
			completed++
		} else {
			failed++
		}
	}
	return completed, failed
}

func TestEverySickJobFallsIllAndHealthyOnesDoNot(t *testing.T) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			j, clock := deployed(t, c.Name)
			clock.pass(45 * time.Second)
			completed, failed := outcome(j)
			switch {
			case c.Healthy() && (failed > 0 || completed < 4):
				t.Errorf("a healthy job has %d completed and %d failed checkpoints", completed, failed)
			case c.SubCause == "VersionMismatch" && completed+failed > 0:
				t.Errorf("no task runs, yet %d checkpoints are in the history", completed+failed)
			case !c.Healthy() && c.SubCause != "VersionMismatch" && failed < 2:
				t.Errorf("only %d checkpoints failed, %d completed", failed, completed)
			}
		})
	}
}

func TestOnlyTheRightRemedyCures(t *testing.T) {
	const (
		timeout  = "execution.checkpointing.timeout"
		interval = "execution.checkpointing.interval"
		pool     = "jobmanager.io-pool.size"
		workers  = "execution.checkpointing.max-concurrent-checkpoints"
	)
	cases := []struct {
		job   string
		cures []map[string]string
		not   []map[string]string
	}{
		{"payments", []map[string]string{{timeout: "15 s"}, {timeout: "22 s"}},
			[]map[string]string{{interval: "12 s"}, {"cpu": "2"}, {"memory": "4096m"}, {pool: "8"}, {workers: "3"}}},
		{"clicks", []map[string]string{{timeout: "15 s"}, {timeout: "22 s"}},
			[]map[string]string{{interval: "12 s"}, {"cpu": "2"}, {"memory": "4096m"}, {pool: "8"}}},
		{"fraud", []map[string]string{{"cpu": "0.4"}, {"cpu": "2"}},
			[]map[string]string{{timeout: "9 s"}, {interval: "12 s"}, {"memory": "4096m"}, {pool: "4"}}},
		{"sessions", []map[string]string{{"memory": "1280m"}, {"memory": "2048m"}},
			[]map[string]string{{timeout: "9 s"}, {interval: "12 s"}, {"cpu": "4"}}},
		{"inventory", []map[string]string{{pool: "4"}, {pool: "8"}},
			[]map[string]string{{timeout: "15 s"}, {"memory": "4096m"}, {"execution.savepoint.cleanup-in-background": "false"}}},
		{"ledger", []map[string]string{{interval: "10 s"}, {interval: "18 s"}, {"execution.checkpointing.incremental": "true"}},
			[]map[string]string{{timeout: "9 s"}, {"cpu": "2"}, {"memory": "4096m"}, {pool: "8"}, {interval: "2 s"}}},
	}
	for _, c := range cases {
		for i, changes := range append(append([]map[string]string{}, c.cures...), c.not...) {
			cure := i < len(c.cures)
			j, clock := deployed(t, c.job)
			clock.pass(45 * time.Second)
			outcome(j)
			redeployed(t, j, clock, changes)
			clock.pass(75 * time.Second)
			completed, failed := outcome(j)
			if cure && (failed > 0 || completed < 3) {
				t.Errorf("%s: %v should cure; %d completed, %d failed", c.job, changes, completed, failed)
			}
			if !cure && failed == 0 {
				t.Errorf("%s: %v should not cure; %d completed, %d failed", c.job, changes, completed, failed)
			}
		}
	}
}

func TestNoSettingCuresWhatIsAdviceOnly(t *testing.T) {
	everything := map[string]string{
		"execution.checkpointing.timeout": "20 s", "execution.checkpointing.interval": "9 s", "jobmanager.io-pool.size": "8",
		"cpu": "4", "memory": "4096m", "execution.checkpointing.tolerable-failed-checkpoints": "1000",
		"state.backend.rocksdb.checkpoint.transfer.thread.num": "16",
	}
	for _, c := range Cases() {
		if c.Healthy() || c.Treatable {
			continue
		}
		j, clock := deployed(t, c.Name)
		clock.pass(30 * time.Second)
		outcome(j)
		redeployed(t, j, clock, everything)
		clock.pass(120 * time.Second)
		completed, failed := outcome(j)
		if c.SubCause == "VersionMismatch" {
			failed = 1 - completed // nothing is tried at all
		}
		if failed == 0 {
			t.Errorf("%s (%s): %d completed and none failed with every lever pulled", c.Name, c.Cause, completed)
		}
	}
}
