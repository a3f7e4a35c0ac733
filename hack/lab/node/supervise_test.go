//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// write makes an executable shell script.
func write(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// await polls a file until it holds what is wanted.
func await(t *testing.T, file, want string) string {
	t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), want) {
			return string(text)
		}
		select {
		case <-deadline:
			t.Fatalf("%s holds %q (%v): want %q in it", file, text, err, want)
		case <-tick.C:
		}
	}
}

// What ends is started again; on the signal to stop the last one is stopped first.
func TestSupervise(t *testing.T) {
	dir, run := t.TempDir(), t.TempDir()
	order := filepath.Join(run, "order")
	long := "trap 'echo $0 >>" + order + "; exit 0' TERM\necho up\nwhile :; do sleep 0.05; done"
	write(t, dir, "10-first", long)
	write(t, dir, "20-last", long)
	write(t, dir, "30-short", "echo x >>"+filepath.Join(run, "count")+"; exit 3")
	if err := os.WriteFile(filepath.Join(dir, "notes"), []byte("not executable"), 0o644); err != nil {
		t.Fatal(err)
	}

	children := newChildren()
	go children.collect()
	stop, result := make(chan os.Signal, 1), make(chan error, 1)
	go func() { result <- supervise(children, dir, run, stop) }()

	await(t, filepath.Join(run, "10-first.log"), "up")
	await(t, filepath.Join(run, "20-last.log"), "up")
	await(t, filepath.Join(run, "count"), strings.Repeat("x\n", 2))
	stop <- syscall.SIGTERM
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	stopped := strings.Fields(await(t, order, "10-first"))
	if len(stopped) != 2 || !strings.HasSuffix(stopped[0], "20-last") || !strings.HasSuffix(stopped[1], "10-first") {
		t.Errorf("stopped in the order %v: want the last one first", stopped)
	}
}

func TestSuperviseNothing(t *testing.T) {
	err := supervise(newChildren(), t.TempDir(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "no executable") {
		t.Errorf("error %v: want one that says that there is nothing to run", err)
	}
}

func TestHow(t *testing.T) {
	if got := how(syscall.WaitStatus(3 << 8)); got != "ended with status 3" {
		t.Errorf("exit status 3: %q", got)
	}
	if got := how(syscall.WaitStatus(syscall.SIGKILL)); !strings.Contains(got, "killed") {
		t.Errorf("signal 9: %q", got)
	}
}
