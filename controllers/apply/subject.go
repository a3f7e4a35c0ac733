package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// subject is what one decision writes to, as it was read right before: the target, and for a standalone JobManager the ConfigMaps that hold
// its configuration.
type subject struct {
	target   *model.Target
	live     *unstructured.Unstructured
	receipts []model.Receipt
	files    map[string]*corev1.ConfigMap
	// halfway are the receipts on the files that the target has not heard of, by ConfigMap.
	halfway map[string]model.Receipt
	// draft collects the edits of a standalone JobManager; nil for all other targets.
	draft *draft
}

// read reads all that the decision may write, and makes sure that it is still what was looked at.
func (w *Writer) read(ctx context.Context, pass *model.Pass) (*subject, model.Refusal, error) {
	target := pass.Object()
	live, receipts, refused, err := w.readLive(ctx, target)
	if err != nil || refused.Refused() {
		return nil, refused, err
	}
	on := &subject{target: target, live: live, receipts: receipts, files: map[string]*corev1.ConfigMap{}}
	if target.Standalone == nil {
		return on, model.Refusal{}, nil
	}
	for _, name := range slices.Sorted(maps.Keys(target.Standalone.ConfigMaps)) {
		refused, err := w.readConfigMap(ctx, on, name)
		if err != nil || refused.Refused() {
			return nil, refused, err
		}
	}
	on.draft = newDraft(on)
	if refused := on.findHalfway(&pass.Decision); refused.Refused() {
		return nil, refused, nil
	}
	on.draft.asRolledOut()
	return on, model.Refusal{}, nil
}

// findHalfway finds what earlier writes left halfway. One that was not there when this was decided, or that another CheckpointHealth answers
// for, is not overwritten: the text under it holds what only its owner may take back. An undo alone waits for nobody: it takes back what never
// rolled out with what harms.
func (on *subject) findHalfway(decision *model.Decision) model.Refusal {
	on.halfway = map[string]model.Receipt{}
	for _, name := range slices.Sorted(maps.Keys(on.files)) {
		receipts, err := decode(on.files[name].Annotations[api.AnnotationReceipts])
		if err != nil {
			return model.Refusal{Reason: api.ReasonSnapshotIncomplete, Message: "ConfigMap/" + name + ": " + err.Error()}
		}
		receipt, ok := model.Halfway(receipts, on.receipts, on.target.UID, on.live.GetGeneration())
		if !ok {
			continue
		}
		if refused := on.mayCross(decision, name, &receipt); refused.Refused() {
			return refused
		}
		on.halfway[name] = receipt
	}
	return model.Refusal{}
}

// mayCross says why a decision must not be written over what lies halfway on a ConfigMap.
func (on *subject) mayCross(decision *model.Decision, name string, receipt *model.Receipt) model.Refusal {
	seen := on.target.Standalone.Halfway[name]
	decided := decision.Receipt != nil && decision.Receipt.ID == receipt.ID
	if decision.Action == model.ActionSettle { // which leaves all texts alone
		if decided && !receipt.InForce() {
			return changed("the undo of remedy %s began on ConfigMap/%s meanwhile", receipt.ID, name)
		}
		return model.Refusal{}
	}
	switch {
	case seen.ID != receipt.ID || seen.Outcome != receipt.Outcome:
		return changed("remedy %s was written to ConfigMap/%s meanwhile", receipt.ID, name)
	case seen.Owner != "" && receipt.Pending() && (decided || decision.Action != model.ActionRollback):
		return model.Refusal{Reason: api.ReasonRemedyPending, Message: fmt.Sprintf(
			"remedy %s of CheckpointHealth %s lies on ConfigMap/%s and is not rolled out yet: that one finishes it or takes it back", receipt.ID, seen.Owner, name)}
	}
	return model.Refusal{}
}

// readConfigMap reads a ConfigMap and makes sure that it is the one that was looked at and not on its way out.
func (w *Writer) readConfigMap(ctx context.Context, on *subject, name string) (model.Refusal, error) {
	var object corev1.ConfigMap
	err := w.Live.Get(ctx, client.ObjectKey{Namespace: on.target.Namespace, Name: name}, &object)
	switch {
	case apierrors.IsNotFound(err):
		return changed("ConfigMap/%s was deleted meanwhile", name), nil
	case err != nil:
		return model.Refusal{}, fmt.Errorf("ConfigMap/%s cannot be read before the write: %w", name, err)
	case string(object.UID) != on.target.Standalone.ConfigMaps[name].UID:
		return changed("ConfigMap/%s was deleted and created again meanwhile", name), nil
	case object.DeletionTimestamp != nil:
		return changed("ConfigMap/%s is being deleted", name), nil
	case object.ResourceVersion != on.target.Standalone.ConfigMaps[name].ResourceVersion:
		return changed("ConfigMap/%s changed since it was looked at", name), nil
	}
	on.files[name] = &object
	return model.Refusal{}, nil
}

// value reads a field as text where it is written; ok is false where it is not set.
func (on *subject) value(field string, place *model.PlaceRef) (string, bool) {
	if on.draft != nil {
		return on.draft.value(field, place)
	}
	return liveValue(on.live, fieldPath(on.target, field))
}
