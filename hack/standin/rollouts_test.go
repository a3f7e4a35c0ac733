package standin

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// removable is a fakeCluster that Stop does not end entirely.
type removable struct {
	*fakeCluster
	removed bool
}

func (r *removable) Remove(context.Context) error {
	r.removed = true
	return nil
}

// rolled is a Deployment with a ConfigMap, and the stand-in that runs it.
type rolled struct {
	t         *testing.T
	workloads *Workloads
	client    client.Client
	clock     *clocktesting.FakeClock
	cluster   *removable
	object    *appsv1.Deployment
	file      *corev1.ConfigMap
}

func newRolled(t *testing.T) *rolled {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	meta := metav1.ObjectMeta{Namespace: "demo", Name: "payments"}
	r := &rolled{t: t, clock: clocktesting.NewFakeClock(time.UnixMilli(1_795_347_266_979)), cluster: &removable{fakeCluster: &fakeCluster{ready: true}}}
	r.file = &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"config.yaml": "# ours\njobmanager.io-pool.size: 1\n"}}
	r.object = &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		Volumes: []corev1.Volume{{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "payments"}}}}},
		Containers: []corev1.Container{{Name: "jobmanager", Image: "flink:2.2.1", VolumeMounts: []corev1.VolumeMount{{Name: "conf", MountPath: "/opt/flink/conf"}}}},
	}}}}
	r.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(r.object, r.file).WithStatusSubresource(r.object).Build()
	r.workloads = &Workloads{Client: r.client, Clock: r.clock, Starting: time.Second, Factory: func(context.Context, Spec) (Cluster, error) { return r.cluster, nil }}
	return r
}

// settle reconciles until the stand-in does not want to come back.
func (r *rolled) settle() {
	r.t.Helper()
	for range 50 {
		result, err := r.workloads.Reconcile(r.t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(r.object)})
		if err != nil {
			r.t.Fatal(err)
		}
		if result.RequeueAfter == 0 {
			return
		}
		r.clock.Step(result.RequeueAfter)
	}
	r.t.Fatal("it never settled")
}

// rewrite changes the text of the file.
func (r *rolled) rewrite(text string) {
	r.t.Helper()
	r.file.Data["config.yaml"] = text
	if err := r.client.Update(r.t.Context(), r.file); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rolled) update(change func(*appsv1.Deployment)) {
	r.t.Helper()
	if err := r.client.Get(r.t.Context(), client.ObjectKeyFromObject(r.object), r.object); err != nil {
		r.t.Fatal(err)
	}
	change(r.object)
	if err := r.client.Update(r.t.Context(), r.object); err != nil {
		r.t.Fatal(err)
	}
}

func TestARolloutTakesTheConfigMapAsItIsThen(t *testing.T) {
	r := newRolled(t)
	r.settle()
	r.rewrite("# ours\njobmanager.io-pool.size: 4\n")
	r.settle()
	if n := len(r.cluster.deployed); n != 1 {
		t.Fatalf("%d starts, want one: a change of the ConfigMap alone restarts nothing", n)
	}
	r.update(func(d *appsv1.Deployment) { d.Spec.Template.Annotations = map[string]string{"hash": "2"} })
	r.settle()
	if n := len(r.cluster.deployed); n != 2 || r.cluster.stops != 1 {
		t.Fatalf("%d starts and %d stops, want 2 and 1", n, r.cluster.stops)
	}
	got := r.cluster.deployed[1]
	if !maps.Equal(got.Files, r.file.Data) || got.Config["jobmanager.io-pool.size"] != "4" || got.Parallelism != 0 {
		t.Errorf("started with %+v, want the very text of the ConfigMap", got)
	}
	r.update(func(*appsv1.Deployment) {})
	if r.object.Status.AvailableReplicas != 1 || r.object.Status.ObservedGeneration != r.object.Generation {
		t.Errorf("status %+v", r.object.Status)
	}
}

// The job keeps what it was submitted with where high availability stores it; without, it begins anew with what the file says.
func TestARolloutRestoresTheStoredJobGraph(t *testing.T) {
	const before, after = "execution.checkpointing.timeout: 10s\nexecution.checkpointing.num-retained: 1\n", "execution.checkpointing.timeout: 30s\nexecution.checkpointing.num-retained: 3\n"
	for mode, timeout := range map[string]string{"high-availability.type: zookeeper\n": "10s", "": "30s"} {
		r := newRolled(t)
		r.rewrite(mode + before)
		r.settle()
		r.rewrite(mode + after)
		r.update(func(d *appsv1.Deployment) { d.Spec.Template.Annotations = map[string]string{"hash": "2"} })
		r.settle()
		got := r.cluster.deployed[1].Config
		if got["execution.checkpointing.timeout"] != timeout || got["execution.checkpointing.num-retained"] != "3" {
			t.Errorf("with %q the second start has %v, want a timeout of %s and 3 checkpoints kept", mode, got, timeout)
		}
	}
}

func TestAPodThatDoesNotStartIsToldOf(t *testing.T) {
	r := newRolled(t)
	var told []string
	r.workloads.Failed = func(format string, _ ...any) { told = append(told, format) }
	r.cluster.refuse = errors.New("no such port")
	request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(r.object)}
	if _, err := r.workloads.Reconcile(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	r.clock.Step(time.Second)
	if _, err := r.workloads.Reconcile(t.Context(), request); err == nil || !strings.Contains(err.Error(), "no such port") || len(told) != 1 {
		t.Errorf("error %v, told %v; want the reason in both", err, told)
	}
	r.cluster.refuse = nil
	r.settle()
	if len(r.cluster.deployed) != 1 {
		t.Errorf("%d starts, want one after the reason is gone", len(r.cluster.deployed))
	}
}

func TestADeploymentThatIsGoneTakesItsClusterWithIt(t *testing.T) {
	r := newRolled(t)
	r.settle()
	if err := r.client.Delete(t.Context(), r.object); err != nil {
		t.Fatal(err)
	}
	r.settle()
	if !r.cluster.removed {
		t.Error("the cluster runs on")
	}
}
