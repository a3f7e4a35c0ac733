package score

import (
	"path/filepath"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/cli"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// A longer timeout cured these jobs over round trips of 5 to 6 s: their ask timeout of 60 s is what slots wait for. With Flink's 10 s they would not
// have come back.
func TestWhatWasCuredOverASlowNetworkIsNotHeldBack(t *testing.T) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	for _, version := range []string{"1.18.1", "1.20.5"} {
		told, err := trial.Read(filepath.Join("..", "recordings", "tuning", version, "network-delay.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		path, _ := trial.Paths(filepath.Join("..", "recordings"), told)
		archive, err := recording.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		passes, err := cli.Passes(t.Context(), archive, doctor, &policy, "")
		if err != nil {
			t.Fatal(err)
		}
		sick := until(passes, told.SickUntil)
		last := sick[len(sick)-1]
		held := func(change func(map[string]string)) bool {
			s := *last.Snapshot
			s.Settings.Cluster = map[string]string{"pekko.ask.timeout": s.Settings.Cluster["pekko.ask.timeout"]}
			change(s.Settings.Cluster)
			d := plan.Decide(plan.Input{Snapshot: &s, Diagnosis: &last.Diagnosis, Policy: &policy, Controls: last.Controls, Now: last.Now})
			for _, why := range d.Refusals {
				if why.Reason == api.ReasonNetworkTooSlow {
					return true
				}
			}
			return d.Remedy == nil
		}
		if told.Remedy == nil || told.Remedy.Judged != api.OutcomeEffective || held(func(map[string]string) {}) {
			t.Errorf("%s: cured, and held back", version)
		}
		if !held(func(cluster map[string]string) { delete(cluster, "pekko.ask.timeout") }) {
			t.Errorf("%s: not held back with Flink's default", version)
		}
	}
}
