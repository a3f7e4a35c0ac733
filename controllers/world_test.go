package controllers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// world is one user's namespace on the real API server, with simulated Flink jobs, the stand-in for the Flink operator and our own
// reconciler, all on one fake clock that only the story moves.
type world struct {
	t         *testing.T
	namespace string
	clock     *testingclock.FakePassiveClock
	jobs      *flinksim.Server
	cases     map[string]flinksim.Case
	operator  *standin.Operator
	workloads *standin.Workloads // nil where every job has the Flink operator
	client    client.Client      // what the reconciler writes through; stories may break it
	doctor    *CheckpointHealthReconciler
	events    *events.FakeRecorder
	due       map[string]time.Time
	errors    []error
	also      []func(context.Context) // who else lives in the world: called once a second, after the Flink operator
}

// inProcess answers requests by calling a handler: no sockets, no waiting.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, request)
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// newWorld makes a namespace of the story's own. Stories share nothing but the API server, and run side by side.
func newWorld(t *testing.T, namespace string) *world {
	t.Helper()
	t.Parallel()
	w := &world{
		t: t, namespace: namespaceFor(t, namespace), client: admin, cases: map[string]flinksim.Case{}, due: map[string]time.Time{},
		clock:  testingclock.NewFakePassiveClock(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)),
		events: events.NewFakeRecorder(1000),
	}
	w.jobs = flinksim.NewServer(w.clock, flinksim.QuickStartup(), nil)
	w.operator = &standin.Operator{
		Client: admin, Clock: w.clock, Delays: standin.QuickDelays(),
		Factory: simulated.Factory(w.jobs, func(name string) (flinksim.Case, bool) { c, ok := w.cases[name]; return c, ok }),
	}
	w.start()
	return w
}

// start makes a new reconciler that remembers nothing, as a restart of the manager does.
func (w *world) start() {
	w.t.Helper()
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		w.t.Fatal(err)
	}
	metrics, err := report.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		w.t.Fatal(err)
	}
	brake := apply.StopSwitch{ConfigMap: types.NamespacedName{Namespace: w.namespace, Name: "stop-switch"}}
	w.doctor = &CheckpointHealthReconciler{
		Client: w.client, Live: w.client, Writer: &apply.Writer{Client: w.client, Live: w.client, StopSwitch: brake, Session: observe.SessionCluster},
		Probes: &apply.ProbePods{Client: w.client, Live: w.client, StopSwitch: brake, Image: func(context.Context) (string, error) { return "checkpoint-health:story", nil }},
		Status: report.NewWriter(w.client), Doctor: doctor, Events: report.NewEmitter(w.events), Metrics: metrics, Clock: w.clock,
		Dial: &Dialer{Transport: inProcess{w.jobs}, TLS: &http.Transport{}, Timeout: time.Minute, Now: w.clock.Now},
		Poll: 2 * time.Second, ThreadDumpEvery: 4 * time.Second,
		sessions: newSessions(), fleet: newFleet(),
	}
}

// deploy creates a case's FlinkDeployment under a name, changed as the story wants it.
func (w *world) deploy(name, caseName string, change ...func(*unstructured.Unstructured)) {
	w.t.Helper()
	c, ok := flinksim.CaseNamed(caseName)
	if !ok {
		w.t.Fatalf("the simulator has no case %q", caseName)
	}
	w.deployCase(name, c, change...)
}

// deployCase creates the FlinkDeployment of a case that the story made itself.
func (w *world) deployCase(name string, c flinksim.Case, change ...func(*unstructured.Unstructured)) {
	w.t.Helper()
	c.Name = name
	w.cases[name] = c
	deployment := simulated.Manifest(w.namespace, c)
	for _, f := range change {
		f(deployment)
	}
	w.create(deployment)
}

// watch creates a CheckpointHealth for a FlinkDeployment of the same name; extra is YAML of further spec fields.
func (w *world) watch(name, extra string) {
	w.t.Helper()
	spec := "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, name: " + name + "}\n" + extra
	w.create(object(w.t, "CheckpointHealth", w.namespace, name, spec))
}

// quick is a policy on the simulator's time scale. It forces conflicts: whoever created the target owns what it says, and nobody keeps it in Git.
const quick = `
mode: Remediate
conflicts: Force
detection: {treat: AtRisk}
thresholds: {largeStateBytes: 67108864}
guards: {cooldownSeconds: 5, maxRemediationsPerDay: 10}
budget: {maxConcurrent: "100%"}
verification: {checkpoints: 3, deadlineSeconds: 120}
`

// policy creates a RemediationPolicy.
func (w *world) policy(name, spec string) {
	w.t.Helper()
	w.create(object(w.t, "RemediationPolicy", w.namespace, name, spec))
}

// inline is a policy as the value of spec.policy.
func inline(spec string) string {
	return "policy:\n  " + strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ") + "\n"
}

func (w *world) create(object client.Object) {
	w.t.Helper()
	if err := admin.Create(w.t.Context(), object); err != nil {
		w.t.Fatal(err)
	}
}

// run moves the clock a second at a time, and everybody with it, until the story's condition holds; it fails after most seconds.
func (w *world) run(most int, what string, until func() bool) {
	w.t.Helper()
	for range most {
		if until() {
			return
		}
		w.tick()
	}
	if !until() {
		w.t.Fatalf("after %d s still not: %s\n%s", most, what, w.story())
	}
}

// for runs a fixed time.
func (w *world) after(seconds int) {
	w.t.Helper()
	for range seconds {
		w.tick()
	}
}

// tick is one second of everybody's life.
func (w *world) tick() {
	w.t.Helper()
	w.clock.SetTime(w.clock.Now().Add(time.Second))
	ctx := ctrl.LoggerInto(w.t.Context(), ctrl.Log)
	var deployments unstructured.UnstructuredList
	deployments.SetGroupVersionKind(standin.GroupVersionKind)
	w.list(ctx, &deployments)
	for i := range deployments.Items {
		key := client.ObjectKeyFromObject(&deployments.Items[i])
		for range 3 { // some of its steps take no time at all
			result, err := w.operator.Reconcile(ctx, ctrl.Request{NamespacedName: key})
			if err != nil {
				w.t.Fatal(err)
			}
			if result.RequeueAfter == 0 || result.RequeueAfter > time.Millisecond {
				break
			}
		}
	}
	for _, live := range w.also {
		live(ctx)
	}
	var healths api.CheckpointHealthList
	w.list(ctx, &healths)
	for i := range healths.Items {
		w.pass(ctx, healths.Items[i].Name)
	}
}

// pass reconciles one object if it is due.
func (w *world) pass(ctx context.Context, name string) {
	now := w.clock.Now()
	if now.Before(w.due[name]) {
		return
	}
	result, err := w.doctor.Reconcile(ctx, ctrl.Request{NamespacedName: types.NamespacedName{Namespace: w.namespace, Name: name}})
	if err != nil {
		w.errors = append(w.errors, err)
		w.due[name] = now.Add(time.Second)
		return
	}
	w.due[name] = now.Add(result.RequeueAfter)
}

func (w *world) list(ctx context.Context, into client.ObjectList) {
	w.t.Helper()
	if err := admin.List(ctx, into, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
}

// health reads a CheckpointHealth.
func (w *world) health(name string) *api.CheckpointHealth {
	w.t.Helper()
	var health api.CheckpointHealth
	if err := admin.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, &health); err != nil {
		w.t.Fatal(err)
	}
	return &health
}

// target reads a FlinkDeployment.
func (w *world) target(name string) *unstructured.Unstructured {
	w.t.Helper()
	deployment := &unstructured.Unstructured{}
	deployment.SetGroupVersionKind(standin.GroupVersionKind)
	if err := admin.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, deployment); err != nil {
		w.t.Fatal(err)
	}
	return deployment
}

// timeout is the checkpoint timeout that payments sets; "" where it sets none.
func (w *world) timeout() string {
	w.t.Helper()
	value, _, err := unstructured.NestedString(w.target("payments").Object, "spec", "flinkConfiguration", "execution.checkpointing.timeout")
	if err != nil {
		w.t.Fatal(err)
	}
	return value
}

// whyNot is the reason that holds the recommendation back; "" where there is none.
func (w *world) whyNot(name string) string {
	w.t.Helper()
	return w.health(name).Status.Recommendation.WhyNotNow.Reason
}

// count is how many CheckpointHealths have that last outcome.
func (w *world) count(outcome api.Outcome) int {
	w.t.Helper()
	var healths api.CheckpointHealthList
	w.list(w.t.Context(), &healths)
	count := 0
	for i := range healths.Items {
		if healths.Items[i].Status.LastOutcome == outcome {
			count++
		}
	}
	return count
}

// story is what everybody looks like now, for a test that failed.
func (w *world) story() string {
	var b strings.Builder
	var healths api.CheckpointHealthList
	w.list(context.Background(), &healths)
	for i := range healths.Items {
		b.WriteString("== " + healths.Items[i].Name + "\n" + strings.Join(healths.Items[i].Status.Assessment, "\n") + "\n")
	}
	for _, err := range w.errors[max(0, len(w.errors)-5):] {
		b.WriteString("error: " + err.Error() + "\n")
	}
	return b.String()
}

// told tells whether an event with that reason was sent.
func (w *world) told(reason string) bool {
	found := false
	for range len(w.events.Events) {
		event := <-w.events.Events
		found = found || strings.Contains(event, reason)
		w.events.Events <- event
	}
	return found
}
