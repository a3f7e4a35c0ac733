package flinksim

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Wait holds an answer back for as long as the JobManager needs for it, or until the request ends.
type Wait func(ctx context.Context, d time.Duration)

// RealWait waits by a timer.
func RealWait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// maxAnswerTime bounds how long a starved JobManager takes to answer; real ones took 5 s in the median, 37 s at worst.
const maxAnswerTime = 3 * time.Second

// worthWaiting is the shortest time that an answer is held back for.
const worthWaiting = 20 * time.Millisecond

// Server serves the REST endpoints of any number of jobs. The job is found by the host name: NAME-rest.NAMESPACE, with or
// without the cluster's domain and a port. A client that uses the server as its HTTP proxy reaches every job so.
type Server struct {
	clock   Clock
	startup Startup
	wait    Wait

	mu       sync.RWMutex
	jobs     map[string]*Job     // by NAME-rest.NAMESPACE
	sessions map[string]*Session // likewise
}

// NewServer makes a server without jobs. wait may be nil: answers then come at once.
func NewServer(clock Clock, startup Startup, wait Wait) *Server {
	return &Server{clock: clock, startup: startup, wait: wait, jobs: map[string]*Job{}, sessions: map[string]*Session{}}
}

// Add makes a job of a case and serves it; it refuses connections until it is deployed.
func (s *Server) Add(namespace, name string, c Case) *Job {
	return s.serve(namespace, name, name+"-rest", c)
}

// AddAt is Add for a job whose Service has a name of its own; the job has the case's.
func (s *Server) AddAt(namespace, service string, c Case) *Job {
	return s.serve(namespace, c.Name, service, c)
}

func (s *Server) serve(namespace, name, service string, c Case) *Job {
	j := NewJob(namespace, name, c, s.clock, s.startup)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[service+"."+namespace] = j
	return j
}

// Find returns the job of that name, or nil.
func (s *Server) Find(namespace, name string) *Job {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.jobs[name+"-rest."+namespace]
}

// ServeHTTP answers for the job that the host names; a host that is not known is answered 502, as a proxy does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Host
	if host == "" {
		host = r.Host
	}
	s.mu.RLock()
	j, x := s.jobs[jobHost(host)], s.sessions[jobHost(host)]
	s.mu.RUnlock()
	if x != nil && r.Method == http.MethodGet {
		x.serve(w, r, s.wait)
		return
	}
	if j == nil {
		http.Error(w, "no route to "+host, http.StatusBadGateway)
		return
	}
	serveJob(w, r, j, s.wait)
}

// jobHost is NAME-rest.NAMESPACE of a host name such as payments-rest.demo.svc.cluster.local:8081.
func jobHost(host string) string {
	host, _, _ = strings.Cut(host, ":")
	first, rest, _ := strings.Cut(host, ".")
	second, _, _ := strings.Cut(rest, ".")
	return first + "." + second
}

// JobHandler serves one job whatever the host is called, e.g. for http://127.0.0.1:8081.
func JobHandler(j *Job, wait Wait) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveJob(w, r, j, wait) })
}

func serveJob(w http.ResponseWriter, r *http.Request, j *Job, wait Wait) {
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	a, at, takes := j.respond(r.URL.Path, r.URL.Query())
	if at == refusing {
		hangUp(w)
		return
	}
	if d := min(time.Duration(takes*float64(time.Millisecond)), maxAnswerTime); wait != nil && d > worthWaiting {
		wait(r.Context(), d)
	}
	write(w, a)
}

// write sends an answer.
func write(w http.ResponseWriter, a answer) {
	header := w.Header()
	header["Content-Type"] = jsonType
	if a.plain {
		header["Content-Type"] = plainType
	}
	header["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may have gone
}

var (
	jsonType  = []string{"application/json; charset=UTF-8"}
	plainType = []string{"text/plain; charset=UTF-8"}
)

// hangUp closes the connection without an answer: what a client of a stopped JobManager sees comes nearest to it.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "connection refused", http.StatusBadGateway)
		return
	}
	_ = conn.Close() // nobody is left to tell
}
