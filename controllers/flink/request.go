package flink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// buffers are reused between requests: a poll every 30 s of a thousand jobs reads the same few kilobytes each time.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer kept for reuse: a deep read of a sick job must not stay in memory for ever.
const maxPooled = 1 << 20

// call is one request: where, and how much of an answer is accepted.
type call struct {
	template string   // /jobs/:jobid/checkpoints
	args     []string // one for each :name of the template
	query    string   // without ?
	max      int64
	text     bool // a log: any text is right
}

// fetch sends one request, checks the answer and gives its body to read, which must not keep it.
func (c *Client) fetch(ctx context.Context, q call, read func([]byte) error) (Received, error) {
	path, err := q.path()
	if err != nil {
		return Received{}, err
	}
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	start := c.clock()
	resp, err := c.send(ctx, path, q, buf)
	received := c.received(resp, start)
	if err == nil {
		err = c.check(path, q, resp, buf.Bytes())
	}
	if err == nil {
		if err = read(buf.Bytes()); err != nil {
			err = &AnswerError{URL: c.base, Path: path, Err: err}
		}
	}
	if c.report != nil {
		r := Report{Template: q.template, Path: path, Took: received.Took, Bytes: int64(buf.Len()), Err: err}
		if q.query != "" {
			r.Path += "?" + q.query
		}
		if resp != nil {
			r.Status = resp.StatusCode
		}
		c.report(r)
	}
	return received, err
}

func (c *Client) received(resp *http.Response, start time.Time) Received {
	if resp != nil && c.times != nil {
		if at, took, ok := c.times(resp); ok {
			return Received{At: at, Took: took}
		}
	}
	end := c.clock()
	return Received{At: end, Took: end.Sub(start)}
}

// send fills buf with the body. The response it returns has its body read and closed.
func (c *Client) send(ctx context.Context, path string, q call, buf *bytes.Buffer) (*http.Response, error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(limited, path, q.query)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, path, err)
	}
	max := q.max
	if max == 0 {
		max = c.maxBody
	}
	if n := resp.ContentLength; n > 0 && n <= max {
		buf.Grow(int(n) + bytes.MinRead) // MinRead more, or ReadFrom grows once again at the end
	}
	_, err = buf.ReadFrom(io.LimitReader(resp.Body, max+1))
	closeErr := resp.Body.Close()
	switch {
	case int64(buf.Len()) > max:
		return resp, &AnswerError{URL: c.base, Path: path, Err: &fault{kind: ErrTooLarge,
			text: fmt.Sprintf("answered with more than %s; reading stopped there", sizeText(max))}}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return resp, &AnswerError{URL: c.base, Path: path, Err: malformed("answered half: the connection ended after %d bytes; try again", buf.Len())}
	case err != nil:
		return resp, c.unreachable(ctx, path, err)
	case closeErr != nil:
		return resp, c.unreachable(ctx, path, closeErr)
	}
	return resp, nil
}

func (c *Client) request(ctx context.Context, path, query string) (*http.Request, error) {
	target := c.base + path
	if query != "" {
		target += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("%s%s cannot be asked: the path is not valid", c.base, path)
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	if host := c.header.Get("Host"); host != "" {
		req.Host = host
	}
	if c.user != nil {
		password, _ := c.user.Password()
		req.SetBasicAuth(c.user.Username(), password)
	}
	if c.token != nil {
		token, err := c.token()
		if err != nil {
			return nil, fmt.Errorf("%s%s was not asked: the bearer token cannot be read: %w", c.base, path, err)
		}
		if strings.ContainsAny(token, "\r\n") || token == "" {
			return nil, fmt.Errorf("%s%s was not asked: the bearer token is empty or has more than one line", c.base, path)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// check holds an answer against what the API promises, before anybody decodes it.
func (c *Client) check(path string, q call, resp *http.Response, body []byte) error {
	if resp.StatusCode != http.StatusOK {
		return newStatusError(c.base, path, resp, body)
	}
	if q.text {
		return nil
	}
	if looksLikeHTML(resp.Header.Get("Content-Type"), body) {
		return &AnswerError{URL: c.base, Path: path, Err: malformed(
			"answered with %s instead of JSON: this is a proxy or login page, or not the REST address of a JobManager (rest.port, 8081 by default)", describePage(body))}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &AnswerError{URL: c.base, Path: path, Err: malformed("answered 200 with an empty body")}
	}
	return nil
}

// unreachable turns an error of the transport into a sentence; parent is the caller's context.
func (c *Client) unreachable(parent context.Context, path string, err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err // the URL is said already, and better
	}
	if parent.Err() != nil && errors.Is(parent.Err(), context.Canceled) {
		return fmt.Errorf("%s%s was not waited for: %w", c.base, path, context.Canceled)
	}
	return &UnreachableError{URL: c.base, Path: path, Err: err, Reason: c.reason(err)}
}

func (c *Client) reason(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("gave no whole answer within %s; a JobManager short of CPU answers that slowly", c.timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused the connection; is the JobManager running, and is this its REST port (rest.port, 8081 by default)?"
	case errors.As(err, &dns):
		return fmt.Sprintf("cannot be reached: no address is known for %q", cleanLine(dns.Name, 200))
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return "closed the connection without an answer; is this its REST port, and does it speak TLS (https)?"
	}
	return "cannot be reached: " + cleanLine(err.Error(), maxMessage)
}

// path fills the placeholders of the template.
func (q call) path() (string, error) {
	var b strings.Builder
	args := q.args
	for _, segment := range strings.Split(strings.TrimPrefix(q.template, "/"), "/") {
		b.WriteByte('/')
		if !strings.HasPrefix(segment, ":") {
			b.WriteString(segment)
			continue
		}
		value := args[0]
		args = args[1:]
		// An id that comes from an answer must not lead elsewhere: "..", a slash, a query.
		if value == "" || value == "." || value == ".." || len(value) > maxName || cleanLine(value, maxName) != value {
			return "", fmt.Errorf("%s of %s is %q, expected an id as Flink gives it", segment[1:], q.template, cleanLine(value, 80))
		}
		b.WriteString(url.PathEscape(value))
	}
	return b.String(), nil
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
