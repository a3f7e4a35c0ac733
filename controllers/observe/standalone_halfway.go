package observe

import (
	"maps"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// readHalfway finds writes that ended between a ConfigMap and the workload, by the receipts that both carry. The configuration is then
// shown as the workload knows it: a change that never rolled out is not there yet, and one whose undoing did not is still there.
func (s *standalone) readHalfway() {
	s.out.Halfway, s.out.Untold = map[string]model.Receipt{}, map[string]model.Receipt{}
	for _, name := range slices.Sorted(maps.Keys(s.configMaps)) {
		if s.configMaps[name] == nil {
			continue
		}
		receipts, problem := decodeReceipts(s.configMaps[name].Annotations[api.AnnotationReceipts])
		if problem != "" {
			s.target.ReceiptsError = "ConfigMap/" + name + ": " + problem
			return
		}
		if receipt, ok := model.Untold(receipts, s.target.Receipts); ok {
			s.out.Untold[name] = receipt
		}
		if receipt, ok := model.Halfway(receipts, s.target.Receipts, s.target.UID, s.target.Generation); ok {
			s.out.Halfway[name] = receipt
			s.showAsRolledOut(name, &receipt)
		}
	}
}

// showAsRolledOut shows what the receipt changed in one ConfigMap as the workload knows it. What somebody changed there since is shown as it
// is: it is theirs.
func (s *standalone) showAsRolledOut(name string, receipt *model.Receipt) {
	for i := range receipt.Changes {
		change := &receipt.Changes[i]
		if change.Place == nil || change.Place.Kind != model.PlaceConfigMap || change.Place.Name != name {
			continue
		}
		there, value, known := change.To, change.From, change.WasSet
		if !receipt.Pending() {
			there, value, known = change.From, change.To, true
		}
		s.showSetting(change, there, receipt.Pending() || change.WasSet, value, known)
	}
}

// showSetting shows a key of one place with another value than stands there, or as not set; only where the text holds what is expected of it.
func (s *standalone) showSetting(change *model.ChangeRecord, there string, isThere bool, value string, known bool) {
	places := s.out.Places[change.Field]
	at := slices.IndexFunc(places, func(p model.SettingPlace) bool { return p.PlaceRef == *change.Place })
	if (at >= 0) != isThere || (at >= 0 && places[at].Value != there) {
		return
	}
	switch {
	case at >= 0 && known:
		places[at].Value = value
	case at >= 0:
		places = slices.Delete(places, at, at+1)
	case known:
		places = append(places, model.SettingPlace{PlaceRef: *change.Place, Origin: s.originOf(change.Place), Value: value})
	}
	s.setPlaces(change.Field, places)
}

// originOf is how a place that a key is added to reaches Flink.
func (s *standalone) originOf(place *model.PlaceRef) api.SettingOrigin {
	if s.out.New != nil && s.out.New.PlaceRef == *place {
		return s.out.New.Origin
	}
	return api.OriginConfigMap
}

// setPlaces says anew where a key is set, and so to what.
func (s *standalone) setPlaces(key string, places []model.SettingPlace) {
	delete(s.target.Config, key)
	if len(places) == 0 {
		delete(s.out.Places, key)
		return
	}
	s.out.Places[key] = places
	if !places[0].Hidden {
		s.target.Config[key] = places[0].Value
	}
}
