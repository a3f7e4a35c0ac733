package flink

import (
	"context"
	"strconv"
)

// Exceptions is GET /jobs/:jobid/exceptions: why the job restarted or failed.
type Exceptions struct {
	// Entries are newest first.
	Entries []ExceptionEntry
	// Truncated is true where Flink has more of them than were asked for.
	Truncated bool
}

// ExceptionEntry is one failure.
type ExceptionEntry struct {
	// Name is the exception's class.
	Name string `json:"exceptionName"`
	// Stacktrace is cut to 16 KiB.
	Stacktrace string `json:"stacktrace"`
	// Timestamp is epoch milliseconds.
	Timestamp int64 `json:"timestamp"`
	// TaskName is the task that failed, such as "state (2/2) - execution #9"; empty for a failure of the whole job.
	TaskName string `json:"taskName"`
	// Endpoint is host:port of its TaskManager ("location" before 1.19).
	Endpoint string `json:"endpoint"`
	Location string `json:"location"`
	// TaskManagerID is there since 1.17.
	TaskManagerID string `json:"taskManagerId"`
}

// Exceptions asks GET /jobs/:jobid/exceptions?maxExceptions=most.
func (c *Client) Exceptions(ctx context.Context, job string, most int) (Exceptions, error) {
	var out Exceptions
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/exceptions", args: []string{job}, query: "maxExceptions=" + strconv.Itoa(most)},
		func(b []byte) (err error) { out, err = decodeExceptions(b); return })
	return out, err
}

func decodeExceptions(data []byte) (Exceptions, error) {
	var answer struct {
		History *struct {
			Entries   []ExceptionEntry `json:"entries"`
			Truncated bool             `json:"truncated"`
		} `json:"exceptionHistory"`
		// Up to 1.20 the last failure also stands by itself.
		Root      string `json:"root-exception"`
		Timestamp int64  `json:"timestamp"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return Exceptions{}, err
	}
	if answer.History == nil && answer.Root == "" {
		return Exceptions{}, missing("exceptionHistory")
	}
	var out Exceptions
	if answer.History != nil {
		out = Exceptions{Entries: answer.History.Entries, Truncated: answer.History.Truncated}
	}
	if len(out.Entries) == 0 && answer.Root != "" {
		out.Entries = []ExceptionEntry{{Name: firstWord(answer.Root), Stacktrace: answer.Root, Timestamp: answer.Timestamp}}
	}
	for i := range out.Entries {
		e := &out.Entries[i]
		e.Name, e.Stacktrace = cleanLine(e.Name, maxName), cleanText(e.Stacktrace, maxStack)
		e.TaskName, e.TaskManagerID = cleanLine(e.TaskName, maxName), cleanLine(e.TaskManagerID, maxName)
		e.Endpoint, e.Location = cleanLine(e.Endpoint, maxName), cleanLine(e.Location, maxName)
		if e.Endpoint == "" {
			e.Endpoint = e.Location
		}
	}
	return out, nil
}

// firstWord is the class of "java.io.IOException: text".
func firstWord(stacktrace string) string {
	for i, r := range stacktrace {
		if r == ':' || r == '\n' || r == ' ' {
			return stacktrace[:i]
		}
	}
	return stacktrace
}
