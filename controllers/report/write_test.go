package report

import (
	"context"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func fakeCluster(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := api.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	o := object()
	o.ResourceVersion = ""
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(o).WithStatusSubresource(&api.CheckpointHealth{}).Build()
}

func read(t *testing.T, c client.Client) *api.CheckpointHealth {
	t.Helper()
	var o api.CheckpointHealth
	if err := c.Get(context.Background(), client.ObjectKeyFromObject(object()), &o); err != nil {
		t.Fatal(err)
	}
	return &o
}

func TestWriter(t *testing.T) {
	c := fakeCluster(t)
	w := NewWriter(c)
	write := func(o *api.CheckpointHealth, next api.CheckpointHealthStatus, now time.Time) bool {
		t.Helper()
		version := o.ResourceVersion
		written, err := w.Write(context.Background(), o, &next, now)
		if err != nil {
			t.Fatal(err)
		}
		if o.ResourceVersion != version {
			t.Error("the object that was read, which is the cache's, was changed")
		}
		return written != nil
	}
	stale := read(t, c)
	o := read(t, c)
	if !write(o, Status(o, slowStorage()), at) {
		t.Fatal("the first status was not written")
	}
	o = read(t, c)
	version := o.ResourceVersion
	if write(o, Status(o, slowStorage()), at) || read(t, c).ResourceVersion != version {
		t.Error("an unchanged status was written")
	}
	if write(o, Status(o, later(slowStorage(), 4*time.Minute)), at.Add(4*time.Minute)) {
		t.Error("figures were renewed too early")
	}
	if !write(o, Status(o, later(slowStorage(), 16*time.Minute)), at.Add(16*time.Minute)) {
		t.Error("figures were not renewed when due")
	}
	if _, err := w.Write(context.Background(), stale, ptr.To(Status(stale, base())), at); !apierrors.IsConflict(err) {
		t.Errorf("a stale write: %v, want a conflict", err)
	}
	if stale.Status.Health != "" || read(t, c).Status.Health != api.HealthUnhealthy {
		t.Error("after a failed write the object must be as it was read")
	}
}

// A CustomResourceDefinition that knows no mode Paused, as one that is installed apart and older, hides nothing but the mode: Ready says what to apply, and
// there is no loop of writes that fail.
func TestAnOlderSchemaTakesTheRest(t *testing.T) {
	older, tries := true, 0
	c := interceptor.NewClient(fakeCluster(t), interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, inner client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
			tries++
			if said := patched(t, o, p); older && said.Mode == api.ModePaused {
				return apierrors.NewInvalid(schema.GroupKind{Group: "flink.checkpointhealth.dev", Kind: "CheckpointHealth"}, o.GetName(), field.ErrorList{
					field.NotSupported(field.NewPath("status", "mode"), said.Mode, []string{"Observe", "Recommend", "Remediate"})})
			}
			return inner.SubResource(sub).Patch(ctx, o, p, options...)
		}})
	w := NewWriter(c)
	for _, step := range []struct {
		after  time.Duration
		taken  bool
		tries  int
		reason string
	}{
		{0, false, 2, api.ReasonCRDOutdated},
		{30 * time.Second, false, 0, api.ReasonCRDOutdated},
		{9 * time.Minute, false, 0, api.ReasonCRDOutdated},
		{11 * time.Minute, false, 1, api.ReasonCRDOutdated}, // it is tried again, and what is there stands
		{23 * time.Minute, true, 1, api.ReasonReconciled},
	} {
		o := read(t, c)
		o.Annotations = map[string]string{api.AnnotationPause: "on call"}
		older, tries = !step.taken, 0
		next := Status(o, slowStorage())
		if _, err := w.Write(t.Context(), o, &next, at.Add(step.after)); err != nil {
			t.Fatalf("after %s: %v", step.after, err)
		}
		s := read(t, c).Status
		ready := meta.FindStatusCondition(s.Conditions, api.ConditionReady)
		if s.Health != api.HealthUnhealthy || len(s.Diagnoses) == 0 || (s.Mode == api.ModePaused) != step.taken || ready.Reason != step.reason || tries != step.tries {
			t.Errorf("after %s: %d tries, health %s, mode %q, %+v", step.after, tries, s.Health, s.Mode, ready)
		}
	}
}

func TestForget(t *testing.T) {
	c := fakeCluster(t)
	w, o := NewWriter(c), read(t, c)
	if _, err := w.Write(context.Background(), o, ptr.To(Status(o, slowStorage())), at); err != nil {
		t.Fatal(err)
	}
	w.Forget(o.UID)
	if len(w.written) != 0 {
		t.Error("Forget left something")
	}
}

func TestRestartOfTheManagerWritesNothing(t *testing.T) {
	c := fakeCluster(t)
	o := read(t, c)
	if _, err := NewWriter(c).Write(context.Background(), o, ptr.To(Status(o, slowStorage())), at); err != nil {
		t.Fatal(err)
	}
	o = read(t, c)
	wrote, err := NewWriter(c).Write(context.Background(), o, ptr.To(Status(o, later(slowStorage(), 4*time.Minute))), at.Add(24*time.Hour))
	if err != nil || wrote != nil {
		t.Errorf("a new process wrote a sick object at rest at first sight: %v, %v", wrote, err)
	}
}

func TestEmitter(t *testing.T) {
	recorder := events.NewFakeRecorder(4)
	NewEmitter(recorder).Emit(object(), []Event{{"Normal", "Diagnosed", "Diagnose", "heap 93 % full"}})
	if got := <-recorder.Events; !strings.Contains(got, "Normal Diagnosed") || !strings.HasSuffix(got, "heap 93 % full") {
		t.Errorf("event %q", got)
	}
}
