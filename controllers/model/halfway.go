package model

import (
	"maps"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Halfway finds among the receipts of a ConfigMap the one that its workload has not heard of: a write that ended between the two. Of a
// remedy the receipt is then on the ConfigMap alone; of an undo the workload still calls it pending. Whatever else became of the workload
// since, its generation included, the ConfigMap was changed and nothing was rolled out for it. workload is the workload's UID and generation
// its present one, which tells a receipt that names no workload (those of earlier versions) from one of another workload; ok is false where
// there is none.
func Halfway(onConfigMap, onWorkload []Receipt, workload string, generation int64) (halfway Receipt, ok bool) {
	for _, r := range onConfigMap {
		at := slices.IndexFunc(onWorkload, func(known Receipt) bool { return known.ID == r.ID })
		meant := r.Workload == workload || r.Workload == "" && r.Generation == generation
		switch {
		case at < 0 && r.Pending() && meant && !forgotten(&r, onWorkload),
			at >= 0 && !r.InForce() && onWorkload[at].Pending():
			return r, true
		}
	}
	return Receipt{}, false
}

// Untold finds among the receipts of a ConfigMap one that it calls pending and that the workload knows to be judged: the verdict reached the
// workload alone. It is returned as the workload has it; ok is false where there is none.
func Untold(onConfigMap, onWorkload []Receipt) (judged Receipt, ok bool) {
	for _, r := range onConfigMap {
		at := slices.IndexFunc(onWorkload, func(known Receipt) bool { return known.ID == r.ID })
		if at >= 0 && r.Pending() && !onWorkload[at].Pending() {
			return onWorkload[at], true
		}
	}
	return Receipt{}, false
}

// forgotten tells that the workload may have known the receipt once: it keeps api.MaxRemediations of them, and all of those are younger.
func forgotten(r *Receipt, known []Receipt) bool {
	return len(known) >= api.MaxRemediations && !slices.ContainsFunc(known, func(k Receipt) bool { return !k.AppliedAt.After(r.AppliedAt) })
}

// disown names the CheckpointHealths that answer for receipts of ConfigMaps, where that is another one.
func (s *Standalone) disown(owner func(*Receipt) string) *Standalone {
	if s == nil || len(s.Halfway)+len(s.Untold) == 0 {
		return s
	}
	own := *s
	own.Halfway, own.Untold = owned(s.Halfway, owner), owned(s.Untold, owner)
	return &own
}

// owned is a copy of receipts with their owners.
func owned(receipts map[string]Receipt, owner func(*Receipt) string) map[string]Receipt {
	all := maps.Clone(receipts)
	for name, receipt := range all {
		receipt.Owner = owner(&receipt)
		all[name] = receipt
	}
	return all
}
