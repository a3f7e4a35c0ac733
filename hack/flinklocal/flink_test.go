package flinklocal

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// realFlink is the environment variable that names the versions to try the cases on, such as 1.20.5,2.2.1. It needs a JDK,
// pip, and some two minutes a case; give go test -timeout 60m.
const realFlink = "CHECKPOINTHEALTH_FLINK"

// casePatience is when a case is given up; none takes half of it on two cores.
const casePatience = 8 * time.Minute

// realVersions calls try for each version asked for, or skips the test.
func realVersions(t *testing.T, try func(version, dist string, jars Jars)) {
	t.Helper()
	if os.Getenv(realFlink) == "" {
		t.Skipf("%s is not set: set it to Flink versions, such as 1.20.5,2.2.1, to run this on a real Flink (needs a JDK and pip)", realFlink)
	}
	for _, version := range strings.Split(os.Getenv(realFlink), ",") {
		dist, err := Fetch(t.Context(), version, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		jars, err := Build(t.Context(), dist, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		try(version, dist, jars)
	}
}

func TestCasesOnRealFlink(t *testing.T) {
	realVersions(t, func(version, dist string, jars Jars) {
		for _, c := range Cases() {
			t.Run(version+"/"+c.Name, func(t *testing.T) {
				t.Parallel() // as many at a time as there are cores
				onRealFlink(t, Options{Dist: dist, Jars: jars, Case: c, Dir: t.TempDir(), Log: t.Logf})
			})
		}
	})
}

// A savepoint that works is restored; after one that expires the job goes on from its last checkpoint.
func TestSavepointsOnRealFlink(t *testing.T) {
	realVersions(t, func(version, dist string, jars Jars) {
		for _, name := range []string{"healthy", "slow-storage"} {
			theCase, ok := Find(name)
			if !ok {
				t.Fatalf("no case %s", name)
			}
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				stopWithSavepoint(t, Options{Dist: dist, Jars: jars, Case: theCase, Dir: t.TempDir(), Log: t.Logf})
			})
		}
	})
}

// realCluster is closed at the end of the test; the context ends with the patience for one case.
func realCluster(t *testing.T, opts Options) (context.Context, *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), casePatience)
	t.Cleanup(cancel)
	c, err := New(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, c
}

func stopWithSavepoint(t *testing.T, opts Options) {
	t.Helper()
	ctx, c := realCluster(t, opts)
	if _, err := c.Try(ctx, nil, 2, 0); err != nil {
		t.Fatal(err)
	}
	err := c.StopWithSavepoint(ctx)
	if opts.Case.Cause != "" {
		if err == nil || !strings.Contains(err.Error(), "expired") {
			t.Errorf("error %v, want the savepoint to expire", err)
		}
		if err := c.WaitReady(ctx); err != nil {
			t.Errorf("%v: want the job to go on", err)
		}
		return
	}
	if err != nil || !strings.Contains(c.savepoint, "/savepoint-") {
		t.Fatalf("savepoint %q, %v", c.savepoint, err)
	}
	if err := c.Restart(ctx, opts.Case.Config); err != nil {
		t.Fatal(err)
	}
	after, err := c.Watch(ctx, "after", Ended(2))
	if err != nil || Expiries(after) > 0 {
		t.Errorf("%v, %v: want the job to go on from its savepoint", after, err)
	}
}

// onRealFlink shows that the case goes sick and its cure cures it, or that the healthy one stays healthy.
func onRealFlink(t *testing.T, opts Options) {
	t.Helper()
	ctx, c := realCluster(t, opts)
	trial, err := c.Try(ctx, opts.Case.Cure, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	expired := Expiries(trial.Before)
	if sick := opts.Case.Cause != ""; sick != (expired > 0) {
		t.Errorf("%d checkpoints expired, want some: %t", expired, sick)
	}
	if opts.Case.Treatable && !trial.Cured() {
		t.Errorf("with %v: %d of %d checkpoints expired, want none", opts.Case.Cure, Expiries(trial.After), len(trial.After))
	}
}
