package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// brief are options that measure a loopback port in a moment.
func brief() Options {
	return Options{Count: 5, Every: leastEvery, Timeout: 200 * time.Millisecond, Deadline: 20 * time.Second, MaxHops: 4}
}

// listen is a port of the loopback device and how each connection to it is treated.
func listen(t *testing.T, serve func(net.Conn)) Target {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serve(connection)
		}
	}()
	return targetOf(t, listener.Addr().String(), "")
}

// closedPort is a port of the loopback device that nobody listens on any more.
func closedPort(t *testing.T) Target {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return targetOf(t, listener.Addr().String(), "")
}

func targetOf(t *testing.T, address, path string) Target {
	t.Helper()
	target, err := ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	target.Path = path
	return target
}

// hold keeps connections open until the test is over.
func hold(t *testing.T) func(net.Conn) {
	t.Helper()
	return func(connection net.Conn) {
		t.Cleanup(func() {
			if err := connection.Close(); err != nil {
				t.Log(err)
			}
		})
	}
}

// counts is a result without what differs from one measurement to the next: the times, after a look at their order, and the path.
func counts(t *testing.T, r *Result) []TargetResult {
	t.Helper()
	plain := slices.Clone(r.Targets)
	for i := range plain {
		plain[i].Connect = countsOf(t, &plain[i].Connect)
		if plain[i].Request != nil {
			request := countsOf(t, plain[i].Request)
			plain[i].Request = &request
		}
	}
	return plain
}

func countsOf(t *testing.T, s *Series) Series {
	t.Helper()
	if (s.Answered() > 0) != (s.P50Microseconds > 0) || s.P50Microseconds > s.P95Microseconds || s.P95Microseconds > s.MaxMicroseconds {
		t.Errorf("%+v: the percentiles contradict the counts", *s)
	}
	return Series{Sent: s.Sent, Lost: s.Lost, Failed: s.Failed, Error: s.Error}
}

// none is what the kernel sent again on the loopback device; nil on systems that do not tell.
func none() *int64 {
	if runtime.GOOS != "linux" {
		return nil
	}
	return new(int64)
}

func TestConnectsAndRequests(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Error(w, "who are you?", http.StatusUnauthorized) // a refusal is an answer
	}))
	defer server.Close()
	open, web := listen(t, hold(t)), targetOf(t, server.Listener.Addr().String(), "/config")
	result, err := Measure(t.Context(), []Target{open, web}, brief())
	if err != nil {
		t.Fatal(err)
	}
	want := []TargetResult{
		{Target: open.String(), Address: "127.0.0.1", Connect: Series{Sent: 5}, Retransmits: none()},
		{Target: web.String(), Address: "127.0.0.1", Connect: Series{Sent: 5}, Request: &Series{Sent: 5}, Retransmits: none()},
	}
	if diff := cmp.Diff(want, counts(t, &result)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(asked) != 5 || <-asked != "/config" {
		t.Errorf("%d requests for the path, want 5", len(asked))
	}
	if (len(result.Gaps) > 0) != (runtime.GOOS != "linux") {
		t.Errorf("gaps %q on %s", result.Gaps, runtime.GOOS)
	}
}

func TestWhatFailsIsCountedAndSaid(t *testing.T) {
	silent, closed := listen(t, hold(t)), closedPort(t)
	silent.Path = "/"
	unknown := Target{Host: "nowhere.invalid", Port: 1}
	o := brief()
	o.Count = 2
	result, err := Measure(t.Context(), []Target{silent, closed, unknown}, o)
	if err != nil {
		t.Fatal(err)
	}
	said := result.Targets[2].Connect.Error
	if !strings.Contains(said, "nowhere.invalid") {
		t.Errorf("an unknown name: %q", said)
	}
	want := []TargetResult{
		{Target: silent.String(), Address: "127.0.0.1", Connect: Series{Sent: 2}, Request: &Series{Sent: 2, Lost: 2}, Retransmits: none()},
		{Target: closed.String(), Address: "127.0.0.1", Connect: Series{Sent: 2, Failed: 2, Error: "connect: connection refused"}},
		{Target: "nowhere.invalid:1", Connect: Series{Sent: 1, Failed: 1, Error: said}},
	}
	if diff := cmp.Diff(want, counts(t, &result)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever answers is text of somebody else's.
func TestAnAnswerThatIsNoHTTP(t *testing.T) {
	gibberish := listen(t, func(c net.Conn) {
		_, err := c.Write([]byte("SSH-2.0-\x1bfoo\r\n"))
		if err = errors.Join(err, c.Close()); err != nil {
			t.Log(err)
		}
	})
	gibberish.Path = "/"
	result, err := Measure(t.Context(), []Target{gibberish}, brief())
	if err != nil {
		t.Fatal(err)
	}
	if s := result.Targets[0].Request; s.Failed == 0 || s.Error == "" || strings.ContainsRune(s.Error, '\x1b') {
		t.Errorf("%+v, want failures", *s)
	}
}

// The whole is bounded: what was measured until the deadline is the result, and what it cut off is neither lost nor failed.
func TestTheDeadlineEndsTheMeasurement(t *testing.T) {
	silent := listen(t, hold(t))
	silent.Path = "/"
	o := Options{Count: 1000, Every: leastEvery, Timeout: 150 * time.Millisecond, Deadline: 500 * time.Millisecond}
	began := time.Now()
	result, err := Measure(t.Context(), []Target{silent}, o)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s, want about 0.5s", took)
	}
	s := result.Targets[0].Request
	if s.Sent == 0 || s.Sent > 3 || s.Sent != s.Lost || s.Failed != 0 {
		t.Errorf("%+v, want up to 3 lost: each takes 150ms of 500ms", *s)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if result, err = Measure(ended, []Target{silent}, o); err == nil || result.Targets[0].Connect.Sent != 0 {
		t.Errorf("after its end: %v, %+v", err, result.Targets[0].Connect)
	}
}

func TestMeasureRefusesWhatItCannotDo(t *testing.T) {
	one := []Target{{Host: "127.0.0.1", Port: 1}}
	cases := map[string]func(*Options){
		"--count is 0": func(o *Options) { o.Count = 0 }, "--count is 1001": func(o *Options) { o.Count = 1001 },
		"--every is 0s": func(o *Options) { o.Every = 0 }, "--timeout is -1s": func(o *Options) { o.Timeout = -time.Second },
		"--deadline is 1h0m0s": func(o *Options) { o.Deadline = time.Hour }, "--max-hops is 65": func(o *Options) { o.MaxHops = 65 },
	}
	for want, change := range cases {
		o := brief()
		change(&o)
		if _, err := Measure(t.Context(), one, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Measure(t.Context(), nil, brief()); err == nil {
		t.Error("nothing to measure is no error")
	}
}

func TestThePathOfTheLoopbackDevice(t *testing.T) {
	path := onlyPath(t, "127.0.0.1")
	if runtime.GOOS != "linux" {
		if !strings.Contains(path.Gap, "not available on this system") {
			t.Errorf("gap %q", path.Gap)
		}
		return
	}
	if !path.Reached || len(path.Hops) != 1 || path.Hops[0].Address != "127.0.0.1" || path.MTU == 0 || path.Gap != "" {
		t.Errorf("%+v, want one hop", path)
	}
}

// onlyPath measures a port that nobody listens on: the path does not need one.
func onlyPath(t *testing.T, host string) Path {
	t.Helper()
	o := brief()
	o.Count = 1
	result, err := Measure(t.Context(), []Target{{Host: host, Port: 1}, {Host: host, Port: 2}}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Paths) != 1 {
		t.Fatalf("%d paths to one address", len(result.Paths))
	}
	return result.Paths[0]
}

func TestTargets(t *testing.T) {
	good := map[string]Target{
		"jobmanager:6123": {Host: "jobmanager", Port: 6123}, "10.0.0.7:1": {Host: "10.0.0.7", Port: 1}, "[fd00::7]:65535": {Host: "fd00::7", Port: 65535},
		"http://jobmanager:8081/config": {Host: "jobmanager", Port: 8081, Path: "/config"}, "http://jobmanager:8081": {Host: "jobmanager", Port: 8081, Path: "/"},
		"http://[fd00::7]:8081/a?b=c": {Host: "fd00::7", Port: 8081, Path: "/a?b=c"},
	}
	for text, want := range good {
		got, err := ParseTarget(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		if again, err := ParseTarget(got.String()); err != nil || again != got {
			t.Errorf("%q does not come back: %+v, %v", text, again, err)
		}
	}
	for _, text := range []string{"", "jobmanager", "jobmanager:", ":6123", "jobmanager:0", "jobmanager:65536", "jobmanager:http", "fd00::7:6123", "https://jobmanager:8081",
		"http://jobmanager", "http://user:secret@jobmanager:8081/", "http://job manager:8081/", "a b:1", "http://jobmanager:8081/\r\nX: y", "job\x00:1/2", strconv.Itoa(1 << 40)} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}
