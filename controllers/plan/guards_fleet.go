package plan

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// sharedDependency holds a remedy back where others sickened of the same cause. Where diagnose saw what they share there is no remedy at all;
// this is for the policy's jobs, counted as late as can be.
func sharedDependency(v *view, r *model.Remedy) model.Refusal {
	f := v.in.Controls.Fleet
	policy := model.SharedThing{Kind: model.SharedPolicy}
	if !policy.CanCause(r.Cause) {
		return v.neighbours(r)
	}
	if !model.SharedByMany(f.SharedWith, f.Targets) {
		return v.neighbours(r)
	}
	return saying("%d other jobs of this policy sickened of %s within 15 minutes: the cause is something they share, and no job is patched for it", f.SharedWith, r.Cause)
}

// neighbourPolls is how many polls a remedy waits for news of the neighbours: whoever fell ill at the same moment is looked at within one poll, and
// its status is written and in the cache before the next one is over.
const neighbourPolls = 2

// neighbours holds a remedy back for as long as jobs that share what may be the cause, and are enough to tell, may not have been looked at since
// this one fell ill and its cause was found: of jobs that sicken together one is always seen first, and it must not be the one that is patched. Where
// others fell ill with it, and it is not found yet of what, it waits for as long as they would count as one illness.
func (v *view) neighbours(r *model.Remedy) model.Refusal {
	past, found := &v.s.Past, time.Duration(0) // how long ago
	if past.Cause == r.Cause && !past.CauseSince.IsZero() {
		found = v.in.Now.Sub(past.CauseSince)
	}
	ill := found
	if !past.UnhealthySince.IsZero() {
		ill = v.in.Now.Sub(past.UnhealthySince)
	}
	rest, untold := neighbourPolls*v.poll()-min(found, ill), model.SharedWindow-ill
	for i := range v.s.Shared {
		thing := &v.s.Shared[i]
		switch {
		case !thing.CanCause(r.Cause) || thing.Jobs <= model.SharedLeast:
		case rest > 0:
			why := saying("%d other jobs share %s %s: what becomes of them is waited for, as one cause of many is no job's to cure", thing.Jobs-1, thing.Kind, thing.Name)
			why.Retry = rest
			return why
		case untold > 0 && thing.MayBeEnough(r.Cause):
			why := saying("jobs that share %s %s fell ill within 15 minutes as well, and of %d it is not known yet of what: that is waited for, as one cause of many is no job's to cure",
				thing.Kind, thing.Name, thing.Untold[r.Cause])
			why.Retry = min(untold, v.poll())
			return why
		}
	}
	return model.Refusal{}
}

func budget(v *view, _ *model.Remedy) model.Refusal {
	f := v.in.Controls.Fleet
	most := v.p.Budget(f.Targets)
	if f.InFlight < most {
		return model.Refusal{}
	}
	name := "this policy"
	if v.p.Name != "" {
		name = "policy \"" + v.p.Name + "\""
	}
	return saying("%d of %d remedies of %s are in flight", f.InFlight, most, name)
}
