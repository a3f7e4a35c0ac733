package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// The exit statuses of diagnose. record and backtest end with StatusHealthy or, where they could not do their work, StatusUnknown.
const (
	// StatusHealthy means the job's checkpoints complete.
	StatusHealthy = 0
	// StatusSick means at risk or unhealthy.
	StatusSick = 1
	// StatusUnknown means it could not tell: unreachable, malformed, no checkpointing, wrong usage. The reason is on stderr.
	StatusUnknown = 2
)

// exit is an error that carries its exit status; one without text prints nothing.
type exit struct {
	status int
	reason error
}

func (e *exit) Error() string {
	if e.reason == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.reason.Error()
}

func (e *exit) Unwrap() error { return e.reason }

// cannotTell is the error for what could not be judged, and why.
func cannotTell(format string, args ...any) error {
	return &exit{status: StatusUnknown, reason: fmt.Errorf(format, args...)}
}

// verdict is the exit status of a health, with the reason where it is unknown.
func verdict(health api.Health, reason string) error {
	switch health {
	case api.HealthHealthy:
		return nil
	case api.HealthAtRisk, api.HealthUnhealthy:
		return &exit{status: StatusSick}
	default:
		return cannotTell("%s", orElse(reason, "there is no fresh data to judge by"))
	}
}

// ExitStatus prints what a command failed with, if it has a reason, and returns the process's exit status.
func ExitStatus(program string, err error, stderr io.Writer) int {
	if err == nil {
		return StatusHealthy
	}
	e := &exit{status: StatusUnknown, reason: err}
	if found := (*exit)(nil); errors.As(err, &found) {
		e = found
	}
	switch {
	case errors.Is(err, context.Canceled):
		say(stderr, "%s: interrupted\n", program)
	case e.reason != nil:
		say(stderr, "%s: %v\n", program, e.reason)
	}
	return e.status
}

// say writes a line for people; where nobody can read it there is nothing to be done about that.
func say(w io.Writer, format string, args ...any) {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
