package flinksim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// served is a server with the job "payments" in namespace demo, and a client that uses it as its proxy.
func served(t *testing.T) (*Job, *testClock, *http.Client) {
	t.Helper()
	clock := newTestClock()
	s := NewServer(clock, QuickStartup(), nil)
	c, _ := CaseNamed("payments")
	j := s.Add("demo", "payments", c)
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	proxy, err := url.Parse(listening.URL)
	if err != nil {
		t.Fatal(err)
	}
	return j, clock, &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
}

func start(t *testing.T, j *Job) {
	t.Helper()
	s, err := j.InitialSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Deploy(s, true); err != nil {
		t.Fatal(err)
	}
}

func fetch(t *testing.T, client *http.Client, address string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

const paymentsURL = "http://payments-rest.demo.svc.cluster.local:8081"

func TestAStartGoesThroughWhatRESTShowsMeanwhile(t *testing.T) {
	j, clock, client := served(t)
	if status, body := fetch(t, client, paymentsURL+"/jobs/overview"); status != 0 || !strings.Contains(body, "EOF") {
		t.Errorf("a stopped job answers %d %s; it should hang up", status, body)
	}
	start(t, j)
	clock.pass(300 * time.Millisecond)
	if status, _ := fetch(t, client, paymentsURL+"/jobs/overview"); status != http.StatusServiceUnavailable {
		t.Errorf("after 0.3 s: %d, want 503", status)
	}
	clock.pass(600 * time.Millisecond)
	if _, body := fetch(t, client, paymentsURL+"/jobs/overview"); body != `{"jobs":[]}` {
		t.Errorf("after 0.9 s: %s, want no jobs", body)
	}
	clock.pass(600 * time.Millisecond)
	if _, body := fetch(t, client, paymentsURL+"/jobs/overview"); !strings.Contains(body, `"state":"RUNNING"`) || !strings.Contains(body, `"running":0`) {
		t.Errorf("after 1.5 s: %s, want RUNNING without a running task", body)
	}
	clock.pass(3 * time.Second)
	if _, body := fetch(t, client, paymentsURL+"/jobs/overview"); !strings.Contains(body, `"running":6`) {
		t.Errorf("after 4.5 s: %s, want 6 running tasks", body)
	}
}

type countsSeen struct {
	Counts  struct{ Restored, Total, Failed, Completed int }
	History []struct{ ID int64 }
	Latest  struct {
		Restored *struct{ ID int64 }
		Failed   *struct{ ID int64 }
	}
}

func countsOf(t *testing.T, j *Job) countsSeen {
	t.Helper()
	var seen countsSeen
	decode(t, string(respondTo(t, j, "/jobs/"+j.id+"/checkpoints").body), &seen)
	return seen
}

func TestBeforeTasksRunOnlyTheCounterOfFailuresGrows(t *testing.T) {
	j, clock := deployed(t, "search")
	redeployed(t, j, clock, map[string]string{"execution.checkpointing.interval": "500 ms"})
	clock.pass(3 * time.Second)
	if during := countsOf(t, j); during.Counts.Failed == 0 || len(during.History) != 0 || during.Latest.Failed != nil {
		t.Errorf("before tasks run, failed should grow and the history stay empty: %+v", during)
	}
}

func TestARestartGoesOnWithTheJob(t *testing.T) {
	j, clock := deployed(t, "payments")
	clock.pass(45 * time.Second)
	before, id := countsOf(t, j), j.id
	redeployed(t, j, clock, map[string]string{"execution.checkpointing.timeout": "22 s"})
	clock.pass(23 * time.Second)
	after := countsOf(t, j)
	if j.id != id || after.Latest.Restored == nil || after.Latest.Restored.ID != 2 || after.Counts.Restored != 1 {
		t.Errorf("job %s (was %s), restored %+v", j.id, id, after.Latest.Restored)
	}
	if last := after.History[len(after.History)-1].ID; last <= before.History[0].ID {
		t.Errorf("ids go on at %d, the last one was %d", last, before.History[0].ID)
	}
}

func TestAStartWithoutStateIsAnotherJob(t *testing.T) {
	j, clock := deployed(t, "search")
	clock.pass(20 * time.Second)
	id := j.id
	if err := j.Deploy(j.settings, false); err != nil {
		t.Fatal(err)
	}
	clock.pass(20 * time.Second)
	empty := countsOf(t, j)
	if j.id == id || empty.Latest.Restored != nil || empty.History[len(empty.History)-1].ID != 1 {
		t.Errorf("without state the job is %s and restored %+v", j.id, empty.Latest.Restored)
	}
}

func TestAFailingSavepointRestartsTheJob(t *testing.T) {
	j, clock := deployed(t, "payments")
	clock.pass(45 * time.Second)
	if err := j.StopWithSavepoint(); err == nil {
		t.Fatal("a savepoint succeeded although checkpoints expire")
	}
	clock.pass(5 * time.Second)
	if !j.Answers() || j.engine.Restarts != 1 {
		t.Errorf("answers %v after %d restarts, want a job that goes on", j.Answers(), j.engine.Restarts)
	}
	healthy, clock := deployed(t, "search")
	clock.pass(45 * time.Second)
	if err := healthy.StopWithSavepoint(); err != nil || healthy.Answers() {
		t.Errorf("a healthy job: %v, answers %v; want it stopped", err, healthy.Answers())
	}
}

func TestMetricsAreAsOldAsTheRequestBefore(t *testing.T) {
	j, clock := deployed(t, "search")
	clock.pass(10 * time.Second)
	uptime := func() string {
		return string(respondTo(t, j, "/jobs/"+j.id+"/metrics?get=uptime,noSuchMetric").body)
	}
	if got := uptime(); got != "[]" {
		t.Errorf("the first answer is %s, want []", got)
	}
	clock.pass(time.Second)
	first := uptime()
	clock.pass(14 * time.Second)
	if again := uptime(); again != first || !strings.Contains(first, "uptime") || strings.Contains(first, "noSuchMetric") {
		t.Errorf("14 s later %s, before %s; want the same", again, first)
	}
	clock.pass(time.Second)
	if newer := uptime(); newer == first {
		t.Errorf("a second later still %s", newer)
	}
}

func TestOneJobCanBeServedWhateverTheHostIsCalled(t *testing.T) {
	j, clock := deployed(t, "search")
	clock.pass(10 * time.Second)
	listening := httptest.NewServer(JobHandler(j, nil))
	defer listening.Close()
	if status, body := fetch(t, http.DefaultClient, listening.URL+"/config"); status != http.StatusOK || !strings.Contains(body, `"flink-version":"1.20.5"`) {
		t.Errorf("%d %s", status, body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, listening.URL+"/jobs/"+j.id+"/stop", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered %d, want 405: nothing may change a job through REST", response.StatusCode)
	}
}

func TestUnknownThingsAreRefusedAsFlinkDoes(t *testing.T) {
	j, clock, client := served(t)
	start(t, j)
	clock.pass(20 * time.Second)
	for path, want := range map[string]int{
		"/jobs/00000000000000000000000000000000": 404, "/jobs/" + j.id + "/checkpoints/details/99": 404, "/jobs/" + j.id + "/checkpoints/details/1/subtasks/nope": 404,
		"/jobs/" + j.id + "/vertices/nope": 404, "/taskmanagers/nope": 404, "/jobmanager/logs/nope": 404, "/jobmanager/log": 200, "/jobmanager/logs": 200, "/nothing": 404,
	} {
		if status, body := fetch(t, client, paymentsURL+path); status != want {
			t.Errorf("%s: %d %.100s, want %d", path, status, body, want)
		}
	}
	if status, _ := fetch(t, client, "http://other-rest.demo:8081/overview"); status != http.StatusBadGateway {
		t.Errorf("an unknown host is answered %d, want 502", status)
	}
}

func TestAStarvedJobManagerHoldsItsAnswerBack(t *testing.T) {
	j, clock := deployed(t, "fraud")
	clock.pass(40 * time.Second)
	var held time.Duration
	handler := JobHandler(j, func(_ context.Context, d time.Duration) { held = d })
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/overview", http.NoBody))
	if held < 300*time.Millisecond || held > maxAnswerTime {
		t.Errorf("held back for %s", held)
	}
}

func TestTheTruthIsNotOnTheWire(t *testing.T) {
	for _, c := range Cases() {
		j, clock := deployed(t, c.Name)
		clock.pass(40 * time.Second)
		for path, body := range simulatedAnswers(t, j) {
			for _, word := range []string{c.Cause, c.About} {
				if word != "None" && strings.Contains(body, word) {
					t.Errorf("%s of %s says %q", path, c.Name, word)
				}
			}
		}
	}
}

func TestDoublesAreWrittenAsJavaWritesThem(t *testing.T) {
	for v, want := range map[double]string{0: "0.0", 6061: "6061.0", 0.982: "0.982", 7.4e7: "7.4E7", 12345678: "1.2345678E7", 0.0005: "5.0E-4", 1e-10: "1.0E-10"} {
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%v is written %s (%v), want %s", float64(v), got, err, want)
		}
	}
}
