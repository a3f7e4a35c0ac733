package controllers

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// leftAlone waits until the status of inventory says that what it runs with is no one's, and makes sure that it stays so.
func (w *world) leftAlone(why string, starts int) {
	w.t.Helper()
	written := w.file("inventory", simulated.FormLines)
	said := func() string { return w.health("inventory").Status.Recommendation.Summary }
	w.run(60, "said: "+why, func() bool { return strings.Contains(said(), why) })
	w.after(30)
	if w.file("inventory", simulated.FormLines) != written || w.outcomes() != string(api.OutcomePending) || w.starts() != starts {
		w.t.Fatalf("outcomes %s, %d starts, file\n%s", w.outcomes(), w.starts(), w.file("inventory", simulated.FormLines))
	}
	if got := said(); !strings.Contains(got, why) || !strings.Contains(got, "remove annotation "+api.AnnotationReceipts+" from ConfigMap/inventory-config") {
		w.t.Errorf("it says %q", got)
	}
	file := w.configMap("inventory-config")
	delete(file.Annotations, api.AnnotationReceipts)
	w.update(file)
	w.run(90, "healthy, and nothing to say", func() bool { return w.health("inventory").Status.Health == api.HealthHealthy && said() == "" })
	if w.file("inventory", simulated.FormLines) != written || w.starts() != starts {
		w.t.Errorf("%d starts, file\n%s", w.starts(), w.file("inventory", simulated.FormLines))
	}
}

// While the manager is dead between its two writes somebody restarts the JobManager, which runs with the first half since. Its file would be
// another with the next start if that were taken back: nothing is written, and status says how a person keeps it.
func TestAHalfwayRemedyThatSomebodyRolledOutIsLeftToPeople(t *testing.T) {
	w, _ := halfway(t, "story-halfway-in-use")
	d := w.deployment("inventory")
	d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": "2026-11-22T03:05:00Z"}
	w.update(d)
	w.restart(admin)
	w.leftAlone("Flink runs with it", 2)
}

// Somebody removes the receipts from the Deployment while a remedy is in flight. What its ConfigMap says of it is no first half then.
func TestARemedyWhoseReceiptSomebodyRemovedIsLeftToPeople(t *testing.T) {
	w := newWorld(t, "story-receipt-removed")
	w.deployStandalone("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", inline(quick))
	w.run(90, "applied", func() bool { return w.applied("inventory") })
	d := w.deployment("inventory")
	delete(d.Annotations, api.AnnotationReceipts)
	w.update(d)
	w.leftAlone("yet Deployment/inventory does not know of it", 2)
}

// A CheckpointHealth that looks at another workload by now answers for nothing here: what it began is finished by the one that is left.
func TestAHalfwayRemedyOfOneThatMovedIsTakenOver(t *testing.T) {
	w, _ := halfway(t, "story-halfway-moved-owner")
	moved := w.health("inventory")
	moved.Spec.TargetRef.Name = "elsewhere"
	w.update(moved)
	w.create(object(t, "CheckpointHealth", w.namespace, "audit", "targetRef: {apiVersion: apps/v1, kind: Deployment, name: inventory}\npolicyRef: {name: standalone}\n"))
	w.restart(admin)
	w.run(120, "completed by the one that is left", func() bool { return w.cured("audit") })
	if receipts := w.receipts(w.deployment("inventory")); len(receipts) != 1 || w.starts() != 2 {
		t.Errorf("%d starts, receipts %+v", w.starts(), receipts)
	}
}

// An undo reached the ConfigMap, and the manager died. The JobManager, which still runs with the remedy, completes its checkpoints meanwhile:
// the next manager does not call the remedy effective, but completes the undo.
func TestAnUndoThatEndedHalfwayIsNotCalledEffective(t *testing.T) {
	w := newWorld(t, "story-undo-halfway-effective")
	w.deployStandalone("inventory", simulated.FormLines)
	before, template := w.file("inventory", simulated.FormLines), w.deployment("inventory").Spec.Template
	w.watchWorkload("Deployment", "inventory", inline(quick))
	w.run(90, "applied", func() bool { return w.applied("inventory") })
	w.halfUndo(before)
	w.restart(admin)
	w.run(90, "undone", func() bool { return w.health("inventory").Status.LastOutcome == api.OutcomeRolledBack })
	if got := w.deployment("inventory").Spec.Template; got.String() != template.String() || w.file("inventory", simulated.FormLines) != before {
		t.Errorf("the pod template is\n%s\nwant\n%s\nfile\n%s", got.String(), template.String(), w.file("inventory", simulated.FormLines))
	}
}

// halfUndo does the first half of undoing inventory's remedy in flight, as the manager does it.
func (w *world) halfUndo(before string) {
	w.t.Helper()
	file := w.configMap("inventory-config")
	receipts, at := w.receipts(file), w.clock.Now()
	receipts[0].Outcome, receipts[0].Message, receipts[0].FinishedAt = api.OutcomeRolledBack, "it harmed", &at
	text, err := json.Marshal(receipts)
	if err != nil {
		w.t.Fatal(err)
	}
	file.Annotations[api.AnnotationReceipts], file.Data[string(simulated.FormLines)] = string(text), before
	w.update(file)
}

// configMap reads a ConfigMap.
func (w *world) configMap(name string) *corev1.ConfigMap {
	w.t.Helper()
	var file corev1.ConfigMap
	w.get(name, &file)
	return &file
}
