package flink

import (
	"context"
	"io"
)

// LogFile is an entry of a list of log files.
type LogFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`  // bytes
	Time int64  `json:"mtime"` // epoch milliseconds, since 1.18; 0 before
}

// JobManagerLogs asks GET /jobmanager/logs.
func (c *Client) JobManagerLogs(ctx context.Context) ([]LogFile, error) {
	return c.logs(ctx, call{template: "/jobmanager/logs"})
}

// JobManagerLog asks GET /jobmanager/logs/:filename, or for name "" GET /jobmanager/log. Flink has no way to ask for a
// part of a file, so it is sent whole: look at the size in the list first. read gets the text as the process wrote it, while it comes: clean
// what you show. ErrTooLarge beyond the bound of texts, after read has seen what is within.
func (c *Client) JobManagerLog(ctx context.Context, name string, read func(io.Reader) error) (Received, error) {
	if name == "" {
		return c.log(ctx, call{template: "/jobmanager/log"}, read)
	}
	return c.log(ctx, call{template: "/jobmanager/logs/:filename", args: []string{name}}, read)
}

// TaskManagerLogs asks GET /taskmanagers/:taskmanagerid/logs.
func (c *Client) TaskManagerLogs(ctx context.Context, taskManager string) ([]LogFile, error) {
	return c.logs(ctx, call{template: "/taskmanagers/:taskmanagerid/logs", args: []string{taskManager}})
}

// TaskManagerLog asks GET /taskmanagers/:taskmanagerid/logs/:filename, or for name "" GET /taskmanagers/:taskmanagerid/log.
func (c *Client) TaskManagerLog(ctx context.Context, taskManager, name string, read func(io.Reader) error) (Received, error) {
	if name == "" {
		return c.log(ctx, call{template: "/taskmanagers/:taskmanagerid/log", args: []string{taskManager}}, read)
	}
	return c.log(ctx, call{template: "/taskmanagers/:taskmanagerid/logs/:filename", args: []string{taskManager, name}}, read)
}

func (c *Client) logs(ctx context.Context, q call) ([]LogFile, error) {
	var out []LogFile
	_, err := c.fetch(ctx, q, func(b []byte) (err error) { out, err = decodeLogFiles(b); return })
	return out, err
}

func (c *Client) log(ctx context.Context, q call, read func(io.Reader) error) (Received, error) {
	q.text = true
	return c.stream(ctx, q, read)
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
