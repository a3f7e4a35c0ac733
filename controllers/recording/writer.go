package recording

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"checkpointhealth.dev/operator/controllers/secrets"
)

// Writer writes entries as an HTTP Archive. Secrets are dropped from every entry. It is safe for concurrent use.
type Writer struct {
	mu      sync.Mutex
	out     io.Writer
	closers []io.Closer // innermost first
	file    *unfinished // nil where somebody else's io.Writer is written to
	base    string
	names   *redactor // nil: names stay
	held    *spool    // with names replaced nothing can be written before all names are known
	count   int
	size    int64 // bytes written, before compression
	most    int64
	full    bool
	err     error // the first error; nothing is written after it
	closed  bool
}

// WriteOption changes a Writer under construction.
type WriteOption func(*Writer)

// Redact replaces names (hosts, jobs, vertices, TaskManagers, paths, classes that are not Flink's, the JVM's or a known library's), each by
// the same stand-in wherever it occurs. logs keeps of a log what may be shown, as names that no field declares stand everywhere in it; nil
// keeps nothing. Entries wait in a file beside the archive, or in the system's directory for such, until Close.
func Redact(logs func([]byte) []byte) WriteOption {
	return func(w *Writer) { w.names = newRedactor(logs) }
}

// Base is the URL below which the archive puts all paths; http://jobmanager:8081 by default, so that no archive names a host
// unless it is asked to.
func Base(base string) WriteOption { return func(w *Writer) { w.base = strings.TrimRight(base, "/") } }

// Size bounds the archive to n bytes before compression, DefaultMaxSize otherwise: larger ones are not read again.
func Size(n int64) WriteOption { return func(w *Writer) { w.most = n } }

// Create writes to a file, which only its owner may read; gzipped where the name ends in .gz. A file that is there already stays as it is
// until Close; Discard leaves it for good.
func Create(path string, opts ...WriteOption) (*Writer, error) {
	f, err := newUnfinished(path)
	if err != nil {
		return nil, err
	}
	var w *Writer
	if strings.HasSuffix(path, ".gz") {
		z := gzip.NewWriter(f.File)
		w = NewWriter(z, opts...)
		w.closers = []io.Closer{z}
	} else {
		w = NewWriter(f.File, opts...)
	}
	w.file = f
	return w, nil
}

// NewWriter writes to out, which stays open.
func NewWriter(out io.Writer, opts ...WriteOption) *Writer {
	w := &Writer{out: out, base: "http://jobmanager:8081", most: DefaultMaxSize}
	for _, opt := range opts {
		opt(w)
	}
	return w
}

// Write adds an entry, unless the archive is full. It does not keep or change the entry's body.
func (w *Writer) Write(e Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errors.New("the archive is closed")
	}
	e.Body = dropSecrets(e.Path, e.Body)
	e.Query = secrets.DropText(e.Query)
	if w.names != nil {
		w.hold(e)
		return w.err
	}
	w.put(e)
	return w.err
}

// Count is how many entries were written so far.
func (w *Writer) Count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// hold keeps an entry until all names are known.
func (w *Writer) hold(e Entry) {
	if w.full = w.full || w.size+int64(len(e.Body)) > w.most; w.full || w.err != nil {
		return
	}
	if w.held == nil {
		w.held = &spool{}
	}
	w.names.learn(e)
	w.fail(w.held.add(e, w.file))
	w.size += int64(len(e.Body))
	w.count++
}

// Full tells that the archive has reached its bound: entries were left out.
func (w *Writer) Full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.full
}

// Discard gives up a Create: nothing is left of it.
func (w *Writer) Discard() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	return errors.Join(w.held.close(), w.file.discard())
}

// Close ends the archive and gives it its name. Without it there is none.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return w.err
	}
	if w.names != nil {
		full := w.full
		w.count, w.size, w.full = 0, 0, false
		w.fail(w.held.each(func(e Entry) { w.put(w.names.apply(e)) }))
		w.full = w.full || full
		w.fail(w.held.close())
	}
	if w.count == 0 {
		w.printf("%s", header)
	}
	w.printf("%s", footer)
	w.closed = true
	for _, c := range w.closers {
		w.fail(c.Close())
	}
	if w.err != nil {
		return errors.Join(w.err, w.file.discard())
	}
	w.fail(w.file.finish())
	return w.err
}

const header = `{"log": {"version": "1.2", "creator": {"name": "checkpoint-health", "version": "1"}, "entries": [`

const footer = "\n]}}\n"

func (w *Writer) put(e Entry) {
	data, err := json.Marshal(w.written(e))
	if err != nil {
		w.fail(err)
		return
	}
	separator := ","
	if w.count == 0 {
		separator = header
	}
	size := int64(len(separator) + 1 + len(data))
	if w.full = w.full || w.size+size+int64(len(header)+len(footer)) > w.most; w.full {
		return
	}
	w.printf("%s\n%s", separator, data)
	w.size += size
	w.count++
}

func (w *Writer) printf(format string, args ...any) {
	if w.err == nil {
		_, err := fmt.Fprintf(w.out, format, args...)
		w.fail(err)
	}
}

func (w *Writer) fail(err error) {
	if w.err == nil && err != nil {
		w.err = fmt.Errorf("writing the archive: %w", err)
	}
}

func (w *Writer) written(e Entry) writtenEntry {
	ms := float64(e.Took.Microseconds()) / 1000
	content := writtenContent{Size: len(e.Body), MimeType: e.Type, Text: string(e.Body)}
	if !utf8.Valid(e.Body) {
		content.Text, content.Encoding = base64.StdEncoding.EncodeToString(e.Body), "base64"
	}
	target := w.base + (&url.URL{Path: e.Path}).EscapedPath()
	if e.Query != "" {
		target += "?" + e.Query
	}
	return writtenEntry{
		Started: e.Start.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), Time: ms,
		Request: writtenRequest{Method: http.MethodGet, URL: target, HTTPVersion: "HTTP/1.1", Cookies: []struct{}{}, Headers: []struct{}{},
			QueryString: queryPairs(e.Query), HeadersSize: -1},
		Response: writtenResponse{Status: e.Status, StatusText: http.StatusText(e.Status), HTTPVersion: "HTTP/1.1",
			Cookies: []struct{}{}, Headers: []struct{}{}, Content: content, HeadersSize: -1, BodySize: len(e.Body)},
		Timings: writtenTimings{Wait: ms},
	}
}

func queryPairs(query string) []pair {
	pairs := []pair{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err == nil && err2 == nil && n != "" {
			pairs = append(pairs, pair{Name: n, Value: v})
		}
	}
	return pairs
}

// elapsed is how long something took, never below 0: clocks are set back.
func elapsed(start, end time.Time) time.Duration { return max(end.Sub(start), 0) }
