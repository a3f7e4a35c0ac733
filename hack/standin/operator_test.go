package standin

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// fakeCluster records what it was asked for.
type fakeCluster struct {
	deployed   []Spec
	stops      int
	ready      bool
	savepoints int
	savepoint  error
	refuse     error
}

func (f *fakeCluster) Deploy(_ context.Context, s Spec) error {
	if f.refuse != nil {
		return f.refuse
	}
	f.deployed = append(f.deployed, s)
	return nil
}

func (f *fakeCluster) Stop(context.Context) error {
	f.stops++
	return nil
}

func (f *fakeCluster) Ready(context.Context) (bool, error) { return f.ready, nil }

func (f *fakeCluster) StopWithSavepoint(context.Context) error {
	f.savepoints++
	return f.savepoint
}

func (f *fakeCluster) JobID() string { return "a1b2" }

// scene is a FlinkDeployment, a stand-in and a clock.
type scene struct {
	t        *testing.T
	client   client.Client
	clock    *clocktesting.FakeClock
	cluster  *fakeCluster
	operator *Operator
	key      client.ObjectKey
}

func newScene(t *testing.T, upgradeMode string) *scene {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image": "flink:1.20.5", "flinkVersion": "v1_20",
		"flinkConfiguration": map[string]any{"execution.checkpointing.timeout": "10 s", "taskmanager.numberOfTaskSlots": "2"},
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": 0.5, "memory": "1280m"}},
		"job":                map[string]any{"jarURI": "local:///job.jar", "parallelism": int64(4), "upgradeMode": upgradeMode},
	}}}
	object.SetGroupVersionKind(GroupVersionKind)
	object.SetNamespace("demo")
	object.SetName("payments")
	object.SetUID("1")
	object.SetGeneration(1)
	s := &scene{t: t, clock: clocktesting.NewFakeClock(time.UnixMilli(1_795_347_266_979)), cluster: &fakeCluster{ready: true}, key: client.ObjectKeyFromObject(object)}
	s.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(object).WithStatusSubresource(object, &corev1.Pod{}).Build()
	s.operator = &Operator{Client: s.client, Clock: s.clock, Delays: QuickDelays(), Factory: func(context.Context, Spec) (Cluster, error) { return s.cluster, nil }}
	return s
}

// step reconciles once and returns the status after it.
func (s *scene) step() Status {
	s.t.Helper()
	result, err := s.operator.Reconcile(s.t.Context(), ctrl.Request{NamespacedName: s.key})
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.Step(result.RequeueAfter)
	status, err := statusOf(s.object())
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

func (s *scene) object() *unstructured.Unstructured {
	s.t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(GroupVersionKind)
	if err := s.client.Get(s.t.Context(), s.key, object); err != nil {
		s.t.Fatal(err)
	}
	return object
}

// change sets a field of the spec and counts the generation up, as the API server does.
func (s *scene) change(value any, path ...string) {
	s.t.Helper()
	object := s.object()
	if err := unstructured.SetNestedField(object.Object, value, append([]string{"spec"}, path...)...); err != nil {
		s.t.Fatal(err)
	}
	object.SetGeneration(object.GetGeneration() + 1)
	if err := s.client.Update(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

// stable deploys for the first time.
func (s *scene) stable() {
	s.t.Helper()
	for range 4 {
		s.step()
	}
}

func (s *scene) events(reason string) int {
	s.t.Helper()
	var list corev1.EventList
	if err := s.client.List(s.t.Context(), &list); err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range list.Items {
		if e.Reason == reason {
			n++
		}
	}
	return n
}

func (s *scene) pods() map[string]corev1.Pod {
	s.t.Helper()
	var list corev1.PodList
	if err := s.client.List(s.t.Context(), &list); err != nil {
		s.t.Fatal(err)
	}
	pods := map[string]corev1.Pod{}
	for _, p := range list.Items {
		pods[p.Labels["component"]+"/"+p.Name] = p
	}
	return pods
}

func statesOf(s Status) string {
	return strings.Join([]string{s.LifecycleState, s.Reconciliation.State, s.JobManagerDeploymentStatus, s.JobStatus.State}, "/")
}

func TestFirstDeploymentGoesThroughTheStatesOfTheFlinkOperator(t *testing.T) {
	s := newScene(t, "last-state")
	s.cluster.ready = false
	want := []string{
		"UPGRADING/UPGRADING/MISSING/", "DEPLOYED/DEPLOYED/DEPLOYING/RECONCILING", "DEPLOYED/DEPLOYED/DEPLOYED_NOT_READY/RECONCILING",
		"DEPLOYED/DEPLOYED/READY/CREATED", "STABLE/DEPLOYED/READY/RUNNING",
	}
	for i, states := range want {
		if i == 3 {
			s.cluster.ready = true
		}
		if got := statesOf(s.step()); got != states {
			t.Fatalf("step %d: %q, want %q", i, got, states)
		}
	}
}

func TestAFirstDeploymentIsRecordedAsStateless(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	status, err := statusOf(s.object())
	if err != nil {
		t.Fatal(err)
	}
	if status.ObservedGeneration != 1 || status.JobStatus.JobID != "a1b2" || status.Reconciliation.LastStableSpec != status.Reconciliation.LastReconciledSpec {
		t.Errorf("status is %+v", status)
	}
	var reconciled struct {
		Spec struct {
			Job                struct{ UpgradeMode, State string }
			FlinkConfiguration map[string]string
		}
	}
	if err := json.Unmarshal([]byte(status.Reconciliation.LastReconciledSpec), &reconciled); err != nil {
		t.Fatal(err)
	}
	if reconciled.Spec.Job.UpgradeMode != "stateless" || reconciled.Spec.Job.State != "running" {
		t.Errorf("a first deployment is recorded as %+v, want stateless and running", reconciled.Spec.Job)
	}
}

func TestTheClusterGetsWhatTheSpecSays(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	want := Spec{
		Namespace: "demo", Name: "payments", Version: "1.20.5", CPU: 0.5, MemoryBytes: 1280 << 20, UpgradeMode: "last-state", Parallelism: 4,
		Config: map[string]string{"execution.checkpointing.timeout": "10 s", "taskmanager.numberOfTaskSlots": "2", "jobmanager.memory.process.size": "1280m"},
	}
	if difference := cmp.Diff(want, s.cluster.deployed[0]); difference != "" {
		t.Errorf("deployed otherwise (-want +got):\n%s", difference)
	}
}

func TestPodsAndServiceAreThoseOfANativeCluster(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	pods := s.pods()
	if len(pods) != 3 {
		t.Fatalf("%d pods, want a JobManager and 4 subtasks in 2 slots each: %v", len(pods), pods)
	}
	for name, pod := range pods {
		if pod.Labels["app"] != "payments" || pod.Status.Phase != corev1.PodRunning || pod.OwnerReferences[0].Name != "payments" {
			t.Errorf("%s: %+v %s", name, pod.Labels, pod.Status.Phase)
		}
		if strings.HasPrefix(name, "jobmanager/") {
			if limit := pod.Spec.Containers[0].Resources.Limits; limit.Cpu().String() != "500m" || limit.Memory().String() != "1280Mi" {
				t.Errorf("JobManager's limits are %s and %s", limit.Cpu(), limit.Memory())
			}
		}
	}
	var service corev1.Service
	if err := s.client.Get(t.Context(), client.ObjectKey{Namespace: "demo", Name: "payments-rest"}, &service); err != nil {
		t.Fatal(err)
	}
}

func TestAKeyOfTheFlinkOperatorItselfRestartsNothing(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	s.change("60 s", "flinkConfiguration", "kubernetes.operator.reconcile.interval")
	if got := s.step(); statesOf(got) != "STABLE/DEPLOYED/READY/RUNNING" || got.ObservedGeneration != 2 || s.cluster.stops != 0 {
		t.Errorf("%s, observed %d, %d stops", statesOf(got), got.ObservedGeneration, s.cluster.stops)
	}
}

func TestAChangedSpecRedeploys(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	s.change("15 s", "flinkConfiguration", "execution.checkpointing.timeout")
	for i, states := range []string{"UPGRADING/UPGRADING/MISSING/FINISHED", "DEPLOYED/DEPLOYED/DEPLOYING/RECONCILING", "DEPLOYED/DEPLOYED/READY/CREATED", "STABLE/DEPLOYED/READY/RUNNING"} {
		got := s.step()
		if statesOf(got) != states {
			t.Fatalf("step %d: %q, want %q", i, statesOf(got), states)
		}
		if i == 0 && (len(s.pods()) != 0 || got.ObservedGeneration != 2) {
			t.Errorf("suspended with %d pods, observed %d", len(s.pods()), got.ObservedGeneration)
		}
	}
	if got := s.cluster.deployed[1].Config["execution.checkpointing.timeout"]; got != "15 s" {
		t.Errorf("deployed with timeout %q", got)
	}
	if s.events(reasonSpecChanged) != 1 || s.events(reasonSuspended) != 1 || s.events(reasonSubmit) != 2 {
		t.Error("events SpecChanged, Suspended and Submit are not as the Flink operator records them")
	}
}

func TestAChangeWhileSuspendedIsFoldedIn(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	s.change("15 s", "flinkConfiguration", "execution.checkpointing.timeout")
	s.step()
	s.change("10 s", "flinkConfiguration", "execution.checkpointing.timeout")
	for range 3 {
		s.step()
	}
	if len(s.cluster.deployed) != 2 || s.cluster.deployed[1].Config["execution.checkpointing.timeout"] != "10 s" {
		t.Errorf("%d deployments, the last with %v", len(s.cluster.deployed), s.cluster.deployed[len(s.cluster.deployed)-1].Config)
	}
}

func TestASavepointThatFailsIsTriedAgainUntilTheModeChanges(t *testing.T) {
	s := newScene(t, "savepoint")
	s.stable()
	s.cluster.savepoint = errors.New("expired")
	s.change("15 s", "flinkConfiguration", "execution.checkpointing.timeout")
	for range 3 {
		got := s.step()
		if statesOf(got) != "STABLE/DEPLOYED/READY/RUNNING" || got.ObservedGeneration != 1 || !strings.Contains(got.Error, "with savepoint") {
			t.Fatalf("after a failed savepoint: %s, observed %d, error %q", statesOf(got), got.ObservedGeneration, got.Error)
		}
	}
	if s.cluster.savepoints != 3 || s.events(reasonException) != 3 || s.cluster.stops != 0 {
		t.Errorf("%d savepoints, %d events, %d stops", s.cluster.savepoints, s.events(reasonException), s.cluster.stops)
	}
	s.change("last-state", "job", "upgradeMode")
	if got := s.step(); statesOf(got) != "UPGRADING/UPGRADING/MISSING/FINISHED" || got.Error != "" {
		t.Errorf("with last-state: %s, error %q", statesOf(got), got.Error)
	}
}

func TestADeploymentThatFlinkRefusesShowsAndIsTriedAgain(t *testing.T) {
	s := newScene(t, "last-state")
	s.cluster.refuse = errors.New("execution.checkpointing.timeout: \"soon\" is not a duration")
	s.step()
	if got := s.step(); got.JobManagerDeploymentStatus != "ERROR" || !strings.Contains(got.Error, "not a duration") {
		t.Fatalf("status %s, error %q", got.JobManagerDeploymentStatus, got.Error)
	}
	s.cluster.refuse = nil
	if got := s.step(); statesOf(got) != "DEPLOYED/DEPLOYED/DEPLOYING/RECONCILING" || got.Error != "" {
		t.Errorf("the next attempt: %s, error %q", statesOf(got), got.Error)
	}
}

func TestADeletedDeploymentIsStopped(t *testing.T) {
	s := newScene(t, "last-state")
	s.stable()
	if err := s.client.Delete(t.Context(), s.object()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.operator.Reconcile(t.Context(), ctrl.Request{NamespacedName: s.key}); err != nil {
		t.Fatal(err)
	}
	if s.cluster.stops != 1 || len(s.pods()) != 0 {
		t.Errorf("%d stops, %d pods left", s.cluster.stops, len(s.pods()))
	}
}
