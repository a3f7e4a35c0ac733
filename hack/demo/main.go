// Command demo shows the whole loop on an embedded control plane: simulated Flink jobs fall ill, one per cause; the manager, as users run
// it, diagnoses them, patches the treatable ones, verifies the cure and leaves the rest alone with advice. It ends by itself.
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
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	passed, err := demo(ctx, *deadline, *shown)
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

func demo(ctx context.Context, deadline time.Duration, shown string) (passed bool, err error) {
	stage, err := play.Set(ctx, os.Stdout)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, stage.Strike()) }()
	server := flinksim.NewServer(flinksim.SystemClock{}, flinksim.QuickStartup(), flinksim.RealWait)
	address, closeServer, err := serve(server)
	if err != nil {
		return false, err
	}
	defer closeServer()
	if err := stage.RunStandIn(ctx, simulated.Factory(server, flinksim.CaseNamed), standin.QuickDelays()); err != nil {
		return false, err
	}
	parts, err := cast(ctx, stage)
	if err != nil {
		return false, err
	}
	manager, err := stage.StartManager(ctx, play.ManagerArguments("http://"+address)...)
	if err != nil {
		return false, err
	}
	defer manager.Stop()
	verdicts, err := stage.Run(ctx, manager, parts, deadline, term.IsTerminal(int(os.Stdout.Fd())))
	if err != nil {
		return false, err
	}
	if shown == "" {
		shown = play.FirstTreated(parts)
	}
	text, err := stage.Describe(shown)
	if err != nil {
		return false, err
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
	return play.Count(os.Stdout, "demo", parts, verdicts), err
}

// serve serves the simulated JobManagers on loopback.
func serve(server *flinksim.Server) (string, func(), error) {
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
