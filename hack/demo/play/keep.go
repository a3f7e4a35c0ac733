package play

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Keep leaves everything up until the context ends, so that somebody can look around as the administrator. It is an error if the manager
// ends by itself meanwhile.
func (s *Stage) Keep(ctx context.Context, manager *Manager, name string) error {
	file := filepath.Join(s.Work, "admin.kubeconfig")
	if err := os.WriteFile(file, s.Plane.Kubeconfig(), 0o600); err != nil {
		return fmt.Errorf("kubeconfig: %w", err)
	}
	if err := tellKept(s.out, file, manager, name, os.Getpid()); err != nil {
		return err
	}
	return manager.untilInterrupted(ctx)
}

// untilInterrupted waits for the context's end; that the manager ends before it is an error.
func (m *Manager) untilInterrupted(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-m.Ended():
		if ctx.Err() != nil { // Ctrl-C in a terminal reaches the manager as well
			return nil
		}
		return endedByItself(err, m.Tail())
	}
}

// tellKept says how to look at what is kept, in lines to be copied, and how it ends.
func tellKept(out io.Writer, kubeconfig string, manager *Manager, name string, pid int) error {
	_, err := fmt.Fprintf(out, `
demo: the API server, the jobs and the manager are kept. In another terminal:

  export KUBECONFIG=%[1]s
  kubectl -n %[2]s get checkpointhealths -o wide
  kubectl -n %[2]s describe checkpointhealth %[3]s
  %[4]s diagnose -n %[2]s %[3]s
  kubectl -n %[2]s annotate checkpointhealth %[3]s flink.checkpointhealth.dev/pause="who and why"
  kubectl -n %[2]s get remediationpolicies
  tail -f %[5]s

demo: Ctrl-C here, or kill %[6]d, ends and removes all of it
`, kubeconfig, Namespace, name, manager.binary(), manager.Log, pid)
	return err
}
