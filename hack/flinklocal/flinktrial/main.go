// Command flinktrial runs cases of a sick Flink and shows what its own REST API says before and after a setting:
//
//	go run ./hack/flinklocal/flinktrial -version 1.20.5 slow-storage state-pressure
//	go run ./hack/flinklocal/flinktrial -version 2.2.1 -setting wrong slow-cleanup
//	go run ./hack/flinklocal/flinktrial -with execution.checkpointing.tolerable-failed-checkpoints=0 slow-storage
//	go run ./hack/flinklocal/flinktrial -hold healthy        (prints the address and keeps it running until interrupted)
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

type options struct {
	version, setting string
	with             string
	expired, after   int
	patience         time.Duration
	hold, keep       bool
}

func main() {
	var o options
	flag.StringVar(&o.version, "version", "1.20.5", "Flink version, three numbers")
	flag.StringVar(&o.setting, "setting", "cure", "what to restart with: cure, wrong, none, or key=value,key=value")
	flag.StringVar(&o.with, "with", "", "settings on top of the case's own from the start: key=value,key=value")
	flag.IntVar(&o.expired, "expired", 3, "expired checkpoints to wait for before the restart")
	flag.IntVar(&o.after, "after", 6, "checkpoints to wait for after the restart")
	flag.DurationVar(&o.patience, "patience", 6*time.Minute, "for one case")
	flag.BoolVar(&o.hold, "hold", false, "after the sickness, print the address of the REST API and keep running until interrupted")
	flag.BoolVar(&o.keep, "keep", false, "leave the work directory (logs, checkpoints) behind")
	flag.Usage = func() {
		fmt.Printf("usage: flinktrial [flags] case...\ncases: %s\n", strings.Join(flinklocal.Names(), " "))
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := 0
	for _, name := range flag.Args() {
		if err := run(ctx, name, o); err != nil {
			fmt.Fprintln(os.Stderr, "flinktrial:", err)
			code = 1
		}
	}
	stop()
	os.Exit(code)
}

func run(ctx context.Context, name string, o options) (err error) {
	theCase, ok := flinklocal.Find(name)
	if !ok {
		return fmt.Errorf("case %q: want one of %s", name, strings.Join(flinklocal.Names(), ", "))
	}
	changes, err := pairs(o.with)
	if err != nil {
		return fmt.Errorf("-with %w", err)
	}
	theCase.Config = theCase.With(changes)
	began := time.Now()
	logf := func(format string, args ...any) {
		fmt.Printf("%4.0fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	dist, err := flinklocal.Fetch(ctx, o.version, logf)
	if err != nil {
		return err
	}
	jars, err := flinklocal.Build(ctx, dist, logf)
	if err != nil {
		return err
	}
	c, err := flinklocal.New(ctx, flinklocal.Options{Dist: dist, Jars: jars, Case: theCase, Keep: o.keep, Log: logf})
	if err != nil {
		return err
	}
	defer func() {
		if e := c.Close(); err == nil {
			err = e
		}
	}()
	logf("%s on Flink %s at %s, files in %s", name, o.version, c.URL(), c.Dir())
	return try(ctx, c, theCase, o, logf)
}

func try(ctx context.Context, c *flinklocal.Cluster, theCase flinklocal.Case, o options, logf flinklocal.Logf) error {
	changes, err := settings(theCase, o)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	t, err := c.Try(bounded, changes, o.expired, o.after)
	if err != nil {
		return err
	}
	if o.hold {
		logf("%s: holding at %s, job %s; interrupt to end", theCase.Name, c.URL(), c.JobID())
		<-ctx.Done()
		return nil
	}
	logf("%s: %d of %d expired after %.0f s; restart %.0f s; after it %d of %d expired; cured: %t", theCase.Name,
		flinklocal.Expiries(t.Before), len(t.Before), t.SickAfter.Seconds(), t.RestartTook.Seconds(),
		flinklocal.Expiries(t.After), len(t.After), t.Cured())
	return nil
}

func settings(theCase flinklocal.Case, o options) (map[string]string, error) {
	switch {
	case o.hold || o.setting == "none":
		return nil, nil
	case o.setting == "cure":
		return theCase.Cure, nil
	case o.setting == "wrong":
		return theCase.Wrong, nil
	}
	changes, err := pairs(o.setting)
	if err != nil {
		return nil, fmt.Errorf("-setting %w, or cure, wrong, none", err)
	}
	return changes, nil
}

// pairs reads key=value,key=value; nothing is no settings.
func pairs(text string) (map[string]string, error) {
	settings := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		k, v, ok := strings.Cut(pair, "=")
		if !ok && text != "" {
			return nil, fmt.Errorf("%q: want key=value,key=value", pair)
		}
		if ok {
			settings[k] = v
		}
	}
	return settings, nil
}
