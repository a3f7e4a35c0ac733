package report

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"checkpointhealth.dev/operator/controllers/model"
)

// Lag counts how much later than planned a pass began; a pass that began early counts as on time.
func (m *Metrics) Lag(d time.Duration) {
	m.histograms[&metricLag].WithLabelValues().Observe(max(d, 0).Seconds())
}

// Passed counts how long a pass took.
func (m *Metrics) Passed(took time.Duration, deep bool) {
	depth := "shallow"
	if deep {
		depth = "deep"
	}
	m.histograms[&metricPass].WithLabelValues(depth).Observe(took.Seconds())
}

// Requested counts a request to Flink's REST API by its HTTP status, 0 where there was no answer, and its error.
func (m *Metrics) Requested(status int, err error, took time.Duration) {
	m.counters[&metricRequests].WithLabelValues(requestResult(status, err)).Inc()
	m.histograms[&metricRequestTime].WithLabelValues().Observe(took.Seconds())
}

func requestResult(status int, err error) string {
	var network net.Error
	switch {
	case err != nil && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()):
		return "timeout"
	case status >= 300 && status <= 599:
		return fmt.Sprintf("%dxx", status/100)
	case err != nil || status < 200 || status > 599:
		return "error"
	}
	return "ok"
}

// Wrote counts a write to a target.
func (m *Metrics) Wrote(w *model.Written) {
	if w == nil {
		return
	}
	result := "ok"
	if w.Refused.Refused() {
		result = w.Refused.Reason
	}
	m.counters[&metricTargetWrites].WithLabelValues(string(w.Action), result).Inc()
}

// Status counts what Writer.Write returned.
func (m *Metrics) Status(wrote bool, err error) {
	result := "unchanged"
	switch {
	case apierrors.IsConflict(err):
		result = "conflict"
	case err != nil:
		result = "error"
	case wrote:
		result = "written"
	}
	m.counters[&metricStatusWrites].WithLabelValues(result).Inc()
}
