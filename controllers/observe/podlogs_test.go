package observe

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// kubelet answers for logs.
type kubelet struct {
	logs   map[string]func() io.Reader // by pod
	before map[string]string           // by pod, of the container before the restart
	err    error
	asked  []LogRequest
}

func (k *kubelet) ReadLog(_ context.Context, of LogRequest) (io.ReadCloser, error) {
	k.asked = append(k.asked, of)
	if k.err != nil {
		return nil, k.err
	}
	if of.Previous {
		return io.NopCloser(strings.NewReader(k.before[of.Pod])), nil
	}
	if log := k.logs[of.Pod]; log != nil {
		return io.NopCloser(log()), nil
	}
	return io.NopCloser(strings.NewReader("")), nil
}

// says is a log of these lines.
func says(lines ...string) func() io.Reader {
	return func() io.Reader { return strings.NewReader(strings.Join(lines, "\n") + "\n") }
}

// logWorld is a world whose policy reads logs through the Kubernetes API: one JobManager and two TaskManagers.
func logWorld(t *testing.T) (*world, *kubelet) {
	t.Helper()
	w, k := newWorld(t), &kubelet{logs: map[string]func() io.Reader{}}
	var pods []client.Object
	for name, component := range map[string]string{"payments-0": "jobmanager", "tm-1": "taskmanager", "tm-2": "taskmanager"} {
		pods = append(pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"app": "payments", "component": component}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "flink-main-container"}}}, Status: corev1.PodStatus{Phase: corev1.PodRunning},
		})
	}
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(pods...).Build()
	w.opts.Target = &model.Target{Kind: kindFlinkDeployment, Namespace: "shop", Name: "payments", PodLabels: map[string]string{"app": "payments"}}
	w.opts.Deep, w.opts.PodLogs = true, &PodLogs{Pods: reader, Logs: k}
	return w, k
}

// gapOf is what a snapshot says of logs that are missing.
func gapOf(s *model.Snapshot) string {
	var all []string
	for _, gap := range s.Gaps {
		if gap.Kind == model.GapLogs {
			all = append(all, gap.Signal+": "+gap.Why)
		}
	}
	return strings.Join(all, "; ")
}

const slowDown = "2026-03-01T12:00:0%d.5Z 2026-03-01 12:00:0%d,500 WARN  x [] - Status Code: 503; Slow Down"

// Only what is new is asked for and counted, lines of the second that was read before are not counted again, and what a look could not read is
// told until the next.
func TestPodLogsAreReadOnFromWhereTheyWereRead(t *testing.T) {
	w, k := logWorld(t)
	first, second, third := sprintf(slowDown, 1, 1), sprintf(slowDown, 2, 2), sprintf(slowDown, 3, 3)
	no := apierrors.NewForbidden(schema.GroupResource{Resource: "pods/log"}, "tm-1", errors.New("no"))
	const forbidden = "log of pod tm-1: the operator may not read logs of pods in namespace shop: install config/pod-logs, or config/pod-logs-namespaced for one namespace"
	for _, look := range []struct {
		name     string
		after    time.Duration
		lines    []string
		err      error
		asked    int    // logs, in all
		counted  int    // lines of tm-1
		says     string // of the gap
		sinceTwo bool   // asked for what came since the second line
	}{
		{name: "first", lines: []string{first, second}, asked: 3, counted: 2},
		{name: "a minute later", after: time.Minute, lines: []string{second, third}, asked: 3, counted: 2},
		{name: "second", after: logsEvery, lines: []string{second, third}, asked: 6, counted: 3, sinceTwo: true},
		{name: "forbidden", after: logsEvery, err: no, asked: 9, counted: 3, says: forbidden},
		{name: "a minute after that", after: time.Minute, err: no, asked: 9, counted: 3, says: forbidden},
	} {
		k.logs["tm-1"], k.err = says(look.lines...), look.err
		s := w.pass(look.after, api.HealthUnhealthy)
		got := []any{len(k.asked), len(s.Logs), s.Logs[0].Process, s.Logs[0].Count, strings.Contains(gapOf(&s), look.says)}
		if diff := cmp.Diff([]any{look.asked, 1, "tm-1", look.counted, true}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", look.name, diff, gapOf(&s))
		}
		since := k.asked[len(k.asked)-2].Since
		if look.sinceTwo && !since.Equal(time.Date(2026, 3, 1, 12, 0, 2, 5e8, time.UTC)) {
			t.Errorf("%s: since %s", look.name, since)
		}
	}
	want := LogRequest{Namespace: "shop", Pod: "payments-0", Container: "flink-main-container", TailLines: podLogLines, LimitBytes: podLogBytes}
	if diff := cmp.Diff(want, k.asked[0]); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// A process whose clock is 5 h behind, and lines that the JVM writes without a time: all times are UTC's.
func TestTimesOfPodLogs(t *testing.T) {
	w, k := logWorld(t)
	k.logs["tm-1"] = says("2026-03-01T12:00:01Z Starting of Flink, built 2019-01-01 00:00:00",
		"2026-03-01T12:00:01.5Z 2026-03-01 07:00:01,500 WARN  x [] - Status Code: 503; Slow Down",
		"2026-03-01T12:00:09Z [12.3s][info][gc] GC(3) Pause Full (Allocation Failure) 900M->800M(1536M) 2731.0ms")
	s := w.pass(0, api.HealthUnhealthy)
	last := map[model.LogKind]time.Time{}
	for _, signal := range s.Logs {
		last[signal.Kind] = signal.Last
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if !last[model.LogStorageThrottled].Equal(noon.Add(1500*time.Millisecond)) || !last[model.LogGCPause].Equal(noon.Add(9*time.Second)) {
		t.Errorf("%+v", s.Logs)
	}
}

// endless sends the same bytes for ever, and counts them.
type endless struct {
	text string
	sent int
}

func (e *endless) Read(into []byte) (int, error) {
	n := copy(into, e.text)
	e.sent += n
	return n, nil
}

// stuck sends a line and then nothing until it is closed.
type stuck struct {
	line   string
	closed chan struct{}
}

func (s *stuck) Read(into []byte) (int, error) {
	if n := copy(into, s.line); n > 0 {
		s.line = s.line[n:]
		return n, nil
	}
	<-s.closed
	return 0, errors.New("closed")
}

func (s *stuck) Close() error {
	close(s.closed)
	return nil
}

// stuckReader opens it, for a caller that waits no longer than the test does.
type stuckReader struct {
	LogReader
	cancel context.CancelFunc
	log    *stuck
}

func (r *stuckReader) ReadLog(context.Context, LogRequest) (io.ReadCloser, error) {
	r.cancel() // as if the time were up
	return r.log, nil
}

// Huge, endless and binary logs are read within their bounds, and what they say of checkpoints counts.
func TestPodLogsAreBounded(t *testing.T) {
	line := sprintf(slowDown, 1, 1) + "\n"
	for _, test := range []struct {
		name, text, says string
		signals          int
	}{
		{"endless lines", line, "only 4 MiB of what is new in it were read", 1},
		{"one endless line", strings.Repeat("x", 1000), "only 4 MiB", 0},
		{"binary", "\x00\x1f\x8b\xff\x1b[31m", "only 4 MiB", 0},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", "only 4 MiB", 0},
	} {
		w, k := logWorld(t)
		source := &endless{text: test.text}
		k.logs["payments-0"] = func() io.Reader { return source }
		s := w.pass(0, api.HealthUnhealthy)
		if gap := gapOf(&s); !strings.Contains(gap, "log of pod payments-0: "+test.says) || len(s.Logs) != test.signals || source.sent > podLogBytes+64<<10 {
			t.Errorf("%s: %d bytes, %d signals; %s", test.name, source.sent, len(s.Logs), gap)
		}
		for _, signal := range s.Logs {
			if len(signal.Sample) > maxSample || strings.ContainsRune(signal.Sample, '\x1b') {
				t.Errorf("%s: sample %q", test.name, signal.Sample)
			}
		}
	}
	w, _ := logWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.opts.PodLogs.Logs = &stuckReader{cancel: cancel, log: &stuck{line: line, closed: make(chan struct{})}}
	p := &pass{ctx: ctx, client: w.conn.Client, opts: &w.opts, memory: w.memory, now: w.clock.now, deadline: w.clock.now.Add(time.Minute),
		snapshot: &model.Snapshot{Target: *w.opts.Target}}
	p.readPodLogs()
	if len(w.memory.logs) != 1 || !slices.ContainsFunc(w.memory.logGaps, func(g model.Gap) bool { return strings.Contains(g.Why, "only its beginning was read") }) {
		t.Errorf("a log that hangs: %+v, %+v", w.memory.logs, w.memory.logGaps)
	}
}

// A line that the bound of a look, or an error, cuts in two is read as a whole at the next look, and only then. A line that is longer than all
// that a look reads does not hold up what follows it.
func TestALineThatIsCutIsReadAtTheNextLook(t *testing.T) {
	first, last := sprintf(slowDown, 1, 1)+"\n", sprintf(slowDown, 3, 3)+"\n"
	between := func(text, ends string, length int) string {
		return text + strings.Repeat("x", length-len(text)-len(ends)) + ends
	}
	// The part of the cut line that makes it count lies behind the bound.
	cut := between("2026-03-01T12:00:02Z 2026-03-01 12:00:02,000 WARN  x [] - ", "", 200)
	filler := between("2026-03-01T12:00:01.6Z 2026-03-01 12:00:01,600 INFO  x [] - ", "\n", podLogBytes-len(first)-len(cut))
	long := between("2026-03-01T12:00:02Z 2026-03-01 12:00:02,000 INFO  x [] - ", "\n", podLogBytes+100)
	broken := func(text string) func() io.Reader {
		return func() io.Reader {
			return io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("connection reset")))
		}
	}
	whole := func(text string) func() io.Reader { return func() io.Reader { return strings.NewReader(text) } }
	end := " Status Code: 503; Slow Down\n"
	for _, test := range []struct {
		name  string
		looks []func() io.Reader
		count []int // lines that count after each look
	}{
		{"by the bound", []func() io.Reader{whole(first + filler + cut + end + last), whole(cut + end + last)}, []int{1, 3}},
		{"by an error", []func() io.Reader{broken(first + cut), whole(first + cut + end + last)}, []int{1, 3}},
		{"longer than a look", []func() io.Reader{whole(first + long + last), whole(long + last), whole(last)}, []int{1, 1, 2}},
	} {
		w, k := logWorld(t)
		for i, log := range test.looks {
			k.logs["tm-1"] = log
			s := w.pass(logsEvery, api.HealthUnhealthy)
			if len(s.Logs) != 1 || s.Logs[0].Count != test.count[i] {
				t.Errorf("%s, look %d: %+v, want %d lines; %s", test.name, i+1, s.Logs, test.count[i], gapOf(&s))
			}
		}
	}
}

func TestWhyPodLogsAreNotRead(t *testing.T) {
	for want, change := range map[string]func(*world){
		"the target does not tell the labels of its pods": func(w *world) { w.opts.Target.PodLabels = nil },
		"no pod of the workload has started":              func(w *world) { w.opts.Target.PodLabels = map[string]string{"app": "other"} },
	} {
		w, _ := logWorld(t)
		change(w)
		if s := w.pass(0, api.HealthUnhealthy); !strings.Contains(gapOf(&s), want) {
			t.Errorf("%s, want %q", gapOf(&s), want)
		}
	}
}

// A healthy job's logs are looked at while a remedy is in flight and for a while after its verdict, by Flink or by Kubernetes; else never.
func TestLogsAreReadAfterARemedy(t *testing.T) {
	finished := func(w *world, ago time.Duration) *time.Time {
		at := w.clock.now.Add(-ago)
		return &at
	}
	for _, test := range []struct {
		name    string
		receipt func(*world) model.Receipt
		off     bool
		looks   int // within six minutes
	}{
		{"no remedy", func(*world) model.Receipt { return model.Receipt{Outcome: api.OutcomeRolledBack} }, false, 0},
		{"in flight", func(*world) model.Receipt { return model.Receipt{Outcome: api.OutcomePending} }, false, 2},
		{"logs are off", func(*world) model.Receipt { return model.Receipt{Outcome: api.OutcomePending} }, true, 0},
		{"just judged", func(w *world) model.Receipt {
			return model.Receipt{Outcome: api.OutcomeEffective, FinishedAt: finished(w, 0)}
		}, false, 2},
		{"judged long ago", func(w *world) model.Receipt {
			return model.Receipt{Outcome: api.OutcomeEffective, FinishedAt: finished(w, watchFor)}
		}, false, 0},
		{"undone", func(w *world) model.Receipt {
			return model.Receipt{Outcome: api.OutcomeRolledBack, FinishedAt: finished(w, 0)}
		}, false, 0},
		{"somebody else's", func(*world) model.Receipt { return model.Receipt{UID: "other", Outcome: api.OutcomePending} }, false, 0},
	} {
		for _, kubernetes := range []bool{true, false} {
			w, k := logWorld(t)
			w.opts.Deep, w.opts.UID, w.opts.NoLogs = false, "own", test.off
			w.opts.Target.Receipts = []model.Receipt{test.receipt(w)}
			k.logs["tm-1"] = says("2026-03-01T12:00:01Z 2026-03-01 12:00:01,000 WARN  x [] - OutOfOrderEventException: event 4 after 7")
			if !kubernetes {
				w.opts.PodLogs = nil
				w.fake.answers["/jobmanager/logs"] = `{"logs":[{"name":"jm.log","size":60}]}`
				w.fake.answers["/jobmanager/logs/jm.log"] = "2026-03-01 12:00:01,000 WARN  x [] - OutOfOrderEventException: event 4 after 7\n"
			}
			looks, last := 0, model.Snapshot{}
			for range 7 {
				last = w.pass(time.Minute, api.HealthHealthy)
				if last.Deep {
					t.Fatalf("%s: the pass went deep", test.name)
				}
				looks += w.fake.count("/jobmanager/logs/jm.log")
			}
			if kubernetes {
				looks = len(k.asked) / 3
			}
			if looks != test.looks || (len(last.Logs) > 0) != (test.looks > 0) {
				t.Errorf("%s, Kubernetes %v: %d looks, signals %+v; want %d", test.name, kubernetes, looks, last.Logs, test.looks)
			}
		}
	}
}
