package report

import (
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
		e.recorder.Eventf(regarding, nil, event.Type, event.Reason, event.Action, "%s", event.Note)
	}
}
