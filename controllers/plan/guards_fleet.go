package plan

import (
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// sharedLeast is how many others must sicken of the same cause within a quarter of an hour: two may be chance, three of a kind are not.
	sharedLeast = 2
	// sharedPart is the least part of the policy's jobs, 1/4, that they must be: three of a thousand are no fleet.
	sharedPart = 4
)

// sharedCauses have something that jobs share at their root: a network, a storage, a service, an image. A JobManager short of CPU or a job
// with too much state is sick by itself.
var sharedCauses = []api.Cause{
	api.CauseNetworkLatency, api.CauseSlowStateBackend, api.CauseSlowCleanup, api.CauseStorageFailure, api.CauseSinkFlush, api.CauseFlinkVersionBug,
}

func sharedDependency(v *view, r *model.Remedy) model.Refusal {
	f := v.in.Controls.Fleet
	if !slices.Contains(sharedCauses, r.Cause) || f.SharedWith < sharedLeast || (f.SharedWith+1)*sharedPart < f.Targets {
		return model.Refusal{}
	}
	return saying("%d other jobs of this policy sickened of %s within 15 minutes: the cause is something they share, and no job is patched for it", f.SharedWith, r.Cause)
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
