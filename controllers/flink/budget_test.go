package flink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/testkit"
)

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// A log is read as it comes, and not beyond the bound.
func TestLogIsStreamed(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	const text = "first line\nlast line\n"
	server.On("/jobmanager/log", testkit.Plain(200, text))
	var got bytes.Buffer
	received, err := client(t, server.URL).JobManagerLog(t.Context(), "", func(r io.Reader) error { _, err := got.ReadFrom(r); return err })
	if err != nil || got.String() != text || received.At.IsZero() {
		t.Errorf("read %q at %s, %v", got.String(), received.At, err)
	}
	_, err = client(t, server.URL, flink.WithMaxBody(100, 12)).JobManagerLog(t.Context(), "", discard)
	if !errors.Is(err, flink.ErrTooLarge) {
		t.Errorf("error = %v, want too large", err)
	}
	wrong := errors.New("not a log")
	_, err = client(t, server.URL).JobManagerLog(t.Context(), "", func(io.Reader) error { return wrong })
	if !errors.Is(err, flink.ErrMalformed) || !strings.Contains(err.Error(), "not a log") {
		t.Errorf("error = %v, want that the log cannot be read", err)
	}
	_, err = client(t, server.URL).JobManagerLog(t.Context(), "other", discard)
	if !errors.Is(err, flink.ErrNotFound) {
		t.Errorf("error = %v, want not found", err)
	}
}

// Whoever answers as a JobManager may send anything: what takes a multiple of its bytes once decoded is refused before.
func TestValuesAreBounded(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	many := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	server.On("/jobs/overview", testkit.JSON(200, `{"jobs":[`+many("{}", 1_000_000)+`]}`))
	if _, err := client(t, server.URL).Jobs(t.Context()); !errors.Is(err, flink.ErrTooLarge) || !strings.Contains(err.Error(), "values") {
		t.Errorf("a million empty jobs: error = %v, want too large", err)
	}
	server.On("/jobs/overview", testkit.JSON(200, `{"jobs":[`+many("null", 50_000)+`]}`))
	if _, err := client(t, server.URL).Jobs(t.Context()); !errors.Is(err, flink.ErrTooLarge) {
		t.Errorf("50,000 nulls: error = %v, want too large", err)
	}
	server.On("/jobs/overview", testkit.JSON(200, `{"jobs":[{"jid":"a","name":"`+strings.Repeat(`,\"`, 50_000)+`"}]}`))
	if jobs, err := client(t, server.URL).Jobs(t.Context()); err != nil || len(jobs) != 1 {
		t.Errorf("commas in a name: %d jobs, %v", len(jobs), err)
	}
	server.On("/overview", testkit.JSON(200, `{"flink-version":"`+strings.Repeat("x", 1<<20)+`"}`))
	if _, err := client(t, server.URL).Overview(t.Context()); !errors.Is(err, flink.ErrTooLarge) {
		t.Errorf("an overview of more than 1 MiB: error = %v, want too large", err)
	}
}

// A large answer waits while others are read; a small one does not.
func TestBudgetIsShared(t *testing.T) {
	server := testkit.NewFlinkServer(t)
	server.On("/jobs/overview", testkit.JSON(200, `{"jobs":[{"jid":"a","name":"`+strings.Repeat("x", 300<<10)+`"}]}`))
	server.On("/overview", testkit.JSON(200, `{"flink-version":"1.20.5"}`))
	reading, goOn := make(chan struct{}), make(chan struct{})
	server.On("/jobmanager/log", testkit.Plain(200, "x\n"))
	budget := flink.NewBudget(2 << 20) // half of it: one log
	holder := client(t, server.URL, flink.WithBudget(budget))
	done := make(chan error)
	go func() {
		_, err := holder.JobManagerLog(context.Background(), "", func(r io.Reader) error { close(reading); <-goOn; return discard(r) })
		done <- err
	}()
	<-reading
	c := client(t, server.URL, flink.WithBudget(budget), flink.WithTimeout(200*time.Millisecond))
	if _, err := c.Overview(t.Context()); err != nil {
		t.Errorf("a small answer: %v", err)
	}
	if _, err := c.Jobs(t.Context()); !errors.Is(err, flink.ErrBusy) {
		t.Errorf("a large answer while the budget is spent: %v, want that it was not read", err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := c.Jobs(t.Context()); err != nil {
		t.Errorf("a large answer once the budget is there: %v", err)
	}
	if _, err := flink.New("http://a", flink.WithBudget(nil)); err == nil {
		t.Error("a budget of nil is taken")
	}
}

// wide answers as a job of 25,000 subtasks does, without saying how much it is.
type wide struct{ body []byte }

func (w wide) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(w.body)), Request: r}, nil
}

// Two dozen workers that read the largest answers at once stay within the budget.
func TestManyLargeAnswersStayWithinTheBudget(t *testing.T) {
	var list strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&list, `{"index":%d,"ack_timestamp":1795347279305,"end_to_end_duration":8728,"checkpointed_size":1331521,"state_size":1331521,`+
			`"checkpoint":{"sync":22,"async":8637},"alignment":{"buffered":0,"processed":851,"persisted":0,"duration":10},"start_delay":50,"status":"completed"},`, i)
	}
	transport := wide{body: []byte(`{"id":1,"status":"COMPLETED","subtasks":[` + strings.TrimSuffix(list.String(), ",") + `]}`)}
	peak := testkit.HeapPeak()
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			c, err := flink.New("http://a", flink.WithTransport(transport))
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := c.SubtaskDetails(t.Context(), job, 1, vertex); err != nil || len(got.Subtasks) != 25_000 {
				t.Errorf("%d subtasks, %v", len(got.Subtasks), err)
			}
		})
	}
	all.Wait()
	if grown := peak(); grown > 2*flink.DefaultBudget {
		t.Errorf("the heap grew by %d MiB, want at most twice the budget of %d MiB: garbage is collected when as much again was made", grown>>20, flink.DefaultBudget>>20)
	} else {
		t.Logf("24 answers of %d MiB: the heap grew by %d MiB at most", len(transport.body)>>20, grown>>20)
	}
}
