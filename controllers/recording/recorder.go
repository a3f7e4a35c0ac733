package recording

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxRecorded bounds one recorded answer, in bytes. Larger ones pass through and are not recorded.
const maxRecorded = 64 << 20

// Recorder sends requests through another http.RoundTripper and writes what comes back. Headers, with their credentials
// and cookies, are never written.
type Recorder struct {
	next   http.RoundTripper
	out    *Writer
	prefix string
	clock  func() time.Time
}

// RecorderOption changes a Recorder under construction.
type RecorderOption func(*Recorder)

// WithPrefix says what to take off the paths: the path of the base URL, where the JobManager is behind a proxy's path.
func WithPrefix(prefix string) RecorderOption {
	return func(r *Recorder) { r.prefix = strings.TrimRight(prefix, "/") }
}

// WithClock takes the time from clock instead of time.Now.
func WithClock(clock func() time.Time) RecorderOption {
	return func(r *Recorder) { r.clock = clock }
}

// NewRecorder returns a Recorder that writes to out what next answers.
func NewRecorder(next http.RoundTripper, out *Writer, opts ...RecorderOption) *Recorder {
	r := &Recorder{next: next, out: out, clock: time.Now}
	for _, opt := range opts {
		opt(r)
	}
	return r
}

// RoundTrip sends the request. An answer is written before it is returned; one that ends in the middle is not written.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	start := r.clock()
	resp, err := r.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodGet {
		return resp, err
	}
	body := resp.Body
	read := readPart(body)
	if !read.whole {
		resp.Body = read.andRest(body)
		return resp, nil
	}
	end := r.clock()
	if err := body.Close(); err != nil {
		return nil, err
	}
	entry := Entry{
		Path: strings.TrimPrefix(req.URL.Path, r.prefix), Query: req.URL.RawQuery,
		Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Body: read.data, Start: start, Took: elapsed(start, end),
	}
	if err := r.out.Write(entry); err != nil {
		return nil, errors.Join(errors.New("the answer cannot be recorded"), err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(read.data))
	return resp, nil
}

// part is what was read of a body before it ended, failed, or became too large to record.
type part struct {
	data  []byte
	err   error
	whole bool
}

func readPart(body io.Reader) part {
	data, err := io.ReadAll(io.LimitReader(body, maxRecorded+1))
	return part{data: data, err: err, whole: err == nil && len(data) <= maxRecorded}
}

// andRest gives the client what was read, and then what comes.
func (p part) andRest(body io.ReadCloser) io.ReadCloser {
	return &rest{Reader: io.MultiReader(bytes.NewReader(p.data), failing{p.err}, body), body: body}
}

// rest gives back a body of which a part was read.
type rest struct {
	io.Reader
	body io.Closer
}

func (r *rest) Close() error { return r.body.Close() }

// failing ends with an error, or at once where there is none.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}
