package controllers

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/standin"
)

// member is one CheckpointHealth of policy prod, and what is written on its target.
type member struct {
	name        string
	cause       api.Cause
	since       time.Time // unhealthy since; zero: healthy
	remediating bool      // as its status says
	receipt     api.Outcome
	gone        bool // its target was deleted
}

// fleetOf is a cache with those members.
func fleetOf(t *testing.T, members ...member) (cache client.Reader, objects map[string]*api.CheckpointHealth) {
	t.Helper()
	scheme, err := Scheme()
	if err != nil {
		t.Fatal(err)
	}
	var all []client.Object
	byName := map[string]*api.CheckpointHealth{}
	for _, m := range members {
		object := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: m.name, UID: types.UID(m.name)}}
		object.Spec.PolicyRef.Name = "prod"
		object.Spec.TargetRef = api.TargetReference{APIVersion: standin.GroupVersionKind.GroupVersion().String(), Kind: "FlinkDeployment", Name: m.name}
		if !m.since.IsZero() {
			since := metav1.NewTime(m.since)
			object.Status.Health, object.Status.Cause, object.Status.UnhealthySince = api.HealthUnhealthy, m.cause, &since
		}
		if m.remediating {
			meta.SetStatusCondition(&object.Status.Conditions, metav1.Condition{Type: api.ConditionRemediating, Status: metav1.ConditionTrue, Reason: api.ReasonRemedyPending})
		}
		byName[m.name] = object
		all = append(all, object)
		if !m.gone {
			all = append(all, targetWith(t, m))
		}
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(all...).Build(), byName
}

func targetWith(t *testing.T, m member) *unstructured.Unstructured {
	t.Helper()
	target := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"job": map[string]any{"upgradeMode": "last-state"}}}}
	target.SetGroupVersionKind(standin.GroupVersionKind)
	target.SetNamespace("shop")
	target.SetName(m.name)
	if m.receipt != "" {
		text, err := json.Marshal([]model.Receipt{{ID: "r", AppliedAt: time.Unix(1, 0), Outcome: m.receipt}})
		if err != nil {
			t.Fatal(err)
		}
		target.SetAnnotations(map[string]string{api.AnnotationReceipts: string(text)})
	}
	return target
}

func TestTheBudgetCountsWhatIsWrittenOnTargets(t *testing.T) {
	pending := member{name: "b", receipt: api.OutcomePending}
	for _, c := range []struct {
		name   string
		others []member
		budget int32
		want   bool
	}{
		{"alone", nil, 1, true},
		{"a receipt that no status tells of yet: its manager died between patch and status", []member{pending}, 1, false},
		{"room for two", []member{pending}, 2, true},
		{"a status from before the verdict", []member{{name: "b", receipt: api.OutcomeEffective, remediating: true}}, 1, true},
		{"a target that is gone holds no place, whatever its status says", []member{{name: "b", remediating: true, gone: true}}, 1, true},
	} {
		reader, objects := fleetOf(t, append([]member{{name: "a"}}, c.others...)...)
		policy := model.ResolvePolicy("prod", &api.RemediationPolicySpec{Budget: api.BudgetSpec{MaxConcurrent: ptr.To(intstr.FromInt32(c.budget))}})
		got, err := newFleet().reserve(t.Context(), reader, objects["a"], &policy, time.Time{})
		if err != nil || got != c.want {
			t.Errorf("%s: reserved %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// Two workers that decide at the same time, beside a remedy from before the restart, do not spend three places of two.
func TestTheBudgetIsAUnion(t *testing.T) {
	reader, objects := fleetOf(t, member{name: "a"}, member{name: "b"}, member{name: "c", receipt: api.OutcomePending})
	policy := model.ResolvePolicy("prod", &api.RemediationPolicySpec{Budget: api.BudgetSpec{MaxConcurrent: ptr.To(intstr.FromInt32(2))}})
	f := newFleet()
	var got []bool
	for _, name := range []string{"a", "b", "a"} {
		reserved, err := f.reserve(t.Context(), reader, objects[name], &policy, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, reserved)
	}
	if want := []bool{true, false, true}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("a, b, a reserved %v, want %v: a keeps its own place", got, want)
	}
	f.release("shop", "a")
	if reserved, err := f.reserve(t.Context(), reader, objects["b"], &policy, time.Time{}); err != nil || !reserved {
		t.Errorf("b after a's release: %v, %v", reserved, err)
	}
}

func TestSharedCausesAreCountedFromTheFirstPassOn(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	reader, objects := fleetOf(t, member{name: "a"},
		member{name: "b", cause: api.CauseSlowStateBackend, since: now.Add(-5 * time.Minute)},
		member{name: "c", cause: api.CauseSlowStateBackend, since: now.Add(-2 * time.Hour)},
		member{name: "d", cause: api.CauseSinkFlush, since: now})
	// a's own status still says healthy: this is the pass that finds it sick.
	count, err := newFleet().count(t.Context(), reader, objects["a"], api.CauseSlowStateBackend, now)
	if err != nil || count.SharedWith != 1 || count.Targets != 4 {
		t.Errorf("%+v, %v; want one other that sickened of it lately, of four", count, err)
	}
}

// Of those that sickened together some are ill of a cause that is not found yet: they count for each that they may be of.
func TestJobsThatAreIllOfNobodyKnowsWhatAreCounted(t *testing.T) {
	const slow, clean = api.CauseSlowStateBackend, api.CauseSlowCleanup
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	reader, objects := fleetOf(t, member{name: "a"}, member{name: "b", cause: slow, since: now}, member{name: "c", cause: api.CauseUndetermined, since: now},
		member{name: "d", cause: api.CauseUndetermined, since: now.Add(-time.Hour)}, member{name: "e"})
	c := objects["c"].DeepCopy()
	c.Status.Diagnoses = []api.Diagnosis{{Cause: api.CauseUndetermined}, {Cause: slow, Verdict: api.VerdictPossible}, {Cause: clean, Verdict: api.VerdictRuledOut}}
	writer, ok := reader.(client.Client)
	if !ok {
		t.Fatalf("%T writes nothing", reader)
	}
	if err := writer.Update(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	things, err := shared(t.Context(), reader, objects["a"], &model.Snapshot{At: now})
	if err != nil || len(things) != 1 {
		t.Fatalf("%+v, %v; want the policy", things, err)
	}
	if got := things[0]; got.Jobs != 5 || got.Sick[slow].Count != 1 || got.Untold[slow] != 1 || got.Untold[clean] != 0 || !got.MayBeEnough(slow) || got.Enough(slow) {
		t.Errorf("%+v; want of five jobs one that is sick of it, and one that may be", got)
	}
}

func TestASessionIsOfOneObjectAndOneTarget(t *testing.T) {
	_, objects := fleetOf(t, member{name: "a"})
	s, object := newSessions(), objects["a"]
	first, fresh, replaced := s.open(object)
	if !fresh || replaced != "" {
		t.Fatalf("first sight: fresh %v, replaced %q", fresh, replaced)
	}
	if again, fresh, _ := s.open(object); again != first || fresh {
		t.Error("the next pass does not find the session of the one before")
	}
	other := object.DeepCopy()
	other.Spec.TargetRef.Name = "z"
	if moved, fresh, _ := s.open(other); moved.memory == first.memory || fresh {
		t.Error("another target inherits what was learned of the one before, or waits like a first sight")
	}
	recreated := other.DeepCopy()
	recreated.UID = "new"
	if _, fresh, replaced := s.open(recreated); !fresh || replaced != "a" {
		t.Errorf("created again: fresh %v, replaced %q, want the uid of the one before", fresh, replaced)
	}
}

// A baseline is of one target and one job: what spec names now may not be what status speaks of.
func TestABaselineIsRestoredForItsOwnJobOnly(t *testing.T) {
	_, objects := fleetOf(t, member{name: "a"})
	object := objects["a"]
	object.Status.Target, object.Status.Job.Name = "FlinkDeployment/a", "payments"
	for _, c := range []struct {
		name   string
		change func(*api.CheckpointHealth)
		want   bool
	}{
		{"as it was", func(*api.CheckpointHealth) {}, true},
		{"the job by its name", func(o *api.CheckpointHealth) { o.Spec.JobSelector.Name = "payments" }, true},
		{"another target", func(o *api.CheckpointHealth) { o.Spec.TargetRef.Name = "b" }, false},
		{"another job", func(o *api.CheckpointHealth) { o.Spec.JobSelector.Name = "clicks" }, false},
		{"another job id", func(o *api.CheckpointHealth) { o.Spec.JobSelector.ID = "00" }, false},
	} {
		changed := object.DeepCopy()
		c.change(changed)
		if got := sameSubject(changed); got != c.want {
			t.Errorf("%s: restored %v, want %v", c.name, got, c.want)
		}
	}
}

func TestATargetOlderThanOurLastWriteIsBehind(t *testing.T) {
	s := &session{}
	s.wrote(&model.Target{UID: "u"}, &model.Written{ResourceVersion: "100"})
	if !s.behind(&model.Target{UID: "u", ResourceVersion: "99"}) {
		t.Error("99 is not behind 100")
	}
	if s.behind(&model.Target{UID: "other", ResourceVersion: "9"}) {
		t.Error("another object is compared")
	}
	if !s.behind(&model.Target{UID: "job", ResourceVersion: "1", Others: []model.Target{{UID: "u", ResourceVersion: "99"}}}) {
		t.Error("the object beside the target is not compared")
	}
	s.wrote(&model.Target{UID: "u"}, &model.Written{ResourceVersion: "100"})
	if s.behind(&model.Target{UID: "u", ResourceVersion: "1000"}) {
		t.Error("1000 is behind 100")
	}
	if s.behind(&model.Target{UID: "u", ResourceVersion: "99"}) {
		t.Error("what the cache caught up with is compared again")
	}
}
