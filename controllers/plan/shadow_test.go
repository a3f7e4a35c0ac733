package plan

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// One place in a sink that stacks show is no shadow of it, though nothing tells whether it is the flush or the snapshot.
func TestAStarvedJobManagerIsNotTreatedBesideASinkThatStays(t *testing.T) {
	stack := []model.Evidence{{Signal: "stacks of missing subtasks", Observed: "2 of 2", Weight: 55}}
	late := []model.Evidence{{Signal: "synchronous part", Observed: "12s", Weight: 55}}
	for name, tt := range map[string]struct {
		flush, snapshot []model.Evidence
		want            bool
	}{"stacks show it": {stack, stack, false}, "late as all is": {late, late, true}, "stacks show one of them": {stack, late, true}} {
		in := patient(api.CauseJobManagerOverload, api.SubCauseHeap)
		in.Diagnosis.Findings[0].Verdict = api.VerdictConfirmed
		in.Diagnosis.Findings = append(in.Diagnosis.Findings, model.Finding{Cause: api.CauseSinkFlush, Verdict: api.VerdictLikely, Score: 70, Evidence: tt.flush},
			model.Finding{Cause: api.CauseSlowSyncPhase, Verdict: api.VerdictLikely, Score: 65, Evidence: tt.snapshot})
		if d := Decide(in); (d.Action == model.ActionApply) != tt.want {
			t.Errorf("%s: %s %+v", name, d.Action, d.WhyNot)
		}
	}
}
