package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// inFlight is a patient with a remedy of twenty minutes ago and verify's word on it.
func inFlight(outcome api.Outcome) Input {
	in := patient(api.CauseNetworkLatency, "")
	r := model.Receipt{
		ID: "7f3a-3", Cause: api.CauseNetworkLatency, Lever: api.LeverCheckpointTimeout, Outcome: api.OutcomePending, AppliedAt: now.Add(-20 * time.Minute),
		Criterion: model.Criterion{DeadlineSeconds: 3600}, Changes: []model.ChangeRecord{{Field: keyTimeout, From: "10m", WasSet: true, To: "15m"}},
	}
	in.Snapshot.Target.Receipts = []model.Receipt{r}
	in.Verification = model.Verification{Receipt: &r, Outcome: outcome, Message: "the word of verify"}
	return in
}

func TestFlight(t *testing.T) {
	keep := func(in *Input) { in.Policy.Verification.OnIneffective = api.IneffectiveKeep }
	long := func(in *Input) { in.Policy.Guards.MaxReplay = time.Minute }
	for _, c := range []struct {
		name    string
		outcome api.Outcome
		change  func(*Input)
		action  model.Action
		becomes api.Outcome
		says    string
	}{
		{"effective", api.OutcomeEffective, nil, model.ActionSettle, api.OutcomeEffective, "the word of verify"},
		{"inconclusive", api.OutcomeInconclusive, nil, model.ActionSettle, api.OutcomeInconclusive, "the word of verify"},
		{"superseded", api.OutcomeSuperseded, nil, model.ActionSettle, api.OutcomeSuperseded, "the word of verify"},
		{"ineffective is undone", api.OutcomeIneffective, nil, model.ActionRollback, api.OutcomeRolledBack, "muted for 6h"},
		{"ineffective is kept", api.OutcomeIneffective, keep, model.ActionSettle, api.OutcomeIneffective, "as the policy says"},
		{"undoing would replay too much", api.OutcomeIneffective, long, model.ActionSettle, api.OutcomeIneffective, "maxReplaySeconds"},
		{"harmful is undone whatever it replays", api.OutcomeHarmful, long, model.ActionRollback, api.OutcomeRolledBack, "the word of verify"},
		{"harmful is undone even where ineffective is kept", api.OutcomeHarmful, keep, model.ActionRollback, api.OutcomeRolledBack, ""},
		{"outcomes are recorded in mode Recommend", api.OutcomeEffective, func(in *Input) { in.Policy.Mode = api.ModeRecommend }, model.ActionSettle, api.OutcomeEffective, ""},
	} {
		in := inFlight(c.outcome)
		if c.change != nil {
			c.change(&in)
		}
		d := Decide(in)
		if d.Action != c.action || d.Receipt == nil || d.WhyNot.Refused() {
			t.Errorf("%s: %s %+v %+v", c.name, d.Action, d.Receipt, d.WhyNot)
			continue
		}
		if !strings.Contains(d.Receipt.Message, c.says) {
			t.Errorf("%s: %q does not say %q", c.name, d.Receipt.Message, c.says)
		}
		want := *in.Verification.Receipt
		want.Outcome, want.FinishedAt, want.SettledGeneration, want.Message = c.becomes, &in.Now, 3, d.Receipt.Message
		if diff := cmp.Diff(&want, d.Receipt); diff != "" {
			t.Errorf("%s: the receipt (-want +got):\n%s", c.name, diff)
		}
		if in.Verification.Receipt.Outcome != api.OutcomePending {
			t.Errorf("%s: the input was changed", c.name)
		}
	}
}

func closed(in *Input) { in.Policy.Guards.Windows = window("0 4 * * *", "Europe/Berlin", 3600) }

// What harms is undone outside of the policy's window, and said to be; of what restarts nothing no window is spoken.
func TestHarmDoesNotWaitForAWindow(t *testing.T) {
	in := inFlight(api.OutcomeHarmful)
	closed(&in)
	if d := Decide(in); d.Action != model.ActionRollback || !strings.Contains(d.Receipt.Message, "undone at once although the policy's window opens at 04:00 Europe/Berlin") {
		t.Errorf("harm does not wait for a window, and is said not to: %+v %+v", d.WhyNot, d.Receipt)
	}
	in.Verification.NeverRolledOut = true
	if d := Decide(in); d.Action != model.ActionRollback || strings.Contains(d.Receipt.Message, "window") {
		t.Errorf("what was never rolled out restarts nothing, whatever a window says: %+v %+v", d.WhyNot, d.Receipt)
	}
	in = inFlight(api.OutcomeHarmful)
	if d := Decide(in); d.Action != model.ActionRollback || strings.Contains(d.Receipt.Message, "window") {
		t.Errorf("without windows none is spoken of: %+v", d.Receipt)
	}
}

func TestFlightWaits(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome api.Outcome
		change  func(*Input)
		reason  string
	}{
		{"pending", api.OutcomePending, nil, api.ReasonRemedyPending},
		{"no outcome", "", nil, api.ReasonRemedyPending},
		{"paused", api.OutcomeHarmful, func(in *Input) { in.Controls.Paused = "on call" }, api.ReasonPaused},
		{"stopped", api.OutcomeEffective, func(in *Input) { in.Controls.Stopped = "incident" }, api.ReasonStopSwitch},
		{"fresh start", api.OutcomeHarmful, func(in *Input) { in.Controls.Warm = false }, api.ReasonFreshStart},
		{"receipts that cannot be read", api.OutcomeHarmful, func(in *Input) { in.Snapshot.Target.ReceiptsError = "etcd is away" }, api.ReasonSnapshotIncomplete},
		{"mode was set to Recommend", api.OutcomeHarmful, func(in *Input) { in.Policy.Mode = api.ModeRecommend }, api.ReasonModeRecommend},
		{"mode was set to Observe", api.OutcomeIneffective, func(in *Input) { in.Policy.Mode = api.ModeObserve }, api.ReasonModeObserve},
		{"what did not help waits for the window", api.OutcomeIneffective, closed, api.ReasonOutsideWindow},
	} {
		in := inFlight(c.outcome)
		if c.change != nil {
			c.change(&in)
		}
		d := Decide(in)
		if d.Action != model.ActionNone || d.WhyNot.Reason != c.reason || d.WhyNot.Message == "" || d.Remedy != nil {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
	in := inFlight(api.OutcomeHarmful)
	in.Controls.Warm, in.Controls.Looked = false, true
	if d := Decide(in); d.Action != model.ActionRollback {
		t.Errorf("a job that never comes back has no fresh samples: %+v", d.WhyNot)
	}
	in = inFlight(api.OutcomeHarmful)
	in.Policy.Mode = api.ModeRecommend
	if d := Decide(in); !strings.Contains(d.WhyNot.Message, keyTimeout+" back to 10m") {
		t.Errorf("whoever undoes it by hand must read how: %q", d.WhyNot.Message)
	}
	if d := Decide(inFlight(api.OutcomePending)); d.WhyNot.Retry != 40*time.Minute {
		t.Errorf("retry %s, want the time to the deadline", d.WhyNot.Retry)
	}
}

func TestRollbackHoldsUpgradeMode(t *testing.T) {
	in := inFlight(api.OutcomeHarmful)
	in.Verification.Receipt.Changes = append(in.Verification.Receipt.Changes, model.ChangeRecord{Field: fieldUpgradeMode, From: "savepoint", WasSet: true, To: "last-state"})
	if d := Decide(in); !slices.Equal(d.Hold, []string{fieldUpgradeMode}) {
		t.Errorf("hold %q: back at savepoint the very undo would stop the sick job with a savepoint", d.Hold)
	}
}

// The operator refused the new spec: nothing restarts by the undo, so nothing is held and no upgradeMode stands in its way.
func TestWhatWasNeverRolledOutIsUndoneWhole(t *testing.T) {
	for _, mode := range []string{"savepoint", "stateless", "last-state"} {
		in := inFlight(api.OutcomeHarmful)
		in.Verification.NeverRolledOut = true
		in.Snapshot.Target.UpgradeMode = mode
		in.Verification.Receipt.Changes = append(in.Verification.Receipt.Changes, model.ChangeRecord{Field: fieldUpgradeMode, From: "savepoint", WasSet: true, To: "last-state"})
		d := Decide(in)
		if d.Action != model.ActionRollback || len(d.Hold) != 0 || len(d.Receipt.Held) != 0 || !strings.Contains(d.Receipt.Message, "muted for") {
			t.Errorf("%s: %s hold %q, %+v, %+v", mode, d.Action, d.Hold, d.Receipt, d.WhyNot)
		}
	}
}

// The owner changed upgradeMode while the remedy was judged: undoing is a restart like any other.
func TestUndoingAsksThePresentUpgradeMode(t *testing.T) {
	flipped := func(in *Input) {
		r := in.Verification.Receipt
		r.Changes = append(r.Changes, model.ChangeRecord{Field: fieldUpgradeMode, From: "savepoint", WasSet: true, To: "last-state"})
	}
	mode := func(is string) func(*Input) { return func(in *Input) { in.Snapshot.Target.UpgradeMode = is } }
	for _, c := range []struct {
		name    string
		outcome api.Outcome
		change  func(*Input)
		action  model.Action
		says    string
	}{
		{"stateless", api.OutcomeHarmful, mode("stateless"), model.ActionNone, "drop the job's state: set it to last-state"},
		{"unset", api.OutcomeHarmful, mode(""), model.ActionNone, "drop the job's state: set it to last-state"},
		{"savepoint", api.OutcomeHarmful, mode("savepoint"), model.ActionNone, "upgradeMode is savepoint since"},
		{"stateless, ineffective", api.OutcomeIneffective, mode("stateless"), model.ActionSettle, "kept, for undoing it restarts the job as well: spec.job.upgradeMode is stateless"},
		{"savepoint, ineffective", api.OutcomeIneffective, mode("savepoint"), model.ActionSettle, "upgradeMode is savepoint since"},
		{"put back to savepoint", api.OutcomeHarmful, func(in *Input) { flipped(in); mode("savepoint")(in) }, model.ActionRollback, ""},
		{"put back to savepoint, ineffective", api.OutcomeIneffective, func(in *Input) { flipped(in); mode("savepoint")(in) }, model.ActionRollback, ""},
		{"flipped, then stateless", api.OutcomeHarmful, func(in *Input) { flipped(in); mode("stateless")(in) }, model.ActionNone, "drop the job's state"},
		{"withdrawn while the stop with savepoint is tried", api.OutcomeHarmful, func(in *Input) {
			mode("savepoint")(in)
			in.Snapshot.Target.Generation = in.Snapshot.Target.ObservedGeneration + 1
		}, model.ActionRollback, ""},
		{"without a restart", api.OutcomeHarmful, func(in *Input) {
			mode("stateless")(in)
			in.Verification.Receipt.Changes = []model.ChangeRecord{{Field: keyOperatorCleanup, From: "true", WasSet: true, To: "false"}}
		}, model.ActionRollback, ""},
	} {
		in := inFlight(c.outcome)
		c.change(&in)
		d := Decide(in)
		text := d.WhyNot.Message
		if d.Receipt != nil && d.Action == model.ActionSettle {
			text = d.Receipt.Message
		}
		if d.Action != c.action || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s %q, want %s saying %q", c.name, d.Action, text, c.action, c.says)
		}
	}
}

func TestRevertIsRecorded(t *testing.T) {
	in := inFlight(api.OutcomeSuperseded)
	in.Verification.RevertedBy, in.Policy.Generation = "Flux", 9
	if d := Decide(in); d.Receipt.RevertedBy != "Flux" || d.Receipt.PolicyGeneration != 9 {
		t.Errorf("%+v", d.Receipt)
	}
}

// A settled remedy was reverted: that is recorded, with what it was judged by, and where it cannot be recorded the rest goes on.
func TestRevertOfASettledRemedyIsRecorded(t *testing.T) {
	in := inFlight(api.OutcomeSuperseded)
	settled := *in.Verification.Receipt
	settled.Outcome, settled.MedianMilliseconds, settled.DowntimeSeconds = api.OutcomeEffective, 90000, 100
	in.Snapshot.Target.Receipts[0] = settled
	in.Verification.Receipt, in.Verification.RevertedBy, in.Verification.Misaligned = &settled, "Flux", api.ReasonRevertedByGitOps
	d := Decide(in)
	if d.Action != model.ActionSettle || d.Receipt.Outcome != api.OutcomeSuperseded || d.Receipt.RevertedBy != "Flux" || d.Receipt.SettledGeneration != 3 ||
		d.Receipt.MedianMilliseconds != 90000 || d.Receipt.DowntimeSeconds != 100 {
		t.Errorf("%s %+v", d.Action, d.Receipt)
	}
	in.Controls.Paused = "on call"
	if d := Decide(in); d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonPaused || d.Remedy == nil {
		t.Errorf("while paused: %s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}

func TestMuteGrows(t *testing.T) {
	h := time.Hour
	for n, want := range map[int]time.Duration{1: 6 * h, 2: 12 * h, 3: 24 * h, 4: 48 * h, 5: 96 * h, 6: 168 * h, 60: 168 * h} {
		if got := muteFor(n); got != want {
			t.Errorf("after %d failures %s, want %s", n, got, want)
		}
	}
	lever, cause := api.LeverCheckpointTimeout, api.CauseNetworkLatency
	receipts := []model.Receipt{failedReceipt(cause, lever, 7*h), failedReceipt(cause, lever, 20*h)}
	in := patient(cause, "")
	in.Policy.Guards.Cooldown = time.Second // a fast clock elsewhere does not shorten a mute
	in.Snapshot.Target.Receipts = receipts
	d := Decide(in)
	if d.WhyNot.Reason != api.ReasonMuted || d.WhyNot.Retry != 5*h {
		t.Errorf("twice in a row is 12h after the last: %+v", d.WhyNot)
	}
	in.Snapshot.Target.Receipts = receipts[:1]
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("once is 6h, which are over: %+v", d.WhyNot)
	}
	helped := failedReceipt(cause, lever, 15*h)
	helped.Outcome = api.OutcomeEffective
	in.Snapshot.Target.Receipts = []model.Receipt{receipts[0], helped, receipts[1]}
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("what helped since does not count: %+v", d.WhyNot)
	}
	in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseSlowStateBackend, lever, h), failedReceipt(cause, api.LeverIOPoolSize, h)}
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("another cause or lever is another matter: %+v", d.WhyNot)
	}
}

// serialCleaner is a patient whose cleaner works one file after the other, and whose pool is as large as it may be.
func serialCleaner(in *Input) {
	bound(in, api.LeverIOPoolSize, 1)
	in.Snapshot.Settings.CleanerParallel = set(false)
}

// rungPatients are the patients of whom each rung has a proposal for one at least.
var rungPatients = map[string]func(*Input){
	"as it is":                             func(*Input) {},
	"several at a time":                    func(in *Input) { in.Snapshot.Settings.MaxConcurrent = set(3) },
	"a serial cleaner, and no larger pool": serialCleaner,
	"none expires":                         func(in *Input) { in.Diagnosis.Counts = model.WindowCounts{Window: 10, Completed: 10} },
	"hashmap":                              func(in *Input) { in.Snapshot.Settings.StateBackend = set("HashMapStateBackend") },
}

// Whatever a rung's changes use, the rung itself rests after it failed.
func TestEveryRungThatFailedOnceIsMuted(t *testing.T) {
	for i := range ladders {
		row := &ladders[i]
		for k := range row.rungs {
			proposed := false
			for name, change := range rungPatients {
				in := patient(row.cause, row.sub)
				permit(&in, row.rungs[k].levers...)
				change(&in)
				p := look(in).climb(&row.rungs[k])
				if len(p.changes) == 0 {
					continue
				}
				proposed = true
				remedy := look(in).remedy(&choice{proposal: p, lever: row.rungs[k].levers[0]})
				in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(row.cause, remedy.Lever, time.Hour)}
				in.Snapshot.Target.Receipts[0].SubCause = row.sub
				if again := look(in).climb(&row.rungs[k]); again.skip.Reason != api.ReasonMuted {
					t.Errorf("%s/%s, %s, %s: not muted after it failed: %+v", row.cause, row.sub, row.rungs[k].name, name, again)
				}
			}
			if !proposed {
				t.Errorf("%s/%s: %s is proposed for no patient", row.cause, row.sub, row.rungs[k].name)
			}
		}
	}
}

func TestCleanupWithoutALargerPoolIsMuted(t *testing.T) {
	in := with(patient(api.CauseSlowCleanup, ""), serialCleaner)
	d := Decide(in)
	if d.Remedy == nil || d.Remedy.Lever != api.LeverIOPoolSize || d.Remedy.Changes[0].Lever != api.LeverBackgroundCleanup {
		t.Fatalf("want the cleaner alone, under the rung's lever: %+v, %+v", d.Remedy, d.WhyNot)
	}
	in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseSlowCleanup, d.Remedy.Lever, time.Hour)}
	if d := Decide(in); d.Remedy != nil && d.Remedy.Changes[0].Lever == api.LeverBackgroundCleanup {
		t.Errorf("the cleaner's mode is proposed again an hour after it failed: %+v", d.Remedy)
	}
}

func TestHash(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	hash := Decide(in).Remedy.Hash
	again := with(in, func(in *Input) {
		in.Snapshot.Target.Generation, in.Snapshot.Target.ObservedGeneration, in.Snapshot.Target.ResourceVersion = 7, 7, "77"
		in.Now = now.Add(time.Minute)
	})
	if got := Decide(again).Remedy.Hash; got != hash {
		t.Errorf("%s on another generation, a minute later: %s", hash, got)
	}
	for name, change := range map[string]func(*Input){
		"another value":  func(in *Input) { bound(in, api.LeverCheckpointTimeout, 700) },
		"another target": func(in *Input) { in.Snapshot.Target.Name = "orders" },
		"another try": func(in *Input) {
			in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseNetworkLatency, api.LeverCheckpointTimeout, 48*time.Hour)}
		},
	} {
		if got := Decide(with(patient(api.CauseNetworkLatency, ""), change)).Remedy.Hash; got == hash {
			t.Errorf("%s has the same hash", name)
		}
	}
}
