package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Workloads stands in for the Deployment and StatefulSet controllers and the kubelet, where JobManagers run without the Flink operator: a
// change of the pod template ends the JobManager and starts one with the configuration as it is then. A change of a ConfigMap alone does
// nothing. With high availability the new JobManager goes on with the stored job graph: what is part of that keeps the value with which
// the job was submitted. Without, the job begins anew.
type Workloads struct {
	Client  client.Client
	Clock   clock.PassiveClock
	Factory Factory
	// Starting is how long a pod takes until its JobManager starts.
	Starting time.Duration
	// Failed is told each time why a pod does not start; may be nil.
	Failed func(format string, args ...any)

	mu       sync.Mutex
	rollouts map[client.ObjectKey]*rollout
}

// rollout is what the stand-in knows of one workload.
type rollout struct {
	cluster  Cluster
	template string // hash of the template that runs
	until    time.Time
	running  bool
	ready    bool
	stored   map[string]string // the job graph's part of the configuration, as it was submitted
	starts   int
	// failure is why the pod does not start; empty where it does.
	failure string
}

// Deployment takes one Deployment a step further.
func (w *Workloads) Deployment(ctx context.Context, d *appsv1.Deployment) error {
	r := w.rolloutOf(client.ObjectKeyFromObject(d))
	want := *orOne(d.Spec.Replicas)
	if !d.Spec.Paused {
		if err := w.advance(ctx, r, d.Namespace, d.Name, &d.Spec.Template, want); err != nil {
			return err
		}
	}
	before := d.DeepCopy()
	s := &d.Status
	s.ObservedGeneration, s.Replicas, s.UpdatedReplicas = d.Generation, want, want
	s.ReadyReplicas, s.AvailableReplicas, s.UnavailableReplicas = 0, 0, want
	if r.ready {
		s.ReadyReplicas, s.AvailableReplicas, s.UnavailableReplicas = want, want, 0
	}
	return w.writeStatus(ctx, d, before)
}

// StatefulSet takes one StatefulSet a step further.
func (w *Workloads) StatefulSet(ctx context.Context, set *appsv1.StatefulSet) error {
	r := w.rolloutOf(client.ObjectKeyFromObject(set))
	want := *orOne(set.Spec.Replicas)
	byHand := set.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType
	if !byHand || r.template == "" || r.template == templateHash(&set.Spec.Template) {
		if err := w.advance(ctx, r, set.Namespace, set.Name, &set.Spec.Template, want); err != nil {
			return err
		}
	}
	before := set.DeepCopy()
	s := &set.Status
	s.ObservedGeneration, s.Replicas, s.UpdateRevision = set.Generation, want, set.Name+"-"+templateHash(&set.Spec.Template)
	s.ReadyReplicas, s.AvailableReplicas, s.UpdatedReplicas = 0, 0, want
	if r.ready {
		s.ReadyReplicas, s.AvailableReplicas, s.CurrentReplicas, s.CurrentRevision = want, want, want, s.UpdateRevision
	}
	return w.writeStatus(ctx, set, before)
}

func (w *Workloads) writeStatus(ctx context.Context, object, before client.Object) error {
	if err := w.Client.Status().Patch(ctx, object, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("write status of %s: %w", object.GetName(), err)
	}
	return nil
}

func orOne(replicas *int32) *int32 {
	if replicas == nil {
		one := int32(1)
		return &one
	}
	return replicas
}

func (w *Workloads) rolloutOf(key client.ObjectKey) *rollout {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rollouts == nil {
		w.rollouts = map[client.ObjectKey]*rollout{}
	}
	if w.rollouts[key] == nil {
		w.rollouts[key] = &rollout{}
	}
	return w.rollouts[key]
}

// Failure is why the pod of a workload does not start; empty where it does.
func (w *Workloads) Failure(key client.ObjectKey) string { return w.rolloutOf(key).failure }

// Starts is how often the JobManager of a workload was started.
func (w *Workloads) Starts(key client.ObjectKey) int { return w.rolloutOf(key).starts }

// advance ends the pod of an old template, starts the one of the new when its time has come, and looks whether it is ready.
func (w *Workloads) advance(ctx context.Context, r *rollout, namespace, name string, template *corev1.PodTemplateSpec, want int32) error {
	hash := templateHash(template)
	if want == 0 {
		hash = ""
	}
	if r.template != hash {
		r.template, r.running, r.ready, r.until = hash, false, false, w.Clock.Now().Add(w.Starting)
		if r.cluster != nil {
			return r.cluster.Stop(ctx)
		}
		return nil
	}
	if hash == "" || r.ready || w.Clock.Now().Before(r.until) {
		return nil
	}
	if !r.running {
		return w.startPod(ctx, r, namespace, name, template)
	}
	ready, err := r.cluster.Ready(ctx)
	r.ready = ready
	return err
}

// startPod starts the JobManager, or says why it does not start: the pod is then tried again, as the kubelet does.
func (w *Workloads) startPod(ctx context.Context, r *rollout, namespace, name string, template *corev1.PodTemplateSpec) error {
	spec, err := w.standaloneSpec(ctx, namespace, name, template)
	if err != nil {
		r.failure = err.Error()
		return nil
	}
	if r.cluster == nil {
		if r.cluster, err = w.Factory(ctx, spec); err != nil {
			return fmt.Errorf("cluster of %s: %w", name, err)
		}
	}
	r.recover(spec.Config)
	spec.UpgradeMode = "stateless"
	if highlyAvailable(spec.Config) {
		spec.UpgradeMode = "last-state"
	}
	if err := r.cluster.Deploy(ctx, spec); err != nil {
		r.failure = err.Error()
		return nil
	}
	r.running, r.failure = true, ""
	r.starts++
	return nil
}

// recover gives the configuration the values of the stored job graph; a job that is submitted for the first time, or without high
// availability, stores its own.
func (r *rollout) recover(config map[string]string) {
	if r.stored == nil || !highlyAvailable(config) {
		r.stored = maps.Clone(config)
		maps.DeleteFunc(r.stored, func(key, _ string) bool { return !inJobGraph(key) })
		return
	}
	maps.DeleteFunc(config, func(key, _ string) bool { return inJobGraph(key) })
	maps.Copy(config, r.stored)
}

func templateHash(template *corev1.PodTemplateSpec) string {
	text, err := json.Marshal(template)
	if err != nil {
		return "none"
	}
	h := fnv.New64a()
	_, _ = h.Write(text) // a hash never fails to write
	return fmt.Sprintf("%x", h.Sum64())
}
