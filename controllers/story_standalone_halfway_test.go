package controllers

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// halfway is a story in which the manager died between the ConfigMap and the Deployment of inventory. It returns the file as it was before.
func halfway(t *testing.T, name string) (w *world, before string) {
	t.Helper()
	w = newWorld(t, name)
	process := &fuse{Client: admin, kind: "Deployment", armed: true}
	w.client = process
	w.start()
	w.policy("standalone", quick)
	w.deployStandalone("inventory", simulated.FormLines)
	before = w.file("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", "policyRef: {name: standalone}\n")
	w.run(90, "died between the two writes", func() bool { return process.blown })
	if w.file("inventory", simulated.FormLines) == before || len(w.receipts(w.deployment("inventory"))) > 0 {
		t.Fatal("not between the two")
	}
	return w, before
}

// outcomes are those of the receipts of inventory's ConfigMap.
func (w *world) outcomes() string {
	w.t.Helper()
	var all []string
	for _, receipt := range w.configMapReceipts("inventory-config") {
		all = append(all, string(receipt.Outcome))
	}
	return strings.Join(all, " ")
}

// moveGeneration changes what restarts nothing, as a pipeline does.
func (w *world) moveGeneration() {
	w.t.Helper()
	d := w.deployment("inventory")
	generation := d.Generation
	d.Spec.RevisionHistoryLimit = ptr.To(int32(3))
	w.update(d)
	if w.deployment("inventory").Generation == generation {
		w.t.Fatal("the generation did not move")
	}
}

// starts is how often inventory's JobManager was started.
func (w *world) starts() int {
	w.t.Helper()
	return w.workloads.Starts(client.ObjectKeyFromObject(w.deployment("inventory")))
}

// While the manager is dead between its two writes a pipeline changes the Deployment. The next manager still knows what was begun: one
// remedy, sized from what the file was, one rollout; and the ConfigMap tells in the end what became of it.
func TestAHalfwayRemedyIsCompletedThoughTheWorkloadMoved(t *testing.T) {
	w, before := halfway(t, "story-halfway-moved")
	w.moveGeneration()
	w.restart(admin)
	w.run(120, "effective and healthy", func() bool { return w.cured("inventory") })
	receipts := w.receipts(w.deployment("inventory"))
	if len(receipts) != 1 || w.starts() != 2 {
		t.Fatalf("%d starts, receipts %+v", w.starts(), receipts)
	}
	if added := changeOf(receipts[0], "jobmanager.io-pool.size"); added.WasSet || added.To != "5" {
		t.Errorf("the remedy was sized from its own first half: %+v", added)
	}
	// Which pools are sized follows from what the thread dump caught; the file holds what the receipt says, and nothing else changed.
	want := strings.Replace(before, "cleanup-in-background: true", "cleanup-in-background: false", 1)
	for _, change := range receipts[0].Changes {
		if !change.WasSet {
			want += change.Field + ": " + change.To + "\n"
		}
	}
	if got := w.file("inventory", simulated.FormLines); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	w.run(5, "told to the ConfigMap", func() bool { return w.outcomes() == string(api.OutcomeEffective) })
}

// The same, and nobody wants the remedy any more: the file gets its bytes back, and nothing restarts.
func TestAHalfwayRemedyIsTakenBackThoughTheWorkloadMoved(t *testing.T) {
	w, before := halfway(t, "story-halfway-moved-back")
	w.moveGeneration()
	w.leverOff()
	w.restart(admin)
	w.run(60, "taken back", func() bool { return w.file("inventory", simulated.FormLines) == before })
	w.after(20)
	if w.outcomes() != string(api.OutcomeRolledBack) || w.starts() != 1 || w.file("inventory", simulated.FormLines) != before {
		t.Errorf("outcomes %s, %d starts, file\n%s", w.outcomes(), w.starts(), w.file("inventory", simulated.FormLines))
	}
}

// Two CheckpointHealths look at one JobManager. What one of them began the other neither finishes nor takes back: it says whose it is.
func TestAHalfwayRemedyIsItsOwnersAlone(t *testing.T) {
	w, _ := halfway(t, "story-halfway-owner")
	written := w.file("inventory", simulated.FormLines)
	w.pause("inventory", "the one on call is looking")
	w.create(object(t, "CheckpointHealth", w.namespace, "onlooker", "targetRef: {apiVersion: apps/v1, kind: Deployment, name: inventory}\npolicyRef: {name: standalone}\n"))
	w.restart(admin)
	said := w.held("onlooker", api.ReasonLookedAfterByAnother)
	if !strings.Contains(said, "is looked after by CheckpointHealth inventory") || !slices.Contains(w.health("onlooker").Status.Recommendation.HeldBy, api.ReasonRemedyPending) {
		t.Errorf("it says\n%s", said)
	}
	w.after(20)
	if w.file("inventory", simulated.FormLines) != written || w.outcomes() != string(api.OutcomePending) || w.starts() != 1 {
		t.Fatalf("outcomes %s, %d starts, file\n%s", w.outcomes(), w.starts(), w.file("inventory", simulated.FormLines))
	}
	w.pause("inventory", "")
	w.run(120, "completed by its owner", func() bool { return w.cured("inventory") })
	receipts := w.receipts(w.deployment("inventory"))
	if uid := string(w.health("inventory").UID); len(receipts) != 1 || receipts[0].UID != uid || w.starts() != 2 {
		t.Errorf("%d starts, receipts %+v", w.starts(), receipts)
	}
}

// pause sets the pause annotation; "" removes it.
func (w *world) pause(name, why string) {
	w.t.Helper()
	health := w.health(name)
	if health.Annotations = map[string]string{api.AnnotationPause: why}; why == "" {
		health.Annotations = nil
	}
	w.update(health)
}

// theirs edits the very lines that the halfway remedy of inventory wrote, and returns the file as it is then.
func (w *world) theirs() (text string) {
	w.t.Helper()
	w.editFile(func(before string) string {
		text = strings.Replace(before, "jobmanager.io-pool.size: 5", "jobmanager.io-pool.size: 2", 1)
		text = strings.Replace(text, "cleanup-in-background: false", "cleanup-in-background: true", 1)
		return text
	})
	return text
}

// While the manager is dead somebody edits the very lines, and nobody wants the remedy any more. They stay as they are, the receipt on the
// ConfigMap says so, and no pass loops.
func TestAHalfwayRemedyThatSomebodyEditedIsTheirs(t *testing.T) {
	w, _ := halfway(t, "story-halfway-edited")
	theirs := w.theirs()
	w.leverOff()
	w.restart(admin)
	w.run(60, "superseded", func() bool { return w.outcomes() == string(api.OutcomeSuperseded) })
	w.after(20)
	if got := w.file("inventory", simulated.FormLines); got != theirs || w.starts() != 1 {
		t.Errorf("%d starts, file\n%s\nwant\n%s", w.starts(), got, theirs)
	}
	if reason := w.whyNot("inventory"); reason == api.ReasonTargetChanged {
		t.Errorf("held back for %q", reason)
	}
}

// The same, and the job is still to be cured: the remedy starts from what they wrote, and would go back to that.
func TestASickJobWhoseHalfwayRemedySomebodyEditedIsCuredFromThere(t *testing.T) {
	w, _ := halfway(t, "story-halfway-edited-sick")
	theirs := w.theirs()
	w.restart(admin)
	w.run(120, "effective and healthy", func() bool { return w.cured("inventory") })
	want := strings.NewReplacer("jobmanager.io-pool.size: 2", "jobmanager.io-pool.size: 5", "cleanup-in-background: true", "cleanup-in-background: false").Replace(theirs)
	receipts := w.receipts(w.deployment("inventory"))
	if got := w.file("inventory", simulated.FormLines); got != want || len(receipts) != 1 {
		t.Fatalf("receipts %+v, file\n%s\nwant\n%s", receipts, got, want)
	}
	if c := changeOf(receipts[0], "jobmanager.io-pool.size"); !c.WasSet || c.From != "2" {
		t.Errorf("it would go back to %+v", c)
	}
}

// editFile edits inventory's flink-conf.yaml.
func (w *world) editFile(edit func(string) string) {
	w.t.Helper()
	var file corev1.ConfigMap
	w.get("inventory-config", &file)
	before := file.Data[string(simulated.FormLines)]
	file.Data[string(simulated.FormLines)] = edit(before)
	if file.Data[string(simulated.FormLines)] == before {
		w.t.Fatalf("nothing was edited in\n%s", before)
	}
	w.update(&file)
}
