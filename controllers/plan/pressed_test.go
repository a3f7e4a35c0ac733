package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Slow uploads beside back pressure are not treated whatever the policy says of unaligned checkpoints, which are not on their ladder, unless they are on.
func TestSlowUploadsBesideBackPressure(t *testing.T) {
	for _, action := range []api.LeverAction{api.LeverOff, api.LeverRecommend, api.LeverApply} {
		for name, c := range map[string]struct {
			unaligned model.Setting[bool]
			tried     bool
		}{"aligned": {set(false), false}, "unaligned": {set(true), true}, "not known": {model.Setting[bool]{}, false}} {
			in := patient(api.CauseSlowStateBackend, "")
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{11 * time.Minute}, true
			in.Diagnosis.Findings = append(in.Diagnosis.Findings, model.Finding{Cause: api.CauseBackpressure, Verdict: api.VerdictConfirmed, Score: 79, Summary: "backlog"})
			limit := in.Policy.Levers[api.LeverUnalignedCheckpoints]
			limit.Action = action
			in.Policy.Levers[api.LeverUnalignedCheckpoints], in.Snapshot.Settings.Unaligned = limit, c.unaligned
			d := Decide(in)
			if tried := d.Action == model.ActionApply; tried != c.tried || !tried && !strings.Contains(d.WhyNot.Message, "which no longer timeout cures") {
				t.Errorf("%s, lever %s: %s %+v", name, action, d.Action, d.WhyNot)
			}
		}
	}
}
