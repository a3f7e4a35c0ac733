package recording

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const jobID = "0ee9c1ce5758c6d072f133fc27bfc50e"

// archive makes a HAR of entries that are given as JSON.
func archive(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"pages":[{}],"entries":[` + strings.Join(entries, ",") + `],"comment":"y"},"more":{}}`
}

// got is an entry of a GET at a second of the minute.
func got(second int, url, body string) string {
	return fmt.Sprintf(`{"startedDateTime":"2025-01-31T12:00:%02d.000Z","time":40,"request":{"method":"GET","url":%q},"response":{"status":200,"content":{"mimeType":"application/json","text":%q}}}`,
		second, url, body)
}

func at(second int) time.Time {
	return time.Date(2025, 1, 31, 12, 0, second, int(40*time.Millisecond), time.UTC)
}

func read(t *testing.T, text string, opts ...LoadOption) *Recording {
	t.Helper()
	r, err := Read(strings.NewReader(text), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadRefuses(t *testing.T) {
	whole := archive(got(0, "http://jm:8081/jobs/overview", `{}`), got(1, "http://jm:8081/jobs/"+jobID+"/checkpoints", `{}`))
	zipped := gzipped(t, whole)
	for name, tc := range map[string]struct{ text, want string }{
		"empty":         {"", "the file is empty, expected an HTTP Archive (HAR 1.2)"},
		"a web page":    {"<html>", "not an HTTP Archive (HAR 1.2): expected JSON that begins with {\"log\": …: invalid character '<' looking for beginning of value"},
		"a list":        {"[]", "not an HTTP Archive (HAR 1.2): expected JSON that begins with {\"log\": …: archive is not an object"},
		"other JSON":    {`{"a":1}`, `not an HTTP Archive (HAR 1.2): the JSON has no "log"`},
		"no entries":    {`{"log":{}}`, "none of the 0 entries is an answer of a Flink REST API with its text, such as GET /jobs/overview; export the archive with the content of the responses"},
		"entries":       {`{"log":{"entries":{}}}`, "the HTTP Archive breaks off or is damaged after 0 entries: log.entries is not a list"},
		"cut":           {whole[:len(whole)-120], "the HTTP Archive breaks off or is damaged after 1 entries: log.entries[1]: the file ends in the middle"},
		"cut at an end": {strings.SplitAfter(whole, `"{}"}}}`)[0], "the HTTP Archive breaks off or is damaged after 1 entries: the file ends in the middle"},
		"cut gzip":      {zipped[:len(zipped)-30], "the HTTP Archive breaks off or is damaged after 1 entries: log.entries[1]: the file ends in the middle"},
		"not gzip":      {"\x1f\x8bxxxxxxxxxx", "the file begins like gzip and is not: gzip: invalid header"},
		"wrong type": {archive(strings.Replace(got(0, "http://jm/jobs/overview", "{}"), `"time":40`, `"time":"x"`, 1)),
			"the HTTP Archive breaks off or is damaged after 0 entries: log.entries[0]: time is a string, which it cannot be"},
		"no time": {archive(strings.Replace(got(0, "http://jm/jobs/overview", "{}"), "2025", "soon", 1)),
			`the HTTP Archive breaks off or is damaged after 1 entries: log.entries[0]: startedDateTime is "soon-01-31T12:00:00.000Z", expected a time such as 2025-01-31T12:00:00.000Z`},
		"two JobManagers": {archive(got(0, "http://a:1/jobs/overview", "{}"), got(0, "http://b:2/x/jobs/overview", "{}"), got(1, "http://b:2/x/taskmanagers", "{}")),
			"the archive holds answers of 2 JobManagers (http://b:2/x, http://a:1); export one of them alone"},
		"another site": {archive(got(0, "http://a:1/index.html", "{}"), got(0, "http://a:1/config", "{}")),
			"none of the 2 entries is an answer of a Flink REST API with its text, such as GET /jobs/overview; export the archive with the content of the responses"},
	} {
		if _, err := Read(strings.NewReader(tc.text)); err == nil || err.Error() != tc.want {
			t.Errorf("%s: error is\n\t%v\nwant\n\t%s", name, err, tc.want)
		}
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadIsBounded(t *testing.T) {
	whole := archive(got(0, "http://jm:8081/jobs/overview", strings.Repeat("x", 1<<20)))
	if _, err := Read(strings.NewReader(gzipped(t, whole)), WithMaxSize(2<<20)); err != nil {
		t.Errorf("within its bound: %v", err)
	}
	_, err := Read(strings.NewReader(gzipped(t, whole)), WithMaxSize(1<<20))
	if want := "the archive is larger than 1 MiB; record for a shorter time, or leave out what is not the REST API"; err == nil || err.Error() != want {
		t.Errorf("beyond its bound: error is\n\t%v\nwant\n\t%s", err, want)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.har")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	bad := filepath.Join(t.TempDir(), "bad.har")
	if err := os.WriteFile(bad, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(bad); err == nil || !strings.HasPrefix(err.Error(), bad+": not an HTTP Archive") {
		t.Errorf("error %v does not begin with the file's name", err)
	}
}

// What browsers export: a proxy's prefix, other sites, POSTs, answers from their cache without text, base64, a byte order mark.
func TestBrowserArchive(t *testing.T) {
	base := "https://console.example/api/v1/namespaces/prod/services/payments-rest:8081/proxy"
	post := strings.Replace(got(2, base+"/jars/upload", "{}"), "GET", "POST", 1)
	cached := strings.Replace(got(3, base+"/jobs/overview", ""), "200", "304", 1)
	encoded := strings.Replace(got(4, base+"/jobs/"+jobID, "eyJqaWQiOiJ4In0="), `"mimeType"`, `"encoding":"base64","mimeType"`, 1)
	r := read(t, "\ufeff"+archive(
		got(9, base+"/overview", `{"late":1}`), got(1, base+"/jobs/overview?_=1", `{"jobs":[]}`), post, cached, encoded,
		got(5, "https://fonts.example/jobs.woff", "x"), got(6, base+"/main.js", "js"), got(7, base+"/config", `{"c":1}`)))
	if r.Base() != base {
		t.Errorf("base = %q, want %q", r.Base(), base)
	}
	var paths []string
	for _, e := range r.Entries() {
		paths = append(paths, e.Path)
	}
	want := "/jobs/overview /jobs/" + jobID + " /main.js /config /overview"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("paths = %s\nwant    %s", got, want)
	}
	if got := string(r.Entries()[1].Body); got != `{"jid":"x"}` {
		t.Errorf("base64 body = %s", got)
	}
	if jobs := r.Jobs(); len(jobs) != 1 || jobs[0] != jobID {
		t.Errorf("jobs = %v, want %s", jobs, jobID)
	}
	if !r.Start().Equal(at(1).Add(-40*time.Millisecond)) || !r.End().Equal(at(9)) {
		t.Errorf("from %s to %s", r.Start(), r.End())
	}
	if passes := r.Passes(); len(passes) != 1 || !passes[0].Equal(r.End()) {
		t.Errorf("passes = %v, want the end, as no checkpoint statistics were recorded", passes)
	}
}

func TestWithBase(t *testing.T) {
	two := archive(got(0, "http://a:1/jobs/overview", "a"), got(0, "http://b:2/x/jobs/overview", "b"))
	r := read(t, two, WithBase("http://b:2/x/"))
	if len(r.Entries()) != 1 || string(r.Entries()[0].Body) != "b" {
		t.Errorf("entries = %v, want that of b", r.Entries())
	}
	_, err := Read(strings.NewReader(two), WithBase("http://c"))
	if err == nil || err.Error() != "the archive holds no answer of http://c, but of http://a:1 and http://b:2/x" {
		t.Errorf("error = %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(archive(got(0, "http://jm:8081/jobs/overview", `{}`), got(1, "http://jm:8081/jobs/"+jobID+"/metrics?get=a", `[{"id":"a","value":"1"}]`))))
	f.Add([]byte(archive(`{"time":-1e300,"startedDateTime":"2025-01-31T12:00:00+01:00","request":{"method":"GET","url":"http://u:p@h/p/taskmanagers"},"response":{"status":1e9,"content":{"text":"x","encoding":"base64"}}}`)))
	f.Add([]byte(`{"log":{"entries":[null,{}]}}`))
	f.Add([]byte(`{"log":{"entries":[{"time":` + strings.Repeat("9", 4000) + `}]}}`))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte("\ufeff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data), WithMaxSize(1<<20))
		if err == nil {
			checkRecording(t, r)
		} else if len(err.Error()) > 1000 {
			t.Fatalf("error of %d bytes", len(err.Error()))
		}
	})
}

// checkRecording holds a recording to what its readers rely on.
func checkRecording(t *testing.T, r *Recording) {
	t.Helper()
	if len(r.Entries()) == 0 || r.End().Before(r.Start()) || len(r.Passes()) == 0 {
		t.Fatalf("%d entries from %s to %s in %d passes", len(r.Entries()), r.Start(), r.End(), len(r.Passes()))
	}
	p := r.Player()
	for _, e := range r.Entries() {
		if e.Path[0] != '/' || e.Took < 0 || e.Took > time.Hour {
			t.Fatalf("entry %q took %s", e.Path, e.Took)
		}
		if isMetrics(e.Path) || len(r.byPath[e.Path]) > 1 {
			continue
		}
		if got := replay(t, p, e.Path+"?get=a"); got.Status != e.Status {
			t.Fatalf("status %d, recorded %d", got.Status, e.Status)
		}
	}
}
