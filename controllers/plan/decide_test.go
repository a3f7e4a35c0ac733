package plan

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestNothingDoneIsExplained(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		change       func(*Input)
	}{
		{"nothing at all", api.ReasonSnapshotIncomplete, func(in *Input) { *in = Input{} }},
		{"unreachable", api.ReasonJobManagerUnreachable, func(in *Input) { in.Snapshot.Availability.Reason = api.ReasonJobManagerUnreachable }},
		{"two jobs", api.ReasonJobAmbiguous, func(in *Input) { in.Snapshot.Availability.Reason = api.ReasonJobAmbiguous }},
		{"healthy", api.ReasonHealthyNothingToDo, func(in *Input) { in.Diagnosis.Health = api.HealthHealthy }},
		{"too few", api.ReasonTooFewCheckpoints, func(in *Input) {
			in.Diagnosis.Health, in.Diagnosis.Reason = api.HealthUnknown, api.ReasonTooFewCheckpoints
		}},
		{"unknown, no reason", api.ReasonSnapshotIncomplete, func(in *Input) { in.Diagnosis.Health, in.Diagnosis.Reason = "", "" }},
		{"observe", api.ReasonModeObserve, func(in *Input) { in.Policy.Mode = api.ModeObserve }},
		{"undetermined", api.ReasonUndetermined, func(in *Input) { in.Diagnosis.Findings[0].Cause = api.CauseUndetermined }},
		{"only possible", api.ReasonUndetermined, func(in *Input) { in.Diagnosis.Findings[0].Verdict = api.VerdictPossible }},
		{"no finding", api.ReasonUndetermined, func(in *Input) { in.Diagnosis.Findings = nil }},
		{"shared dependency", api.ReasonSharedDependency, func(in *Input) { in.Diagnosis.Findings[0].Cause = api.CauseSharedDependencyDegraded }},
		{"a cause without a row", api.ReasonAdviceOnly, func(in *Input) { in.Diagnosis.Findings[0].Cause = "Sunspots" }},
	} {
		in := patient(api.CauseNetworkLatency, "")
		c.change(&in)
		d := Decide(in)
		if d.Action != model.ActionNone || d.WhyNot.Reason != c.reason || d.WhyNot.Message == "" || d.NextLook <= 0 || d.Remedy != nil {
			t.Errorf("%s: %s %+v, next look %s; want %s", c.name, d.Action, d.WhyNot, d.NextLook, c.reason)
		}
	}
}

// The measurement that would settle it is no part of the reason: the finding has it, and the assessment prints it on a line of its own.
func TestNextMeasurementIsNoReason(t *testing.T) {
	in := patient(api.CauseUndetermined, "")
	in.Diagnosis.Findings[0].NextMeasurement = "take a thread dump while a checkpoint is pending"
	if got := Decide(in).WhyNot.Message; got != "no cause is likely enough to act on" {
		t.Errorf("%q", got)
	}
	in.Diagnosis.Findings[0].NextMeasurement = ""
	if got := Decide(in).WhyNot.Message; got != "no cause is likely enough to act on; the next failed checkpoint is looked at in detail, with the stacks of the missing subtasks" {
		t.Errorf("without a measurement: %q", got)
	}
}

func BenchmarkDecideHealthy(b *testing.B) {
	in := patient("", "")
	in.Diagnosis.Health = api.HealthHealthy
	b.ReportAllocs()
	for b.Loop() {
		Decide(in)
	}
}

func BenchmarkDecideSick(b *testing.B) {
	in := patient(api.CauseSlowStateBackend, "")
	in.Policy.Guards.Windows = window("0 3 * * *", "Europe/Berlin", 3600)
	b.ReportAllocs()
	for b.Loop() {
		Decide(in)
	}
}
