package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim"
)

// serveCommand makes this binary the server of simulated JobManagers.
const serveCommand = "serve-jobmanagers"

// benchNamespace is where the simulated jobs and their CheckpointHealths live.
const benchNamespace = "bench"

// healthyCase is the first healthy job of the simulator's table.
func healthyCase() (flinksim.Case, error) {
	for _, c := range flinksim.Cases() {
		if c.Healthy() {
			return c, nil
		}
	}
	return flinksim.Case{}, errors.New("the simulator has no healthy job")
}

// jobName is the name of the i-th job.
func jobName(i int) string { return fmt.Sprintf("job-%05d", i) }

// serve serves that many healthy jobs on a port of its own choice, prints the address, and ends when standard input does.
func serve(arguments []string) error {
	count, err := strconv.Atoi(strings.Join(arguments, ""))
	if err != nil {
		return fmt.Errorf("%s wants the number of jobs: %w", serveCommand, err)
	}
	healthy, err := healthyCase()
	if err != nil {
		return err
	}
	server := flinksim.NewServer(flinksim.SystemClock{}, flinksim.QuickStartup(), nil)
	for i := range count {
		healthy.Seed = uint64(i) + 1
		job := server.Add(benchNamespace, jobName(i), healthy)
		settings, err := job.InitialSettings()
		if err != nil {
			return err
		}
		if err := job.DeployedFor(10*time.Minute, settings); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Println(listener.Addr())
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString(0) // the parent's end is ours
		_ = web.Close()
	}()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// jobManagers starts the server as its own process and returns its address; it ends with the context or with stop.
func jobManagers(ctx context.Context, count int) (address string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("own binary: %w", err)
	}
	command := exec.CommandContext(ctx, self, serveCommand, strconv.Itoa(count))
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return "", nil, fmt.Errorf("pipe: %w", err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("pipe: %w", err)
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("simulated JobManagers: %w", err)
	}
	stop = func() { _ = input.Close(); _ = command.Wait() }
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("simulated JobManagers did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}
