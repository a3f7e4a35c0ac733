package observe

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/model"
)

// LogReader reads logs of containers through the Kubernetes API.
type LogReader interface {
	// ReadLog asks for a part of a container's log, each line with the time in front at which it was written (RFC 3339, a blank). The log ends
	// where it ends now: it is not followed. The reader must be closed.
	ReadLog(ctx context.Context, of LogRequest) (io.ReadCloser, error)
}

// LogRequest is a bounded part of a container's log.
type LogRequest struct {
	Namespace, Pod, Container string
	// Since leaves out older lines; zero for none. Kubernetes takes whole seconds.
	Since time.Time
	// TailLines is how many lines at most, the newest, and LimitBytes how many bytes of those, the oldest.
	TailLines, LimitBytes int64
	// Previous means the container before the last restart.
	Previous bool
}

// PodLogs is the way to the logs of a workload's pods.
type PodLogs struct {
	// Pods lists the pods.
	Pods client.Reader
	// Logs reads their logs.
	Logs LogReader
}

// Bounds of one log that is read through the Kubernetes API.
const (
	// podLogLines at some 250 bytes each are 1.3 MB: an hour of a chatty JobManager.
	podLogLines = 5000
	// podLogBytes is three times that, for stack traces.
	podLogBytes = 4 << 20
	// What a container says before it dies is at the end of its log: some minutes of it, within a tenth and a quarter of what is else read.
	previousLines = 500
	previousBytes = 1 << 20
	// podLogTime bounds one log: a kubelet sends 4 MiB within a second.
	podLogTime = 20 * time.Second
	// maxJobManagerPods is one and its standby.
	maxJobManagerPods = 2
	// podLogAge is how long a kind of line that came no more is remembered: no rule counts one of before the spell.
	podLogAge = time.Hour
	// maxKeptSignals bounds the kinds of lines that are remembered, over all processes.
	maxKeptSignals = 4 * maxLogSignals
)

// podLogMark is how far the log of a pod was read: up to the line of that time, and after how many restarts of its container.
type podLogMark struct {
	last     time.Time
	restarts int
}

// readPodLogs reads what came to the logs of the pods since the look before. What earlier looks read is remembered by kind, and how far they
// read by pod as long as it is there.
func (p *pass) readPodLogs() {
	pods, there, why := p.podsWithLogs()
	maps.DeleteFunc(p.memory.podLogs, func(name string, _ podLogMark) bool { return why == "" && !there[name] })
	if why != "" {
		p.logGap("logs", why)
		return
	}
	if p.memory.podLogs == nil {
		p.memory.podLogs = map[string]podLogMark{}
	}
	for i := range pods {
		pod := &pods[i]
		if p.outOfTime() {
			p.logGap("log of pod "+pod.name, "not asked: there is no time left for it")
			continue
		}
		mark, known := p.memory.podLogs[pod.name]
		restarted, last := p.beganAnew(pod, mark, known), mark.last
		if restarted && !pod.waits {
			last = p.readOnePodLog(pod, "log of pod "+pod.name+" before its restart", podLog{of: p.logRequest(pod, last, true)})
		}
		last = p.readOnePodLog(pod, "log of pod "+pod.name, podLog{of: p.logRequest(pod, last, false), follows: known && !restarted})
		p.memory.podLogs[pod.name] = podLogMark{last: last, restarts: pod.restarts}
	}
}

// beganAnew tells that the container of a pod was started anew since its log was read; of one whose log was not read before, that it ended not long
// ago. Why an OutOfMemoryError or a crash ended it the log of before tells.
func (p *pass) beganAnew(pod *logPod, mark podLogMark, known bool) bool {
	if known {
		return pod.restarts > mark.restarts
	}
	return pod.restarts > 0 && !pod.ended.IsZero() && p.now.Sub(pod.ended) < podLogAge
}

// readOnePodLog reads one log and keeps what it tells; it returns the time of its newest line.
func (p *pass) readOnePodLog(pod *logPod, name string, log podLog) (last time.Time) {
	report, last, why := p.readPodLog(pod.process, log)
	p.useVersion(pod.process, report)
	found := report.SignalsOf(p.snapshot.Job.ID)
	if !log.of.Previous {
		found = append(found, p.stranger(pod, report)...)
	}
	p.memory.addLogs(found, p.now)
	if why != "" {
		p.logGap(name, why)
	}
	return last
}

// logRequest asks for what came to the log of a pod since a line.
func (p *pass) logRequest(pod *logPod, since time.Time, previous bool) LogRequest {
	request := LogRequest{Namespace: p.snapshot.Target.Namespace, Pod: pod.name, Container: pod.container, Since: since, Previous: previous,
		TailLines: podLogLines, LimitBytes: podLogBytes}
	if previous {
		request.TailLines, request.LimitBytes = previousLines, previousBytes
	}
	return request
}

// stranger is what the log of a TaskManager that did not register says of its version, where that is not the JobManager's: patch releases of one
// minor version understand one another, so that such a TaskManager is only slow. It is so until the process ends, so that it counts as written now.
func (p *pass) stranger(pod *logPod, report *LogReport) []model.LogSignal {
	own := p.snapshot.Job.FlinkVersion
	if pod.registered || pod.ending || own == "" || report.Version == "" || minorOf(report.Version) == minorOf(own) {
		return nil
	}
	return []model.LogSignal{{Kind: model.LogVersionMismatch, Process: pod.name, Count: 1, First: p.now, Last: p.now,
		Sample: cleanText("Starting TaskManager (Version: "+report.Version+"), and the JobManager is "+own, maxSample), Detail: cleanText(report.Version, maxName)}}
}

// logPod is a pod whose log is read.
type logPod struct {
	name, container, process string
	rank                     int
	// registered tells that its process is one the JobManager knows, ending that it is being deleted.
	registered, ending bool
	// restarts is how often its container was started anew, and ended when it ended last.
	restarts int
	ended    time.Time
	// waits tells that its container ended and is not started anew yet (CrashLoopBackOff): the kubelet then answers with the log of the one that
	// ended, whether that or the one before it is asked for.
	waits bool
}

// podsWithLogs are the JobManager's pods, and those of the TaskManagers with the most missing subtasks, then those that were read before; there are
// the names of all pods of the workload.
func (p *pass) podsWithLogs() (pods []logPod, there map[string]bool, whyNot string) {
	target := &p.snapshot.Target
	if len(target.PodLabels) == 0 {
		return nil, nil, "the target does not tell the labels of its pods"
	}
	var list corev1.PodList
	if err := p.opts.PodLogs.Pods.List(p.ctx, &list, client.InNamespace(target.Namespace), client.MatchingLabels(target.PodLabels)); err != nil {
		return nil, nil, "the pods cannot be listed: " + err.Error()
	}
	var jobManagers, taskManagers []logPod
	there = map[string]bool{}
	for i := range list.Items {
		pod, waits := podOf(&list.Items[i]), waitsToStart(&list.Items[i])
		there[pod.Name] = true
		switch {
		case pod.Container == "" || pod.Phase == string(corev1.PodPending):
		case pod.Component == model.ComponentJobManager:
			jobManagers = append(jobManagers, logPod{name: pod.Name, container: pod.Container, process: model.JobManagerProcess, registered: true,
				restarts: pod.Restarts, ended: pod.LastTerminationAt, waits: waits})
		case pod.Component == model.ComponentTaskManager:
			taskManager := p.taskManagerPod(&pod)
			taskManager.waits = waits
			taskManagers = append(taskManagers, taskManager)
		}
	}
	inOrder := func(a, b logPod) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.name, b.name)) }
	slices.SortFunc(jobManagers, inOrder)
	slices.SortFunc(taskManagers, inOrder)
	pods = slices.Concat(jobManagers[:min(len(jobManagers), maxJobManagerPods)], taskManagers[:min(len(taskManagers), maxLogReaders)])
	if len(pods) == 0 {
		return nil, nil, "no pod of the workload has started"
	}
	return pods, there, ""
}

// waitsToStart tells that the container that runs Flink is not started yet, or not yet again.
func waitsToStart(pod *corev1.Pod) bool {
	container := mainContainer(pod.Spec.Containers)
	return container != nil && slices.ContainsFunc(pod.Status.ContainerStatuses, func(status corev1.ContainerStatus) bool {
		return status.Name == container.Name && status.State.Waiting != nil
	})
}

// taskManagerPod finds the TaskManager that runs in a pod, which is listed in the order of what it misses. Where tasks wait, a pod whose TaskManager
// did not register comes first: its log says why.
func (p *pass) taskManagerPod(pod *model.Pod) logPod {
	found := logPod{name: pod.Name, container: pod.Container, process: pod.Name, rank: len(p.snapshot.TaskManagers) + 1, ending: pod.Ending,
		restarts: pod.Restarts, ended: pod.LastTerminationAt}
	if !pod.Ending && p.snapshot.Job.TasksRunning < p.snapshot.Job.TasksTotal {
		found.rank = -1
	}
	if _, before := p.memory.podLogs[pod.Name]; before {
		found.rank--
	}
	for i := range p.snapshot.TaskManagers {
		if t := &p.snapshot.TaskManagers[i]; t.ID == pod.Name || runsOn(t.Host, pod) {
			found.process, found.rank, found.registered = t.ID, i, true
			break
		}
	}
	return found
}

// runsOn tells that a host is a pod: by its address, its name, or its name in a headless Service.
func runsOn(host string, pod *model.Pod) bool {
	name, _, _ := strings.Cut(host, ".")
	return pod.IP != "" && host == pod.IP || name == pod.Name
}

// podLog is a log as it is asked for; follows tells that it goes on behind the line that was read last, which comes with it once more.
type podLog struct {
	of      LogRequest
	follows bool
}

// readPodLog reads one log from where it was read to before. What came before an error counts.
func (p *pass) readPodLog(process string, from podLog) (report *LogReport, last time.Time, whyNot string) {
	scanner := newLogScanner(process, restEvents)
	scanner.stamps = &logStamps{last: from.of.Since}
	ctx, cancel := context.WithTimeout(p.ctx, podLogTime)
	defer cancel()
	log, err := p.opts.PodLogs.Logs.ReadLog(ctx, from.of)
	if err != nil {
		return scanner.report, scanner.stamps.last, podLogProblem(ctx, err, p.snapshot.Target.Namespace)
	}
	closed := context.AfterFunc(ctx, func() { _ = log.Close() }) // a reader that waits for a line wakes
	err = scanner.read(bufio.NewReaderSize(&boundedLog{log: log, left: int(from.of.LimitBytes)}, 64<<10))
	if closed() {
		_ = log.Close() // there is nothing to lose in what was read
	}
	switch {
	case errors.Is(err, errLogBound) && from.of.Previous:
		whyNot = fmt.Sprintf("only the first %d MiB of its last %d lines were read", from.of.LimitBytes>>20, from.of.TailLines)
	case errors.Is(err, errLogBound):
		whyNot = fmt.Sprintf("only %d MiB of what is new in it were read; the rest follows at the next look", from.of.LimitBytes>>20)
	case err != nil:
		whyNot = "only its beginning was read: " + podLogProblem(ctx, err, p.snapshot.Target.Namespace)
	case from.follows && scanner.stamps.lost() && p.now.Sub(from.of.Since) < podLogAge:
		whyNot = fmt.Sprintf("its lines from %s to %s UTC are lost: more than %d came since the look before, or the node rotated the file",
			scanner.stamps.seen.Format(time.TimeOnly), scanner.stamps.first.Format(time.TimeOnly), from.of.TailLines)
	}
	return scanner.report, scanner.stamps.last, whyNot
}

// errLogBound tells that there may be more of a log than is read at one look.
var errLogBound = errors.New("the log is read no further")

// boundedLog ends with errLogBound behind so many bytes: what is cut is told from what has ended.
type boundedLog struct {
	log  io.Reader
	left int
}

func (b *boundedLog) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLogBound
	}
	n, err := b.log.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}

// podLogProblem says what a user can do.
func podLogProblem(ctx context.Context, err error, namespace string) string {
	switch {
	case apierrors.IsForbidden(err):
		return fmt.Sprintf("the operator may not read logs of pods in namespace %s: install config/pod-logs, or config/pod-logs-namespaced for one namespace", namespace)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("it did not come within %s", podLogTime)
	}
	return err.Error()
}

// logStamps takes the times off the lines of a container's log, and leaves out lines that were read before.
type logStamps struct {
	// last is the time of the newest line that was read.
	last time.Time
	// ahead is how far the clock of the process is from UTC, where zoned tells that it is known: Kubernetes writes when a line came, the process
	// what its own clock said.
	ahead time.Duration
	zoned bool
	// seen is the bound of the look: what is not later was read before. at is the time of the line that was taken last.
	seen, at time.Time
	began    bool
	// first is the time of the first line of this look.
	first time.Time
	// taken tells that a line with a time of its own was taken in this look.
	taken bool
}

// farthestZone bounds how far a clock is from UTC (Line Islands, UTC+14): what is farther is the date of something else.
const farthestZone = 14 * time.Hour

// line takes the time off a line; keep is false for one that was read before.
func (s *logStamps) line(raw string) (text string, keep bool) {
	if !s.began {
		s.seen, s.began = s.last, true
	}
	stamp, rest, found := strings.Cut(raw, " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if !found || err != nil {
		return raw, true
	}
	if s.first.IsZero() {
		s.first = at.UTC()
	}
	if !at.After(s.seen) {
		return "", false
	}
	s.at, s.last, s.taken = at.UTC(), laterOf(s.last, at.UTC()), true
	if !s.zoned {
		own := readLogLine(rest).at
		if ahead := own.Sub(at).Round(15 * time.Minute); !own.IsZero() && ahead.Abs() <= farthestZone {
			s.ahead, s.zoned = ahead, true
		}
	}
	return rest, true
}

// lost tells that lines between the look before and this one are in no answer: the log was asked for from the last line on, and that is not there
// any more.
func (s *logStamps) lost() bool { return !s.seen.IsZero() && s.first.After(s.seen) }

// leaves tells whether a line that ended with err is left for the next look, which reads on behind the last one that was taken: its end did not
// come. A line that came to nothing but its beginning in a whole look is taken as it is, or no look would ever come past it.
func (s *logStamps) leaves(err error) bool {
	return s != nil && s.taken && err != nil && !errors.Is(err, io.EOF)
}

// time is that of the line as the clock of its process would have it: for lines that the JVM writes without one.
func (s *logStamps) time() time.Time {
	if s == nil || s.at.IsZero() {
		return time.Time{}
	}
	return s.at.Add(s.ahead)
}

// addLogs adds what a look found to what earlier ones did.
func (m *Memory) addLogs(found []model.LogSignal, now time.Time) {
	m.logs = slices.DeleteFunc(m.logs, func(s model.LogSignal) bool { return now.Sub(s.Last) > podLogAge && !s.Last.IsZero() })
	for i := range found {
		next := &found[i]
		at := slices.IndexFunc(m.logs, func(s model.LogSignal) bool { return s.Kind == next.Kind && s.Process == next.Process })
		if at < 0 {
			if len(m.logs) < maxKeptSignals {
				m.logs = append(m.logs, *next)
			}
			continue
		}
		known := &m.logs[at]
		known.Count += next.Count
		known.Last = laterOf(known.Last, next.Last)
		known.Sample, known.Detail = next.Sample, or(next.Detail, known.Detail)
	}
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
