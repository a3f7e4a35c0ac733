package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// sessionPatient is a FlinkSessionJob on the session cluster pool, which runs three jobs.
func sessionPatient(cause api.Cause) Input {
	in := patient(cause, "")
	t := &in.Snapshot.Target
	pool := *t
	pool.Name, pool.UID, pool.UpgradeMode, pool.SessionCluster, pool.Cluster = "pool", "u-2", "", true, "pool"
	pool.Config = map[string]string{keyInterval: "1m", "high-availability.type": "kubernetes"}
	t.Kind, t.Cluster = kindSessionJob, "pool"
	t.Config = map[string]string{keyTimeout: "10m"}
	t.Attach(pool)
	in.Snapshot.Session = model.SessionCluster{Running: 3, Known: true, Jobs: []model.SessionJob{
		{Name: "payments", UpgradeMode: "last-state"}, {Name: "clicks", UpgradeMode: "savepoint"}, {Name: "parked", Suspended: true},
	}}
	return in
}

// refusingCluster are the guards of a change of the session cluster: the io pool of a session job's JobManager each time.
var refusingCluster = []refusalCase{
	{"no leave", api.ReasonSessionCluster, "restarts all its jobs, 3 running jobs", func(in *Input) { in.Policy.Guards.ClusterChanges = api.ClusterChangesRecommend }},
	{"approved, and no leave", api.ReasonSessionCluster, "guards.clusterChanges", func(in *Input) {
		in.Policy.Guards.ClusterChanges = api.ClusterChangesRecommend
		in.Controls.Approved = Decide(*in).Remedy.Hash
	}},
	{"another job is stateless", api.ReasonSessionJobUnsafe, "FlinkSessionJob clicks", func(in *Input) { in.Snapshot.Session.Jobs[1].UpgradeMode = "stateless" }},
	{"another job has no upgradeMode", api.ReasonSessionJobUnsafe, "not set", func(in *Input) { in.Snapshot.Session.Jobs[1].UpgradeMode = "" }},
	{"another job upgrades", api.ReasonSessionJobUnsafe, "FlinkSessionJob clicks", func(in *Input) { in.Snapshot.Session.Jobs[1].Upgrading = true }},
	{"a remedy on another job is not judged yet", api.ReasonSessionJobUnsafe, "FlinkSessionJob clicks of session cluster pool carries a remedy that is not judged yet", func(in *Input) { in.Snapshot.Session.Jobs[1].Pending = true }},
	{"jobs not listed", api.ReasonSessionJobUnsafe, "could not be listed", func(in *Input) { in.Snapshot.Session.Known = false }},
	{"no HA, though the policy does not ask", api.ReasonNoHighAvailability, "session cluster pool", func(in *Input) {
		in.Snapshot.Target.HighAvailability, in.Policy.Guards.HighAvailability = false, api.NotRequired
	}},
	{"cluster upgrades", api.ReasonUpgradeInProgress, "FlinkDeployment/pool", func(in *Input) { in.Snapshot.Target.Others[0].Lifecycle = "UPGRADING" }},
	{"cluster failed", api.ReasonJobNotRunning, "FlinkDeployment/pool", func(in *Input) { in.Snapshot.Target.Others[0].Lifecycle = "FAILED" }},
	{"another CheckpointHealth at work", api.ReasonRemedyPending, "CheckpointHealth audit applied", func(in *Input) {
		in.Snapshot.Target.Foreign = []model.Receipt{{ID: "f-1", Outcome: api.OutcomePending, AppliedAt: now.Add(-time.Minute), Owner: "audit"}}
	}},
	{"owner of the cluster's field", api.ReasonOwnedByOtherManager, "argocd-controller", func(in *Input) {
		in.Snapshot.Target.Others[0].Owners = map[string][]string{keyIOPool: {"argocd-controller"}}
	}},
	{"child of blue/green", api.ReasonManagedByParent, "FlinkBlueGreenDeployment/pay", func(in *Input) { in.Snapshot.Target.Others[0].Parent = "FlinkBlueGreenDeployment/pay" }},
}

func TestAJobsOwnKeyIsWrittenOnItsFlinkSessionJob(t *testing.T) {
	in := sessionPatient(api.CauseNetworkLatency)
	d := Decide(in)
	if d.Action != model.ActionApply || d.Remedy.Object != (model.ObjectKey{}) || d.Remedy.Cost != api.CostJobRestart || d.Remedy.Jobs != 0 {
		t.Fatalf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
	if patch := Patch(&in.Snapshot.Target, d.Remedy); !strings.Contains(patch, "FlinkSessionJob/payments") || !strings.Contains(patch, keyTimeout) {
		t.Errorf("the patch is not the session job's:\n%s", patch)
	}
	in.Snapshot.Target.UpgradeMode = ""
	if d := Decide(in); d.WhyNot.Reason != api.ReasonUpgradeModeStateless {
		t.Errorf("the session job has no upgradeMode: %+v", d.WhyNot)
	}
}

// Flink operators before 1.10 take no last-state for a FlinkSessionJob: its savepoint is never flipped. It stops with a savepoint while those complete.
func TestTheUpgradeModeOfASessionJobIsNeverFlipped(t *testing.T) {
	risky := func(in *Input) {
		in.Diagnosis.Health, in.Diagnosis.Counts = api.HealthAtRisk, model.WindowCounts{Window: 6, Completed: 6, ConsecutiveCompleted: 6}
		in.Diagnosis.Facts.Max, in.Policy.Detection.Treat = 7*time.Minute, api.TreatAtRisk
		in.Snapshot.Checkpoints.LatestCompleted.StateSize, in.Snapshot.Checkpoints.LatestCompleted.CheckpointedSize = 1<<30, 1<<30
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		says   string // empty: applied
	}{
		{"checkpoints complete", risky, ""},
		{"they expire", func(*Input) {}, "checkpoints do not complete"},
		{"one expired", func(in *Input) { risky(in); in.Diagnosis.Counts.Expired = 1 }, "checkpoints do not complete"},
		{"an incremental one leaves out half of the state", func(in *Input) { risky(in); in.Snapshot.Checkpoints.LatestCompleted.CheckpointedSize = 1 << 29 }, "takes 14m of the timeout of 10m"},
		{"a savepoint of that state completed all the same", func(in *Input) {
			risky(in)
			in.Snapshot.Checkpoints.LatestCompleted.CheckpointedSize = 1 << 29
			in.Snapshot.Checkpoints.History = []model.Checkpoint{{ID: 39, Savepoint: true, Status: model.CheckpointCompleted, Duration: 8 * time.Minute}}
		}, ""},
		{"unaligned", func(in *Input) { risky(in); in.Snapshot.Settings.Unaligned = set(true) }, "a savepoint is aligned"},
	} {
		in := sessionPatient(api.CauseNetworkLatency)
		in.Snapshot.Target.UpgradeMode = "savepoint"
		c.change(&in)
		d := Decide(in)
		if d.Remedy == nil {
			t.Fatalf("%s: no remedy: %+v", c.name, d.WhyNot)
		}
		unflipped(t, c.name, &in, d.Remedy)
		reason := pick(c.says == "", "", api.ReasonUpgradeModeSavepoint)
		if (d.Action == model.ActionApply) != (c.says == "") || d.WhyNot.Reason != reason || !strings.Contains(d.WhyNot.Message, c.says) {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
		in.Controls.Approved = d.Remedy.Hash
		if approved := Decide(in); approved.Action != d.Action {
			t.Errorf("%s: a person's word makes last-state no more valid: %s", c.name, approved.Action)
		}
	}
}

// unflipped checks that neither the remedy nor its patch changes job.upgradeMode, and that the remedy says so.
func unflipped(t *testing.T, name string, in *Input, r *model.Remedy) {
	t.Helper()
	if patch := Patch(&in.Snapshot.Target, r); len(r.Changes) != 1 || strings.Contains(patch, "last-state") || !strings.Contains(r.Reason, "stays savepoint") {
		t.Errorf("%s: %+v\n%s", name, r, patch)
	}
}

func TestASessionJobComesBackFromARetainedCheckpointOnly(t *testing.T) {
	in := sessionPatient(api.CauseNetworkLatency)
	in.Snapshot.Settings.ExternalizedRetained = set(false)
	if d := Decide(in); d.WhyNot.Reason != api.ReasonNoRestorableCheckpoint || !strings.Contains(d.WhyNot.Message, "RETAIN_ON_CANCELLATION") {
		t.Errorf("%+v", d.WhyNot)
	}
	patientOfOneCluster := with(patient(api.CauseNetworkLatency, ""), func(in *Input) { in.Snapshot.Settings.ExternalizedRetained = set(false) })
	if d := Decide(patientOfOneCluster); d.Action != model.ActionApply {
		t.Errorf("a job of its own cluster comes back by its high availability: %+v", d.WhyNot)
	}
}

func TestAChangeOfTheJobManagerIsWrittenOnTheSessionCluster(t *testing.T) {
	in := sessionPatient(api.CauseSlowCleanup)
	in.Policy.Guards.ClusterChanges = api.ClusterChangesApply
	d := Decide(in)
	if d.Action != model.ActionApply || d.Remedy.Object != (model.ObjectKey{Kind: kindFlinkDeployment, Name: "pool"}) ||
		d.Remedy.Cost != api.CostClusterRestart || d.Remedy.Jobs != 3 {
		t.Fatalf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
	if !strings.Contains(d.Remedy.Reason, "3 running jobs") || d.Remedy.Changes[0].Field != keyIOPool {
		t.Errorf("%+v", d.Remedy)
	}
	if patch := Patch(&in.Snapshot.Target, d.Remedy); !strings.Contains(patch, "FlinkDeployment/pool") {
		t.Errorf("the patch is not the session cluster's:\n%s", patch)
	}
}

func TestEachGuardOfASessionCluster(t *testing.T) {
	for _, c := range refusingCluster {
		in := sessionPatient(api.CauseSlowCleanup)
		in.Policy.Guards.ClusterChanges = api.ClusterChangesApply
		in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverOff}
		d := Decide(with(in, c.change))
		if d.Action != model.ActionNone || d.WhyNot.Reason != c.reason || !strings.Contains(d.WhyNot.Message, c.says) {
			t.Errorf("%s: %s, %+v; want %s saying %q", c.name, d.Action, d.WhyNot, c.reason, c.says)
		}
		if d.Remedy == nil || d.Remedy.Cost != api.CostClusterRestart {
			t.Errorf("%s: a guard holds the remedy back, not the recommendation: %+v", c.name, d.Remedy)
		}
	}
}

// Without leave for the cluster, a rung that restarts one job goes before one that restarts all.
func TestANarrowerRungGoesFirstWithoutLeave(t *testing.T) {
	in := sessionPatient(api.CauseSlowCleanup)
	d := Decide(in)
	if d.Action != model.ActionApply || d.Remedy.Cost != api.CostJobRestart || !strings.Contains(strings.Join(d.Advice, "\n"), "a wider cleanup, which restarts all its jobs, 3 running jobs") {
		t.Errorf("%s %+v advice %q", d.Action, d.Remedy, d.Advice)
	}
	both := look(in).onOneObject(proposal{changes: []model.Change{{Field: keyTimeout, To: "15m"}, {Field: keyIOPool, From: "1", To: "4"}}})
	if len(both.changes) != 1 || both.changes[0].Field != keyTimeout || len(both.notes) != 1 || !strings.Contains(both.notes[0], "FlinkDeployment/pool") {
		t.Errorf("a remedy lies on one object: %+v", both)
	}
}

// Flink keeps what a job was submitted with: a new default of the session cluster reaches no job that runs.
func TestAJobSubmittedByHandIsNotTreatedThroughItsCluster(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Target.SessionCluster, in.Snapshot.Target.UpgradeMode = true, ""
	in.Policy.Guards.ClusterChanges = api.ClusterChangesApply
	d := Decide(in)
	if d.WhyNot.Reason != api.ReasonTargetNotPatchable || !strings.Contains(d.WhyNot.Message, "submit the job again with "+keyTimeout+" set to 15m") {
		t.Errorf("%+v", d.WhyNot)
	}
	job := in.Snapshot.Target
	job.Kind, job.Name, job.SessionCluster, job.UpgradeMode, job.Config = kindSessionJob, "clicks", false, "last-state", map[string]string{keyTimeout: "10m"}
	in.Snapshot.Target.Attach(job)
	if d := Decide(in); d.Action != model.ActionApply || d.Remedy.Object.Name != "clicks" || d.Remedy.Cost != api.CostJobRestart {
		t.Errorf("the FlinkSessionJob of the job: %s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}

func TestASessionJobWithoutItsClusterSaysSo(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	in.Snapshot.Target.Kind = kindSessionJob
	if d := Decide(in); d.WhyNot.Reason != api.ReasonTargetNotPatchable || !strings.Contains(d.WhyNot.Message, "spec.deploymentName") {
		t.Errorf("the io pool belongs to the cluster: %+v", d.WhyNot)
	}
}

// A pod template's CPU and memory of Flink's container have no effect, whoever wrote them must know.
func TestASizeInAPodTemplateIsSaidToHaveNoEffect(t *testing.T) {
	in := patient(api.CauseJobManagerOverload, api.SubCauseCPU)
	in.Snapshot.Target.PodTemplateResources = "spec.podTemplate (limits.cpu 4)"
	d := Decide(in)
	if d.Action != model.ActionApply || d.Remedy.Changes[0].Field != fieldCPU || !strings.Contains(strings.Join(d.Advice, "\n"), "spec.podTemplate (limits.cpu 4) has no effect") {
		t.Errorf("%s %+v, advice %q", d.Action, d.Remedy, d.Advice)
	}
	in = patient(api.CauseJobManagerOverload, api.SubCauseHeap)
	in.Snapshot.Target.PodTemplateResources = "spec.podTemplate (limits.memory 8Gi)"
	if d := Decide(in); !strings.Contains(strings.Join(d.Advice, "\n"), "limits.memory 8Gi) has no effect") {
		t.Errorf("advice %q", d.Advice)
	}
}
