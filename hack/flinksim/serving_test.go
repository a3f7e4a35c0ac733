package flinksim

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// fleet is a server with so many running jobs.
func fleet(tb testing.TB, clock *testClock, size, vertices int) (*Server, []*Job) {
	tb.Helper()
	s := NewServer(clock, QuickStartup(), nil)
	jobs := make([]*Job, size)
	for i := range jobs {
		c := FleetCase(i, vertices)
		jobs[i] = s.Add("fleet", c.Name, c)
		settings, err := jobs[i].InitialSettings()
		if err != nil {
			tb.Fatal(err)
		}
		if err := jobs[i].DeployedFor(5*time.Minute, settings); err != nil {
			tb.Fatal(err)
		}
	}
	return s, jobs
}

func TestAFleetIsHealthyFromTheFirstRequest(t *testing.T) {
	clock := newTestClock()
	_, jobs := fleet(t, clock, 20, 20)
	for _, j := range jobs {
		if completed, failed := outcome(j); completed < 8 || failed > 0 {
			t.Errorf("%s: %d completed, %d failed", j.Name, completed, failed)
		}
	}
}

// BenchmarkHealthyPoll is one poll of a healthy job: three GETs, 30 s after the last poll.
func BenchmarkHealthyPoll(b *testing.B) {
	clock := newTestClock()
	s, jobs := fleet(b, clock, 1, 20)
	requests := make([]*http.Request, 0, 3)
	for _, path := range []string{"/jobs/overview", "/jobs/" + jobs[0].ID() + "/checkpoints", "/jobs/" + jobs[0].ID() + "/checkpoints/config"} {
		requests = append(requests, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+jobs[0].Name+"-rest.fleet:8081"+path, http.NoBody))
	}
	w := &discarded{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clock.pass(30 * time.Second)
		for _, r := range requests {
			s.ServeHTTP(w, r)
		}
	}
	b.ReportMetric(float64(w.bytes)/float64(b.N)/3, "bytes/answer")
}

// BenchmarkUnchangedStatistics is the same answer again before the job has changed.
func BenchmarkUnchangedStatistics(b *testing.B) {
	clock := newTestClock()
	s, jobs := fleet(b, clock, 1, 20)
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+jobs[0].Name+"-rest.fleet:8081/jobs/"+jobs[0].ID()+"/checkpoints", http.NoBody)
	w := &discarded{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(w, r)
	}
}

// discarded is a client that counts what it is sent.
type discarded struct {
	header http.Header
	bytes  int
}

func (d *discarded) Header() http.Header { return d.header }
func (d *discarded) WriteHeader(int)     {}
func (d *discarded) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}
