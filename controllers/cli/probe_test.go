package cli

import (
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/probe"
)

// ports are an open port of the loopback device that answers requests, and a closed one.
func ports(t *testing.T) (open, closed string) {
	t.Helper()
	server := httptest.NewServer(nil)
	t.Cleanup(server.Close)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	return server.Listener.Addr().String(), gone.Addr().String()
}

func TestProbe(t *testing.T) {
	open, closed := ports(t)
	few := []string{"--count", "3", "--every", "10ms"}
	s := newShell(t, time.Time{})
	if status := s.run(t, append([]string{"probe", open, "http://" + open + "/config"}, few...)...); status != StatusHealthy || s.err.Len() > 0 {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	narrow(t, s.out.String())
	for _, want := range []string{open + "\n  connects     3     0       0", "/config\n  connects     3", "  requests     3     0       0", "path     127.0.0.1 "} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("the result lacks %q:\n%s", want, s.out.String())
		}
	}
	if status := s.run(t, append([]string{"probe", open, closed}, few...)...); status != StatusSick || !strings.Contains(s.out.String(), "failed   "+closed+": connect: connection refused") {
		t.Errorf("one of two: status %d\n%s", status, s.out.String())
	}
	narrow(t, s.out.String())
	if status := s.run(t, append([]string{"probe", closed}, few...)...); status != StatusUnknown || !strings.Contains(s.err.String(), "nothing was answered: "+closed) {
		t.Errorf("none: status %d, stderr %q", status, s.err.String())
	}
}

func TestProbeAsJSON(t *testing.T) {
	open, _ := ports(t)
	file := filepath.Join(t.TempDir(), "termination-log")
	s := newShell(t, time.Time{})
	if status := s.run(t, "probe", "--output=json", "--result-file="+file, "--count=2", "--every=10ms", "http://"+open+"/"); status != StatusHealthy {
		t.Fatalf("status %d, stderr %q", status, s.err.String())
	}
	var printed probe.Result
	if err := json.Unmarshal(s.out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := probe.ParseResult(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []probe.Result{printed, kept} {
		if len(r.Targets) != 1 || r.Targets[0].Connect.Answered() != 2 || r.Targets[0].Request.Answered() != 2 {
			t.Errorf("%+v, want 2 connects and 2 requests", r)
		}
	}
}

func TestProbeTellsWhatIsWrong(t *testing.T) {
	cases := map[string][]string{
		"give one or more HOST:PORT":      {"probe"},
		`"jobmanager" is not HOST:PORT`:   {"probe", "jobmanager"},
		"only http:// can be asked":       {"probe", "https://jobmanager:8081"},
		"--count is 0, expected 1 to":     {"probe", "127.0.0.1:1", "--count", "0"},
		`-o "yaml" is not known`:          {"probe", "127.0.0.1:1", "-o", "yaml"},
		"--result-file: open":             {"probe", "127.0.0.1:1", "--count", "1", "--result-file", t.TempDir()},
		"17 targets, expected 1 to 16":    append([]string{"probe"}, strings.Fields(strings.Repeat("127.0.0.1:1 ", 17))...),
		"--deadline is 0s, expected more": {"probe", "127.0.0.1:1", "--deadline", "0s"},
	}
	for want, args := range cases {
		s := newShell(t, time.Time{})
		if status := s.run(t, args...); status != StatusUnknown || !strings.Contains(s.err.String(), want) || s.out.Len() > 0 {
			t.Errorf("%v: status %d, stderr %q, want %q", args, status, s.err.String(), want)
		}
	}
}
