package observe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/testkit"
)

// largeLogs answers as healthyFlink does, and with a log of some size that it makes while it is read, length untold.
type largeLogs struct {
	answers map[string]string
	line    []byte
	size    int64
}

func (l largeLogs) RoundTrip(r *http.Request) (*http.Response, error) {
	response := &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Header: http.Header{"Content-Type": {"application/json"}}, Request: r}
	if strings.HasSuffix(r.URL.Path, "/jm.log") {
		response.Body = io.NopCloser(io.LimitReader(&repeating{text: l.line}, l.size))
		return response, nil
	}
	body, ok := l.answers[r.URL.Path]
	if !ok {
		response.StatusCode, body = http.StatusNotFound, `{"errors":["not found"]}`
	}
	response.Body = io.NopCloser(strings.NewReader(body))
	return response, nil
}

// repeating says the same for ever.
type repeating struct {
	text []byte
	at   int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// deepReads makes parallel passes over sick jobs whose JobManagers have a log of size bytes, and returns by how many bytes the heap grew at most.
func deepReads(tb testing.TB, jobs int, size int64) uint64 {
	tb.Helper()
	fake := healthyFlink()
	fake.answers["/jobmanager/logs"] = fmt.Sprintf(`{"logs":[{"name":"jm.log","size":%d}]}`, size)
	transport := largeLogs{answers: fake.answers, size: size,
		line: []byte(strings.ReplaceAll(strings.ReplaceAll(jobManagerLog, job32, jobID), "\n", "\n2026-03-01 12:00:00,000 INFO  some.Library [] - "+strings.Repeat("chatter ", 60)+"\n"))}
	peak := testkit.HeapPeak()
	var all sync.WaitGroup
	for range jobs {
		all.Go(func() {
			clock := &fakeClock{now: time.UnixMilli(1772366400000)}
			connection, err := Connect("http://payments-rest:8081", flink.WithTransport(transport), flink.WithClock(clock.read))
			if err != nil {
				tb.Error(err)
				return
			}
			memory := Memory{health: api.HealthUnhealthy}
			snapshot, err := Flink(context.Background(), connection, Options{Now: clock.read}, &memory)
			if err != nil || len(snapshot.Logs) == 0 {
				tb.Errorf("signals %v, gaps %v, %v", snapshot.Logs, snapshot.Gaps, err)
			}
		})
	}
	all.Wait()
	return peak()
}

// slowFlink takes its time for each answer.
type slowFlink struct {
	*fakeFlink
	clock *fakeClock
	takes time.Duration
}

func (s slowFlink) RoundTrip(request *http.Request) (*http.Response, error) {
	s.clock.now = s.clock.now.Add(s.takes)
	return s.fakeFlink.RoundTrip(request)
}

// Where the subtasks of a vertex run and what they did is one answer: it is asked for once in a pass, unless so much time lies between that the two compare.
func TestVerticesAreAskedOnceInAPass(t *testing.T) {
	for name, c := range map[string]struct {
		takes                time.Duration
		first, second, third int
	}{"quick": {10 * time.Millisecond, 1, 1, 1}, "slow": {2 * time.Second, 2, 1, 1}} {
		fake, clock := healthyFlink(), &fakeClock{now: time.UnixMilli(1772366400000)}
		fake.answers["/jobs/"+jobID+"/vertices/v0"] = `{"id":"v0","subtasks":[{"subtask":0,"taskmanager-id":"tm-1"},{"subtask":1,"taskmanager-id":"tm-1"}]}`
		connection, err := Connect("http://payments-rest:8081", flink.WithTransport(slowFlink{fake, clock, c.takes}), flink.WithClock(clock.read))
		if err != nil {
			t.Fatal(err)
		}
		memory := Memory{health: api.HealthUnhealthy}
		for i, want := range []int{c.first, c.second, c.third} {
			fake.asked, clock.now = nil, clock.now.Add(time.Minute)
			if _, err := Flink(t.Context(), connection, Options{Now: clock.read}, &memory); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, path := range fake.asked {
				n += count(path == "/jobs/"+jobID+"/vertices/v0")
			}
			if n != want {
				t.Errorf("%s, pass %d: asked %d times, want %d", name, i, n, want)
			}
		}
	}
}

// A fleet that sickens at once has the logs of all its jobs read at once, which is not to take what the logs are large.
func TestParallelDeepReadsAreBounded(t *testing.T) {
	const jobs, size, bound = 24, 1 << 20, 32 << 20
	if grown := deepReads(t, jobs, size); grown > bound {
		t.Errorf("%d logs of %d MiB at once: the heap grew by %d MiB, want at most %d", jobs, size>>20, grown>>20, bound>>20)
	}
}

// BenchmarkParallelDeepReads has 64 workers read logs of 16 MiB at once, and reports by how much the heap grows.
func BenchmarkParallelDeepReads(b *testing.B) {
	const bound = 64 << 20
	most := uint64(0)
	for b.Loop() {
		most = max(most, deepReads(b, 64, maxLogFile))
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
	if most > bound {
		b.Errorf("the heap grew by %d MiB, want at most %d", most>>20, bound>>20)
	}
}
