package verify

import (
	"math/rand/v2"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func oneOf[T any](d *rand.Rand, values ...T) T { return values[d.IntN(len(values))] }

// randomly changes a treated job beyond recognition.
func randomly(d *rand.Rand) (*model.Snapshot, time.Time) {
	var history []model.Checkpoint
	for range d.IntN(12) {
		c := model.Checkpoint{
			ID: d.Int64N(9000), Savepoint: d.IntN(9) == 0, Status: oneOf(d, completed, completed, failed, model.CheckpointInProgress, ""),
			Duration: oneOf(d, model.Unknown, 0, time.Second, 14*time.Minute, time.Hour), Trigger: applied.Add(time.Duration(d.Int64N(int64(4*time.Hour))) - time.Hour),
		}
		if c.Status == failed && d.IntN(4) > 0 {
			c.Failure = &model.CheckpointFailure{Kind: oneOf(d, model.FailureExpired, model.FailureFailover, model.FailureAsync), Message: "x"}
		}
		history = append(history, c)
	}
	s := treated(history...)
	s.Availability.Reason = oneOf(d, "", "", "", "", api.ReasonUpgrading, api.ReasonJobManagerUnreachable, api.ReasonJobNotRunning)
	s.Job.State, s.Job.Restarts = oneOf(d, "RUNNING", "RUNNING", "FAILED", "RESTARTING", "FINISHED", ""), model.Measure{Value: float64(d.IntN(5)), Known: d.IntN(2) == 0}
	s.Job.StartTime = applied.Add(time.Duration(d.Int64N(int64(2*time.Hour))) - time.Hour)
	s.Target.Lifecycle = oneOf(d, "STABLE", "STABLE", "UPGRADING", "DEPLOYED", "ROLLED_BACK", "FAILED", "")
	s.Target.ObservedGeneration, s.Target.UpgradeMode = oneOf(d, int64(4), 4, 3, 0), oneOf(d, "last-state", "savepoint")
	s.Target.Config[timeoutKey] = oneOf(d, "15m", "15m", "15m", "10m", "")
	s.Settings.Timeout = oneOf(d, known(15*time.Minute), known(10*time.Minute), model.Setting[time.Duration]{})
	receipt(s).Outcome = oneOf(d, api.OutcomePending, api.OutcomePending, api.OutcomePending, api.OutcomeEffective, "")
	receipt(s).Criterion = oneOf(d, receipt(s).Criterion, model.Criterion{}, model.Criterion{CompleteInRow: -1, FailInRow: 1 << 40, DeadlineSeconds: 1 << 60})
	return s, applied.Add(time.Duration(d.Int64N(int64(3*time.Hour))) - time.Minute)
}

// TestProperties: it never panics, always has a word with a verdict, never settles without evidence, and never calls missing data a cure.
func TestProperties(t *testing.T) {
	seen := map[api.Outcome]int{}
	for seed := range uint64(20000) {
		s, at := randomly(rand.New(rand.NewPCG(seed, 3)))
		v := Verify(s, nil, nil, at)
		seen[v.Outcome]++
		if broken := brokenPromise(s, &v); broken != "" {
			t.Fatalf("seed %d: %s: %+v", seed, broken, v)
		}
	}
	for _, outcome := range []api.Outcome{api.OutcomePending, api.OutcomeEffective, api.OutcomeIneffective, api.OutcomeHarmful, api.OutcomeInconclusive, api.OutcomeSuperseded} {
		if seen[outcome] < 20 {
			t.Errorf("only %d of 20000 came to %s: the dice do not reach what they are to test", seen[outcome], outcome)
		}
	}
}

// brokenPromise tells which promise a verification breaks.
func brokenPromise(s *model.Snapshot, v *model.Verification) string {
	judged := v.Receipt != nil
	later := 0
	for _, c := range s.Checkpoints.History {
		if c.Status == completed && !c.Savepoint && !c.Trigger.Before(applied) {
			later++
		}
	}
	switch {
	case judged != receipt(s).Pending():
		return "a pending receipt is judged, and only that"
	case judged != (v.Outcome != "") || judged != (v.Message != ""):
		return "every judgment has an outcome and a message"
	case v.Outcome == api.OutcomeEffective && (later == 0 || v.Completed < 1):
		return "Effective without a checkpoint since the remedy"
	}
	return ""
}

func BenchmarkVerify(b *testing.B) {
	s := treated(run(9*time.Minute, completed, completed, completed)...)
	b.ReportAllocs()
	for b.Loop() {
		Verify(s, nil, nil, applied.Add(time.Hour))
	}
}

func BenchmarkVerifyNothingInFlight(b *testing.B) {
	s := treated(run(9*time.Minute, completed, completed, completed)...)
	receipt(s).Outcome = api.OutcomeEffective
	b.ReportAllocs()
	for b.Loop() {
		Verify(s, nil, nil, applied.Add(time.Hour))
	}
}
