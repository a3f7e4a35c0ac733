package play

import (
	"errors"
	"strings"
	"testing"
)

// A lease that is lost on a busy machine is said in one line with what to do; anything else with the end of the log.
func TestEndedByItself(t *testing.T) {
	exit := errors.New("exit status 2")
	lost := endedByItself(exit, "{\"msg\":\"context deadline exceeded\"}\n{\"error\":\"leader election lost\"}\n").Error()
	if strings.Contains(lost, "\n") || !strings.Contains(lost, "lost its lease") || !strings.Contains(lost, "run it again alone") || !strings.Contains(lost, "CPUs") {
		t.Errorf("a lost lease is told as %q", lost)
	}
	if other := endedByItself(exit, "panic: no").Error(); !strings.Contains(other, "exit status 2") || !strings.HasSuffix(other, "panic: no") {
		t.Errorf("another end is told as %q", other)
	}
}
