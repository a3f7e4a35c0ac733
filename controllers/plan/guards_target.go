package plan

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// The kinds of the Flink operator.
const (
	kindFlinkDeployment = "FlinkDeployment"
	kindSessionJob      = "FlinkSessionJob"
)

// patchableKinds hold the configuration themselves. A Deployment's or StatefulSet's is in a ConfigMap or image that somebody else writes.
var patchableKinds = []string{kindFlinkDeployment, kindSessionJob}

func notPatchable(v *view, r *model.Remedy) model.Refusal {
	t := v.object(r)
	switch {
	case !v.hasTarget():
		text := "no cluster was asked: apply the patch yourself"
		if closed := outsideWindow(v, r); closed.Message != "" {
			text += "; when this was seen, " + closed.Message
		}
		return saying("%s", text)
	case t.NotPatchable != "":
		return saying("%s", t.NotPatchable)
	case t.Standalone != nil:
		return model.Refusal{}
	case !slices.Contains(patchableKinds, t.Kind):
		return saying("the configuration of a %s is not in the object itself: put the values where its flink-conf.yaml or config.yaml comes from and restart it", t.Kind)
	}
	return wrongScope(t, r)
}

func managedByParent(v *view, r *model.Remedy) model.Refusal {
	parent := v.object(r).Parent
	if parent == "" {
		return model.Refusal{}
	}
	return saying("%s owns this object and would overwrite the change: patch its template instead, which is a full transition", parent)
}

func overriddenInCode(v *view, r *model.Remedy) model.Refusal {
	for i := range r.Changes {
		value, yes := v.overridden(r.Changes[i].Field)
		if yes && v.standalone() != nil && v.highlyAvailable() {
			return saying("the job runs with %s = %s, which its code sets, or which was in force when it was submitted: high availability stores the job graph; "+
				"set it to %s in the code or submit the job anew", r.Changes[i].Field, value, r.Changes[i].To)
		}
		if yes {
			return saying("the job's code sets %s to %s and wins over the configuration: set it to %s in the code, or remove it there",
				r.Changes[i].Field, value, r.Changes[i].To)
		}
	}
	return model.Refusal{}
}

func pendingReceipt(v *view, _ *model.Remedy) model.Refusal {
	for i := range v.target().Receipts {
		if r := &v.target().Receipts[i]; r.Pending() {
			return saying("remedy %s of %s is not judged yet", r.ID, r.AppliedAt.UTC().Format("15:04 UTC"))
		}
	}
	for i := range v.target().Foreign {
		if r := &v.target().Foreign[i]; r.Pending() {
			return saying("remedy %s of %s, which CheckpointHealth %s applied, is not judged yet", r.ID, r.AppliedAt.UTC().Format("15:04 UTC"), r.Owner)
		}
	}
	return begunByAnother(v)
}

// begunByAnother refuses what would change a ConfigMap under a remedy that another CheckpointHealth wrote there and did not roll out yet.
func begunByAnother(v *view) model.Refusal {
	for _, r := range v.halfway() {
		if r.Owner != "" {
			return saying("remedy %s, which CheckpointHealth %s wrote to a ConfigMap, is not rolled out yet: that one finishes it or takes it back", r.ID, r.Owner)
		}
	}
	return model.Refusal{}
}

func jobStopped(v *view, r *model.Remedy) model.Refusal {
	if why := stoppedObject(v.target()); why != (model.Refusal{}) {
		return why
	}
	return stoppedObject(v.object(r))
}

func stoppedObject(t *model.Target) model.Refusal {
	switch {
	case t.Suspended && t.Standalone != nil:
		return saying("%s/%s has spec.replicas 0", t.Kind, t.Name)
	case t.Suspended:
		return saying("spec.job.state of %s/%s is suspended", t.Kind, t.Name)
	case t.Lifecycle == "FAILED" || t.Lifecycle == "DELETING" || t.Lifecycle == "DELETED":
		return saying("%s/%s is %s", t.Kind, t.Name, t.Lifecycle)
	}
	return model.Refusal{}
}

// upgrading refuses while the Flink operator or its autoscaler is at work. A rolled back deployment keeps the bad spec: the next change of
// it would deploy that as well.
func upgrading(v *view, r *model.Remedy) model.Refusal {
	if !v.hasTarget() {
		return model.Refusal{}
	}
	if why := upgradingObject(v.target()); why != (model.Refusal{}) {
		return why
	}
	return upgradingObject(v.object(r))
}

func upgradingObject(t *model.Target) model.Refusal {
	switch {
	case t.Lifecycle == "ROLLED_BACK" || t.Reconciliation == "ROLLED_BACK":
		return saying("the Flink operator rolled %s/%s back and its spec still holds what failed: repair the spec first", t.Kind, t.Name)
	case t.AutoscalerRescaling:
		return saying("a rescale of the autoscaler is in flight; it is looked at again when that is done")
	case t.Upgrading():
		return saying("%s/%s is being upgraded (%s); it is looked at again when that is done", t.Kind, t.Name, stateOf(t))
	}
	return model.Refusal{}
}

func stateOf(t *model.Target) string {
	if t.ObservedGeneration != 0 && t.ObservedGeneration < t.Generation {
		return fmt.Sprintf("generation %d, observed %d", t.Generation, t.ObservedGeneration)
	}
	if t.Standalone != nil && t.Standalone.Rolling != "" {
		return t.Standalone.Rolling
	}
	return orElse(t.Lifecycle, t.Reconciliation)
}

func savepointInProgress(v *view, r *model.Remedy) model.Refusal {
	if r.Cost == api.CostNoRestart {
		return model.Refusal{}
	}
	for i := range v.s.Checkpoints.History {
		if c := &v.s.Checkpoints.History[i]; c.Savepoint && c.Status == model.CheckpointInProgress {
			return saying("savepoint %d is in progress and a restart would abort it", c.ID)
		}
	}
	return model.Refusal{}
}

// stateless refuses where the restart would start the job empty. The Flink operator takes stateless where upgradeMode is not set.
func stateless(v *view, r *model.Remedy) model.Refusal {
	t := v.object(r)
	if r.Cost != api.CostJobRestart || !slices.Contains(patchableKinds, t.Kind) || t.UpgradeMode == "last-state" || t.UpgradeMode == "savepoint" {
		return model.Refusal{}
	}
	return saying("spec.job.upgradeMode is %s, so a restart would drop the job's state: set it to last-state first, which restarts nothing",
		orElse(t.UpgradeMode, "not set and the Flink operator takes stateless"))
}

func noHighAvailability(v *view, r *model.Remedy) model.Refusal {
	if v.standalone() != nil && !v.highlyAvailable() {
		return saying("JobManager high availability is off, and no operator submits the job again: a restart would lose it. Set high-availability.type and " +
			"high-availability.storageDir first")
	}
	if !v.hasTarget() || r.Cost == api.CostNoRestart || v.highlyAvailable() {
		return model.Refusal{}
	}
	if r.Cost == api.CostClusterRestart {
		return saying("JobManager high availability of the session cluster %s is off, so its jobs would not come back: turn it on first", v.object(r).Name)
	}
	if v.p.Guards.HighAvailability != api.Required {
		return model.Refusal{}
	}
	return saying("JobManager high availability is off, so nothing but a retained checkpoint brings the job back: turn it on, or set guards.highAvailability to NotRequired")
}

// highlyAvailable tells whether the target or the cluster it runs in has high availability on.
func (v *view) highlyAvailable() bool {
	ha := v.s.Settings.HighAvailability
	return v.target().HighAvailability || (ha.Known && ha.Value != "" && !strings.EqualFold(ha.Value, "none"))
}

// notRestorable refuses where no checkpoint would bring the state back: none ever completed, or without high availability none is retained
// when the job is canceled.
func notRestorable(v *view, r *model.Remedy) model.Refusal {
	if !v.hasTarget() || r.Cost == api.CostNoRestart {
		return model.Refusal{}
	}
	if _, ok := v.lastCompleted(); !ok {
		return saying("no checkpoint has ever completed and the job was not restored from one: a restart would drop the job's state")
	}
	retained := v.s.Settings.ExternalizedRetained
	kept := retained.Known && retained.Value
	if r.Cost == api.CostJobRestart && v.object(r).Kind == kindSessionJob && !kept {
		return saying("a FlinkSessionJob is canceled and submitted again from its last retained checkpoint, and execution.checkpointing.externalized-checkpoint-retention is %s",
			pick(retained.Known, "not RETAIN_ON_CANCELLATION", "not known"))
	}
	if !v.highlyAvailable() && !kept {
		return saying("without high availability the job comes back only from a retained checkpoint, and execution.checkpointing.externalized-checkpoint-retention is %s",
			pick(retained.Known, "not RETAIN_ON_CANCELLATION", "not known"))
	}
	return model.Refusal{}
}

func nestedDuplicate(v *view, r *model.Remedy) model.Refusal {
	for i := range r.Changes {
		if field := r.Changes[i].Field; slices.Contains(v.object(r).Twins, field) {
			return saying("spec.flinkConfiguration holds %s twice, nested and as one key, and which one wins depends on the order: remove one", field)
		}
	}
	return model.Refusal{}
}

// overlappingKeys refuses what Flink 2 rejects at start, after the job was stopped: a key that is a dotted prefix of another.
func overlappingKeys(v *view, r *model.Remedy) model.Refusal {
	if !v.version.atLeast(2, 0) {
		return model.Refusal{}
	}
	pairs := slices.Clone(v.object(r).OverlappingKeys)
	for i := range r.Changes {
		field := r.Changes[i].Field
		for key := range v.object(r).Config {
			if strings.HasPrefix(key, field+".") || strings.HasPrefix(field, key+".") {
				pairs = append(pairs, key+", "+field)
			}
		}
	}
	if len(pairs) == 0 {
		return model.Refusal{}
	}
	slices.Sort(pairs)
	return saying("Flink 2 does not start with a key that is a prefix of another (%s): remove one of each", strings.Join(pairs, "; "))
}

func approval(v *view, r *model.Remedy) model.Refusal {
	if v.p.Guards.Approval != api.Required || v.in.Controls.Approved == r.Hash {
		return model.Refusal{}
	}
	return saying("the policy wants each remedy approved: %s", toApprove(r))
}

func toApprove(r *model.Remedy) string {
	return fmt.Sprintf("approve it with the annotation %s: %s", api.AnnotationApprove, r.Hash)
}
