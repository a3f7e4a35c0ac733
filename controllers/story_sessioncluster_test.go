package controllers

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// The policy lets the io pool of the session cluster grow by one thread only, and that does not help: the FlinkDeployment gets its own value
// back, and the FlinkSessionJob that it was for is never written.
func TestAChangeOfASessionClusterIsRolledBack(t *testing.T) {
	w := newSessionWorld(t, "story-session-cluster-back", "inventory")
	w.submit("inventory", "inventory")
	inventory := w.cases["inventory"]
	inventory.Conditions = inventory.Conditions.Worsens(25*time.Second, func(p *engine.Physics) { p.DeleteTime *= 4 })
	w.cases["inventory"] = inventory
	w.watchJob("inventory", leave+strings.Replace(onlyTheIOPool, "{checkpointTimeout", "{ioPoolSize: {max: 2}, checkpointTimeout", 1))
	w.run(90, "patched", func() bool { return len(w.health("inventory").Status.Remediations) == 1 })
	w.run(300, "rolled back", func() bool { return w.health("inventory").Status.LastOutcome == api.OutcomeRolledBack })
	if got := configured(w.target("pool"), "jobmanager.io-pool.size"); got != "" {
		t.Errorf("the io pool is %q, want it unset as it was", got)
	}
	if !strings.Contains(receiptsOn(w.target("pool")), `"outcome":"RolledBack"`) || w.sessionJob("inventory").GetGeneration() != 1 {
		t.Errorf("receipts on the cluster: %s; generation of the job %d", receiptsOn(w.target("pool")), w.sessionJob("inventory").GetGeneration())
	}
}

// Two teams look at one session cluster: the remedy of one is not judged, counted or undone by the other.
func TestTwoCheckpointHealthsOfOneSessionClusterDoNotMeddle(t *testing.T) {
	w := newSessionWorld(t, "story-session-two", "inventory")
	w.submit("inventory", "inventory")
	w.submit("sessionize", "search")
	w.watchJob("inventory", leave+onlyTheIOPool)
	w.watchJob("sessionize", leave)
	w.run(120, "effective", func() bool { return w.health("inventory").Status.LastOutcome == api.OutcomeEffective })
	if remediations := w.health("sessionize").Status.Remediations; len(remediations) != 0 {
		t.Errorf("the neighbour claims %+v", remediations)
	}
	if strings.Count(receiptsOn(w.target("pool")), `"id"`) != 1 {
		t.Errorf("receipts on the cluster: %s", receiptsOn(w.target("pool")))
	}
}
