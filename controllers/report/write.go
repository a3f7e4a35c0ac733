package report

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Writer does the one status write of a pass, and only where something changed. It is safe for concurrent use.
type Writer struct {
	client client.Client

	mu sync.Mutex
	// written is when each object's figures were last written or first seen by this process.
	written map[types.UID]time.Time
	// gaps are what each object's pass before named as missing.
	gaps map[types.UID][]string
	// older is what the API server refused lately of each object's status.
	older map[types.UID]olderSchema
}

// NewWriter makes a Writer that writes through c.
func NewWriter(c client.Client) *Writer {
	return &Writer{client: c, written: map[types.UID]time.Time{}, gaps: map[types.UID][]string{}, older: map[types.UID]olderSchema{}}
}

// Write puts next into the status of obj where it says something new, or where its figures are due for renewal. It returns the object as the
// API server answered, nil where nothing was written; obj itself stays as it was read, and is the cache's. The patch carries the
// resourceVersion that was read: the error of a stale one satisfies apierrors.IsConflict, and the caller reads again and decides again.
// Where the CustomResourceDefinition is older and does not take a field, the rest is written, and Ready says what to apply.
func (w *Writer) Write(ctx context.Context, obj *api.CheckpointHealth, next *api.CheckpointHealthStatus, now time.Time) (*api.CheckpointHealth, error) {
	sent := w.taken(obj, next, now)
	written, err := w.write(ctx, obj, sent, now)
	if err != nil {
		if fields, why := refusedFields(err); w.note(ctx, obj, olderSchema{fields: fields, why: why}, now) {
			return w.write(ctx, obj, w.taken(obj, next, now), now)
		}
		return nil, err
	}
	w.kept(ctx, obj, sent, written, now)
	return written, nil
}

func (w *Writer) write(ctx context.Context, obj *api.CheckpointHealth, next *api.CheckpointHealthStatus, now time.Time) (*api.CheckpointHealth, error) {
	merged, changed := Merge(&obj.Status, next, w.due(obj.UID, RefreshAfter(next, w.missesElse(obj, next)), now))
	if !changed {
		return nil, nil
	}
	changes := *obj
	changes.Status = merged
	patch, err := client.MergeFromWithOptions(obj, client.MergeFromWithOptimisticLock{}).Data(&changes)
	if err != nil {
		return nil, fmt.Errorf("the status of CheckpointHealth %s/%s as a patch: %w", obj.Namespace, obj.Name, err)
	}
	// The answer is read into an object of its own: what it lacks would stand there as it was sent.
	written := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: obj.Namespace, Name: obj.Name}}
	if err := w.client.Status().Patch(ctx, written, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return nil, fmt.Errorf("writing the status of CheckpointHealth %s/%s: %w", obj.Namespace, obj.Name, err)
	}
	w.mu.Lock()
	w.written[obj.UID] = now
	w.mu.Unlock()
	return written, nil
}

// missesElse tells whether something is named as missing that was not, or the other way round, in this pass and in the one before: what comes and
// goes is no news, of a healthy job least.
func (w *Writer) missesElse(obj *api.CheckpointHealth, next *api.CheckpointHealthStatus) bool {
	told, now := namedGaps(&obj.Status), namedGaps(next)
	w.mu.Lock()
	before, known := w.gaps[obj.UID]
	w.gaps[obj.UID] = now
	w.mu.Unlock()
	both := func(gap string) bool { return slices.Contains(before, gap) && !slices.Contains(told, gap) }
	neither := func(gap string) bool { return !slices.Contains(before, gap) && !slices.Contains(now, gap) }
	return known && (slices.ContainsFunc(now, both) || slices.ContainsFunc(told, neither))
}

// due tells whether an object's figures are old enough to be renewed, which is after some time; 0 for never. What this process sees for the first time counts as just written: a
// restart of the manager is no reason to write every sick object at once.
func (w *Writer) due(uid types.UID, after time.Duration, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, ok := w.written[uid]
	if !ok {
		w.written[uid] = now
		return false
	}
	return after > 0 && now.Sub(last) >= after
}

// Forget drops what is remembered of an object that is gone.
func (w *Writer) Forget(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.written, uid)
	delete(w.gaps, uid)
	delete(w.older, uid)
}
