package controllers

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// scope is what one pass over one CheckpointHealth knows. Each field is set by one stage, the one its comment names, and read by later ones.
type scope struct {
	// now is the pass's time. Set by Reconcile.
	now time.Time
	// object is the CheckpointHealth as the cache has it; never changed in place. Set by Reconcile.
	object *api.CheckpointHealth
	// session is what earlier passes of this process remember of it. Set by Reconcile.
	session *session

	// failure ends the pass with a status that says why. Set by any stage; the stages behind it are left out, but for report.
	failure *report.Failure
	// retry is when to look again where a stage knows better than the decision; 0 otherwise. Set by any stage.
	retry time.Duration

	// policy is the resolved policy. Set by governed.
	policy model.Policy
	// target is the workload as Kubernetes has it. Set by targeted.
	target model.Target
	// sessionJobs are the FlinkSessionJobs of a target that is a session cluster; nil for others. Set by targeted.
	sessionJobs *observe.SessionJobs
	// pass is what report will tell: snapshot by observed, diagnosis by diagnosed, verification by verified, controls and decision by
	// planned, written by applied.
	pass model.Pass
}

// key names the object, for logs and errors.
func (s *scope) key() client.ObjectKey { return client.ObjectKeyFromObject(s.object) }

// fail ends the pass.
func (s *scope) fail(failure *report.Failure) { s.failure = failure }
