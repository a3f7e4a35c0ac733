package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// CheckpointHealthReconciler walks one CheckpointHealth through the rooms: observe, diagnose, verify, plan, apply, report.
type CheckpointHealthReconciler struct {
	// Client reads through the cache and writes status.
	Client client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Writer patches targets.
	Writer *apply.Writer
	// Probes creates and deletes probe pods.
	Probes *apply.ProbePods
	// Status writes our own status.
	Status *report.Writer
	// Doctor holds the rules and the known issues.
	Doctor doctor
	// Events and Metrics tell of what happened.
	Events  *report.Emitter
	Metrics *report.Metrics
	// Clock is the only clock.
	Clock clock.PassiveClock
	// Pause waits between the two dumps of one look; nil for one dump a look.
	Pause func(ctx context.Context, d time.Duration)
	// Logs reads logs of containers, for policies that ask the Kubernetes API for them.
	Logs observe.LogReader
	// Dial makes the client of a JobManager.
	Dial *Dialer
	// Poll is how often a healthy job is looked at; ThreadDumpEvery the least time between two dumps of a job.
	Poll, ThreadDumpEvery time.Duration

	sessions *sessions
	fleet    *fleet
}

// stage is one room of the walk.
type stage struct {
	name string
	do   func(*CheckpointHealthReconciler, context.Context, *scope) error
}

// stages are the rooms in order. A failure (scope.failure) or an error ends the walk; report comes last in any case.
var stages = []stage{
	{"collect", (*CheckpointHealthReconciler).collected},  // what a probe pod measured
	{"policy", (*CheckpointHealthReconciler).governed},    // which policy governs it
	{"target", (*CheckpointHealthReconciler).targeted},    // the workload as Kubernetes has it
	{"endpoint", (*CheckpointHealthReconciler).connected}, // the way to its JobManager
	{"observe", (*CheckpointHealthReconciler).observed},   // what Flink and the pods say
	{"diagnose", (*CheckpointHealthReconciler).diagnosed}, // what that means
	{"verify", (*CheckpointHealthReconciler).verified},    // what became of the remedy in flight
	{"plan", (*CheckpointHealthReconciler).planned},       // what is to be done
	{"apply", (*CheckpointHealthReconciler).applied},      // doing it
	{"probe", (*CheckpointHealthReconciler).probed},       // measuring the network, where the policy allows it
}

// +kubebuilder:rbac:groups=flink.checkpointhealth.dev,resources=checkpointhealths;remediationpolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=flink.checkpointhealth.dev,resources=checkpointhealths/status;remediationpolicies/status,verbs=get;patch
// +kubebuilder:rbac:groups=flink.apache.org,resources=flinkdeployments;flinksessionjobs,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=flink.apache.org,resources=flinkbluegreendeployments,verbs=get;list;watch
// +kubebuilder:rbac:groups=flinkoperator.k8s.io,resources=flinkclusters,verbs=get;list;watch
// +kubebuilder:rbac:groups=flink.k8s.io,resources=flinkapplications,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=deployments;statefulsets,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=services,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get
// +kubebuilder:rbac:groups="",resources=nodes;resourcequotas;limitranges,verbs=get;list
// +kubebuilder:rbac:groups=metrics.k8s.io,resources=pods,verbs=get;list
// +kubebuilder:rbac:groups="",resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile makes one pass.
func (r *CheckpointHealthReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var object api.CheckpointHealth
	if err := r.Client.Get(ctx, request.NamespacedName, &object); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(request)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	session, fresh, replaced := r.sessions.open(&object)
	if replaced != "" {
		r.fleet.release(request.Namespace, replaced)
	}
	if wait := r.firstWait(&object, fresh); wait > 0 {
		session.due = now.Add(wait)
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	r.Metrics.Lag(lag(now, session.due))
	s := &scope{now: now, object: &object, session: session}
	if object.Spec.Suspend != nil && *object.Spec.Suspend {
		r.dropProbe(ctx, s)
		return ctrl.Result{}, r.reportSuspended(ctx, s)
	}
	walked := r.walk(ctx, s)
	return r.resultFor(s, errors.Join(walked, r.reported(ctx, s, walked)))
}

// walk goes through the stages until one fails.
func (r *CheckpointHealthReconciler) walk(ctx context.Context, s *scope) error {
	for _, stage := range stages {
		if err := stage.do(r, ctx, s); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
		if s.failure != nil {
			return nil
		}
	}
	return nil
}

// Bounds of the waiting time between two passes.
const (
	// shortestWait keeps a busy loop away whatever a decision says.
	shortestWait = time.Second
	// longestWait: pods and policies wake a pass by their watches, a JobManager does not.
	longestWait = 10 * time.Minute
)

// resultFor is the one place that turns an outcome or an error into a requeue. Errors are retried with back-off (1 s to 2 min); a
// JobManager that does not answer is no error: it is looked at again in its turn.
func (r *CheckpointHealthReconciler) resultFor(s *scope, err error) (ctrl.Result, error) {
	if err != nil {
		return ctrl.Result{}, err
	}
	wait := s.pass.Decision.NextLook
	if s.failure != nil || wait == 0 {
		wait = r.Poll
	}
	if s.retry > 0 {
		wait = min(wait, s.retry)
	}
	wait = min(max(wait, shortestWait), longestWait)
	s.session.due = r.Clock.Now().Add(wait)
	return ctrl.Result{RequeueAfter: wait}, nil
}

// firstWait spreads what a starting manager finds. An object that was never reconciled is new, and looked at immediately.
func (r *CheckpointHealthReconciler) firstWait(object *api.CheckpointHealth, fresh bool) time.Duration {
	if !fresh || object.Status.ObservedGeneration == 0 {
		return 0
	}
	return phase(object.UID, r.Poll)
}

// forget drops what was kept of an object that is gone.
func (r *CheckpointHealthReconciler) forget(request ctrl.Request) {
	if uid := r.sessions.close(request.NamespacedName); uid != "" {
		r.fleet.release(request.Namespace, uid)
		r.Status.Forget(uid)
	}
	r.Metrics.Forget(request.NamespacedName)
}
