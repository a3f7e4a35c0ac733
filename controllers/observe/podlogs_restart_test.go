package observe

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// changePod changes a pod of the world's workload.
func changePod(t *testing.T, w *world, name string, change func(*corev1.Pod)) {
	t.Helper()
	writer, ok := w.opts.PodLogs.Pods.(client.Client)
	if !ok {
		t.Fatal("the pods cannot be written")
	}
	var pod corev1.Pod
	if err := writer.Get(t.Context(), client.ObjectKey{Namespace: "shop", Name: name}, &pod); err != nil {
		t.Fatal(err)
	}
	change(&pod)
	changed := pod.DeepCopy()
	if err := errors.Join(writer.Update(t.Context(), &pod), setStatus(t, writer, changed)); err != nil {
		t.Fatal(err)
	}
}

// setStatus writes what an update of the object leaves out.
func setStatus(t *testing.T, writer client.Client, of *corev1.Pod) error {
	t.Helper()
	var pod corev1.Pod
	if err := writer.Get(t.Context(), client.ObjectKeyFromObject(of), &pod); err != nil {
		return err
	}
	pod.Status = of.Status
	return writer.Status().Update(t.Context(), &pod)
}

// died lets a pod's container have been started anew, the last time at a moment.
func died(restarts int32, at time.Time) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 239, FinishedAt: metav1.NewTime(at)}}
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "flink-main-container", RestartCount: restarts, LastTerminationState: ended}}
	}
}

// previous are the logs that were asked for of containers before their restart.
func (k *kubelet) previous() (pods []LogRequest) {
	for _, of := range k.asked {
		if of.Previous {
			pods = append(pods, of)
		}
	}
	return pods
}

// What a JobManager said before it died is read once after each restart, bounded, from where its log was read to.
func TestTheLogOfBeforeARestartIsReadOnce(t *testing.T) {
	w, k := logWorld(t)
	k.before = map[string]string{"payments-0": "2026-03-01T12:03:00Z 2026-03-01 12:03:00,000 ERROR x [] - FATAL: java.lang.OutOfMemoryError: Java heap space\n"}
	k.logs["payments-0"] = says("2026-03-01T12:00:01Z 2026-03-01 12:00:01,000 INFO  x [] - here")
	w.pass(0, api.HealthUnhealthy)
	changePod(t, w, "payments-0", died(1, w.clock.now))
	k.logs["payments-0"] = says("2026-03-01T12:04:00Z 2026-03-01 12:04:00,000 INFO  x [] - here again")
	for range 3 {
		s := w.pass(logsEvery, api.HealthUnhealthy)
		if len(s.Logs) != 1 || s.Logs[0].Kind != model.LogOutOfMemory || s.Logs[0].Process != model.JobManagerProcess || s.Logs[0].Count != 1 || gapOf(&s) != "" {
			t.Errorf("signals %+v, gaps %q", s.Logs, gapOf(&s))
		}
	}
	want := LogRequest{Namespace: "shop", Pod: "payments-0", Container: "flink-main-container", Since: time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC),
		TailLines: previousLines, LimitBytes: previousBytes, Previous: true}
	if got := k.previous(); len(got) != 1 || got[0] != want {
		t.Errorf("asked for %+v, want %+v", got, want)
	}
}

// While a container waits to be started anew the kubelet answers with the log of the one that ended, whichever is asked for: it counts once, seen as
// waiting or not.
func TestTheLogOfAContainerThatWaitsCountsOnce(t *testing.T) {
	const fatal = "2026-03-01T12:03:00Z 2026-03-01 12:03:00,000 ERROR x [] - FATAL: java.lang.OutOfMemoryError: Java heap space"
	for name, waits := range map[string]bool{"waits": true, "not seen waiting yet": false} {
		w, k := logWorld(t)
		k.before, k.logs["payments-0"] = map[string]string{"payments-0": fatal + "\n"}, says(fatal)
		changePod(t, w, "payments-0", func(pod *corev1.Pod) {
			died(1, w.clock.now)(pod)
			if waits {
				pod.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}
			}
		})
		if s := w.pass(0, api.HealthUnhealthy); len(s.Logs) != 1 || s.Logs[0].Count != 1 || len(k.previous()) != count(!waits) {
			t.Errorf("%s: %+v, the container before was asked for %d times", name, s.Logs, len(k.previous()))
		}
	}
}

// Of a container that died before anybody looked the log is read where that was not long ago.
func TestTheLogOfBeforeTheFirstLook(t *testing.T) {
	for ago, asked := range map[time.Duration]int{time.Minute: 1, 2 * time.Hour: 0} {
		w, k := logWorld(t)
		changePod(t, w, "tm-1", died(1, w.clock.now.Add(-ago)))
		w.pass(0, api.HealthUnhealthy)
		if len(k.previous()) != asked {
			t.Errorf("died %s before the first look: asked for %+v", ago, k.previous())
		}
	}
}

// Lines that came between two looks and are in no answer are a gap: more came than are asked for, or the node rotated the file.
func TestLinesLostBetweenLooksAreAGap(t *testing.T) {
	w, k := logWorld(t)
	line := func(clock string) string {
		return "2026-03-01T" + clock + "Z 2026-03-01 " + clock + ",000 INFO  x [] - here"
	}
	for _, look := range []struct {
		name  string
		lines []string
		says  string
	}{
		{"the first", []string{line("12:00:01")}, ""},
		{"it goes on", []string{line("12:00:01"), line("12:05:00")}, ""},
		{"nothing new", []string{line("12:05:00")}, ""},
		{"the beginning is gone", []string{line("12:07:30"), line("12:09:00")}, "log of pod tm-1: its lines from 12:05:00 to 12:07:30 UTC are lost: more than 5000 came"},
	} {
		k.logs["tm-1"] = says(look.lines...)
		if s := w.pass(logsEvery, api.HealthUnhealthy); !strings.Contains(gapOf(&s), look.says) || (look.says == "") != (gapOf(&s) == "") {
			t.Errorf("%s: %q, want %q", look.name, gapOf(&s), look.says)
		}
	}
}

// A TaskManager that others come before for a look is read on from where it was read to, and nothing of it counts twice. A pod that is gone is
// forgotten.
func TestAPodThatDropsOutIsReadOn(t *testing.T) {
	w, k := logWorld(t)
	k.logs["tm-1"] = says(sprintf(slowDown, 1, 1))
	w.pass(0, api.HealthUnhealthy)
	component := func(is string) func(*corev1.Pod) { return func(pod *corev1.Pod) { pod.Labels["component"] = is } }
	changePod(t, w, "tm-1", component(""))
	w.pass(logsEvery, api.HealthUnhealthy)
	changePod(t, w, "tm-1", component("taskmanager"))
	if s := w.pass(logsEvery, api.HealthUnhealthy); len(s.Logs) != 1 || s.Logs[0].Count != 1 {
		t.Errorf("counted as %+v", s.Logs)
	}
	changePod(t, w, "tm-1", func(pod *corev1.Pod) { pod.Labels["app"] = "other" })
	w.pass(logsEvery, api.HealthUnhealthy)
	if _, kept := w.memory.podLogs["tm-1"]; kept || len(w.memory.podLogs) != 2 {
		t.Errorf("remembered are %+v", w.memory.podLogs)
	}
}

// Where the policy changes how logs are read, what was read in the other way is told no more.
func TestLogsReadAnotherWayBeginAnew(t *testing.T) {
	w, k := logWorld(t)
	k.logs["tm-1"] = says(sprintf(slowDown, 1, 1))
	way := w.opts.PodLogs
	for _, logs := range []*PodLogs{way, nil, way} {
		w.opts.PodLogs = logs
		s := w.pass(time.Second, api.HealthUnhealthy)
		if read := logs != nil; len(s.Logs) != count(read) || read && s.Logs[0].Count != 1 {
			t.Errorf("through Kubernetes %v: %+v", read, s.Logs)
		}
	}
}

// That the logs of a healthy job may not be read while its remedy is watched is told in each pass, looks or not.
func TestWhatIsWatchedAndCannotBeReadIsTold(t *testing.T) {
	w, k := logWorld(t)
	k.err = apierrors.NewForbidden(schema.GroupResource{Resource: "pods/log"}, "tm-1", errors.New("no"))
	w.opts.Deep, w.opts.Target.Receipts = false, []model.Receipt{{Outcome: api.OutcomePending}}
	for i := range 3 {
		if s := w.pass(time.Minute, api.HealthHealthy); !strings.Contains(gapOf(&s), "log of pod payments-0: the operator may not read logs of pods in namespace shop") {
			t.Errorf("pass %d: %q", i, gapOf(&s))
		}
	}
}
