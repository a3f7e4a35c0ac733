package play

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// freeAddresses are two addresses on loopback that nobody listens on now.
func freeAddresses() (metrics, probes string, err error) {
	var addresses [2]string
	var held [2]net.Listener
	for i := range held {
		if held[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", "", fmt.Errorf("a free port: %w", err)
		}
		addresses[i] = held[i].Addr().String()
	}
	for _, listener := range held {
		err = errors.Join(err, listener.Close())
	}
	return addresses[0], addresses[1], err
}

// readyWithin is how long a manager may take to get ready: it waits for a lease and fills its caches.
const readyWithin = time.Minute

// StartServingManager starts the manager as config/manager does, waits until its probe says that it is ready, and makes sure that nobody reads
// its metrics without a token. more are flags behind its own.
func (s *Stage) StartServingManager(ctx context.Context, proxy string, more ...string) (*Manager, error) {
	manager, err := s.StartManager(ctx, append(s.ManagerArguments(proxy), more...)...)
	if err != nil {
		return nil, err
	}
	if err := s.untilReady(ctx, manager); err != nil {
		manager.Stop()
		return nil, err
	}
	return manager, nil
}

// endedByItself says why a manager is gone: in one line where it lost its lease, as it does where nobody else wants it but the machine is too busy to
// renew it in time; else with the end of its log.
func endedByItself(err error, tail string) error {
	if strings.Contains(tail, "leader election lost") {
		return fmt.Errorf("the manager lost its lease, which it renews within 10 s: this machine is too busy (%s); run it again alone", newestLoad())
	}
	return fmt.Errorf("the manager ended by itself: %w; the end of its log:\n%s", errors.Join(errors.New("exit"), err), tail)
}

// untilReady waits until the probe says ready and the metrics are served; the metrics come a moment later, with a certificate made for them.
func (s *Stage) untilReady(ctx context.Context, manager *Manager) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		ready, errReady := get(ctx, "http://"+s.probes+"/readyz")
		metrics, errMetrics := get(ctx, "https://"+s.metrics+"/metrics")
		if ready == http.StatusOK && errMetrics == nil {
			if metrics != http.StatusUnauthorized {
				return fmt.Errorf("the metrics answer %d without a token, want %d", metrics, http.StatusUnauthorized)
			}
			s.Say("the manager is ready: metrics served with authentication only")
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the manager is not ready after %s", readyWithin), errReady, errMetrics, fmt.Errorf("the end of its log:\n%s", manager.Tail()))
		case err := <-manager.Ended():
			return endedByItself(err, manager.Tail())
		case <-ticker.C:
		}
	}
}

// get asks an address on loopback, whose certificate the manager made for itself, and returns the status.
func get(ctx context.Context, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("request: %w", err)
	}
	own := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}}
	defer own.CloseIdleConnections()
	response, err := own.Do(request)
	if err != nil {
		return 0, fmt.Errorf("GET %s: %w", address, err)
	}
	return response.StatusCode, response.Body.Close()
}
