package play

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keptManager is a manager of which nothing but its name and its end is looked at.
func keptManager(work string) *Manager {
	return &Manager{command: exec.Command(filepath.Join(work, "checkpoint-health")), ended: make(chan error, 1), Log: filepath.Join(work, "manager.log")}
}

// What is kept is named in lines that can be copied, and so is how to end it.
func TestWhatIsKeptIsTold(t *testing.T) {
	var out strings.Builder
	if err := tellKept(&out, "/t/admin.kubeconfig", keptManager("/t"), "payments", 4711); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  export KUBECONFIG=/t/admin.kubeconfig\n", "  kubectl -n demo get checkpointhealths -o wide\n", "  kubectl -n demo describe checkpointhealth payments\n",
		"  /t/checkpoint-health diagnose -n demo payments\n", "annotate checkpointhealth payments flink.checkpointhealth.dev/pause=", "tail -f /t/manager.log\n", "Ctrl-C here, or kill 4711,",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told in:\n%s", want, out.String())
		}
	}
}

// What is kept is kept until somebody ends it, which is no error; that the manager ended by itself is one.
func TestKeptUntilInterrupted(t *testing.T) {
	manager := keptManager(t.TempDir())
	manager.ended <- errors.New("exit status 2")
	if err := manager.untilInterrupted(t.Context()); err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("the manager ended: %v", err)
	}
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	if err := manager.untilInterrupted(interrupted); err != nil {
		t.Errorf("it was interrupted: %v", err)
	}
	manager.ended <- errors.New("signal: interrupt")
	if err := manager.untilInterrupted(interrupted); err != nil {
		t.Errorf("it was interrupted, and the manager with it: %v", err)
	}
}
