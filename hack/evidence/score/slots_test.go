package score

import (
	"path/filepath"
	"slices"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// A longer timeout cured these jobs over round trips of 5 to 6 s: their ask timeout of 60 s is what slots wait for. With Flink's 10 s they would not
// have come back.
func TestWhatWasCuredOverASlowNetworkIsNotHeldBack(t *testing.T) {
	for _, version := range []string{"1.18.1", "1.20.5"} {
		told, last := lastSickPass(t, filepath.Join("..", "recordings", "tuning", version, "network-delay.yaml"))
		if told.Remedy == nil || told.Remedy.Judged != api.OutcomeEffective || heldBack(last, last.Snapshot.Settings.Cluster["pekko.ask.timeout"]) {
			t.Errorf("%s: cured, and held back", version)
		}
		if !heldBack(last, "10 s") {
			t.Errorf("%s: not held back with the 10 s that are Flink's default", version)
		}
	}
}

// lastSickPass walks a recording up to the end of its sick phase.
func lastSickPass(t *testing.T, file string) (*trial.Trial, *model.Pass) {
	t.Helper()
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	told, err := trial.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	path, _ := trial.Paths(filepath.Join("..", "recordings"), told)
	passes, err := Walk(t.Context(), path, doctor)
	if err != nil {
		t.Fatal(err)
	}
	sick := until(passes, told.SickUntil)
	return told, sick[len(sick)-1]
}

// heldBack tells whether a pass's remedy would be, with an ask timeout.
func heldBack(pass *model.Pass, askTimeout string) bool {
	s := *pass.Snapshot
	s.Settings.Cluster = map[string]string{"pekko.ask.timeout": askTimeout}
	d := plan.Decide(plan.Input{Snapshot: &s, Diagnosis: &pass.Diagnosis, Policy: &pass.Policy, Controls: pass.Controls, Now: pass.Now})
	return d.Remedy == nil || slices.ContainsFunc(d.Refusals, func(why model.Refusal) bool { return why.Reason == api.ReasonNetworkTooSlow })
}
