package controllers

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A verdict or an undo that is refused is remembered by its receipt: the remedy that waits beside it was not refused, and says why it waits.
func TestARefusalIsKeptForWhatWasRefused(t *testing.T) {
	waits, forbidden := model.Refusal{Reason: api.ReasonModeRecommend, Message: "the mode"}, model.Refusal{Reason: api.ReasonForbidden, Message: "no right"}
	for _, tt := range []struct {
		action model.Action
		whyNot model.Refusal
		hash   string
		want   model.Refusal
	}{
		{model.ActionApply, model.Refusal{}, "remedy", forbidden},
		{model.ActionSettle, waits, "receipt", waits},
		{model.ActionRollback, waits, "receipt", waits},
		{model.ActionRollback, model.Refusal{}, "receipt", forbidden},
	} {
		s := &scope{session: &session{}}
		s.pass.Snapshot = &model.Snapshot{}
		s.pass.Decision = model.Decision{Action: tt.action, WhyNot: tt.whyNot, Remedy: &model.Remedy{Hash: "remedy"}}
		(&CheckpointHealthReconciler{}).keepRefusal(s, &model.Written{Refused: forbidden, Receipt: &model.Receipt{ID: "receipt"}})
		if got := s.session.refused; got.hash != tt.hash || got.refusal != forbidden || s.pass.Decision.WhyNot != tt.want || s.pass.Decision.Action != model.ActionNone {
			t.Errorf("%s: kept %q for %q, and %+v is said; want %q and %+v", tt.action, got.refusal.Reason, got.hash, s.pass.Decision.WhyNot, tt.hash, tt.want)
		}
	}
}
