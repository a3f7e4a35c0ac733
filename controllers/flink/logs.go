package flink

import (
	"bytes"
	"context"
)

// maxLogKept is how much of a log is kept, its end, in bytes: at 200 bytes a line some 40,000 lines.
const maxLogKept = 8 << 20

// LogFile is an entry of a list of log files.
type LogFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`  // bytes
	Time int64  `json:"mtime"` // epoch milliseconds, since 1.18; 0 before
}

// Log is the text of a log file. It is as the process wrote it: clean what you show.
type Log struct {
	Received
	Text []byte
	// Cut is true where only the last 8 MiB are kept.
	Cut bool
}

// JobManagerLogs asks GET /jobmanager/logs.
func (c *Client) JobManagerLogs(ctx context.Context) ([]LogFile, error) {
	return c.logs(ctx, call{template: "/jobmanager/logs"})
}

// JobManagerLog asks GET /jobmanager/logs/:filename, or for name "" GET /jobmanager/log. Flink has no way to ask for a
// part of a file, so it is sent whole: look at the size in the list first. ErrTooLarge beyond the bound of texts.
func (c *Client) JobManagerLog(ctx context.Context, name string) (Log, error) {
	if name == "" {
		return c.log(ctx, call{template: "/jobmanager/log"})
	}
	return c.log(ctx, call{template: "/jobmanager/logs/:filename", args: []string{name}})
}

// TaskManagerLogs asks GET /taskmanagers/:taskmanagerid/logs.
func (c *Client) TaskManagerLogs(ctx context.Context, taskManager string) ([]LogFile, error) {
	return c.logs(ctx, call{template: "/taskmanagers/:taskmanagerid/logs", args: []string{taskManager}})
}

// TaskManagerLog asks GET /taskmanagers/:taskmanagerid/logs/:filename, or for name "" GET /taskmanagers/:taskmanagerid/log.
func (c *Client) TaskManagerLog(ctx context.Context, taskManager, name string) (Log, error) {
	if name == "" {
		return c.log(ctx, call{template: "/taskmanagers/:taskmanagerid/log", args: []string{taskManager}})
	}
	return c.log(ctx, call{template: "/taskmanagers/:taskmanagerid/logs/:filename", args: []string{taskManager, name}})
}

func (c *Client) logs(ctx context.Context, q call) ([]LogFile, error) {
	var out []LogFile
	_, err := c.fetch(ctx, q, func(b []byte) (err error) { out, err = decodeLogFiles(b); return })
	return out, err
}

func (c *Client) log(ctx context.Context, q call) (Log, error) {
	q.max, q.text = c.maxText, true
	var out Log
	received, err := c.fetch(ctx, q, func(b []byte) error {
		out.Text, out.Cut = tail(b, maxLogKept)
		return nil
	})
	out.Received = received
	return out, err
}

// tail copies the last bytes, bound at most, from the beginning of a line.
func tail(b []byte, bound int) ([]byte, bool) {
	if len(b) <= bound {
		return bytes.Clone(b), false
	}
	b = b[len(b)-bound:]
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[i+1:]
	}
	return bytes.Clone(b), true
}

func decodeLogFiles(data []byte) ([]LogFile, error) {
	var answer struct {
		Logs []LogFile `json:"logs"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return nil, err
	}
	if answer.Logs == nil {
		return nil, missing("logs")
	}
	for i := range answer.Logs {
		answer.Logs[i].Name = cleanLine(answer.Logs[i].Name, maxName)
	}
	return answer.Logs, nil
}
