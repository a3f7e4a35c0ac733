package cli

import (
	"context"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"checkpointhealth.dev/operator/controllers/diagnose"
)

// Environment is what the commands touch of the world. Tests hand in their own.
type Environment struct {
	// Program is the name the process was started by (os.Args[0]).
	Program string
	// InCluster tells whether the process runs in a pod.
	InCluster bool
	// Version is what `version` prints.
	Version string
	// PolicyCRD is the CustomResourceDefinition of RemediationPolicy, against which --policy is held.
	PolicyCRD []byte
	// In is what is piped into the command.
	In io.Reader
	// Out takes results and Err progress and reasons.
	Out, Err io.Writer
	// Color tells whether Out may be colored, OutTerminal whether a person sees it, and ErrTerminal whether one sees progress on Err.
	Color, OutTerminal, ErrTerminal bool
	// Now is the clock, and Wait waits until a duration has passed or the context ends.
	Now  func() time.Time
	Wait func(context.Context, time.Duration) error
	// Doctor makes the doctor, with further known issues; the notes say which of those it left out.
	Doctor func(...diagnose.AdvisoryFile) (Doctor, []diagnose.AdvisoryNote, error)
}

// Process is the environment of this process. Out is colored on a terminal, unless NO_COLOR is set to anything (no-color.org).
func Process(version string) *Environment {
	return &Environment{
		Program: os.Args[0], InCluster: os.Getenv("KUBERNETES_SERVICE_HOST") != "", Version: version, In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Color:       term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Now:         time.Now, Wait: wait,
		Doctor: newDoctor,
	}
}

func newDoctor(files ...diagnose.AdvisoryFile) (Doctor, []diagnose.AdvisoryNote, error) {
	return diagnose.NewDoctorWith(files...)
}

// wait waits until d has passed, or returns the context's error if that ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
