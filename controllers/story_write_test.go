package controllers

import (
	"context"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// lagging is a cache that keeps showing a target as it was once; everything else is current.
type lagging struct {
	client.Client
	old *unstructured.Unstructured
}

func (l *lagging) Get(ctx context.Context, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
	if target, ok := into.(*unstructured.Unstructured); ok && l.old != nil && key.Name == l.old.GetName() {
		l.old.DeepCopyInto(target)
		return nil
	}
	return l.Client.Get(ctx, key, into, options...)
}

// A cache that does not show our own patch yet makes nobody forget the remedy: the place of the budget is kept, the status says that it is in flight.
func TestAStaleCacheDoesNotForgetARemedy(t *testing.T) {
	w := newWorld(t, "story-stale")
	w.policy("prod", quick)
	w.deploy("payments", "payments")
	cache := &lagging{Client: admin}
	w.doctor.Client = cache
	w.watch("payments", "policyRef: {name: prod}\n")
	before := w.target("payments")
	w.run(90, "patched", func() bool {
		if now := w.target("payments"); now.GetGeneration() != before.GetGeneration() {
			return true
		}
		before = w.target("payments")
		return false
	})
	cache.old = before
	generation := w.target("payments").GetGeneration()
	for range 10 {
		w.tick()
		if !meta.IsStatusConditionTrue(w.health("payments").Status.Conditions, api.ConditionRemediating) {
			t.Fatalf("the remedy in flight is forgotten while the cache is old:\n%s", w.story())
		}
	}
	if len(w.doctor.fleet.places) != 1 {
		t.Error("the place of the budget was given back while the remedy was in flight")
	}
	if got := w.target("payments").GetGeneration(); got != generation {
		t.Errorf("patched again: generation %d, then %d", generation, got)
	}
	cache.old = nil
	w.run(240, "effective", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	if receipts := w.health("payments").Status.Remediations; len(receipts) != 1 {
		t.Errorf("%d remedies, want one", len(receipts))
	}
}

// stubborn refuses to patch targets while it is told to, and counts how often it was asked.
type stubborn struct {
	client.Client
	refuse bool
	asked  int
}

func (s *stubborn) Apply(ctx context.Context, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	if s.refuse {
		s.asked++
		return apierrors.NewForbidden(schema.GroupResource{Group: "flink.apache.org", Resource: "flinkdeployments"}, "payments", nil)
	}
	return s.Client.Apply(ctx, configuration, options...)
}

// An undo that the API server refuses is not tried every two seconds for ever; it is said, and tried again after a while.
func TestARefusedUndoIsNotHammered(t *testing.T) {
	w := newWorld(t, "story-refused-undo")
	process := &stubborn{Client: admin}
	w.client = process
	w.start()
	payments, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", payments.SlowsAgain(45_000_000_000, 4))
	w.watch("payments", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	process.refuse = true
	w.run(300, "refused", func() bool { return process.asked > 0 })
	w.after(120)
	if process.asked > 1 {
		t.Errorf("the API server was asked %d times within two minutes", process.asked)
	}
	if text := strings.Join(w.health("payments").Status.Assessment, " "); !strings.Contains(text, "would be undone") || !strings.Contains(text, "forbids the patch") {
		t.Errorf("nobody says why it is not undone:\n%s", w.story())
	}
	process.refuse = false
	for _, session := range w.doctor.sessions.byKey {
		session.refused.until = w.clock.Now() // the ten minutes that a refusal stands are over
	}
	w.run(60, "undone once it is allowed", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeRolledBack })
}

// A target that is deleted with a remedy in flight holds no place of the budget, and its status says so.
func TestATargetThatGoesWithARemedyInFlightHoldsNoPlace(t *testing.T) {
	w := newWorld(t, "story-gone")
	w.policy("prod", quick)
	w.deploy("payments", "payments")
	w.watch("payments", "policyRef: {name: prod}\n")
	w.run(90, "patched", func() bool {
		return meta.IsStatusConditionTrue(w.health("payments").Status.Conditions, api.ConditionRemediating)
	})
	if err := admin.Delete(t.Context(), w.target("payments")); err != nil {
		t.Fatal(err)
	}
	w.run(60, "noticed", func() bool {
		c := meta.FindStatusCondition(w.health("payments").Status.Conditions, api.ConditionReady)
		return c != nil && c.Reason == api.ReasonTargetNotFound
	})
	if meta.IsStatusConditionTrue(w.health("payments").Status.Conditions, api.ConditionRemediating) {
		t.Error("a remedy is still in flight on a target that is gone")
	}
	if len(w.doctor.fleet.places) != 0 {
		t.Error("its place of the budget is still taken")
	}
}

// A configuration that is half nested is patched where it lies.
func TestAHalfNestedKeyIsPatchedWhereItLies(t *testing.T) {
	w := newWorld(t, "story-half-nested")
	w.deploy("payments", "payments", unset("spec", "flinkConfiguration", "execution.checkpointing.timeout"),
		set(map[string]any{"timeout": "10 s"}, "spec", "flinkConfiguration", "execution.checkpointing"))
	w.watch("payments", inline(quick))
	w.run(240, "effective", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	got, _, err := unstructured.NestedString(w.target("payments").Object, "spec", "flinkConfiguration", "execution.checkpointing", "timeout")
	if err != nil || got == "10 s" || got == "" {
		t.Errorf("the nested timeout is %q, %v", got, err)
	}
	if twin := w.timeout(); twin != "" {
		t.Errorf("a flat twin was written: %s", twin)
	}
}
