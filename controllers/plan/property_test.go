package plan

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// dice makes random inputs; the same seed makes the same ones.
type dice struct{ *rand.Rand }

func (d dice) yes(percent int) bool { return d.IntN(100) < percent }

func oneOf[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

func (d dice) duration() time.Duration {
	if d.yes(70) { // the sane ones
		return oneOf(d, 3*time.Second, 10*time.Second, time.Minute, 10*time.Minute, time.Duration(d.Int64N(int64(time.Hour))))
	}
	return oneOf(d, 0, -1, time.Millisecond, time.Second, 10*time.Second, time.Minute, 10*time.Minute, time.Hour, 400*24*time.Hour, math.MaxInt64)
}

func (d dice) measure() model.Measure {
	if d.yes(60) {
		return model.Measured(oneOf(d, 0.5, 0.9, 1, 2, 900*mib, 1000*mib))
	}
	return model.Measure{Value: oneOf(d, 0, -1, 0.1, 1, 3.7, 64, 1e9, 1e18, math.Inf(1), math.NaN(), d.Float64()), Known: d.yes(80)}
}

func setting[T any](d dice, values ...T) model.Setting[T] {
	return model.Setting[T]{Value: oneOf(d, values...), Known: d.yes(95),
		Origin: oneOf(d, api.OriginTarget, api.OriginTarget, api.OriginTarget, api.OriginDefault, api.OriginDefault, api.OriginDefault, api.OriginDefault, api.OriginJobCode, api.OriginUnknown)}
}

func (d dice) settings() model.Settings {
	integer := []int{-1, 0, 1, 2, 10, 64, math.MaxInt}
	return model.Settings{
		Timeout: setting(d, d.duration()), Interval: setting(d, d.duration()), MinPause: setting(d, 0, d.duration()), AlignedTimeout: setting(d, 0, d.duration()),
		MaxConcurrent: setting(d, integer...), TolerableFailed: setting(d, integer...), IOPoolSize: setting(d, integer...), TransferThreads: setting(d, integer...),
		ExactlyOnce: setting(d, true, false), Unaligned: setting(d, true, false), Incremental: setting(d, true, false), CleanerParallel: setting(d, true, false),
		BackgroundCleanup: setting(d, true, false), ExternalizedRetained: setting(d, true, false),
		StateBackend: setting(d, "EmbeddedRocksDBStateBackend", "hashmap", "forst", ""), HighAvailability: setting(d, "kubernetes", "NONE", ""),
		JobManagerCPU: setting(d, 0.0, 0.5, 4, math.Inf(1)), JobManagerProcess: setting(d, int64(-5), 0, 1<<30, math.MaxInt64),
		Cluster: map[string]string{keyHeapSize: oneOf(d, "1g", "x"), keyProcessSize: oneOf(d, "1600m", "")},
	}
}

func (d dice) target() model.Target {
	if d.yes(8) {
		return model.Target{}
	}
	t := model.Target{
		Kind: oneOf(d, "FlinkDeployment", "FlinkDeployment", "FlinkDeployment", "FlinkDeployment", "FlinkDeployment", "FlinkDeployment", "FlinkSessionJob", "Deployment"), Name: "x", Generation: 3, ObservedGeneration: oneOf(d, 3, 3, 3, 3, 3, 2, int64(0)),
		SessionCluster: d.yes(5), ResourceField: oneOf(d, "resource", "resources", ""), JobManagerCPU: d.measure(), JobManagerMemory: oneOf(d, "", "1600m", "2Gi", "99999999g", "x"),
		UpgradeMode: oneOf(d, "last-state", "last-state", "last-state", "last-state", "last-state", "last-state", "savepoint", "stateless", ""), HighAvailability: d.yes(85), Suspended: d.yes(3),
		Lifecycle: oneOf(d, "STABLE", "STABLE", "STABLE", "STABLE", "STABLE", "STABLE", "STABLE", "STABLE", "DEPLOYED", "FAILED", ""), AutoscalerRescaling: d.yes(3),
		Config: map[string]string{}, Parent: oneOf(d, "", "", "", "", "", "", "FlinkBlueGreenDeployment/x"),
	}
	for _, key := range []string{keyTimeout, keyInterval, keyIntervalBacklog, keyHeapSize, keyRunbookFlag, keyCleanerOld, keyUnalignedOld, "jobmanager.memory.jvm-overhead.fraction",
		"jobmanager.memory.jvm-overhead.min", "kubernetes.jobmanager.cpu.limit-factor", keyOperatorCleanup} {
		if d.yes(20) {
			t.Config[key] = oneOf(d, "", "true", "10m", "1", "-1", "1e308", "NaN", "0.95", "\x00")
		}
	}
	if d.yes(30) {
		t.JobManagerResources = map[string]string{"jobManager.resources.limits.cpu": oneOf(d, "1", "x"), "jobManager.resources.requests.memory": oneOf(d, "1Gi", "-1")}
	}
	for i := max(d.IntN(6)-2, 0); i > 0; i-- {
		at := now.Add(-time.Duration(d.Int64N(int64(100 * time.Hour))))
		t.Receipts = append(t.Receipts, model.Receipt{ID: strconv.Itoa(i), Cause: d.finding().Cause, Lever: oneOf(d, api.LeverCheckpointTimeout, api.LeverIOPoolSize), AppliedAt: at,
			Outcome: oneOf(d, api.OutcomeEffective, api.OutcomeRolledBack, api.OutcomeSuperseded, api.OutcomeHarmful), Changes: []model.ChangeRecord{{Field: keyTimeout, From: oneOf(d, "10m", "x"), To: "15m"}}})
	}
	if t.Kind == kindSessionJob && d.yes(80) {
		t.SessionCluster = false
		t.Attach(model.Target{Kind: kindFlinkDeployment, Name: "pool", SessionCluster: true, ResourceField: "resource", JobManagerCPU: d.measure(), Lifecycle: "STABLE"})
	}
	return t
}

// session is what runs on a session cluster, most often safe to restart.
func (d dice) session() model.SessionCluster {
	return model.SessionCluster{Running: d.IntN(4), Known: d.yes(90), Jobs: []model.SessionJob{
		{Name: "a", UpgradeMode: oneOf(d, "last-state", "last-state", "last-state", "savepoint", "stateless", ""), Suspended: d.yes(5), Upgrading: d.yes(5)},
	}}
}

func (d dice) finding() model.Finding {
	c := oneOf(d, treatedCauses...)
	if d.yes(70) {
		c = oneOf(d, treatedCauses[:8]...)
	}
	return model.Finding{Cause: c.cause, SubCause: c.sub, Verdict: oneOf(d, api.VerdictLikely, api.VerdictLikely, api.VerdictLikely, api.VerdictConfirmed, api.VerdictConfirmed, api.VerdictConfirmed, api.VerdictPossible, "")}
}

func (d dice) input() Input {
	policy := model.ResolvePolicy("", &api.RemediationPolicySpec{Mode: oneOf(d, api.ModeRemediate, api.ModeRemediate, api.ModeRemediate, api.ModeRemediate, api.ModeRemediate, api.ModeRemediate, api.ModeRecommend, api.ModeObserve)})
	for lever, limit := range policy.Levers {
		limit.Action = oneOf(d, api.LeverApply, api.LeverApply, api.LeverApply, api.LeverApply, api.LeverRecommend, api.LeverOff)
		limit.Max *= oneOf(d, 0.01, 1, 1, 1, 100)
		policy.Levers[lever] = limit
	}
	policy.Guards.ClusterChanges = oneOf(d, api.ClusterChangesApply, api.ClusterChangesRecommend)
	policy.Guards.Cooldown, policy.Guards.MaxReplay = oneOf(d, 0, 0, time.Hour), oneOf(d, 0, time.Hour, time.Hour, 9999*time.Hour)
	policy.Thresholds.DutyCycle = oneOf(d, 0.5, 0.01, 1, 0)
	in := Input{
		Now: now, Policy: &policy, Poll: oneOf(d, 0, -1, time.Nanosecond, time.Second, 24*time.Hour),
		Controls: model.Controls{Warm: d.yes(95), Paused: pick(d.yes(3), "x", ""), Fleet: model.Fleet{Targets: d.IntN(9), InFlight: d.IntN(10) / 9, SharedWith: d.IntN(10) / 4}},
		Snapshot: &model.Snapshot{
			Target: d.target(), Session: d.session(), Settings: d.settings(), Job: model.Job{FlinkVersion: oneOf(d, "1.15.4", "1.19.1", "1.20.5", "2.2.1", "", "x.y", "1.20.99999999999999999999")},
			JobManager:  model.JobManager{CPULimit: d.measure(), CPUUsage: d.measure(), ThrottledShare: d.measure(), HeapUsed: d.measure(), HeapMax: d.measure(), IOThreads: d.measure(), ProcessMemory: d.measure()},
			Checkpoints: model.CheckpointLedger{History: []model.Checkpoint{{Status: oneOf(d, model.CheckpointCompleted, model.CheckpointCompleted, model.CheckpointCompleted, model.CheckpointFailed), Trigger: now.Add(-d.duration() / 2)}}},
			Past:        model.Past{Downtime: d.duration()},
		},
		Diagnosis: &model.Diagnosis{
			Health: oneOf(d, api.HealthUnhealthy, api.HealthUnhealthy, api.HealthUnhealthy, api.HealthUnhealthy, api.HealthUnhealthy, api.HealthUnhealthy, api.HealthAtRisk, api.HealthHealthy, api.HealthUnknown), Findings: []model.Finding{d.finding()},
			Counts: model.WindowCounts{Expired: d.IntN(3)},
			Facts: model.Facts{NeverLate: d.yes(25), UploadMoves: d.yes(20), LateComplete: d.yes(50), P50: d.duration(), P95: d.duration(), Max: d.duration(), LiveHeap: d.measure(), CPUUsage: d.measure(),
				Advisories: []model.AdvisoryMatch{{ID: "x", Workaround: map[string]string{"a.b": "1", keyTimeout: "99h"}}}},
		},
	}
	for i := d.IntN(3); i > 0; i-- {
		in.Diagnosis.Facts.LateAcks = append(in.Diagnosis.Facts.LateAcks, d.duration())
	}
	if d.yes(10) {
		in.Verification = model.Verification{Receipt: &model.Receipt{ID: "f", AppliedAt: now}, Outcome: oneOf(d, api.OutcomePending, api.OutcomeEffective, api.OutcomeIneffective, api.OutcomeHarmful, "")}
	}
	return in
}

// TestProperties throws random inputs, sane and insane, at Decide: it never panics, always answers, and never breaks a promise.
func TestProperties(t *testing.T) {
	applied := 0
	for seed := range uint64(30000) {
		in := dice{rand.New(rand.NewPCG(seed, 7))}.input()
		d := Decide(in)
		if again := Decide(in); again.Action != d.Action || again.WhyNot != d.WhyNot {
			t.Fatalf("seed %d: the same input gives another decision", seed)
		}
		if broken := brokenPromise(&in, &d); broken != "" {
			t.Fatalf("seed %d: %s\ndecision %+v\nremedy %+v", seed, broken, d, d.Remedy)
		}
		if d.Action == model.ActionApply {
			applied++
		}
		Patch(&in.Snapshot.Target, d.Remedy)
	}
	if applied < 250 {
		t.Errorf("only %d of 30000 inputs were treated: the dice do not reach what they are to test", applied)
	}
}

// promises hold for every decision. Each tells whether it is broken.
var promises = []struct {
	broken string
	check  func(*Input, *model.Decision) bool
}{
	{"next look out of bounds", func(_ *Input, d *model.Decision) bool { return d.NextLook <= 0 || d.NextLook > 10*time.Minute }},
	{"nothing is done and not explained", func(_ *Input, d *model.Decision) bool {
		return d.Action == model.ActionNone && (d.WhyNot.Reason == "" || d.WhyNot.Message == "")
	}},
	{"applied against a refusal", func(_ *Input, d *model.Decision) bool {
		return d.Action == model.ActionApply && (d.WhyNot.Refused() || len(d.Refusals) > 0 || d.Remedy == nil)
	}},
	{"written outside mode Remediate", func(in *Input, d *model.Decision) bool {
		return (d.Action == model.ActionApply || d.Action == model.ActionRollback) && in.Policy.Mode != api.ModeRemediate
	}},
	{"written against people's word", func(in *Input, d *model.Decision) bool {
		return d.Action != model.ActionNone && (in.Controls.Paused != "" || !in.Controls.Warm)
	}},
	{"written without a target", func(in *Input, d *model.Decision) bool {
		return d.Action == model.ActionApply && in.Snapshot.Target.Kind == ""
	}},
	{"a longer timeout where nothing ever comes late", func(in *Input, d *model.Decision) bool {
		_, longer := field(*d, keyTimeout)
		return longer && in.Diagnosis.Facts.NeverLate && !in.Diagnosis.Facts.UploadMoves
	}},
	{"an undo that drops the job's state", func(in *Input, d *model.Decision) bool {
		t := &in.Snapshot.Target
		return d.Action == model.ActionRollback && t.Kind == "FlinkDeployment" && !t.SessionCluster && t.UpgradeMode != "last-state" && t.UpgradeMode != "savepoint" &&
			slices.ContainsFunc(d.Receipt.Changes, func(c model.ChangeRecord) bool { return !restartFree(c.Field) })
	}},
	{"a session cluster changed without leave", func(in *Input, d *model.Decision) bool {
		return d.Action == model.ActionApply && d.Remedy.Cost == api.CostClusterRestart && in.Policy.Guards.ClusterChanges != api.ClusterChangesApply
	}},
	{"a debt that is not only recommended", func(_ *Input, d *model.Decision) bool {
		return d.Debt != "" && (d.Action != model.ActionNone || d.Remedy == nil)
	}},
	{"the remedy is not whole", func(_ *Input, d *model.Decision) bool { return d.Remedy != nil && !whole(d.Remedy) }},
}

func brokenPromise(in *Input, d *model.Decision) string {
	for _, p := range promises {
		if p.check(in, d) {
			return p.broken
		}
	}
	if d.Remedy == nil || d.Debt != "" {
		return "" // walking back goes where the job came from, whatever the policy's bound is
	}
	for i := range d.Remedy.Changes {
		if broken := brokenChange(in, &d.Remedy.Changes[i]); broken != "" {
			return broken
		}
	}
	return ""
}

// amounts read what a change writes, in its lever's unit.
var amounts = map[string]func(string) (float64, bool){
	keyTimeout: secondsIn, keyInterval: secondsIn, keyIOPool: numberIn, keyTransfer: numberIn,
	fieldCPU: numberIn, "jobManager.resources.limits.cpu": numberIn, fieldMemory: bytesIn, "jobManager.resources.limits.memory": bytesIn,
}

func secondsIn(text string) (float64, bool) {
	d, ok := durationOf(text)
	return d.Seconds(), ok
}

func numberIn(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func bytesIn(text string) (float64, bool) {
	bytes, err := model.ParseMemory(text)
	return float64(bytes), err == nil
}

// brokenChange tells which promise about values a change breaks.
func brokenChange(in *Input, c *model.Change) string {
	limit := in.Policy.Lever(c.Lever)
	if c.Field == "" || c.To == "" || limit.Action == api.LeverOff {
		return "a change without field or value, or of a lever that is off: " + c.Field
	}
	read, measured := amounts[c.Field]
	if !measured {
		return ""
	}
	amount, ok := read(c.To)
	if !ok || amount <= 0 || amount > limit.Max*(1+1e-9) {
		return c.Field + " = " + c.To + " is no amount within the policy's bound of " + strconv.FormatFloat(limit.Max, 'g', -1, 64)
	}
	before := map[string]time.Duration{keyTimeout: in.Snapshot.Settings.Timeout.Value, keyInterval: in.Snapshot.Settings.Interval.Value}[c.Field]
	if amount <= before.Seconds() {
		return c.Field + " does not grow: " + c.To
	}
	return ""
}
