package plan

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// now is a Sunday, 02:47:10 UTC, which is 03:47:10 in Berlin.
var now = time.Date(2026, time.November, 22, 2, 47, 10, 0, time.UTC)

func set[T any](value T) model.Setting[T] {
	return model.Setting[T]{Value: value, Known: true, Origin: api.OriginTarget}
}

// patient is a job of one FlinkDeployment whose checkpoints expire of a cause, under a policy that lets everything be done about it.
func patient(cause api.Cause, sub api.SubCause) Input {
	policy := model.ResolvePolicy("prod", &api.RemediationPolicySpec{Mode: api.ModeRemediate})
	completed := model.Checkpoint{ID: 40, Status: model.CheckpointCompleted, Trigger: now.Add(-20 * time.Minute), Duration: 8 * time.Minute}
	return Input{
		Snapshot: &model.Snapshot{
			At:  now,
			Job: model.Job{ID: "6b30bb37", Name: "enrich", State: "RUNNING", FlinkVersion: "1.20.5"},
			Target: model.Target{
				APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Namespace: "shop", Name: "payments", UID: "u-1",
				Generation: 3, ObservedGeneration: 3, Lifecycle: "STABLE", Reconciliation: "DEPLOYED", UpgradeMode: "last-state", HighAvailability: true,
				ResourceField: "resource", JobManagerCPU: model.Measured(1), JobManagerMemory: "1600m",
				Config: map[string]string{keyTimeout: "10m", keyInterval: "1m"},
			},
			Settings: model.Settings{
				Timeout: set(10 * time.Minute), Interval: set(time.Minute), MinPause: set(time.Duration(0)), AlignedTimeout: set(time.Duration(0)),
				MaxConcurrent: set(1), TolerableFailed: set(1000), TransferThreads: set(4),
				ExactlyOnce: set(true), Unaligned: set(false), Incremental: set(false), ExternalizedRetained: set(true),
				StateBackend: set("EmbeddedRocksDBStateBackend"),
			},
			JobManager: model.JobManager{
				CPULimit: model.Measured(1), CPUUsage: model.Measured(0.9), IOThreads: model.Measured(1),
				HeapMax: model.Measured(1024 * mib), HeapUsed: model.Measured(900 * mib),
			},
			Checkpoints: model.CheckpointLedger{LatestCompleted: &completed},
		},
		Diagnosis: &model.Diagnosis{
			Health: api.HealthUnhealthy, Reason: api.ReasonUnhealthy,
			Counts:   model.WindowCounts{Window: 6, Expired: 6, ConsecutiveExpired: 6},
			Findings: []model.Finding{{Cause: cause, SubCause: sub, Verdict: api.VerdictLikely, Score: 80}},
			Facts:    model.Facts{Advisories: []model.AdvisoryMatch{{ID: "FLINK-26050", Title: "endless small files", FixedIn: []string{"1.20.0"}, Workaround: map[string]string{"state.backend.rocksdb.manual-compaction.min-interval": "1m"}}}},
		},
		Policy:   &policy,
		Controls: model.Controls{Warm: true, Fleet: model.Fleet{Targets: 1}},
		Now:      now,
	}
}

// with changes a patient.
func with(in Input, change func(*Input)) Input {
	change(&in)
	return in
}

// permit lets a policy's levers be applied.
func permit(in *Input, levers ...api.Lever) {
	for _, l := range levers {
		limit := in.Policy.Levers[l]
		limit.Action = api.LeverApply
		in.Policy.Levers[l] = limit
	}
}

// bound sets how far a lever may go.
func bound(in *Input, lever api.Lever, most float64) {
	limit := in.Policy.Levers[lever]
	limit.Max = most
	in.Policy.Levers[lever] = limit
}

// failedReceipt is a remedy that did not help.
func failedReceipt(cause api.Cause, lever api.Lever, ago time.Duration) model.Receipt {
	at := now.Add(-ago)
	change := model.ChangeRecord{Field: keyTimeout, From: "10m", WasSet: true, To: "15m"}
	if lever == api.LeverIOPoolSize {
		change = model.ChangeRecord{Field: keyIOPool, From: "1", WasSet: true, To: "16"}
	}
	return model.Receipt{
		ID: "7f3a-2", Cause: cause, Lever: lever, AppliedAt: at.Add(-time.Hour), FinishedAt: &at, Outcome: api.OutcomeRolledBack, Generation: 1,
		Changes: []model.ChangeRecord{change},
	}
}

// field finds a change of a remedy.
func field(d model.Decision, name string) (model.Change, bool) {
	if d.Remedy == nil {
		return model.Change{}, false
	}
	for _, c := range d.Remedy.Changes {
		if c.Field == name {
			return c, true
		}
	}
	return model.Change{}, false
}
