package report

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// refusing is a cluster whose CustomResourceDefinition does not take what refuse finds in a status.
func refusing(t *testing.T, refuse func(*api.CheckpointHealthStatus) *field.Error) client.Client {
	t.Helper()
	return interceptor.NewClient(fakeCluster(t), interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, inner client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
			if wrong := refuse(patched(t, o, p)); wrong != nil {
				return apierrors.NewInvalid(schema.GroupKind{Group: api.GroupVersion.Group, Kind: "CheckpointHealth"}, o.GetName(), field.ErrorList{wrong})
			}
			return inner.SubResource(sub).Patch(ctx, o, p, options...)
		}})
}

// patched is what a patch says of a status.
func patched(t *testing.T, o client.Object, patch client.Patch) *api.CheckpointHealthStatus {
	t.Helper()
	var said api.CheckpointHealth
	data, err := patch.Data(o)
	if err != nil || json.Unmarshal(data, &said) != nil {
		t.Fatalf("%s, %v", data, err)
	}
	return &said.Status
}

// noRecommendation refuses every recommendation.
func noRecommendation(s *api.CheckpointHealthStatus) *field.Error {
	if s.Recommendation.Cause == "" {
		return nil
	}
	return field.NotSupported(field.NewPath("status", "recommendation", "cause"), s.Recommendation.Cause, []string{"Undetermined"})
}

// step is a pass of a manager some time after the first one: what was written, and which events it makes.
func step(t *testing.T, w *Writer, c client.Client, pass *model.Pass, after time.Duration) (written *api.CheckpointHealth, told []string) {
	t.Helper()
	o := read(t, c)
	pass = later(pass, after)
	next := Status(o, pass)
	written, err := w.Write(t.Context(), o, &next, at.Add(after))
	if err != nil {
		t.Fatalf("after %s: %v", after, err)
	}
	if written == nil {
		return nil, nil
	}
	for _, e := range Events(&o.Status, Told(&written.Status, &next), pass) {
		told = append(told, e.Reason)
	}
	return written, told
}

// An older CustomResourceDefinition hides no illness: that a job became sick is told, with a likely cause or without.
func TestAnOlderSchemaHidesNoEvents(t *testing.T) {
	c := refusing(t, noRecommendation)
	w := NewWriter(c)
	step(t, w, c, slowStorage(), 0)
	step(t, w, c, base(), time.Minute)
	if _, told := step(t, w, c, undetermined(), 2*time.Minute); !slices.Contains(told, api.ReasonUnhealthy) {
		t.Errorf("told: %q", told)
	}
}

// A pass that failed says why: that its target is not there is not the fault of the CustomResourceDefinition.
func TestAnOlderSchemaHidesNoFailure(t *testing.T) {
	c := refusing(t, noRecommendation)
	w := NewWriter(c)
	step(t, w, c, slowStorage(), 0)
	o := read(t, c)
	next := Failed(o, Failure{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment payments does not exist"}, at.Add(time.Minute))
	written, err := w.Write(t.Context(), o, &next, at.Add(time.Minute))
	if err != nil || written == nil {
		t.Fatalf("%v, %v", written, err)
	}
	if ready := meta.FindStatusCondition(written.Status.Conditions, api.ConditionReady); ready.Reason != api.ReasonTargetNotFound {
		t.Errorf("%+v", ready)
	}
	if told := Events(&o.Status, &written.Status, nil); len(told) != 1 || told[0].Reason != api.ReasonTargetNotFound {
		t.Errorf("told: %+v", told)
	}
}

// A CustomResourceDefinition that does not know a field drops it without a word. That is no loop of writes: Ready says what to apply, and now and then it
// is tried again.
func TestAnOlderSchemaThatDropsAField(t *testing.T) {
	older, patches := true, 0
	c := interceptor.NewClient(fakeCluster(t), interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, inner client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
			patches++
			data, err := p.Data(o)
			var all map[string]map[string]any
			if err != nil || json.Unmarshal(data, &all) != nil {
				t.Fatalf("%s, %v", data, err)
			}
			if older {
				delete(all["status"], "baseline")
			}
			if data, err = json.Marshal(all); err != nil {
				t.Fatal(err)
			}
			return inner.SubResource(sub).Patch(ctx, o, client.RawPatch(types.MergePatchType, data), options...)
		}})
	w := NewWriter(c)
	const tried, applied = 20, 50 // ten minutes of passes, and when somebody applies the one of today
	for i := range 3*tried + 2 {
		older = i < applied
		pass := base()
		pass.Snapshot.Past.HealthyDuration = 3 * time.Second
		_, told := step(t, w, c, pass, time.Duration(i)*30*time.Second)
		if (i == 1) != slices.Contains(told, api.ReasonCRDOutdated) {
			t.Errorf("pass %d: told %q", i, told)
		}
	}
	// The first one and Ready, then one each ten minutes, and Ready.
	if patches != 6 {
		t.Errorf("%d patches of a healthy job at rest", patches)
	}
	s := read(t, c).Status
	if ready := meta.FindStatusCondition(s.Conditions, api.ConditionReady); ready.Reason != api.ReasonReconciled || s.Baseline == (api.BaselineStatus{}) {
		t.Errorf("once it is applied: %+v, %+v", ready, s.Baseline)
	}
}

// What was written to a target is told once, whether status keeps its history or not, and not again once it does.
func TestAnOlderSchemaTellsHistoryOnce(t *testing.T) {
	older := true
	c := refusing(t, func(s *api.CheckpointHealthStatus) *field.Error {
		if !older || len(s.Remediations) == 0 {
			return nil
		}
		return field.NotSupported(field.NewPath("status", "remediations").Index(0).Child("lever"), s.Remediations[0].Lever, []string{"interval"})
	})
	w := NewWriter(c)
	settled := cured()
	settled.Written = &model.Written{Action: model.ActionSettle, Receipt: &settled.Snapshot.Target.Receipts[0]}
	for _, pass := range []struct {
		name  string
		pass  *model.Pass
		after time.Duration
		older bool
		told  []string
	}{
		{"applied", applied(), 0, true, []string{api.ReasonRemedyApplied}},
		{"pending", pendingVerification(), 2 * time.Minute, true, nil},
		{"judged", settled, 4 * time.Minute, true, []string{api.ReasonRemedyEffective}},
		{"some days later", cured(), 48 * time.Hour, true, nil},
		{"the one of today is applied", cured(), 49 * time.Hour, false, nil},
	} {
		older = pass.older
		_, told := step(t, w, c, pass.pass, pass.after)
		told = slices.DeleteFunc(told, func(reason string) bool { return !strings.HasPrefix(reason, "Remedy") })
		if !slices.Equal(told, pass.told) {
			t.Errorf("%s: told %q, want %q", pass.name, told, pass.told)
		}
	}
	if len(read(t, c).Status.Remediations) != 1 {
		t.Error("the history is not kept")
	}
}

// A counter counts a change once, whatever an older CustomResourceDefinition keeps of it.
func TestAnOlderSchemaCountsNothingTwice(t *testing.T) {
	c := refusing(t, noRecommendation)
	w, registry := NewWriter(c), prometheus.NewRegistry()
	m, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		o := read(t, c)
		after := time.Duration(i) * 20 * time.Minute
		next := Status(o, later(slowStorage(), after))
		written, err := w.Write(t.Context(), o, &next, at.Add(after))
		if err != nil || written == nil {
			t.Fatalf("pass %d: %v, %v", i, written, err)
		}
		m.Count(&o.Status, Told(&written.Status, &next))
	}
	if got := series(t, registry)["checkpointhealth_refusals_total{OutsideWindow}"]; got > 1 {
		t.Errorf("one refusal was counted %v times", got)
	}
}

// A value of ours that the schema of today refuses is left out as well, and the message does not send people in circles.
func TestAFaultOfOursIsNotTheSchemasAlone(t *testing.T) {
	c := refusing(t, func(s *api.CheckpointHealthStatus) *field.Error {
		if s.Recommendation.Cause == "" {
			return nil
		}
		return field.TooLong(field.NewPath("status", "recommendation", "summary"), "", 512)
	})
	written, _ := step(t, NewWriter(c), c, slowStorage(), 0)
	ready := meta.FindStatusCondition(written.Status.Conditions, api.ConditionReady)
	for _, says := range []string{"apply config/crd of the manager's version", "report a fault of the manager", "recommendation.summary: ", "512"} {
		if !strings.Contains(ready.Message, says) {
			t.Errorf("%q does not say %q", ready.Message, says)
		}
	}
}
