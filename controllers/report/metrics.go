package report

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// metricKind is the Prometheus type of a metric.
type metricKind string

const (
	kindGauge     metricKind = "gauge"
	kindCounter   metricKind = "counter"
	kindHistogram metricKind = "histogram"
)

// metric is one row of docs/metrics.md, from which the collector is made.
type metric struct {
	name    string
	kind    metricKind
	labels  []string
	help    string
	buckets []float64
}

// Label names. An object's series go when the object goes; no label holds text from Flink.
const (
	labelNamespace = "namespace"
	labelName      = "name"
)

var (
	perObject = []string{labelNamespace, labelName}
	// seconds from a healthy pass (milliseconds) to a starved JobManager's answer (40 s, measured).
	passBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
)

// The metrics. Those per object: one series each, and one per object for its health and for its cause.
var (
	metricHealth = metric{"checkpointhealth_health", kindGauge, append(perObject[:2:2], "health"),
		"Health of the job: 1 for the present one of Healthy, AtRisk, Unhealthy, Unknown; no series for the others.", nil}
	metricCause = metric{"checkpointhealth_cause", kindGauge, append(perObject[:2:2], "cause", "verdict"),
		"1 for the most likely cause while the job is sick; no series otherwise.", nil}
	metricExpired = metric{"checkpointhealth_expired_checkpoints", kindGauge, perObject,
		"Checkpoints of the window that expired before completing.", nil}
	metricLastCompleted = metric{"checkpointhealth_last_completed_timestamp_seconds", kindGauge, perObject,
		"When the newest completed checkpoint was complete, in seconds since 1970; no series where none is known.", nil}
	metricInFlight = metric{"checkpointhealth_remedies_in_flight", kindGauge, perObject,
		"Remedies that are applied and not judged yet (0 or 1).", nil}
	metricRemedies = metric{"checkpointhealth_remedies_total", kindCounter, []string{"lever", "outcome"},
		"Remedies by lever and outcome; Pending counts the ones applied.", nil}
	metricRefusals = metric{"checkpointhealth_refusals_total", kindCounter, []string{"reason"},
		"Times a guard began to hold a remedy back, by its reason.", nil}
	metricTargetWrites = metric{"checkpointhealth_target_writes_total", kindCounter, []string{"action", "result"},
		"Writes to targets: Apply, Rollback, Restore or Settle; result is ok or the reason of the refusal.", nil}
	metricStatusWrites = metric{"checkpointhealth_status_writes_total", kindCounter, []string{"result"},
		"Writes of our own status: written, unchanged (nothing was sent), conflict or error.", nil}
	metricAdvisories = metric{"checkpointhealth_advisories", kindGauge, []string{"state"},
		"Known issues: built-in and own are in use, skipped are entries of users that are wrong; the log and an event of the ConfigMap name them.", nil}
	metricLag = metric{"checkpointhealth_schedule_lag_seconds", kindHistogram, nil,
		"How much later than planned a pass began.", passBuckets}
	metricPass = metric{"checkpointhealth_pass_duration_seconds", kindHistogram, []string{"depth"},
		"How long a pass took; depth is shallow (checkpoint statistics only) or deep (subtasks, metrics, stacks).", passBuckets}
	metricRequests = metric{"checkpointhealth_flink_requests_total", kindCounter, []string{"result"},
		"Requests to Flink's REST API: ok, the class of the status (3xx, 4xx, 5xx), timeout or error.", nil}
	metricRequestTime = metric{"checkpointhealth_flink_request_duration_seconds", kindHistogram, nil,
		"How long a request to Flink's REST API took, answered or not.", passBuckets}
)

// allMetrics is docs/metrics.md, in its order.
var allMetrics = []*metric{
	&metricHealth, &metricCause, &metricExpired, &metricLastCompleted, &metricInFlight, &metricRemedies, &metricRefusals,
	&metricTargetWrites, &metricStatusWrites, &metricAdvisories, &metricLag, &metricPass, &metricRequests, &metricRequestTime,
}

// Metrics are the operator's own Prometheus metrics. It is safe for concurrent use.
type Metrics struct {
	gauges     map[*metric]*prometheus.GaugeVec
	counters   map[*metric]*prometheus.CounterVec
	histograms map[*metric]*prometheus.HistogramVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		gauges: map[*metric]*prometheus.GaugeVec{}, counters: map[*metric]*prometheus.CounterVec{}, histograms: map[*metric]*prometheus.HistogramVec{},
	}
	for _, row := range allMetrics {
		var c prometheus.Collector
		switch row.kind {
		case kindGauge:
			m.gauges[row] = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: row.name, Help: row.help}, row.labels)
			c = m.gauges[row]
		case kindCounter:
			m.counters[row] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: row.name, Help: row.help}, row.labels)
			c = m.counters[row]
		case kindHistogram:
			m.histograms[row] = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: row.name, Help: row.help, Buckets: row.buckets}, row.labels)
			c = m.histograms[row]
		}
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("registering metric %s: %w", row.name, err)
		}
	}
	return m, nil
}

// Observe shows a status. next is what the pass says, written or not: unlike status it may move with every pass.
func (m *Metrics) Observe(key types.NamespacedName, next *api.CheckpointHealthStatus) {
	m.only(&metricHealth, key, next.Health != "", string(next.Health))
	verdict := ""
	if len(next.Diagnoses) > 0 {
		verdict = string(next.Diagnoses[0].Verdict)
	}
	m.only(&metricCause, key, next.Cause != "", string(next.Cause), verdict)
	if expired := next.Checkpoints.Expired; expired != nil {
		m.gauges[&metricExpired].WithLabelValues(key.Namespace, key.Name).Set(float64(*expired))
	} else {
		m.gauges[&metricExpired].DeleteLabelValues(key.Namespace, key.Name)
	}
	inFlight := 0.0
	if next.LastOutcome == api.OutcomePending {
		inFlight = 1
	}
	m.gauges[&metricInFlight].WithLabelValues(key.Namespace, key.Name).Set(inFlight)
}

// only leaves one series of a gauge for an object: the one with the given further labels, or none.
func (m *Metrics) only(g *metric, key types.NamespacedName, show bool, labels ...string) {
	vec := m.gauges[g]
	vec.DeletePartialMatch(prometheus.Labels{labelNamespace: key.Namespace, labelName: key.Name})
	if show {
		vec.WithLabelValues(append([]string{key.Namespace, key.Name}, labels...)...).Set(1)
	}
}

// Count counts what changed with a status that was written. What is not kept, for an older CustomResourceDefinition does not take it, is not counted: it
// would be anew with each write.
func (m *Metrics) Count(old, next *api.CheckpointHealthStatus) {
	c := change{old: old, next: next}
	for i := range next.Remediations {
		r := &next.Remediations[i]
		before := c.outcomeBefore(r.ID)
		if c.reloaded() || before == r.Outcome {
			continue // history reloaded, or nothing new
		}
		if before == "" && r.Outcome != api.OutcomePending {
			m.counters[&metricRemedies].WithLabelValues(string(r.Lever), string(api.OutcomePending)).Inc()
		}
		m.counters[&metricRemedies].WithLabelValues(string(r.Lever), string(r.Outcome)).Inc()
	}
	if r := &next.Recommendation; r.WhyNotNow.Reason != "" && !c.said(r) {
		m.counters[&metricRefusals].WithLabelValues(r.WhyNotNow.Reason).Inc()
	}
}

// Completed shows when the newest completed checkpoint was complete, on the JobManager's clock; the zero time shows none.
func (m *Metrics) Completed(key types.NamespacedName, at time.Time) {
	if at.IsZero() {
		m.gauges[&metricLastCompleted].DeleteLabelValues(key.Namespace, key.Name)
		return
	}
	m.gauges[&metricLastCompleted].WithLabelValues(key.Namespace, key.Name).Set(float64(at.UnixMilli()) / 1000)
}

// Forget removes the series of an object that is gone.
func (m *Metrics) Forget(key types.NamespacedName) {
	for _, g := range m.gauges {
		g.DeletePartialMatch(prometheus.Labels{labelNamespace: key.Namespace, labelName: key.Name})
	}
}
