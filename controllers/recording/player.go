package recording

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// NotRecorded is the text of the 404 that answers a path of which the recording holds nothing. It is in the message of
// the error that a client makes of it.
const NotRecorded = "the recording holds no answer of this path"

const (
	headerAt   = "Recorded-At"      // RFC 3339 with nanoseconds
	headerTook = "Recorded-Took-Us" // microseconds
)

// Player answers requests from a recording. It is safe for concurrent use.
type Player struct {
	recording *Recording
	prefix    string // the path of the base URL

	mu     sync.Mutex
	cursor time.Time
}

// Player returns a http.RoundTripper that answers from the recording, its cursor at the recording's end.
func (r *Recording) Player() *Player {
	p := &Player{recording: r, cursor: r.End()}
	if u, err := url.Parse(r.base); err == nil {
		p.prefix = u.Path
	}
	return p
}

// Base is the base URL to construct a client with.
func (p *Player) Base() string { return p.recording.base }

// Seek moves the cursor to t.
func (p *Player) Seek(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursor = t
}

// Now is where the cursor stands.
func (p *Player) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cursor
}

// RoundTrip answers a request with what was recorded nearest to the cursor.
func (p *Player) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.Body != nil {
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	path := strings.TrimPrefix(req.URL.Path, p.prefix)
	now := p.Now()
	if req.Method != http.MethodGet {
		return respond(req, Entry{Status: http.StatusMethodNotAllowed, Type: "application/json", Start: now,
			Body: errorBody("a recording answers GET only")}), nil
	}
	if isMetrics(path) {
		if e, ok := p.recording.mergedMetrics(path, req.URL.Query(), now); ok {
			return respond(req, e), nil
		}
	}
	if e, ok := p.recording.nearest(path, now); ok {
		return respond(req, *e), nil
	}
	return respond(req, Entry{Status: http.StatusNotFound, Type: "application/json", Start: now, Body: errorBody(NotRecorded)}), nil
}

// nearest finds the answer of path that was there nearest to now; of two equally near the earlier one. What tells only of its moment is no answer
// where that is long past or to come.
func (r *Recording) nearest(path string, now time.Time) (*Entry, bool) {
	var best *Entry
	for _, i := range r.byPath[path] {
		if e := &r.entries[i]; best == nil || distance(e, now) < distance(best, now) {
			best = e
		}
	}
	if best != nil && ofTheMoment(path) && distance(best, now) > maxAge {
		return nil, false
	}
	return best, best != nil
}

// maxAge is how far from a look an answer may have been recorded that tells only of its moment. The slowest of them, logs and thread dumps, are
// read every five minutes; three times that.
const maxAge = 15 * time.Minute

// ofTheMoment tells the paths whose answers are of one moment: figures, stacks and back pressure. Settings, graphs and checkpoints hold longer.
func ofTheMoment(path string) bool {
	return isMetrics(path) || strings.HasSuffix(path, "/thread-dump") || strings.HasSuffix(path, "/backpressure")
}

func distance(e *Entry, now time.Time) time.Duration { return e.End().Sub(now).Abs() }

func errorBody(message string) []byte {
	body, err := json.Marshal(map[string][]string{"errors": {message}})
	if err != nil {
		return nil // a map of strings always marshals
	}
	return body
}

func respond(req *http.Request, e Entry) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(e.Status) + " " + http.StatusText(e.Status), StatusCode: e.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {e.Type},
			headerAt:       {e.End().UTC().Format(time.RFC3339Nano)},
			headerTook:     {strconv.FormatInt(e.Took.Microseconds(), 10)},
		},
		Body:          io.NopCloser(bytes.NewReader(e.Body)),
		ContentLength: int64(len(e.Body)),
		Request:       req,
	}
}

// Times says when a Player's answer was recorded and how long it took then; ok is false for any other response.
func Times(resp *http.Response) (at time.Time, took time.Duration, ok bool) {
	at, err := time.Parse(time.RFC3339Nano, resp.Header.Get(headerAt))
	if err != nil {
		return time.Time{}, 0, false
	}
	us, err := strconv.ParseInt(resp.Header.Get(headerTook), 10, 64)
	if err != nil {
		return time.Time{}, 0, false
	}
	return at, time.Duration(us) * time.Microsecond, true
}
