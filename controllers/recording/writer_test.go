package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"session=hunter2"}}, Body: a.body}, nil
}

// fetched is what a client gets: the body as far as it came, and the error of reading it.
type fetched struct {
	size int64
	head string // at most a kilobyte
	err  error
}

func get(t *testing.T, rt http.RoundTripper, target string) (fetched, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer hunter2")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return fetched{}, err
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}()
	head, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
	out := fetched{size: int64(len(head)), head: string(head), err: err}
	if err == nil {
		var n int64
		n, out.err = io.Copy(io.Discard, resp.Body)
		out.size += n
	}
	return out, nil
}

// What is recorded is replayed: path, query, status, text, time and duration.
func TestRecordAndReplay(t *testing.T) {
	for _, name := range []string{"a.har", "a.har.gz"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			record(t, file, `{"jobs":[{"jid":"x","big":9223372036854775807,"nan":"NaN"}]}`)
			r, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "base", "http://jobmanager:8081", r.Base())
			same(t, "entries", []Entry{{
				Path: "/jobs/overview", Query: "a=b%20c", Status: http.StatusOK, Type: "application/json",
				Body:  []byte(`{"jobs":[{"big":9223372036854775807,"jid":"x","nan":"NaN"}]}`),
				Start: at(0).Add(1500 * time.Millisecond), Took: 1500 * time.Millisecond,
			}}, r.Entries())
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "mode, which lets only the owner read", os.FileMode(0o600), info.Mode().Perm())
		})
	}
}

// record writes one answer to file, every look at the clock 1.5 s after the one before.
func record(t *testing.T, file, text string) {
	t.Helper()
	w, err := Create(file)
	if err != nil {
		t.Fatal(err)
	}
	clock := at(0)
	tick := func() time.Time { clock = clock.Add(1500 * time.Millisecond); return clock }
	rt := NewRecorder(answers{body: io.NopCloser(strings.NewReader(text))}, w, WithPrefix("/proxy/"), WithClock(tick))
	resp, err := get(t, rt, "http://u:hunter2@h/proxy/jobs/overview?a=b%20c")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what the client read", text, resp.head)
	same(t, "count", 1, w.Count())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Entry{}); err == nil {
		t.Error("a closed archive takes an entry")
	}
}

// written makes an archive of entries.
func written(t *testing.T, entries []Entry, opts ...WriteOption) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, opts...)
	for _, e := range entries {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// HAR 1.2 requires these members of every entry.
func TestArchiveIsValid(t *testing.T) {
	text := written(t, []Entry{{Path: "/jobs/overview", Query: "x=1&y=%zz", Status: 200, Body: []byte("{}")}})
	var har struct {
		Log struct {
			Version string                                  `json:"version"`
			Creator map[string]string                       `json:"creator"`
			Entries []map[string]map[string]json.RawMessage `json:"entries"`
		} `json:"log"`
	}
	// The members of an entry that are no objects are left out, so that the others can be read alike.
	objects := regexp.MustCompile(`"(startedDateTime|time)":[^,]*,`).ReplaceAllString(text, "")
	if err := json.Unmarshal([]byte(objects), &har); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	same(t, "version", "1.2", har.Log.Version)
	same(t, "creator", map[string]string{"name": "checkpoint-health", "version": "1"}, har.Log.Creator)
	for member, needs := range map[string][]string{
		"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
		"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
		"timings":  {"send", "wait", "receive"},
		"cache":    {},
	} {
		object := har.Log.Entries[0][member]
		if object == nil {
			t.Errorf("there is no %s", member)
		}
		for _, need := range needs {
			if value, ok := object[need]; !ok || string(value) == "null" {
				t.Errorf("%s.%s is %s", member, need, value)
			}
		}
	}
}

func TestBaseAndBinary(t *testing.T) {
	r := read(t, written(t, []Entry{entry("/jobs/overview", "{}"), entry("/jobmanager/log", "\xff\x00")}, Base("https://h:1/p/")))
	same(t, "base", "https://h:1/p", r.Base())
	same(t, "log", "\xff\x00", string(r.byPathBody("/jobmanager/log")))
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
	if resp.head != "half" || !errors.Is(resp.err, broken) {
		t.Errorf("the client read %q, %v; want half and the error", resp.head, resp.err)
	}
	large := io.LimitReader(zeros{}, maxRecorded+7)
	resp, err = get(t, NewRecorder(answers{body: io.NopCloser(large)}, w), "http://h/jobs/overview")
	if err != nil {
		t.Fatal(err)
	}
	if resp.size != maxRecorded+7 || resp.err != nil {
		t.Errorf("the client read %d bytes, %v; want %d", resp.size, resp.err, maxRecorded+7)
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

// What was recorded before stays until there is something to put in its place.
func TestCreateReplacesAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.har")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	holds := func(want string) {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("the file holds %.40q, %v; want %q", text, err, want)
		}
	}
	for _, opts := range [][]WriteOption{nil, {Redact(nil)}} {
		w := create(t, file, opts...)
		if err := w.Write(entry("/jobs/overview", "{}")); err != nil {
			t.Fatal(err)
		}
		holds("old")
		if err := w.Discard(); err != nil {
			t.Error(err)
		}
		holds("old")
	}
	w := create(t, file, Redact(nil))
	if err := errors.Join(w.Write(entry("/jobs/overview", `{"jobs":[]}`)), w.Close()); err != nil {
		t.Fatal(err)
	}
	holds(`{"log"`)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

func create(t *testing.T, file string, opts ...WriteOption) *Writer {
	t.Helper()
	w, err := Create(file, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// With names replaced entries wait on disk and not in memory.
func TestRedactedEntriesWaitOnDisk(t *testing.T) {
	dir := t.TempDir()
	w := create(t, filepath.Join(dir, "a.har"), Redact(nil))
	for range 3 {
		if err := w.Write(entry("/jobs/overview", `{"jobs":["`+strings.Repeat("x", 1000)+`"]}`)); err != nil {
			t.Fatal(err)
		}
	}
	size := int64(0)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; only its owner may read it", f.Name(), info.Mode(), err)
		}
		size += info.Size()
	}
	if size < 3000 || w.Count() != 3 {
		t.Errorf("%d bytes of %d entries on disk, want 3 of more than 1000", size, w.Count())
	}
	if err := w.Close(); err != nil || w.Count() != 3 {
		t.Errorf("%d entries, %v", w.Count(), err)
	}
}

// An archive does not become larger than what is read again.
func TestArchiveIsBounded(t *testing.T) {
	for _, opts := range [][]WriteOption{{Size(5000)}, {Size(5000), Redact(whole)}} {
		var out bytes.Buffer
		w := NewWriter(&out, opts...)
		for range 20 {
			if err := w.Write(entry("/jobs/overview", `{"jobs":["`+strings.Repeat("x", 500)+`"]}`)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil || !w.Full() || out.Len() > 5000 {
			t.Errorf("full %v, %d bytes, %v; want at most 5000", w.Full(), out.Len(), err)
		}
		r, err := Read(&out, WithMaxSize(5001))
		if err != nil || len(r.Entries()) != w.Count() {
			t.Errorf("%d entries were written, %v", w.Count(), err)
		}
	}
}
