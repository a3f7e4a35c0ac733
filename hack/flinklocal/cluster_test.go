package flinklocal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// preparedCluster has a distribution without content and a java that runs the script.
func preparedCluster(ctx context.Context, t *testing.T, java string) *Cluster {
	t.Helper()
	dist, home := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dist, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lib/flink-dist-1.20.5.jar", "store.jar"} {
		if err := os.WriteFile(filepath.Join(dist, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script(t, filepath.Join(home, "bin"), "java", `[ "$1" = -version ] && { echo 'version "17"'; exit 0; }`+"\n"+java)
	script(t, filepath.Join(home, "bin"), "javac", "exit 0")
	t.Setenv("JAVA_HOME", home)
	theCase, ok := Find("healthy")
	if !ok {
		t.Fatal("no case healthy")
	}
	c, err := New(ctx, Options{Dist: dist, Jars: Jars{Store: filepath.Join(dist, "store.jar")}, Case: theCase, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestDeployTellsWhyFlinkEnded(t *testing.T) {
	c := preparedCluster(t.Context(), t, `echo "IllegalArgumentException: interval" >&2; exit 2`)
	err := c.Deploy(t.Context(), c.opts.Case.Spec("default", "orders", "1.20.5"))
	if err == nil || !strings.Contains(err.Error(), "IllegalArgumentException: interval") || !strings.Contains(err.Error(), "exit status 2") {
		t.Errorf("error %v, want how the process ended and its last words", err)
	}
	if len(c.procs) != 0 {
		t.Errorf("%d processes are left", len(c.procs))
	}
	if ready, err := c.Ready(t.Context()); ready || err != nil {
		t.Errorf("ready %t, %v; want not ready, and no error, while nothing runs", ready, err)
	}
}

func TestDeployRefuses(t *testing.T) {
	c := preparedCluster(t.Context(), t, "exec sleep 600")
	for problem, change := range map[string]func(*Spec){
		"this cluster's distribution is Flink 1.20.5": func(s *Spec) { s.Version = "2.2.1" },
		"leaves no heap":  func(s *Spec) { s.MemoryBytes = 300 << 20 },
		"would not start": func(s *Spec) { s.Config["jobmanager.memory.heap.size"] = "8g" },
	} {
		spec := c.opts.Case.Spec("default", "orders", "1.20.5")
		change(&spec)
		if err := c.Deploy(t.Context(), spec); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("error %v, want one that says %q", err, problem)
		}
	}
}

func TestNothingIsLeftWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	up := filepath.Join(t.TempDir(), "up")
	c := preparedCluster(ctx, t, "echo $$ >> "+up+"; exec sleep 600")
	deployed := make(chan error, 1)
	go func() { deployed <- c.Deploy(context.WithoutCancel(ctx), c.opts.Case.Spec("default", "orders", "")) }()
	err := until(t.Context(), 10*time.Millisecond, func(context.Context) (bool, error) {
		text, _ := os.ReadFile(up) // not there yet
		return strings.Count(string(text), "\n") == 3, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-deployed; err == nil {
		t.Error("want Deploy to give up")
	}
	err = until(t.Context(), 10*time.Millisecond, func(context.Context) (bool, error) {
		_, err := os.Stat(c.Dir())
		return errors.Is(err, os.ErrNotExist), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Deploy(t.Context(), Spec{}); !errors.Is(err, errClosed) {
		t.Errorf("deploy after the end: %v, want %v", err, errClosed)
	}
}

func TestArgumentsOfALaterStart(t *testing.T) {
	c := &Cluster{starts: 1}
	args := []string{"--from-s", "15"}
	if got := strings.Join(c.arguments(args, Spec{Parallelism: 3}), " "); got != "--parallelism 3 --from-s 15" {
		t.Errorf("first start: %s", got)
	}
	c.starts = 2
	if got := strings.Join(c.arguments(args, Spec{Parallelism: 3}), " "); !strings.HasSuffix(got, "--from-s 15 --from-s 0") {
		t.Errorf("later start: %s, want the fault at once", got)
	}
}

func TestSetDelaysReplaces(t *testing.T) {
	c := preparedCluster(t.Context(), t, "exit 0")
	if err := c.SetDelays(map[string]string{"write.kbps": "350", "close.ms": "1"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.path("delays.properties"))
	if err != nil || string(text) != "close.ms=1\nwrite.kbps=350\n" {
		t.Errorf("%q, %v", text, err)
	}
}
