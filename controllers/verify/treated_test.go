package verify

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	timeoutKey = "execution.checkpointing.timeout"
	completed  = model.CheckpointCompleted
	failed     = model.CheckpointFailed
)

// applied is when the remedy was written; the job came back restarted a minute and a half later.
var (
	applied   = time.Date(2026, time.November, 22, 2, 0, 0, 0, time.UTC)
	restarted = applied.Add(90 * time.Second)
)

func known[T any](value T) model.Setting[T] {
	return model.Setting[T]{Value: value, Known: true, Origin: api.OriginTarget}
}

// treated is a job whose timeout was raised from 10m to 15m and that came back.
func treated(history ...model.Checkpoint) *model.Snapshot {
	return &model.Snapshot{
		Job:      model.Job{ID: "b43b74d6", State: "RUNNING", StartTime: restarted, Restarts: model.Measured(0)},
		Settings: model.Settings{Timeout: known(15 * time.Minute), Interval: known(time.Minute)},
		Target: model.Target{
			Kind: "FlinkDeployment", Name: "payments", Generation: 4, ObservedGeneration: 4, Lifecycle: "STABLE", Reconciliation: "DEPLOYED",
			UpgradeMode: "last-state", ResourceField: "resource", Config: map[string]string{timeoutKey: "15m"}, Ours: []string{timeoutKey},
			Receipts: []model.Receipt{{
				ID: "7f3a-3", Cause: api.CauseSlowStateBackend, Lever: api.LeverCheckpointTimeout, Outcome: api.OutcomePending, AppliedAt: applied, Generation: 3,
				Changes:   []model.ChangeRecord{{Field: timeoutKey, From: "10m", WasSet: true, To: "15m"}},
				Baseline:  model.Baseline{Health: api.HealthUnhealthy, Expired: 6, Window: 6, LastCheckpointID: 8121, JobID: "b43b74d6"},
				Criterion: model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, DeadlineSeconds: 5400, MaxRestarts: 2},
			}},
		},
		Checkpoints: model.CheckpointLedger{History: history, LatestRestored: &model.Restored{ID: 8121, At: restarted}},
	}
}

// run is a history of checkpoints since the restart, newest first, of one duration each.
func run(each time.Duration, statuses ...model.CheckpointStatus) []model.Checkpoint {
	var history []model.Checkpoint
	for i, status := range statuses {
		c := model.Checkpoint{
			ID: int64(8122 + len(statuses) - i), Status: status, Duration: each,
			Trigger: restarted.Add(time.Duration(len(statuses)-i) * time.Minute),
		}
		if status == failed {
			c.Failure = &model.CheckpointFailure{Kind: model.FailureExpired, Message: "Checkpoint expired before completing."}
		}
		history = append(history, c)
	}
	return history
}

// receipt is the one that is judged.
func receipt(s *model.Snapshot) *model.Receipt { return &s.Target.Receipts[0] }

// atRisk makes the receipt one of a job whose checkpoints completed before as well.
func atRisk(s *model.Snapshot) {
	receipt(s).Baseline = model.Baseline{Health: api.HealthAtRisk, Window: 10, MedianMilliseconds: 480000}
	receipt(s).Criterion.WithinTimeoutPercent = 60
}
