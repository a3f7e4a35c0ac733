// Command flinkfiles makes sure that a Flink distribution and the fault jobs for it are in the user's cache, and prints
// their paths, a word and a path on each line: dist, job and store.
//
//	flinkfiles VERSION
//
// Progress goes to standard error.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

// memoryJar divides the memory of a process; Flink's start scripts, and those of our image, call it.
const memoryJar = "bash-java-utils.jar"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "flinkfiles:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments: want one, a Flink version such as 1.18.1", len(args))
	}
	logf := func(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }
	dist, err := flinklocal.Fetch(ctx, args[0], logf)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dist, "bin", memoryJar)); err != nil {
		return fmt.Errorf("%s was put there before bin/%s was taken along: remove the directory, and it is made again (%w)", dist, memoryJar, err)
	}
	jars, err := flinklocal.Build(ctx, dist, logf)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("dist %s\njob %s\nstore %s\n", dist, jars.Job, jars.Store)
	return err
}
