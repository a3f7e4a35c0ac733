package observe

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// noDumps answers all but thread dumps, which take two seconds to fail.
type noDumps struct {
	*fakeFlink
	clock  *fakeClock
	status int
}

func (n noDumps) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := n.fakeFlink.RoundTrip(request)
	if strings.HasSuffix(request.URL.Path, "/thread-dump") {
		n.clock.now = n.clock.now.Add(2 * time.Second)
		response.StatusCode = n.status
	}
	return response, err
}

// pendingForLong has a checkpoint of two TaskManagers pend beyond half its timeout.
func pendingForLong(now int64) *fakeFlink {
	fake := healthyFlink()
	fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(pending(9, now-400_000))
	fake.answers["/jobs/"+jobID+"/vertices/v0"] = `{"id":"v0","subtasks":[{"subtask":0,"taskmanager-id":"tm-1"},{"subtask":1,"taskmanager-id":"tm-2"}]}`
	return fake
}

// A JobManager that cannot dump its own threads is not asked for those of TaskManagers, nor again before the next look is due; what is missing is told in
// every pass until then. One that says that it has no such answer, or not for us, may have those of TaskManagers.
func TestDumpsThatFailAreNotAskedInEveryPass(t *testing.T) {
	const start = 1772366400000
	for name, c := range map[string]struct{ status, jobManager, taskManagers int }{
		"it cannot answer":     {http.StatusInternalServerError, 1, 0},
		"it is not ready":      {http.StatusServiceUnavailable, 1, 0},
		"there is no such":     {http.StatusNotFound, 1, 2},
		"a gateway forbids":    {http.StatusForbidden, 1, 2},
		"a proxy waits for it": {http.StatusGatewayTimeout, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fake, clock := pendingForLong(start), &fakeClock{now: time.UnixMilli(start)}
			connection, err := Connect("http://payments-rest:8081", flink.WithTransport(noDumps{fake, clock, c.status}), flink.WithClock(clock.read))
			if err != nil {
				t.Fatal(err)
			}
			options := Options{Now: clock.read, Pause: func(_ context.Context, d time.Duration) { clock.now = clock.now.Add(d) }}
			memory := &Memory{}
			pass := func(after time.Duration) (jobManager, taskManagers int) {
				clock.now, fake.asked = clock.now.Add(after), nil
				snapshot, err := Flink(t.Context(), connection, options, memory)
				if err != nil || !tellsFailedDumps(&snapshot) {
					t.Errorf("%v; gaps %v, want the dumps that failed", err, snapshot.Gaps)
				}
				memory.judged(clock.now, api.HealthUnhealthy, "")
				return fake.count("/jobmanager/thread-dump"), fake.count("/taskmanagers/tm-")
			}
			if jobManager, taskManagers := pass(0); jobManager != c.jobManager || taskManagers != c.taskManagers {
				t.Errorf("%d dumps of the JobManager and %d of TaskManagers, want %d and %d", jobManager, taskManagers, c.jobManager, c.taskManagers)
			}
			for range 5 {
				if jobManager, taskManagers := pass(20 * time.Second); jobManager+taskManagers > 0 {
					t.Errorf("%d dumps and %d within three minutes of one that failed, want none", jobManager, taskManagers)
				}
			}
			if jobManager, _ := pass(90 * time.Second); jobManager != 1 {
				t.Errorf("%d dumps of the JobManager after that, want 1", jobManager)
			}
		})
	}
}

// A look that failed says why there are no stacks until the next one might be taken, and not for as long as no checkpoint is pending.
func TestAFailedLookIsNotToldForEver(t *testing.T) {
	const start = 1772366400000
	fake, clock := pendingForLong(start), &fakeClock{now: time.UnixMilli(start)}
	connection, err := Connect("http://payments-rest:8081", flink.WithTransport(noDumps{fake, clock, http.StatusInternalServerError}), flink.WithClock(clock.read))
	if err != nil {
		t.Fatal(err)
	}
	memory := &Memory{}
	for _, step := range []struct {
		after  time.Duration
		failed bool
	}{{0, true}, {time.Minute, true}, {time.Minute, true}, {time.Minute, false}, {time.Hour, false}} {
		clock.now = clock.now.Add(step.after)
		snapshot, err := Flink(t.Context(), connection, Options{Now: clock.read}, memory)
		if err != nil || !snapshot.Missing(model.GapThreadDumps) || tellsFailedDumps(&snapshot) != step.failed {
			t.Errorf("%s later: %v; gaps %v, want those of the look that failed: %t", step.after, err, snapshot.Gaps, step.failed)
		}
		memory.judged(clock.now, api.HealthUnhealthy, "")
		fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(expired(start - 700_000))
	}
}

// tellsFailedDumps tells that a snapshot says that and why the dumps of the JobManager and of both TaskManagers are missing.
func tellsFailedDumps(s *model.Snapshot) bool {
	return whyMissing(s, "thread dump of the JobManager") != "" &&
		whyMissing(s, "thread dump of TaskManager tm-1") != "" && whyMissing(s, "thread dump of TaskManager tm-2") != ""
}

// whyMissing says why a signal is missing; empty where it is not.
func whyMissing(s *model.Snapshot, signal string) string {
	for _, g := range s.Gaps {
		if g.Signal == signal {
			return g.Why
		}
	}
	return ""
}
