package report

import (
	"fmt"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// eventLines prints events as kubectl events does, in columns.
func eventLines(list []Event) string {
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%-8s %-20s %s\n", e.Type, e.Reason, e.Note)
	}
	return b.String()
}

// TestEventsOfALife walks one object through a whole life and keeps every event in the golden file, in order. Each pass is reported twice:
// the second time nothing may be said.
func TestEventsOfALife(t *testing.T) {
	reverted := func() *model.Pass {
		p := slowStorage()
		p.Verification.RevertedBy = "Argo CD"
		p.Decision.WhyNot = model.Refusal{Reason: api.ReasonRevertedByGitOps, Message: "Argo CD put execution.checkpointing.timeout back to 10m; recommending only"}
		return p
	}
	recommended := func() *model.Pass {
		p := slowStorage()
		p.Decision.WhyNot = model.Refusal{Reason: api.ReasonModeRecommend, Message: "the policy's mode is Recommend"}
		return p
	}
	refused := func() *model.Pass {
		p := slowStorage()
		p.Written = &model.Written{Action: model.ActionApply, Refused: model.Refusal{Reason: api.ReasonDryRunRefused, Message: "admission webhook says no"}}
		return p
	}
	lost := func() *model.Pass {
		p := unreachable()
		p.Snapshot.Target.Receipts = []model.Receipt{receipt(api.OutcomePending)}
		return p
	}
	life := []struct {
		name string
		pass *model.Pass
	}{
		{"first look, healthy", base()}, {"sick, undetermined", undetermined()}, {"diagnosed, outside the window", slowStorage()},
		{"mode Recommend", recommended()}, {"dry run refused", refused()}, {"applied", applied()}, {"being verified", pendingVerification()},
		{"unreachable", lost()}, {"cured", cured()}, {"something to watch", watchedCure()}, {"sick again, rolled back", rolledBack()}, {"reverted", reverted()},
		{"advice only", adviceOnly()}, {"healthy", base()}, {"at risk", atRisk()},
	}
	var b strings.Builder
	o := object()
	for _, step := range life {
		now := Status(o, step.pass)
		fmt.Fprintf(&b, "# %s\n%s", step.name, eventLines(Events(&o.Status, &now, step.pass)))
		o.Status = now
		again := Status(o, step.pass)
		if said := Events(&o.Status, &again, step.pass); len(said) > 0 {
			t.Errorf("%s: said twice: %s", step.name, eventLines(said))
		}
	}
	golden(t, "events.txt", b.String())
}

// A restart of a job that is not Unhealthy yet is not explained by its health: the event says what asked for it.
func TestARemedyBeforeThePatternSaysWhy(t *testing.T) {
	for health, want := range map[api.Health]bool{api.HealthAtRisk: true, api.HealthUnhealthy: false} {
		o, pass := object(), applied()
		o.Status = Status(o, slowStorage())
		pass.Written.Receipt.Baseline.Health = health
		now := Status(o, pass)
		said := eventLines(Events(&o.Status, &now, pass))
		if !strings.Contains(said, api.ReasonRemedyApplied) || strings.Contains(said, "detection.treat is AtRisk") != want {
			t.Errorf("%s: the reason is said: want %t\n%s", health, want, said)
		}
	}
}

// A remedy that did what was asked of it is Effective though the job is at risk of the same cause yet; the event does not leave that out.
func TestEffectiveAndStillSickSaysSo(t *testing.T) {
	for _, sick := range []bool{true, false} {
		o, before, after := object(), pendingVerification(), cured()
		o.Status = Status(o, before)
		if sick {
			after.Diagnosis = before.Diagnosis
			after.Diagnosis.Health = api.HealthAtRisk
		}
		now := Status(o, after)
		said := eventLines(Events(&o.Status, &now, after))
		if !strings.Contains(said, api.ReasonRemedyEffective) || strings.Contains(said, "still at risk of the same cause") != sick {
			t.Errorf("sick %t:\n%s", sick, said)
		}
		if told := strings.Join(now.Assessment, " "); strings.Contains(told, "is at risk of the same cause all the same") != sick {
			t.Errorf("sick %t:\n%s", sick, told)
		}
	}
}

func TestHistoryOfANewObjectIsNoNews(t *testing.T) {
	now := Status(object(), cured())
	if said := Events(&api.CheckpointHealthStatus{}, &now, cured()); len(said) > 0 {
		t.Errorf("receipts of earlier days were told as news: %s", eventLines(said))
	}
}

func TestFailureIsSaidOnce(t *testing.T) {
	o := object()
	o.Status = Status(o, base())
	failed := Failed(o, Failure{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment prod/payments does not exist"}, at)
	said := Events(&o.Status, &failed, nil)
	if len(said) != 1 || said[0].Reason != api.ReasonTargetNotFound || said[0].Type != "Warning" {
		t.Errorf("events of a failure: %s", eventLines(said))
	}
	o.Status = failed
	again := Failed(o, Failure{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment prod/payments does not exist"}, at)
	if said := Events(&o.Status, &again, nil); len(said) > 0 {
		t.Errorf("said twice: %s", eventLines(said))
	}
}
