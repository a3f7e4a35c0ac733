package controllers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// unreliable is a way to the JobManagers that can be cut.
type unreliable struct {
	http.RoundTripper
	cut bool
}

func (u *unreliable) RoundTrip(request *http.Request) (*http.Response, error) {
	if u.cut {
		return nil, errors.New("connection refused")
	}
	return u.RoundTripper.RoundTrip(request)
}

// holdsFast fails unless the remedy on the FlinkSessionJob is known and counted.
func (w *sessionWorld) holdsFast(when string) {
	w.t.Helper()
	object := w.health("pool")
	if s := object.Status; len(s.Remediations) != 1 || !meta.IsStatusConditionTrue(s.Conditions, api.ConditionRemediating) {
		w.t.Fatalf("%s: %d remedies, %+v", when, len(s.Remediations), meta.FindStatusCondition(s.Conditions, api.ConditionRemediating))
	}
	if !remedyInFlight(w.t.Context(), admin, object, w.clock.Now()) {
		w.t.Fatalf("%s: the remedy takes no place of the budget", when)
	}
}

// A job that was picked on a session cluster never comes back after its remedy. Whatever happens meanwhile, the remedy stays in flight and in the
// budget, is judged harmful when the time is up, and is undone on the FlinkSessionJob.
func TestAPickedJobThatNeverComesBackIsUndone(t *testing.T) {
	for i, story := range []struct {
		name, selector string
		meanwhile      func(*sessionWorld, *unreliable)
	}{
		{"nothing else happens", "jobSelector: {name: payments}\n", func(*sessionWorld, *unreliable) {}},
		{"the operator is restarted", "jobSelector: {name: payments}\n", func(w *sessionWorld, way *unreliable) {
			w.start()
			w.doctor.Dial.Transport = way
		}},
		{"Flink cannot be reached for a while", "jobSelector: {name: payments}\n", func(w *sessionWorld, way *unreliable) {
			way.cut = true
			w.after(20)
			w.holdsFast("Flink unreachable")
			w.start() // not even what was seen before is remembered
			w.doctor.Dial.Transport = way
			w.after(20)
			way.cut = false
		}},
		{"it is deleted and created again", "jobSelector: {name: payments}\n", func(w *sessionWorld, _ *unreliable) {
			if err := admin.Delete(t.Context(), w.health("pool")); err != nil {
				t.Fatal(err)
			}
			w.watch("pool", "jobSelector: {name: payments}\npolicyRef: {name: prod}\n")
		}},
		{"another job answers to the selector", "", func(w *sessionWorld, _ *unreliable) { w.submit("sessionize", "search") }},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newSessionWorld(t, "story-session-lost-"+string(rune('a'+i)), "payments")
			way := &unreliable{RoundTripper: w.doctor.Dial.Transport}
			w.doctor.Dial.Transport = way
			w.policy("prod", quick)
			w.submit("payments", "payments")
			w.watch("pool", story.selector+"policyRef: {name: prod}\n")
			w.run(120, "patched", func() bool { return len(w.health("pool").Status.Remediations) == 1 })
			w.after(4)
			w.holdsFast("patched")
			if err := w.pool().Cancel(t.Context(), "payments"); err != nil {
				t.Fatal(err)
			}
			w.after(4)
			w.holdsFast("the job is gone")
			story.meanwhile(w, way)
			w.after(20)
			w.holdsFast("a while later")
			w.run(900, "undone", func() bool { return w.health("pool").Status.LastOutcome == api.OutcomeRolledBack })
			if got := configured(w.sessionJob("payments"), timeoutKey); got != "10 s" {
				t.Errorf("the timeout is %q, want the team's 10 s again", got)
			}
			if message := receiptsOn(w.sessionJob("payments")); !strings.Contains(message, "does not run") {
				t.Errorf("the receipt does not say why: %s", message)
			}
			if w.target("pool").GetGeneration() != 1 {
				t.Error("the session cluster was written")
			}
			w.after(2)
			if remedyInFlight(t.Context(), admin, w.health("pool"), w.clock.Now()) {
				t.Error("the place of the budget is not given back")
			}
		})
	}
}

// deaf is a client that cannot list FlinkSessionJobs for as long as it is told to.
type deaf struct {
	client.Client
	on bool
}

func (d *deaf) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	if d.on && list.GetObjectKind().GroupVersionKind().Kind == "FlinkSessionJobList" {
		return errors.New("the server is currently unable to handle the request")
	}
	return d.Client.List(ctx, list, options...)
}

// While the FlinkSessionJobs cannot be listed it is not known what was written: the status says so and keeps what it knew, nothing is written, and
// the remedy is judged once they can be.
func TestWhatCannotBeListedIsNotForgotten(t *testing.T) {
	w := newSessionWorld(t, "story-session-deaf", "payments")
	w.submit("payments", "payments")
	w.watch("pool", "jobSelector: {name: payments}\n"+inline(quick))
	w.run(120, "patched", func() bool { return len(w.health("pool").Status.Remediations) == 1 })
	ears := &deaf{Client: admin, on: true}
	w.client = ears
	w.start()
	generation := w.sessionJob("payments").GetGeneration()
	w.after(30)
	s := w.health("pool").Status
	if len(s.Remediations) != 1 || !meta.IsStatusConditionTrue(s.Conditions, api.ConditionRemediating) {
		t.Errorf("%d remedies, %+v", len(s.Remediations), s.Conditions)
	}
	if text := strings.Join(s.Assessment, " "); !strings.Contains(text, "FlinkSessionJobs of namespace") {
		t.Errorf("the assessment does not say why: %s", text)
	}
	if now := w.sessionJob("payments").GetGeneration(); now != generation {
		t.Errorf("generation %d, then %d", generation, now)
	}
	ears.on = false
	w.run(150, "effective", func() bool { return w.health("pool").Status.LastOutcome == api.OutcomeEffective })
}

// Between the look and the write a remedy is begun on another job of the session cluster: the cluster is not restarted beside it.
func TestASessionClusterIsNotRestartedBesideARemedyOfASecondAgo(t *testing.T) {
	w := newSessionWorld(t, "story-session-race", "inventory")
	w.submit("inventory", "inventory")
	w.submit("sessionize", "search")
	w.watchJob("inventory", leave+onlyTheIOPool)
	asked := 0
	inner := w.doctor.Writer.Session
	w.doctor.Writer.Session = func(ctx context.Context, live client.Reader, cluster *model.Target) model.SessionCluster {
		asked++
		session := inner(ctx, live, cluster)
		for i := range session.Jobs {
			session.Jobs[i].Pending = session.Jobs[i].Name == "sessionize" && asked <= 3
		}
		return session
	}
	w.run(90, "asked right before the write", func() bool { return asked == 3 })
	if w.target("pool").GetGeneration() != 1 || receiptsOn(w.target("pool")) != "" {
		t.Fatal("the cluster was restarted beside a remedy in flight")
	}
	w.run(30, "patched once that was judged", func() bool { return w.target("pool").GetGeneration() == 2 })
}
