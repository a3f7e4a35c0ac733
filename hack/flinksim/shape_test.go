package flinksim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// shape is the JSON types that were seen at each path of an answer. Elements of an array share a path, and so do keys that are ids.
type shape map[string]map[string]bool

func (s shape) see(path, kind string) {
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][kind] = true
}

func (s shape) add(t *testing.T, body string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("not JSON: %v: %.200s", err, body)
	}
	s.walk("", value)
}

func (s shape) walk(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		s.see(path, "object")
		for key, inner := range v {
			if hexID.MatchString(key) {
				key = "ID"
			}
			s.walk(path+"."+key, inner)
		}
	case []any:
		s.see(path, "array")
		for _, inner := range v {
			s.walk(path+"[]", inner)
		}
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			s.see(path, "double")
		} else {
			s.see(path, "integer")
		}
	case string:
		s.see(path, "string")
	case bool:
		s.see(path, "bool")
	case nil:
		s.see(path, "null")
	}
}

// compare lists where simulated answers differ from recorded ones. A key that only one side has differs, unless it is listed
// as one that a recording or a simulation need not have.
func compare(version, endpoint string, simulated, known shape) []string {
	var differences []string
	for _, path := range slices.Sorted(maps.Keys(simulated)) {
		if known[path] == nil {
			if reasonFor(version, endpoint, path) == "" {
				differences = append(differences, fmt.Sprintf("%s: %s (%v) is in no recording", endpoint, path, kinds(simulated[path])))
			}
			continue
		}
		for kind := range simulated[path] {
			if !known[path][kind] && reasonFor(version, endpoint, path) == "" {
				differences = append(differences, fmt.Sprintf("%s: %s is %s, recorded as %v", endpoint, path, kind, kinds(known[path])))
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(known)) {
		if simulated[path] == nil && reasonFor(version, endpoint, path) == "" {
			differences = append(differences, fmt.Sprintf("%s: %s (%v) is missing", endpoint, path, kinds(known[path])))
		}
	}
	return differences
}

func kinds(seen map[string]bool) []string { return slices.Sorted(maps.Keys(seen)) }

// asked are the requests that a job is asked, by the endpoint that they belong to; the newest checkpoints in detail.
func asked(j *Job, newest int) map[string][]string {
	e := j.engine
	base := "/jobs/" + j.id
	requests := map[string][]string{}
	ask := func(path string) { requests[endpointOf(path)] = append(requests[endpointOf(path)], path) }
	for _, path := range []string{"/overview", "/config", "/jobs/overview", base, base + "/config", base + "/exceptions", base + "/checkpoints",
		base + "/checkpoints/config", base + "/metrics?get=numRestarts,uptime,lastCheckpointDuration", "/jobmanager/config", "/jobmanager/metrics",
		"/jobmanager/metrics?get=Status.JVM.CPU.Load,Status.JVM.Memory.Heap.Used", "/jobmanager/thread-dump", "/taskmanagers"} {
		ask(path)
	}
	for i := range e.TaskManagers {
		manager := "/taskmanagers/" + j.taskManagerID(i)
		ask(manager)
		ask(manager + "/thread-dump")
		ask(manager + "/metrics")
		ask(manager + "/metrics?get=Status.JVM.CPU.Load")
	}
	for _, v := range e.Topology {
		ask(base + "/vertices/" + v.ID)
		ask(base + "/vertices/" + v.ID + "/backpressure")
		ask(base + "/vertices/" + v.ID + "/metrics?get=0.busyTimeMsPerSecond,0.numRecordsIn")
		ask(base + "/vertices/" + v.ID + "/subtasks/metrics?get=busyTimeMsPerSecond,numRecordsIn")
		for _, c := range e.History()[:min(newest, len(e.History()))] {
			ask(fmt.Sprintf("%s/checkpoints/details/%d", base, c.ID))
			ask(fmt.Sprintf("%s/checkpoints/details/%d/subtasks/%s", base, c.ID, v.ID))
		}
	}
	return requests
}

// respondTo asks a job one request.
func respondTo(t *testing.T, j *Job, request string) answer {
	t.Helper()
	u, err := url.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	a, _, _ := j.respond(u.Path, u.Query())
	return a
}

// simulatedShapes asks every case of a version everything, early, while sick and after a restart.
func simulatedShapes(t *testing.T, version string) map[string]shape {
	t.Helper()
	shapes := map[string]shape{}
	for _, c := range Cases() {
		if version != "1.20.5" && !slices.Contains([]string{"search", "payments", "returns", "shipping"}, c.Name) {
			continue
		}
		clock := newTestClock()
		c.Version = version
		j := NewJob("demo", c.Name, c, clock, QuickStartup())
		s, err := j.InitialSettings()
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Deploy(s, true); err != nil {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{3 * time.Second, 38 * time.Second} {
			clock.pass(d)
			shapeOf(t, j, shapes)
		}
		redeployed(t, j, clock, nil)
		clock.pass(6 * time.Second)
		shapeOf(t, j, shapes)
	}
	return shapes
}

func shapeOf(t *testing.T, j *Job, shapes map[string]shape) {
	t.Helper()
	respondTo(t, j, "/jobs/overview")
	for endpoint, requests := range asked(j, 4) {
		for _, request := range requests {
			a := respondTo(t, j, request)
			if a.status == http.StatusForbidden || a.status == http.StatusNotFound && strings.HasPrefix(endpoint, "/taskmanagers") {
				continue
			}
			if a.status != http.StatusOK {
				t.Fatalf("%s of %s: %d %s", request, j.Name, a.status, a.body)
			}
			if shapes[endpoint] == nil {
				shapes[endpoint] = shape{}
			}
			shapes[endpoint].add(t, string(a.body))
		}
	}
}

// optional are the keys that differ for a reason: what the recordings did not come upon, or the simulation does not. A path
// ends with * where all below it counts.
var optional = map[string]string{
	"/jobs/ID/checkpoints .latest.restored*":             "no recorded job was restored",
	"/jobs/ID/vertices/ID .subtasks[].status-duration.*": "depends on the states that a task has been in",
	"/jobs/ID/vertices/ID .aggregated.status-duration.*": "likewise",
	"/jobs/ID/vertices/ID/subtasks/metrics?get []*":      "2.2.1 was only asked for names that made its answer empty",
	"/jobs/ID/exceptions .exceptionHistory.entries[]*":   "no recorded job of 1.17.2 and 2.2.1 failed",
	"/jobs/ID/exceptions .all-exceptions[]*":             "likewise",
	"/jobs/ID/exceptions .root-exception":                "likewise",
	"/jobs/ID/exceptions .timestamp":                     "likewise",
}

// reasonFor tells why a path may differ, "" if it may not. Flink 1.20.5 has recordings of everything but restored jobs.
func reasonFor(version, endpoint, path string) string {
	for pattern, reason := range optional {
		prefix, below := strings.CutSuffix(pattern, "*")
		matches := endpoint+" "+path == pattern || below && strings.HasPrefix(endpoint+" "+path, prefix)
		if matches && (version != "1.20.5" || strings.Contains(pattern, "restored") || strings.Contains(pattern, "status-duration")) {
			return reason
		}
	}
	return ""
}

// recordedShapes are the shapes of all recorded answers of a version by endpoint.
func recordedShapes(t *testing.T, version string) map[string]shape {
	t.Helper()
	shapes := map[string]shape{}
	for _, answers := range recordingsOf(t, version) {
		for _, a := range answers {
			endpoint := endpointOf(a.path)
			if a.status != http.StatusOK || strings.HasSuffix(endpoint, "/log") {
				continue
			}
			if shapes[endpoint] == nil {
				shapes[endpoint] = shape{}
			}
			shapes[endpoint].add(t, a.body)
		}
	}
	return shapes
}

func TestAnswersHaveTheKeysAndTypesOfRecordedOnes(t *testing.T) {
	for _, version := range []string{"1.20.5", "1.17.2", "2.2.1"} {
		t.Run(version, func(t *testing.T) {
			known, simulated := recordedShapes(t, version), simulatedShapes(t, version)
			for endpoint := range simulated {
				if known[endpoint] == nil {
					t.Errorf("%s was not recorded", endpoint)
				}
				for _, difference := range compare(version, endpoint, simulated[endpoint], known[endpoint]) {
					t.Error(difference)
				}
			}
			for endpoint := range known {
				if simulated[endpoint] == nil {
					t.Errorf("%s is recorded and not simulated", endpoint)
				}
			}
		})
	}
}

// namesOf are the ids that a metric answer lists, but for those of garbage collectors, which depend on the JVM.
func namesOf(t *testing.T, body string) map[string]bool {
	t.Helper()
	var list []struct{ ID string }
	decode(t, body, &list)
	seen := map[string]bool{}
	for _, m := range list {
		if !strings.Contains(m.ID, "GarbageCollector.") {
			seen[m.ID] = true
		}
	}
	return seen
}

// recordedNames are the ids of an endpoint's metrics in all recordings of a version.
func recordedNames(t *testing.T, version, endpoint string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for _, answers := range recordingsOf(t, version) {
		for _, a := range answers {
			if endpointOf(a.path) == endpoint && a.status == http.StatusOK {
				maps.Copy(seen, namesOf(t, a.body))
			}
		}
	}
	return seen
}

// running is a healthy job of a version that has run for 10 s.
func running(t *testing.T, version string) (*Job, *testClock) {
	t.Helper()
	c, _ := CaseNamed("search")
	c.Version = version
	clock := newTestClock()
	j := NewJob("demo", c.Name, c, clock, QuickStartup())
	s, err := j.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Deploy(s, true); err != nil {
		t.Fatal(err)
	}
	clock.pass(10 * time.Second)
	return j, clock
}

func TestProcessesHaveTheMetricsOfRecordedOnes(t *testing.T) {
	for _, version := range []string{"1.20.5", "1.17.2", "2.2.1"} {
		t.Run(version, func(t *testing.T) {
			j, clock := running(t, version)
			for endpoint, request := range map[string]string{"/jobmanager/metrics": "/jobmanager/metrics", "/taskmanagers/TM/metrics": "/taskmanagers/search-taskmanager-1-1/metrics"} {
				respondTo(t, j, request)
				clock.pass(3 * time.Second)
				simulated := namesOf(t, string(respondTo(t, j, request).body))
				if difference := cmp.Diff(recordedNames(t, version, endpoint), simulated); difference != "" {
					t.Errorf("%s: recorded (-) and simulated (+) names differ:\n%s", endpoint, difference)
				}
			}
		})
	}
}

func TestStatusesAreThoseOfFlink(t *testing.T) {
	known := map[string]bool{}
	for _, answers := range recordingsOf(t, "1.20.5") {
		for _, a := range answers {
			if endpointOf(a.path) != "/jobs/ID/checkpoints" {
				continue
			}
			var body struct {
				History []struct {
					Status  string
					Message string `json:"failure_message"`
				}
			}
			if err := json.Unmarshal([]byte(a.body), &body); err != nil {
				t.Fatal(err)
			}
			for _, h := range body.History {
				known[h.Status] = true
				known[h.Message] = true
			}
		}
	}
	for _, word := range []string{string(engine.Completed), string(engine.Failed), string(engine.InProgress), engine.MessageExpired, engine.MessageAsync, engine.MessageSuspending} {
		if !known[word] {
			t.Errorf("no recording says %q", word)
		}
	}
}
