package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestTimeoutSizing(t *testing.T) {
	s, m := time.Second, time.Minute
	for _, c := range []struct {
		name         string
		now          time.Duration
		late         []time.Duration
		complete     bool
		maxSeconds   float64
		to, uncapped string
	}{
		{"runbook: 10m x 1.5", 10 * m, nil, false, 3600, "15m", ""},
		{"late acks: 17m x 2.2 = 37m24s", 10 * m, []time.Duration{17 * m, 14 * m}, true, 3600, "40m", ""},
		{"late acks, policy's bound cuts", 10 * m, []time.Duration{17 * m, 14 * m}, true, 1200, "20m", "40m"},
		{"some never came: at least the late ones, near the growth", 10 * m, []time.Duration{10*m + 30*s}, false, 3600, "23m", ""},
		{"some never came: at least the late ones", 10 * m, []time.Duration{14 * m}, false, 3600, "30m", ""}, // 14m x 2.2 = 30m48s
		{"ten seconds: 11s x 2.2 = 24.2s; 24s is no tidy value", 10 * s, []time.Duration{11 * s}, true, 3600, "25s", ""},
		{"ten seconds: 16s x 2.2 = 35.2s", 10 * s, []time.Duration{16 * s}, true, 3600, "35s", ""},
		{"ten seconds: 13s x 2.2 = 28.6s; 25s would leave 1.9", 10 * s, []time.Duration{13 * s}, true, 3600, "30s", ""},
		{"ten seconds grow", 10 * s, nil, false, 3600, "15s", ""},
		{"eight seconds grow: 12s is no tidy value, and 10s would be no growth", 8 * s, nil, false, 3600, "15s", ""},
		{"one minute grows to 90s, which Flink reads as one unit", m, nil, false, 3600, "90s", ""},
		{"33m is tidied to 35m", 22 * m, nil, false, 3600, "35m", ""},
		{"growth cut by the bound", 50 * m, nil, false, 3600, "1h", "75m"},
		{"late acks that were in time but for their queue: 9m x 2.2 = 19m48s", 10 * m, []time.Duration{9 * m}, true, 3600, "20m", ""},
	} {
		in := patient(api.CauseSlowStateBackend, "")
		in.Snapshot.Settings.Timeout = set(c.now)
		in.Snapshot.Target.Config[keyTimeout] = flinkDuration(c.now)
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = c.late, c.complete
		bound(&in, api.LeverCheckpointTimeout, c.maxSeconds)
		change, ok := field(Decide(in), keyTimeout)
		if !ok || change.To != c.to || change.Uncapped != c.uncapped || change.From != flinkDuration(c.now) || !change.WasSet {
			t.Errorf("%s: %+v, want %s (uncapped %q)", c.name, change, c.to, c.uncapped)
		}
	}
}

func TestTimeoutThatIsNotProposed(t *testing.T) {
	late := []time.Duration{40 * time.Minute}
	for _, c := range []struct {
		name, reason, says string
		change             func(*Input)
	}{
		{"the bound is below what came late", api.ReasonBoundReached, "would still expire", func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = late, true
			bound(in, api.LeverCheckpointTimeout, 1800)
		}},
		{"nothing came late, and no upload is seen that moves", api.ReasonSnapshotIncomplete, "nothing tells yet that it would help", func(in *Input) {
			in.Diagnosis.Facts.NoneLate = true
		}},
		{"no checkpoint begins", api.ReasonNoRemedyLeft, "tasks do not run", func(in *Input) {
			in.Diagnosis.Facts.Stalled = true
		}},
		{"the bound is below what came late, and the rest never came", api.ReasonBoundReached, "would still expire", func(in *Input) {
			in.Diagnosis.Facts.LateAcks = late
			bound(in, api.LeverCheckpointTimeout, 1800)
		}},
		{"the same subtasks stay missing", api.ReasonNoRemedyLeft, "hours would not suffice", func(in *Input) { in.Diagnosis.Facts.NeverLate = true }},
	} {
		d := Decide(with(patient(api.CauseNetworkLatency, ""), c.change))
		if d.Remedy != nil || d.WhyNot.Reason != c.reason || !strings.Contains(d.WhyNot.Message, c.says) {
			t.Errorf("%s: %+v, %+v", c.name, d.Remedy, d.WhyNot)
		}
	}
	moves := with(patient(api.CauseNetworkLatency, ""), func(in *Input) { in.Diagnosis.Facts.NeverLate, in.Diagnosis.Facts.UploadMoves = true, true })
	if _, ok := field(Decide(moves), keyTimeout); !ok {
		t.Error("an upload that moves is worth a longer timeout even if nothing came late (Flink up to 1.17 cancels it)")
	}
}

func TestTimeoutAtRisk(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Diagnosis.Health, in.Diagnosis.Counts = api.HealthAtRisk, model.WindowCounts{Window: 10, Completed: 10}
	in.Policy.Detection.Treat = api.TreatAtRisk
	in.Diagnosis.Facts.Max = 8 * time.Minute
	if change, _ := field(Decide(in), keyTimeout); change.To != "18m" { // 8m x 2.2 = 17m36s
		t.Errorf("%+v, want 18m", change)
	}
	bound(&in, api.LeverCheckpointTimeout, 990) // 8m is less than half of it: at risk no more, if barely
	if change, _ := field(Decide(in), keyTimeout); change.To != "990s" || change.Uncapped != "18m" {
		t.Errorf("%+v, want 990s", change)
	}
	bound(&in, api.LeverCheckpointTimeout, 960)
	if d := Decide(in); d.Remedy != nil || d.WhyNot.Reason != api.ReasonBoundReached || !strings.Contains(d.WhyNot.Message, "would leave the job at risk") {
		t.Errorf("a restart for a timeout that leaves the job at risk: %+v, %+v", d.Remedy, d.WhyNot)
	}
	bound(&in, api.LeverCheckpointTimeout, 3600)
	in.Diagnosis.Facts.Max = 4 * time.Minute
	if d := Decide(in); d.Remedy != nil || d.WhyNot.Reason != api.ReasonNoRemedyLeft {
		t.Errorf("4m of 10m need no longer timeout: %+v", d)
	}
}

func TestMuchLongerTimeout(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	bound(&in, api.LeverIOPoolSize, 1)
	d := Decide(in)
	if change, _ := field(d, keyTimeout); change.To != "18m" || !strings.Contains(d.Remedy.Reason, "10m x 3 = 30m; bounded to 18m by guards.maxReplaySeconds") {
		t.Errorf("%+v, want no longer than can be undone", d.Remedy)
	}
	in.Policy.Guards.MaxReplay = 3 * time.Hour
	if change, _ := field(Decide(in), keyTimeout); change.To != "30m" { // 10m x 3
		t.Errorf("%+v, want 30m", change)
	}
}

func TestArithmeticIsSaid(t *testing.T) {
	in := patient(api.CauseSlowStateBackend, "")
	in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{17 * time.Minute, 14 * time.Minute}, true
	bound(&in, api.LeverCheckpointTimeout, 1200)
	want := "late acknowledgements came after 14m to 17m: 17m x 2.2 = 37m24s, tidied to 40m; the policy allows up to 20m"
	if got := Decide(in).Remedy.Reason; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

func TestTidy(t *testing.T) {
	s, m := time.Second, time.Minute
	for _, c := range []struct{ in, up, near time.Duration }{
		{50 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond}, {1400 * time.Millisecond, 2 * s, s}, {11 * s, 15 * s, 10 * s}, {59 * s, m, m},
		{61 * s, 90 * s, m}, {4*m + 10*s, 270 * s, 4 * m}, {22*m + 6*s, 23 * m, 22 * m}, {12 * m, 12 * m, 12 * m}, {31 * m, 35 * m, 30 * m},
		{121 * m, 135 * m, 120 * m}, {25 * time.Hour, 25 * time.Hour, 25 * time.Hour},
	} {
		if up, near := tidyUp(c.in), tidyNear(c.in); up != c.up || near != c.near {
			t.Errorf("%s: up %s near %s, want %s and %s", c.in, up, near, c.up, c.near)
		}
	}
	for d, want := range map[time.Duration]string{90 * s: "90s", 22 * m: "22m", 2 * time.Hour: "2h", 1500 * time.Millisecond: "1500ms", 75 * m: "75m"} {
		got := flinkDuration(d)
		if back, err := model.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%s is written %s (read back as %s, %v), want %s", d, got, back, err, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0ms", 4500 * time.Millisecond: "4.5s", 42 * s: "42s", 9*m + 52*s: "9m52s", 125 * m: "2h05m", 72 * time.Hour: "3d", -1: "an unknown time", 2 * s: "2s"} {
		if got := span(d); got != want {
			t.Errorf("%d is said %q, want %q", d, got, want)
		}
	}
}

// Where nothing can come late the timeout grows, and it is said what would tell more. For an upload that moves one attempt has to do: with ten times
// the timeout nine of ten do (41 s against 10 s did not with three times), within the policy's bound.
func TestTimeoutWhereNothingComesLate(t *testing.T) {
	s, m := time.Second, time.Minute
	for _, c := range []struct {
		name       string
		cause      api.Cause
		cut, moves bool
		now        time.Duration
		to, says   string
	}{
		{"each expiry restarts the job", api.CauseSlowStateBackend, true, false, 10 * m, "15m", "it grows by the policy's factor"},
		{"and an upload moves", api.CauseSlowStateBackend, true, true, 10 * s, "2m", "10s x 10 = 1m40s, tidied to 2m"},
		{"no longer than can be undone", api.CauseSlowStateBackend, true, true, 10 * m, "18m", "10m x 10 = 1h40m; bounded to 18m by guards.maxReplaySeconds: 3 that expire and the restart must fit into 1h"},
		{"where the policy's factor is more than that", api.CauseSlowStateBackend, true, true, 16 * m, "24m", "; no more than the policy's factor, 24m"},
		{"an expiry cancels the upload (up to 1.17)", api.CauseSlowStateBackend, false, true, 10 * s, "2m", "and the uploads move"},
		{"the runbook's answer to a slow network", api.CauseNetworkLatency, true, true, 10 * m, "15m", "it grows by the policy's factor"},
		{"it is not the uploads that take the time", api.CauseSlowCleanup, true, true, 5 * m, "15m", "so it grows: 5m x 3 = 15m"},
	} {
		in := patient(c.cause, "")
		bound(&in, api.LeverIOPoolSize, 1)
		in.Snapshot.Settings.Timeout = set(c.now)
		in.Snapshot.Target.Config[keyTimeout] = flinkDuration(c.now)
		in.Diagnosis.Facts.CutShort, in.Diagnosis.Facts.UploadMoves = c.cut, c.moves
		d := Decide(in)
		change, ok := field(d, keyTimeout)
		if !ok || change.To != c.to || !strings.Contains(d.Remedy.Reason, c.says) {
			t.Fatalf("%s: %+v %+v, want %s, %q", c.name, change, d.Remedy, c.to, c.says)
		}
		if said := strings.Join(d.Advice, " "); strings.Contains(said, keyTolerable) != c.cut || strings.Contains(d.Remedy.Reason, "each expiry restarts the job") != c.cut {
			t.Errorf("%s: reason %q, advice %q", c.name, d.Remedy.Reason, said)
		}
	}
}

// Where of no expired checkpoint it is known who was missing, nothing tells that more time would help.
func TestNoTimeoutOnWhatWasNotRead(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Diagnosis.Facts.Unread = true
	d := Decide(in)
	if change, ok := field(d, keyTimeout); ok || !strings.Contains(d.WhyNot.Message, "nothing tells yet whether it would help") {
		t.Errorf("%+v, %q", change, d.WhyNot.Message)
	}
}
