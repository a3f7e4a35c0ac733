package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// olderFor is how long fields that the API server refused are left out: a schema changes when somebody applies it, and one write that fails in ten
// minutes hides nothing.
const olderFor = 10 * time.Minute

// olderSchema is what a CustomResourceDefinition older than this manager does not take of an object's status.
type olderSchema struct {
	// fields are names of fields of status; why is what the API server said of them.
	fields []string
	why    string
	// pruned tells that it took them and kept nothing of them, and said so to nobody: whether it would now is only seen once they are written.
	pruned bool
	until  time.Time
}

// Told is a status as it was written, with the history of which next knows where the CustomResourceDefinition does not take it: what was written to a
// target is told.
func Told(written, next *api.CheckpointHealthStatus) *api.CheckpointHealthStatus {
	told := *written
	told.Remediations = next.Remediations
	return &told
}

// note keeps which fields of status the API server refused or dropped, and tells whether there are any that can be left out.
func (w *Writer) note(ctx context.Context, obj *api.CheckpointHealth, schema olderSchema, now time.Time) bool {
	if len(schema.fields) == 0 || slices.Contains(schema.fields, "conditions") {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known, ok := w.older[obj.UID]; ok && now.Before(known.until) {
		schema.fields = slices.Compact(slices.Sorted(slices.Values(slices.Concat(known.fields, schema.fields))))
		schema.pruned = schema.pruned || known.pruned
	}
	schema.until = now.Add(olderFor)
	w.older[obj.UID] = schema
	log.FromContext(ctx).Info(schema.message(), "namespace", obj.Namespace, "name", obj.Name)
	return true
}

// kept looks at what the API server kept of what was sent: a schema that does not know a field drops it without a word, and without a look it would be
// written anew in each pass. Where nothing is lost and the time has come, nothing is left out any more.
func (w *Writer) kept(ctx context.Context, obj *api.CheckpointHealth, sent *api.CheckpointHealthStatus, written *api.CheckpointHealth, now time.Time) {
	if written != nil && w.note(ctx, obj, olderSchema{fields: lostFields(sent, &written.Status), why: "the API server keeps nothing of what is written there", pruned: true}, now) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known, ok := w.older[obj.UID]; ok && !now.Before(known.until) {
		delete(w.older, obj.UID)
	}
}

// lostFields are the fields of status of which something that is worth a write was sent and is not there.
func lostFields(sent, there *api.CheckpointHealthStatus) []string {
	if !Changed(sent, there) {
		return nil
	}
	before, after := fieldsOf(sent), fieldsOf(there)
	var lost []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !bytes.Equal(before[name], after[name]) {
			lost = append(lost, name)
		}
	}
	return lost
}

// fieldsOf is a status by its fields, as JSON; nil where it is none.
func fieldsOf(status *api.CheckpointHealthStatus) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	text, err := json.Marshal(status)
	if err != nil || json.Unmarshal(text, &all) != nil {
		return nil
	}
	return all
}

func (o *olderSchema) message() string {
	return "the CustomResourceDefinition does not take all of the status, as one that is older than this manager does not: apply config/crd of the manager's version " +
		"(where it is of that version, report a fault of the manager); until then status leaves out " + strings.Join(o.fields, ", ") + " (" + clean(o.why, 300) + ")"
}

// refusedFields are the fields of status that the API server finds invalid, by their first name, and what it said of them.
func refusedFields(err error) (fields []string, why string) {
	var status *apierrors.StatusError
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return nil, ""
	}
	found := map[string]bool{}
	var said []string
	for _, cause := range status.ErrStatus.Details.Causes {
		if path, ok := strings.CutPrefix(cause.Field, "status."); ok {
			first, _, _ := strings.Cut(path, ".")
			first, _, _ = strings.Cut(first, "[")
			found[first] = true
			said = append(said, cause.Field+": "+cause.Message)
		}
	}
	return slices.Sorted(maps.Keys(found)), strings.Join(said, "; ")
}

// taken is next as the object's CustomResourceDefinition takes it: without the fields that it refused lately, and with Ready saying so where it has
// nothing else to say that a person is to change. After a while they are tried again; Ready stays meanwhile where only the answer tells.
func (w *Writer) taken(obj *api.CheckpointHealth, next *api.CheckpointHealthStatus, now time.Time) *api.CheckpointHealthStatus {
	w.mu.Lock()
	schema, ok := w.older[obj.UID]
	w.mu.Unlock()
	again := !now.Before(schema.until)
	if !ok || again && !schema.pruned {
		return next
	}
	leftOut := schema.fields
	if again {
		leftOut = nil
	}
	rest, err := withoutFields(next, leftOut)
	if err != nil {
		return next
	}
	if !meta.IsStatusConditionTrue(rest.Conditions, api.ConditionReady) {
		return rest
	}
	// Its transition time is that of what was written, where that said the same.
	ready := metav1.Condition{Type: api.ConditionReady, Status: metav1.ConditionFalse, Reason: api.ReasonCRDOutdated,
		Message: clean(schema.message(), maxConditionMessage), ObservedGeneration: obj.Generation, LastTransitionTime: *moment(now)}
	if old := meta.FindStatusCondition(obj.Status.Conditions, api.ConditionReady); old != nil && old.Status == ready.Status {
		ready.LastTransitionTime = old.LastTransitionTime
	}
	meta.RemoveStatusCondition(&rest.Conditions, api.ConditionReady)
	rest.Conditions = slices.Insert(rest.Conditions, 0, ready)
	return rest
}

// withoutFields is a copy of a status without some of its fields.
func withoutFields(status *api.CheckpointHealthStatus, fields []string) (*api.CheckpointHealthStatus, error) {
	all := fieldsOf(status)
	for _, name := range fields {
		delete(all, name)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	rest := &api.CheckpointHealthStatus{}
	return rest, json.Unmarshal(text, rest)
}
