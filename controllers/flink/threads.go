package flink

import "context"

// ThreadDump is what all threads of one process were doing.
type ThreadDump struct {
	Received
	Threads []Thread
}

// Thread is one thread of a dump. Only class and method names are kept: no arguments, lines or values.
type Thread struct {
	// Name is the thread's; a task's thread has the task's name and "(i/n)#attempt", i from 1.
	Name string
	// State is the JVM's: RUNNABLE, BLOCKED, WAITING, TIMED_WAITING, NEW, TERMINATED; empty where it could not be read.
	State string
	// InNative is true for a RUNNABLE thread in native code: a system call, mostly.
	InNative bool
	// WaitsFor is the lock or condition that it is blocked by or waits on, as class@hash; empty for none.
	WaitsFor string
	// Owner is the name of the thread that holds WaitsFor, where the JVM knows.
	Owner string
	// Holds are the monitors it holds, as class@hash.
	Holds []string
	// Frames are package.Class.method, the innermost first. Generated numbers of lambdas are taken out.
	Frames []string
	// Cut is true where Flink cut the stack (cluster.thread-dump.stacktrace-max-depth).
	Cut bool
}

// JobManagerThreadDump asks GET /jobmanager/thread-dump.
func (c *Client) JobManagerThreadDump(ctx context.Context) (ThreadDump, error) {
	return c.threadDump(ctx, call{template: "/jobmanager/thread-dump"})
}

// TaskManagerThreadDump asks GET /taskmanagers/:taskmanagerid/thread-dump.
func (c *Client) TaskManagerThreadDump(ctx context.Context, taskManager string) (ThreadDump, error) {
	return c.threadDump(ctx, call{template: "/taskmanagers/:taskmanagerid/thread-dump", args: []string{taskManager}})
}

func (c *Client) threadDump(ctx context.Context, q call) (ThreadDump, error) {
	q.text = true
	var out ThreadDump
	received, err := c.fetch(ctx, q, func(b []byte) (err error) { out.Threads, err = decodeThreads(b); return })
	out.Received = received
	return out, err
}

func decodeThreads(data []byte) ([]Thread, error) {
	var answer struct {
		ThreadInfos []struct {
			ThreadName string `json:"threadName"`
			Text       string `json:"stringifiedThreadInfo"`
		} `json:"threadInfos"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return nil, err
	}
	if answer.ThreadInfos == nil {
		return nil, missing("threadInfos")
	}
	out := make([]Thread, len(answer.ThreadInfos))
	for i, info := range answer.ThreadInfos {
		out[i] = parseThread(info.ThreadName, info.Text)
	}
	return out, nil
}
