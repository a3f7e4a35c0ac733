package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// refusalCase changes a patient so that one guard refuses, with a message that says something.
type refusalCase struct {
	name, reason, says string
	change             func(*Input)
}

// refusing has a patient for every guard, alone: one whose remedy only that guard holds back.
var refusing = []refusalCase{
	{"stop switch", api.ReasonStopSwitch, "incident 4711", func(in *Input) { in.Controls.Stopped = "incident 4711" }},
	{"pause", api.ReasonPaused, "rush hour", func(in *Input) { in.Controls.Paused = "rush hour" }},
	{"another is in charge", api.ReasonLookedAfterByAnother, "CheckpointHealth audit", func(in *Input) {
		in.Controls.LookedAfter = "FlinkDeployment/pay is looked after by CheckpointHealth audit"
	}},
	{"mode", api.ReasonModeRecommend, "Remediate", func(in *Input) { in.Policy.Mode = api.ModeRecommend }},
	{"no policy", api.ReasonModeRecommend, "no policy is given, and so nothing is written", func(in *Input) {
		in.Policy.Mode, in.Policy.BuiltIn = api.ModeRecommend, true
	}},
	{"no cluster", api.ReasonTargetNotPatchable, "yourself", func(in *Input) { in.Snapshot.Target = model.Target{} }},
	{"kind", api.ReasonTargetNotPatchable, "flink-conf.yaml", func(in *Input) { in.Snapshot.Target.Kind = "Deployment" }},
	{"observe says so", api.ReasonTargetNotPatchable, "shared", func(in *Input) { in.Snapshot.Target.NotPatchable = "shared with others" }},
	{"blue/green child", api.ReasonManagedByParent, "FlinkBlueGreenDeployment/pay", func(in *Input) { in.Snapshot.Target.Parent = "FlinkBlueGreenDeployment/pay" }},
	{"job code", api.ReasonOverriddenInCode, "job's code", func(in *Input) { in.Snapshot.Settings.Timeout.Origin = api.OriginJobCode }},
	{"lever", api.ReasonLeverRecommendOnly, "remedies.checkpointTimeout.action", func(in *Input) {
		in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverRecommend, Max: 3600, Growth: 1.5}
	}},
	{"at risk by one expiry", api.ReasonAtRiskNotTreated, "no pattern yet", func(in *Input) { in.Diagnosis.Health, in.Diagnosis.Counts.Expired = api.HealthAtRisk, 1 }},
	{"at risk", api.ReasonAtRiskNotTreated, "detection.treat", func(in *Input) { in.Diagnosis.Health = api.HealthAtRisk }},
	{"shared", api.ReasonSharedDependency, "2 other jobs", func(in *Input) {
		in.Controls.Fleet = model.Fleet{Targets: 8, SharedWith: 2}
	}},
	{"fresh start", api.ReasonFreshStart, "just started", func(in *Input) { in.Controls.Warm = false }},
	{"receipts", api.ReasonSnapshotIncomplete, "not JSON", func(in *Input) { in.Snapshot.Target.ReceiptsError = "not JSON" }},
	{"origin", api.ReasonSnapshotIncomplete, "job's code", func(in *Input) { in.Snapshot.Settings.Timeout.Origin = api.OriginUnknown }},
	{"pending", api.ReasonRemedyPending, "not judged", func(in *Input) {
		in.Snapshot.Target.Receipts = []model.Receipt{{ID: "7f3a-2", Outcome: api.OutcomePending, AppliedAt: now.Add(-48 * time.Hour)}}
	}},
	{"suspended job", api.ReasonJobNotRunning, "suspended", func(in *Input) { in.Snapshot.Target.Suspended = true }},
	{"failed", api.ReasonJobNotRunning, "FAILED", func(in *Input) { in.Snapshot.Target.Lifecycle = "FAILED" }},
	{"upgrade", api.ReasonUpgradeInProgress, "UPGRADING", func(in *Input) { in.Snapshot.Target.Lifecycle = "UPGRADING" }},
	{"generation", api.ReasonUpgradeInProgress, "observed 3", func(in *Input) { in.Snapshot.Target.Generation = 4 }},
	{"rolled back", api.ReasonUpgradeInProgress, "repair the spec", func(in *Input) { in.Snapshot.Target.Reconciliation = "ROLLED_BACK" }},
	{"rescale", api.ReasonUpgradeInProgress, "autoscaler", func(in *Input) { in.Snapshot.Target.AutoscalerRescaling = true }},
	{"savepoint", api.ReasonSavepointInProgress, "savepoint 41", func(in *Input) {
		in.Snapshot.Checkpoints.History = []model.Checkpoint{{ID: 41, Savepoint: true, Status: model.CheckpointInProgress}}
	}},
	{"stateless", api.ReasonUpgradeModeStateless, "drop the job's state", func(in *Input) { in.Snapshot.Target.UpgradeMode = "stateless" }},
	{"upgradeMode not set", api.ReasonUpgradeModeStateless, "not set", func(in *Input) { in.Snapshot.Target.UpgradeMode = "" }},
	{"no HA", api.ReasonNoHighAvailability, "guards.highAvailability", func(in *Input) { in.Snapshot.Target.HighAvailability = false }},
	{"nothing completed", api.ReasonNoRestorableCheckpoint, "ever completed", func(in *Input) { in.Snapshot.Checkpoints = model.CheckpointLedger{} }},
	{"not retained", api.ReasonNoRestorableCheckpoint, "RETAIN_ON_CANCELLATION", func(in *Input) {
		in.Snapshot.Target.HighAvailability, in.Policy.Guards.HighAvailability = false, api.NotRequired
		in.Snapshot.Settings.ExternalizedRetained = set(false)
	}},
	{"answers over a slow network", api.ReasonNetworkTooSlow, "an answer of a TaskManager to the JobManager took 6s there and back, over which a TaskManager needs 45s to offer a slot to the job, and it frees the slot after 10s", func(in *Input) {
		in.Snapshot.Stacks = []model.StackSample{{Took: map[string]time.Duration{"jobmanager": 40 * time.Millisecond, "tm-1": time.Second, "tm-2": 6040 * time.Millisecond}}}
	}},
	{"a probe of a slow network", api.ReasonNetworkTooSlow, "the network probe's connects", func(in *Input) { in.Snapshot.Network = connects(4 * time.Second) }},
	{"nested twin", api.ReasonNestedDuplicate, "twice", func(in *Input) { in.Snapshot.Target.Twins = []string{keyTimeout} }},
	{"overlapping keys", api.ReasonOverlappingKeys, "prefix", func(in *Input) {
		in.Snapshot.Job.FlinkVersion, in.Snapshot.Target.OverlappingKeys = "2.2.1", []string{"a, a.b"}
	}},
	{"overlap with the new key", api.ReasonOverlappingKeys, keyTimeout, func(in *Input) {
		in.Snapshot.Job.FlinkVersion, in.Snapshot.Target.Config[keyTimeout+".x"] = "2.2.1", "1"
	}},
	{"reverted", api.ReasonRevertedByGitOps, "Argo CD put back", func(in *Input) {
		in.Snapshot.Target.GitOps = []string{"Argo CD"}
		in.Snapshot.Target.Receipts = []model.Receipt{{ID: "7f3a-1", Outcome: api.OutcomeSuperseded, AppliedAt: now.Add(-48 * time.Hour), Generation: 1,
			Changes: []model.ChangeRecord{{Field: keyTimeout, From: "10m", To: "15m"}}}}
	}},
	{"revert seen now", api.ReasonRevertedByGitOps, "put it back", func(in *Input) {
		in.Verification = model.Verification{Misaligned: api.ReasonRevertedByGitOps, MisalignedMessage: "Flux put it back"}
	}},
	{"owned", api.ReasonOwnedByOtherManager, "kubectl-edit", func(in *Input) { in.Snapshot.Target.Owners = map[string][]string{keyTimeout: {"kubectl-edit"}} }},
	{"upgradeMode savepoint", api.ReasonUpgradeModeSavepoint, api.AnnotationApprove, func(in *Input) { in.Snapshot.Target.UpgradeMode = "savepoint" }},
	{"approval", api.ReasonApprovalRequired, api.AnnotationApprove, func(in *Input) { in.Policy.Guards.Approval = api.Required }},
	{"replay", api.ReasonReplayTooLong, "20m", func(in *Input) { in.Policy.Guards.MaxReplay = 10 * time.Minute }},
	{"daily limit", api.ReasonDailyLimit, "allows 1", func(in *Input) {
		in.Policy.Guards.MaxPerDay, in.Snapshot.Target.Receipts = 1, []model.Receipt{{Outcome: api.OutcomeEffective, AppliedAt: now.Add(-23 * time.Hour)}}
	}},
	{"cooldown", api.ReasonCooldown, "30m", func(in *Input) {
		in.Snapshot.Target.Receipts = []model.Receipt{{Outcome: api.OutcomeEffective, AppliedAt: now.Add(-29 * time.Minute)}}
	}},
	{"window", api.ReasonOutsideWindow, "04:00 Europe/Berlin", func(in *Input) { in.Policy.Guards.Windows = window("0 4 * * *", "Europe/Berlin", 3600) }},
	{"budget", api.ReasonBudgetExhausted, "1 of 1 remedies of policy \"prod\"", func(in *Input) { in.Controls.Fleet.InFlight = 1 }},
	{"dry run", api.ReasonDryRunRefused, "quota", func(in *Input) {
		in.Controls.WriteRefused = model.Refusal{Reason: api.ReasonDryRunRefused, Message: "exceeded quota", Retry: time.Minute}
	}},
}

func window(schedule, zone string, seconds int32) []api.Window {
	return []api.Window{{Schedule: schedule, TimeZone: zone, DurationSeconds: seconds}}
}

func TestPatientIsTreated(t *testing.T) {
	d := Decide(patient(api.CauseNetworkLatency, ""))
	if d.Action != model.ActionApply || d.WhyNot.Refused() || len(d.Refusals) != 0 || d.Remedy.Replay != 20*time.Minute || d.Remedy.Cost != api.CostJobRestart {
		t.Fatalf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}

func TestEachGuard(t *testing.T) {
	for _, c := range refusing {
		d := Decide(with(patient(api.CauseNetworkLatency, ""), c.change))
		if d.Action != model.ActionNone || d.WhyNot.Reason != c.reason || !strings.Contains(d.WhyNot.Message, c.says) {
			t.Errorf("%s: %s, %+v; want %s saying %q", c.name, d.Action, d.WhyNot, c.reason, c.says)
		}
		withheld := c.reason == api.ReasonNetworkTooSlow // what takes the job down is no recommendation, either
		if change, ok := field(d, keyTimeout); ok == withheld || ok && change.To != "15m" {
			t.Errorf("%s: a guard holds the remedy back, not the recommendation: %+v", c.name, d.Remedy)
		}
		if len(d.Refusals) != 1 {
			t.Errorf("%s: %d refusals, want that one alone: %+v", c.name, len(d.Refusals), d.Refusals)
		}
	}
}

func TestEveryGuardIsTested(t *testing.T) {
	for i := range guards {
		reason := guards[i].reason
		tested := slices.ContainsFunc(slices.Concat(refusing, refusingCluster, refusingStandalone, storedGraph), func(c refusalCase) bool {
			return c.reason == reason
		})
		// spec.suspend answers before any remedy is looked for; what the API server refused carries its own reason.
		if !tested && reason != api.ReasonSuspended && reason != api.ReasonWriteFailed {
			t.Errorf("no patient for guard %s", reason)
		}
		if slices.IndexFunc(guards, func(g guard) bool { return g.reason == reason }) != i {
			t.Errorf("two guards say %s", reason)
		}
	}
}

// TestGuardOrder piles up every refusal that goes together and takes the first away, again and again: what is said next is the next row.
func TestGuardOrder(t *testing.T) {
	var order []string
	for i := range guards {
		order = append(order, guards[i].reason)
	}
	for i, first := range refusing {
		for _, second := range refusing[i+1:] {
			in := patient(api.CauseNetworkLatency, "")
			second.change(&in)
			first.change(&in)
			d := Decide(in)
			if d.Remedy == nil || len(d.Refusals) < 2 {
				continue // the two exclude each other, or one changes what the other looks at
			}
			for j := 1; j < len(d.Refusals); j++ {
				a, b := slices.Index(order, d.Refusals[j-1].Reason), slices.Index(order, d.Refusals[j].Reason)
				if a > b && b >= 0 && a >= 0 {
					t.Errorf("%s and %s: %s is said before %s", first.name, second.name, d.Refusals[j-1].Reason, d.Refusals[j].Reason)
				}
			}
			if d.WhyNot != d.Refusals[0] {
				t.Errorf("%s and %s: %+v is said, not the first refusal", first.name, second.name, d.WhyNot)
			}
		}
	}
}

func TestApproval(t *testing.T) {
	for _, name := range []string{"reverted", "revert seen now", "upgradeMode savepoint", "approval"} {
		i := slices.IndexFunc(refusing, func(c refusalCase) bool {
			return c.name == name
		})
		in := with(patient(api.CauseNetworkLatency, ""), refusing[i].change)
		in.Controls.Approved = Decide(in).Remedy.Hash
		if d := Decide(in); d.Action != model.ActionApply {
			t.Errorf("%s: approved and still refused: %+v", name, d.WhyNot)
		}
		in.Controls.Approved = "0123456789"
		if d := Decide(in); d.Action != model.ActionNone {
			t.Errorf("%s: another remedy was approved, not this one", name)
		}
	}
}

func TestSavepointFlipIsPartOfTheRemedy(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Target.UpgradeMode = "savepoint"
	c, ok := field(Decide(in), fieldUpgradeMode)
	if !ok || c.From != "savepoint" || c.To != "last-state" || !c.WasSet {
		t.Errorf("%+v, want the flip in the same apply", c)
	}
}

func TestForceTakesOwnedFields(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Target.Owners = map[string][]string{keyTimeout: {"argocd-controller"}}
	in.Snapshot.Target.GitOps = []string{"Argo CD"}
	d := Decide(in)
	for _, says := range []string{"argocd-controller", "managedFieldsManagers: [checkpoint-health]", "RespectIgnoreDifferences=true"} {
		if !strings.Contains(d.WhyNot.Message, says) {
			t.Errorf("%q does not say %q", d.WhyNot.Message, says)
		}
	}
	in.Snapshot.Target.GitOps = []string{"Flux"}
	if d := Decide(in); !strings.Contains(d.WhyNot.Message, "paths: [/spec/flinkConfiguration/"+keyTimeout+"]") {
		t.Errorf("%q does not show Flux's stanza", d.WhyNot.Message)
	}
	in.Policy.Conflicts = api.ConflictForce
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("conflicts: Force proceeds: %+v", d.WhyNot)
	}
}

func TestRevertHoldsUntilSomethingChanges(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Target.Receipts = []model.Receipt{{ID: "x", Outcome: api.OutcomeSuperseded, AppliedAt: now.Add(-48 * time.Hour), RevertedBy: "Flux",
		SettledGeneration: 3, PolicyGeneration: 1, Changes: []model.ChangeRecord{{Field: keyTimeout}}}}
	in.Policy.Generation = 1
	if d := Decide(in); d.WhyNot.Reason != api.ReasonRevertedByGitOps {
		t.Errorf("%+v", d.WhyNot)
	}
	in.Policy.Generation = 2
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("the policy changed: %+v", d.WhyNot)
	}
	in.Policy.Generation, in.Snapshot.Target.Generation, in.Snapshot.Target.ObservedGeneration = 1, 4, 4
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("the target changed: %+v", d.WhyNot)
	}
}

func TestAPersonsChangeIsRespected(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Policy.Conflicts, in.Snapshot.Target.GitOps = api.ConflictForce, []string{"Argo CD"}
	in.Snapshot.Target.Receipts = []model.Receipt{{ID: "x", Outcome: api.OutcomeSuperseded, AppliedAt: now.Add(-48 * time.Hour), SettledGeneration: 3,
		Changes: []model.ChangeRecord{{Field: keyTimeout}}}}
	if d := Decide(in); d.WhyNot.Reason != api.ReasonTargetChanged || !strings.Contains(d.WhyNot.Message, "somebody changed") {
		t.Errorf("%+v", d.WhyNot)
	}
}

func TestWriteRefusalIsOfOneRemedy(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Controls.WriteRefused = model.Refusal{Reason: api.ReasonDryRunRefused, Message: "exceeded quota"}
	in.Controls.WriteRefusedHash = "0123456789"
	if d := Decide(in); d.Action != model.ActionApply {
		t.Errorf("another remedy was refused, not this one: %+v", d.WhyNot)
	}
	in.Controls.WriteRefusedHash = Decide(in).Remedy.Hash
	if d := Decide(in); d.WhyNot.Reason != api.ReasonDryRunRefused {
		t.Errorf("%s %+v", d.Action, d.WhyNot)
	}
}

func TestNoRestartNeedsNoRestartGuards(t *testing.T) {
	for _, c := range refusing {
		if !slices.Contains([]string{"stateless", "no HA", "nothing completed", "savepoint", "upgradeMode savepoint", "window", "replay"}, c.name) {
			continue
		}
		in := patient(api.CauseFlinkVersionBug, api.SubCauseKnownIssue)
		permit(&in, api.LeverAdvisoryWorkarounds)
		in.Diagnosis.Facts.Advisories = []model.AdvisoryMatch{{ID: "x", Workaround: map[string]string{"kubernetes.operator.x": "1"}}}
		if d := Decide(with(in, c.change)); d.Action != model.ActionApply {
			t.Errorf("%s: nothing restarts, and yet %+v", c.name, d.WhyNot)
		}
	}
}

func TestModeGatesTheWriterOnly(t *testing.T) {
	a := Decide(patient(api.CauseSlowCleanup, ""))
	b := Decide(with(patient(api.CauseSlowCleanup, ""), func(in *Input) { in.Policy.Mode = api.ModeRecommend }))
	if a.Remedy.Hash != b.Remedy.Hash || a.Remedy.Reason != b.Remedy.Reason || a.Remedy.Criterion != b.Remedy.Criterion || b.Action != model.ActionNone {
		t.Errorf("Recommend must come to the same remedy:\n%+v\n%+v", a.Remedy, b.Remedy)
	}
	o := Decide(with(patient(api.CauseSlowCleanup, ""), func(in *Input) { in.Policy.Mode = api.ModeObserve }))
	if o.Remedy != nil || o.WhyNot.Reason != api.ReasonModeObserve {
		t.Errorf("Observe computes no recommendation: %+v", o)
	}
}

func TestStandingRefusalsReachPeople(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Policy.Mode, in.Snapshot.Target.UpgradeMode = api.ModeRecommend, "stateless"
	d := Decide(in)
	if d.WhyNot.Reason != api.ReasonModeRecommend || !strings.Contains(strings.Join(d.Advice, "\n"), "drop the job's state") {
		t.Errorf("whoever commits the patch must know: %+v, advice %q", d.WhyNot, d.Advice)
	}
	in.Snapshot.Target = model.Target{}
	if d := Decide(in); !strings.Contains(strings.Join(d.Advice, "\n"), "no cluster was asked") {
		t.Errorf("what was not checked must be said: %q", d.Advice)
	}
}
