package observe

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

var sprintf = fmt.Sprintf

// jobManagerNow is the JobManager's clock in /jobs/:jobid, which follows ours.
var jobManagerNow = regexp.MustCompile(`"now":\d+`)

// world is a fake Flink, a clock and a memory.
type world struct {
	t      *testing.T
	fake   *fakeFlink
	clock  *fakeClock
	conn   *Connection
	memory *Memory
	opts   Options
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, fake: healthyFlink(), clock: &fakeClock{now: time.UnixMilli(1772366400000)}, memory: &Memory{}}
	w.conn = connect(t, w.fake, w.clock)
	w.opts = Options{Now: w.clock.read}
	return w
}

// pass makes one pass and judges it.
func (w *world) pass(after time.Duration, health api.Health) model.Snapshot {
	w.t.Helper()
	w.clock.now = w.clock.now.Add(after)
	w.fake.asked = nil
	job := "/jobs/" + jobID
	w.fake.answers[job] = jobManagerNow.ReplaceAllString(w.fake.answers[job], sprintf(`"now":%d`, w.clock.now.UnixMilli()))
	snapshot, err := Flink(context.Background(), w.conn, w.opts, w.memory)
	if err != nil {
		w.t.Fatal(err)
	}
	w.memory.judged(w.clock.now, health, "")
	return snapshot
}

func (w *world) history(entries ...string) {
	w.fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(entries...)
}

func TestHealthyPassAsksThreeTimes(t *testing.T) {
	w := newWorld(t)
	first := w.pass(0, api.HealthHealthy)
	if first.Deep || first.Job.FlinkVersion != "1.20.5" || len(first.Vertices) != 2 || first.Vertices[1].Role != model.RoleSink {
		t.Fatalf("first pass: deep %v, job %+v, vertices %+v", first.Deep, first.Job, first.Vertices)
	}
	second := w.pass(30*time.Second, api.HealthHealthy)
	want := "/jobs/overview /jobs/" + jobID + "/checkpoints /jobmanager/metrics"
	if got := strings.Join(w.fake.asked, " "); got != want || second.Deep {
		t.Errorf("asked %s, want %s", got, want)
	}
	if second.Past.Passes != 1 || second.Past.Health != api.HealthHealthy {
		t.Errorf("past %+v, want one healthy pass", second.Past)
	}
}

func TestDepth(t *testing.T) {
	const hour = 3600_000
	now := int64(1772366400000)
	tests := []struct {
		name    string
		history []string
		health  api.Health
		want    bool
	}{
		{"completed in time", []string{completed(8, now-20_000), completed(7, now-80_000)}, api.HealthHealthy, false},
		{"a new failure", []string{expired(now - 700_000), completed(7, now-800_000)}, api.HealthHealthy, true},
		{"pending beyond half the timeout", []string{pending(8, now-301_000), completed(7, now-400_000)}, api.HealthHealthy, true},
		{"pending for a short while", []string{pending(8, now-30_000), completed(7, now-90_000)}, api.HealthHealthy, false},
		{"not healthy before", []string{completed(8, now-20_000)}, api.HealthAtRisk, true},
		{"a gap between checkpoints", []string{completed(8, now-20_000), completed(7, now-hour)}, api.HealthHealthy, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.pass(0, test.health)
			w.history(test.history...)
			if got := w.pass(time.Second, test.health).Deep; got != test.want {
				t.Errorf("deep %v, want %v", got, test.want)
			}
		})
	}
}

func TestFailureIsReadOnceItIsSettled(t *testing.T) {
	w := newWorld(t)
	w.pass(0, api.HealthHealthy)
	now := w.clock.now.UnixMilli()
	w.history(expired(now-700_000), completed(7, now-800_000))
	base := "/jobs/" + jobID + "/checkpoints/details/8"
	w.fake.answers[base] = strings.TrimSuffix(expired(now-700_000), "}") + `,"tasks":{"v1":{"num_subtasks":2,"num_acknowledged_subtasks":0}}}`
	w.fake.answers[base+"/subtasks/v1"] = `{"id":8,"status":"FAILED","subtasks":[{"index":0,"status":"pending_or_failed"},{"index":1,"status":"pending_or_failed"}]}`
	if tasks := w.pass(time.Second, api.HealthUnhealthy).Checkpoints.History[0].Tasks; len(tasks) != 1 || tasks[0].Vertex != 1 {
		t.Fatalf("details of checkpoint 8: %+v, want those of the second vertex", tasks)
	}
	w.pass(time.Minute, api.HealthUnhealthy)
	if w.fake.count(base) == 0 {
		t.Error("late acknowledgements may still come, and nobody looked again")
	}
	w.pass(20*time.Minute, api.HealthUnhealthy)
	if s := w.pass(time.Minute, api.HealthUnhealthy); w.fake.count(base) != 0 || s.Checkpoints.History[0].Tasks == nil {
		t.Errorf("asked %v; the details are settled and should be remembered", w.fake.asked)
	}
	if got := w.memory.unhealthySince; got.IsZero() || w.clock.now.Sub(got) < 20*time.Minute {
		t.Errorf("unhealthy since %s, want the first pass that said so", got)
	}
}

func TestDetailsOfAnotherJobAreAGap(t *testing.T) {
	w := newWorld(t)
	now := w.clock.now.UnixMilli()
	w.history(expired(now-700_000), completed(7, now-800_000))
	w.fake.answers["/jobs/"+jobID+"/checkpoints/details/8"] = expired(now - 900_000)
	s := w.pass(0, api.HealthUnhealthy)
	if !s.Missing(model.GapCheckpointDetails) || s.Checkpoints.History[0].Tasks != nil {
		t.Errorf("gaps %+v, want checkpoint details: the answer is of another job", s.Gaps)
	}
}

func TestStacksOnlyWhilePendingAndRarely(t *testing.T) {
	w := newWorld(t)
	w.pass(0, api.HealthHealthy)
	now := w.clock.now.UnixMilli()
	w.fake.answers["/jobmanager/thread-dump"] = `{"threadInfos":[{"threadName":"Checkpoint Timer","stringifiedThreadInfo":` +
		`"\"Checkpoint Timer\" Id=9 BLOCKED on java.lang.Object@1 owned by \"holder\" Id=10\n\tat org.example.A.b(A.java:1)\n"},` +
		`{"threadName":"holder","stringifiedThreadInfo":"\"holder\" Id=10 RUNNABLE\n\tat org.example.C.d(C.java:1)\n"},` +
		`{"threadName":"other","stringifiedThreadInfo":"\"other\" Id=11 RUNNABLE\n"}]}`
	w.history(pending(8, now-301_000), completed(7, now-400_000))
	s := w.pass(time.Second, api.HealthUnhealthy)
	if len(s.Stacks) != 1 || s.Stacks[0].PendingCheckpoint != 8 || len(s.Stacks[0].Threads) != 2 {
		t.Fatalf("stacks %+v, want the timer and who holds its lock", s.Stacks)
	}
	if timer := s.Stacks[0].Threads[1]; timer.BlockedOn != "java.lang.Object" || timer.Holder != "holder" || timer.Vertex != -1 {
		t.Errorf("timer %+v", timer)
	}
	w.pass(time.Minute, api.HealthUnhealthy)
	if w.fake.count("/jobmanager/thread-dump") != 0 {
		t.Error("a second dump within three minutes")
	}
	if s = w.pass(3*time.Minute, api.HealthUnhealthy); len(s.Stacks) != 2 {
		t.Errorf("%d stacks, want 2", len(s.Stacks))
	}
}

func TestRestartForgets(t *testing.T) {
	w := newWorld(t)
	w.pass(0, api.HealthHealthy)
	w.fake.answers["/jobs/overview"] = strings.ReplaceAll(w.fake.answers["/jobs/overview"], "1772366000000", "1772366300000")
	w.pass(30*time.Second, api.HealthHealthy)
	if w.fake.count("/jobs/"+jobID+"/checkpoints/config") != 1 || w.fake.count("/jobmanager/config") != 1 {
		t.Errorf("asked %v; after a restart settings and configuration are read again", w.fake.asked)
	}
}

func TestUnavailable(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		reason string
	}{
		{"refused", func(w *world) { w.fake.failure = errors.New("connection refused") }, api.ReasonJobManagerUnreachable},
		{"a web page", func(w *world) { w.fake.answers["/jobs/overview"] = "<html><title>Login</title></html>" }, api.ReasonMalformedAnswer},
		{"another JSON", func(w *world) { w.fake.answers["/jobs/overview"] = `{"status":"ok"}` }, api.ReasonMalformedAnswer},
		{"no job", func(w *world) { w.fake.answers["/jobs/overview"] = `{"jobs":[]}` }, api.ReasonJobNotFound},
		{"no such job", func(w *world) { w.opts.Selector.Name = "other" }, api.ReasonJobNotFound},
		{"finished", func(w *world) { w.state("FINISHED") }, api.ReasonJobNotRunning},
		{"starting", func(w *world) { w.state("INITIALIZING") }, api.ReasonJobNotRunning},
		{"gone", func(w *world) { w.fake.answers["/jobs/"+jobID+"/checkpoints"] = "" }, api.ReasonJobNotFound},
		{"not enabled", func(w *world) {
			w.fake.answers["/jobs/"+jobID+"/checkpoints"] = `{"errors":["Checkpointing has not been enabled."]}`
		}, api.ReasonCheckpointingDisabled},
		{"two jobs", func(w *world) {
			w.fake.answers["/jobs/overview"] = `{"jobs":[{"jid":"aa","name":"a","state":"RUNNING"},{"jid":"bb","name":"b","state":"RUNNING"}]}`
		}, api.ReasonJobAmbiguous},
		{"upgrading", func(w *world) {
			w.fake.failure = errors.New("no such host")
			w.opts.Target = &model.Target{Kind: kindFlinkDeployment, Name: "payments", Lifecycle: "UPGRADING"}
		}, api.ReasonUpgrading},
		{"suspended", func(w *world) {
			w.opts.Target = &model.Target{Kind: kindFlinkDeployment, Name: "payments", Suspended: true}
		}, api.ReasonJobNotRunning},
		{"restarting is judged", func(w *world) { w.state("RESTARTING") }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			test.change(w)
			got := w.pass(0, api.HealthUnknown).Availability
			if got.Reason != test.reason || (got.Message == "") != (test.reason == "") {
				t.Errorf("got %+v, want %s", got, test.reason)
			}
		})
	}
}

func (w *world) state(state string) {
	w.fake.answers["/jobs/overview"] = strings.ReplaceAll(w.fake.answers["/jobs/overview"], "RUNNING", state)
}

func TestAmbiguityNamesTheJobs(t *testing.T) {
	w := newWorld(t)
	w.fake.answers["/jobs/overview"] = `{"jobs":[{"jid":"aa","name":"orders","state":"RUNNING"},{"jid":"bb","name":"returns","state":"RUNNING"}]}`
	message := w.pass(0, api.HealthUnknown).Availability.Message
	if !strings.Contains(message, `"orders" (aa)`) || !strings.Contains(message, `"returns" (bb)`) || !strings.Contains(message, "jobSelector") {
		t.Errorf("message %q names neither the jobs nor what to do", message)
	}
}

func TestSettingsAndOrigins(t *testing.T) {
	w := newWorld(t)
	w.opts.Target = &model.Target{Kind: kindFlinkDeployment, Name: "payments", Config: map[string]string{"execution.checkpointing.timeout": "10m"}}
	s := w.pass(0, api.HealthHealthy).Settings
	if s.Timeout.Value != 10*time.Minute || s.Timeout.Origin != api.OriginTarget {
		t.Errorf("timeout %+v, want 10m from the target", s.Timeout)
	}
	if s.Interval.Value != time.Minute || s.Interval.Origin != api.OriginJobCode {
		t.Errorf("interval %+v, want 1m from job code: the configuration says 30 s", s.Interval)
	}
	if s.IOPoolSize.Value != 4 || s.IOPoolSize.Origin != api.OriginOperatorDefault {
		t.Errorf("io pool %+v, want 4 from the cluster", s.IOPoolSize)
	}
	if s.MaxConcurrent.Origin != api.OriginDefault || s.TolerableFailed.Origin != api.OriginJobCode {
		t.Errorf("concurrency %+v and tolerance %+v", s.MaxConcurrent, s.TolerableFailed)
	}
	if _, leaked := s.Cluster["s3.secret-key"]; leaked {
		t.Error("a secret is in the snapshot")
	}
}

// modified changes when the job or one of its tasks last changed state.
func (w *world) modified(to string) {
	w.fake.answers["/jobs/overview"] = strings.ReplaceAll(w.fake.answers["/jobs/overview"], "1772366001000", to)
}
