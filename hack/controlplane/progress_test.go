package controlplane

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgressReadsWhatGoPrints(t *testing.T) {
	p := &progress{}
	for _, chunk := range []string{
		"go: downloading k8s.io/api v0.36.3\ngo: down", "loading k8s.io/klog v1.0.0\n",
		"internal/goarch\nk8s.io/api/core/v1\n", "# k8s.io/broken\n", "./file.go:1:2: undefined: x\n",
	} {
		if n, err := p.Write([]byte(chunk)); n != len(chunk) || err != nil {
			t.Fatalf("Write() = %d, %v", n, err)
		}
	}
	if p.downloaded != 2 || p.compiled != 2 || p.now != "k8s.io/api/core/v1" {
		t.Errorf("downloaded %d, compiled %d, now %q; want 2, 2, k8s.io/api/core/v1", p.downloaded, p.compiled, p.now)
	}
	if !strings.HasSuffix(p.tail(), "undefined: x") {
		t.Errorf("tail() = %q; want the compiler's message at its end", p.tail())
	}
}

func TestProgressKeepsABoundedTail(t *testing.T) {
	p := &progress{}
	if _, err := p.Write(bytes.Repeat([]byte("a/package\n"), 10*keptLines)); err != nil {
		t.Fatal(err)
	}
	if got := len(strings.Split(p.tail(), "\n")); got != keptLines {
		t.Errorf("kept %d lines; want %d", got, keptLines)
	}
}

func TestLockIsHeldByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), &bytes.Buffer{}, path)
	if err != nil {
		t.Fatal(err)
	}

	waiting := &signalWriter{written: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := lock(ctx, waiting, path)
		result <- err
	}()
	<-waiting.written
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("second lock while the first is held: error = %v; want context.Canceled", err)
	}

	unlock()
	again, err := lock(t.Context(), &bytes.Buffer{}, path)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	again()
}

// signalWriter tells when something was written to it.
type signalWriter struct{ written chan struct{} }

func (w *signalWriter) Write(p []byte) (int, error) {
	select {
	case w.written <- struct{}{}:
	default:
	}
	return len(p), nil
}
