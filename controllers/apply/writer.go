package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Writer patches targets. Live must not be a cache: what forbids a write is read from the API server itself.
//
// It decides nothing, and yet it refuses. Its checks are no guards of the planner, which all speak of a snapshot that is some seconds old; they
// compare the decision with the live objects, between decision and write, where alone the answer can be known:
//
//   - RemedyPending: another CheckpointHealth may have written to the target, or to a ConfigMap of it, since it was looked at. The receipts on the
//     live object tell.
//   - Superseded: whether a field still holds what the remedy wrote is seen when it is to be undone. What somebody else wrote there stays theirs.
//   - Capacity: quotas, limit ranges and nodes are three live lists, which only a remedy that is about to be written, and asks for more, is worth.
type Writer struct {
	// Client applies; it reads nothing through a cache.
	Client client.Client
	// Live reads the target, the CheckpointHealth and the stop switch right before each write.
	Live client.Reader
	// StopSwitch is where the cluster-wide stop switch is read.
	StopSwitch StopSwitch
	// Session reads live which FlinkSessionJobs share a session cluster, before a write that restarts all of them; where it is nil none is done.
	Session func(ctx context.Context, live client.Reader, cluster *model.Target) model.SessionCluster
}

// Do carries out the pass's decision. It returns nil where the decision writes nothing. A refusal is no error: it says who refused and why.
// An error means that it is not known whether the request arrived; the receipt on the target tells in the next pass.
func (w *Writer) Do(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass) (*model.Written, error) {
	switch pass.Decision.Action {
	case model.ActionApply:
		return w.write(ctx, owner, pass, w.planApply)
	case model.ActionRollback:
		return w.write(ctx, owner, pass, w.planRollback)
	case model.ActionRestore:
		return w.write(ctx, owner, pass, w.planRestore)
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
	// filesOnly tells that the target is left alone: what is undone never reached it.
	filesOnly bool
}

type planner func(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, on *subject) (edit, error)

// write reads the brakes and the target live, plans the edit against what is there now, tries it as a dry run and then does it.
func (w *Writer) write(ctx context.Context, owner *api.CheckpointHealth, pass *model.Pass, plan planner) (*model.Written, error) {
	written := &model.Written{Action: pass.Decision.Action, Receipt: pass.Decision.Receipt}
	refused, err := w.brakes(ctx, owner, pass)
	if err != nil || refused.Refused() {
		written.Refused = refused
		return written, err
	}
	on, refused, err := w.read(ctx, pass)
	if err != nil || refused.Refused() {
		written.Refused = refused
		return written, err
	}
	change, err := plan(ctx, owner, pass, on)
	if err != nil || change.refused.Refused() {
		written.Refused = change.refused
		return written, err
	}
	if refused := w.neighbours(ctx, on, &change); refused.Refused() {
		written.Refused = refused
		return written, nil
	}
	written.Receipt = &change.receipt
	return written, w.carryOut(ctx, on, pass, &change, written)
}

// neighbours asks once more, live, whether the other jobs of a session cluster are safe to restart: the cache may not show yet what somebody
// began on one of them a second ago.
func (w *Writer) neighbours(ctx context.Context, on *subject, change *edit) model.Refusal {
	if !on.target.SessionCluster || on.target.Standalone != nil || !change.restarts {
		return model.Refusal{}
	}
	session := model.SessionCluster{}
	if w.Session != nil {
		session = w.Session(ctx, w.Live, on.target)
	}
	if !session.Known {
		return changed("which FlinkSessionJobs run on session cluster %s could not be read right before the write", on.target.Name)
	}
	if job, why := session.Unsafe(); job != nil {
		return changed("FlinkSessionJob %s of session cluster %s %s", job.Name, on.target.Name, why)
	}
	return model.Refusal{}
}

// carryOut sends the requests of an edit.
func (w *Writer) carryOut(ctx context.Context, on *subject, pass *model.Pass, change *edit, written *model.Written) error {
	requests, target, err := requestsFor(on, change)
	if err != nil {
		return err
	}
	if len(requests) == 0 {
		written.Refused = model.Refusal{Reason: api.ReasonConfigurationFixed,
			Message: "what the remedy wrote was changed by somebody else since, so there is nothing left to take back"}
		return nil
	}
	var sent int
	sent, written.Refused, err = w.send(ctx, requests, pass.Policy.Conflicts, change.restarts)
	// What was written stays written whatever became of the requests behind it.
	if at := slices.Index(requests, target); target != nil && at < sent {
		written.ResourceVersion = target.GetResourceVersion()
	}
	return err
}

// requestsFor are the requests of an edit in the order in which they are sent, and the one to the target; nil where that is left alone. What
// rolls out goes to the ConfigMaps first and to the target last, for it is the target that rolls the change out and remembers it. What is only
// recorded goes to the target first.
func requestsFor(on *subject, change *edit) (requests []*unstructured.Unstructured, target *unstructured.Unstructured, err error) {
	if on.draft != nil && change.restarts {
		if requests, err = on.draft.configMaps(change); err != nil {
			return nil, nil, err
		}
	}
	if !change.filesOnly {
		if target, err = build(on, change); err != nil {
			return nil, nil, err
		}
		requests = append(requests, target)
	}
	if on.draft != nil && !change.restarts {
		recorded, err := on.draft.settled(&change.receipt)
		if err != nil {
			return nil, nil, err
		}
		requests = append(requests, recorded...)
	}
	return requests, target, nil
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
func build(on *subject, change *edit) (*unstructured.Unstructured, error) {
	live := on.live
	request := &unstructured.Unstructured{Object: map[string]any{}}
	request.SetAPIVersion(live.GetAPIVersion())
	request.SetKind(live.GetKind())
	request.SetNamespace(live.GetNamespace())
	request.SetName(live.GetName())
	request.SetUID(live.GetUID())
	request.SetResourceVersion(live.GetResourceVersion())
	if err := fill(on, change, request); err != nil {
		return nil, err
	}
	text, err := encode(change.receipts)
	if err != nil {
		return nil, err
	}
	request.SetAnnotations(map[string]string{api.AnnotationReceipts: text})
	return request, nil
}

// fill puts into the request what we own already and what the edit changes.
func fill(on *subject, change *edit, request *unstructured.Unstructured) error {
	if on.draft != nil {
		return on.draft.template(request, change)
	}
	if err := carryOver(on.live, request); err != nil {
		return err
	}
	for field, value := range change.set {
		path := fieldPath(on.target, field)
		if value == nil {
			release(request, path)
			continue
		}
		typed, err := fieldValue(field, *value)
		if err != nil {
			return err
		}
		if err := setNested(request, typed, path); err != nil {
			return err
		}
	}
	return nil
}
