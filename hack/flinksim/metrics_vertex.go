package flinksim

import (
	"strings"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// subtaskMetrics are the metrics of one subtask. Sources have no alignment time.
func (j *Job) subtaskMetrics(v, index int, at float64) metricValues {
	records, busy, _, backpressured := j.totals(v, index, at)
	r := j.usualRate(v, index, at)
	kind := j.engine.Topology[v].Kind
	out := metricValues{
		"busyTimeMsPerSecond": r.busy * 1000, "idleTimeMsPerSecond": int64(r.idle * 1000), "backPressuredTimeMsPerSecond": int64(r.backpressured * 1000),
		"accumulateBusyTimeMs": float64(whole(busy)), "accumulateBackPressuredTimeMs": whole(backpressured),
		"numRecordsIn": whole(records), "numRecordsOut": whole(records), "mailboxLatencyMs_p99": 1.0 + 7*r.busy,
		"buffers.inPoolUsage": usage(r.busy), "buffers.outPoolUsage": usage(r.backpressured), "checkpointStartDelayNanos": int64(77_000_000),
	}
	switch kind {
	case engine.Source:
		out["numRecordsIn"] = int64(0)
	case engine.Sink:
		out["numRecordsOut"] = int64(0)
	default:
	}
	if kind != engine.Source {
		out["checkpointAlignmentTime"] = int64(32_288_704)
	}
	return out
}

// usage is the share of a buffer pool that is full.
func usage(pressure float64) float64 {
	if pressure > 0.9 {
		return 1
	}
	return 0
}

// vertexMetrics are /jobs/:id/vertices/:v/metrics: the subtasks' metrics, each name led by the subtask's index.
func (j *Job) vertexMetrics(v int, at float64) metricValues {
	out := metricValues{}
	for i := range j.engine.Topology[v].Parallelism {
		for name, value := range j.subtaskMetrics(v, i, at) {
			out[text(i)+"."+name] = value
		}
	}
	return out
}

type aggregatedMetricJSON struct {
	ID   string  `json:"id"`
	Min  double  `json:"min"`
	Max  double  `json:"max"`
	Avg  double  `json:"avg"`
	Sum  double  `json:"sum"`
	Skew *double `json:"skew,omitempty"` // 1.18 and later
}

// aggregatedMetrics are /jobs/:id/vertices/:v/subtasks/metrics. As in Flink one unknown name makes the whole answer empty.
func (j *Job) aggregatedMetrics(v int, get string, now float64) []byte {
	at := j.metrics.read(now, j.updateInterval())
	out := []aggregatedMetricJSON{}
	if at == 0 || get == "" {
		return encoded(out)
	}
	n := j.engine.Topology[v].Parallelism
	subtasks := make([]metricValues, n)
	for i := range subtasks {
		subtasks[i] = j.subtaskMetrics(v, i, at)
	}
	for name := range strings.SplitSeq(get, ",") {
		if _, known := subtasks[0][name]; !known {
			return encoded([]aggregatedMetricJSON{})
		}
		out = append(out, j.aggregateMetric(name, subtasks))
	}
	return encoded(out)
}

func (j *Job) aggregateMetric(name string, subtasks []metricValues) aggregatedMetricJSON {
	a := aggregatedMetricJSON{ID: name}
	var deviation double
	for i, values := range subtasks {
		v := number(values[name])
		if i == 0 || v < a.Min {
			a.Min = v
		}
		a.Max = max(a.Max, v)
		a.Sum += v
	}
	n := double(len(subtasks))
	a.Avg = a.Sum / n
	for _, values := range subtasks {
		deviation += max(number(values[name])-a.Avg, a.Avg-number(values[name])) / n
	}
	if j.engine.Settings.AtLeast(1, 18) {
		skew := double(0)
		if a.Avg != 0 {
			skew = deviation / a.Avg * 100
		}
		a.Skew = &skew
	}
	return a
}

func number(v any) double {
	switch n := v.(type) {
	case float64:
		return double(n)
	case int64:
		return double(n)
	case int:
		return double(n)
	}
	return 0
}
