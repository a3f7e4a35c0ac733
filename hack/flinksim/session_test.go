package flinksim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// pool is a session cluster with the jobs clicks and payments, and a way to ask it.
func pool(t *testing.T) (*Session, *testClock, func(path string) string) {
	t.Helper()
	clock := newTestClock()
	s := NewServer(clock, QuickStartup(), nil)
	x := s.AddSession("demo", "pool")
	ask := func(path string) string {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://pool-rest.demo.svc:8081"+path, http.NoBody)
		s.ServeHTTP(recorder, request)
		return recorder.Body.String()
	}
	config := baseConfig("jobmanager.io-pool.size", "2")
	if err := x.Deploy(Settings{Config: config, CPU: 1, Memory: 1600 << 20}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"clicks", "payments"} {
		c, _ := CaseNamed(name)
		if _, err := x.Submit(name, c, map[string]string{"execution.checkpointing.timeout": "17 s", "jobmanager.io-pool.size": "64"}, false); err != nil {
			t.Fatal(err)
		}
	}
	clock.pass(30 * time.Second)
	return x, clock, ask
}

func TestASessionClusterListsItsJobsAndKnowsEachBySettings(t *testing.T) {
	x, clock, ask := pool(t)
	if all := ask("/jobs/overview"); !strings.Contains(all, `"clicks"`) || !strings.Contains(all, `"payments"`) {
		t.Errorf("overview: %s", all)
	}
	id := x.find("payments").job.ID()
	if config := ask("/jobs/" + id + "/checkpoints/config"); !strings.Contains(config, `"timeout":17000`) {
		t.Errorf("payments runs with %s", config)
	}
	if config := ask("/jobmanager/config"); strings.Contains(config, "17 s") || !strings.Contains(config, `"jobmanager.io-pool.size","value":"2"`) {
		t.Errorf("the JobManager's configuration is the cluster's: %s", config)
	}
	x.Cancel("payments")
	again, err := x.Submit("payments", x.find("payments").job.Case(), map[string]string{"execution.checkpointing.timeout": "34 s"}, true)
	if err != nil || again == id {
		t.Fatalf("submitted again as %s, %v", again, err)
	}
	clock.pass(10 * time.Second)
	if config := ask("/jobs/" + again + "/checkpoints/config"); !strings.Contains(config, `"timeout":34000`) {
		t.Errorf("payments runs with %s", config)
	}
	if status := ask("/jobs/" + again + "/checkpoints"); !strings.Contains(status, `"restored":1`) {
		t.Errorf("payments begins empty: %s", status)
	}
}

// A new default of the cluster reaches no job that was submitted before; the JobManager's own keys reach all of them.
func TestARestartOfASessionClusterKeepsWhatJobsWereSubmittedWith(t *testing.T) {
	x, clock, ask := pool(t)
	id := x.find("payments").job.ID()
	x.Stop()
	if got := ask("/jobs/overview"); strings.Contains(got, "payments") {
		t.Errorf("a stopped cluster answers %s", got)
	}
	config := baseConfig("jobmanager.io-pool.size", "4", "execution.checkpointing.timeout", "99 s")
	if err := x.Deploy(Settings{Config: config, CPU: 1, Memory: 1600 << 20}); err != nil {
		t.Fatal(err)
	}
	clock.pass(10 * time.Second)
	if got := ask("/jobs/" + id + "/checkpoints/config"); !strings.Contains(got, `"timeout":17000`) {
		t.Errorf("payments runs with %s", got)
	}
	if pool := x.find("payments").job.engine.Settings.IOPool; pool != 4 {
		t.Errorf("io pool %d, want the cluster's 4", pool)
	}
}
