package recording

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// replay asks a Player for a path with query, as a client of its base URL would.
func replay(t *testing.T, p *Player, target string) *http.Response {
	t.Helper()
	base, err := url.Parse(p.Base())
	if err != nil {
		t.Skipf("the base of this archive is no URL: %v", err)
	}
	path, query, _ := strings.Cut(target, "?")
	base.Path, base.RawQuery = base.Path+path, query
	req := (&http.Request{Method: http.MethodGet, URL: base}).WithContext(t.Context())
	resp, err := p.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPlayerAnswersFromNearest(t *testing.T) {
	const base = "http://h/p"
	p := read(t, archive(got(10, base+"/jobs/overview", "first"), got(20, base+"/jobs/overview?x=1", "second"))).Player()
	for second, want := range map[int]string{0: "first", 14: "first", 15: "first", 16: "second", 59: "second"} {
		p.Seek(at(second))
		resp := replay(t, p, "/jobs/overview?other=query")
		if got := body(t, resp); got != want || resp.StatusCode != 200 {
			t.Errorf("at second %d: %q, want %q", second, got, want)
		}
		when, took, ok := Times(resp)
		if !ok || took != 40*time.Millisecond || !when.Equal(at(map[string]int{"first": 10, "second": 20}[want])) {
			t.Errorf("at second %d: recorded at %s in %s (%v)", second, when, took, ok)
		}
	}
	gap := replay(t, p, "/jobs/"+jobID)
	if text := body(t, gap); gap.StatusCode != 404 || !strings.Contains(text, NotRecorded) {
		t.Errorf("a gap is answered %d %s", gap.StatusCode, text)
	}
	if _, _, ok := Times(&http.Response{Header: http.Header{}}); ok {
		t.Error("a response that is not recorded has a time")
	}
	resp, err := p.RoundTrip((&http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/p/jobs"}}).WithContext(t.Context()))
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST is answered %v, %v", resp, err)
	}
}

func TestPlayerMergesMetrics(t *testing.T) {
	const url = "http://h/jobmanager/metrics"
	p := read(t, archive(
		got(1, url, `[{"id":"a"},{"id":"b"},{"id":"c"}]`),
		got(10, url+"?get=a,b", `[{"id":"a","value":"1"},{"id":"b","value":"2"}]`),
		got(20, url+"?get=a", `[{"id":"a","value":"3"}]`),
		got(30, url+"?get=d", `broken`))).Player()
	for _, tc := range []struct {
		second int
		query  string
		want   string
		at     int
	}{
		{10, "?get=a,b", `[{"id":"a","value":"1"},{"id":"b","value":"2"}]`, 10},
		{20, "?get=b,a,unknown", `[{"id":"b","value":"2"},{"id":"a","value":"3"}]`, 20},
		{20, "?get=b", `[{"id":"b","value":"2"}]`, 10},
		{20, "?get=c", `[]`, 20},
		{20, "", `[{"id":"a"},{"id":"b"},{"id":"c"}]`, 20},
	} {
		p.Seek(at(tc.second))
		resp := replay(t, p, "/jobmanager/metrics"+tc.query)
		if got := body(t, resp); got != tc.want {
			t.Errorf("at second %d, %s: %s, want %s", tc.second, tc.query, got, tc.want)
		}
		if when, _, _ := Times(resp); tc.query != "" && !when.Equal(at(tc.at)) {
			t.Errorf("at second %d, %s: recorded at %s, want %s", tc.second, tc.query, when, at(tc.at))
		}
	}
	if resp := replay(t, p, "/taskmanagers/x/metrics?get=a"); resp.StatusCode != 404 {
		t.Errorf("metrics never recorded are answered %d, want 404", resp.StatusCode)
	}
}

func TestPasses(t *testing.T) {
	const base = "http://h"
	checkpoints := base + "/jobs/" + jobID + "/checkpoints"
	r := read(t, archive(got(10, checkpoints, "a"), got(5, base+"/jobs/overview", "x"), got(10, checkpoints, "b"), got(11, checkpoints+"/config", "c"),
		got(30, checkpoints, "d"), got(32, checkpoints, "e")))
	var seconds []int
	for _, pass := range r.Passes() {
		seconds = append(seconds, pass.Second())
	}
	if len(seconds) != 3 || seconds[0] != 10 || seconds[1] != 30 || seconds[2] != 32 {
		t.Errorf("passes at %v, want 10, 30 and 32", seconds)
	}
}

// Every recording that is kept can be replayed, has a label, and every label has a recording.
func TestKeptRecordings(t *testing.T) {
	root := filepath.Join("testdata", "flink")
	data, err := os.ReadFile(filepath.Join(root, "labels.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var labels map[string]struct {
		Cause   string `json:"cause"`
		Expired int    `json:"expired"`
	}
	if err := yaml.Unmarshal(data, &labels); err != nil {
		t.Fatal(err)
	}
	var bytes int64
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".har.gz") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		bytes += info.Size()
		name := strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), ".har.gz")
		if labels[name].Cause == "" {
			t.Errorf("%s has no label", name)
		}
		delete(labels, name)
		checkKept(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range labels {
		t.Errorf("label %s has no recording", name)
	}
	if bytes > 25<<20 {
		t.Errorf("recordings take %d bytes, more than 25 MiB", bytes)
	}
}

func checkKept(t *testing.T, path string) {
	t.Helper()
	r, err := Load(path)
	if err != nil {
		t.Error(err)
		return
	}
	if r.Base() != "http://jobmanager:8081" || len(r.Jobs()) != 1 {
		t.Errorf("%s: base %s and jobs %v", path, r.Base(), r.Jobs())
	}
	passes := r.Passes()
	if want := 3; len(passes) != want && !strings.Contains(path, "cured") {
		t.Errorf("%s: %d passes, want %d", path, len(passes), want)
	}
	p := r.Player()
	p.Seek(passes[0])
	for _, target := range []string{"/jobs/overview", "/jobs/" + r.Jobs()[0] + "/checkpoints", "/jobmanager/metrics?get=Status.JVM.Memory.Heap.Used", "/jobmanager/thread-dump"} {
		if resp := replay(t, p, target); resp.StatusCode != 200 {
			t.Errorf("%s: %s is answered %d", path, target, resp.StatusCode)
		}
	}
}
