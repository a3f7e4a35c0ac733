package flinklocal

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func startScript(t *testing.T, script string) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{name: "p", out: filepath.Join(dir, "out"), log: filepath.Join(dir, "log"), cmd: exec.CommandContext(t.Context(), "sh", "-c", script)}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end([]*process{p}, 0) })
	return p
}

func TestEndAsksThenInsists(t *testing.T) {
	dir := t.TempDir()
	marker := filepath.Join(dir, "asked")
	polite := startScript(t, `trap 'echo asked > `+marker+`; exit 0' TERM; echo up; while :; do sleep 0.05; done`)
	deaf := startScript(t, `trap '' TERM; echo up; while :; do sleep 0.05; done`)
	for _, p := range []*process{polite, deaf} {
		waitForText(t, p.out, "up")
	}
	end([]*process{polite, deaf}, 500*time.Millisecond)
	if polite.alive() || deaf.alive() {
		t.Fatal("want both ended")
	}
	if _, err := os.Stat(marker); err != nil {
		t.Errorf("the first was not asked with SIGTERM: %v", err)
	}
	if deaf.err == nil || !strings.Contains(deaf.err.Error(), "killed") {
		t.Errorf("the second ended with %v, want killed", deaf.err)
	}
}

// A child of the child, too: Flink's start may go through a wrapper.
func TestEndReachesTheGroup(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := &process{name: "p", out: filepath.Join(dir, "out"), cmd: exec.CommandContext(t.Context(), "sh", "-c", "sleep 600 & echo up; wait")}
	p.cmd.ExtraFiles = []*os.File{w}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	waitForText(t, p.out, "up")
	end([]*process{p}, time.Minute)
	if _, err := io.ReadAll(r); err != nil { // ends when nobody holds the other end any more
		t.Fatal(err)
	}
}

const orphanMaker = "FLINKLOCAL_TEST_MAKES_AN_ORPHAN"

// When this process is killed no Flink may stay behind.
func TestProcessesDieWithTheirStarter(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skipf("%s has no parent-death signal", runtime.GOOS)
	}
	if dir := os.Getenv(orphanMaker); dir != "" {
		p := &process{name: "p", out: filepath.Join(dir, "out"), cmd: exec.CommandContext(t.Context(), "sh", "-c", "echo up; exec sleep 600")}
		p.cmd.ExtraFiles = []*os.File{os.NewFile(3, "held")}
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
		<-p.done
		return
	}
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	starter := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	starter.Env = append(os.Environ(), orphanMaker+"="+dir)
	starter.ExtraFiles = []*os.File{w}
	if err := starter.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	waitForText(t, filepath.Join(dir, "out"), "up")
	if err := starter.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := starter.Wait(); err == nil {
		t.Error("the starter ended well, want killed")
	}
	if _, err := io.ReadAll(r); err != nil { // ends when the process it started is gone as well
		t.Fatal(err)
	}
}

func TestLastWords(t *testing.T) {
	p := startScript(t, `for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; echo why >&2; exit 3`)
	<-p.done
	words := p.lastWords()
	if !strings.HasSuffix(words, "why") || strings.Contains(words, "line 1\n") || !strings.Contains(words, "line 10") {
		t.Errorf("%q, want the last lines, errors included", words)
	}
	silent := startScript(t, "exit 1")
	<-silent.done
	if got := silent.lastWords(); got != "it wrote nothing" {
		t.Errorf("%q of a process that wrote nothing", got)
	}
}

func TestErrorLinesLeaveOutFrames(t *testing.T) {
	log := `2026-01-01 00:00:00,000 INFO  a - starting
2026-01-01 00:00:01,000 ERROR b - Could not start
java.lang.Exception: no actor system
	at org.example.A.a(A.java:1)
Caused by: java.net.BindException: in use
	at org.example.B.b(B.java:2)
2026-01-01 00:00:02,000 INFO  a - ending`
	want := []string{"2026-01-01 00:00:01,000 ERROR b - Could not start", "java.lang.Exception: no actor system", "Caused by: java.net.BindException: in use"}
	if got := errorLines(log); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := errorLines(strings.Repeat("x ERROR y\n", 50)); len(got) != wordsLimit {
		t.Errorf("%d lines, want %d", len(got), wordsLimit)
	}
}

// waitForText returns when the file holds the text.
func waitForText(t *testing.T, path, text string) {
	t.Helper()
	err := until(t.Context(), 10*time.Millisecond, func(context.Context) (bool, error) {
		got, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(got), text), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
