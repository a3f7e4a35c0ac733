package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// answers is a http.RoundTripper that gives the same answer to everything.
type answers struct {
	body io.ReadCloser
	err  error
}

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"session=hunter2"}}, Body: a.body}, nil
}

func get(t *testing.T, rt http.RoundTripper, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer hunter2")
	return rt.RoundTrip(req)
}

// What is recorded is replayed: path, query, status, text, time and duration.
func TestRecordAndReplay(t *testing.T) {
	for _, name := range []string{"a.har", "a.har.gz"} {
		file := filepath.Join(t.TempDir(), name)
		w, err := Create(file)
		if err != nil {
			t.Fatal(err)
		}
		clock := at(0)
		tick := func() time.Time { clock = clock.Add(1500 * time.Millisecond); return clock }
		text := `{"jobs":[{"jid":"x","big":9223372036854775807,"nan":"NaN"}]}`
		rt := NewRecorder(answers{body: io.NopCloser(strings.NewReader(text))}, w, WithPrefix("/proxy/"), WithClock(tick))
		resp, err := get(t, rt, "http://u:hunter2@h/proxy/jobs/overview?a=b%20c")
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, resp); got != text {
			t.Errorf("the client read %s, want %s", got, text)
		}
		if w.Count() != 1 {
			t.Errorf("count = %d, want 1", w.Count())
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(Entry{}); err == nil {
			t.Error("a closed archive takes an entry")
		}
		r, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		e := r.Entries()[0]
		if r.Base() != "http://jobmanager:8081" || e.Path != "/jobs/overview" || e.Query != "a=b%20c" || e.Took != 1500*time.Millisecond || !e.Start.Equal(at(0).Add(1500*time.Millisecond)) {
			t.Errorf("%s: base %s, entry %+v", name, r.Base(), e)
		}
		if got := string(e.Body); got != `{"jobs":[{"big":9223372036854775807,"jid":"x","nan":"NaN"}]}` {
			t.Errorf("%s: body %s", name, got)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v (%v), want only the owner to read it", name, info.Mode(), err)
		}
	}
}

// HAR 1.2 requires these members of every entry.
func TestArchiveIsValid(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Base("https://h:1/p/"))
	for _, e := range []Entry{{Path: "/jobs/overview", Query: "x=1&y=%zz", Status: 200, Body: []byte("{}")}, {Path: "/jobmanager/log", Status: 200, Body: []byte("\xff\x00")}} {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	var har struct {
		Log struct {
			Version string                       `json:"version"`
			Creator map[string]string            `json:"creator"`
			Entries []map[string]json.RawMessage `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(out.Bytes(), &har); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if har.Log.Version != "1.2" || har.Log.Creator["name"] == "" || len(har.Log.Entries) != 2 {
		t.Fatalf("archive = %s", out.String())
	}
	for member, needs := range map[string][]string{
		"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
		"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
		"timings":  {"send", "wait", "receive"},
	} {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(har.Log.Entries[0][member], &object); err != nil {
			t.Fatal(err)
		}
		for _, need := range needs {
			if value, ok := object[need]; !ok || string(value) == "null" {
				t.Errorf("%s.%s is %s", member, need, value)
			}
		}
	}
	r := read(t, out.String())
	if r.Base() != "https://h:1/p" || string(r.byPathBody("/jobmanager/log")) != "\xff\x00" {
		t.Errorf("base %s, log %q", r.Base(), r.byPathBody("/jobmanager/log"))
	}
}

func (r *Recording) byPathBody(path string) []byte { return r.entries[r.byPath[path][0]].Body }

func TestEmptyArchiveIsValid(t *testing.T) {
	var out bytes.Buffer
	if err := NewWriter(&out).Close(); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("error %v, archive %s", err, out.String())
	}
}

// A body that fails, or is too large to record, reaches the client as it is and is not recorded.
func TestRecorderPassesOnWhatItCannotRecord(t *testing.T) {
	broken := errors.New("broken")
	var out bytes.Buffer
	w := NewWriter(&out)
	resp, err := get(t, NewRecorder(answers{body: io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{broken}))}, w), "http://h/jobs/overview")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(resp.Body); string(data) != "half" || !errors.Is(err, broken) {
		t.Errorf("the client read %q, %v; want half and the error", data, err)
	}
	large := io.LimitReader(zeros{}, maxRecorded+7)
	resp, err = get(t, NewRecorder(answers{body: io.NopCloser(large)}, w), "http://h/jobs/overview")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, resp.Body); n != maxRecorded+7 || err != nil {
		t.Errorf("the client read %d bytes, %v; want %d", n, err, maxRecorded+7)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if _, err := get(t, NewRecorder(answers{err: broken}, w), "http://h/jobs/overview"); !errors.Is(err, broken) {
		t.Errorf("error = %v, want the transport's", err)
	}
	if w.Count() != 0 {
		t.Errorf("%d entries were recorded, want none", w.Count())
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A disk that is full is told at once, and not at the end.
func TestWriterFails(t *testing.T) {
	full := errors.New("no space left")
	w := NewWriter(refusing{full})
	rt := NewRecorder(answers{body: io.NopCloser(strings.NewReader("{}"))}, w)
	if _, err := get(t, rt, "http://h/jobs/overview"); !errors.Is(err, full) {
		t.Errorf("error = %v, want that of the disk", err)
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("closing: %v, want that of the disk", err)
	}
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
