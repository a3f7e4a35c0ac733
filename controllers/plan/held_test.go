package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flip is the change to last-state that a remedy of a job with savepoint upgrades carries.
var flip = model.ChangeRecord{Field: fieldUpgradeMode, From: "savepoint", WasSet: true, To: "last-state"}

func TestWhatStaysLastStateIsSaid(t *testing.T) {
	for _, outcome := range []api.Outcome{api.OutcomeEffective, api.OutcomeInconclusive, api.OutcomeHarmful, api.OutcomeIneffective} {
		in := inFlight(outcome)
		in.Verification.Receipt.Changes = append(in.Verification.Receipt.Changes, flip)
		d := Decide(in)
		if d.Receipt == nil || !slices.Equal(d.Receipt.Held, []string{fieldUpgradeMode}) || !strings.Contains(d.Receipt.Message, "goes back to savepoint by itself") {
			t.Errorf("%s: %s %+v", outcome, d.Action, d.Receipt)
		}
	}
	if d := Decide(inFlight(api.OutcomeEffective)); len(d.Receipt.Held) > 0 {
		t.Errorf("nothing was flipped: %+v", d.Receipt)
	}
}

func TestUpgradeModeGoesBackOnceTheJobIsHealthy(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Input)
		action model.Action
		advice string
	}{
		{"healthy", func(*Input) {}, model.ActionRestore, ""},
		{"sick", func(in *Input) { in.Diagnosis.Health = api.HealthUnhealthy }, model.ActionNone, ""},
		{"its owner changed it", func(in *Input) { in.Snapshot.Target.UpgradeMode = "stateless" }, model.ActionNone, ""},
		{"being upgraded", func(in *Input) { in.Snapshot.Target.Lifecycle = "UPGRADING" }, model.ActionNone, ""},
		{"not held", func(in *Input) { in.Snapshot.Target.Receipts[0].Held = nil }, model.ActionNone, ""},
		{"paused", func(in *Input) { in.Controls.Paused = "on call" }, model.ActionNone, "goes back to savepoint, which restarts nothing, but paused: on call"},
		{"mode Recommend", func(in *Input) { in.Policy.Mode = api.ModeRecommend }, model.ActionNone, "goes back to savepoint"},
		{"refused before", func(in *Input) {
			in.Controls.WriteRefusedHash, in.Controls.WriteRefused = "7f3a-3", refuse(api.ReasonOwnedByOtherManager, "Flux owns it")
		}, model.ActionNone, "Flux owns it"},
	} {
		in := patient("", "")
		in.Diagnosis.Health, in.Diagnosis.Findings = api.HealthHealthy, nil
		at := now.Add(-time.Hour)
		in.Snapshot.Target.Receipts = []model.Receipt{{ID: "7f3a-3", Outcome: api.OutcomeEffective, AppliedAt: at, FinishedAt: &at,
			Changes: []model.ChangeRecord{{Field: keyTimeout, From: "10m", WasSet: true, To: "15m"}, flip}, Held: []string{fieldUpgradeMode}}}
		c.change(&in)
		d := Decide(in)
		if d.Action != c.action || !strings.Contains(strings.Join(d.Advice, " "), c.advice) {
			t.Errorf("%s: %s, advice %q", c.name, d.Action, d.Advice)
		}
		if d.Action == model.ActionRestore && (d.Receipt.Outcome != api.OutcomeEffective || len(d.Receipt.Held) > 0 || !strings.Contains(d.Receipt.Message, "savepoint again")) {
			t.Errorf("%s: %+v", c.name, d.Receipt)
		}
	}
}
