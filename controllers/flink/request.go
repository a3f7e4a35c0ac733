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
	text     bool     // a log or a thread dump: the client's bound of texts holds
}

// fetch sends one request, checks the answer and gives its body to read, which must not keep it.
func (c *Client) fetch(ctx context.Context, q call, read func([]byte) error) (Received, error) {
	path, uri, err := q.address()
	if err != nil {
		return Received{}, err
	}
	buf := buffer()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	held := &hold{budget: c.budget, clock: c.clock}
	defer held.release()
	got, err := c.send(ctx, path, uri, held, func(ctx context.Context, resp *http.Response) error { return c.receive(ctx, resp, q, held, buf) })
	if err == nil {
		err = c.check(path, got, buf.Bytes())
	}
	if err == nil {
		err = c.decode(ctx, path, q, held, buf.Bytes(), read)
	}
	c.tell(uri, q, got, int64(buf.Len()), err)
	return got.Received, err
}

// decode gives a body to read once it is known that what it holds fits into memory.
func (c *Client) decode(ctx context.Context, path string, q call, held *hold, body []byte, read func([]byte) error) error {
	values, err := checkValues(body, c.bound(q))
	if err == nil {
		if waiting := held.forDecoding(ctx, values); waiting != nil {
			return fmt.Errorf("%s%s %w", c.base, path, waiting)
		}
		err = read(body)
	}
	if err != nil {
		return &AnswerError{URL: c.base, Path: path, Err: err}
	}
	return nil
}

// stream sends one request and gives its body to read while it comes; read must not keep the reader.
func (c *Client) stream(ctx context.Context, q call, read func(io.Reader) error) (Received, error) {
	path, uri, err := q.address()
	if err != nil {
		return Received{}, err
	}
	var body *boundedReader
	var refusal bytes.Buffer
	held := &hold{budget: c.budget, clock: c.clock}
	defer held.release()
	got, err := c.send(ctx, path, uri, held, func(ctx context.Context, resp *http.Response) error {
		if err := held.forReading(ctx, streamCost); err != nil {
			return err
		}
		body = &boundedReader{from: resp.Body, bound: c.maxText}
		if resp.StatusCode != http.StatusOK {
			_, err := refusal.ReadFrom(io.LimitReader(body, smallBody))
			return err
		}
		return body.fault(read(body))
	})
	if err == nil && got.status != http.StatusOK {
		err = c.newStatusError(path, got, refusal.Bytes())
	}
	size := int64(0)
	if body != nil {
		size = body.read
	}
	c.tell(uri, q, got, size, err)
	return got.Received, err
}

// tell reports what a request cost.
func (c *Client) tell(uri string, q call, got answer, size int64, err error) {
	if c.report == nil {
		return
	}
	c.report(Report{Template: q.template, Path: uri, Status: got.status, Took: got.Took, Bytes: size, Err: err})
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

// send asks for a path, which as uri has its query, and gives the answer to receive. Waiting for the budget is no time of the JobManager's.
func (c *Client) send(ctx context.Context, path, uri string, held *hold, receive func(context.Context, *http.Response) error) (answer, error) {
	start := c.clock()
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(limited, path, uri)
	if err != nil {
		return c.answer(nil, start), err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.answer(nil, start), c.unreachable(ctx, path, err)
	}
	err = receive(limited, resp)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	got := c.answer(resp, start.Add(held.waited))
	switch {
	case err == nil:
		return got, nil
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrMalformed):
		return got, &AnswerError{URL: c.base, Path: path, Err: err}
	case errors.Is(err, ErrBusy) && ctx.Err() == nil:
		return got, fmt.Errorf("%s%s %w", c.base, path, err)
	}
	return got, c.unreachable(ctx, path, err)
}

// receive fills buf with the body, within bounds. What is more than a small answer waits for the budget.
func (c *Client) receive(ctx context.Context, resp *http.Response, q call, held *hold, buf *bytes.Buffer) error {
	bound := c.bound(q).bytes
	body := &boundedReader{from: resp.Body, bound: bound}
	size := resp.ContentLength
	if size > 0 && size < smallBody {
		buf.Grow(int(size) + bytes.MinRead) // MinRead more, or ReadFrom grows once again at the end
	}
	_, err := buf.ReadFrom(io.LimitReader(body, smallBody))
	if err == nil && body.read == smallBody {
		if err := held.forReading(ctx, sizeOf(resp, bound)); err != nil {
			return err
		}
		if size > body.read && size <= bound {
			buf.Grow(int(size-body.read) + bytes.MinRead)
		}
		_, err = buf.ReadFrom(body)
	}
	return body.fault(err)
}

func (c *Client) request(ctx context.Context, path, uri string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+uri, http.NoBody)
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
func (c *Client) check(path string, got answer, body []byte) error {
	if got.status != http.StatusOK {
		return c.newStatusError(path, got, body)
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

// address fills the placeholders of the template: the path, and the uri, which is the path with the query.
func (q call) address() (path, uri string, err error) {
	var b strings.Builder
	room := len(q.template) + len("?") + len(q.query)
	for _, arg := range q.args {
		room += len(arg)
	}
	b.Grow(room)
	args := q.args
	for segment := range strings.SplitSeq(strings.TrimPrefix(q.template, "/"), "/") {
		b.WriteByte('/')
		if !strings.HasPrefix(segment, ":") {
			b.WriteString(segment)
			continue
		}
		value := args[0]
		args = args[1:]
		// An id that comes from an answer must not lead elsewhere: "..", a slash, a query.
		if value == "" || value == "." || value == ".." || len(value) > maxName || cleanLine(value, maxName) != value {
			return "", "", fmt.Errorf("%s of %s is %q, expected an id as Flink gives it", segment[1:], q.template, cleanLine(value, 80))
		}
		b.WriteString(url.PathEscape(value))
	}
	end := b.Len()
	if q.query != "" {
		b.WriteByte('?')
		b.WriteString(q.query)
	}
	return b.String()[:end], b.String(), nil
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
