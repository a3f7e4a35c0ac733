package cli

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// simulation is a simulated job that is looked at pass by pass, on a clock of its own.
type simulation struct {
	now        time.Time
	handler    http.Handler
	connection *observe.Connection
	memory     observe.Memory
	policy     model.Policy
}

// Now is the time of the simulation.
func (s *simulation) Now() time.Time { return s.now }

// RoundTrip answers a request without a network.
func (s *simulation) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

func simulate(t *testing.T, c flinksim.Case) *simulation {
	t.Helper()
	s := &simulation{now: time.UnixMilli(1_795_347_266_979), policy: model.ResolvePolicy("", nil)}
	j := flinksim.NewJob("demo", c.Name, c, s, flinksim.QuickStartup())
	settings, err := j.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Deploy(settings, true); err != nil {
		t.Fatal(err)
	}
	s.handler = flinksim.JobHandler(j, func(_ context.Context, d time.Duration) { s.now = s.now.Add(d) })
	if s.connection, err = observe.Connect("http://"+c.Name+"-rest.demo:8081", flink.WithTransport(s), flink.WithClock(s.Now)); err != nil {
		t.Fatal(err)
	}
	return s
}

// pass looks at the job once, as the manager does.
func (s *simulation) pass(t *testing.T) model.Diagnosis {
	t.Helper()
	at := s.now // an answer that takes long moves the clock
	snapshot, err := observe.Flink(t.Context(), s.connection, observe.Options{Now: s.Now, StackEvery: 10 * time.Second}, &s.memory)
	if err != nil {
		t.Fatal(err)
	}
	d := diagnose.Diagnose(&snapshot, &s.policy, at)
	s.memory.Judged(at, &model.Snapshot{}, &d)
	return d
}

// A cause that was found stays until the job is well: over twenty minutes of passes it neither gives way to another nor to none, and it has one
// beginning. The sizes that tell a skew have left the history by then, and dumps are old.
func TestTheCauseStaysFromPassToPass(t *testing.T) {
	for _, c := range flinksim.Cases() {
		if c.Healthy() {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := simulate(t, c)
			found, since := api.Cause(""), time.Time{}
			for range 120 {
				s.now = s.now.Add(10 * time.Second)
				d := s.pass(t)
				top := d.Top()
				switch {
				case top == nil || found == "" && string(top.Cause) != c.Cause:
				case found == "":
					found, since = top.Cause, top.Since
				case top.Cause != found:
					t.Fatalf("after %s %s gives way to %s %s: %s", s.now.Sub(since), found, top.Verdict, top.Cause, top.Summary)
				case !top.Since.Equal(since):
					t.Fatalf("%s began at %s, and now at %s", found, since, top.Since)
				}
			}
			if string(found) != c.Cause {
				t.Errorf("%s was never found", c.Cause)
			}
		})
	}
}

// Flink's default tolerates no failed checkpoint, so that each expiry restarts the job and nothing is acknowledged late. The cause is found all the
// same, and no other is ever taken for it.
func TestTheCauseIsFoundWhereEachExpiryRestartsTheJob(t *testing.T) {
	for _, c := range flinksim.Cases() {
		if c.Healthy() {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Config["execution.checkpointing.tolerable-failed-checkpoints"] = "0"
			s := simulate(t, c)
			right, wrong := 0, 0
			for range 60 {
				s.now = s.now.Add(10 * time.Second)
				d := s.pass(t)
				top := d.Top()
				switch {
				case top == nil || top.Cause == api.CauseUndetermined:
				case string(top.Cause) == c.Cause:
					right++
				default:
					wrong++
					t.Logf("%s %s %d: %s", top.Cause, top.Verdict, top.Score, top.Summary)
				}
			}
			if wrong > 0 || right < 50 && c.Cause != string(api.CauseUndetermined) {
				t.Errorf("%s was found in %d of 60 passes, another cause in %d", c.Cause, right, wrong)
			}
		})
	}
}
