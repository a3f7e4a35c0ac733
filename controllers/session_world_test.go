package controllers

import (
	"context"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// sessionWorld is a world with the session cluster pool.
type sessionWorld struct {
	*world
	sessions *simulated.Sessions
	standIn  *standin.SessionJobs
}

// jobsOwn are the keys that the stories' teams write on their FlinkSessionJobs; the platform team's FlinkDeployment has the rest.
var jobsOwn = []string{"execution.checkpointing.timeout", "execution.checkpointing.interval", "execution.checkpointing.max-concurrent-checkpoints"}

// newSessionWorld makes the session cluster pool with the JobManager of a case.
func newSessionWorld(t *testing.T, namespace, caseName string, change ...func(*unstructured.Unstructured)) *sessionWorld {
	t.Helper()
	w := &sessionWorld{world: newWorld(t, namespace)}
	sessions := &simulated.Sessions{Server: w.jobs, Named: func(name string) bool { return name == "pool" }, Cases: func(name string) (flinksim.Case, bool) { c, ok := w.cases[name]; return c, ok }}
	w.sessions = sessions
	w.operator.Factory = sessions.Factory(w.operator.Factory)
	standIn := &standin.SessionJobs{Operator: w.operator, Cluster: sessions.Cluster}
	w.standIn = standIn
	w.also = append(w.also, func(ctx context.Context) {
		var jobs unstructured.UnstructuredList
		jobs.SetGroupVersionKind(standin.SessionJobKind)
		w.list(ctx, &jobs)
		for i := range jobs.Items {
			if _, err := standIn.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&jobs.Items[i])}); err != nil {
				t.Fatal(err)
			}
		}
	})
	c, _ := flinksim.CaseNamed(caseName)
	c.Name = "pool"
	c.Config["execution.checkpointing.externalized-checkpoint-retention"] = "RETAIN_ON_CANCELLATION"
	for _, key := range jobsOwn {
		delete(c.Config, key)
	}
	pool := simulated.Manifest(namespace, c)
	unset("spec", "job")(pool)
	for _, f := range change {
		f(pool)
	}
	w.create(pool)
	return w
}

// submit creates the FlinkSessionJob of a case on pool.
func (w *sessionWorld) submit(name, caseName string, change ...func(*unstructured.Unstructured)) {
	w.t.Helper()
	c, ok := flinksim.CaseNamed(caseName)
	if !ok {
		w.t.Fatalf("the simulator has no case %q", caseName)
	}
	c.Name = name
	w.cases[name] = c
	config := map[string]any{}
	for _, key := range jobsOwn {
		if value, ok := c.Config[key]; ok {
			config[key] = value
		}
	}
	job := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"deploymentName": "pool", "flinkConfiguration": config,
		"job": map[string]any{"jarURI": "https://jars.example.org/" + name + ".jar", "upgradeMode": "last-state", "state": "running"},
	}}}
	job.SetGroupVersionKind(standin.SessionJobKind)
	job.SetNamespace(w.namespace)
	job.SetName(name)
	for _, f := range change {
		f(job)
	}
	w.create(job)
}

// pool is the session cluster as Flink's own command line reaches it, past the Flink operator.
func (w *sessionWorld) pool() standin.SessionCluster {
	w.t.Helper()
	cluster, up := w.sessions.Cluster(w.namespace, "pool")
	if !up {
		w.t.Fatal("the session cluster does not run")
	}
	return cluster
}

// watchJob creates a CheckpointHealth for a FlinkSessionJob of the same name.
func (w *sessionWorld) watchJob(name, policy string) {
	w.t.Helper()
	spec := "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkSessionJob, name: " + name + "}\n" + inline(policy)
	w.create(object(w.t, "CheckpointHealth", w.namespace, name, spec))
}

// sessionJob reads a FlinkSessionJob.
func (w *sessionWorld) sessionJob(name string) *unstructured.Unstructured {
	w.t.Helper()
	job := &unstructured.Unstructured{}
	job.SetGroupVersionKind(standin.SessionJobKind)
	if err := admin.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, job); err != nil {
		w.t.Fatal(err)
	}
	return job
}

// configured is a key of an object's flinkConfiguration; "" where it is not set.
func configured(u *unstructured.Unstructured, key string) string {
	value, _, err := unstructured.NestedString(u.Object, "spec", "flinkConfiguration", key)
	if err != nil {
		return err.Error()
	}
	return value
}

// receiptsOn is the annotation that carries an object's receipts.
func receiptsOn(u *unstructured.Unstructured) string {
	return u.GetAnnotations()[api.AnnotationReceipts]
}

// leave is the quick policy with the leave to change a session cluster.
var leave = strings.Replace(quick, "cooldownSeconds: 5", "cooldownSeconds: 5, clusterChanges: Apply", 1)
