package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/hack/evidence/cases"
	"checkpointhealth.dev/operator/hack/evidence/score"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// ward is a sick job as it was recorded, on a Flink that only remembers how it was deployed. It stays as sick as it is; what a remedy does is said
// beforehand, in order. Its clock goes with the waiting.
type ward struct {
	sick     *model.Pass
	clock    time.Time
	receipts []model.Receipt
	outcomes []api.Outcome
	deployed []map[string]string
	broken   error
}

func (w *ward) Deploy(_ context.Context, spec flinklocal.Spec) error {
	w.deployed = append(w.deployed, spec.Config)
	return w.broken
}

func (w *ward) Ready(context.Context) (bool, error) { return true, nil }

func (w *ward) carry(receipt model.Receipt) { w.receipts = apply.Merge(w.receipts, receipt) }

func (w *ward) look(context.Context, bool) (*model.Pass, error) {
	snapshot, pass := *w.sick.Snapshot, *w.sick
	snapshot.Target.Receipts = slices.Clone(w.receipts)
	pass.Snapshot, pass.Now = &snapshot, w.clock
	if len(w.receipts) > 0 && w.receipts[0].Pending() {
		pass.Verification = model.Verification{Receipt: &w.receipts[0], Outcome: w.outcomes[0], Message: "as was said"}
		w.outcomes = w.outcomes[1:]
	}
	pass.Decision = plan.Decide(plan.Input{Snapshot: &snapshot, Diagnosis: &pass.Diagnosis, Verification: pass.Verification, Policy: &pass.Policy,
		Controls: pass.Controls, Now: pass.Now})
	return &pass, nil
}

// treated is a treatment of a slow cleanup, for which several rungs are left; remedies turn out as outcomes say.
func treated(t *testing.T, outcomes ...api.Outcome) (*ward, *treatment) {
	t.Helper()
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	passes, err := score.Walk(t.Context(), filepath.Join("..", "recordings", "tuning", "1.20.5", "cleanup-strict.har.gz"), doctor)
	if err != nil {
		t.Fatal(err)
	}
	last := passes[len(passes)-1]
	w := &ward{sick: last, clock: last.Now, outcomes: outcomes}
	return w, &treatment{
		c: &cases.Case{Case: flinklocal.Case{Name: "x", Parallelism: 2, Config: map[string]string{"a": "1"}}}, version: "1.20.5", cluster: w, patient: w,
		log: t.Logf, since: func(time.Time) []flinklocal.Checkpoint { return ended("xxc") }, now: func() time.Time { return w.clock },
		wait: func(ctx context.Context, d time.Duration) error { w.clock = w.clock.Add(d); return ctx.Err() },
	}
}

// cured is what a trial tells of a treatment, and how often it was kept.
func cured(t *testing.T, w *ward, tr *treatment) (result trial.Trial, kept int) {
	t.Helper()
	r := &run{log: t.Logf, last: w.sick}
	if err := r.cure(t.Context(), tr, ended("xx"), func() error { kept++; return nil }); err != nil {
		t.Fatal(err)
	}
	return r.result, kept
}

func TestAfterAnUndoneRemedyTheNextRungIsTried(t *testing.T) {
	w, tr := treated(t, api.OutcomeIneffective, api.OutcomeEffective)
	got, kept := cured(t, w, tr)
	var says []string
	for _, m := range got.Remedies() {
		says = append(says, fmt.Sprintf("%s, undone %t, %d before, %d after", m.Judged, m.Undone, m.Before.Ended, m.After.Ended))
	}
	// Before the second one is what ended since the first was taken back.
	if diff := cmp.Diff([]string{"Ineffective, undone true, 2 before, 3 after", "Effective, undone false, 3 before, 3 after"}, says); diff != "" {
		t.Fatal(diff)
	}
	if got.Remedy.Lever == got.Then[0].Lever || kept != 2 {
		t.Errorf("%s and then %s, kept %d times: want another rung, and what was known kept before it", got.Remedy.Lever, got.Then[0].Lever, kept)
	}
	with := func(m *trial.Remedy) map[string]string {
		config := map[string]string{"a": "1"}
		maps.Copy(config, m.Settings)
		return config
	}
	if diff := cmp.Diff([]map[string]string{with(got.Remedy), {"a": "1"}, with(&got.Then[0])}, w.deployed); diff != "" {
		t.Errorf("deployed: want one remedy, none, the other alone\n%s", diff)
	}
	if w.receipts[1].Outcome != api.OutcomeRolledBack || w.receipts[1].FinishedAt == nil || w.receipts[0].Outcome != api.OutcomeEffective {
		t.Errorf("receipts %+v", w.receipts)
	}
}

func TestWhatFollowsIsBounded(t *testing.T) {
	w, tr := treated(t, api.OutcomeIneffective, api.OutcomeHarmful, api.OutcomeIneffective, api.OutcomeIneffective)
	got, _ := cured(t, w, tr)
	if n := len(got.Then); n == 0 || n > mostFurther || !got.Then[n-1].Undone {
		t.Fatalf("then %+v: want at most %d, each of them taken back", got.Then, mostFurther)
	}
	if last := w.deployed[len(w.deployed)-1]; len(last) != 1 {
		t.Errorf("left with %v, want the configuration as it was", last)
	}
	w, tr = treated(t, api.OutcomeIneffective, api.OutcomeEffective)
	tr.wait = func(context.Context, time.Duration) error { w.clock = w.clock.Add(furtherPatience); return nil }
	if got, kept := cured(t, w, tr); len(got.Then) != 0 || kept != 1 || len(w.deployed) != 2 {
		t.Errorf("then %+v, kept %d times, deployed %v: want nothing begun that cannot be judged in time", got.Then, kept, w.deployed)
	}
}

func TestNothingFollowsARemedyThatStays(t *testing.T) {
	for _, outcome := range []api.Outcome{api.OutcomeEffective, api.OutcomeInconclusive} {
		w, tr := treated(t, outcome)
		if got, kept := cured(t, w, tr); len(got.Remedies()) != 1 || got.Remedy.Undone || kept != 1 || got.SickUntil.IsZero() {
			t.Errorf("%s: %+v, then %+v, kept %d times", outcome, got.Remedy, got.Then, kept)
		}
	}
	w, tr := treated(t)
	w.broken = errors.New("no Flink")
	if got, kept := cured(t, w, tr); got.Remedy.Judged != api.OutcomeInconclusive || got.Then != nil || kept != 1 {
		t.Errorf("Flink did not come back: %+v, then %+v, kept %d times", got.Remedy, got.Then, kept)
	}
}

// What the manager would hold back is not tried; what only says that nothing is written here, is.
func TestWhatIsHeldBackIsNotTried(t *testing.T) {
	for reason, tried := range map[string]bool{
		api.ReasonNetworkTooSlow: false, api.ReasonReplayTooLong: false, api.ReasonModeRecommend: true, api.ReasonTargetNotPatchable: true, api.ReasonCooldown: true,
	} {
		w, tr := treated(t, api.OutcomeEffective)
		sick := *w.sick
		sick.Decision.Refusals = []model.Refusal{{Reason: reason, Message: fmt.Sprint("for ", reason)}}
		w.sick = &sick
		got, kept := cured(t, w, tr)
		if (got.Remedy != nil) != tried || kept != 1 || got.SickUntil.IsZero() == tried {
			t.Errorf("%s: remedy %+v, kept %d times", reason, got.Remedy, kept)
		}
	}
	w, tr := treated(t)
	tr.c.NoRemedy = true
	if got, _ := cured(t, w, tr); got.Remedy != nil || w.deployed != nil {
		t.Errorf("a case without remedies was given %+v", got.Remedy)
	}
}

func TestARemedyBecomesADeployment(t *testing.T) {
	tr := &treatment{version: "1.20.5", c: &cases.Case{Case: flinklocal.Case{Name: "x", Parallelism: 2, Config: map[string]string{"a": "1"}}}}
	spec, settings, err := tr.changed(&model.Remedy{Changes: []model.Change{
		{Field: "execution.checkpointing.timeout", To: "30s"}, {Field: "jobManager.resource.cpu", To: "2.5"},
		{Field: "jobManager.resource.memory", To: "1600Mi"}, {Field: "job.upgradeMode", To: "last-state"},
	}})
	if err != nil || spec.Config["execution.checkpointing.timeout"] != "30s" || spec.Config["a"] != "1" || spec.CPU != 2.5 || spec.MemoryBytes != 1600<<20 {
		t.Errorf("%+v, %v", spec, err)
	}
	if len(settings) != 4 || len(tr.c.Config) != 1 {
		t.Errorf("settings %v of a case with %v: want all four, and the case as it was", settings, tr.c.Config)
	}
	if _, _, err := tr.changed(&model.Remedy{Changes: []model.Change{{Field: "jobManager.podTemplate", To: "x"}}}); err == nil {
		t.Error("a field that no local Flink has was taken")
	}
}

func TestAJudgementHasTimeForTwiceTheCheckpoints(t *testing.T) {
	var s model.Settings
	s.Timeout.Value, s.Interval.Value = 30*time.Second, 5*time.Second
	if got := judgement(&model.Criterion{CompleteInRow: 3, FailInRow: 2}, &s); got != verifyPatience+6*35*time.Second {
		t.Errorf("%s, want six times 35 s and the patience", got)
	}
}
