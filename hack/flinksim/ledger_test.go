package flinksim

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// kindNames are the vertices of all recorded and simulated jobs, in order.
var kindNames = []string{"source", "state", "sink"}

// signs are what answers show of where a checkpoint's time went: "state async", "sink missing", "late", "burst", …
type signs map[string]bool

// seconds is the shortest time, in ms, that counts as the phase where the time went.
const seconds = 3000

// signsIn reads the signs out of answers by path; the same for recorded and simulated ones.
func signsIn(t *testing.T, answers map[string]string) signs {
	t.Helper()
	found := signs{}
	vertices := verticesIn(t, answers)
	for path, body := range answers {
		switch endpointOf(path) {
		case "/jobs/ID/checkpoints":
			found.history(t, body)
		case "/jobs/ID/checkpoints/details/N":
			found.checkpoint(t, path, answers, vertices)
		case "/jobs/ID/vertices/ID/backpressure":
			found.pressure(t, body, vertices[hexID.FindAllString(path, 2)[1]])
		case "/jobmanager/thread-dump":
			found.jobManager(t, body)
		case "/taskmanagers/TM/thread-dump":
			found.tasks(t, body, vertices)
		}
	}
	return found
}

// verticesIn maps ids and names of vertices to their kind.
func verticesIn(t *testing.T, answers map[string]string) map[string]string {
	t.Helper()
	kinds := map[string]string{}
	for path, body := range answers {
		if endpointOf(path) != "/jobs/ID" {
			continue
		}
		var job struct {
			Vertices []struct{ ID, Name, Status string }
		}
		decode(t, body, &job)
		for i, v := range job.Vertices {
			kinds[v.ID], kinds[v.Name] = kindNames[i], kindNames[i]
		}
	}
	return kinds
}

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v in %.200s", err, body)
	}
}

func (s signs) history(t *testing.T, body string) {
	t.Helper()
	var statistics struct {
		History []struct {
			Status   string
			Message  string `json:"failure_message"`
			Duration int64  `json:"end_to_end_duration"`
		}
	}
	decode(t, body, &statistics)
	if len(statistics.History) == 0 {
		s["no history"] = true
	}
	for _, c := range statistics.History {
		s[c.Status] = true
		if c.Message != "" {
			s[c.Message] = true
		}
		if c.Duration > 11_500 {
			s[strings.ToLower(c.Status)+" late"] = true
		}
	}
}

type subtaskSeen struct {
	ClassName  string
	Ack        int64 `json:"ack_timestamp"`
	Duration   int64 `json:"end_to_end_duration"`
	StartDelay int64 `json:"start_delay"`
	Checkpoint struct{ Sync, Async int64 }
	Alignment  struct{ Duration int64 }
	Aborted    bool
}

// phase is where the time of a subtask went.
func (x subtaskSeen) phase() string {
	residual := x.Duration - x.StartDelay - x.Alignment.Duration - x.Checkpoint.Sync - x.Checkpoint.Async
	longest, name := int64(0), ""
	for phase, d := range map[string]int64{"start_delay": x.StartDelay, "alignment": x.Alignment.Duration, "sync": x.Checkpoint.Sync, "async": x.Checkpoint.Async, "residual": residual} {
		if d > longest {
			longest, name = d, phase
		}
	}
	if longest < seconds {
		return "quick"
	}
	return name
}

// checkpoint reads one failed checkpoint and all its subtasks.
func (s signs) checkpoint(t *testing.T, path string, answers, vertices map[string]string) {
	t.Helper()
	var c struct {
		Status  string
		Failure int64 `json:"failure_timestamp"`
	}
	decode(t, answers[path], &c)
	if c.Status != "FAILED" {
		return
	}
	var acks []int64
	for id, kind := range vertices {
		body, asked := answers[path+"/subtasks/"+id]
		if !asked {
			continue
		}
		acks = append(acks, s.subtasks(t, body, kind, c.Failure)...)
	}
	s.lateness(acks, c.Failure)
}

// subtasks reads one vertex of a failed checkpoint and returns when its late acknowledgements came.
func (s signs) subtasks(t *testing.T, body, kind string, failure int64) (late []int64) {
	t.Helper()
	var v struct{ Subtasks []subtaskSeen }
	decode(t, body, &v)
	for _, x := range v.Subtasks {
		if x.ClassName != "completed" {
			s[kind+" missing"] = true
			continue
		}
		s[kind+" "+x.phase()] = true
		if x.Aborted && x.Checkpoint.Async >= 0 && x.Ack > failure {
			s["late"] = true
			late = append(late, x.Ack)
		}
	}
	return late
}

// lateness tells late acknowledgements in one burst from spread ones.
func (s signs) lateness(acks []int64, failure int64) {
	if len(acks) >= 2 && slices.Max(acks)-slices.Min(acks) <= 250 && slices.Max(acks) > failure+1500 {
		s["burst"] = true
	}
	if len(acks) >= 4 && slices.Max(acks)-slices.Min(acks) > 1500 {
		s["spread"] = true
	}
}

func (s signs) pressure(t *testing.T, body, kind string) {
	t.Helper()
	var p struct {
		Level    string `json:"backpressureLevel"`
		Subtasks []struct{ BusyRatio any }
	}
	decode(t, body, &p)
	if p.Level == "high" {
		s[kind+" backpressured"] = true
	}
	for _, x := range p.Subtasks {
		if busy, ok := x.BusyRatio.(float64); ok && busy >= 0.9 {
			s[kind+" busy"] = true
		}
	}
}

type threadSeen struct {
	Name string `json:"threadName"`
	Text string `json:"stringifiedThreadInfo"`
}

func (s signs) jobManager(t *testing.T, body string) {
	t.Helper()
	var dump struct{ ThreadInfos []threadSeen }
	decode(t, body, &dump)
	for _, thread := range dump.ThreadInfos {
		if strings.HasPrefix(thread.Name, "jobmanager-io-thread") && strings.Contains(thread.Text, ".delete(") {
			s["io thread deletes"] = true
		}
		if strings.HasPrefix(thread.Name, "SourceCoordinator") && strings.Contains(thread.Text, ".snapshotState(") {
			s["enumerator snapshots"] = true
		}
	}
}

var taskThread = regexp.MustCompile(`^(.*) \(\d+/\d+\)#\d+$`)

// places are frames that tell what a task's thread or an upload is in.
var places = map[string]string{
	"TaskMailboxImpl.take(":                                                      "waits",
	".prepareSnapshotPreBarrier(":                                                "before the barrier",
	"SubtaskCheckpointCoordinatorImpl.takeSnapshotSync(":                         "in the synchronous part",
	"AbstractStreamTaskNetworkInput.processElement(":                             "has an element",
	"StreamTaskSourceInput.emitNext(":                                            "reads",
	"StreamTaskActionExecutor$SynchronizedStreamTaskActionExecutor.runThrowing(": "wants the lock",
}

func (s signs) tasks(t *testing.T, body string, vertices map[string]string) {
	t.Helper()
	var dump struct{ ThreadInfos []threadSeen }
	decode(t, body, &dump)
	for _, thread := range dump.ThreadInfos {
		if strings.HasPrefix(thread.Name, "AsyncOperations") && strings.Contains(thread.Text, "AsyncCheckpointRunnable.run(") {
			s["uploads"] = true
		}
		m := taskThread.FindStringSubmatch(thread.Name)
		if len(m) < 2 || vertices[m[1]] == "" {
			continue
		}
		for frame, what := range places {
			if strings.Contains(thread.Text, frame) {
				s[vertices[m[1]]+" "+what] = true
			}
		}
	}
}

// recordedAnswers are a recording's answers by path, the last of each.
func recordedAnswers(list []recorded) map[string]string {
	answers := map[string]string{}
	for _, a := range list {
		if a.status == http.StatusOK {
			answers[a.path] = a.body
		}
	}
	return answers
}

// simulatedAnswers are everything that a job answers at a moment.
func simulatedAnswers(t *testing.T, j *Job) map[string]string {
	t.Helper()
	answers := map[string]string{}
	respondTo(t, j, "/jobs/overview")
	for _, requests := range asked(j, 10) {
		for _, request := range requests {
			if a := respondTo(t, j, request); a.status == http.StatusOK {
				answers[request] = string(a.body)
			}
		}
	}
	return answers
}

func TestLedgersHaveTheShapeOfRecordedOnes(t *testing.T) {
	recordings := recordingsOf(t, "1.20.5")
	for _, c := range []struct {
		job, recording string
		both, neither  []string
	}{
		{"search", "healthy", []string{"COMPLETED", "source waits", "state waits", "sink waits"}, []string{"FAILED", "late", "io thread deletes"}},
		{"payments", "slow-storage", []string{"FAILED", "state async", "source quick", "sink quick", "state missing", "late", "uploads", "state waits"}, []string{"burst", "state residual", "source busy"}},
		{"ledger", "state-pressure", []string{"FAILED", "state async", "source quick", "sink quick", "late", "uploads"}, []string{"state sync", "state residual"}},
		{"profiles", "data-skew", []string{"FAILED", "state async", "state quick", "sink quick", "late"}, []string{"state residual", "sink missing"}},
		{"clicks", "network-latency", []string{"FAILED", "source residual", "state residual", "sink residual", "late", "state waits"}, []string{"state async", "source start_delay", "source busy", "sink busy"}},
		{"fraud", "jobmanager-cpu", []string{"source waits", "state waits", "sink waits"}, []string{"state async", "state sync", "io thread deletes"}},
		{"inventory", "slow-cleanup-concurrent", []string{"FAILED", "COMPLETED", "io thread deletes", "completed late"}, []string{"state async", "state sync", "source busy", "sink busy"}},
		{"warehouse", "sink-flush", []string{"FAILED", "sink residual", "source quick", "state quick", "late", "sink busy", "sink before the barrier"}, []string{"state missing", "state residual", "source residual"}},
		{"pricing", "slow-sync", []string{"FAILED", "state sync", "source quick", "state busy", "state in the synchronous part"}, []string{"state residual", "source residual", "state async"}},
		{"orders", "backpressure", []string{"FAILED", "source quick", "state missing", "sink missing", "source backpressured", "state backpressured", "sink busy", "sink has an element"}, []string{"late", "state async", "sink backpressured"}},
		{"customers", "source-blocked", []string{"FAILED", "source missing", "source quick", "state missing", "sink missing", "source busy"}, []string{"state async", "state residual", "sink busy"}},
		{"partitions", "coordinator-slow", []string{"FAILED", "source missing", "state missing", "sink missing", "enumerator snapshots"}, []string{"late", "source quick", "failed late"}},
		{"catalog", "oversized-ack", []string{"FAILED", "state missing", "source quick", "sink quick", "state waits"}, []string{"late", "state quick", "state async", "uploads", "state busy"}},
		{"invoices", "storage-create-fails", []string{"FAILED", "Asynchronous task checkpoint failed.", "state missing"}, []string{"Checkpoint expired before completing."}},
		{"returns", "declined", []string{"FAILED", "Checkpoint Coordinator is suspending."}, []string{"Checkpoint expired before completing."}},
		{"shipping", "version-mismatch", []string{"no history"}, []string{"COMPLETED", "FAILED", "state waits"}},
	} {
		t.Run(c.job, func(t *testing.T) {
			j, clock := deployed(t, c.job)
			clock.pass(66 * time.Second)
			for side, found := range map[string]signs{
				"recorded " + c.recording: signsIn(t, recordedAnswers(recordings[c.recording])), "simulated " + c.job: signsIn(t, simulatedAnswers(t, j)),
			} {
				for _, sign := range c.both {
					if !found[sign] {
						t.Errorf("%s: no %q in %v", side, sign, slices.Sorted(maps.Keys(found)))
					}
				}
				for _, sign := range c.neither {
					if found[sign] {
						t.Errorf("%s: %q, which should not be; all: %v", side, sign, slices.Sorted(maps.Keys(found)))
					}
				}
			}
		})
	}
}

func TestAStarvedJobManagerShowsItself(t *testing.T) {
	for _, name := range []string{"fraud", "sessions"} {
		j, clock := deployed(t, name)
		clock.pass(66 * time.Second)
		found := signsIn(t, simulatedAnswers(t, j))
		for _, sign := range []string{"source start_delay", "state residual", "sink residual", "late", "spread"} {
			if !found[sign] {
				t.Errorf("%s: no %q in %v", name, sign, slices.Sorted(maps.Keys(found)))
			}
		}
		_, _, takes := j.respond("/overview", nil)
		if takes < 100 {
			t.Errorf("%s: REST answers within %.0f ms; a starved JobManager takes long", name, takes)
		}
		if excess := longestExcess(j); excess < 500 {
			t.Errorf("%s: failed %.0f ms after the timeout; the timer thread should be late", name, excess)
		}
	}
}

// longestExcess is by how much expired checkpoints outlast the timeout, ms.
func longestExcess(j *Job) float64 {
	excess := 0.0
	for _, c := range j.engine.History() {
		if c.Status == "FAILED" {
			excess = max(excess, c.Duration()-ms(j.engine.Settings.Timeout))
		}
	}
	return excess
}
