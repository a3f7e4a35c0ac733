package standin

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// Delays are how long the stand-in stays in each state.
type Delays struct {
	Suspended time.Duration // JobManager gone, job FINISHED
	Starting  time.Duration // JobManager DEPLOYING
	Observe   time.Duration // between two looks at a JobManager that starts
	Running   time.Duration // job CREATED, until it is seen RUNNING and the deployment STABLE
	Retry     time.Duration // after a deployment or savepoint that failed
}

// QuickDelays are a redeploy of a second, plus what the cluster itself needs. The real operator takes one to two minutes.
func QuickDelays() Delays {
	return Delays{Suspended: 500 * time.Millisecond, Starting: 300 * time.Millisecond, Observe: 200 * time.Millisecond, Running: 600 * time.Millisecond, Retry: 5 * time.Second}
}

// Operator stands in for the Flink operator.
type Operator struct {
	Client  client.Client
	Clock   clock.PassiveClock
	Factory Factory
	Delays  Delays

	mu      sync.Mutex
	courses map[client.ObjectKey]*course
}

// step is where a FlinkDeployment is on its way.
type step int

const (
	stepNew       step = iota
	stepSuspended      // the JobManager is gone
	stepStarting       // the JobManager is being deployed
	stepCreated        // REST answers, the job is CREATED
	stepStable         // the job RUNNING
	stepFailed         // the last attempt failed
	stepParked         // job.state is suspended
)

// course is what the stand-in knows of one FlinkDeployment.
type course struct {
	cluster     Cluster
	step        step
	until       time.Time // when the step is over at the earliest
	applied     wanted
	tried       wanted // the spec of the last savepoint that failed
	deployments int
	attempts    int // failed savepoints since the last change
}

// SetupWithManager lets the stand-in watch FlinkDeployments. Deployments may block, so several run at once.
func (o *Operator) SetupWithManager(m ctrl.Manager, name string) error {
	watched := &unstructured.Unstructured{}
	watched.SetGroupVersionKind(GroupVersionKind)
	return ctrl.NewControllerManagedBy(m).Named(name).For(watched).
		WithEventFilter(predicate.GenerationChangedPredicate{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 8}).Complete(o)
}

// Reconcile takes one FlinkDeployment one step further.
func (o *Operator) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(GroupVersionKind)
	if err := o.Client.Get(ctx, request.NamespacedName, object); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return ctrl.Result{}, o.forget(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, fmt.Errorf("get FlinkDeployment %s: %w", request.NamespacedName, err)
	}
	w, err := read(object)
	if err != nil {
		return ctrl.Result{}, o.writeStatus(ctx, object, func(s *Status) { s.Error = err.Error() })
	}
	c := o.courseOf(request.NamespacedName)
	if c.cluster == nil {
		if c.cluster, err = o.Factory(ctx, w.Spec); err != nil {
			return ctrl.Result{}, fmt.Errorf("cluster of %s: %w", request.NamespacedName, err)
		}
	}
	if left := c.until.Sub(o.now()); left > 0 && !c.interruptible(w) {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	return o.advance(ctx, object, c, w)
}

// interruptible tells whether a change of the spec is acted on although the step is not over.
func (c *course) interruptible(w wanted) bool {
	switch c.step {
	case stepCreated, stepStarting:
		return !c.applied.same(w)
	case stepStable: // a savepoint failed: another spec or upgrade mode does not wait for the next attempt
		return !c.tried.same(w) || c.tried.UpgradeMode != w.UpgradeMode
	default:
		return false
	}
}

// advance does what the step asks for; a changed spec comes first.
func (o *Operator) advance(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	if c.deployed() && !c.applied.same(w) {
		return o.upgrade(ctx, object, c, w)
	}
	switch c.step {
	case stepNew:
		return o.announce(ctx, object, c, w)
	case stepSuspended, stepFailed:
		if w.suspended {
			return o.park(ctx, object, c, w)
		}
		return o.deploy(ctx, object, c, w)
	case stepStarting:
		return o.observe(ctx, object, c)
	case stepCreated:
		return o.stabilize(ctx, object, c)
	case stepParked:
		if w.suspended {
			return ctrl.Result{}, nil
		}
		return o.announce(ctx, object, c, w)
	default:
		return o.settle(ctx, object, c, w)
	}
}

func (c *course) deployed() bool {
	return c.step == stepStarting || c.step == stepCreated || c.step == stepStable
}

// wait moves on to a step and comes back when it is over.
func (o *Operator) wait(c *course, next step, d time.Duration) (ctrl.Result, error) {
	c.step, c.until = next, o.now().Add(d)
	return ctrl.Result{RequeueAfter: max(d, time.Millisecond)}, nil
}

// announce is the first sight of a FlinkDeployment: UPGRADING, recorded as suspended and stateless.
func (o *Operator) announce(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	err := o.writeStatus(ctx, object, func(s *Status) {
		s.LifecycleState, s.JobManagerDeploymentStatus = "UPGRADING", "MISSING"
		s.ObservedGeneration = object.GetGeneration()
		s.Reconciliation.State, s.Reconciliation.LastReconciledSpec = "UPGRADING", w.lastReconciled(c.deployments == 0, true)
		s.Reconciliation.ReconciliationTimestamp = o.now().UnixMilli()
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return o.wait(c, stepSuspended, o.Delays.Suspended)
}

// upgrade stops a running deployment because its spec has changed, by savepoint where the upgrade mode says so.
func (o *Operator) upgrade(ctx context.Context, object *unstructured.Unstructured, c *course, w wanted) (ctrl.Result, error) {
	if c.attempts == 0 {
		message := fmt.Sprintf("UPGRADE change(s) detected (Diff: FlinkDeploymentSpec[%s]), starting reconciliation.", strings.Join(c.applied.differences(w), ", "))
		if err := o.event(ctx, object, corev1.EventTypeNormal, reasonSpecChanged, message); err != nil {
			return ctrl.Result{}, err
		}
	}
	if stopped, result, err := o.stop(ctx, object, c, w); !stopped || err != nil {
		return result, err
	}
	c.attempts = 0
	if err := o.takeDown(ctx, w.Namespace, w.Name); err != nil {
		return ctrl.Result{}, err
	}
	if err := o.event(ctx, object, corev1.EventTypeNormal, reasonSuspended, "Suspending existing deployment."); err != nil {
		return ctrl.Result{}, err
	}
	err := o.writeStatus(ctx, object, func(s *Status) {
		s.LifecycleState, s.JobManagerDeploymentStatus, s.Error = "UPGRADING", "MISSING", ""
		s.ObservedGeneration, s.JobStatus.State = object.GetGeneration(), "FINISHED"
		s.Reconciliation.State, s.Reconciliation.LastReconciledSpec = "UPGRADING", w.lastReconciled(false, true)
		s.Reconciliation.ReconciliationTimestamp = o.now().UnixMilli()
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return o.wait(c, stepSuspended, o.Delays.Suspended)
}

func (o *Operator) courseOf(key client.ObjectKey) *course {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.courses == nil {
		o.courses = map[client.ObjectKey]*course{}
	}
	if o.courses[key] == nil {
		o.courses[key] = &course{}
	}
	return o.courses[key]
}

// forget stops the cluster of a FlinkDeployment that is gone.
func (o *Operator) forget(ctx context.Context, key client.ObjectKey) error {
	o.mu.Lock()
	c := o.courses[key]
	delete(o.courses, key)
	o.mu.Unlock()
	if c == nil || c.cluster == nil {
		return nil
	}
	if err := c.cluster.Stop(ctx); err != nil {
		return fmt.Errorf("stop cluster of %s: %w", key, err)
	}
	return o.takeDown(ctx, key.Namespace, key.Name)
}
