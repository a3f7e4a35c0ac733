package recording

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// reply is what a test looks at of a response.
type reply struct {
	Status int
	Body   string
	At     time.Time
	Took   time.Duration
}

// replay asks a Player for a path with query, as a client of its base URL would.
func replay(t *testing.T, p *Player, target string) reply {
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
	at, took, ok := Times(resp)
	if !ok {
		t.Fatal("the response does not say when it was recorded")
	}
	return reply{Status: resp.StatusCode, Body: body(t, resp), At: at, Took: took}
}

// body reads and closes.
func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func same[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestPlayerAnswersFromNearest(t *testing.T) {
	const base = "http://h/p"
	p := read(t, archive(got(10, base+"/jobs/overview", "first"), got(20, base+"/jobs/overview?x=1", "second"))).Player()
	first := reply{Status: http.StatusOK, Body: "first", At: at(10), Took: 40 * time.Millisecond}
	second := reply{Status: http.StatusOK, Body: "second", At: at(20), Took: 40 * time.Millisecond}
	for when, want := range map[int]reply{0: first, 14: first, 15: first, 16: second, 59: second} {
		p.Seek(at(when))
		same(t, "answer at second "+strconv.Itoa(when), want, replay(t, p, "/jobs/overview?other=query"))
	}
}

func TestPlayerHasGaps(t *testing.T) {
	p := read(t, archive(got(10, "http://h/p/jobs/overview", "first"))).Player()
	gap := replay(t, p, "/jobs/"+jobID)
	if gap.Status != http.StatusNotFound || !strings.Contains(gap.Body, NotRecorded) {
		t.Errorf("a gap is answered %d %s", gap.Status, gap.Body)
	}
	if _, _, ok := Times(&http.Response{Header: http.Header{}}); ok {
		t.Error("a response that is not recorded has a time")
	}
	resp, err := p.RoundTrip((&http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/p/jobs"}}).WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if text := body(t, resp); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST is answered %d %s", resp.StatusCode, text)
	}
}

func TestPlayerMergesMetrics(t *testing.T) {
	const metrics = "http://h/jobmanager/metrics"
	p := read(t, archive(
		got(1, metrics, `[{"id":"a"},{"id":"b"},{"id":"c"}]`),
		got(10, metrics+"?get=a,b", `[{"id":"a","value":"1"},{"id":"b","value":"2"}]`),
		got(20, metrics+"?get=a", `[{"id":"a","value":"3"}]`),
		got(30, metrics+"?get=d", `broken`))).Player()
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
		{20, "", `[{"id":"a"},{"id":"b"},{"id":"c"}]`, 1},
	} {
		p.Seek(at(tc.second))
		want := reply{Status: http.StatusOK, Body: tc.want, At: at(tc.at), Took: 40 * time.Millisecond}
		same(t, fmt.Sprintf("metrics at second %d, %s", tc.second, tc.query), want, replay(t, p, "/jobmanager/metrics"+tc.query))
	}
	if got := replay(t, p, "/taskmanagers/x/metrics?get=a"); got.Status != http.StatusNotFound {
		t.Errorf("metrics never recorded are answered %d, want 404", got.Status)
	}
}

func TestPasses(t *testing.T) {
	const base = "http://h"
	checkpoints := base + "/jobs/" + jobID + "/checkpoints"
	r := read(t, archive(got(10, checkpoints, "a"), got(5, base+"/jobs/overview", "x"), got(10, checkpoints, "b"), got(11, checkpoints+"/config", "c"),
		got(30, checkpoints, "d"), got(32, checkpoints, "e")))
	same(t, "passes", []time.Time{at(10), at(30), at(32)}, r.Passes())
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
	for _, path := range kept(t, root) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
		name := strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), ".har.gz")
		if labels[name].Cause == "" {
			t.Errorf("%s has no label", name)
		}
		delete(labels, name)
		checkKept(t, path)
	}
	for name := range labels {
		t.Errorf("label %s has no recording", name)
	}
	if bytes > 25<<20 {
		t.Errorf("recordings take %d bytes, more than 25 MiB", bytes)
	}
}

// kept lists the recordings below root.
func kept(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".har.gz") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d recordings below %s: %v", len(paths), root, err)
	}
	return paths
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
		if got := replay(t, p, target); got.Status != http.StatusOK {
			t.Errorf("%s: %s is answered %d", path, target, got.Status)
		}
	}
}
