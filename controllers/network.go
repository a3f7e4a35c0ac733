package controllers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/report"
)

// probing is what a session remembers of the measurement of the network.
type probing struct {
	// probe is the one of this spell; nil where there is none. It is never changed in place: status is written from it.
	probe *model.NetworkProbe
	// tidy tells that no probe pod can be there: an earlier process may have left one behind until that was looked up.
	tidy bool
	// started is when the last one was started by this process, whatever the spell.
	started time.Time
}

const (
	// probeRetry is how soon a probe pod is looked at again: it measures for 6 s at best.
	probeRetry = 5 * time.Second
	// probePause keeps a job that falls ill again and again from being measured more often: twenty times the 30 s that a measurement takes.
	probePause = 10 * time.Minute
)

// collected looks at the probe pod in flight. Nothing that goes wrong with it ends the pass: what is not measured is a gap.
func (r *CheckpointHealthReconciler) collected(ctx context.Context, s *scope) error {
	begun := s.session.network.probe
	if !begun.Running() {
		return nil
	}
	pod := &corev1.Pod{}
	err := r.Live.Get(ctx, r.Probes.Name(s.object), pod)
	switch {
	case apierrors.IsNotFound(err):
		pod = nil
	case err != nil:
		ctrl.LoggerFrom(ctx).Error(err, "the probe pod cannot be read")
		pod = &corev1.Pod{} // nothing is known of it: it is waited for until it is late
	}
	seen := observe.ProbePod(*begun, pod, s.now)
	s.session.network.probe = &seen
	if seen.Running() {
		s.retry = probeRetry
		return nil
	}
	r.removeProbe(ctx, s, r.Probes.Name(s.object))
	return nil
}

// removeProbe deletes a probe pod; where that fails it is tried again in the next pass, and a kubelet ends the pod in any case.
func (r *CheckpointHealthReconciler) removeProbe(ctx context.Context, s *scope, name types.NamespacedName) {
	err := r.Probes.Remove(ctx, name)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "the probe pod is left behind for now")
	}
	s.session.network.tidy = err == nil
}

// useNetwork puts the measurement, or why there is none, into the snapshot.
func useNetwork(snapshot *model.Snapshot, policy *model.Policy, probe *model.NetworkProbe) {
	if policy.NetworkProbe != api.NetworkProbePod || probe == nil {
		return
	}
	snapshot.Network = probe
	why := probe.Why
	if probe.Running() {
		why = "being measured by a pod on node " + probe.Node
	}
	if !probe.Measured() {
		snapshot.Gaps = append(snapshot.Gaps, model.Gap{Kind: model.GapNetworkProbe, Signal: model.NetworkSignal, Why: why})
	}
}

// probed starts a probe pod where the network is to be measured now, ends with the spell what belongs to it, and removes what a process that
// died left behind.
func (r *CheckpointHealthReconciler) probed(ctx context.Context, s *scope) error {
	network := &s.session.network
	if s.pass.Diagnosis.Health == api.HealthHealthy || s.pass.Policy.NetworkProbe != api.NetworkProbePod {
		network.tidy = network.tidy && !network.probe.Running()
		network.probe, s.pass.Snapshot.Network = nil, nil
	}
	order, why := plan.MeasureNetwork(plan.Input{
		Snapshot: s.pass.Snapshot, Diagnosis: &s.pass.Diagnosis, Policy: &s.pass.Policy, Controls: s.pass.Controls, Now: s.now,
	})
	paused := !network.started.IsZero() && s.now.Sub(network.started) < probePause
	switch {
	case why == "" && !paused && s.pass.Written == nil:
		r.startProbe(ctx, s, &order)
	case network.probe.Running() || !s.pass.Controls.Warm:
		// It is collected by a later pass, or taken over by one.
	default:
		r.sweepProbes(ctx, s)
	}
	return nil
}

// startProbe starts a pod. Why none could be started is kept for the spell like a result.
func (r *CheckpointHealthReconciler) startProbe(ctx context.Context, s *scope, order *model.ProbeOrder) {
	if s.object.Spec.Endpoint.TLS != nil {
		for i := range order.Targets {
			order.Targets[i].Path = "" // whoever wants TLS takes no plain request
		}
	}
	refused, err := r.Probes.Start(ctx, s.object, order)
	if refused.Refused() {
		s.retry = changedRetry
		return
	}
	probe := &model.NetworkProbe{StartedAt: s.now, Node: order.Node}
	if err != nil {
		probe.FinishedAt, probe.Why = s.now, err.Error()
	} else {
		s.session.network.tidy, s.session.network.started = false, s.now
		s.retry = probeRetry
	}
	s.session.network.probe, s.pass.Snapshot.Network = probe, probe
}

// sweepProbes removes the probe pods of the object that nobody waits for, found by their label.
func (r *CheckpointHealthReconciler) sweepProbes(ctx context.Context, s *scope) {
	if s.session.network.tidy {
		return
	}
	var pods corev1.PodList
	of := client.MatchingLabels{apply.LabelComponent: apply.ProbeComponent, apply.LabelProbeOf: string(s.object.UID)}
	if err := r.Client.List(ctx, &pods, client.InNamespace(s.object.Namespace), of); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "probe pods cannot be listed")
		return
	}
	s.session.network.tidy = true
	for i := range pods.Items {
		r.removeProbe(ctx, s, client.ObjectKeyFromObject(&pods.Items[i]))
	}
}

// dropProbe gives up the probe pod of an object that is suspended: nothing is read or measured for it.
func (r *CheckpointHealthReconciler) dropProbe(ctx context.Context, s *scope) {
	if begun := s.session.network.probe; begun.Running() {
		ended := *begun
		ended.FinishedAt, ended.Why = s.now, "spec.suspend was set before the probe was done"
		s.session.network.probe = &ended
		r.removeProbe(ctx, s, r.Probes.Name(s.object))
	}
	r.sweepProbes(ctx, s)
}

// restoreNetwork is what status kept of the measurement of the spell.
func restoreNetwork(status *api.CheckpointHealthStatus) probing {
	return probing{probe: report.Network(&status.NetworkProbe)}
}

// ownImage tells the image of probe pods: the one that a flag names, else that of the manager's own pod.
type ownImage struct {
	named string
	pod   types.NamespacedName
	live  client.Reader

	mu    sync.Mutex
	known string
}

// managerContainer is the name of the manager's container in config/manager.
const managerContainer = "manager"

// get reads the manager's pod once; an image does not change while its process runs.
func (o *ownImage) get(ctx context.Context) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.named != "":
		return o.named, nil
	case o.known != "":
		return o.known, nil
	case o.pod.Name == "" || o.pod.Namespace == "":
		return "", errors.New("name it with --probe-image, or tell the manager its pod with the environment variables POD_NAMESPACE and POD_NAME")
	}
	var pod corev1.Pod
	if err := o.live.Get(ctx, o.pod, &pod); err != nil {
		return "", fmt.Errorf("the manager's own pod cannot be read (%w): name the image with --probe-image", err)
	}
	for i := range pod.Spec.Containers {
		if c := &pod.Spec.Containers[i]; c.Name == managerContainer || len(pod.Spec.Containers) == 1 {
			o.known = c.Image
			return o.known, nil
		}
	}
	return "", fmt.Errorf("the manager's own pod has no container named %s: name the image with --probe-image", managerContainer)
}
