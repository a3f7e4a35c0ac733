package model

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Each row is what a ConfigMap and its workload say of one remedy, and whether a write ended between the two.
func TestWhatLiesHalfway(t *testing.T) {
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	receipt := func(id string, outcome api.Outcome, workload string, after time.Duration) Receipt {
		return Receipt{ID: id, Outcome: outcome, Workload: workload, AppliedAt: at.Add(after), Generation: 3}
	}
	many := func(first time.Duration) (all []Receipt) {
		for i := range api.MaxRemediations {
			all = append(all, receipt("later", api.OutcomeEffective, "u", first+time.Duration(i)*time.Hour))
		}
		return all
	}
	cases := []struct {
		name       string
		file       Receipt
		onWorkload []Receipt
		want       bool
	}{
		{"a remedy that the workload has not heard of", receipt("a", api.OutcomePending, "u", 0), nil, true},
		{"and that has heard of others", receipt("a", api.OutcomePending, "u", 0), []Receipt{receipt("b", api.OutcomeEffective, "u", -time.Hour)}, true},
		{"a remedy in flight", receipt("a", api.OutcomePending, "u", 0), []Receipt{receipt("a", api.OutcomePending, "u", 0)}, false},
		{"a remedy that the workload has settled", receipt("a", api.OutcomePending, "u", 0), []Receipt{receipt("a", api.OutcomeEffective, "u", 0)}, false},
		{"one of a workload that is gone", receipt("a", api.OutcomePending, "before", 0), nil, false},
		{"one that the workload may have dropped", receipt("a", api.OutcomePending, "u", 0), many(time.Hour), false},
		{"one that is younger than what the workload keeps", receipt("a", api.OutcomePending, "u", 0), many(0), true},
		{"one of before receipts named their workload", receipt("a", api.OutcomePending, "", 0), nil, true},
		{"and the workload has moved since", with(receipt("a", api.OutcomePending, "", 0), func(r *Receipt) { r.Generation = 2 }), nil, false},
		{"a remedy that was taken back", receipt("a", api.OutcomeRolledBack, "u", 0), nil, false},
		{"an undo that the workload has not heard of", receipt("a", api.OutcomeRolledBack, "u", 0), []Receipt{receipt("a", api.OutcomePending, "u", 0)}, true},
		{"an undo that it has heard of", receipt("a", api.OutcomeRolledBack, "u", 0), []Receipt{receipt("a", api.OutcomeRolledBack, "u", 0)}, false},
	}
	for _, c := range cases {
		if got, ok := Halfway([]Receipt{c.file}, c.onWorkload, "u", 3); ok != c.want || (ok && got.ID != "a") {
			t.Errorf("%s: %v %+v", c.name, ok, got)
		}
	}
}

func with(r Receipt, change func(*Receipt)) Receipt {
	change(&r)
	return r
}

// A ConfigMap that was not told of a verdict is told from one whose remedy is in flight, was told, or never reached the workload.
func TestWhatAConfigMapWasNotTold(t *testing.T) {
	receipt := func(id string, outcome api.Outcome) []Receipt { return []Receipt{{ID: id, Outcome: outcome}} }
	for _, c := range []struct {
		name             string
		file, onWorkload []Receipt
		want             api.Outcome
	}{
		{"a verdict", receipt("a", api.OutcomePending), receipt("a", api.OutcomeEffective), api.OutcomeEffective},
		{"an undo that left this file to somebody else", receipt("a", api.OutcomePending), receipt("a", api.OutcomeRolledBack), api.OutcomeRolledBack},
		{"in flight", receipt("a", api.OutcomePending), receipt("a", api.OutcomePending), ""},
		{"told", receipt("a", api.OutcomeEffective), receipt("a", api.OutcomeEffective), ""},
		{"never rolled out", receipt("a", api.OutcomePending), receipt("b", api.OutcomeEffective), ""},
	} {
		if got, ok := Untold(c.file, c.onWorkload); got.Outcome != c.want || ok != (c.want != "") {
			t.Errorf("%s: %v %+v", c.name, ok, got)
		}
	}
}

// What another CheckpointHealth answers for is named, and a target that several passes share stays as it is.
func TestWhatLiesHalfwayHasAnOwner(t *testing.T) {
	shared := Target{Standalone: &Standalone{Halfway: map[string]Receipt{"conf": {ID: "a", UID: "other"}, "env": {ID: "b", UID: "me"}, "old": {ID: "c", UID: "gone"}}}}
	own := shared
	own.KeepOwn("me", func(uid string) string { return map[string]string{"other": "audit"}[uid] })
	got := own.Standalone.Halfway
	if got["conf"].Owner != "audit" || got["env"].Owner != "" || got["old"].Owner != "" || shared.Standalone.Halfway["conf"].Owner != "" {
		t.Errorf("got %+v, and what is shared is %+v", got, shared.Standalone.Halfway)
	}
}
