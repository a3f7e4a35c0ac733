package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// failedWith is a job whose remedy of one change has failed by as many expiries of the new timeout as decide against it, restored when it was redeployed.
func failedWith(in Input, d model.Decision, to time.Duration) Input {
	s, r := in.Snapshot, model.Receipt{ID: "7f3a-9", Cause: d.Remedy.Cause, Lever: d.Remedy.Lever, Outcome: api.OutcomePending, Criterion: d.Remedy.Criterion}
	for _, c := range d.Remedy.Changes {
		r.Changes = append(r.Changes, model.ChangeRecord{Field: c.Field, From: c.From, WasSet: c.WasSet, To: c.To})
	}
	each := max(to+s.Settings.MinPause.Value, s.Settings.Interval.Value)
	replay := s.Settings.Interval.Value + time.Duration(d.Remedy.Criterion.FailInRow)*each
	r.AppliedAt = now.Add(-replay - d.Remedy.Downtime)
	s.Settings.Timeout, s.Target.Config[keyTimeout] = set(to), flinkDuration(to)
	s.Checkpoints = model.CheckpointLedger{LatestRestored: &model.Restored{ID: 40, At: now.Add(-replay)}}
	s.Target.Receipts = []model.Receipt{r}
	in.Verification = model.Verification{Receipt: &r, Outcome: api.OutcomeIneffective, Message: "all expired"}
	return in
}

// blindCase is an upload that moves, of which nothing tells how long it takes.
type blindCase struct {
	timeout, maxReplay, pause time.Duration
	waited                    bool
	checkpoints               int
}

func blindCases() []blindCase {
	s, m := time.Second, time.Minute
	var cases []blindCase
	for _, timeout := range []time.Duration{s, 10 * s, 30 * s, m, 2 * m, 3 * m, 5 * m, 8 * m, 10 * m, 12 * m, 15 * m, 20 * m} {
		for _, maxReplay := range []time.Duration{10 * m, 30 * m, time.Hour, 6 * time.Hour} {
			for _, checkpoints := range []int{1, 3, 5} {
				for _, pause := range []time.Duration{0, 5 * m} {
					cases = append(cases, blindCase{timeout, maxReplay, pause, false, checkpoints}, blindCase{timeout, maxReplay, pause, true, checkpoints})
				}
			}
		}
	}
	return cases
}

func (c *blindCase) input() Input {
	in := uploading(5*time.Minute, 1, 8<<20)
	in.Policy.Guards.MaxReplay, in.Policy.Verification.Checkpoints = c.maxReplay, c.checkpoints
	in.Snapshot.Settings.Timeout, in.Snapshot.Settings.MinPause = set(c.timeout), set(c.pause)
	in.Snapshot.Target.Config[keyTimeout] = flinkDuration(c.timeout)
	if !c.waited {
		in.Snapshot.Job.FlinkVersion = "1.17.2" // an expiry cancels what would come late
		return in
	}
	first := &in.Snapshot.Checkpoints.History[0]
	first.Failure.At = now.Add(-20 * time.Minute)
	first.Trigger, first.Duration = first.Failure.At.Add(-c.timeout), c.timeout
	return in
}

// A timeout of which nothing is known but that the present one does not suffice can be undone when it fails, whatever the policy bears: what has piled up
// by then is its own doing. Where that cannot be, it is no more than the policy's factor, or nothing where that is known to be too short.
func TestABlindTimeoutCanBeUndone(t *testing.T) {
	undone, farther := 0, 0
	for _, c := range blindCases() {
		in := c.input()
		d := Decide(in)
		change, ok := field(d, keyTimeout)
		if !ok {
			if !c.waited || !strings.Contains(d.WhyNot.Message, "could not be undone within guards.maxReplaySeconds") {
				t.Errorf("%+v: %+v %+v", c, d.Remedy, d.WhyNot)
			}
			continue
		}
		to, _ := durationOf(change.To)
		far := to > withFactor(c.timeout, 1.5)
		after := Decide(failedWith(in, d, to))
		if far && after.Action != model.ActionRollback {
			t.Errorf("%+v to %s: %s %+v", c, to, after.Action, after.Receipt)
		}
		if far {
			farther++
		}
		if after.Action == model.ActionRollback {
			undone++
		}
	}
	if undone < 100 || farther < 100 {
		t.Errorf("%d undone, %d longer than by the policy's factor: the arithmetic is not tried", undone, farther)
	}
}

// The same of an interval and a timeout that are written together: what is a guess of them can be undone when both fail.
func TestAPressedTimeoutCanBeUndone(t *testing.T) {
	undone := 0
	for _, c := range blindCases() {
		in := c.input()
		s := &in.Snapshot.Settings
		in.Diagnosis.Findings[0].Cause, s.Interval = api.CauseCheckpointPressure, set(max(c.timeout/5, time.Second))
		d := Decide(in)
		every, ok := field(d, keyInterval)
		change, both := field(d, keyTimeout)
		if !ok || !both {
			continue
		}
		interval, _ := durationOf(every.To)
		to, _ := durationOf(change.To)
		far := to > withFactor(c.timeout, 1.5) || interval > c.timeout
		s.Interval = set(interval)
		if after := Decide(failedWith(in, d, to)); far && after.Action != model.ActionRollback {
			t.Errorf("%+v to %s every %s: %s %+v", c, to, interval, after.Action, after.Receipt)
		} else if far {
			undone++
		}
	}
	if undone < 100 {
		t.Errorf("%d undone: the arithmetic is not tried", undone)
	}
}

// What is known not to suffice is not tried, whichever bound cuts it to that.
func TestNoBlindTimeoutThatCannotBeUndone(t *testing.T) {
	in := uploading(30*time.Minute, 1, 8<<20)
	in.Snapshot.Settings.Timeout, in.Snapshot.Settings.MinPause = set(10*time.Minute), set(time.Second)
	in.Snapshot.Target.Config[keyTimeout] = "10m"
	first := &in.Snapshot.Checkpoints.History[0]
	first.Trigger, first.Duration = first.Failure.At.Add(-10*time.Minute), 10*time.Minute
	d := Decide(in)
	if d.Remedy != nil || !strings.Contains(d.WhyNot.Message, "have not come 20m after their checkpoint began, and their uploads move, and a timeout of more than 18m could not be undone within guards.maxReplaySeconds of 1h if it failed: "+
		"30m would be tried with 1h40m, if so much replay is borne") {
		t.Errorf("%+v %+v", d.Remedy, d.WhyNot)
	}
	in.Policy.Guards.MaxReplay = 3 * time.Hour
	if change, _ := field(Decide(in), keyTimeout); change.To != "55m" { // (180 - 4 - 1) / 3 = 58m20s
		t.Errorf("%+v, want 55m", change)
	}
}

// Where each expiry restarts the job, what undoing would replay is replayed at the next one anyway.
func TestUndoingWhereEachExpiryRestartsTheJob(t *testing.T) {
	for cut, want := range map[bool]model.Action{true: model.ActionRollback, false: model.ActionSettle} {
		in := inFlight(api.OutcomeIneffective)
		in.Snapshot.Checkpoints.LatestCompleted.Trigger = now.Add(-70 * time.Minute)
		in.Diagnosis.Facts.CutShort = cut
		if d := Decide(in); d.Action != want {
			t.Errorf("each expiry restarts the job %t: %s %+v", cut, d.Action, d.Receipt)
		}
	}
}
