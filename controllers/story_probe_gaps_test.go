package controllers

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// gone waits until the probe is over without a result, and checks that nothing is left of it, that the gap is named, and that the diagnosis goes on.
func (w *world) gone(process *counting, pods int, says string) {
	w.t.Helper()
	w.run(150, "given up", func() bool { return w.health("clicks").Status.NetworkProbe.FinishedTime != nil })
	w.after(30)
	s := w.health("clicks").Status
	if !strings.Contains(s.NetworkProbe.Message, says) || len(s.NetworkProbe.RoundTrips) > 0 {
		w.t.Errorf("status says %q, want %q", s.NetworkProbe.Message, says)
	}
	if missing := strings.Join(w.network().Missing, "\n"); !strings.Contains(missing, "round trips from a TaskManager's node") {
		w.t.Errorf("missing is %q, want the probe", missing)
	}
	if left := w.probePods(); len(left) != 0 || process.pods != pods {
		w.t.Errorf("%d probe pods are there and %d were created, want 0 and %d", len(left), process.pods, pods)
	}
	if s.Cause != api.CauseNetworkLatency || w.probeWeight() != 0 || len(w.errors) > 0 {
		w.t.Errorf("cause %s, the probe weighs %d, errors %v; want the diagnosis as without a probe", s.Cause, w.probeWeight(), w.errors)
	}
}

func waiting(reason, message string) corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
		Name: "probe", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
	}}}
}

// Whatever happens to a pod is a named gap, and the pod is removed.
func TestAProbePodThatComesToNothing(t *testing.T) {
	unschedulable := corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available: insufficient cpu",
	}}}
	stories := []struct {
		name, says string
		status     func(*corev1.Pod) corev1.PodStatus
	}{
		{"never scheduled", "not done after 90 seconds: it was not scheduled (0/3 nodes are available: insufficient cpu)", func(*corev1.Pod) corev1.PodStatus { return unschedulable }},
		{"image", "image of the probe pod cannot be pulled (ImagePullBackOff: no such manifest)", func(*corev1.Pod) corev1.PodStatus { return waiting("ImagePullBackOff", "no such manifest") }},
		{"no result", "left no result: exit status 0 (Completed)", func(*corev1.Pod) corev1.PodStatus { return ended("panic: \x1b[31m oh") }},
	}
	for i, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			w, process := clicks(t, "story-probe-gap-"+string(rune('a'+i)), probingPolicy)
			pod := w.probePod()
			w.kubelet(pod, story.status(pod))
			w.gone(process, 1, story.says)
		})
	}
	t.Run("deleted by somebody", func(t *testing.T) {
		w, process := clicks(t, "story-probe-gap-deleted", probingPolicy)
		if err := admin.Delete(t.Context(), w.probePod(), client.GracePeriodSeconds(0)); err != nil {
			t.Fatal(err)
		}
		w.gone(process, 1, "deleted before it was done")
	})
}

// What the API server refuses is a named gap with what would be right, and is not tried again and again.
func TestAProbePodThatIsRefused(t *testing.T) {
	t.Run("quota", func(t *testing.T) {
		w, process := clicks(t, "story-probe-quota", probingPolicy)
		w.run(20, "pods", func() bool { return len(w.pods("clicks")) == 3 })
		none := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
		quota := &corev1.ResourceQuota{Spec: corev1.ResourceQuotaSpec{Hard: none}}
		quota.Namespace, quota.Name = w.namespace, "no-more-pods"
		w.create(quota)
		before := quota.DeepCopy()
		quota.Status = corev1.ResourceQuotaStatus{Hard: none, Used: none}
		if err := admin.Status().Patch(t.Context(), quota, client.MergeFrom(before)); err != nil {
			t.Fatal(err)
		}
		w.gone(process, 1, "a ResourceQuota refuses the probe pod")
	})
	t.Run("rights", func(t *testing.T) {
		w, process := clicks(t, "story-probe-rights", probingPolicy)
		config := planeConfig()
		config.Impersonate = rest.ImpersonationConfig{UserName: "somebody"}
		powerless, err := client.New(config, client.Options{Scheme: admin.Scheme()})
		if err != nil {
			t.Fatal(err)
		}
		w.doctor.Probes.Client = powerless
		w.gone(process, 0, "may not create pods in namespace story-probe-rights: install config/network-probe")
	})
	t.Run("no image known", func(t *testing.T) {
		w, process := clicks(t, "story-probe-image", probingPolicy)
		w.doctor.Probes.Image = (&ownImage{live: admin}).get
		w.gone(process, 0, "no image known for the probe pod: name it with --probe-image")
	})
}

// The image is the manager's own where no flag names another.
func TestTheImageIsTheManagersOwn(t *testing.T) {
	w := newWorld(t, "story-probe-own-image")
	pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "proxy", Image: "proxy:1"}, {Name: "manager", Image: "registry.example/checkpoint-health:v1"}}}}
	pod.Namespace, pod.Name = w.namespace, "manager-0"
	w.create(pod)
	key := client.ObjectKeyFromObject(pod)
	if image, err := (&ownImage{pod: key, live: admin}).get(t.Context()); err != nil || image != "registry.example/checkpoint-health:v1" {
		t.Errorf("%q, %v", image, err)
	}
	if image, err := (&ownImage{named: "other:2", pod: key, live: admin}).get(t.Context()); err != nil || image != "other:2" {
		t.Errorf("%q, %v, want the one that was named", image, err)
	}
	key.Name = "nobody"
	if _, err := (&ownImage{pod: key, live: admin}).get(t.Context()); err == nil || !strings.Contains(err.Error(), "--probe-image") {
		t.Errorf("%v, want what would be right", err)
	}
}

// dead lets the process die right after it created the pod, and returns the pod.
func dead(t *testing.T, namespace string) (*world, *corev1.Pod) {
	t.Helper()
	w, process := clicks(t, namespace, probingPolicy)
	process.dies = true
	pod := w.probePod()
	if s := w.health("clicks").Status; !process.dead || s.NetworkProbe.StartTime != nil {
		t.Fatal("the process lives, or its last status arrived: the story does not crash where it is to")
	}
	w.client, w.errors = &counting{Client: admin}, nil
	w.start()
	return w, pod
}

// A process that dies after it created the pod leaves it to the next one: no second pod, and the result counts.
func TestACrashAfterThePodWasCreated(t *testing.T) {
	w, pod := dead(t, "story-probe-crash")
	w.run(30, "taken over", func() bool { return w.health("clicks").Status.NetworkProbe.StartTime != nil })
	if pods := w.probePods(); len(pods) != 1 || pods[0].UID != pod.UID {
		t.Fatalf("%d pods, want the one that was there", len(pods))
	}
	w.kubelet(pod, ended(results(pod, "400", "0")))
	w.run(30, "evidence", func() bool { return w.probeWeight() == -40 })
	w.after(30)
	if len(w.probePods()) != 0 || len(w.errors) > 0 {
		t.Errorf("%d pods are left behind, errors %v", len(w.probePods()), w.errors)
	}
}

// Where the network is no longer to be measured, what the dead process left behind is removed.
func TestLeftoversOfACrashAreRemoved(t *testing.T) {
	changes := map[string]func(*api.CheckpointHealth){
		"off":       func(h *api.CheckpointHealth) { h.Spec.Policy.NetworkProbe = api.NetworkProbeOff },
		"suspended": func(h *api.CheckpointHealth) { yes := true; h.Spec.Suspend = &yes },
		"paused":    func(h *api.CheckpointHealth) { h.Annotations = map[string]string{api.AnnotationPause: "black friday"} },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			w, _ := dead(t, "story-probe-left-"+name)
			w.change(change)
			w.run(30, "removed", func() bool { return len(w.probePods()) == 0 })
			w.after(30)
			if len(w.probePods()) != 0 {
				t.Error("a pod came back")
			}
		})
	}
}

// change edits the CheckpointHealth as its owner does, which wakes its reconciler.
func (w *world) change(change func(*api.CheckpointHealth)) {
	w.t.Helper()
	health := w.health("clicks")
	before := health.DeepCopy()
	change(health)
	if err := admin.Patch(w.t.Context(), health, client.MergeFrom(before)); err != nil {
		w.t.Fatal(err)
	}
	w.due["clicks"] = time.Time{}
}

// Pause and stop switch hold a pod back as they do a patch; they are read again right before it is created. Suspending drops one in flight.
func TestWhatHoldsAProbePodBack(t *testing.T) {
	t.Run("paused", func(t *testing.T) {
		w, process := clicks(t, "story-probe-paused", probingPolicy)
		w.change(func(h *api.CheckpointHealth) { h.Annotations = map[string]string{api.AnnotationPause: "black friday"} })
		w.after(60)
		if process.pods != 0 {
			t.Errorf("%d pods while paused", process.pods)
		}
		w.change(func(h *api.CheckpointHealth) { h.Annotations = nil })
		w.probePod()
	})
	t.Run("paused meanwhile", func(t *testing.T) {
		w, process := clicks(t, "story-probe-race", probingPolicy)
		w.doctor.Probes.Live = pausedReader{admin}
		w.after(60)
		if process.pods != 0 {
			t.Errorf("%d pods, although a live look says paused", process.pods)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		w, process := clicks(t, "story-probe-stopped", probingPolicy)
		stop := &corev1.ConfigMap{Data: map[string]string{"stop": "incident 4711"}}
		stop.Namespace, stop.Name = w.namespace, "stop-switch"
		w.create(stop)
		w.after(60)
		if process.pods != 0 {
			t.Errorf("%d pods while stopped", process.pods)
		}
	})
	t.Run("suspended in flight", func(t *testing.T) {
		w, process := clicks(t, "story-probe-suspended", probingPolicy)
		w.probePod()
		yes := true
		w.change(func(h *api.CheckpointHealth) { h.Spec.Suspend = &yes })
		w.run(10, "removed", func() bool { return len(w.probePods()) == 0 })
		if process.pods != 1 {
			t.Errorf("%d pods", process.pods)
		}
	})
}

// pausedReader is an API server on which somebody just paused every CheckpointHealth.
type pausedReader struct{ client.Reader }

func (p pausedReader) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	err := p.Reader.Get(ctx, key, object, options...)
	if health, ok := object.(*api.CheckpointHealth); ok {
		health.Annotations = map[string]string{api.AnnotationPause: "just now"}
	}
	return err
}
