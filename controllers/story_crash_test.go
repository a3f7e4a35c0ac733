package controllers

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// errCrash is what the dying process's last request returns, to nobody.
var errCrash = errors.New("the process died")

// mortal is a client of a process that dies at its n-th write: before it is sent, or after it arrived and before the answer came back.
type mortal struct {
	client.Client
	dieAt   int
	after   bool
	writes  int
	crashed bool
	// applied are the writes that were patches of the target.
	applied map[int]bool
}

// write counts a write and dies at the n-th.
func (m *mortal) write(do func() error) error {
	if m.crashed {
		return errCrash
	}
	m.writes++
	if m.writes != m.dieAt {
		return do()
	}
	m.crashed = true
	if m.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errCrash
}

// Apply is a write unless it is a rehearsal.
func (m *mortal) Apply(ctx context.Context, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	var resolved client.ApplyOptions
	resolved.ApplyOptions(options)
	if len(resolved.DryRun) > 0 {
		return m.Client.Apply(ctx, configuration, options...)
	}
	return m.write(func() error {
		if m.applied != nil {
			m.applied[m.writes] = true
		}
		return m.Client.Apply(ctx, configuration, options...)
	})
}

// Status writes through the same counter.
func (m *mortal) Status() client.SubResourceWriter {
	return mortalStatus{m.Client.Status(), m}
}

type mortalStatus struct {
	client.SubResourceWriter
	m *mortal
}

func (s mortalStatus) Patch(ctx context.Context, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
	return s.m.write(func() error { return s.SubResourceWriter.Patch(ctx, object, patch, options...) })
}

// playCure cures the payments job with a manager that dies at its n-th write and is started again; it returns how many writes there were, and which of them
// patched the target.
func playCure(t *testing.T, namespace string, dieAt int, after bool) (writes int, applied map[int]bool) {
	t.Helper()
	w := newWorld(t, namespace)
	process := &mortal{Client: admin, dieAt: dieAt, after: after, applied: map[int]bool{}}
	w.client = process
	w.start()
	w.deploy("payments", "payments")
	w.watch("payments", inline(quick))
	applied = process.applied
	w.run(240, "cured", func() bool {
		if process.crashed {
			writes += process.writes
			process = &mortal{Client: admin}
			w.client = process
			w.start() // nothing is remembered but what the API server has
		}
		s := w.health("payments").Status
		return s.LastOutcome == api.OutcomeEffective && s.Health == api.HealthHealthy
	})
	if got := w.target("payments").GetGeneration(); got != 2 {
		t.Errorf("generation %d, want 2: the target was patched %d times", got, got-1)
	}
	if got := len(w.health("payments").Status.Remediations); got != 1 {
		t.Errorf("%d remedies in the history, want 1", got)
	}
	if got := w.timeout(); got != "25s" {
		t.Errorf("the timeout ended at %s, want 25s as without a crash", got)
	}
	return writes + process.writes, applied
}

// Whenever the manager dies, before a write or after it arrived, the next one ends in the same state: nothing is patched twice, and nothing
// is lost.
func TestACrashAtAnyWriteRepeatsNothing(t *testing.T) {
	writes, applied := playCure(t, "story-crash-none", 0, false)
	if writes < 4 || len(applied) < 2 {
		t.Fatalf("only %d writes, %d of them patches: the story is too short to crash in", writes, len(applied))
	}
	for n := 1; n <= writes; n++ {
		for _, after := range []bool{false, true} {
			if !after && !applied[n] {
				continue // a status that was never sent is the same as a death after the write before
			}
			name := fmt.Sprintf("story-crash-%d-before", n)
			if after {
				name = fmt.Sprintf("story-crash-%d-after", n)
			}
			t.Run(name, func(t *testing.T) { playCure(t, name, n, after) })
		}
	}
}
