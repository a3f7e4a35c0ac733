//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	// restartAfter is the pause before a component that ended is started again: the API server ends when etcd does not
	// answer yet, and is to try more often than a person looks.
	restartAfter = 2 * time.Second
	// stopGrace is how long a component may take to stop. The API server waits for open requests, up to a minute; what
	// it has acknowledged is in etcd by then.
	stopGrace = 10 * time.Second
)

// component is one executable file, kept running.
type component struct {
	name, program, run string
	children           *children
	stop               chan struct{} // closed: do not start it again
	done               chan struct{} // closed: it has ended for good
}

// supervise returns when every component has ended after stop.
func supervise(children *children, dir, run string, stop <-chan os.Signal) error {
	components, err := find(children, dir, run)
	if err != nil {
		return err
	}
	for _, c := range components {
		go c.keep()
	}
	<-stop
	for _, c := range slices.Backward(components) {
		close(c.stop)
		<-c.done
	}
	return nil
}

// find lists the executables of dir in the order of their names.
func find(children *children, dir, run string) ([]*component, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []*component
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Mode().Perm()&0o100 == 0 {
			continue
		}
		found = append(found, &component{
			name: entry.Name(), program: filepath.Join(dir, entry.Name()), run: run, children: children,
			stop: make(chan struct{}), done: make(chan struct{}),
		})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no executable file", dir)
	}
	return found, nil
}

// keep starts the component until it is stopped.
func (c *component) keep() {
	defer close(c.done)
	for {
		stopped, err := c.once()
		if stopped {
			return
		}
		fmt.Printf("%s: %v; started again in %s\n", c.name, err, restartAfter)
		select {
		case <-c.stop:
			return
		case <-time.After(restartAfter):
		}
	}
}

// once runs the component to its end. The error says how it ended; stopped, that this was wanted.
func (c *component) once() (stopped bool, err error) {
	log, err := os.OpenFile(filepath.Join(c.run, c.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	pid, ended, err := c.children.start(c.program, log.Fd())
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(c.run, c.name+".pid"), []byte(strconv.Itoa(pid)+"\n"), 0o644); err != nil {
		return false, errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	}
	select {
	case status := <-ended:
		return false, errors.New(how(status))
	case <-c.stop:
		return true, end(pid, ended)
	}
}

// end asks a process to stop and kills it when it does not.
func end(pid int, ended <-chan syscall.WaitStatus) error {
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(stopGrace):
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	<-ended
	return nil
}

func how(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "ended by signal " + status.Signal().String()
	}
	return "ended with status " + strconv.Itoa(status.ExitStatus())
}
