package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// The restart of a remedy takes the job down: Flink says RUNNING and no task gets a slot. By the deadline that is harm, it is undone, and people are
// told that the job is down.
func TestAJobWhoseTasksDoNotComeBackIsDownSinceTheRemedy(t *testing.T) {
	w := newWorld(t, "story-down")
	payments, _ := flinksim.CaseNamed("payments")
	losing, lose := payments.LosingSlots()
	w.deployCase("payments", losing)
	w.watch("payments", inline(quick))
	w.run(90, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	lose()
	w.noRoom("payments", "payments-taskmanager-2-1")
	w.run(600, "judged", func() bool { return w.health("payments").Status.LastOutcome != api.OutcomePending })
	s := w.health("payments").Status
	if message := s.Remediations[0].Message; s.LastOutcome != api.OutcomeRolledBack || !strings.Contains(message, "the job is down since the remedy: 0 of ") ||
		!strings.Contains(message, "pod payments-taskmanager-2-1 is not scheduled: 0/3 nodes are available: 3 Insufficient cpu") {
		t.Errorf("%s: %s", s.LastOutcome, message)
	}
	if got := w.timeout(); got != "10 s" {
		t.Errorf("the timeout is %q, want the 10 s it was", got)
	}
}

// noRoom makes a TaskManager's pod that no node takes.
func (w *world) noRoom(app, name string) {
	w.t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name, Labels: map[string]string{"app": app, "component": "taskmanager"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "flink-main-container", Image: "flink:1.20.5"}}},
	}
	w.create(pod)
	w.kubelet(pod, corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
		Reason: "Unschedulable", Message: "0/3 nodes are available: 3 Insufficient cpu. preemption: none."}}})
}

// A JobManager that no node takes does not answer, and the status says why.
func TestAJobManagerThatNoNodeTakes(t *testing.T) {
	w := newWorld(t, "story-no-room")
	w.deploy("payments", "payments")
	w.noRoom("payments", "payments-7d9")
	w.watch("payments", "endpoint: {serviceName: elsewhere}")
	w.run(120, "unknown", func() bool { return w.health("payments").Status.Health == api.HealthUnknown })
	if text := strings.Join(strings.Fields(strings.Join(w.health("payments").Status.Assessment, " ")), " "); !strings.Contains(text, "pod payments-7d9 is not scheduled: 0/3 nodes are available") {
		t.Errorf("the status does not say why the JobManager does not answer: %s", text)
	}
}

// An operator that refuses the new spec ends the remedy at once: it is undone, which restarts nothing, and muted, with the operator's words.
func TestASpecThatTheOperatorRefusesIsTakenBackAtOnce(t *testing.T) {
	w := newSessionWorld(t, "story-refused-spec", "payments")
	w.standIn.Validate = func(job *unstructured.Unstructured) string {
		if configured(job, timeoutKey) == "10 s" {
			return ""
		}
		return "no timeout but 10 s is supported in session job now."
	}
	w.submit("payments", "payments")
	w.watchJob("payments", quick)
	w.run(120, "patched", func() bool { return len(w.health("payments").Status.Remediations) == 1 })
	id := jobIDOf(w.sessionJob("payments"))
	w.run(30, "taken back", func() bool { return w.health("payments").Status.LastOutcome == api.OutcomeRolledBack })
	s := w.health("payments").Status
	for _, says := range []string{"undoing it restarts nothing: no timeout but 10 s is supported in session job now.", "muted for"} {
		if !strings.Contains(s.Remediations[0].Message, says) {
			t.Errorf("the history does not say %q: %s", says, s.Remediations[0].Message)
		}
	}
	if text := strings.Join(s.Assessment, " "); strings.Contains(text, "not been seen yet") {
		t.Errorf("a restart is still waited for: %s", text)
	}
	w.after(20)
	if job := w.sessionJob("payments"); configured(job, timeoutKey) != "10 s" || jobIDOf(job) != id {
		t.Errorf("timeout %q, job %s, then %s", configured(job, timeoutKey), id, jobIDOf(job))
	}
}
