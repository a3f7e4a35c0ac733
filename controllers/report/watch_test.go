package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestWatchNeedsARemedyAndALaterLine(t *testing.T) {
	late := model.LogSignal{Kind: model.LogOutOfOrder, Process: "tm-1", Count: 1, First: minutesAgo(4), Last: minutesAgo(4)}
	early, other, untimed := late, late, late
	early.First, early.Last = minutesAgo(60), minutesAgo(60)
	other.Kind = model.LogSinkError
	untimed.First, untimed.Last = model.LogSignal{}.First, model.LogSignal{}.Last
	said := []string{"event out of order in the log of tm-1, once, last 02:47 UTC, after the remedy"}
	for name, tc := range map[string]struct {
		signal  model.LogSignal
		outcome api.Outcome
		want    []string
	}{
		"pending":             {late, api.OutcomePending, said},
		"in force":            {late, api.OutcomeEffective, said},
		"undone":              {late, api.OutcomeRolledBack, nil},
		"superseded":          {late, api.OutcomeSuperseded, nil},
		"before the remedy":   {early, api.OutcomePending, nil},
		"of another kind":     {other, api.OutcomePending, nil},
		"without a time":      {untimed, api.OutcomePending, nil},
		"no remedy was given": {late, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := base()
			p.Snapshot.Logs = []model.LogSignal{tc.signal}
			if tc.outcome != "" {
				p.Snapshot.Target.Receipts = []model.Receipt{receipt(tc.outcome)}
			}
			if diff := cmp.Diff(tc.want, watches(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if watches(&model.Pass{}) != nil {
		t.Error("a pass that failed has nothing to watch")
	}
}
