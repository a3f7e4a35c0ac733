package flink_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/testkit"
)

func TestNewRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"u:hunter2@localhost:8081":    `"localhost:8081" is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081`,
		"localhost:8081":              `"localhost:8081" is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081`,
		"":                            `"" is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081`,
		"ftp://a":                     `"ftp://a" is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081`,
		"http://a:b:c":                "the URL of the JobManager cannot be read, expected one such as http://localhost:8081",
		"http://u:pw@a/x?token=1":     `the URL of the JobManager has a query or fragment, expected only "http://a/x"`,
		"file://u:pw@host/etc/passwd": `"file://host/etc/passwd" is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081`,
	} {
		if _, err := flink.New(url); err == nil || err.Error() != want {
			t.Errorf("New(%q): error is\n\t%v\nwant\n\t%s", url, err, want)
		}
	}
	for _, opt := range []flink.Option{flink.WithTimeout(0), flink.WithMaxBody(0, 1), flink.WithHeader("a b", "c"), flink.WithHeader("a", "c\nd"), flink.WithTransport(nil)} {
		if _, err := flink.New("http://a", opt); err == nil {
			t.Error("a bad option is taken")
		}
	}
}

// Whoever made the client knows where credentials are given: a user of a cluster has no flags.
func TestUnauthorizedHint(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.On("/overview", testkit.JSON(401, `{"errors":["no"]}`))
	_, err := client(t, server.URL, flink.WithUnauthorizedHint("see spec.x")).Overview(t.Context())
	if err == nil || !strings.HasSuffix(err.Error(), "this JobManager wants authentication; see spec.x") {
		t.Errorf("error = %v", err)
	}
}

func TestBase(t *testing.T) {
	for url, want := range map[string]string{
		"http://a:8081/":           "http://a:8081",
		"http://a:8081/#/overview": "http://a:8081",
		"https://a/proxy/flink//":  "https://a/proxy/flink",
		"http://u:p@a":             "http://a",
	} {
		if c := client(t, url); c.URL() != want {
			t.Errorf("URL of %q is %q, want %q", url, c.URL(), want)
		}
	}
}

// Ids come from answers: they must not lead elsewhere.
func TestIDsStayIDs(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	c := client(t, server.URL)
	for _, id := range []string{"", ".", "..", "a\nb", strings.Repeat("x", 5000)} {
		if _, err := c.TaskManager(t.Context(), id); err == nil || len(err.Error()) > 300 {
			t.Errorf("TaskManager id %.20q: error %v, want a short refusal", id, err)
		}
	}
	if got := server.Requests(); len(got) != 0 {
		t.Fatalf("asked %v", got)
	}
	for id, want := range map[string]string{
		"../../jobmanager/config": "/taskmanagers/..%2F..%2Fjobmanager%2Fconfig",
		"a?b=c#d":                 "/taskmanagers/a%3Fb=c%23d",
		"10.0.0.1:4001-ab12":      "/taskmanagers/10.0.0.1:4001-ab12",
	} {
		server.Forget()
		if _, err := c.TaskManager(t.Context(), id); !errors.Is(err, flink.ErrNotFound) {
			t.Errorf("id %q: %v, want not found", id, err)
		}
		if got := server.Requests(); len(got) != 1 || got[0] != want {
			t.Errorf("id %q asked %v, want %s", id, got, want)
		}
	}
}

// The time of an answer is evidence, so it is told with the answer and to whoever counts requests.
func TestReport(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.On("/jobs/"+job, testkit.JSON(200, `{"jid":"`+job+`"}`))
	now := time.Date(2025, 1, 31, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(37 * time.Second); return now }
	var reports []flink.Report
	c := client(t, server.URL, flink.WithClock(clock), flink.WithReport(func(r flink.Report) { reports = append(reports, r) }))
	got, err := c.Job(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "received", flink.Received{At: now, Took: 37 * time.Second}, got.Received)
	if _, err := c.Exceptions(t.Context(), job, 3); !errors.Is(err, flink.ErrNotFound) {
		t.Fatal(err)
	}
	const exceptions = "/jobs/:jobid/exceptions"
	same(t, "reports", []flink.Report{
		{Template: "/jobs/:jobid", Path: "/jobs/" + job, Status: 200, Took: 37 * time.Second, Bytes: 42},
		{Template: exceptions, Path: "/jobs/" + job + "/exceptions?maxExceptions=3", Status: 404, Took: 37 * time.Second, Bytes: reports[1].Bytes, Err: flink.ErrNotFound},
	}, reports, cmpopts.EquateErrors())
}

// Flink's server reads at most 4,096 bytes of a request line.
func TestLongMetricLists(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	path := "/jobs/" + job + "/vertices/" + vertex + "/metrics"
	server.On(path, testkit.Sequence(
		testkit.JSON(200, `[{"id":"0.busyTimeMsPerSecond","value":"10"}]`),
		testkit.JSON(200, `[{"id":"199.busyTimeMsPerSecond","value":"20"},{"id":"odd","value":"1"},{"id":"198.busyTimeMsPerSecond","value":"NaN"}]`)))
	subtasks := make([]int, 200)
	for i := range subtasks {
		subtasks[i] = i
	}
	got, err := client(t, server.URL).VertexMetrics(t.Context(), job, vertex, subtasks, "busyTimeMsPerSecond")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, request := range server.Requests() {
		if len("GET  HTTP/1.1\r\n")+len(request) > 4096 {
			t.Errorf("request line of %d bytes", len(request))
		}
		asked += strings.Count(request, "busyTime")
	}
	if asked != 200 {
		t.Errorf("%d metrics were asked for, want 200", asked)
	}
	if len(got.Subtasks) != 2 || got.Subtasks[0]["busyTimeMsPerSecond"] != 10 || got.Subtasks[199]["busyTimeMsPerSecond"] != 20 {
		t.Errorf("metrics = %v, want those of subtasks 0 and 199", got.Subtasks)
	}
}

func TestNoMetricsAskedNothing(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	got, err := client(t, server.URL).JobMetrics(t.Context(), job)
	if err != nil || len(got.Values) != 0 || len(server.Requests()) != 0 {
		t.Errorf("metrics %v, error %v, requests %v; want none of them", got.Values, err, server.Requests())
	}
}

func TestTokenSource(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	broken := errors.New("no such file")
	_, err := client(t, server.URL, flink.WithBearerTokenSource(func() (string, error) { return "", broken })).Overview(t.Context())
	if !errors.Is(err, broken) || len(server.Requests()) != 0 {
		t.Errorf("error %v after %v, want the token's and no request", err, server.Requests())
	}
	_, err = client(t, server.URL, flink.WithBearerToken("")).Overview(t.Context())
	if err == nil || !strings.Contains(err.Error(), "bearer token is empty") {
		t.Errorf("error = %v, want that the token is empty", err)
	}
}
