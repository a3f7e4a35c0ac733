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

func TestCasesOnRealFlink(t *testing.T) {
	if os.Getenv(realFlink) == "" {
		t.Skipf("%s is not set: set it to Flink versions, such as 1.20.5,2.2.1, to run every case on a real Flink (needs a JDK and pip)", realFlink)
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
		for _, c := range Cases() {
			t.Run(version+"/"+c.Name, func(t *testing.T) {
				t.Parallel() // as many at a time as there are cores
				onRealFlink(t, Options{Dist: dist, Jars: jars, Case: c, Dir: t.TempDir(), Log: t.Logf})
			})
		}
	}
}

// onRealFlink shows that the case goes sick and its cure cures it, or that the healthy one stays healthy.
func onRealFlink(t *testing.T, opts Options) {
	ctx, cancel := context.WithTimeout(t.Context(), casePatience)
	defer cancel()
	c, err := New(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
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
