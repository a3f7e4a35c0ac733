package apply

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// configMaps makes the requests for the ConfigMaps whose text or receipt is to change, in the order of their names. One that holds the wanted
// text under this very receipt already was written before a crash, and is left alone.
func (d *draft) configMaps(change *edit) ([]*unstructured.Unstructured, error) {
	wanted := map[string]map[string]string{}
	for name, halfway := range d.on.halfway {
		if halfway.Pending() {
			wanted[name] = map[string]string{}
		}
	}
	for place, text := range d.texts {
		if place.Kind == model.PlaceConfigMap {
			if wanted[place.Name] == nil {
				wanted[place.Name] = map[string]string{}
			}
			wanted[place.Name][place.Key] = text
		}
	}
	var requests []*unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		receipt := d.stamp(name, len(wanted[name]) > 0, change)
		if d.holds(name, wanted[name], &receipt) {
			continue
		}
		request, err := d.configMap(name, wanted[name], &receipt)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	return requests, nil
}

// stamp is the receipt that a ConfigMap gets: the edit's; where only files are taken back, each its own with the edit's outcome; and where
// somebody else changed all that a remedy wrote before it rolled out, its own as Superseded, so that nobody looks for it any more.
func (d *draft) stamp(name string, edited bool, change *edit) model.Receipt {
	receipt, begun := d.on.halfway[name]
	switch {
	case begun && !edited:
		at := change.receipt.AppliedAt
		receipt.Outcome, receipt.FinishedAt = api.OutcomeSuperseded, cmp.Or(change.receipt.FinishedAt, &at)
		receipt.Message = "somebody else changed what it wrote here before it was rolled out; that stays as it is"
	case begun && change.filesOnly:
		receipt.Outcome, receipt.FinishedAt, receipt.Message = change.receipt.Outcome, change.receipt.FinishedAt, change.receipt.Message
	default:
		return change.receipt
	}
	return receipt
}

// settled makes the requests that tell the ConfigMaps what became of a remedy, once the target knows it: what a ConfigMap calls pending is
// then either in flight or was never rolled out.
func (d *draft) settled(receipt *model.Receipt) ([]*unstructured.Unstructured, error) {
	var requests []*unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(d.on.files)) {
		receipts, err := decode(d.on.files[name].Annotations[api.AnnotationReceipts])
		pending := func(r model.Receipt) bool { return r.ID == receipt.ID && r.Pending() }
		if err != nil || receipt.Pending() || !slices.ContainsFunc(receipts, pending) {
			continue
		}
		request, err := d.configMap(name, nil, receipt)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	return requests, nil
}

// holds tells whether a ConfigMap has the wanted texts, and the receipt with this outcome.
func (d *draft) holds(name string, texts map[string]string, receipt *model.Receipt) bool {
	file := d.on.files[name]
	for key, text := range texts {
		if file.Data[key] != text {
			return false
		}
	}
	receipts, err := decode(file.Annotations[api.AnnotationReceipts])
	return err == nil && slices.ContainsFunc(receipts, func(r model.Receipt) bool { return r.ID == receipt.ID && r.Outcome == receipt.Outcome })
}

// configMap makes one request: identity, the keys that we own already, the new texts and the receipt.
func (d *draft) configMap(name string, texts map[string]string, receipt *model.Receipt) (*unstructured.Unstructured, error) {
	file := d.on.files[name]
	request := &unstructured.Unstructured{Object: map[string]any{}}
	request.SetAPIVersion("v1")
	request.SetKind("ConfigMap")
	request.SetNamespace(file.Namespace)
	request.SetName(file.Name)
	request.SetUID(file.UID)
	request.SetResourceVersion(file.ResourceVersion)
	owned, err := ownedFields(file)
	if err != nil {
		return nil, err
	}
	data := map[string]any{}
	owned.Leaves().Iterate(func(path fieldpath.Path) {
		if names, ok := fieldNames(path); ok && len(names) == 2 && names[0] == "data" {
			if text, there := file.Data[names[1]]; there {
				data[names[1]] = text
			}
		}
	})
	for key, text := range texts {
		data[key] = text
	}
	if len(data) > 0 { // a manager that applies an empty map owns it
		if err := setNested(request, data, []string{"data"}); err != nil {
			return nil, err
		}
	}
	text, err := encode([]model.Receipt{*receipt})
	if err != nil {
		return nil, err
	}
	request.SetAnnotations(map[string]string{api.AnnotationReceipts: text})
	return request, nil
}

// configHash is what the pod template says of the texts: another hash is another template, which rolls out. It is empty where no remedy in
// force changes a ConfigMap any more: then the template becomes what it was.
func (d *draft) configHash(receipts []model.Receipt) string {
	inForce := slices.ContainsFunc(receipts, func(r model.Receipt) bool {
		return r.InForce() && slices.ContainsFunc(r.Changes, func(c model.ChangeRecord) bool {
			return c.Place != nil && c.Place.Kind == model.PlaceConfigMap
		})
	})
	if !inForce {
		return ""
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(d.on.files)) {
		for _, key := range slices.Sorted(maps.Keys(d.on.files[name].Data)) {
			text, _ := d.text(model.PlaceRef{Kind: model.PlaceConfigMap, Name: name, Key: key})
			_, _ = fmt.Fprintf(sum, "%q %q %q ", name, key, text) // a hash never fails to write
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
