package play

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Part is one job of the cast and what should become of it.
type Part struct {
	Name string
	// Cause and SubCause are the truth; CauseNone for a healthy job.
	Cause, SubCause string
	// Treatable: the manager should cure it. Otherwise it should name the cause, advise and leave the job alone.
	Treatable bool
	// Also are causes that are right as well, where two are true at once.
	Also []string
	// Untouched is the generation of the target that must never grow for jobs that are to be left alone.
	Untouched int64

	target  *unstructured.Unstructured // as it was created
	objects []client.Object            // created with it, the target among them
}

// CauseNone is the truth about a healthy job.
const CauseNone = "None"

// Verdict is how a part went so far.
type Verdict struct {
	// Passed tells that it is where it should be now; Failed that it can no longer get there.
	Passed, Failed bool
	// Why says what is missing or wrong.
	Why string
}

// Next is the verdict after another look: a part that failed stays so, and one whose cause was right and is another now has failed.
func (p *Part) Next(before Verdict, status *api.CheckpointHealthStatus, generation int64) Verdict {
	if before.Failed {
		return before
	}
	verdict := p.Judge(status, generation)
	if before.Passed && !p.Treatable && p.Cause != CauseNone && status.Cause != "" && !p.right(string(status.Cause)) {
		return Verdict{Failed: true, Why: fmt.Sprintf("it was %s, and is called %s now", p.Cause, status.Cause)}
	}
	return verdict
}

// levers are what may cure each cause; a remedy by another is a lucky one.
var levers = map[string][]api.Lever{
	string(api.CauseNetworkLatency):     {api.LeverCheckpointTimeout},
	string(api.CauseJobManagerOverload): {api.LeverJobManagerCPU, api.LeverJobManagerHeap, api.LeverCheckpointTimeout},
	"CPU":                               {api.LeverJobManagerCPU, api.LeverCheckpointTimeout},
	"Heap":                              {api.LeverJobManagerHeap},
	string(api.CauseSlowCleanup):        {api.LeverIOPoolSize, api.LeverBackgroundCleanup, api.LeverCheckpointTimeout},
	string(api.CauseSlowStateBackend):   {api.LeverCheckpointTimeout, api.LeverMaxConcurrentCheckpoints, api.LeverTransferThreads},
	string(api.CauseCheckpointPressure): {api.LeverCheckpointInterval, api.LeverIncrementalCheckpoints, api.LeverCheckpointTimeout},
	string(api.CauseFlinkVersionBug):    {api.LeverAdvisoryWorkarounds},
	string(api.CauseBackpressure):       {api.LeverUnalignedCheckpoints, api.LeverCheckpointTimeout},
}

// wrongLever tells a remedy that has nothing to do with the cause.
func (p *Part) wrongLever(lever api.Lever) bool {
	fitting, known := levers[p.SubCause]
	if !known {
		fitting, known = levers[p.Cause]
	}
	return known && !slices.Contains(fitting, lever)
}

// Judge holds a part's status against the truth. generation is the target's now.
func (p *Part) Judge(status *api.CheckpointHealthStatus, generation int64) Verdict {
	switch {
	case p.Cause == CauseNone:
		return p.judgeHealthy(status, generation)
	case p.Treatable:
		return p.judgeTreated(status)
	}
	return p.judgeAdvised(status, generation)
}

func (p *Part) judgeHealthy(status *api.CheckpointHealthStatus, generation int64) Verdict {
	switch {
	case generation > p.Untouched || len(status.Remediations) > 0:
		return Verdict{Failed: true, Why: "a healthy job was touched"}
	case status.Health == api.HealthUnhealthy:
		return Verdict{Failed: true, Why: "a healthy job was called unhealthy: " + string(status.Cause)}
	case status.Health == api.HealthHealthy:
		return Verdict{Passed: true, Why: "healthy and left alone"}
	}
	return Verdict{Why: "not judged yet"}
}

func (p *Part) judgeTreated(status *api.CheckpointHealthStatus) Verdict {
	if len(status.Remediations) == 0 {
		if wrong := p.wrongCause(status); wrong != "" {
			return Verdict{Why: wrong}
		}
		return Verdict{Why: "not treated yet"}
	}
	for i := range status.Remediations {
		if !p.right(string(status.Remediations[i].Cause)) {
			return Verdict{Failed: true, Why: "treated for " + string(status.Remediations[i].Cause)}
		}
		if p.wrongLever(status.Remediations[i].Lever) {
			return Verdict{Failed: true, Why: "treated by " + string(status.Remediations[i].Lever)}
		}
	}
	newest := &status.Remediations[0]
	switch {
	case newest.Outcome != api.OutcomeEffective:
		return Verdict{Why: "the remedy is " + string(newest.Outcome)}
	case status.Health != api.HealthHealthy:
		return Verdict{Why: "treated, and " + string(status.Health)}
	}
	return Verdict{Passed: true, Why: "diagnosed, patched, verified and healthy"}
}

func (p *Part) judgeAdvised(status *api.CheckpointHealthStatus, generation int64) Verdict {
	if generation > p.Untouched || len(status.Remediations) > 0 {
		return Verdict{Failed: true, Why: "patched, though no patch cures it"}
	}
	if wrong := p.wrongCause(status); wrong != "" {
		return Verdict{Why: wrong}
	}
	if p.Cause == string(api.CauseUndetermined) {
		if len(status.Diagnoses) == 0 || status.Diagnoses[0].NextMeasurement == "" {
			return Verdict{Why: "undetermined, without the measurement that would settle it"}
		}
		return Verdict{Passed: true, Why: "said to be undetermined, and what would settle it"}
	}
	if status.Recommendation.Summary == "" {
		return Verdict{Why: "named, without advice yet"}
	}
	return Verdict{Passed: true, Why: "named, advised and left alone"}
}

// wrongCause says what is wrong with the cause found; "" where it is right.
func (p *Part) wrongCause(status *api.CheckpointHealthStatus) string {
	if status.Cause == "" {
		return notDiagnosed(status.Health)
	}
	if !p.right(string(status.Cause)) {
		return fmt.Sprintf("diagnosed as %s, and it is %s", status.Cause, p.Cause)
	}
	if p.SubCause != "" && len(status.Diagnoses) > 0 && string(status.Diagnoses[0].SubCause) != p.SubCause {
		return fmt.Sprintf("diagnosed as %s/%s, and it is %s", status.Cause, status.Diagnoses[0].SubCause, p.SubCause)
	}
	return ""
}

// notDiagnosed tells of a job without a cause, and how it is where that is known.
func notDiagnosed(health api.Health) string {
	if health == "" {
		return "not looked at yet"
	}
	return "not diagnosed yet (" + string(health) + ")"
}

func (p *Part) right(cause string) bool { return cause == p.Cause || slices.Contains(p.Also, cause) }
