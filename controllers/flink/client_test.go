package flink_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/testkit"
)

const (
	job         = "0ee9c1ce5758c6d072f133fc27bfc50e"
	vertex      = "0dccc6d845eac8e1b962e0ff56612b4e"
	slowStorage = "../recording/testdata/flink/1.20.5/slow-storage.har.gz"
)

func client(t *testing.T, base string, opts ...flink.Option) *flink.Client {
	t.Helper()
	c, err := flink.New(base, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func same[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Every endpoint is asked where Flink has it, and its real answer is understood.
func TestEndpoints(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.ServeRecording(slowStorage)
	server.On("/jobmanager/logs", testkit.JSON(200, `{"logs":[{"name":"jm.log","size":5}]}`))
	server.On("/jobmanager/logs/jm.log", testkit.Plain(200, "line\n"))
	server.On("/taskmanagers/tm-1/logs", testkit.JSON(200, `{"logs":[{"name":"tm.log","size":5}]}`))
	server.On("/taskmanagers/tm-1/logs/tm.log", testkit.Plain(200, "line\n"))
	c, ctx := client(t, server.URL+"/"), t.Context()
	calls := []struct {
		path string
		ask  func() error
	}{
		{"/overview", func() error { _, err := c.Overview(ctx); return err }},
		{"/config", func() error { _, err := c.DashboardConfig(ctx); return err }},
		{"/jobs/overview", func() error { _, err := c.Jobs(ctx); return err }},
		{"/jobs/" + job, func() error { _, err := c.Job(ctx, job); return err }},
		{"/jobs/" + job + "/config", func() error { _, err := c.JobConfig(ctx, job); return err }},
		{"/jobs/" + job + "/checkpoints", func() error { _, err := c.Checkpoints(ctx, job); return err }},
		{"/jobs/" + job + "/checkpoints/config", func() error { _, err := c.CheckpointConfig(ctx, job); return err }},
		{"/jobs/" + job + "/checkpoints/details/8", func() error { _, err := c.CheckpointDetails(ctx, job, 8); return err }},
		{"/jobs/" + job + "/checkpoints/details/8/subtasks/" + vertex, func() error { _, err := c.SubtaskDetails(ctx, job, 8, vertex); return err }},
		{"/jobs/" + job + "/vertices/" + vertex, func() error { _, err := c.Vertex(ctx, job, vertex); return err }},
		{"/jobs/" + job + "/vertices/" + vertex + "/backpressure", func() error { _, err := c.BackPressure(ctx, job, vertex); return err }},
		{"/jobs/" + job + "/exceptions?maxExceptions=5", func() error { _, err := c.Exceptions(ctx, job, 5); return err }},
		{"/jobs/" + job + "/metrics?get=numRestarts", func() error { _, err := c.JobMetrics(ctx, job, "numRestarts"); return err }},
		{"/jobs/" + job + "/vertices/" + vertex + "/metrics?get=0.a,1.a", func() error { _, err := c.VertexMetrics(ctx, job, vertex, []int{0, 1}, "a"); return err }},
		{"/jobmanager/metrics?get=Status.JVM.CPU.Time", func() error { _, err := c.JobManagerMetrics(ctx, "Status.JVM.CPU.Time"); return err }},
		{"/jobmanager/metrics", func() error { _, err := c.JobManagerMetricNames(ctx); return err }},
		{"/jobmanager/config", func() error { _, err := c.JobManagerConfig(ctx); return err }},
		{"/jobmanager/thread-dump", func() error { _, err := c.JobManagerThreadDump(ctx); return err }},
		{"/jobmanager/logs", func() error { _, err := c.JobManagerLogs(ctx); return err }},
		{"/jobmanager/log", func() error { _, err := c.JobManagerLog(ctx, "", discard); return err }},
		{"/jobmanager/logs/jm.log", func() error { _, err := c.JobManagerLog(ctx, "jm.log", discard); return err }},
		{"/taskmanagers", func() error { _, err := c.TaskManagers(ctx); return err }},
		{"/taskmanagers/tm-1", func() error { _, err := c.TaskManager(ctx, "tm-1"); return err }},
		{"/taskmanagers/tm-1/metrics?get=a", func() error { _, err := c.TaskManagerMetrics(ctx, "tm-1", "a"); return err }},
		{"/taskmanagers/tm-1/metrics", func() error { _, err := c.TaskManagerMetricNames(ctx, "tm-1"); return err }},
		{"/taskmanagers/tm-1/thread-dump", func() error { _, err := c.TaskManagerThreadDump(ctx, "tm-1"); return err }},
		{"/taskmanagers/tm-1/logs", func() error { _, err := c.TaskManagerLogs(ctx, "tm-1"); return err }},
		{"/taskmanagers/tm-1/log", func() error { _, err := c.TaskManagerLog(ctx, "tm-1", "", discard); return err }},
		{"/taskmanagers/tm-1/logs/tm.log", func() error { _, err := c.TaskManagerLog(ctx, "tm-1", "tm.log", discard); return err }},
	}
	for _, q := range calls {
		server.Forget()
		if err := q.ask(); err != nil {
			t.Errorf("%s: %v", q.path, err)
		}
		if got := server.Requests(); len(got) != 1 || got[0] != q.path {
			t.Errorf("asked %v, want %s", got, q.path)
		}
	}
}

// What a person reads when an answer is not what it should be: the whole text, with URL for the server's own.
func TestErrors(t *testing.T) {
	cases := []struct {
		name   string
		answer testkit.Answer
		kind   error
		text   string
	}{
		{"no credentials", testkit.JSON(401, `{"errors":["no"]}`), flink.ErrUnauthorized,
			"URL/jobs/overview answered 401: this JobManager wants authentication"},
		{"forbidden", testkit.Plain(403, "RBAC: access denied"), flink.ErrUnauthorized,
			"URL/jobs/overview answered 403: RBAC: access denied; these credentials may not read it"},
		{"no checkpointing", testkit.NoCheckpointing(), flink.ErrCheckpointingNotEnabled,
			"URL/jobs/overview answered 404: Checkpointing has not been enabled.; this job has no checkpointing"},
		{"gone", testkit.NotFound("Job x not found"), flink.ErrNotFound, "URL/jobs/overview answered 404: Job x not found"},
		{"page for 404", testkit.Page(404, "nginx"), flink.ErrNotFound, `URL/jobs/overview answered 404: a web page titled "nginx"`},
		{"no leader", testkit.NoLeader(), flink.ErrUnavailable,
			"URL/jobs/overview answered 503: Service temporarily unavailable due to an ongoing leader election. Please refresh.; the JobManager has no leader or is starting; try again"},
		{"stack trace", testkit.InternalError(), nil,
			"URL/jobs/overview answered 500: Internal server error. <Exception on server side: org.apache.flink.util.FlinkException: broken"},
		{"empty 502", testkit.Plain(502, ""), nil, "URL/jobs/overview answered 502: a proxy before the JobManager got no answer from it"},
		{"empty 418", testkit.Plain(418, ""), nil, "URL/jobs/overview answered 418: i'm a teapot"},
		{"redirect", testkit.Redirect("http://elsewhere/"), nil, "URL/jobs/overview answered 302: redirects are not followed; use the address it points to"},
		{"login page", testkit.Page(200, "Sign in"), flink.ErrMalformed,
			`URL/jobs/overview answered with a web page titled "Sign in" instead of JSON: this is a proxy or login page, or not the REST address of a JobManager (rest.port, 8081 by default)`},
		{"other JSON", testkit.JSON(200, `{"status":"ok"}`), flink.ErrMalformed,
			`URL/jobs/overview answered with JSON that has no "jobs": this is not the answer of a Flink JobManager`},
		{"empty", testkit.JSON(200, ""), flink.ErrMalformed, "URL/jobs/overview answered 200 with an empty body"},
		{"half JSON", testkit.JSON(200, `{"jobs":[{"jid":"a`), flink.ErrMalformed,
			"URL/jobs/overview answered half: the JSON ends after 18 bytes; try again"},
		{"half the body", testkit.Half(`{"jobs":[]}         `), flink.ErrMalformed,
			"URL/jobs/overview answered half: the connection ended after 10 bytes; try again"},
		{"endless", testkit.Endless(), flink.ErrTooLarge, "URL/jobs/overview answered with more than 64 KiB; reading stopped there"},
		{"dropped", testkit.Drop(), flink.ErrUnreachable,
			"URL/jobs/overview closed the connection without an answer; is this its REST port, and does it speak TLS (https)?"},
		{"escape codes", testkit.JSON(500, `{"errors":["red \u001b[31m text\u202e"]}`), nil, "URL/jobs/overview answered 500: red  [31m text "},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			server := testkit.NewFlinkServer(t)
			server.On("/jobs/overview", tc.answer)
			_, err := client(t, server.URL, flink.WithMaxBody(64<<10, 64<<10)).Jobs(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), server.URL, "URL"); got != tc.text {
				t.Errorf("error is\n\t%s\nwant\n\t%s", got, tc.text)
			}
			if tc.kind != nil && !errors.Is(err, tc.kind) {
				t.Errorf("errors.Is(%v) is false", tc.kind)
			}
			if got := server.Requests(); len(got) != 1 {
				t.Errorf("asked %v, want once", got)
			}
		})
	}
}

func TestStatusErrorFields(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	_, err := client(t, server.URL).Job(t.Context(), job)
	var status *flink.StatusError
	if !errors.As(err, &status) || status.Status != 404 || status.Path != "/jobs/"+job || status.Message == "" {
		t.Errorf("error = %#v, want a StatusError of 404 with path and message", err)
	}
	if errors.Is(err, flink.ErrCheckpointingNotEnabled) || errors.Is(err, flink.ErrUnreachable) {
		t.Errorf("%v is more than not found", err)
	}
}

func TestRefused(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	gone := server.URL
	server.Close()
	_, err := client(t, gone).Overview(t.Context())
	want := gone + "/overview refused the connection; is the JobManager running, and is this its REST port (rest.port, 8081 by default)?"
	if !errors.Is(err, flink.ErrUnreachable) || err.Error() != want {
		t.Errorf("error is\n\t%v\nwant\n\t%s", err, want)
	}
}

func TestTimeout(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	server.On("/overview", testkit.Wait(never, testkit.JSON(200, `{}`)))
	_, err := client(t, server.URL, flink.WithTimeout(20*time.Millisecond)).Overview(t.Context())
	want := server.URL + "/overview gave no whole answer within 20ms; a JobManager short of CPU answers that slowly"
	if !errors.Is(err, flink.ErrUnreachable) || err.Error() != want {
		t.Errorf("error is\n\t%v\nwant\n\t%s", err, want)
	}
	if flink.DefaultTimeout <= 40*time.Second {
		t.Errorf("default timeout is %s; a starved JobManager needs up to 40 s", flink.DefaultTimeout)
	}
}

func TestCanceled(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.On("/overview", func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	_, err := client(t, server.URL).Overview(ctx)
	if !errors.Is(err, context.Canceled) || errors.Is(err, flink.ErrUnreachable) {
		t.Errorf("error = %v, want context.Canceled and not ErrUnreachable", err)
	}
}

// Neither a password in the URL nor a token appears in any error; both are sent.
func TestNoCredentialsInErrors(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	var got *http.Request
	server.On("/overview", func(w http.ResponseWriter, r *http.Request) {
		got = r
		testkit.NotFound("gone")(w, r)
	})
	withUser := strings.Replace(server.URL, "http://", "http://reader:hunter2@", 1)
	c := client(t, withUser)
	same(t, "URL", server.URL, c.URL())
	silent(t, c)
	user, password, _ := got.BasicAuth()
	same(t, "basic authentication", []string{"reader", "hunter2"}, []string{user, password})

	silent(t, client(t, server.URL, flink.WithBearerToken("hunter2"), flink.WithHeader("X-Tenant", "a")))
	same(t, "headers", []string{"Bearer hunter2", "a"}, []string{got.Header.Get("Authorization"), got.Header.Get("X-Tenant")})

	server.Close()
	silent(t, client(t, withUser))
}

// silent makes a request that fails, and looks for the password in the error.
func silent(t *testing.T, c *flink.Client) {
	t.Helper()
	_, err := c.Overview(t.Context())
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "reader") {
		t.Errorf("error %v, want one without credentials", err)
	}
}
