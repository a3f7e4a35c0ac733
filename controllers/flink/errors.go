package flink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What errors.Is can ask of an error of this package.
var (
	// ErrUnreachable: no answer came (refused, name unknown, TLS, timeout).
	ErrUnreachable = errors.New("the JobManager cannot be reached")
	// ErrNotFound: 404; the job, vertex, checkpoint, TaskManager or file is not there (any more).
	ErrNotFound = errors.New("not found")
	// ErrCheckpointingNotEnabled: 404 with "Checkpointing has not been enabled." (CheckpointingStatisticsHandler, Flink 1.15 to 2.3).
	ErrCheckpointingNotEnabled = errors.New("checkpointing is not enabled")
	// ErrUnauthorized: 401 or 403.
	ErrUnauthorized = errors.New("not authorized")
	// ErrUnavailable: 503; no leader yet, or a JobManager that is starting.
	ErrUnavailable = errors.New("the JobManager is not ready")
	// ErrMalformed: an answer that is not what the API says: a web page, broken or half JSON, values out of range.
	ErrMalformed = errors.New("malformed answer")
	// ErrTooLarge: an answer larger than the bound.
	ErrTooLarge = errors.New("answer too large")
	// ErrBusy: a large answer that was not read, as others were being read all the time.
	ErrBusy = errors.New("was not read: other large answers were being read all the time; try again")
)

const (
	notEnabledText = "Checkpointing has not been enabled"
	maxMessage     = 300 // bytes of a server's message that an error repeats
)

// StatusError is an answer whose HTTP status is not 200.
type StatusError struct {
	// URL is the base URL, without credentials.
	URL string
	// Path is the path asked, without query.
	Path string
	// Status is the HTTP status.
	Status int
	// Message is what the answer said, on one line and bounded; empty where it said nothing.
	Message string
	// Cause is the innermost "Caused by" of the stack trace that the answer held, on one line and bounded; empty where it held none.
	Cause string

	notEnabled   bool
	unauthorized string
}

// Error says what was asked, what came back and the next thing to try.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s%s answered %d", e.URL, e.Path, e.Status)
	hint := e.hint()
	if hint == "" && e.Message == "" {
		hint = strings.ToLower(http.StatusText(e.Status))
	}
	switch {
	case hint != "" && e.Message != "" && e.Status != http.StatusUnauthorized:
		return text + ": " + e.Message + "; " + hint
	case hint != "":
		return text + ": " + hint
	}
	return text + ": " + e.Message
}

func (e *StatusError) hint() string {
	switch {
	case e.notEnabled:
		return "this job has no checkpointing"
	case e.Status == http.StatusUnauthorized:
		return "this JobManager wants authentication" + e.unauthorized
	case e.Status == http.StatusForbidden:
		return "these credentials may not read it"
	case e.Status >= 300 && e.Status < 400:
		return "redirects are not followed; use the address it points to"
	case e.Status == http.StatusServiceUnavailable:
		return "the JobManager has no leader or is starting; try again"
	case e.Status == http.StatusBadGateway || e.Status == http.StatusGatewayTimeout:
		return "a proxy before the JobManager got no answer from it"
	}
	return ""
}

// Is tells which of the errors above this status means.
func (e *StatusError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrCheckpointingNotEnabled:
		return e.notEnabled
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
	case ErrUnavailable:
		return e.Status == http.StatusServiceUnavailable
	}
	return false
}

// AnswerError is an answer of status 200 that is not what the API says. Err is or wraps ErrMalformed or ErrTooLarge.
type AnswerError struct {
	// URL is the base URL, without credentials.
	URL string
	// Path is the path asked, without query.
	Path string
	// Err is what is wrong with the answer.
	Err error
}

// Error says what was asked and what is wrong with the answer.
func (e *AnswerError) Error() string { return e.URL + e.Path + " " + e.Err.Error() }

// Unwrap returns Err.
func (e *AnswerError) Unwrap() error { return e.Err }

// UnreachableError is a request that got no answer.
type UnreachableError struct {
	// URL is the base URL, without credentials.
	URL string
	// Path is the path asked, without query.
	Path string
	// Reason is a sentence that says what happened and what to try.
	Reason string
	// Err is the error of the transport; it never names credentials.
	Err error
}

// Error says what was asked, what happened and the next thing to try.
func (e *UnreachableError) Error() string { return e.URL + e.Path + " " + e.Reason }

// Unwrap returns the error of the transport.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Is matches ErrUnreachable.
func (e *UnreachableError) Is(target error) bool { return target == ErrUnreachable }

// fault pairs a sentence with the sentinel it stands for.
type fault struct {
	text string
	kind error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.kind }

func malformed(format string, args ...any) error {
	return &fault{text: fmt.Sprintf(format, args...), kind: ErrMalformed}
}

// newStatusError reads what Flink says in {"errors":["…"]}; other bodies are named, not repeated.
func (c *Client) newStatusError(path string, got answer, body []byte) *StatusError {
	e := &StatusError{URL: c.base, Path: path, Status: got.status}
	if c.unauthorized != "" {
		e.unauthorized = "; " + c.unauthorized
	}
	var flink struct {
		Errors []string `json:"errors"`
	}
	switch {
	case json.Unmarshal(body, &flink) == nil && len(flink.Errors) > 0:
		text := strings.Join(flink.Errors, " ")
		e.Message, e.Cause = firstLines(text), innermost(text)
	case looksLikeHTML(got.contentType, body):
		e.Message = describePage(body)
	default:
		e.Message = firstLines(string(body))
	}
	e.notEnabled = e.Status == http.StatusNotFound && bytes.Contains(body, []byte(notEnabledText))
	return e
}

// innermost is the last cause of a printed stack trace.
func innermost(text string) string {
	const head = "\nCaused by: "
	i := strings.LastIndex(text, head)
	if i < 0 {
		return ""
	}
	cause, _, _ := strings.Cut(text[i+len(head):], "\n")
	return cleanLine(cause, maxMessage)
}

// firstLines keeps a message and drops the stack trace that Flink appends to it.
func firstLines(text string) string {
	if i := strings.Index(text, "\n\tat "); i >= 0 {
		text = text[:i]
	}
	return cleanLine(text, maxMessage)
}
