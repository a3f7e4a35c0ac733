//go:build unix

package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// children are the processes that this one started, by their number. Whatever else becomes its child, because its own
// parent ended first, is collected and forgotten.
type children struct {
	mu    sync.Mutex
	ended map[int]chan syscall.WaitStatus
}

func newChildren() *children { return &children{ended: map[int]chan syscall.WaitStatus{}} }

// start begins a process; the channel receives once, when it has ended. The lock is held meanwhile: a process that ends
// at once is not collected before it is known.
func (c *children) start(program string, out uintptr) (pid int, ended <-chan syscall.WaitStatus, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pid, err = syscall.ForkExec(program, []string{program}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, out, out},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, nil, err
	}
	end := make(chan syscall.WaitStatus, 1)
	c.ended[pid] = end
	return pid, end, nil
}

// collect never returns: at each SIGCHLD it takes the end of every process that has ended.
func (c *children) collect() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	for range signals {
		for c.collectOne() {
		}
	}
}

// collectOne says whether there was one to collect.
func (c *children) collectOne() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	if err == syscall.EINTR {
		return true
	}
	if err != nil || pid <= 0 {
		return false
	}
	if ended, ours := c.ended[pid]; ours {
		delete(c.ended, pid)
		ended <- status
	}
	return true
}
