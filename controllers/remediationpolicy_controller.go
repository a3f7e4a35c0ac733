package controllers

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/report"
)

// RemediationPolicyReconciler counts what a policy governs now: its targets, how many are unhealthy, how many remedies are in flight,
// and how many would be patched if the mode were Remediate. It reads statuses from the cache and writes only its own.
type RemediationPolicyReconciler struct {
	Client client.Client
	// PrometheusHosts are those that the operator allows beside Services.
	PrometheusHosts []string
}

// Reconcile counts and writes the counts, if they changed.
func (r *RemediationPolicyReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var policy api.RemediationPolicy
	if err := r.Client.Get(ctx, request.NamespacedName, &policy); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	governed, err := governedObjects(ctx, r.Client, policy.Namespace, policy.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	status := policy.Status.DeepCopy()
	countGoverned(status, governed)
	status.ObservedGeneration = policy.Generation
	meta.SetStatusCondition(&status.Conditions, report.PolicyAccepted(&policy, r.PrometheusHosts))
	if equality.Semantic.DeepEqual(&policy.Status, status) {
		return ctrl.Result{}, nil
	}
	changed := policy.DeepCopy()
	changed.Status = *status
	if err := r.Client.Status().Patch(ctx, changed, client.MergeFrom(&policy)); err != nil {
		return ctrl.Result{}, fmt.Errorf("status of RemediationPolicy %s cannot be written: %w", policy.Name, client.IgnoreNotFound(err))
	}
	return ctrl.Result{}, nil
}

// passing are the reasons that time or another job's verdict cures: they put a remedy off, and do not take it back.
var passing = []string{
	api.ReasonFreshStart, api.ReasonCooldown, api.ReasonOutsideWindow, api.ReasonBudgetExhausted, api.ReasonUpgradeInProgress, api.ReasonSavepointInProgress,
}

// wouldBeTreated tells that there are changes to write which only the mode holds back, now or after a while.
func wouldBeTreated(r *api.Recommendation) bool {
	if len(r.Changes) == 0 || !slices.Contains(r.HeldBy, api.ReasonModeRecommend) {
		return false
	}
	return !slices.ContainsFunc(r.HeldBy, func(reason string) bool {
		return reason != api.ReasonModeRecommend && !slices.Contains(passing, reason)
	})
}

// countGoverned counts by status. wouldAct are those that the mode alone holds back.
func countGoverned(status *api.RemediationPolicyStatus, governed []*api.CheckpointHealth) {
	var targets, unhealthy, remediating, wouldAct int32
	for _, object := range governed {
		s := &object.Status
		targets++
		if s.Health == api.HealthUnhealthy {
			unhealthy++
		}
		if meta.IsStatusConditionTrue(s.Conditions, api.ConditionRemediating) {
			remediating++
		}
		if wouldBeTreated(&s.Recommendation) {
			wouldAct++
		}
	}
	status.Targets, status.Unhealthy, status.Remediating, status.WouldAct = &targets, &unhealthy, &remediating, &wouldAct
}

// governedChanged tells whether a status change of a CheckpointHealth changes a policy's counts: most do not, and wake nobody.
func governedChanged(before, after *api.CheckpointHealth) bool {
	var a, b api.RemediationPolicyStatus
	countGoverned(&a, []*api.CheckpointHealth{before})
	countGoverned(&b, []*api.CheckpointHealth{after})
	return !equality.Semantic.DeepEqual(a, b) || before.Spec.PolicyRef != after.Spec.PolicyRef
}
