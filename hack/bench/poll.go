package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"syscall"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// cpu is the process's CPU time so far.
func cpu() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// benchPoll measures a healthy poll with all its pure stages against a bare loop of the same GETs, in turns, so that a change of the
// machine's speed is one for both.
func benchPoll(ctx context.Context, polls int) ([]figure, error) {
	address, stop, err := jobManagers(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer stop()
	proxy := &url.URL{Scheme: "http", Host: address}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), MaxIdleConnsPerHost: 4}
	base := fmt.Sprintf("http://%s-rest.%s.svc:8081", jobName(0), benchNamespace)
	ours, err := newPoller(base, transport)
	if err != nil {
		return nil, err
	}
	for range 3 { // first sight reads more
		if err := ours.poll(ctx); err != nil {
			return nil, err
		}
	}
	ours.routes = nil
	if err := ours.poll(ctx); err != nil {
		return nil, err
	}
	bare := bareLoop{client: &http.Client{Transport: transport}, base: base, paths: ours.routes}
	ours.keep, ours.writes = false, 0
	const turns = 10
	var oursCPU, bareCPU time.Duration
	for range turns {
		took, err := measured(func() error { return repeat(polls/turns, func() error { return ours.poll(ctx) }) })
		if err != nil {
			return nil, err
		}
		oursCPU += took
		if took, err = measured(func() error { return repeat(polls/turns, func() error { return bare.poll(ctx) }) }); err != nil {
			return nil, err
		}
		bareCPU += took
	}
	if ours.writes > 0 {
		return nil, fmt.Errorf("%d of %d healthy polls had a new status to write, want none", ours.writes, polls)
	}
	perPoll := float64(polls/turns*turns) * 1e3
	return []figure{
		{"poll_gets", float64(len(bare.paths))},
		{"poll_cpu_us", float64(oursCPU) / perPoll},
		{"bare_cpu_us", float64(bareCPU) / perPoll},
		{"poll_ratio", float64(oursCPU) / float64(bareCPU)},
	}, nil
}

func measured(run func() error) (time.Duration, error) {
	before, err := cpu()
	if err != nil {
		return 0, err
	}
	if err := run(); err != nil {
		return 0, err
	}
	after, err := cpu()
	return after - before, err
}

func repeat(times int, do func() error) error {
	for range times {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// poller is our own healthy poll: observe, diagnose, verify, plan, and report as far as a status that says nothing new.
type poller struct {
	connection *observe.Connection
	memory     observe.Memory
	doctor     *diagnose.Doctor
	policy     model.Policy
	object     api.CheckpointHealth
	// writes are the statuses that said something new.
	writes int
	keep   bool
	routes []string
}

// remembering notes the requests that pass through.
type remembering struct {
	next http.RoundTripper
	see  func(*http.Request)
}

func (r remembering) RoundTrip(request *http.Request) (*http.Response, error) {
	r.see(request)
	return r.next.RoundTrip(request)
}

func newPoller(base string, transport http.RoundTripper) (*poller, error) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		return nil, fmt.Errorf("doctor: %w", err)
	}
	p := &poller{doctor: doctor, policy: model.ResolvePolicy("", nil), keep: true}
	p.connection, err = observe.Connect(base, flink.WithTransport(remembering{transport, func(request *http.Request) {
		if p.keep {
			p.routes = append(p.routes, request.URL.RequestURI())
		}
	}}))
	return p, err
}

func (p *poller) poll(ctx context.Context) error {
	snapshot, err := observe.Flink(ctx, p.connection, observe.Options{Now: time.Now}, &p.memory)
	if err != nil {
		return err
	}
	if !snapshot.Availability.Judgeable() {
		return fmt.Errorf("the simulated job cannot be judged: %s", snapshot.Availability.Message)
	}
	pass := stages(p.doctor, &snapshot, &p.policy)
	p.memory.Judged(snapshot.At, &snapshot, &pass.Diagnosis)
	next := report.Status(&p.object, &pass)
	if status, changed := report.Merge(&p.object.Status, &next, false); changed {
		p.object.Status = status
		p.writes++
	}
	return nil
}

// bareLoop makes the same GETs and decodes the answers, and nothing else.
type bareLoop struct {
	client *http.Client
	base   string
	paths  []string
}

func (b *bareLoop) poll(ctx context.Context) error {
	for _, path := range b.paths {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, http.NoBody)
		if err != nil {
			return fmt.Errorf("request: %w", err)
		}
		response, err := b.client.Do(request)
		if err != nil {
			return fmt.Errorf("GET %s: %w", path, err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return fmt.Errorf("GET %s: %w", path, err)
		}
		if err := json.Unmarshal(body, bareTarget(path)); err != nil {
			return fmt.Errorf("GET %s: %w", path, err)
		}
	}
	return nil
}
