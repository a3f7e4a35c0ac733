package flink

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultTimeout is how long one request may take, body included. A JobManager at a quota of 0.12 core answered in 37 s
	// at worst (Flink 1.20.5, measured); 60 s leaves half as much again.
	DefaultTimeout = 60 * time.Second

	// DefaultMaxBody bounds any JSON answer, in bytes after decompression; most endpoints have lower bounds of their own. The largest one wanted is the subtasks of one vertex
	// in one checkpoint, about 350 bytes each: 25,000 × 350 B ≈ 9 MB. Three times that is room enough.
	DefaultMaxBody = 32 << 20

	// DefaultMaxText bounds a thread dump or a log, in bytes after decompression. A thread takes 1 to 4 kB, so the 16 MiB of a dump hold
	// more than 4,000 threads; a log is not held but read as it comes.
	DefaultMaxText = 32 << 20
)

// Client asks one Flink REST API. It is safe for concurrent use.
type Client struct {
	base    string // scheme://host[:port][/prefix], without user, query or trailing slash
	http    *http.Client
	header  http.Header
	token   func() (string, error)
	user    *url.Userinfo
	timeout time.Duration
	maxBody int64
	maxText int64
	budget  *Budget
	// unauthorized says what to do about a 401.
	unauthorized string
	report       func(Report)
	clock        func() time.Time
	times        func(*http.Response) (at time.Time, took time.Duration, ok bool)
}

// Report is what one request cost, for whoever counts requests or takes the time of an answer as evidence.
type Report struct {
	// Template is the path with placeholders, such as /jobs/:jobid/checkpoints: fit for a metric label.
	Template string
	// Path is the path that was asked, with query.
	Path string
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Took is the time from sending the request to the last byte of the answer.
	Took time.Duration
	// Bytes is the size of the body read.
	Bytes int64
	// Err is nil where the answer was read and understood as an answer (a StatusError otherwise, and so on).
	Err error
}

// Received says when an answer came and how long it took.
type Received struct {
	// At is when the last byte came, by the client's clock (or when it was recorded).
	At time.Time `json:"-"`
	// Took is the time from sending the request to that byte.
	Took time.Duration `json:"-"`
}

// Option changes a Client under construction.
type Option func(*Client) error

// WithTransport sends requests through rt: a TLS configuration, a recording to replay, a test's server.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Client) error {
		if rt == nil {
			return fmt.Errorf("transport is nil, expected a http.RoundTripper")
		}
		c.http.Transport = rt
		return nil
	}
}

// WithTimeout bounds one request, body included.
func WithTimeout(d time.Duration) Option {
	return func(c *Client) error {
		if d <= 0 {
			return fmt.Errorf("request timeout is %s, expected more than 0s", d)
		}
		c.timeout = d
		return nil
	}
}

// WithHeader sends one more header with every request.
func WithHeader(name, value string) Option {
	return func(c *Client) error {
		if name == "" || strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n") {
			return fmt.Errorf("header %q is not a valid header, expected a name without blanks or colon and a value on one line", name)
		}
		c.header.Add(name, value)
		return nil
	}
}

// WithBearerToken sends "Authorization: Bearer <token>" with every request.
func WithBearerToken(token string) Option {
	return WithBearerTokenSource(func() (string, error) { return token, nil })
}

// WithBearerTokenSource asks source for the token before every request, as tokens in files rotate.
func WithBearerTokenSource(source func() (string, error)) Option {
	return func(c *Client) error {
		c.token = source
		return nil
	}
}

// WithMaxBody bounds a JSON answer to n bytes, and thread dumps and logs to text bytes.
func WithMaxBody(n, text int64) Option {
	return func(c *Client) error {
		if n <= 0 || text <= 0 {
			return fmt.Errorf("bounds of a body are %d and %d bytes, expected more than 0", n, text)
		}
		c.maxBody, c.maxText = n, text
		return nil
	}
}

// WithReport calls report after each request. It may be called from several goroutines at once.
func WithReport(report func(Report)) Option {
	return func(c *Client) error {
		c.report = report
		return nil
	}
}

// WithClock takes the time from clock instead of time.Now.
func WithClock(clock func() time.Time) Option {
	return func(c *Client) error {
		c.clock = clock
		return nil
	}
}

// WithTimes takes the time of an answer from the response where times knows it. A recording knows when an answer was
// recorded and how long it took then; the client's clock does not.
func WithTimes(times func(*http.Response) (at time.Time, took time.Duration, ok bool)) Option {
	return func(c *Client) error {
		c.times = times
		return nil
	}
}

// New returns a client of the REST API at baseURL, such as http://localhost:8081 or https://host/path/of/a/proxy. A user
// and password in the URL are sent as basic authentication and appear in no error.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, user, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base: base, user: user,
		http:    &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		header:  http.Header{"Accept": {"application/json, text/plain;q=0.9"}, "User-Agent": {"checkpoint-health"}},
		timeout: DefaultTimeout, maxBody: DefaultMaxBody, maxText: DefaultMaxText, budget: shared,
		clock: time.Now,
	}
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// WithUnauthorizedHint says in errors of status 401 where credentials are to be given: a flag, or a field of whoever made the client.
func WithUnauthorizedHint(hint string) Option {
	return func(c *Client) error {
		c.unauthorized = hint
		return nil
	}
}

// withoutUser shows what is no URL without what may be a user and password in it, and without a query.
func withoutUser(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	at := strings.LastIndexByte(raw, '@')
	if at < 0 {
		return raw
	}
	scheme, _, found := strings.Cut(raw[:at], "://")
	if !found {
		return raw[at+1:]
	}
	return scheme + "://" + raw[at+1:]
}

// URL is the base URL, without credentials.
func (c *Client) URL() string { return c.base }

func parseBase(raw string) (string, *url.Userinfo, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", nil, fmt.Errorf("the URL of the JobManager cannot be read, expected one such as http://localhost:8081")
	}
	user := u.User
	u.User = nil
	shown := cleanLine(withoutUser(raw), 200)
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", nil, fmt.Errorf("%q is not the URL of a JobManager, expected http:// or https:// and a host, such as http://localhost:8081", shown)
	}
	if u.RawQuery != "" || u.Fragment != "" && !strings.HasPrefix(u.Fragment, "/") {
		u.RawQuery, u.Fragment = "", ""
		return "", nil, fmt.Errorf("the URL of the JobManager has a query or fragment, expected only %q", cleanLine(u.String(), 200))
	}
	// The web page shows itself as http://host:8081/#/overview: people paste that.
	u.Fragment = ""
	u.RawPath = ""
	return strings.TrimRight(u.String(), "/"), user, nil
}
