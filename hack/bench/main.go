// Command bench measures what the operator costs, and ends with one line of name=value pairs:
//
//	pure   the pure stages on a healthy job of 20 vertices and on a sick one of 25,000 subtasks
//	poll   process CPU of a healthy poll, against a bare loop that makes the same GETs and decodes the answers
//	scale  1,000 CheckpointHealths at 30 s: CPU, memory, schedule lag and API writes at rest
//
// Simulated JobManagers run in a process of their own, so that their CPU is not counted. Figures are of the machine they were taken on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// figure is one result.
type figure struct {
	name  string
	value float64
}

// bars are what a figure may be at most; without a bar it only tells. Those of time are of two cores of a common server.
var bars = map[string]float64{
	"pure_healthy_us": 100, "pure_healthy_allocs": 100, "pure_sick_25k_ms": 25,
	"poll_gets": 3, "poll_ratio": 1.3,
	"api_writes_at_rest": 0,
}

// beyond names the figures beyond their bars.
func beyond(figures []figure) []string {
	var names []string
	for _, f := range figures {
		if most, barred := bars[f.name]; barred && f.value > most {
			names = append(names, fmt.Sprintf("%s is %.4g, at most %.4g is borne", f.name, f.value, most))
		}
	}
	return names
}

// options are the flags.
type options struct {
	polls, objects int
	poll, rest     time.Duration
	only           string
}

func main() {
	var o options
	flag.IntVar(&o.polls, "polls", 3000, "polls of the poll benchmark")
	flag.IntVar(&o.objects, "objects", 1000, "CheckpointHealths of the scale benchmark")
	flag.DurationVar(&o.poll, "poll", 30*time.Second, "poll interval of the scale benchmark")
	flag.DurationVar(&o.rest, "rest", 60*time.Second, "how long the scale benchmark is watched at rest")
	flag.StringVar(&o.only, "only", "pure,poll,scale", "which benchmarks to run")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures, or serves simulated JobManagers where this is the process that does.
func run(o options, arguments []string) error {
	if len(arguments) > 0 && arguments[0] == serveCommand {
		return serve(arguments[1:])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return bench(ctx, o)
}

func bench(ctx context.Context, o options) error {
	parts := []struct {
		name string
		run  func() ([]figure, error)
	}{
		{"pure", benchPure},
		{"poll", func() ([]figure, error) { return benchPoll(ctx, o.polls) }},
		{"scale", func() ([]figure, error) { return benchScale(ctx, o) }},
	}
	var all, missed []string
	for _, part := range parts {
		if !slices.Contains(strings.Split(o.only, ","), part.name) {
			continue
		}
		fmt.Printf("bench: %s …\n", part.name)
		figures, err := part.run()
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		missed = append(missed, beyond(figures)...)
		for _, f := range figures {
			all = append(all, fmt.Sprintf("%s=%.4g", f.name, f.value))
			fmt.Printf("  %-28s %.4g\n", f.name, f.value)
		}
	}
	fmt.Println("bench: " + strings.Join(all, " "))
	if len(missed) > 0 {
		return errors.New(strings.Join(missed, "; "))
	}
	return nil
}
