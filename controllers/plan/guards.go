package plan

import (
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// guard holds a remedy back. check returns the zero Refusal to let it pass; a refusal without a reason takes the row's.
type guard struct {
	reason string
	// standing is true for what holds for whoever commits the patch by hand as well: it is said even where another guard is said first.
	standing bool
	check    func(*view, *model.Remedy) model.Refusal
}

// brakes are what people say at this moment; they hold every write, undoing included.
var brakes = []guard{
	{api.ReasonStopSwitch, false, stopped},               // the cluster-wide stop switch
	{api.ReasonPaused, false, paused},                    // the pause annotation of whoever is on call
	{api.ReasonModeRecommend, false, mode},               // the policy lets nothing be written
	{api.ReasonLookedAfterByAnother, false, lookedAfter}, // another CheckpointHealth is in charge
	{api.ReasonFreshStart, false, notLooked},             // how the job is was not seen afresh yet
}

// guards are all that holds a remedy back, in the order in which it is said: what people want, what the policy allows, what the target
// bears, what was tried before, and only then what waiting cures.
var guards = []guard{
	{api.ReasonStopSwitch, false, stopped},                      // the cluster-wide stop switch
	{api.ReasonPaused, false, paused},                           // the pause annotation of whoever is on call
	{api.ReasonModeRecommend, false, mode},                      // the policy lets nothing be written
	{api.ReasonLookedAfterByAnother, false, lookedAfter},        // another CheckpointHealth is in charge
	{api.ReasonTargetNotPatchable, false, notPatchable},         // no cluster, or a kind that holds no configuration
	{api.ReasonConfigurationBroken, true, brokenFile},           // a standalone JobManager's file is not YAML
	{api.ReasonManagedByParent, true, managedByParent},          // a blue/green child is overwritten by its parent
	{api.ReasonOverriddenInCode, true, overriddenInCode},        // the job's code wins over the patch
	{api.ReasonStoredJobGraph, true, storedJobGraph},            // high availability restores the old value
	{api.ReasonDuplicateKey, true, writtenTwice},                // a standalone JobManager's file has the key twice
	{api.ReasonConfigurationFixed, true, notWritable},           // immutable, generated, shared, or not known for certain
	{api.ReasonLeverRecommendOnly, false, recommendOnly},        // the policy lets this lever be recommended only
	{api.ReasonAtRiskNotTreated, false, atRisk},                 // none expires yet, and the policy waits for that
	{api.ReasonSharedDependency, true, sharedDependency},        // many jobs sickened together: the cause is not in this one
	{api.ReasonFreshStart, false, freshStart},                   // history and fresh samples are not there yet
	{api.ReasonSnapshotIncomplete, false, incomplete},           // what must be known to write safely is not
	{api.ReasonRemedyPending, false, pendingReceipt},            // another remedy is not judged yet
	{api.ReasonJobNotRunning, false, jobStopped},                // suspended, failed or being deleted
	{api.ReasonRolloutPaused, true, rolloutPaused},              // a change of the pod template would wait
	{api.ReasonRolledOutByHand, true, rolledOutByHand},          // a change of the pod template reaches no pod by itself
	{api.ReasonUpgradeInProgress, false, upgrading},             // a redeploy, rollback or rescale is in flight
	{api.ReasonSavepointInProgress, false, savepointInProgress}, // a redeploy would abort it
	{api.ReasonUpgradeModeStateless, true, stateless},           // the restart would drop the state
	{api.ReasonNoHighAvailability, true, noHighAvailability},    // nothing to restart from by itself
	{api.ReasonNoRestorableCheckpoint, true, notRestorable},     // nothing to restore
	{api.ReasonNetworkTooSlow, true, networkTooSlow},            // the job would get no slots again
	{api.ReasonNestedDuplicate, true, nestedDuplicate},          // a twin of the key would win or lose by its form
	{api.ReasonOverlappingKeys, true, overlappingKeys},          // Flink 2 would not start
	{api.ReasonSessionCluster, false, sessionCluster},           // every job of the cluster would restart
	{api.ReasonSessionJobUnsafe, true, sessionJobs},             // one of them would lose its state
	{api.ReasonRevertedByGitOps, true, reverted},                // a GitOps tool put the field back once
	{api.ReasonOwnedByOtherManager, true, owned},                // another manager owns the field
	{api.ReasonUpgradeModeSavepoint, true, savepointMode},       // the flip to last-state needs a person's word
	{api.ReasonApprovalRequired, false, approval},               // the policy wants a person's word
	{api.ReasonReplayTooLong, true, replayTooLong},              // the restart would process too much again
	{api.ReasonDailyLimit, false, dailyLimit},                   // enough for a day
	{api.ReasonCooldown, false, cooldown},                       // the last remedy is too fresh
	{api.ReasonOutsideWindow, false, outsideWindow},             // the policy's window is closed
	{api.ReasonBudgetExhausted, false, budget},                  // enough remedies in flight
	{api.ReasonWriteFailed, false, writeRefused},                // the API server refused this very remedy
}

// refusals asks every guard, in order.
func (v *view) refusals(r *model.Remedy) []model.Refusal { return v.ask(guards, r) }

func (v *view) ask(table []guard, r *model.Remedy) []model.Refusal {
	var all []model.Refusal
	for i := range table {
		why := table[i].check(v, r)
		if why == (model.Refusal{}) {
			continue
		}
		if why.Reason == "" {
			why.Reason = table[i].reason
		}
		all = append(all, why)
	}
	return all
}

// beforeCommitting is what whoever commits the patch by hand must know, beyond the refusal that is said first.
func (v *view) beforeCommitting(refusals []model.Refusal) []string {
	var notes []string
	for _, why := range refusals[1:] {
		for i := range guards {
			if guards[i].standing && guards[i].reason == why.Reason {
				notes = append(notes, "before it is applied: "+why.Message)
			}
		}
	}
	if !v.hasTarget() {
		notes = append(notes, "no cluster was asked: upgrade mode, high availability, who owns the fields and what else is in flight were not checked")
	}
	return notes
}

func saying(format string, args ...any) model.Refusal {
	return model.Refusal{Message: fmt.Sprintf(format, args...)}
}

func stopped(v *view, _ *model.Remedy) model.Refusal {
	if v.in.Controls.Stopped == "" {
		return model.Refusal{}
	}
	return saying("the stop switch is on: %s", v.in.Controls.Stopped)
}

func paused(v *view, _ *model.Remedy) model.Refusal {
	if v.in.Controls.Paused == "" {
		return model.Refusal{}
	}
	return saying("paused: %s; remove the annotation %s to go on", v.in.Controls.Paused, api.AnnotationPause)
}

func mode(v *view, _ *model.Remedy) model.Refusal {
	switch v.p.Mode {
	case api.ModeRemediate:
		return model.Refusal{}
	case api.ModeObserve:
		return refuse(api.ReasonModeObserve, "the policy's mode is Observe: nothing is written")
	default:
	}
	if v.p.Problem.Refused() {
		return refuse(v.p.Problem.Reason, "nothing is written without a policy that can be used: Ready says what is wrong with it")
	}
	if v.p.BuiltIn {
		return saying("no policy is given, and so nothing is written: commit the patch yourself, or give a policy in mode Remediate")
	}
	return saying("the policy's mode is Recommend: set it to Remediate, or commit the patch yourself")
}

// lookedAfter holds all but one of the CheckpointHealths that look at one job.
func lookedAfter(v *view, _ *model.Remedy) model.Refusal {
	if v.in.Controls.LookedAfter == "" {
		return model.Refusal{}
	}
	return saying("%s", v.in.Controls.LookedAfter)
}

// ofThePolicy tells that only the policy holds: its mode, or that there is none that can be used; or that another CheckpointHealth is in charge, which
// is as if the mode were Recommend. What was begun is recorded all the same.
func ofThePolicy(why model.Refusal) bool {
	switch why.Reason {
	case api.ReasonModeRecommend, api.ReasonModeObserve, api.ReasonPolicyNotFound, api.ReasonPolicyInvalid, api.ReasonLookedAfterByAnother:
		return true
	}
	return false
}

func recommendOnly(v *view, r *model.Remedy) model.Refusal {
	for i := range r.Changes {
		if lever := r.Changes[i].Lever; v.p.Lever(lever).Action != api.LeverApply {
			return saying("%s %s: set remedies.%s.action to Apply, or commit the patch yourself", v.onlyRecommends(), lever, lever)
		}
	}
	return model.Refusal{}
}

func atRisk(v *view, _ *model.Remedy) model.Refusal {
	if v.d.Health != api.HealthAtRisk || v.p.Detection.Treat == api.TreatAtRisk {
		return model.Refusal{}
	}
	seen := "no checkpoint expires yet"
	if v.d.Counts.Expired > 0 {
		seen = "what expired is no pattern yet (detection.expiredThreshold)"
	}
	return saying("%s, and the policy treats Unhealthy jobs only: set detection.treat to AtRisk to treat it now", seen)
}

func freshStart(v *view, _ *model.Remedy) model.Refusal {
	if v.in.Controls.Warm {
		return model.Refusal{}
	}
	return saying("the operator has just started: nothing is written before fresh samples are seen")
}

// notLooked holds what ends a remedy no longer than until the job was looked at: one that never came back has no samples.
func notLooked(v *view, r *model.Remedy) model.Refusal {
	if v.in.Controls.Looked {
		return model.Refusal{}
	}
	return freshStart(v, r)
}

// incomplete refuses to write on what is not known: receipts that cannot be read may hold a remedy in flight, a value that job code may
// set must be known not to come from there, and requests and limits are undone only to what they were.
func incomplete(v *view, r *model.Remedy) model.Refusal {
	t := v.target()
	if t.ReceiptsError != "" {
		return saying("what was written before is not known: %s", t.ReceiptsError)
	}
	for i := range r.Changes {
		c := &r.Changes[i]
		if c.Origin == api.OriginUnknown && codeMaySet(c.Field) {
			return saying("whether the job's code sets %s could not be read, so a patch may change nothing", c.Field)
		}
		if strings.HasPrefix(c.Field, "jobManager.resources.") && len(v.jobManager().JobManagerResources) == 0 && v.hasTarget() {
			return saying("spec.jobManager.resources could not be read as written, so %s could not be undone", c.Field)
		}
	}
	return model.Refusal{}
}

func writeRefused(v *view, r *model.Remedy) model.Refusal {
	if hash := v.in.Controls.WriteRefusedHash; hash != "" && hash != r.Hash {
		return model.Refusal{}
	}
	return v.in.Controls.WriteRefused
}
