package prometheus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Bounds of an answer.
const (
	// Timeout bounds one query, in all: both are instant queries over a few pods, which take milliseconds.
	Timeout = 5 * time.Second
	// MaxBody is in bytes: 100 series of some 300 bytes each are 30 kB.
	MaxBody = 1 << 20
	// MaxSeries bounds the series of an answer, and so the pods that are asked about.
	MaxSeries = 100
)

// Client asks one Prometheus.
type Client struct{ query v1.API }

// New makes a client of the Prometheus at an address such as http://prometheus.monitoring.svc:9090. Authorization is the value of that
// header; empty for none.
func New(address, authorization string, transport http.RoundTripper) (*Client, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("the address is no URL such as http://prometheus.monitoring.svc:9090")
	}
	// Without redirects: another host has no business with the credentials.
	inner := &http.Client{
		Transport: &bounded{inner: transport, authorization: authorization}, Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	client, err := api.NewClient(api.Config{Address: address, Client: inner})
	if err != nil {
		return nil, errors.New("the address cannot be used")
	}
	return &Client{query: v1.NewAPI(client)}, nil
}

// Usage is what is known of a pod.
type Usage struct {
	// ThrottledShare is the share of periods in which it was throttled in the last five minutes, 0 to 1; NaN where it is not known.
	ThrottledShare float64
	// WorkingSet is in bytes; NaN where it is not known.
	WorkingSet float64
}

// The queries, documented in docs/signals.md. %[1]s is the matcher of namespace, pods and container.
const (
	// throttledQuery: a period is 100 ms by default, and one in which the quota ran out counts as throttled.
	throttledQuery = `sum by (pod) (increase(container_cpu_cfs_throttled_periods_total{%[1]s}[5m])) / sum by (pod) (increase(container_cpu_cfs_periods_total{%[1]s}[5m]))`
	// workingSetQuery is what the kubelet evicts by.
	workingSetQuery = `sum by (pod) (container_memory_working_set_bytes{%[1]s})`
)

// Pods asks for the usage of pods of a namespace, by their names, now. Only containers of the given names are asked for. Where one of the
// two questions is answered its answer is returned beside the error of the other.
func (c *Client) Pods(ctx context.Context, namespace string, containers, names []string) (map[string]Usage, error) {
	names = names[:min(len(names), MaxSeries)]
	if len(names) == 0 {
		return nil, nil
	}
	matcher := fmt.Sprintf("namespace=%q,container=~%q,pod=~%q", namespace, anyOf(containers), anyOf(names))
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	throttled, errThrottled := c.ask(ctx, fmt.Sprintf(throttledQuery, matcher), wanted)
	working, errWorking := c.ask(ctx, fmt.Sprintf(workingSetQuery, matcher), wanted)
	found := map[string]Usage{}
	for _, name := range names {
		usage := Usage{ThrottledShare: value(throttled, name), WorkingSet: value(working, name)}
		if usage.ThrottledShare > 1 {
			usage.ThrottledShare = 1 // increase() extrapolates both sides by themselves
		}
		if !math.IsNaN(usage.ThrottledShare) || !math.IsNaN(usage.WorkingSet) {
			found[name] = usage
		}
	}
	return found, errors.Join(named("throttled periods", errThrottled), named("working set", errWorking))
}

// anyOf is a regular expression of names, which PromQL anchors at both ends.
func anyOf(names []string) string {
	escaped := make([]string, len(names))
	for i, name := range names {
		escaped[i] = regexp.QuoteMeta(name)
	}
	return strings.Join(escaped, "|")
}

func value(of map[string]float64, name string) float64 {
	if v, ok := of[name]; ok {
		return v
	}
	return math.NaN()
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ask runs an instant query whose answer has a series a pod. Values that are no numbers (0/0 of a pod without a limit), negative ones and pods
// that were not asked for are left out.
func (c *Client) ask(ctx context.Context, query string, wanted map[string]bool) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	answer, _, _, err := c.query.Query(ctx, query, time.Time{}, v1.WithLimit(MaxSeries+1))
	if err != nil {
		return nil, reason(err)
	}
	vector, ok := answer.(model.Vector)
	if !ok {
		return nil, errors.New("the answer is no vector")
	}
	if len(vector) > MaxSeries {
		return nil, fmt.Errorf("the answer has more than %d series", MaxSeries)
	}
	found := map[string]float64{}
	for _, sample := range vector {
		if sample == nil {
			continue
		}
		name, v := string(sample.Metric["pod"]), float64(sample.Value)
		if wanted[name] && !math.IsNaN(v) && !math.IsInf(v, 0) && v >= 0 {
			found[name] = v
		}
	}
	return found, nil
}

// errTooLarge ends the reading of a body beyond MaxBody.
var errTooLarge = fmt.Errorf("the answer has more than %d MiB", MaxBody>>20)

// statusError is an answer that is none of ours.
type statusError int

func (e statusError) Error() string {
	code := int(e)
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Sprintf("answered %d: it wants other credentials", code)
	case code/100 == 3:
		return fmt.Sprintf("answered %d: redirects are not followed", code)
	}
	return fmt.Sprintf("answered %d", code)
}

// reason says why a query failed, without a word of a body or URL: those may hold anything.
func reason(err error) error {
	var status statusError
	var refused *v1.Error
	switch {
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errors.As(err, &status):
		return status
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return fmt.Errorf("no answer within %s", Timeout)
	case errors.As(err, &refused) && refused.Type == v1.ErrBadResponse:
		return errors.New("the answer is none of Prometheus's API")
	case errors.As(err, &refused):
		return errors.New("the query was refused")
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return errors.New("it cannot be reached")
}

func isTimeout(err error) bool {
	var timed interface{ Timeout() bool }
	return errors.As(err, &timed) && timed.Timeout()
}

// bounded adds credentials, turns every answer that is not of the API into an error before its body is read, and bounds the bodies of the rest.
type bounded struct {
	inner         http.RoundTripper
	authorization string
}

// RoundTrip makes one request.
func (b *bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	if b.authorization != "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", b.authorization)
	}
	response, err := b.inner.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	// 400 and 422 carry the API's own errors; 405 and 501 make the client ask by GET.
	switch code := response.StatusCode; code {
	case http.StatusOK, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusMethodNotAllowed, http.StatusNotImplemented:
	default:
		_ = response.Body.Close() // nothing of it is read
		return nil, statusError(code)
	}
	response.Body = &limitedBody{ReadCloser: response.Body, left: MaxBody}
	return response, nil
}

// limitedBody fails where a body goes on beyond what is left.
type limitedBody struct {
	io.ReadCloser
	left int
}

// Read reads no more than one byte beyond the bound.
func (l *limitedBody) Read(into []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLarge
	}
	n, err := l.ReadCloser.Read(into[:min(len(into), l.left+1)])
	l.left -= n
	if l.left < 0 {
		return n, errTooLarge
	}
	return n, err
}
