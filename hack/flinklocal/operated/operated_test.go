package operated

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/standin"
)

// fleetOf makes clusters on a distribution without content: good enough for all that does not start Flink.
func fleetOf(t *testing.T) *Fleet {
	t.Helper()
	dist := t.TempDir()
	if err := os.Mkdir(filepath.Join(dist, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lib/flink-dist-1.20.5.jar": "", "store.jar": "",
		"bin/java": "#!/bin/sh\necho 'version \"17\"'\n", "bin/javac": "#!/bin/sh\n",
	} {
		path := filepath.Join(dist, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("JAVA_HOME", dist)
	f := NewFleet(t.Context(), func(_ context.Context, spec standin.Spec) (flinklocal.Options, error) {
		theCase, ok := flinklocal.Find(spec.Name)
		if !ok {
			return flinklocal.Options{}, errors.New("no such case")
		}
		return flinklocal.Options{Dist: dist, Jars: flinklocal.Jars{Store: filepath.Join(dist, "store.jar")}, Case: theCase, Dir: dist}, nil
	})
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestFactoryKeepsWhatItMade(t *testing.T) {
	f := fleetOf(t)
	if c := f.Cluster("default", "healthy"); c != nil {
		t.Errorf("a cluster before it was deployed: %v", c)
	}
	made, err := f.Factory(t.Context(), standin.Spec{Namespace: "default", Name: "healthy"})
	if err != nil {
		t.Fatal(err)
	}
	c := f.Cluster("default", "healthy")
	known, ok := made.(standin.Identified)
	if c == nil || !ok || known.JobID() != c.JobID() {
		t.Errorf("made %v, kept %v", made, c)
	}
	if ready, err := made.Ready(t.Context()); ready || err != nil {
		t.Errorf("ready %t, %v before anything runs", ready, err)
	}
	if _, err := f.Factory(t.Context(), standin.Spec{Namespace: "default", Name: "unheard-of"}); err == nil {
		t.Error("want the error of the choice")
	}
}

func TestDeployIsHandedOn(t *testing.T) {
	f := fleetOf(t)
	made, err := f.Factory(t.Context(), standin.Spec{Namespace: "default", Name: "healthy"})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Deploy(t.Context(), standin.Spec{Version: "2.2.1"}); err == nil || !strings.Contains(err.Error(), "1.20.5") {
		t.Errorf("error %v, want the version refused", err)
	}
}

func TestProxyGoesByTheHost(t *testing.T) {
	f := fleetOf(t)
	if _, err := f.Factory(t.Context(), standin.Spec{Namespace: "default", Name: "healthy"}); err != nil {
		t.Fatal(err)
	}
	port, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", strings.TrimPrefix(f.Cluster("default", "healthy").URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	jobManager := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "answer to "+r.URL.Path) })}
	go func() { _ = jobManager.Serve(port) }() // it ends with Close
	t.Cleanup(func() { _ = jobManager.Close() })
	front := httptest.NewServer(f)
	t.Cleanup(front.Close)
	address, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(address)}}
	for host, want := range map[string]string{
		"healthy-rest.default.svc.cluster.local:8081": "answer to /overview",
		"healthy-rest.default:8081":                   "answer to /overview",
		"healthy-rest.other:8081":                     "no Flink is deployed",
		"healthy.default:8081":                        "no Flink is deployed",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/overview", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s: %s %q, want %q", host, answer.Status, text, want)
		}
	}
}
