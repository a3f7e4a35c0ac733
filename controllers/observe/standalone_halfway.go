package observe

import (
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// readHalfway finds a write that ended between its ConfigMap and the workload, by the receipt that both carry. The configuration is then
// shown as the workload knows it: a change that never rolled out is not there yet, and one whose undoing did not is still there.
func (s *standalone) readHalfway() {
	for _, object := range s.configMaps {
		if object == nil {
			continue
		}
		receipts, problem := decodeReceipts(object.Annotations[api.AnnotationReceipts])
		if problem != "" {
			s.target.ReceiptsError = "ConfigMap/" + object.Name + ": " + problem
			return
		}
		for i := range receipts {
			if s.halfway(&receipts[i]) {
				s.out.Halfway = &receipts[i]
				s.showAsRolledOut(&receipts[i])
				return
			}
		}
	}
}

// halfway tells whether the workload has not heard of what the ConfigMap's receipt says.
func (s *standalone) halfway(receipt *model.Receipt) bool {
	at := slices.IndexFunc(s.target.Receipts, func(r model.Receipt) bool { return r.ID == receipt.ID })
	if at < 0 {
		return receipt.Pending() && receipt.Generation == s.target.Generation
	}
	return !receipt.InForce() && s.target.Receipts[at].Pending()
}

func (s *standalone) showAsRolledOut(receipt *model.Receipt) {
	for i := range receipt.Changes {
		change := &receipt.Changes[i]
		if change.Place == nil || change.Place.Kind != model.PlaceConfigMap {
			continue
		}
		switch {
		case !receipt.Pending():
			s.target.Config[change.Field] = change.To
		case change.WasSet:
			s.target.Config[change.Field] = change.From
		default:
			delete(s.target.Config, change.Field)
			delete(s.out.Places, change.Field)
		}
	}
}
