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
	wants := []struct {
		note string
		kind watch.EventType
		said int32
	}{
		{"interval 1s to 15s", watch.Added, 1}, {"timeout 6s to 9s", watch.Added, 1}, {"interval 1s to 15s", watch.Modified, 2},
	}
	for _, want := range wants {
		if kind, e := say(want.note); kind != want.kind || e.Note != want.note || times(e) != want.said {
			t.Errorf("%s: %s %+v, want it said %d times", want.note, kind, e, want.said)
		}
	}
}

// times is how often an event was said.
func times(e *eventsv1.Event) int32 {
	if e.Series == nil {
		return 1
	}
	return e.Series.Count
}
