package controllers

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// rollOut is one second of the Deployments and StatefulSets that the story has.
func (w *world) rollOut(ctx context.Context) {
	w.t.Helper()
	var deployments appsv1.DeploymentList
	w.list(ctx, &deployments)
	for i := range deployments.Items {
		if err := w.workloads.Deployment(ctx, &deployments.Items[i]); err != nil {
			w.t.Fatal(err)
		}
	}
	var sets appsv1.StatefulSetList
	w.list(ctx, &sets)
	for i := range sets.Items {
		if err := w.workloads.StatefulSet(ctx, &sets.Items[i]); err != nil {
			w.t.Fatal(err)
		}
	}
}

// standalone lets the story's jobs run without the Flink operator.
func (w *world) standalone() {
	w.also = append(w.also, w.rollOut)
	w.workloads = &standin.Workloads{
		Client: admin, Clock: w.clock, Starting: time.Second,
		Factory: simulated.Factory(w.jobs, func(name string) (flinksim.Case, bool) { c, ok := w.cases[name]; return c, ok }),
	}
}

// run a simulated case as a Deployment; change is what the story wants otherwise.
func (w *world) deployStandalone(caseName string, form simulated.Form, change ...func(*appsv1.Deployment, *corev1.ConfigMap)) {
	w.t.Helper()
	c, ok := flinksim.CaseNamed(caseName)
	if !ok {
		w.t.Fatalf("the simulator has no case %q", caseName)
	}
	w.deployStandaloneCase(c, form, change...)
}

func (w *world) deployStandaloneCase(c flinksim.Case, form simulated.Form, change ...func(*appsv1.Deployment, *corev1.ConfigMap)) {
	w.t.Helper()
	w.standalone()
	w.cases[c.Name] = c
	deployment, file := simulated.Standalone(w.namespace, c, form)
	for _, f := range change {
		f(deployment, file)
	}
	for _, object := range simulated.Objects(deployment, file) {
		w.create(object)
	}
}

// watchWorkload creates a CheckpointHealth for a Deployment or StatefulSet of the same name.
func (w *world) watchWorkload(kind, name, extra string) {
	w.t.Helper()
	w.create(object(w.t, "CheckpointHealth", w.namespace, name, "targetRef: {apiVersion: apps/v1, kind: "+kind+", name: "+name+"}\n"+extra))
}

func (w *world) get(name string, into client.Object) {
	w.t.Helper()
	if err := admin.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, into); err != nil {
		w.t.Fatal(err)
	}
}

// deployment reads a Deployment.
func (w *world) deployment(name string) *appsv1.Deployment {
	w.t.Helper()
	var deployment appsv1.Deployment
	w.get(name, &deployment)
	return &deployment
}

// file is the text of a configuration file.
func (w *world) file(name string, form simulated.Form) string {
	w.t.Helper()
	var file corev1.ConfigMap
	w.get(name+"-config", &file)
	return file.Data[string(form)]
}

// receipts are what the annotation of an object tells of our remedies.
func (w *world) receipts(object client.Object) []model.Receipt {
	w.t.Helper()
	text := object.GetAnnotations()[api.AnnotationReceipts]
	if text == "" {
		return nil
	}
	var receipts []model.Receipt
	if err := json.Unmarshal([]byte(text), &receipts); err != nil {
		w.t.Fatal(err)
	}
	return receipts
}

// applied tells that the status shows a remedy.
func (w *world) applied(name string) bool { return len(w.health(name).Status.Remediations) > 0 }

// cured tells that the last remedy was judged Effective and the job is healthy.
func (w *world) cured(name string) bool {
	s := w.health(name).Status
	return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
}

// held waits until the recommendation is held back for a reason, and returns what is said.
func (w *world) held(name, reason string) string {
	w.t.Helper()
	w.run(90, "held back for "+reason, func() bool { return w.whyNot(name) == reason })
	return strings.Join(w.health(name).Status.Assessment, "\n") + w.health(name).Status.Recommendation.WhyNotNow.Message
}
