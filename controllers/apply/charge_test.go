package apply

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Who is in charge is read live before each write, whatever was planned; a verdict on what was begun is recorded all the same.
func TestWhoIsNotInChargeWritesNothing(t *testing.T) {
	older := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "audit", UID: "other", CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour))}}
	own := model.Receipt{ID: "h-0", Outcome: api.OutcomePending, AppliedAt: noon, Changes: []model.ChangeRecord{{Field: ioPool, From: "2", WasSet: true, To: "2"}}}
	target := model.Target{APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkSessionJob", Namespace: "shop", Name: "payments", UID: "payments"}
	for name, c := range map[string]struct {
		decision model.Decision
		want     string
		sent     int
	}{
		"a remedy":  {model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, nil)}, api.ReasonLookedAfterByAnother, 0},
		"an undo":   {model.Decision{Action: model.ActionRollback, Receipt: &model.Receipt{ID: "h-0", Outcome: api.OutcomeRolledBack}}, api.ReasonLookedAfterByAnother, 0},
		"a verdict": {model.Decision{Action: model.ActionSettle, Receipt: &model.Receipt{ID: "h-0", Outcome: api.OutcomeEffective}}, "", 1},
	} {
		pass := &model.Pass{Now: noon, Snapshot: &model.Snapshot{Target: target}, Decision: c.decision}
		objects := []client.Object{flinkResource("FlinkSessionJob", "payments"), older}
		if c.decision.Remedy == nil {
			objects[0] = flinkResource("FlinkSessionJob", "payments", own)
		}
		if sent, refused := written(t, objects, pass); refused.Reason != c.want || len(sent) != c.sent {
			t.Errorf("%s: sent %q, refused %+v", name, told(sent, model.Refusal{}), refused)
		}
	}
}
