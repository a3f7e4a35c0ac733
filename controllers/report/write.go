package report

import (
	"context"
	"fmt"
	"sync"
	"time"

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
}

// NewWriter makes a Writer that writes through c.
func NewWriter(c client.Client) *Writer {
	return &Writer{client: c, written: map[types.UID]time.Time{}}
}

// Write puts next into the status of obj where it says something new, or where its figures are due for renewal, and tells whether it
// wrote. obj must be as it was read; after a write it holds what the API server answered. The patch carries the resourceVersion that was
// read: the error of a stale one satisfies apierrors.IsConflict, and the caller reads again and decides again.
func (w *Writer) Write(ctx context.Context, obj *api.CheckpointHealth, next api.CheckpointHealthStatus, now time.Time) (bool, error) {
	merged, changed := Merge(&obj.Status, &next, w.due(obj.UID, &next, now))
	if !changed {
		return false, nil
	}
	before := obj.DeepCopy()
	obj.Status = merged
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := w.client.Status().Patch(ctx, obj, patch); err != nil {
		before.DeepCopyInto(obj)
		return false, fmt.Errorf("writing the status of CheckpointHealth %s/%s: %w", before.Namespace, before.Name, err)
	}
	w.mu.Lock()
	w.written[obj.UID] = now
	w.mu.Unlock()
	return true, nil
}

// due tells whether an object's figures are old enough to be renewed. What this process sees for the first time counts as just written: a
// restart of the manager is no reason to write every sick object at once.
func (w *Writer) due(uid types.UID, next *api.CheckpointHealthStatus, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, ok := w.written[uid]
	if !ok {
		w.written[uid] = now
		return false
	}
	after := RefreshAfter(next)
	return after > 0 && now.Sub(last) >= after
}

// Forget drops what is remembered of an object that is gone.
func (w *Writer) Forget(uid types.UID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.written, uid)
}
