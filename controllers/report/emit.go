package report

import (
	"fmt"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
)

// Emitter sends events through the events.k8s.io recorder of the manager, which turns repetitions into series.
type Emitter struct {
	recorder events.EventRecorder
}

// NewEmitter makes an Emitter; controller-runtime's GetEventRecorder makes the recorder.
func NewEmitter(recorder events.EventRecorder) *Emitter { return &Emitter{recorder: recorder} }

// Emit sends events about an object. Send them after the status was written: a write that failed is tried again with the same events.
func (e *Emitter) Emit(regarding runtime.Object, list []Event) {
	for _, event := range list {
		e.recorder.Eventf(regarding, said(event.Note), event.Type, event.Reason, event.Action, "%s", event.Note)
	}
}

// said tells one note from another. The recorder takes events for one series whose type, reason, action and two references are the same,
// whatever they say (client-go 0.37, tools/events): a second remedy within six minutes of the first was counted to it, and its own words
// were never shown. So the second reference has a digest of the note as its field path.
func said(note string) *corev1.ObjectReference {
	digest := fnv.New32a()
	_, _ = digest.Write([]byte(note))
	return &corev1.ObjectReference{FieldPath: fmt.Sprintf("note{%08x}", digest.Sum32())}
}
