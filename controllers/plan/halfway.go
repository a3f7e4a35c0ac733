package plan

import (
	"maps"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// halfway are the remedies that lie on ConfigMaps and that the workload has not heard of, newest first.
func (v *view) halfway() []model.Receipt {
	s := v.standalone()
	if s == nil {
		return nil
	}
	var begun []model.Receipt
	for _, name := range slices.Sorted(maps.Keys(s.Halfway)) {
		if r := s.Halfway[name]; r.Pending() {
			begun = append(begun, r)
		}
	}
	slices.SortStableFunc(begun, func(a, b model.Receipt) int { return b.AppliedAt.Compare(a.AppliedAt) })
	return begun
}

// finishHalfway looks after a write that ended between its ConfigMap and the workload: a decision to apply completes it, or replaces it;
// where the job is judged and no remedy is to be applied any more, the ConfigMap gets its prior text back. What cannot be judged waits, and
// what another CheckpointHealth began is left to that one.
func (v *view) finishHalfway(d model.Decision) model.Decision {
	begun := v.halfway()
	if len(begun) == 0 || d.Action != model.ActionNone || v.d.Health == api.HealthUnknown || begunByAnother(v).Message != "" {
		return d
	}
	if held := v.ask(brakes, nil); len(held) > 0 {
		return d
	}
	receipt := begun[0]
	if refused := v.refusedBefore(&receipt); refused.Refused() {
		return d
	}
	at := v.in.Now
	receipt.Outcome, receipt.FinishedAt = api.OutcomeRolledBack, &at
	receipt.Message = "it was written to its ConfigMap and never rolled out, and is not wanted any more: " + orElse(d.WhyNot.Message, "the job needs no remedy")
	if v.runsWith(&receipt) {
		receipt.Message = join(receipt.Message, "somebody else restarted the JobManager meanwhile, which runs with it until it starts again")
	}
	d.Action, d.Receipt = model.ActionRollback, &receipt
	return d
}

// runsWith tells that the JobManager shows what a receipt wrote to a ConfigMap as its own configuration.
func (v *view) runsWith(r *model.Receipt) bool {
	return slices.ContainsFunc(r.Changes, func(c model.ChangeRecord) bool {
		value, known := v.s.Settings.Cluster[c.Field]
		return known && c.Place != nil && c.Place.Kind == model.PlaceConfigMap && !sameText(value, c.From) && sameText(value, c.To)
	})
}
