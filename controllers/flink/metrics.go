package flink

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// maxQuery bounds the query of one metrics request, in bytes. Flink's server reads at most 4,096 bytes of request line
// (Netty's HttpServerCodec, default maxInitialLineLength, all versions); paths with their ids take up to about 200 of them,
// a proxy's prefix some more. Longer lists are asked in several requests.
const maxQuery = 3000

// Metrics are values by name, as one kind of process or a job has them. Flink asks its processes for metrics only when
// somebody asks it, and answers with what the previous time brought: ask, wait a second or two, and ask again. The very
// first answer is empty.
type Metrics struct {
	Received
	// Values hold what has a value: "NaN", "n/a", -1 (Flink's and the JVM's "not known") and what is not a number are left out.
	Values map[string]float64
}

// Get returns a value, and whether there is one.
func (m Metrics) Get(name string) (float64, bool) {
	v, ok := m.Values[name]
	return v, ok
}

// VertexMetrics are values by subtask index and name.
type VertexMetrics struct {
	Received
	Subtasks map[int]map[string]float64
}

// usualMetrics is what a poll asks of a JobManager, and some more; longer answers grow.
const usualMetrics = 16

// metric is an entry of any metrics answer; without get= it has no value.
type metric struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// JobManagerMetrics asks GET /jobmanager/metrics?get=names.
func (c *Client) JobManagerMetrics(ctx context.Context, names ...string) (Metrics, error) {
	return c.metrics(ctx, call{template: "/jobmanager/metrics"}, names)
}

// JobManagerMetricNames asks GET /jobmanager/metrics: what can be asked for, the names of the garbage collectors among it.
func (c *Client) JobManagerMetricNames(ctx context.Context) ([]string, error) {
	return c.metricNames(ctx, call{template: "/jobmanager/metrics"})
}

// TaskManagerMetrics asks GET /taskmanagers/:taskmanagerid/metrics?get=names.
func (c *Client) TaskManagerMetrics(ctx context.Context, taskManager string, names ...string) (Metrics, error) {
	return c.metrics(ctx, call{template: "/taskmanagers/:taskmanagerid/metrics", args: []string{taskManager}}, names)
}

// TaskManagerMetricNames asks GET /taskmanagers/:taskmanagerid/metrics.
func (c *Client) TaskManagerMetricNames(ctx context.Context, taskManager string) ([]string, error) {
	return c.metricNames(ctx, call{template: "/taskmanagers/:taskmanagerid/metrics", args: []string{taskManager}})
}

// JobMetrics asks GET /jobs/:jobid/metrics?get=names.
func (c *Client) JobMetrics(ctx context.Context, job string, names ...string) (Metrics, error) {
	return c.metrics(ctx, call{template: "/jobs/:jobid/metrics", args: []string{job}}, names)
}

// VertexMetrics asks GET /jobs/:jobid/vertices/:vertexid/metrics?get=0.name,1.name,… . A name that a subtask lacks is left
// out (the aggregating endpoint beside it answers [] for all names if one is unknown: 1.17.2 to 2.2.1, measured).
func (c *Client) VertexMetrics(ctx context.Context, job, vertex string, subtasks []int, names ...string) (VertexMetrics, error) {
	ids := make([]string, 0, len(subtasks)*len(names))
	for _, i := range subtasks {
		for _, name := range names {
			ids = append(ids, strconv.Itoa(i)+"."+name)
		}
	}
	flat, err := c.metrics(ctx, call{template: "/jobs/:jobid/vertices/:vertexid/metrics", args: []string{job, vertex}}, ids)
	return VertexMetrics{Received: flat.Received, Subtasks: bySubtask(flat.Values)}, err
}

func (c *Client) metrics(ctx context.Context, q call, names []string) (Metrics, error) {
	out := Metrics{Values: make(map[string]float64, len(names))}
	for _, query := range metricQueries(names) {
		q.query = query
		received, err := c.fetch(ctx, q, func(b []byte) error { return decodeMetrics(b, out.Values) })
		out.Received = received
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (c *Client) metricNames(ctx context.Context, q call) ([]string, error) {
	var out []string
	_, err := c.fetch(ctx, q, func(b []byte) (err error) { out, err = decodeMetricNames(b); return })
	return out, err
}

// metricQueries joins names to as few queries as fit the request line.
func metricQueries(names []string) []string {
	var out []string
	var b strings.Builder
	b.Grow(min(lengthOf(names), maxQuery))
	for _, name := range names {
		name = url.QueryEscape(name)
		if b.Len() > 0 && b.Len()+1+len(name) > maxQuery {
			out = append(out, b.String())
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString("get=")
		} else {
			b.WriteByte(',')
		}
		b.WriteString(name)
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// lengthOf is how long a query of these names is, as long as nothing in them is escaped.
func lengthOf(names []string) int {
	n := len("get=")
	for _, name := range names {
		n += len(name) + len(",")
	}
	return n
}

func decodeMetrics(data []byte, into map[string]float64) error {
	list := make([]metric, 0, usualMetrics)
	if err := decodeJSON(data, &list); err != nil {
		return err
	}
	for _, m := range list {
		v := parseFloat(m.Value)
		if m.ID == "" || math.IsNaN(v) || v == -1 {
			continue
		}
		into[cleanLine(m.ID, maxName)] = v
	}
	return nil
}

func decodeMetricNames(data []byte) ([]string, error) {
	var list []metric
	if err := decodeJSON(data, &list); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list))
	for _, m := range list {
		if m.ID != "" {
			names = append(names, cleanLine(m.ID, maxName))
		}
	}
	return names, nil
}

// bySubtask splits "1.buffers.inPoolUsage" at the first dot.
func bySubtask(values map[string]float64) map[int]map[string]float64 {
	out := map[int]map[string]float64{}
	for id, v := range values {
		index, name, ok := strings.Cut(id, ".")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 {
			continue
		}
		if out[i] == nil {
			out[i] = map[string]float64{}
		}
		out[i][name] = v
	}
	return out
}
