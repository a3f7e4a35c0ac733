package plan

import (
	"maps"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A write that ended between the ConfigMap and the workload is completed where the remedy is still wanted, taken back where it is not, and
// left alone while nobody may write.
func TestAHalfwayWriteIsCompletedOrTakenBack(t *testing.T) {
	halfway := func(in *Input) {
		in.Snapshot.Target.Standalone.Halfway = map[string]model.Receipt{"flink-config": {ID: "x-3", Outcome: api.OutcomePending}}
	}
	if d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), halfway)); d.Action != model.ActionApply {
		t.Errorf("still wanted: %s %+v", d.Action, d.WhyNot)
	}
	healthy := with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) { halfway(in); in.Diagnosis.Health = api.HealthHealthy })
	if d := Decide(healthy); d.Action != model.ActionRollback || d.Receipt.ID != "x-3" || d.Receipt.Outcome != api.OutcomeRolledBack {
		t.Errorf("not wanted: %s %+v", d.Action, d.WhyNot)
	}
	for name, hold := range map[string]func(*Input){
		"paused":       func(in *Input) { in.Controls.Paused = "lunch" },
		"just started": func(in *Input) { in.Controls.Warm = false },
		"not known":    func(in *Input) { in.Diagnosis.Health = api.HealthUnknown },
	} {
		if d := Decide(with(healthy, func(in *Input) { health := *in.Diagnosis; in.Diagnosis = &health; hold(in) })); d.Action != model.ActionNone {
			t.Errorf("%s: %s", name, d.Action)
		}
	}
}

// begun puts a remedy of the io pool on the patient's ConfigMap that the Deployment does not know of.
func begun(in *Input) {
	file := model.PlaceRef{Kind: model.PlaceConfigMap, Name: "flink-config", Key: "flink-conf.yaml"}
	in.Snapshot.Target.Standalone.Halfway = map[string]model.Receipt{"flink-config": {ID: "x-3", Outcome: api.OutcomePending,
		Changes: []model.ChangeRecord{{Field: keyIOPool, From: "2", WasSet: true, To: "5", Place: &file}}}}
}

// Each row is a halfway remedy whose values may be in use all the same: it is neither taken back nor written over, and status says how a
// person settles it.
func TestAHalfwayRemedyInUseIsLeftToPeople(t *testing.T) {
	runs := func(value string) func(*Input) {
		return func(in *Input) {
			in.Snapshot.Settings.Cluster = maps.Clone(in.Snapshot.Settings.Cluster)
			in.Snapshot.Settings.Cluster[keyIOPool] = value
		}
	}
	rolled := func(in *Input) { in.Snapshot.Target.Standalone.ConfigHash = "0a1b" }
	for _, c := range []struct {
		name   string
		change func(*Input)
		says   string // empty where it is no one's but ours
	}{
		{"Flink runs with what was there", runs("2"), ""},
		{"Flink runs with it", runs("5"), "Flink runs with it"},
		{"it was rolled out, and somebody removed the annotation", rolled, "has the hash of a configuration that was rolled out"},
		{"an older remedy explains the hash", func(in *Input) {
			rolled(in)
			r := in.Snapshot.Target.Standalone.Halfway["flink-config"]
			r.ID, r.Outcome = "x-1", api.OutcomeEffective
			in.Snapshot.Target.Receipts = []model.Receipt{r}
		}, ""},
		{"one that somebody put back explains the hash", func(in *Input) {
			rolled(in)
			r := in.Snapshot.Target.Standalone.Halfway["flink-config"]
			r.ID, r.Outcome = "x-1", api.OutcomeSuperseded
			in.Snapshot.Target.Receipts = []model.Receipt{r}
		}, ""},
	} {
		for _, health := range []api.Health{api.HealthHealthy, api.HealthUnhealthy} {
			d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) { begun(in); c.change(in); in.Diagnosis.Health = health }))
			advice := strings.Join(d.Advice, " ")
			switch {
			case c.says == "" && d.Action == model.ActionNone && health == api.HealthHealthy:
				t.Errorf("%s, %s: not taken back: %+v", c.name, health, d.WhyNot)
			case c.says == "":
			case d.Action != model.ActionNone || !strings.Contains(advice, c.says) || !strings.Contains(advice, keyIOPool+" back to 2") || !d.WhyNot.Refused():
				t.Errorf("%s, %s: %s, %q, %+v", c.name, health, d.Action, advice, d.WhyNot)
			}
		}
	}
}

// While nobody can tell what Flink runs with, a halfway remedy is neither completed nor taken back, and nobody is told to edit anything.
func TestAHalfwayRemedyWaitsForTheConfiguration(t *testing.T) {
	for health, want := range map[api.Health]string{api.HealthHealthy: api.ReasonHealthyNothingToDo, api.HealthUnhealthy: api.ReasonRemedyPending} {
		d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) {
			begun(in)
			in.Snapshot.Settings.Cluster, in.Diagnosis.Health = nil, health
		}))
		if said := d.WhyNot.Message + strings.Join(d.Advice, " "); d.Action != model.ActionNone || d.WhyNot.Reason != want || strings.Contains(said, "annotation") {
			t.Errorf("%s: %s %+v, %q", health, d.Action, d.WhyNot, d.Advice)
		}
	}
}

// That no cause is sure enough in one look, as a thread dump caught nothing, takes no remedy back before the time in which it would have been judged.
func TestAHalfwayRemedyWaitsForACause(t *testing.T) {
	for _, c := range []struct {
		ago  time.Duration
		want model.Action
	}{{time.Minute, model.ActionNone}, {2 * time.Hour, model.ActionRollback}} {
		d := Decide(with(standalonePatient(api.CauseUndetermined, ""), func(in *Input) {
			begun(in)
			r := in.Snapshot.Target.Standalone.Halfway["flink-config"]
			r.AppliedAt, r.Criterion.DeadlineSeconds = now.Add(-c.ago), 3600
			in.Snapshot.Target.Standalone.Halfway["flink-config"] = r
		}))
		if d.Action != c.want || d.Action == model.ActionNone && d.WhyNot.Reason != api.ReasonUndetermined {
			t.Errorf("%s after it was written: %s %+v", c.ago, d.Action, d.WhyNot)
		}
	}
}

// While a rollout is on its way nobody knows which configuration will be in force.
func TestAHalfwayRemedyWaitsForARollout(t *testing.T) {
	d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) {
		begun(in)
		in.Diagnosis.Health, in.Snapshot.Target.Standalone.Rolling = api.HealthHealthy, "0 of 1 pods have the present template"
	}))
	if d.Action != model.ActionNone {
		t.Errorf("%s", d.Action)
	}
}

// An undo that reached the ConfigMap alone is completed, whatever the checkpoints of the JobManager say that still runs with the remedy: with
// its next start the job loses it.
func TestAnUndoThatEndedHalfwayIsCompleted(t *testing.T) {
	for _, outcome := range []api.Outcome{api.OutcomeEffective, api.OutcomePending, api.OutcomeInconclusive, api.OutcomeIneffective} {
		in := with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) {
			begun(in)
			r := in.Snapshot.Target.Standalone.Halfway["flink-config"]
			in.Snapshot.Target.Receipts = []model.Receipt{r}
			in.Verification = model.Verification{Receipt: &r, Outcome: outcome, Message: "3 completed in a row"}
			undone := r
			undone.Outcome, undone.Message = api.OutcomeRolledBack, "it harmed; restored jobmanager.io-pool.size 2"
			in.Snapshot.Target.Standalone.Halfway["flink-config"] = undone
		})
		if d := Decide(in); d.Action != model.ActionRollback || d.Receipt.Outcome != api.OutcomeRolledBack || !strings.HasPrefix(d.Receipt.Message, "it harmed") {
			t.Errorf("%s: %s %+v %+v", outcome, d.Action, d.Receipt, d.WhyNot)
		}
		in.Controls.Paused = "lunch"
		if d := Decide(in); d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonPaused {
			t.Errorf("%s, paused: %s %+v", outcome, d.Action, d.WhyNot)
		}
	}
}

// A verdict that reached the Deployment and not its ConfigMap is told to that, whatever the policy's mode, once the API server takes it.
func TestAVerdictReachesTheConfigMap(t *testing.T) {
	judged := model.Receipt{ID: "x-3", Outcome: api.OutcomeEffective}
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   model.Action
	}{
		{"at rest", func(*Input) {}, model.ActionSettle},
		{"in mode Recommend", func(in *Input) { in.Policy.Mode = api.ModeRecommend }, model.ActionSettle},
		{"paused", func(in *Input) { in.Controls.Paused = "lunch" }, model.ActionNone},
		{"refused lately", func(in *Input) {
			in.Controls.WriteRefused, in.Controls.WriteRefusedHash = refuse(api.ReasonForbidden, "no"), "x-3"
		}, model.ActionNone},
		{"another's", func(in *Input) {
			theirs := judged
			theirs.Owner = "audit"
			in.Snapshot.Target.Standalone.Untold["flink-config"] = theirs
		}, model.ActionNone},
	} {
		d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), func(in *Input) {
			in.Diagnosis.Health = api.HealthHealthy
			in.Snapshot.Target.Standalone.Untold = map[string]model.Receipt{"flink-config": judged}
			c.change(in)
		}))
		if d.Action != c.want || d.WhyNot.Reason != api.ReasonHealthyNothingToDo {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
}
