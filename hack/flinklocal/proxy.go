package flinklocal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// toxiproxyName is the program of github.com/Shopify/toxiproxy, which make builds into bin/.
const toxiproxyName = "toxiproxy-server"

// proxyPatience bounds the start of the proxy and one request to it: it is there within milliseconds.
const proxyPatience = 10 * time.Second

// findToxiproxy looks in PATH, then in bin/ below the working directory, where make puts it.
func findToxiproxy() (string, error) {
	if path, err := exec.LookPath(toxiproxyName); err == nil {
		return path, nil
	}
	if path, err := exec.LookPath(filepath.Join("bin", toxiproxyName)); err == nil {
		return filepath.Abs(path)
	}
	return "", fmt.Errorf("%w: %s, in PATH or bin/ (make bin/%s)", ErrMissing, toxiproxyName, toxiproxyName)
}

// proxy is a toxiproxy with one way through it: to the JobManager's RPC port.
type proxy struct {
	proc *process
	rest rest
}

// startProxy listens on the port that TaskManagers know and passes on to the one that the JobManager has.
func (c *Cluster) startProxy(ctx context.Context, listen, upstream, control int) (*proxy, error) {
	program, err := findToxiproxy()
	if err != nil {
		return nil, err
	}
	p := &proxy{rest: *newRest(control), proc: &process{name: "toxiproxy", out: c.path("toxiproxy.out"),
		cmd: exec.CommandContext(c.life, program, "-host", loopback, "-port", strconv.Itoa(control))}}
	if err := p.proc.start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, proxyPatience)
	defer cancel()
	err = until(ctx, pollEvery/5, func(ctx context.Context) (bool, error) {
		if !p.proc.alive() {
			return false, fmt.Errorf("%s has ended: %s", program, p.proc.lastWords())
		}
		return p.send(ctx, http.MethodGet, "/version", nil) == nil, nil
	})
	if err == nil {
		err = p.send(ctx, http.MethodPost, "/proxies", map[string]any{"name": "rpc", "enabled": true,
			"listen": loopback + ":" + strconv.Itoa(listen), "upstream": loopback + ":" + strconv.Itoa(upstream)})
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("toxiproxy: %w", err)
	}
	return p, nil
}

// set puts these toxics in place of those in force, on connections that are open as well.
func (p *proxy) set(ctx context.Context, toxics []Toxic) error {
	if err := p.send(ctx, http.MethodPost, "/reset", nil); err != nil {
		return fmt.Errorf("toxiproxy: %w", err)
	}
	for i, t := range toxics {
		toxic := map[string]any{"name": "t" + strconv.Itoa(i), "type": t.Type, "stream": t.Stream, "toxicity": 1, "attributes": t.Attributes}
		if err := p.send(ctx, http.MethodPost, "/proxies/rpc/toxics", toxic); err != nil {
			return fmt.Errorf("toxic %s %s %v: %w", t.Stream, t.Type, t.Attributes, err)
		}
	}
	return nil
}

func (p *proxy) send(ctx context.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, proxyPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.rest.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return p.rest.do(req, nil)
}

func (p *proxy) stop() {
	if p != nil {
		end([]*process{p.proc}, grace)
	}
}

// ErrMissing is what a fault needs and this machine does not have: root, a program, a part of the kernel.
var ErrMissing = errors.New("missing on this machine")
