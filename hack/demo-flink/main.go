// Command demo-flink shows the same loop as demo against a real Flink: JobManagers and TaskManagers as processes on loopback, made sick by
// slow storage, slow deletes or too short an interval, restarted from their last checkpoint with the configuration the manager patched.
// A standalone JobManager, which no operator submits anew, recovers its job from ZooKeeper.
// What cured them is shown by Flink's own REST API, before and after. It needs a JDK and Python's pip.
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
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	ctrl "sigs.k8s.io/controller-runtime"

	"checkpointhealth.dev/operator/hack/demo/play"
	"checkpointhealth.dev/operator/hack/flinklocal/operated"
	"checkpointhealth.dev/operator/hack/standin"
)

// options are the flags.
type options struct {
	versions, cases string
	atOnce          int
	deadline        time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.versions, "versions", "1.20.5,2.2.1", "Flink versions, separated by commas")
	flag.StringVar(&o.cases, "cases", "slow-storage,state-pressure,slow-cleanup,standalone-slow-cleanup-shared,source-blocked,sink-flush,oversized-ack,healthy",
		"cases, separated by commas; with standalone- before its name a case runs without the Flink operator: a Deployment with a ConfigMap, and a JobManager that recovers its job from ZooKeeper")
	flag.IntVar(&o.atOnce, "at-once", 2, "clusters at a time; each has three JVMs and takes about 3 GiB")
	flag.DurationVar(&o.deadline, "deadline", 6*time.Minute, "how long the clusters of one round have")
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	passed, err := perform(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo-flink:", err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

// perform plays until it is over or interrupted.
func perform(o options) (bool, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return demo(ctx, o)
}

// demo sets the stage once and plays the cast in rounds.
func demo(ctx context.Context, o options) (passed bool, err error) {
	cast, err := casting(ctx, o)
	if err != nil {
		return false, err
	}
	stage, err := play.Set(ctx, os.Stdout, "standalone")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, stage.Strike()) }()
	fleet := operated.NewFleet(ctx, cast.choose)
	defer func() { err = errors.Join(err, fleet.Close()) }()
	films := newFilms(fleet)
	address, closeServer, err := serve(fleet)
	if err != nil {
		return false, err
	}
	defer closeServer()
	if err := stage.RunStandIn(ctx, films.factory, standin.QuickDelays()); err != nil {
		return false, err
	}
	if err := stage.RunWorkloads(ctx, films.factory); err != nil {
		return false, err
	}
	if err := stage.Prepare(ctx, play.WithoutHighAvailability); err != nil {
		return false, err
	}
	manager, err := stage.StartServingManager(ctx, "http://"+address, "--leader-elect=false") // real Flink keeps the machine busy, and nobody else wants the lease
	if err != nil {
		return false, err
	}
	defer manager.Stop()
	verdicts := map[string]play.Verdict{}
	for _, round := range rounds(cast.parts, o.atOnce) {
		if err := playRound(ctx, stage, manager, films, cast, round, o.deadline, verdicts); err != nil {
			return false, err
		}
	}
	if play.Passed(cast.parts, verdicts) < len(cast.parts) {
		fmt.Printf("the end of the manager's log:\n%s\n", manager.Tail())
	}
	return play.Count(os.Stdout, "demo-flink", cast.parts, verdicts), nil
}

// rounds cuts the cast into rounds.
func rounds(parts []*play.Part, atOnce int) [][]*play.Part {
	var all [][]*play.Part
	for len(parts) > 0 {
		n := min(max(atOnce, 1), len(parts))
		all, parts = append(all, parts[:n]), parts[n:]
	}
	return all
}

// playRound deploys the parts of one round, watches them, shows what Flink itself says, and removes them.
func playRound(ctx context.Context, stage *play.Stage, manager *play.Manager, films *films, cast *cast, parts []*play.Part,
	deadline time.Duration, verdicts map[string]play.Verdict) error {
	if err := enter(ctx, stage, cast, parts); err != nil {
		return err
	}
	found, err := stage.Run(ctx, manager, parts, deadline, term.IsTerminal(int(os.Stdout.Fd())))
	for name, verdict := range found {
		verdicts[name] = verdict
	}
	if err != nil {
		return err
	}
	for _, part := range parts {
		films.show(ctx, part)
		if err := tellConfiguration(ctx, stage.Client, part.Name, cast); err != nil {
			return err
		}
		if part.Treatable || !verdicts[part.Name].Passed {
			if err := stage.Tell(ctx, part.Name); err != nil {
				return err
			}
		}
		if err := stage.Leave(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// enter deploys the parts of a round.
func enter(ctx context.Context, stage *play.Stage, cast *cast, parts []*play.Part) error {
	for _, part := range parts {
		stage.Say("%s: %s", part.Name, cast.cases[part.Name].Why)
		target, needs, err := cast.objects(part.Name)
		if err != nil {
			return err
		}
		if err := stage.Enter(ctx, part, target, needs...); err != nil {
			return err
		}
	}
	return nil
}

// serve lets the manager reach every JobManager by its Service's name, through a proxy on loopback.
func serve(handler http.Handler) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(listener) }() // it ends with Close
	return listener.Addr().String(), func() { _ = web.Close() }, nil
}

func say(format string, args ...any) { fmt.Printf("demo-flink: "+format+"\n", args...) }

// split cuts a list of the flags.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
