package simulated

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"checkpointhealth.dev/operator/hack/controlplane"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
)

// stage is a real API server with the stand-in on it and simulated jobs behind it.
type stage struct {
	client client.Client
	flink  *http.Client // reaches every job as a proxy's client does
}

func newStage(t *testing.T) *stage {
	t.Helper()
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("NOT CHECKED: KUBEBUILDER_ASSETS does not say where kube-apiserver and etcd are; make test sets it")
	}
	plane, err := controlplane.Start(t.Context(), controlplane.Options{Log: os.Stderr, CRDs: []string{filepath.Join("..", "crd")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := plane.EnsureNamespace(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	jobs := flinksim.NewServer(flinksim.SystemClock{}, flinksim.QuickStartup(), nil)
	manager, err := ctrl.NewManager(plane.Config(), ctrl.Options{Scheme: scheme, Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	operator := &standin.Operator{
		Client: manager.GetClient(), Clock: clock.RealClock{}, Delays: standin.QuickDelays(), Factory: Factory(jobs, flinksim.CaseNamed),
	}
	if err := operator.SetupWithManager(manager, "standin-story"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	proxy := httptest.NewServer(jobs)
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{client: manager.GetClient(), flink: &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(address)}}}
}

// until waits for a FlinkDeployment to satisfy a condition.
func (s *stage) until(t *testing.T, what string, ok func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(standin.GroupVersionKind)
	for {
		err := s.client.Get(ctx, client.ObjectKey{Namespace: "demo", Name: "payments"}, object)
		if err == nil && ok(object) {
			return object
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%s never came: %v, status %v", what, err, object.Object["status"])
		}
	}
}

func field(object *unstructured.Unstructured, path ...string) string {
	value, _, err := unstructured.NestedString(object.Object, append([]string{"status"}, path...)...)
	if err != nil {
		return err.Error()
	}
	return value
}

func (s *stage) get(t *testing.T, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://payments-rest.demo.svc:8081"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.flink.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestStoryATimeoutIsPatchedAndTheSimulatedJobRunsWithIt(t *testing.T) {
	s := newStage(t)
	payments, _ := flinksim.CaseNamed("payments")
	if err := s.client.Create(t.Context(), Manifest("demo", payments), client.FieldOwner("team")); err != nil {
		t.Fatal(err)
	}
	stable := func(u *unstructured.Unstructured) bool {
		observed, _, err := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
		return err == nil && observed == u.GetGeneration() && field(u, "lifecycleState") == "STABLE"
	}
	first := s.until(t, "STABLE after the first deployment", stable)

	patch := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"flinkConfiguration": map[string]any{"execution.checkpointing.max-concurrent-checkpoints": "2"},
	}}}
	patch.SetGroupVersionKind(standin.GroupVersionKind)
	patch.SetNamespace("demo")
	patch.SetName("payments")
	if err := s.client.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(patch), client.FieldOwner("doctor")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "UPGRADING", func(u *unstructured.Unstructured) bool { return field(u, "lifecycleState") == "UPGRADING" })
	second := s.until(t, "STABLE after the patch", stable)

	if got := s.get(t, "/jobs/"+field(second, "jobStatus", "jobId")+"/checkpoints/config"); !strings.Contains(got, `"max_concurrent":2`) {
		t.Errorf("the job runs with %s", got)
	}
	if field(first, "jobStatus", "jobId") != field(second, "jobStatus", "jobId") {
		t.Error("the job id changed although the upgrade mode is last-state")
	}
	owners := map[string]bool{}
	for _, entry := range second.GetManagedFields() {
		if strings.Contains(entry.FieldsV1.GetRawString(), "max-concurrent-checkpoints") {
			owners[entry.Manager] = true
		}
	}
	if len(owners) != 1 || !owners["doctor"] {
		t.Errorf("the patched key is owned by %v: ownership is not kept by key", owners)
	}
}
