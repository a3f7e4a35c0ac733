package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// Back-off of errors. The queue's own default reaches 16 minutes, which would blind us just when things fail.
const (
	shortestBackoff = time.Second
	longestBackoff  = 2 * time.Minute
)

// Setup adds both controllers to a manager: watches and predicates.
func Setup(manager ctrl.Manager, options Options) error {
	reconciler, err := newReconciler(manager, options)
	if err != nil {
		return err
	}
	if err := setupCheckpointHealth(manager, reconciler, options.Workers); err != nil {
		return err
	}
	return setupRemediationPolicy(manager, options.PrometheusHosts)
}

func newReconciler(manager ctrl.Manager, options Options) (*CheckpointHealthReconciler, error) {
	transport, err := flinkTransport(options.FlinkProxyURL)
	if err != nil {
		return nil, err
	}
	direct, err := flinkTransport("")
	if err != nil {
		return nil, err
	}
	if err := checkedHosts(options.PrometheusHosts); err != nil {
		return nil, err
	}
	stop, err := namespacedName("--stop-configmap", options.StopConfigMap)
	if err != nil {
		return nil, err
	}
	advisories, err := namespacedName("--advisories-configmap", options.AdvisoriesConfigMap)
	if err != nil {
		return nil, err
	}
	uncached, err := client.New(manager.GetConfig(), client.Options{Scheme: manager.GetScheme(), Mapper: manager.GetRESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	meters, err := report.NewMetrics(metrics.Registry)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	emitter := report.NewEmitter(manager.GetEventRecorder(api.FieldManager))
	doctor, err := newKnowledge(&knowledge{
		live: uncached, paths: options.Advisories, configMap: advisories, events: emitter, metrics: meters, log: manager.GetLogger().WithName("advisories"),
	})
	if err != nil {
		return nil, err
	}
	if err := manager.Add(doctor); err != nil {
		return nil, fmt.Errorf("advisories: %w", err)
	}
	logs, err := newContainerLogs(manager.GetConfig())
	if err != nil {
		return nil, err
	}
	brake := apply.StopSwitch{Flag: options.Stop, ConfigMap: stop}
	image := &ownImage{named: options.ProbeImage, pod: options.Pod, live: uncached}
	return &CheckpointHealthReconciler{
		Client: manager.GetClient(),
		Live:   uncached,
		Writer: &apply.Writer{Client: uncached, Live: uncached, StopSwitch: brake, Session: observe.SessionCluster},
		Probes: &apply.ProbePods{Client: uncached, Live: uncached, StopSwitch: brake, Image: image.get},
		Status: report.NewWriter(manager.GetClient()), Doctor: doctor,
		Events:  emitter,
		Metrics: meters, Clock: clock.RealClock{}, Pause: observe.Pause,
		Dial: &Dialer{Transport: transport, TLS: transport, Direct: direct, DirectTLS: direct, Timeout: options.FlinkTimeout, Now: clock.RealClock{}.Now, PrometheusHosts: options.PrometheusHosts, Report: func(q flink.Report) { meters.Requested(q.Status, q.Err, q.Took) }},
		Logs: logs, Poll: options.Poll, ThreadDumpEvery: options.ThreadDumpEvery,
		sessions: newSessions(), fleet: newFleet(),
	}, nil
}

// setupCheckpointHealth watches CheckpointHealths for changes of spec and annotations (pause, approve), and wakes those whose policy changed.
func setupCheckpointHealth(manager ctrl.Manager, reconciler *CheckpointHealthReconciler, workers int) error {
	err := ctrl.NewControllerManagedBy(manager).
		For(&api.CheckpointHealth{}, builder.WithPredicates(
			predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		Watches(&api.RemediationPolicy{}, handler.EnqueueRequestsFromMapFunc(governedBy(manager.GetClient())),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: max(workers, 1),
			ReconciliationTimeout:   reconcileTimeout,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](shortestBackoff, longestBackoff),
		}).
		Complete(reconciler)
	if err != nil {
		return fmt.Errorf("controller of CheckpointHealth: %w", err)
	}
	return nil
}

// setupRemediationPolicy counts anew when a policy changes, or when a CheckpointHealth changes in what is counted.
func setupRemediationPolicy(manager ctrl.Manager, hosts []string) error {
	counted := predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, okBefore := e.ObjectOld.(*api.CheckpointHealth)
		after, okAfter := e.ObjectNew.(*api.CheckpointHealth)
		return okBefore && okAfter && governedChanged(before, after)
	}}
	err := ctrl.NewControllerManagedBy(manager).
		For(&api.RemediationPolicy{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&api.CheckpointHealth{}, handler.EnqueueRequestsFromMapFunc(policyOf), builder.WithPredicates(counted)).
		Complete(&RemediationPolicyReconciler{Client: manager.GetClient(), PrometheusHosts: hosts})
	if err != nil {
		return fmt.Errorf("controller of RemediationPolicy: %w", err)
	}
	return nil
}

// policyOf wakes the policy that a CheckpointHealth names.
func policyOf(_ context.Context, object client.Object) []reconcile.Request {
	health, ok := object.(*api.CheckpointHealth)
	if !ok || health.Spec.PolicyRef.Name == "" {
		return nil
	}
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: health.Spec.PolicyRef.Name}
	return []reconcile.Request{{NamespacedName: name}}
}

// governedBy wakes the CheckpointHealths that name a policy.
func governedBy(reader client.Reader) handler.MapFunc {
	return func(ctx context.Context, policy client.Object) []reconcile.Request {
		governed, err := governedObjects(ctx, reader, policy.GetNamespace(), policy.GetName())
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "the CheckpointHealths of a RemediationPolicy cannot be listed", "policy", policy.GetName())
			return nil
		}
		requests := make([]reconcile.Request, 0, len(governed))
		for _, object := range governed {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
		}
		return requests
	}
}
