package model

import (
	"maps"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Halfway finds among the receipts of a ConfigMap the one that its workload has not heard of: a write that ended between the two. Of a
// remedy the receipt is then on the ConfigMap alone; of an undo the workload still calls it pending. Whatever else became of the workload
// since, its generation included, the ConfigMap was changed and nothing was rolled out for it. workload is the workload's UID; ok is false
// where there is none.
func Halfway(onConfigMap, onWorkload []Receipt, workload string) (halfway Receipt, ok bool) {
	for _, r := range onConfigMap {
		at := slices.IndexFunc(onWorkload, func(known Receipt) bool { return known.ID == r.ID })
		switch {
		case at < 0 && r.Pending() && r.Workload == workload && !forgotten(&r, onWorkload),
			at >= 0 && !r.InForce() && onWorkload[at].Pending():
			return r, true
		}
	}
	return Receipt{}, false
}

// forgotten tells that the workload may have known the receipt once: it keeps api.MaxRemediations of them, and all of those are younger.
func forgotten(r *Receipt, known []Receipt) bool {
	return len(known) >= api.MaxRemediations && !slices.ContainsFunc(known, func(k Receipt) bool { return !k.AppliedAt.After(r.AppliedAt) })
}

// disown names the CheckpointHealths that answer for receipts that lie halfway, where that is another one.
func (s *Standalone) disown(owner func(*Receipt) string) *Standalone {
	if s == nil || len(s.Halfway) == 0 {
		return s
	}
	own := *s
	own.Halfway = maps.Clone(s.Halfway)
	for name, receipt := range own.Halfway {
		receipt.Owner = owner(&receipt)
		own.Halfway[name] = receipt
	}
	return &own
}
