package apply

import (
	"fmt"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// receiptsOf are receipts of one outcome, newest first, the first of them some hours before noon and the others an hour apart.
func receiptsOf(outcome api.Outcome, count int, from time.Duration) []model.Receipt {
	var out []model.Receipt
	for i := range count {
		out = append(out, model.Receipt{ID: fmt.Sprintf("%s-%d", outcome, i), Outcome: outcome, AppliedAt: noon.Add(-from - time.Duration(i)*time.Hour)})
	}
	return out
}

func TestMergeKeepsWhatTheDailyLimitCounts(t *testing.T) {
	newest := model.Receipt{ID: "new", Outcome: api.OutcomePending, AppliedAt: noon}
	for name, receipts := range map[string][]model.Receipt{
		"kept ones of last week":   append(receiptsOf(api.OutcomeRolledBack, 5, time.Hour), receiptsOf(api.OutcomeEffective, 5, 7*24*time.Hour)...),
		"undone ones of last week": append(receiptsOf(api.OutcomeEffective, 5, time.Hour), receiptsOf(api.OutcomeRolledBack, 5, 7*24*time.Hour)...),
	} {
		merged := Merge(receipts, newest)
		today := 0
		for i := range merged {
			if noon.Sub(merged[i].AppliedAt) < 24*time.Hour {
				today++
			}
		}
		if len(merged) != api.MaxRemediations || merged[0].ID != "new" || today != 6 {
			t.Errorf("%s: %d receipts, %d of today, first %s", name, len(merged), today, merged[0].ID)
		}
	}
}

func TestMergeDropsWhatIsMissedLeast(t *testing.T) {
	week := 7 * 24 * time.Hour
	newest := model.Receipt{ID: "new", Outcome: api.OutcomePending, AppliedAt: noon}
	mixed := append(receiptsOf(api.OutcomeEffective, 9, week), receiptsOf(api.OutcomeRolledBack, 1, 2*week)...)
	for _, r := range Merge(mixed, newest) {
		if r.Outcome == api.OutcomeRolledBack {
			t.Errorf("an undone one was kept and one in force dropped: %s", r.ID)
		}
	}
	pending := receiptsOf(api.OutcomePending, 10, week)
	if merged := Merge(pending, newest); len(merged) != 11 {
		t.Errorf("%d receipts: a pending one was dropped", len(merged))
	}
	again := mixed[3]
	again.Outcome = api.OutcomeSuperseded
	if merged := Merge(mixed, again); len(merged) != 10 || merged[3].Outcome != api.OutcomeSuperseded {
		t.Errorf("settled in its place: %+v", merged[3])
	}
}

// The highest daily limit that a policy can have is one that the receipts can count.
func TestTheDailyLimitCanBind(t *testing.T) {
	merged := []model.Receipt{}
	for i := range api.MaxRemediations {
		merged = Merge(merged, model.Receipt{ID: fmt.Sprint(i), Outcome: api.OutcomeRolledBack, AppliedAt: noon.Add(time.Duration(i) * time.Hour)})
	}
	if len(merged) != api.MaxRemediations {
		t.Errorf("%d of %d receipts of one day are kept", len(merged), api.MaxRemediations)
	}
}

// What stood in the status before the patch, and tasks that did not run then either, are no harm of the remedy. Of the error only a mark is kept.
func TestTheBaselineTellsWhatWasSoBefore(t *testing.T) {
	now := time.Date(2026, time.November, 22, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		downFor time.Duration // 0: the tasks run
		down    bool
	}{{0, false}, {20 * time.Second, false}, {5 * time.Minute, true}} {
		s := &model.Snapshot{Target: model.Target{Kind: "FlinkSessionJob", Name: "payments", Error: "quota of team-a exceeded"}}
		if c.downFor > 0 {
			s.Past.TasksDownSince = now.Add(-c.downFor)
		}
		pass := &model.Pass{Now: now, Snapshot: s, Decision: model.Decision{Action: model.ActionApply, Remedy: &model.Remedy{}}}
		b := NewReceipt(pass).Baseline
		if b.Down != c.down || b.TargetError == "" || b.TargetError != s.Target.ErrorMark() || strings.Contains(b.TargetError, "quota") {
			t.Errorf("down for %s: %+v", c.downFor, b)
		}
	}
}
