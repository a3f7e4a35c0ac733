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

func buffer() *bytes.Buffer {
	if buf, ok := buffers.Get().(*bytes.Buffer); ok {
		buf.Reset()
		return buf
	}
	return new(bytes.Buffer)
}

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
	buf := buffer()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	got, err := c.send(ctx, path, q, buf)
	if err == nil {
		err = c.check(path, q, got, buf.Bytes())
	}
	if err == nil {
		if err = read(buf.Bytes()); err != nil {
			err = &AnswerError{URL: c.base, Path: path, Err: err}
		}
	}
	if c.report != nil {
		asked := path
		if q.query != "" {
			asked += "?" + q.query
		}
		c.report(Report{Template: q.template, Path: asked, Status: got.status, Took: got.Took, Bytes: int64(buf.Len()), Err: err})
	}
	return got.Received, err
}

// answer is what came back besides the body; its status is 0 where nothing came.
type answer struct {
	Received
	status      int
	contentType string
}

func (c *Client) answer(resp *http.Response, start time.Time) answer {
	end := c.clock()
	out := answer{Received: Received{At: end, Took: end.Sub(start)}}
	if resp == nil {
		return out
	}
	out.status, out.contentType = resp.StatusCode, resp.Header.Get("Content-Type")
	if c.times != nil {
		if at, took, ok := c.times(resp); ok {
			out.Received = Received{At: at, Took: took}
		}
	}
	return out
}

// send asks, and fills buf with the body.
func (c *Client) send(ctx context.Context, path string, q call, buf *bytes.Buffer) (answer, error) {
	start := c.clock()
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(limited, path, q.query)
	if err != nil {
		return c.answer(nil, start), err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.answer(nil, start), c.unreachable(ctx, path, err)
	}
	err = c.receive(resp, q, buf)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	got := c.answer(resp, start)
	switch {
	case err == nil:
		return got, nil
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrMalformed):
		return got, &AnswerError{URL: c.base, Path: path, Err: err}
	}
	return got, c.unreachable(ctx, path, err)
}

// receive fills buf with the body, within bounds.
func (c *Client) receive(resp *http.Response, q call, buf *bytes.Buffer) error {
	bound := q.max
	if bound == 0 {
		bound = c.maxBody
	}
	if n := resp.ContentLength; n > 0 && n <= bound {
		buf.Grow(int(n) + bytes.MinRead) // MinRead more, or ReadFrom grows once again at the end
	}
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, bound+1))
	switch {
	case int64(buf.Len()) > bound:
		return &fault{kind: ErrTooLarge, text: fmt.Sprintf("answered with more than %s; reading stopped there", sizeText(bound))}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("answered half: the connection ended after %d bytes; try again", buf.Len())
	}
	return err
}

func (c *Client) request(ctx context.Context, path, query string) (*http.Request, error) {
	target := c.base + path
	if query != "" {
		target += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
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
func (c *Client) check(path string, q call, got answer, body []byte) error {
	if got.status != http.StatusOK {
		return newStatusError(c.base, path, got, body)
	}
	if q.text {
		return nil
	}
	if looksLikeHTML(got.contentType, body) {
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
