package testkit

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"checkpointhealth.dev/operator/controllers/recording"
)

// FlinkServer is a Flink REST API on loopback whose answers a test decides, path by path. A path that was given no answer
// goes to the recording that is served, if any, and is 404 otherwise. It is safe for concurrent use.
type FlinkServer struct {
	// URL is the base URL, such as http://127.0.0.1:40123.
	URL string

	tb       testing.TB
	server   *httptest.Server
	mu       sync.Mutex
	answers  map[string]Answer
	player   *recording.Player
	requests []string
}

// Answer writes one answer. It may wait: until a channel is closed, or until the client has gone (r.Context()).
type Answer func(w http.ResponseWriter, r *http.Request)

// NewFlinkServer starts a server that ends with the test.
func NewFlinkServer(tb testing.TB) *FlinkServer {
	tb.Helper()
	s := &FlinkServer{tb: tb, answers: map[string]Answer{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	tb.Cleanup(s.server.Close)
	s.URL = s.server.URL
	return s
}

// Close ends the server before the test ends: connections are refused from now on.
func (s *FlinkServer) Close() { s.server.Close() }

// ServeRecording answers from the recording in a file; the cursor of the Player it returns is the test's to move.
func (s *FlinkServer) ServeRecording(path string) *recording.Player {
	s.tb.Helper()
	r, err := recording.Load(path)
	if err != nil {
		s.tb.Fatalf("load recording: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.player = r.Player()
	return s.player
}

// On answers path (without query) with a from now on; with nil as if On had never been called.
func (s *FlinkServer) On(path string, a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a == nil {
		delete(s.answers, path)
		return
	}
	s.answers[path] = a
}

// OnJSON answers path with 200 and v as JSON from now on.
func (s *FlinkServer) OnJSON(path string, v any) {
	s.tb.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		s.tb.Fatalf("answer of %s: %v", path, err)
	}
	s.On(path, JSON(http.StatusOK, string(body)))
}

// Requests are the paths with queries that were asked so far, in order.
func (s *FlinkServer) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Forget empties Requests.
func (s *FlinkServer) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *FlinkServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.RequestURI())
	answer, player := s.answers[r.URL.Path], s.player
	s.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case player != nil:
		replay(player, w, r)
	default:
		NotFound("Not found: "+r.URL.Path)(w, r)
	}
}

func replay(player *recording.Player, w http.ResponseWriter, r *http.Request) {
	asked := r.Clone(r.Context())
	if base, found := strings.CutPrefix(player.Base(), "http://"); found {
		if _, prefix, found := strings.Cut(base, "/"); found {
			asked.URL.Path = "/" + prefix + asked.URL.Path
		}
	}
	resp, err := player.RoundTrip(asked)
	if err != nil {
		JSON(http.StatusInternalServerError, `{"errors":["the recording cannot be replayed"]}`)(w, r)
		return
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(w, resp.Body); err != nil {
		return // the client has gone
	}
	if err := resp.Body.Close(); err != nil {
		return
	}
}
