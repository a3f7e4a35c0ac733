// Command demo shows the whole loop on an embedded control plane: simulated Flink jobs fall ill, one per cause; the manager, as users run
// it, diagnoses them, patches the treatable ones, verifies the cure and leaves the rest alone with advice. It ends by itself, or is kept to be looked at.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	ctrl "sigs.k8s.io/controller-runtime"

	"checkpointhealth.dev/operator/hack/demo/play"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

func main() {
	deadline := flag.Duration("deadline", 150*time.Second, "how long the jobs have to get where they should be")
	shown := flag.String("describe", "", "the job that is described at the end; default: the first that was treated")
	keep := flag.Bool("keep", false, "keep the API server, the jobs and the manager up at the end, until interrupted")
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	if err := demo(*deadline, *shown, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// errUnlikely tells that not every job went as it should; the lines above say which.
var errUnlikely = errors.New("not every job went as it should")

// demo plays, and counts at the very end.
func demo(deadline time.Duration, shown string, keep bool) error {
	parts, verdicts, err := perform(deadline, shown, keep)
	if verdicts != nil && !play.Count(os.Stdout, "demo", parts, verdicts) {
		return errors.Join(err, errUnlikely)
	}
	return err
}

// perform sets the stage, plays, and strikes it again. Verdicts are nil where it did not come to that.
func perform(deadline time.Duration, shown string, keep bool) (parts []*play.Part, verdicts map[string]play.Verdict, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	stage, err := play.Set(ctx, os.Stdout, "default")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		stop() // whoever watches goes first: kube-apiserver waits a minute for those that are there when it is told to stop
		err = errors.Join(err, stage.Strike())
	}()
	server := flinksim.NewServer(flinksim.SystemClock{}, flinksim.QuickStartup(), flinksim.RealWait)
	address, closeServer, err := serve(server)
	if err != nil {
		return nil, nil, err
	}
	defer closeServer()
	if err := stage.RunStandIn(ctx, simulated.Factory(server, flinksim.CaseNamed), standin.QuickDelays()); err != nil {
		return nil, nil, err
	}
	if parts, err = cast(ctx, stage); err != nil {
		return nil, nil, err
	}
	manager, err := stage.StartServingManager(ctx, "http://"+address)
	if err != nil {
		return nil, nil, err
	}
	defer manager.Stop()
	defer stage.Say("stopping the manager and the control plane")
	stage.Say("the jobs fall ill, are diagnosed and treated: some two minutes, at most %s", deadline)
	verdicts, err = stage.Run(ctx, manager, parts, deadline, term.IsTerminal(int(os.Stdout.Fd())))
	if err != nil {
		return parts, nil, err
	}
	if shown == "" {
		shown = play.FirstTreated(parts)
	}
	err = closing(ctx, stage, manager, parts, verdicts, shown)
	if err == nil && keep {
		play.Count(os.Stdout, "demo", parts, verdicts)
		err = stage.Keep(ctx, manager, shown)
	}
	return parts, verdicts, err
}

// closing shows one full describe, and what did not go as it should.
func closing(ctx context.Context, stage *play.Stage, manager *play.Manager, parts []*play.Part, verdicts map[string]play.Verdict, shown string) error {
	text, err := stage.Describe(shown)
	if err != nil {
		return err
	}
	fmt.Printf("\n$ kubectl describe checkpointhealth %s\n%s\n", shown, text)
	if play.Passed(parts, verdicts) < len(parts) {
		for _, part := range parts {
			if !verdicts[part.Name].Passed {
				err = errors.Join(err, stage.Tell(ctx, part.Name))
			}
		}
		fmt.Printf("the end of the manager's log:\n%s\n", manager.Tail())
	}
	return err
}

// serve serves the simulated JobManagers on loopback.
func serve(server *flinksim.Server) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(listener) }() // it ends with Close
	return listener.Addr().String(), func() { _ = web.Close() }, nil
}

// cast creates one FlinkDeployment and CheckpointHealth per case of the simulator.
func cast(ctx context.Context, stage *play.Stage) ([]*play.Part, error) {
	if err := stage.Prepare(ctx); err != nil {
		return nil, err
	}
	var parts []*play.Part
	for _, c := range flinksim.Cases() {
		part := &play.Part{Name: c.Name, Cause: c.Cause, SubCause: c.SubCause, Treatable: c.Treatable}
		if err := stage.Enter(ctx, part, simulated.Manifest(play.Namespace, c)); err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	stage.Say("%d jobs are deployed: one per cause, and healthy ones", len(parts))
	return parts, nil
}
