package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
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
	return func(connection net.Conn) {
		t.Cleanup(func() {
			if err := connection.Close(); err != nil {
				t.Log(err)
			}
		})
	}
}

func TestConnectsAndRequests(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer server.Close()
	open, web := listen(t, hold(t)), targetOf(t, server.Listener.Addr().String(), "/config")
	result, err := Measure(t.Context(), []Target{open, web}, brief())
	if err != nil {
		t.Fatal(err)
	}
	for i := range result.Targets {
		r := &result.Targets[i]
		if r.Connect.Sent != 5 || r.Connect.Answered() != 5 || r.Connect.P50Microseconds <= 0 || r.Connect.MaxMicroseconds < r.Connect.P95Microseconds {
			t.Errorf("%s: %+v, want 5 connects answered", r.Target, r.Connect)
		}
		if r.Address != "127.0.0.1" || r.LookupMicroseconds != 0 {
			t.Errorf("%s: address %q after %d µs", r.Target, r.Address, r.LookupMicroseconds)
		}
		if runtime.GOOS == "linux" && (r.Retransmits == nil || *r.Retransmits != 0) {
			t.Errorf("%s: retransmits are not 0", r.Target)
		}
	}
	if result.Targets[0].Request != nil {
		t.Error("HOST:PORT was asked something")
	}
	if r := result.Targets[1].Request; r == nil || r.Sent != 5 || r.Answered() != 5 || len(asked) != 5 || <-asked != "/config" {
		t.Errorf("requests: %+v, want 5 answered: a refusal is an answer", r)
	}
	if (len(result.Gaps) > 0) != (runtime.GOOS != "linux") {
		t.Errorf("gaps %q on %s", result.Gaps, runtime.GOOS)
	}
}

func TestWhatFailsIsCountedAndSaid(t *testing.T) {
	silent, closed := listen(t, hold(t)), listen(t, hold(t))
	silent.Path = "/"
	probed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed = targetOf(t, probed.Addr().String(), "")
	if err := probed.Close(); err != nil {
		t.Fatal(err)
	}
	gibberish := listen(t, func(c net.Conn) {
		defer c.Close()
		if _, err := c.Write([]byte("SSH-2.0-\x1bfoo\r\n")); err != nil {
			return
		}
	})
	gibberish.Path = "/"
	unknown := Target{Host: "nowhere.invalid", Port: 1}
	o := brief()
	o.Count = 2
	result, err := Measure(t.Context(), []Target{silent, closed, gibberish, unknown}, o)
	if err != nil {
		t.Fatal(err)
	}
	if s := result.Targets[0].Request; s.Sent != 2 || s.Lost != 2 || s.Error != "" || s.MaxMicroseconds != 0 {
		t.Errorf("nobody answers: %+v, want 2 of 2 lost", *s)
	}
	if s := &result.Targets[1].Connect; s.Sent != 2 || s.Failed != 2 || !strings.Contains(s.Error, "refused") {
		t.Errorf("a closed port: %+v, want 2 of 2 refused", *s)
	}
	if s := result.Targets[2].Request; s.Failed == 0 || strings.ContainsRune(s.Error, '\x1b') {
		t.Errorf("no HTTP: %+v", *s)
	}
	if s := &result.Targets[3].Connect; s.Sent != 1 || s.Failed != 1 || !strings.Contains(s.Error, "nowhere.invalid") {
		t.Errorf("an unknown name: %+v", *s)
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
