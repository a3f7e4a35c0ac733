package controllers

import (
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A healthy job at rest costs the API server nothing: after the first status no pass writes anything, for five minutes of checkpoints.
func TestAHealthyJobAtRestIsNeverWritten(t *testing.T) {
	w := newWorld(t, "story-rest")
	process := &mortal{Client: admin}
	w.client = process
	w.start()
	w.deploy("search", "search")
	w.watch("search", inline(quick))
	w.run(60, "healthy", func() bool { return w.health("search").Status.Health == api.HealthHealthy })
	w.after(30)
	version, writes := w.health("search").ResourceVersion, process.writes
	w.after(300)
	if got := process.writes - writes; got != 0 {
		t.Errorf("%d writes at rest, want 0", got)
	}
	if got := w.health("search").ResourceVersion; got != version {
		t.Errorf("the object was written: resourceVersion %s, then %s", version, got)
	}
	if got := w.target("search").GetGeneration(); got != 1 {
		t.Errorf("a healthy job was touched: generation %d", got)
	}
}

// Two jobs fall ill under a policy that allows one remedy at a time: the second waits until the first is judged.
func TestTheBudgetOfAPolicyHolds(t *testing.T) {
	w := newWorld(t, "story-budget")
	w.policy("prod", `
mode: Remediate
conflicts: Force
guards: {cooldownSeconds: 5}
budget: {maxConcurrent: 1}
verification: {checkpoints: 3, deadlineSeconds: 120}
`)
	w.deploy("payments", "payments")
	w.deploy("clicks", "clicks")
	for _, name := range []string{"payments", "clicks"} {
		w.watch(name, "policyRef: {name: prod}")
	}
	waited := false
	policies := &RemediationPolicyReconciler{Client: admin}
	key := ctrl.Request{NamespacedName: client.ObjectKey{Namespace: w.namespace, Name: "prod"}}
	w.run(300, "both cured", func() bool {
		if pending := w.count(api.OutcomePending); pending > 1 {
			t.Fatalf("%d remedies are in flight, and the budget is 1", pending)
		}
		waited = waited || w.whyNot("payments") == api.ReasonBudgetExhausted || w.whyNot("clicks") == api.ReasonBudgetExhausted
		if _, err := policies.Reconcile(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		return w.count(api.OutcomeEffective) == 2
	})
	if !waited {
		t.Error("no job ever waited for the budget")
	}
	var policy api.RemediationPolicy
	if err := admin.Get(t.Context(), key.NamespacedName, &policy); err != nil {
		t.Fatal(err)
	}
	if policy.Status.Targets == nil || *policy.Status.Targets != 2 || *policy.Status.Remediating != 0 {
		t.Errorf("the policy counts %+v, want 2 targets and none in flight", policy.Status)
	}
}
