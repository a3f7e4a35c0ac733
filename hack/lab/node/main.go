//go:build unix

// Command node is process 1 of the lab's machine and of its pods' sandboxes.
//
//	node                 waits until it is told to stop, as a pod's sandbox does
//	node COMPONENTS RUN  starts every executable file of the directory COMPONENTS, in the order of their names, and starts
//	                     again what ends; writes RUN/NAME.log and RUN/NAME.pid
//
// It collects what its children leave, as process 1 must. On SIGTERM it stops the components in the opposite order and
// ends; with process 1 the kernel ends everything else in the namespace.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	children := newChildren()
	go children.collect()
	switch len(args) {
	case 0:
		<-stop
		return nil
	case 2:
		return supervise(children, args[0], args[1], stop)
	default:
		return fmt.Errorf("%d arguments: want none, or the directory of the components and the one for their logs", len(args))
	}
}
