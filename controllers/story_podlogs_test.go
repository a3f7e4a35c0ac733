package controllers

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/observe"
)

// fromKubernetes is the quick policy with logs through the Kubernetes API.
const fromKubernetes = quick + "signals: {logs: Kubernetes}\n"

// containers writes logs of containers by the story's clock.
type containers struct {
	w     *world
	lines map[string][]string // by pod
	asked int
}

func (c *containers) ReadLog(_ context.Context, of observe.LogRequest) (io.ReadCloser, error) {
	c.asked++
	return io.NopCloser(strings.NewReader(strings.Join(c.lines[of.Pod], ""))), nil
}

// write adds a line to the log of a pod, now.
func (c *containers) write(pod, message string) {
	now := c.w.clock.Now()
	c.lines[pod] = append(c.lines[pod], fmt.Sprintf("%s %s WARN  x [] - %s\n", now.Format(time.RFC3339Nano), now.Format("2006-01-02 15:04:05,000"), message))
}

// taskManagerPods are the names of the TaskManagers' pods of an app.
func (w *world) taskManagerPods(app string) []string {
	return slices.DeleteFunc(w.pods(app), func(name string) bool { return !strings.Contains(name, "taskmanager") })
}

// The logs of a sick job's pods are read through the Kubernetes API, as its policy says. After the cure, when the job is healthy, events of its sink
// overtake one another: that is told once, and nothing is written at rest.
func TestWhatFollowsACureIsSeenInTheLogsOfThePods(t *testing.T) {
	w := newWorld(t, "story-podlogs")
	process, logs := &mortal{Client: admin}, &containers{w: w, lines: map[string][]string{}}
	w.client = process
	w.start()
	w.doctor.Logs = logs
	w.deploy("payments", "payments")
	w.watch("payments", inline(fromKubernetes))
	w.run(30, "pods", func() bool { return len(w.taskManagerPods("payments")) > 0 })
	pod := w.taskManagerPods("payments")[0]
	logs.write(pod, "Status Code: 503; Error Code: SlowDown")
	w.run(60, "diagnosed", func() bool { return w.health("payments").Status.Cause == api.CauseSlowStateBackend })
	if logs.asked == 0 || !strings.Contains(w.evidence("payments"), "throttling 1 times in the logs") {
		t.Errorf("%d logs were asked for; the evidence is\n%s", logs.asked, w.evidence("payments"))
	}
	w.run(240, "effective and healthy", func() bool {
		s := w.health("payments").Status
		return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
	})
	w.after(10)
	if w.told(api.ReasonWatchFinding) {
		t.Fatal("something is watched before anything was logged")
	}
	logs.write(w.taskManagerPods("payments")[0], "OutOfOrderEventException: event 4 after 7")
	w.run(330, "told under Watch", func() bool {
		return strings.Contains(strings.Join(w.health("payments").Status.Assessment, " "), "Watch: event out of order")
	})
	if !w.told(api.ReasonWatchFinding) {
		t.Error("no event tells of it")
	}
	writes, asked := process.writes, logs.asked
	w.after(700)
	if logs.asked == asked {
		t.Error("the logs are read no more, though the remedy was judged a short while ago")
	}
	if process.writes != writes {
		t.Errorf("%d writes at rest, want 0", process.writes-writes)
	}
	w.after(1200)
	asked = logs.asked
	w.after(400)
	if logs.asked != asked || process.writes != writes {
		t.Errorf("long after the verdict %d logs are read and %d writes made, want none", logs.asked-asked, process.writes-writes)
	}
}

// evidence is all evidence of a CheckpointHealth's diagnoses, and what they miss.
func (w *world) evidence(name string) string {
	var b strings.Builder
	for _, d := range w.health(name).Status.Diagnoses {
		for _, e := range d.Evidence {
			fmt.Fprintln(&b, e.Signal, e.Observed)
		}
		for _, m := range d.Missing {
			fmt.Fprintln(&b, "missing", m)
		}
	}
	return b.String()
}

// The default install may not read logs of pods: the gap says which overlay grants it. With that the API server lets the request through; that no
// kubelet answers it here is another gap.
func TestLogsOfPodsWantARightOfTheirOwn(t *testing.T) {
	w := newWorld(t, "story-podlogs-rights")
	const user = "checkpoint-health-of-the-podlogs-story"
	w.grant(user, "role.yaml")
	config := planeConfig()
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	logs, err := newContainerLogs(config)
	mustDo(t, err)
	heard := &hearing{LogReader: logs}
	w.doctor.Logs = heard
	w.deploy("payments", "payments")
	w.watch("payments", inline(strings.Replace(fromKubernetes, "mode: Remediate", "mode: Recommend", 1)))
	const forbidden = "install config/pod-logs"
	w.run(90, "named as missing", func() bool { return strings.Contains(w.evidence("payments"), forbidden) })
	w.grant(user, filepath.Join("..", "pod-logs", "role.yaml"))
	w.run(330, "let through", func() bool { return heard.err != nil && !apierrors.IsForbidden(heard.err) })
}

// hearing keeps the last error.
type hearing struct {
	observe.LogReader
	err error
}

func (h *hearing) ReadLog(ctx context.Context, of observe.LogRequest) (io.ReadCloser, error) {
	log, err := h.LogReader.ReadLog(ctx, of)
	h.err = err
	return log, err
}

// The default install asks for no right to read logs: that is in a file of its own, which names nothing else.
func TestTheRightToReadLogsIsOptional(t *testing.T) {
	for file, want := range map[string]bool{"rbac/role.yaml": false, "pod-logs/role.yaml": true} {
		var role rbacv1.ClusterRole
		text, err := os.ReadFile(filepath.Join("..", "config", file))
		mustDo(t, err)
		mustDo(t, yaml.UnmarshalStrict(text, &role))
		has := slices.ContainsFunc(role.Rules, func(rule rbacv1.PolicyRule) bool { return slices.Contains(rule.Resources, "pods/log") })
		if has != want || want && (len(role.Rules) != 1 || !slices.Equal(role.Rules[0].Verbs, []string{"get"})) {
			t.Errorf("%s: %+v", file, role.Rules)
		}
	}
}
