package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows []api.Window
		open    bool
		says    string
		retry   time.Duration
	}{
		{"none", nil, true, "", 0},
		{"opens in 12m50s", window("0 4 * * *", "Europe/Berlin", 3600), false, "opens at 04:00 Europe/Berlin", 12*time.Minute + 50*time.Second},
		{"open since 03:00 there", window("0 3 * * *", "Europe/Berlin", 3600), true, "", 0},
		{"over since 03:30 there", window("0 3 * * *", "Europe/Berlin", 1800), false, "opens at Mon 23 Nov 03:00 Europe/Berlin", 23*time.Hour + 12*time.Minute + 50*time.Second},
		{"working days", window("0 2 * * 1-5", "UTC", 3600), false, "Mon 23 Nov 02:00 UTC", 23*time.Hour + 12*time.Minute + 50*time.Second},
		{"one of two is open", append(window("0 4 * * *", "UTC", 3600), window("40 2 * * *", "UTC", 900)...), true, "", 0},
		{"no such zone", window("0 4 * * *", "Europe/Atlantis", 3600), false, "guards.windows[0].timeZone", 0},
		{"no such schedule", window("0 25 * * *", "UTC", 3600), false, "guards.windows[0].schedule", 0},
		{"zone in the schedule", window("TZ=UTC 4 * * *", "UTC", 3600), false, "write it into timeZone", 0},
		{"never", window("0 0 30 2 *", "UTC", 3600), false, "ever opens", 0},
	} {
		in := patient(api.CauseNetworkLatency, "")
		in.Policy.Guards.Windows = c.windows
		d := Decide(in)
		if open := d.Action == model.ActionApply; open != c.open || !strings.Contains(d.WhyNot.Message, c.says) || d.WhyNot.Retry != c.retry {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
}

func TestCooldownCountsUndoing(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseSlowCleanup, api.LeverIOPoolSize, 10*time.Minute)}
	d := Decide(in)
	if d.WhyNot.Reason != api.ReasonCooldown || d.WhyNot.Retry != 20*time.Minute || d.NextLook > 20*time.Minute {
		t.Errorf("applied 70m ago and undone 10m ago, a cooldown of 30m has 20m left: %+v", d)
	}
}

func TestSharedCauses(t *testing.T) {
	fleet := model.Fleet{Targets: 8, SharedWith: 2}
	for _, c := range []struct {
		cause  api.Cause
		fleet  model.Fleet
		shared bool
	}{
		{api.CauseSlowStateBackend, fleet, true},
		{api.CauseSlowStateBackend, model.Fleet{Targets: 8, SharedWith: 1}, false},
		{api.CauseSlowStateBackend, model.Fleet{Targets: 1000, SharedWith: 2}, false},
		{api.CauseCheckpointPressure, fleet, false},
	} {
		in := patient(c.cause, "")
		in.Controls.Fleet = c.fleet
		if got := Decide(in).WhyNot.Reason == api.ReasonSharedDependency; got != c.shared {
			t.Errorf("%s with %+v: shared %v, want %v", c.cause, c.fleet, got, c.shared)
		}
	}
}

// Of jobs that sicken together one is the first of which it is found of what: it waits for the others, from then on, and for those that are ill of nobody knows
// what. What is ruled out in them, or too few of them, is not waited for, nor is anybody for longer than what makes a cause shared.
func TestNeighboursAreWaitedFor(t *testing.T) {
	const slow = api.CauseSlowStateBackend
	ago := func(minutes float64) time.Time { return now.Add(-time.Duration(minutes * float64(time.Minute))) }
	storage := func(jobs, untold int) []model.SharedThing {
		return []model.SharedThing{{Kind: model.SharedStorage, Name: "s3://acme", Jobs: jobs, Untold: map[api.Cause]int{slow: untold}}}
	}
	for _, c := range []struct {
		name   string
		past   model.Past
		shared []model.SharedThing
		waits  time.Duration
	}{
		{"ill and found now", model.Past{}, storage(3, 0), 30 * time.Second},
		{"ill for long, found now", model.Past{UnhealthySince: ago(30), Cause: api.CauseUndetermined, CauseSince: ago(30)}, storage(3, 0), 30 * time.Second},
		{"found a moment ago", model.Past{UnhealthySince: ago(30), Cause: slow, CauseSince: ago(0.25)}, storage(3, 0), 15 * time.Second},
		{"found before, ill a moment ago", model.Past{UnhealthySince: ago(0.25), Cause: slow, CauseSince: ago(30)}, storage(3, 0), 15 * time.Second},
		{"found long ago", model.Past{UnhealthySince: ago(10), Cause: slow, CauseSince: ago(1)}, storage(3, 0), 0},
		{"two others ill of nobody knows what", model.Past{UnhealthySince: ago(10), Cause: slow, CauseSince: ago(1)}, storage(3, 2), 15 * time.Second},
		{"one other is", model.Past{UnhealthySince: ago(10), Cause: slow, CauseSince: ago(1)}, storage(3, 1), 0},
		{"two of a dozen are", model.Past{UnhealthySince: ago(10), Cause: slow, CauseSince: ago(1)}, storage(13, 2), 0},
		{"for a quarter of an hour", model.Past{UnhealthySince: ago(16), Cause: slow, CauseSince: ago(1)}, storage(3, 2), 0},
		{"two jobs", model.Past{}, storage(2, 1), 0},
	} {
		in := patient(slow, "")
		in.Poll, in.Snapshot.Past, in.Snapshot.Shared = 15*time.Second, c.past, c.shared
		why := (&view{in: in, s: in.Snapshot}).neighbours(&model.Remedy{Cause: slow})
		if why.Retry != c.waits || (why.Message != "") != (c.waits > 0) {
			t.Errorf("%s: waits %s (%s), want %s", c.name, why.Retry, why.Message, c.waits)
		}
	}
}

func TestReplay(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Checkpoints = model.CheckpointLedger{LatestRestored: &model.Restored{ID: 7, At: now.Add(-5 * time.Minute)}}
	if d := Decide(in); d.Remedy.Replay != 5*time.Minute || d.Action != model.ActionApply {
		t.Errorf("at least what came since it was restored: %+v, %+v", d.Remedy, d.WhyNot)
	}
	in.Snapshot.Checkpoints = model.CheckpointLedger{History: []model.Checkpoint{
		{ID: 9, Status: model.CheckpointCompleted, Savepoint: true, Trigger: now.Add(-time.Minute)},
		{ID: 8, Status: model.CheckpointCompleted, Trigger: now.Add(-7 * time.Minute)},
	}}
	if d := Decide(in); d.Remedy.Replay != 7*time.Minute {
		t.Errorf("a savepoint is not what the job comes back from: %s", d.Remedy.Replay)
	}
}

func TestCriterion(t *testing.T) {
	risky := func(in *Input) { in.Diagnosis.Health = api.HealthAtRisk }
	for _, c := range []struct {
		name   string
		cause  api.Cause
		sub    api.SubCause
		change func(*Input)
		want   model.Criterion
	}{
		// redeploy 2 x 2m + interval 1m + 3 x 15m + timeout 15m = 65m, x 1.25 = 81m15s, more than the policy's 1h.
		{"unhealthy", api.CauseNetworkLatency, "", nil, model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, MaxRestarts: 2, DeadlineSeconds: 4875, ComeBackSeconds: 600, TasksBackSeconds: 3600}},
		{"each expiry restarts the job", api.CauseNetworkLatency, "", func(in *Input) { in.Snapshot.Settings.TolerableFailed = set(0) },
			model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, MaxRestarts: 5, DeadlineSeconds: 4875, ComeBackSeconds: 600, TasksBackSeconds: 3600}},
		// 4m + 1m + 3 x 10m + 10m = 45m, x 1.25 = 56m15s, less than the policy's 1h.
		{"at risk of the heap, the heap is judged", api.CauseJobManagerOverload, api.SubCauseHeap, risky,
			model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 60, MaxRestarts: 2, DeadlineSeconds: 3600, ComeBackSeconds: 600, TasksBackSeconds: 3600, MaxHeapPercent: 85, MaxGCPercent: 10}},
		{"at risk as checkpoints begin late, that is judged", api.CauseSlowCleanup, "", func(in *Input) { risky(in); in.Diagnosis.Facts.LateStart = time.Minute },
			model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 60, MaxRestarts: 2, DeadlineSeconds: 3600, ComeBackSeconds: 600, TasksBackSeconds: 3600, LateStartPercent: 100}},
		{"at risk of the CPU, the CPU is judged", api.CauseJobManagerOverload, api.SubCauseCPU, risky,
			model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 60, MaxRestarts: 2, DeadlineSeconds: 3600, ComeBackSeconds: 600, TasksBackSeconds: 3600, MaxCPUPercent: 85}},
		{"a workload that takes long to come back has five times that", api.CauseJobManagerOverload, api.SubCauseCPU, func(in *Input) { in.Snapshot.Past.Downtime = 4 * time.Minute },
			model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, MaxRestarts: 2, DeadlineSeconds: 3675, ComeBackSeconds: 1200, TasksBackSeconds: 3600}},
		// 4m + 1m + 4 x 1h = 4h5m, x 1.25: the checkpoints have five hours, and the tasks none of it.
		{"a much longer timeout leaves the tasks no more time", api.CauseNetworkLatency, "", func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{40 * time.Minute}, true
		}, model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, MaxRestarts: 2, DeadlineSeconds: 18375, ComeBackSeconds: 600, TasksBackSeconds: 3600}},
		{"a workload that takes a quarter of an hour to come back has five of them for its tasks", api.CauseNetworkLatency, "", func(in *Input) {
			in.Snapshot.Past.Downtime = 15 * time.Minute
		}, model.Criterion{CompleteInRow: 3, FailInRow: 3, WithinTimeoutPercent: 95, MaxRestarts: 2, DeadlineSeconds: 6825, ComeBackSeconds: 4500, TasksBackSeconds: 4500}},
		{"one is enough, and one failure is still an accident", api.CauseJobManagerOverload, api.SubCauseCPU, func(in *Input) { in.Policy.Verification.Checkpoints = 1 },
			model.Criterion{CompleteInRow: 1, FailInRow: 2, WithinTimeoutPercent: 95, MaxRestarts: 2, DeadlineSeconds: 3600, ComeBackSeconds: 600, TasksBackSeconds: 3600}},
	} {
		in := patient(c.cause, c.sub)
		if c.change != nil {
			c.change(&in)
		}
		if diff := cmp.Diff(c.want, Decide(in).Remedy.Criterion); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestTimeoutDebt(t *testing.T) {
	raised := model.Receipt{Cause: api.CauseSlowStateBackend, Lever: api.LeverCheckpointTimeout, Outcome: api.OutcomeEffective, AppliedAt: now.Add(-30 * time.Hour),
		Changes: []model.ChangeRecord{{Field: keyTimeout, From: "10m", WasSet: true, To: "22m"}}}
	for _, c := range []struct {
		name   string
		change func(*Input)
		owed   bool
	}{
		{"a day later, checkpoints are short", func(*Input) {}, true},
		{"too soon", func(in *Input) { in.Now = now.Add(-10 * time.Hour) }, false},
		{"checkpoints still need it", func(in *Input) { in.Diagnosis.Facts.Max = 6 * time.Minute }, false},
		{"durations not known", func(in *Input) { in.Diagnosis.Facts.Max = 0 }, false},
		{"raised further by somebody else", func(in *Input) { in.Snapshot.Settings.Timeout = set(time.Hour) }, false},
		{"walked back already", func(in *Input) { in.Snapshot.Settings.Timeout = set(10 * time.Minute) }, false},
		{"sick", func(in *Input) { in.Diagnosis.Health = api.HealthUnhealthy }, false},
	} {
		in := patient("", "")
		in.Diagnosis.Health, in.Diagnosis.Findings, in.Diagnosis.Facts.Max = api.HealthHealthy, nil, 40*time.Second
		in.Snapshot.Settings.Timeout = set(22 * time.Minute)
		in.Snapshot.Target.Receipts = []model.Receipt{raised}
		c.change(&in)
		d := Decide(in)
		if (d.Debt != "") != c.owed || (c.owed && !strings.Contains(d.Debt, "from 10m to 22m")) {
			t.Errorf("%s: %q", c.name, d.Debt)
		}
		if change, _ := field(d, keyTimeout); c.owed && (d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonHealthyNothingToDo || change.To != "10m" || !whole(d.Remedy)) {
			t.Errorf("%s: %s %+v, want the change back to 10m, recommended", c.name, d.Action, d.Remedy)
		}
	}
}

func TestNextLook(t *testing.T) {
	healthy := func(in *Input) { in.Diagnosis.Health = api.HealthHealthy }
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   time.Duration
	}{
		{"healthy", healthy, 30 * time.Second},
		{"healthy, own poll", func(in *Input) { healthy(in); in.Poll = 5 * time.Second }, 5 * time.Second},
		{"sick and held back", func(in *Input) { in.Controls.Paused = "x" }, 15 * time.Second},
		{"sick at a scale of seconds", func(in *Input) {
			in.Controls.Paused, in.Snapshot.Settings.Timeout, in.Snapshot.Settings.Interval = "x", set(10*time.Second), set(12*time.Second)
		}, 2500 * time.Millisecond},
		{"just written", nil, 2 * time.Second},
		{"unreachable", func(in *Input) { in.Snapshot.Availability.Reason = api.ReasonJobManagerUnreachable }, 30 * time.Second},
		{"opens soon", func(in *Input) {
			in.Controls.WriteRefused = model.Refusal{Reason: api.ReasonWriteFailed, Message: "x", Retry: 4 * time.Second}
		}, 4 * time.Second},
	} {
		in := patient(api.CauseNetworkLatency, "")
		if c.change != nil {
			c.change(&in)
		}
		if got := Decide(in).NextLook; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
