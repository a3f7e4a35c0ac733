package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A timeout that failed together with a longer interval is not tried by itself, nor a shorter one, while the interval rests.
func TestWhatFailedTogetherIsNotTriedAlone(t *testing.T) {
	pressed := func() Input {
		in := patient(api.CauseCheckpointPressure, "")
		in.Snapshot.Settings.Incremental = set(true)
		in.Diagnosis.Facts.P95 = 9 * time.Minute
		in.Policy.Guards.MaxReplay = 3 * time.Hour
		return in
	}
	first := Decide(pressed())
	if timeout, ok := field(first, keyTimeout); !ok || timeout.To != "50m" || first.Remedy.Lever != api.LeverCheckpointInterval {
		t.Fatalf("%+v, want an interval and a timeout of 50m", first.Remedy)
	}
	failedBoth := func(ago time.Duration) model.Receipt {
		r := failedReceipt(api.CauseCheckpointPressure, api.LeverCheckpointInterval, ago)
		r.Changes = nil
		for _, c := range first.Remedy.Changes {
			r.Changes = append(r.Changes, model.ChangeRecord{Field: c.Field, From: c.From, WasSet: c.WasSet, To: c.To})
		}
		return r
	}
	late := func(in *Input, after time.Duration) {
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{after}, true
	}
	for _, c := range []struct {
		name, to string
		ago      time.Duration
		change   func(*Input, *model.Receipt)
	}{
		{"three hours ago", "", 3 * time.Hour, nil},
		{"a longer one than failed", "55m", 3 * time.Hour, func(in *Input, _ *model.Receipt) { late(in, 25*time.Minute) }},
		{"the policy's bound cuts it to what failed", "", 3 * time.Hour, func(in *Input, _ *model.Receipt) {
			late(in, 25*time.Minute)
			bound(in, api.LeverCheckpointTimeout, 3000)
		}},
		{"against another cause", "50m", 3 * time.Hour, func(_ *Input, r *model.Receipt) { r.Cause = api.CauseSlowStateBackend }},
		{"it helped", "50m", 3 * time.Hour, func(_ *Input, r *model.Receipt) { r.Outcome = api.OutcomeEffective }},
		{"the interval failed without it", "15m", 3 * time.Hour, func(_ *Input, r *model.Receipt) { r.Changes = r.Changes[:1] }},
		{"it has rested", "50m", 7 * time.Hour, nil},
	} {
		in, r := pressed(), failedBoth(c.ago)
		if c.change != nil {
			c.change(&in, &r)
		}
		in.Snapshot.Target.Receipts = []model.Receipt{r}
		d := Decide(in)
		if change, _ := field(d, keyTimeout); change.To != c.to {
			t.Errorf("%s: %+v %+v, want %q", c.name, d.Remedy, d.WhyNot, c.to)
		}
		if c.to == "" && (d.WhyNot.Retry != 3*time.Hour || !strings.Contains(d.WhyNot.Message, "50m did not help against CheckpointPressure together with another change")) {
			t.Errorf("%s: %+v", c.name, d.WhyNot)
		}
	}
}
