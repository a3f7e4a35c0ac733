package report

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
)

// What is said again is a series; what is said otherwise, with the same reason and within the same minutes, is an event of its own.
func TestEachNoteIsAnEventAndItsRepetitionASeries(t *testing.T) {
	client := fake.NewClientset()
	watched, err := client.EventsV1().Events("shop").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	defer broadcaster.Shutdown()
	if err := broadcaster.StartRecordingToSinkWithContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	emitter := NewEmitter(broadcaster.NewRecorder(scheme.Scheme, "checkpoint-health"))
	regarding := &corev1.ObjectReference{Kind: "CheckpointHealth", Namespace: "shop", Name: "payments", UID: "1"}
	say := func(note string) (watch.EventType, *eventsv1.Event) {
		emitter.Emit(regarding, []Event{{"Normal", "RemedyApplied", "Patch", note}})
		e := <-watched.ResultChan()
		event, ok := e.Object.(*eventsv1.Event)
		if !ok {
			t.Fatalf("%s: %T was written, want an event", note, e.Object)
		}
		return e.Type, event
	}
	for _, note := range []string{"interval 1s to 15s", "timeout 6s to 9s"} {
		if kind, e := say(note); kind != watch.Added || e.Note != note || e.Series != nil {
			t.Errorf("%s: %s %+v, want an event of its own", note, kind, e)
		}
	}
	if kind, e := say("interval 1s to 15s"); kind != watch.Modified || e.Note != "interval 1s to 15s" || e.Series == nil || e.Series.Count != 2 {
		t.Errorf("said again: %s %+v, want a series of two", kind, e)
	}
}
