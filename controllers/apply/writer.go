package apply

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Writer patches targets. Live must not be a cache: what forbids a write is read from the API server itself.
type Writer struct {
	// Client applies; it reads nothing through a cache.
	Client client.Client
	// Live reads the target, the CheckpointHealth and the stop switch right before each write.
	Live client.Reader
	// StopSwitch is where the cluster-wide stop switch is read.
	StopSwitch StopSwitch
}

// Do carries out the pass's decision. It returns nil where the decision writes nothing. A refusal is no error: it says who refused and why.
// An error means that it is not known whether the request arrived; the receipt on the target tells in the next pass.
func (w *Writer) Do(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass) (*model.Written, error) {
	switch pass.Decision.Action {
	case model.ActionApply:
		return w.write(ctx, owner, pass, w.planApply)
	case model.ActionRollback:
		return w.write(ctx, owner, pass, w.planRollback)
	case model.ActionSettle:
		return w.write(ctx, owner, pass, w.planSettle)
	}
	return nil, nil
}

// edit is what one request changes: fields to set (nil value: to release) and the receipts to leave behind.
type edit struct {
	set      map[string]*string
	receipt  model.Receipt
	receipts []model.Receipt
	refused  model.Refusal
	// restarts tells whether the edit touches the spec: settling only writes the annotation.
	restarts bool
}

type planner func(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, live *unstructured.Unstructured, receipts []model.Receipt) (edit, error)

// write reads the brakes and the target live, plans the edit against what is there now, tries it as a dry run and then does it.
func (w *Writer) write(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, plan planner) (*model.Written, error) {
	written := &model.Written{Action: pass.Decision.Action, Receipt: pass.Decision.Receipt}
	refused, err := w.brakes(ctx, owner, pass)
	if err != nil || refused.Refused() {
		written.Refused = refused
		return written, err
	}
	live, receipts, refused, err := w.readLive(ctx, pass.Object())
	if err != nil || refused.Refused() {
		written.Refused = refused
		return written, err
	}
	change, err := plan(ctx, owner, pass, live, receipts)
	if err != nil || change.refused.Refused() {
		written.Refused = change.refused
		return written, err
	}
	written.Receipt = &change.receipt
	request, err := build(pass.Object(), live, &change)
	if err != nil {
		return written, err
	}
	written.Refused, err = w.send(ctx, request, pass.Policy.Conflicts, change.restarts)
	if err == nil && !written.Refused.Refused() {
		written.ResourceVersion = request.GetResourceVersion()
	}
	return written, err
}

// readLive reads the target and makes sure it is still the one that was looked at.
func (w *Writer) readLive(ctx context.Context, target *model.Target) (*unstructured.Unstructured, []model.Receipt, model.Refusal, error) {
	live := &unstructured.Unstructured{}
	live.SetAPIVersion(target.APIVersion)
	live.SetKind(target.Kind)
	err := w.Live.Get(ctx, client.ObjectKey{Namespace: target.Namespace, Name: target.Name}, live)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil, changed("%s/%s was deleted meanwhile", target.Kind, target.Name), nil
	case err != nil:
		return nil, nil, model.Refusal{}, fmt.Errorf("%s/%s cannot be read before the write: %w", target.Kind, target.Name, err)
	case string(live.GetUID()) != target.UID:
		return nil, nil, changed("%s/%s was deleted and created again meanwhile", target.Kind, target.Name), nil
	case live.GetGeneration() != target.Generation:
		return nil, nil, changed("the spec of %s/%s changed meanwhile", target.Kind, target.Name), nil
	case live.GetDeletionTimestamp() != nil:
		return nil, nil, changed("%s/%s is being deleted", target.Kind, target.Name), nil
	}
	receipts, err := decode(live.GetAnnotations()[api.AnnotationReceipts])
	if err != nil {
		return nil, nil, model.Refusal{Reason: api.ReasonSnapshotIncomplete, Message: err.Error() +
			"; remove the annotation once the fields it speaks of are as you want them"}, nil
	}
	return live, receipts, model.Refusal{}, nil
}

func changed(format string, args ...any) model.Refusal {
	return model.Refusal{Reason: api.ReasonTargetChanged, Message: fmt.Sprintf(format, args...) + "; it is read again and decided anew"}
}

// build makes the apply configuration: identity, what we own already, the edit, the receipts.
func build(target *model.Target, live *unstructured.Unstructured, change *edit) (*unstructured.Unstructured, error) {
	request := &unstructured.Unstructured{Object: map[string]any{}}
	request.SetAPIVersion(live.GetAPIVersion())
	request.SetKind(live.GetKind())
	request.SetNamespace(live.GetNamespace())
	request.SetName(live.GetName())
	request.SetUID(live.GetUID())
	request.SetResourceVersion(live.GetResourceVersion())
	if err := carryOver(live, request); err != nil {
		return nil, err
	}
	for field, value := range change.set {
		path := fieldPath(target, field)
		if value == nil {
			release(request, path)
			continue
		}
		typed, err := fieldValue(field, *value)
		if err != nil {
			return nil, err
		}
		if err := setNested(request, typed, path); err != nil {
			return nil, err
		}
	}
	text, err := encode(change.receipts)
	if err != nil {
		return nil, err
	}
	request.SetAnnotations(map[string]string{api.AnnotationReceipts: text})
	return request, nil
}
