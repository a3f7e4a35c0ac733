package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// causeCase is a cause and what its first rung writes.
type causeCase struct {
	cause api.Cause
	sub   api.SubCause
	field string
}

// treatedCauses are every cause with what its first rung writes in a patient; an empty field means advice only.
var treatedCauses = []causeCase{
	{api.CauseNetworkLatency, "", keyTimeout},
	{api.CauseJobManagerOverload, api.SubCauseCPU, fieldCPU},
	{api.CauseJobManagerOverload, api.SubCauseHeap, fieldMemory},
	{api.CauseJobManagerOverload, "", fieldCPU},
	{api.CauseSlowCleanup, "", keyIOPool},
	{api.CauseSlowStateBackend, "", keyTimeout},
	{api.CauseCheckpointPressure, "", keyInterval},
	{api.CauseFlinkVersionBug, api.SubCauseKnownIssue, "state.backend.rocksdb.manual-compaction.min-interval"},
	{api.CauseFlinkVersionBug, api.SubCauseVersionMismatch, ""},
	{api.CauseBackpressure, "", ""},
	{api.CauseSinkFlush, "", ""},
	{api.CauseSlowSyncPhase, "", ""},
	{api.CauseDataSkew, "", ""},
	{api.CauseTaskManagerPressure, "", ""},
	{api.CauseStorageFailure, "", ""},
	{api.CauseOversizedAck, "", ""},
	{api.CauseSourceBlocked, "", ""},
	{api.CauseUserCodeBlocking, "", ""},
	{api.CauseCommitBlocksTask, "", ""},
	{api.CauseCoordinatorBlocked, "", ""},
	{api.CauseTaskFailure, "", ""},
}

func TestEveryCauseHasALadderOrAdvice(t *testing.T) {
	for _, c := range treatedCauses {
		d := Decide(patient(c.cause, c.sub))
		name := string(c.cause) + "/" + string(c.sub)
		if c.field == "" {
			if d.Remedy != nil || d.WhyNot.Reason != api.ReasonAdviceOnly || len(d.Advice) == 0 {
				t.Errorf("%s: %s %+v, advice %q, want advice only", name, d.Action, d.WhyNot, d.Advice)
			}
			continue
		}
		if _, ok := field(d, c.field); !ok {
			t.Errorf("%s: no change of %s: %+v, %+v", name, c.field, d.Remedy, d.WhyNot)
			continue
		}
		if !whole(d.Remedy) {
			t.Errorf("%s: the remedy is not whole: %+v", name, d.Remedy)
		}
	}
}

// whole tells that a remedy says all that apply and report need.
func whole(r *model.Remedy) bool {
	return len(r.Changes) > 0 && len(r.Changes) <= api.MaxChanges && r.Reason != "" && r.Hash != "" && r.Cost != "" && r.Criterion.DeadlineSeconds > 0
}

func TestTheTableNamesEveryCause(t *testing.T) {
	for i := range ladders {
		row := &ladders[i]
		named := slices.ContainsFunc(treatedCauses, func(c causeCase) bool {
			return c.cause == row.cause && (c.sub == row.sub || row.sub == "")
		})
		if !named {
			t.Errorf("ladder of %s/%s is tested nowhere", row.cause, row.sub)
		}
		if row.advice == "" {
			t.Errorf("ladder of %s/%s has no advice for where nothing can be written", row.cause, row.sub)
		}
		if slices.IndexFunc(ladders, func(l ladder) bool { return l.cause == row.cause && l.sub == row.sub }) != i {
			t.Errorf("two ladders of %s/%s", row.cause, row.sub)
		}
	}
}

func TestEveryLeverIsOnALadder(t *testing.T) {
	used := map[api.Lever]bool{}
	for i := range ladders {
		for _, r := range ladders[i].rungs {
			for _, l := range r.levers {
				used[l] = true
			}
		}
	}
	for lever := range model.ResolvePolicy("", nil).Levers {
		if !used[lever] {
			t.Errorf("no ladder uses lever %s", lever)
		}
	}
}

func TestLadderOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		cause  api.Cause
		change func(*Input)
		want   string // main field of the remedy
		reason string // where there is none, or it is only recommended
	}{
		{"timeout muted: transfer threads, recommended only", api.CauseSlowStateBackend, func(in *Input) {
			in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseSlowStateBackend, api.LeverCheckpointTimeout, 2*time.Hour)}
		}, keyTransfer, api.ReasonLeverRecommendOnly},
		{"a rung that may be applied goes before one that may not", api.CauseCheckpointPressure, func(in *Input) {
			in.Snapshot.Settings.Interval = set(time.Hour) // 1h, beyond the bound
		}, keyTimeout, ""},
		{"incremental first where it may be applied", api.CauseCheckpointPressure, func(in *Input) {
			in.Snapshot.Settings.Interval = set(time.Hour)
			permit(in, api.LeverIncrementalCheckpoints)
		}, keyIncremental, ""},
		{"overridden in code comes last", api.CauseCheckpointPressure, func(in *Input) {
			in.Snapshot.Settings.Interval.Origin = api.OriginJobCode
		}, keyTimeout, ""},
		{"overridden in code and nothing else: shown, not applied", api.CauseNetworkLatency, func(in *Input) {
			in.Snapshot.Settings.Timeout.Origin = api.OriginJobCode
		}, keyTimeout, api.ReasonOverriddenInCode},
		{"one at a time after the wider pool", api.CauseSlowCleanup, func(in *Input) {
			in.Snapshot.Settings.MaxConcurrent = set(3)
			bound(in, api.LeverIOPoolSize, 1)
			permit(in, api.LeverMaxConcurrentCheckpoints)
		}, keyMaxConcurrent, ""},
		{"a starved JobManager at its bound gets more time", api.CauseJobManagerOverload, func(in *Input) {
			in.Diagnosis.Findings[0].SubCause = api.SubCauseCPU
			bound(in, api.LeverJobManagerCPU, 1)
		}, keyTimeout, ""},
		{"a much longer timeout last", api.CauseSlowCleanup, func(in *Input) { bound(in, api.LeverIOPoolSize, 1) }, keyTimeout, ""},
	} {
		d := Decide(with(patient(c.cause, ""), c.change))
		if _, ok := field(d, c.want); !ok {
			t.Errorf("%s: %+v, %+v", c.name, d.Remedy, d.WhyNot)
		}
		if d.WhyNot.Reason != c.reason {
			t.Errorf("%s: refused by %q, want %q", c.name, d.WhyNot.Reason, c.reason)
		}
	}
}

func TestRecommendedRungIsSaidAsAdvice(t *testing.T) {
	in := patient(api.CauseSlowStateBackend, "")
	d := Decide(in)
	if !slices.ContainsFunc(d.Advice, func(a string) bool { return strings.Contains(a, "the policy only recommends more transfer threads") }) {
		t.Errorf("advice %q does not name the rungs that are only recommended", d.Advice)
	}
}

func TestNoRungLeft(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		cause        api.Cause
		change       func(*Input)
	}{
		{"all at their bounds", api.ReasonBoundReached, api.CauseNetworkLatency, func(in *Input) { bound(in, api.LeverCheckpointTimeout, 600) }},
		{"off", api.ReasonNoRemedyLeft, api.CauseNetworkLatency, func(in *Input) { in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverOff} }},
		{"muted", api.ReasonMuted, api.CauseNetworkLatency, func(in *Input) {
			in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseNetworkLatency, api.LeverCheckpointTimeout, time.Hour)}
		}},
		{"never late", api.ReasonNoRemedyLeft, api.CauseNetworkLatency, func(in *Input) { in.Diagnosis.Facts.NeverLate = true }},
		{"timeout not known", api.ReasonSnapshotIncomplete, api.CauseNetworkLatency, func(in *Input) { in.Snapshot.Settings.Timeout.Known = false }},
		{"several reasons", api.ReasonNoRemedyLeft, api.CauseSlowCleanup, func(in *Input) {
			bound(in, api.LeverIOPoolSize, 1)
			in.Diagnosis.Facts.NeverLate = true
		}},
		{"known issue without workaround", api.ReasonAdviceOnly, api.CauseFlinkVersionBug, func(in *Input) { in.Diagnosis.Facts.Advisories[0].Workaround = nil }},
		{"passes by itself", api.ReasonAdviceOnly, api.CauseNetworkLatency, func(in *Input) { in.Diagnosis.Facts.EndsByItself = "the full read ends in 10m" }},
		{"CPU not known", api.ReasonSnapshotIncomplete, api.CauseJobManagerOverload, func(in *Input) {
			in.Diagnosis.Findings[0].SubCause = api.SubCauseCPU
			in.Snapshot.JobManager.CPULimit, in.Snapshot.Target.JobManagerCPU = model.Measure{}, model.Measure{}
		}},
	} {
		d := Decide(with(patient(c.cause, ""), c.change))
		if d.Action != model.ActionNone || d.Remedy != nil || d.WhyNot.Reason != c.reason || d.WhyNot.Message == "" {
			t.Errorf("%s: %s, remedy %+v, %+v; want %s", c.name, d.Action, d.Remedy, d.WhyNot, c.reason)
		}
	}
}
