package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Measure measures all targets and the paths to them side by side. It returns after Options.Deadline at the latest, with what was
// measured until then. A target that cannot be resolved or reached is a figure of the result; the error is for options and targets that
// cannot be used, and for a context that ended.
func Measure(ctx context.Context, targets []Target, o Options) (Result, error) {
	if err := o.Check(); err != nil {
		return Result{}, err
	}
	if len(targets) == 0 || len(targets) > MaxTargets {
		return Result{}, fmt.Errorf("%d targets, expected 1 to %d", len(targets), MaxTargets)
	}
	bounded, cancel := context.WithTimeout(ctx, o.Deadline)
	defer cancel()
	result := Result{Targets: make([]TargetResult, len(targets))}
	ways := tracers{most: o.MaxHops}
	var all sync.WaitGroup
	for i := range targets {
		all.Go(func() { result.Targets[i] = measureTarget(bounded, targets[i], &o, &ways) })
	}
	all.Wait()
	result.Paths = ways.found()
	if retransmitsGap != "" {
		result.Gaps = append(result.Gaps, retransmitsGap)
	}
	return result, ctx.Err()
}

// tracers follow the way to each address once.
type tracers struct {
	most    int
	mu      sync.Mutex
	paths   []*Path
	running sync.WaitGroup
}

// follow begins to follow the way to an address, unless that is being done.
func (t *tracers) follow(ctx context.Context, address netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.paths {
		if known.Address == address.String() {
			return
		}
	}
	if t.most == 0 {
		return
	}
	path := &Path{Address: address.String()}
	t.paths = append(t.paths, path)
	t.running.Go(func() {
		*path = tracePath(ctx, address, t.most)
		path.Address = address.String()
	})
}

// found waits for the paths, and returns them by address.
func (t *tracers) found() []Path {
	t.running.Wait()
	found := make([]Path, 0, len(t.paths))
	for _, path := range t.paths {
		found = append(found, *path)
	}
	slices.SortFunc(found, func(a, b Path) int { return strings.Compare(a.Address, b.Address) })
	return found
}

// series collects round trips.
type series struct {
	Series
	took []time.Duration
}

// add counts a round trip; what the end of the whole measurement cut off before its own time-out says nothing and is not counted.
func (s *series) add(ctx context.Context, took, timeout time.Duration, err error) {
	var network net.Error
	late := errors.As(err, &network) && network.Timeout()
	switch {
	case err == nil:
		s.took = append(s.took, took)
	case ctx.Err() != nil || late && took < timeout:
		return
	case late:
		s.Lost++
	default:
		s.Failed++
		if s.Error == "" {
			s.Error = shorten(plain(err), maxError)
		}
	}
	s.Sent++
}

// finish is the series with its percentiles.
func (s *series) finish() Series {
	s.percentiles(s.took)
	return s.Series
}

// plain is an error without the addresses that Go puts before it.
func plain(err error) string {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Err != nil {
		return operation.Err.Error()
	}
	return err.Error()
}

func measureTarget(ctx context.Context, target Target, o *Options, ways *tracers) TargetResult {
	out := TargetResult{Target: target.String()}
	began := time.Now()
	address, err := resolve(ctx, target.Host)
	if err != nil {
		out.Connect = Series{Sent: 1, Failed: 1, Error: shorten(err.Error(), maxError)}
		return out
	}
	if address.String() != target.Host {
		out.LookupMicroseconds = time.Since(began).Microseconds()
	}
	out.Address = address.String()
	ways.follow(ctx, address)
	r := round{target: target, address: net.JoinHostPort(out.Address, strconv.Itoa(target.Port)), timeout: o.Timeout}
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for i := range o.Count {
		if i > 0 {
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
		if ctx.Err() != nil {
			break
		}
		r.once(ctx)
	}
	out.Connect = r.connects.finish()
	if target.Path != "" {
		requests := r.requests.finish()
		out.Request = &requests
	}
	if r.counted {
		out.Retransmits = &r.retransmits
	}
	return out
}

// resolve is the first address of a name: all round trips go the same way.
func resolve(ctx context.Context, host string) (netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, err
	}
	if len(addresses) == 0 {
		return netip.Addr{}, fmt.Errorf("the name %s has no address", host)
	}
	return addresses[0].Unmap(), nil
}

// round is what is measured again and again of one target.
type round struct {
	target   Target
	address  string
	timeout  time.Duration
	connects series
	requests series
	// retransmits is what the kernel sent again on the connections that came about; counted tells that it said so.
	retransmits int64
	counted     bool
}

// once makes a connect and, where asked for, a request on it.
func (r *round) once(ctx context.Context) {
	dialer := net.Dialer{Timeout: r.timeout, KeepAlive: -1}
	began := time.Now()
	connection, err := dialer.DialContext(ctx, "tcp", r.address)
	r.connects.add(ctx, time.Since(began), r.timeout, err)
	if err != nil {
		return
	}
	if r.target.Path != "" {
		took, err := r.ask(ctx, connection)
		r.requests.add(ctx, took, r.timeout, err)
	}
	if again, ok := retransmits(connection); ok {
		r.retransmits += again
		r.counted = true
	}
	if err := connection.Close(); err != nil {
		return // what was measured stands
	}
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// ask sends a GET and takes the time until the first byte of the answer. The status does not matter: a refusal went there and back as well.
func (r *round) ask(ctx context.Context, connection net.Conn) (time.Duration, error) {
	began := time.Now()
	deadline := began.Add(r.timeout)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	if err := connection.SetDeadline(deadline); err != nil {
		return 0, err
	}
	text := "GET " + r.target.Path + " HTTP/1.1\r\nHost: " + net.JoinHostPort(r.target.Host, strconv.Itoa(r.target.Port)) +
		"\r\nUser-Agent: checkpoint-health-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n"
	_, err := io.WriteString(connection, text)
	reader := bufio.NewReader(connection)
	if err == nil {
		_, err = reader.Peek(1)
	}
	took := time.Since(began)
	if err != nil {
		return took, err
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return took, fmt.Errorf("the answer is no HTTP: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	return took, errors.Join(err, response.Body.Close())
}
