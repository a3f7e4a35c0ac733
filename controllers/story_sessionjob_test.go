package controllers

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

const timeoutKey = "execution.checkpointing.timeout"

// Two teams share a session cluster. The storage of one team's job becomes slow: its FlinkSessionJob gets a longer timeout and only that job
// restarts; the cluster and the other team's job are never touched.
func TestASessionJobIsTreatedAlone(t *testing.T) {
	w := newSessionWorld(t, "story-session-job", "payments")
	w.submit("payments", "payments")
	w.submit("sessionize", "search")
	w.watchJob("payments", quick)
	w.run(60, "diagnosed", func() bool { return w.health("payments").Status.Cause == api.CauseSlowStateBackend })
	before := w.health("payments").Status.Settings
	if before.Timeout.Origin != api.OriginTarget || before.Interval.Origin != api.OriginTarget {
		t.Errorf("timeout comes from %s, interval from %s; the FlinkSessionJob sets both", before.Timeout.Origin, before.Interval.Origin)
	}
	neighbour := jobIDOf(w.sessionJob("sessionize"))
	w.run(60, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	if got := configured(w.sessionJob("payments"), timeoutKey); got == "10 s" {
		t.Fatalf("the timeout of the FlinkSessionJob is still %s", got)
	}
	if !strings.Contains(receiptsOn(w.sessionJob("payments")), `"outcome":"Pending"`) {
		t.Errorf("the FlinkSessionJob carries no receipt: %v", w.sessionJob("payments").GetAnnotations())
	}
	w.run(120, "effective and healthy", func() bool {
		s := w.health("payments").Status
		return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
	})
	if generation := w.target("pool").GetGeneration(); generation != 1 || receiptsOn(w.target("pool")) != "" {
		t.Errorf("the session cluster was written: generation %d, receipts %q", generation, receiptsOn(w.target("pool")))
	}
	if now := jobIDOf(w.sessionJob("sessionize")); now != neighbour {
		t.Errorf("the other job was submitted again: %s, then %s", neighbour, now)
	}
}

func jobIDOf(u *unstructured.Unstructured) string {
	id, _, err := unstructured.NestedString(u.Object, "status", "jobStatus", "jobId")
	if err != nil {
		return err.Error()
	}
	return id
}

// The storage becomes slower still after the patch: the longer timeout does not help, and the FlinkSessionJob gets its own value back.
func TestASessionJobIsRolledBack(t *testing.T) {
	w := newSessionWorld(t, "story-session-back", "payments")
	w.submit("payments", "payments")
	c, _ := flinksim.CaseNamed("payments")
	w.cases["payments"] = c.SlowsAgain(45*time.Second, 4)
	w.watchJob("payments", quick)
	w.run(120, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.run(400, "rolled back", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeRolledBack })
	if got := configured(w.sessionJob("payments"), timeoutKey); got != "10 s" {
		t.Errorf("the timeout is %q, want the team's 10 s again", got)
	}
	if !strings.Contains(receiptsOn(w.sessionJob("payments")), `"outcome":"RolledBack"`) {
		t.Errorf("receipts: %s", receiptsOn(w.sessionJob("payments")))
	}
}

// Every reason not to write to a FlinkSessionJob: nothing is touched, and the reason is said.
func TestWhatForbidsARemedyOfASessionJob(t *testing.T) {
	for i, story := range []struct {
		name, reason, says string
		pool, job          func(*unstructured.Unstructured)
	}{
		{name: "stateless", reason: api.ReasonUpgradeModeStateless, says: "upgradeMode", job: set("stateless", "spec", "job", "upgradeMode")},
		{name: "savepoint", reason: api.ReasonUpgradeModeSavepoint, says: "last-state", job: set("savepoint", "spec", "job", "upgradeMode")},
		{name: "no high availability", reason: api.ReasonNoHighAvailability, says: "high availability", pool: unset("spec", "flinkConfiguration", "high-availability.type")},
		{name: "not retained", reason: api.ReasonNoRestorableCheckpoint, says: "RETAIN_ON_CANCELLATION",
			pool: unset("spec", "flinkConfiguration", "execution.checkpointing.externalized-checkpoint-retention")},
		{name: "old Flink", reason: api.ReasonTargetNotPatchable, says: "Flink 1.17", pool: set("v1_16", "spec", "flinkVersion")},
	} {
		t.Run(story.name, func(t *testing.T) {
			same := func(*unstructured.Unstructured) {}
			if story.pool == nil {
				story.pool = same
			}
			if story.job == nil {
				story.job = same
			}
			w := newSessionWorld(t, "story-session-no-"+string(rune('a'+i)), "payments", story.pool)
			w.submit("payments", "payments", story.job)
			w.watchJob("payments", quick)
			w.run(90, "refused as "+story.reason, func() bool { return w.whyNot("payments") == story.reason })
			w.after(10)
			if message := w.health("payments").Status.Recommendation.WhyNotNow.Message; !strings.Contains(message, story.says) {
				t.Errorf("the message lacks %q: %s", story.says, message)
			}
			if w.sessionJob("payments").GetGeneration() != 1 || w.target("pool").GetGeneration() != 1 {
				t.Error("something was written")
			}
		})
	}
}

// onlyTheIOPool leaves a job with slow deletes nothing but what belongs to the JobManager.
const onlyTheIOPool = `remedies: {checkpointTimeout: {action: "Off"}, maxConcurrentCheckpoints: {action: "Off"}}`

// Deletes of one job block the session cluster's JobManager. With the policy's leave its io pool is widened on the FlinkDeployment, with the
// receipt there; both jobs restart, and each comes back from its last checkpoint.
func TestASessionClusterIsChangedWithThePolicysLeave(t *testing.T) {
	w := newSessionWorld(t, "story-session-cluster", "inventory")
	w.submit("inventory", "inventory")
	w.submit("sessionize", "search")
	w.watchJob("inventory", leave+onlyTheIOPool)
	w.run(90, "patched", func() bool { return len(w.health("inventory").Status.Remediations) == 1 })
	pool := w.target("pool")
	if got := configured(pool, "jobmanager.io-pool.size"); got == "" || pool.GetGeneration() != 2 {
		t.Fatalf("io pool %q, generation %d", got, pool.GetGeneration())
	}
	if !strings.Contains(receiptsOn(pool), `"outcome":"Pending"`) || receiptsOn(w.sessionJob("inventory")) != "" {
		t.Errorf("the receipt belongs on the FlinkDeployment: %q, %q", receiptsOn(pool), receiptsOn(w.sessionJob("inventory")))
	}
	if object := w.health("inventory").Status.Remediations[0].Object; object != "FlinkDeployment/pool" {
		t.Errorf("status says that it was written to %q", object)
	}
	w.run(150, "effective and healthy", func() bool {
		s := w.health("inventory").Status
		return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
	})
	if !strings.Contains(receiptsOn(w.target("pool")), `"outcome":"Effective"`) {
		t.Errorf("the verdict is not on the FlinkDeployment: %s", receiptsOn(w.target("pool")))
	}
	if w.sessionJob("inventory").GetGeneration() != 1 {
		t.Error("the FlinkSessionJob was written as well")
	}
}

// Without leave, or while one of the jobs is not safe to restart, the change of the cluster is only recommended: with how many jobs restart,
// and with a patch for the FlinkDeployment.
func TestASessionClusterIsOnlyRecommendedWithoutLeave(t *testing.T) {
	for i, story := range []struct{ name, policy, mode, reason, says string }{
		{"no leave", quick, "last-state", api.ReasonSessionCluster, "2 running jobs"},
		{"a stateless neighbour", leave, "stateless", api.ReasonSessionJobUnsafe, "FlinkSessionJob sessionize"},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newSessionWorld(t, "story-session-ask-"+string(rune('a'+i)), "inventory")
			w.submit("inventory", "inventory")
			w.submit("sessionize", "search", set(story.mode, "spec", "job", "upgradeMode"))
			w.watchJob("inventory", story.policy+onlyTheIOPool)
			w.run(90, "refused as "+story.reason, func() bool { return w.whyNot("inventory") == story.reason })
			w.after(10)
			recommendation := w.health("inventory").Status.Recommendation
			if !strings.Contains(recommendation.WhyNotNow.Message, story.says) || !strings.Contains(recommendation.Summary, "2 running jobs") {
				t.Errorf("%s; %s", recommendation.Summary, recommendation.WhyNotNow.Message)
			}
			if recommendation.Cost != api.CostClusterRestart || recommendation.Object != "FlinkDeployment/pool" || !strings.Contains(recommendation.Patch, "FlinkDeployment/pool") {
				t.Errorf("cost %s on %s with patch\n%s", recommendation.Cost, recommendation.Object, recommendation.Patch)
			}
			if w.target("pool").GetGeneration() != 1 || w.sessionJob("inventory").GetGeneration() != 1 {
				t.Error("something was written")
			}
		})
	}
}

// A CheckpointHealth of the session cluster picks a job by name: what the job may set for itself is written on its FlinkSessionJob.
func TestAJobPickedOnASessionClusterIsTreatedOnItsFlinkSessionJob(t *testing.T) {
	w := newSessionWorld(t, "story-session-pick", "payments")
	w.submit("payments", "payments")
	w.submit("sessionize", "search")
	w.watch("pool", "jobSelector: {name: payments}\n"+inline(quick))
	w.run(120, "patched", func() bool { return len(w.health("pool").Status.Remediations) == 1 })
	if origin := w.health("pool").Status.Settings.Timeout.Origin; origin != api.OriginSessionJob {
		t.Errorf("the timeout comes from %s, the FlinkSessionJob sets it", origin)
	}
	if got := configured(w.sessionJob("payments"), timeoutKey); got == "10 s" || w.target("pool").GetGeneration() != 1 {
		t.Fatalf("timeout %s, generation of the cluster %d", got, w.target("pool").GetGeneration())
	}
	w.run(120, "effective", func() bool { return w.health("pool").Status.LastOutcome == api.OutcomeEffective })
}

// A job that was submitted by hand has no object that could be patched: Flink keeps what it was submitted with.
func TestAJobSubmittedByHandIsOnlyRecommendedFor(t *testing.T) {
	w := newSessionWorld(t, "story-session-hand", "payments")
	w.submit("payments", "payments")
	w.run(30, "submitted", func() bool { return jobIDOf(w.sessionJob("payments")) != "" })
	if err := admin.Delete(t.Context(), w.sessionJob("payments")); err != nil { // the stand-in leaves the job running, as if nobody had ever declared it
		t.Fatal(err)
	}
	w.watch("pool", inline(leave))
	w.run(120, "refused", func() bool { return w.whyNot("pool") == api.ReasonTargetNotPatchable })
	if message := w.health("pool").Status.Recommendation.WhyNotNow.Message; !strings.Contains(message, "submit the job again") {
		t.Error(message)
	}
}

// A Flink operator before 1.10 takes no last-state for a FlinkSessionJob. One that is at risk keeps savepoint and is stopped with one, without anybody's
// word; one whose checkpoints expire is left alone, and is told why.
func TestASessionJobKeepsItsSavepoint(t *testing.T) {
	w := newSessionWorld(t, "story-session-savepoint", "payments")
	w.standIn.Validate = func(job *unstructured.Unstructured) string {
		if mode, _, _ := unstructured.NestedString(job.Object, "spec", "job", "upgradeMode"); mode == "last-state" {
			return "The LAST_STATE upgrade mode is not supported in session job now."
		}
		return ""
	}
	c, _ := flinksim.CaseNamed("payments")
	w.submit("payments", "payments", set("savepoint", "spec", "job", "upgradeMode"))
	w.cases["payments"] = c.StorageFalls(4_300_000, 20e6, 20*time.Second, 300e3) // 2.15 MB a subtask: 7.2 s of 10 s
	w.submit("sessionize", "payments", set("savepoint", "spec", "job", "upgradeMode"))
	w.watchJob("payments", quick)
	w.watchJob("sessionize", quick)
	w.run(120, "at risk and patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	w.run(200, "effective", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeEffective })
	w.run(120, "refused", func() bool { return w.whyNot("sessionize") == api.ReasonUpgradeModeSavepoint })
	if why := w.health("sessionize").Status.Recommendation; !strings.Contains(why.WhyNotNow.Message, "from 1.10 on") || strings.Contains(why.Patch, "last-state") {
		t.Errorf("%s\n%s", why.WhyNotNow.Message, why.Patch)
	}
	for _, name := range []string{"payments", "sessionize"} {
		if mode, _, _ := unstructured.NestedString(w.sessionJob(name).Object, "spec", "job", "upgradeMode"); mode != "savepoint" {
			t.Errorf("%s: upgradeMode %s", name, mode)
		}
	}
	if w.sessionJob("sessionize").GetGeneration() != 1 {
		t.Error("a job that cannot be stopped with a savepoint was written")
	}
}
