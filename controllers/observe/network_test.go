package observe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/probe"
)

var probeStart = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// probePod is a probe pod of that status on node-7 that was told to measure two ports.
func probePod(status corev1.PodStatus) *corev1.Pod {
	pod := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "node-7"}, Status: status}
	pod.Annotations = map[string]string{model.AnnotationProbeTargets: "rpc=10.0.1.7:6123 rest=http://10.0.1.7:8081/config nonsense"}
	return pod
}

func left(message string) corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: []corev1.ContainerStatus{{
		State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 1, Message: message}},
	}}}
}

func waits(reason, message string) corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
	}}}
}

// What a pod that has no result says: at once where none will come, else after our patience.
func TestWhyAProbePodHasNoResult(t *testing.T) {
	cases := []struct {
		name, says string
		pod        *corev1.Pod
		late       bool
	}{
		{"gone", "deleted before it was done", nil, false},
		{"image", "the image of the probe pod cannot be pulled (ErrImagePull: 404)", probePod(waits("ErrImagePull", "404")), false},
		{"container refused", "cannot be created (CreateContainerConfigError: runAsNonRoot)", probePod(waits("CreateContainerConfigError", "runAsNonRoot")), false},
		{"evicted", "ended without a result (Evicted): the node was low on memory", probePod(corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "the node was low on memory"}), false},
		{"deadline", "ended without a result (DeadlineExceeded)", probePod(corev1.PodStatus{Phase: corev1.PodFailed, Reason: "DeadlineExceeded"}), false},
		{"killed", "left no result: exit status 1 (Error)", probePod(left("")), false},
		{"gibberish", "left no result: exit status 1 (Error)", probePod(left("\x1b[31mpanic")), false},
		{"contradiction", "contradict one another", probePod(left(`{"targets": [{"target": "10.0.1.7:6123", "connect": {"sent": 1, "lost": 9}}]}`)), false},
		{"something else", "something else than it was told to", probePod(left(`{"targets": [{"target": "10.9.9.9:1", "connect": {"sent": 1}}]}`)), false},
		{"creating", "after 90 seconds: its container waits (ContainerCreating)", probePod(waits("ContainerCreating", "")), true},
		{"hangs", "after 90 seconds: it still runs", probePod(corev1.PodStatus{Phase: corev1.PodRunning}), true},
		{"kubelet silent", "after 90 seconds: its node did not start it", probePod(corev1.PodStatus{Phase: corev1.PodPending}), true},
		{"scheduler silent", "after 90 seconds: it was not scheduled", &corev1.Pod{}, true},
	}
	for _, c := range cases {
		begun := model.NetworkProbe{StartedAt: probeStart, Node: "node-7"}
		soon := ProbePod(begun, c.pod, probeStart.Add(ProbePatience-time.Second))
		if c.late != soon.Running() {
			t.Errorf("%s: running %v before our patience ends, want %v: %q", c.name, soon.Running(), c.late, soon.Why)
		}
		late := ProbePod(begun, c.pod, probeStart.Add(ProbePatience))
		if late.Running() || late.Measured() || !strings.Contains(late.Why, c.says) || strings.ContainsRune(late.Why, '\x1b') {
			t.Errorf("%s: %q, want %q", c.name, late.Why, c.says)
		}
	}
}

func TestTheResultOfAProbePod(t *testing.T) {
	again := int64(2)
	measured := probe.Result{
		Targets: []probe.TargetResult{
			{Target: "http://10.0.1.7:8081/config", Connect: probe.Series{Sent: 30, Lost: 1, P50Microseconds: 400, P95Microseconds: 900, MaxMicroseconds: 1000}, Request: &probe.Series{Sent: 29, Failed: 29}, Retransmits: &again},
			{Target: "10.0.1.7:6123", Connect: probe.Series{Sent: 30, Failed: 30, Error: "connection refused"}},
		},
		Paths: []probe.Path{{Address: "10.0.1.7", Hops: []probe.Hop{{Address: "10.0.0.1"}, {}, {Address: "10.0.1.7\x1b"}}}},
	}
	text, err := measured.Bounded()
	if err != nil {
		t.Fatal(err)
	}
	now := probeStart.Add(20 * time.Second)
	got := ProbePod(model.NetworkProbe{StartedAt: probeStart, Node: "node-1"}, probePod(left(string(text))), now)
	want := model.NetworkProbe{
		StartedAt: probeStart, FinishedAt: now, Node: "node-7", Hops: []string{"10.0.0.1", "?", "10.0.1.7"},
		RoundTrips: []model.RoundTrips{
			{Name: "rest", Address: "http://10.0.1.7:8081/config", Sent: 30, Lost: 1, P50: 400 * time.Microsecond, P95: 900 * time.Microsecond, Max: time.Millisecond, Retransmits: model.Measured(2)},
			{Name: model.RoundTripsRESTRequest, Address: "http://10.0.1.7:8081/config", Sent: 29, Failed: 29},
			{Name: "rpc", Address: "10.0.1.7:6123", Sent: 30, Failed: 30},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
