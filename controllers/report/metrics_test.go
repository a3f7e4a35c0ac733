package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/types"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const metricsPage = "../../docs/metrics.md"

// metricsTable is the part of docs/metrics.md that is made from the code.
func metricsTable() string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n")
	for _, m := range allMetrics {
		labels := "–"
		if len(m.labels) > 0 {
			labels = "`" + strings.Join(m.labels, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, labels, m.help)
	}
	return b.String()
}

func TestMetricsPageIsCurrent(t *testing.T) {
	page, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), "<!-- metrics -->\n")
	table, after, ended := strings.Cut(rest, "<!-- end -->")
	if !found || !ended {
		t.Fatal("docs/metrics.md lacks its marks <!-- metrics --> and <!-- end -->")
	}
	if *update {
		table = metricsTable()
		if err := os.WriteFile(metricsPage, []byte(before+"<!-- metrics -->\n"+table+"<!-- end -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(metricsTable(), table); diff != "" {
		t.Errorf("docs/metrics.md is not current; write it with: go test ./controllers/report -update\n%s", diff)
	}
}

func series(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			out[f.GetName()+"{"+strings.Join(labels, ",")+"}"] = number64(m)
		}
	}
	return out
}

func number64(m *dto.Metric) float64 {
	switch {
	case m.GetGauge() != nil:
		return m.GetGauge().GetValue()
	case m.GetCounter() != nil:
		return m.GetCounter().GetValue()
	}
	return float64(m.GetHistogram().GetSampleCount())
}

func TestMetricsOfASickJob(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	now := Status(object(), slowStorage())
	m.Observe(types.NamespacedName{Namespace: "prod", Name: "payments"}, &now)
	m.Count(&api.CheckpointHealthStatus{}, &now)
	want := map[string]float64{
		"checkpointhealth_health{Unhealthy,payments,prod}": 1, "checkpointhealth_cause{SlowStateBackend,payments,prod,Likely}": 1,
		"checkpointhealth_refusals_total{OutsideWindow}": 1, "checkpointhealth_expired_checkpoints{payments,prod}": 6,
		"checkpointhealth_remedies_in_flight{payments,prod}": 0,
	}
	if diff := cmp.Diff(want, series(t, registry)); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestMetricsFollowAnObject(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewMetrics(registry); err == nil {
		t.Error("registering twice must be an error")
	}
	key := types.NamespacedName{Namespace: "prod", Name: "payments"}
	o := object()
	for _, pass := range []*model.Pass{base(), slowStorage(), applied(), cured()} {
		now := Status(o, pass)
		m.Observe(key, &now)
		m.Count(&o.Status, &now)
		o.Status = now
	}
	m.Completed(key, at)
	got := series(t, registry)
	want := map[string]float64{
		"checkpointhealth_health{Healthy,payments,prod}":                   1,
		"checkpointhealth_expired_checkpoints{payments,prod}":              0,
		"checkpointhealth_last_completed_timestamp_seconds{payments,prod}": float64(at.Unix()),
		"checkpointhealth_remedies_in_flight{payments,prod}":               0,
		"checkpointhealth_remedies_total{checkpointTimeout,Pending}":       1,
		"checkpointhealth_remedies_total{checkpointTimeout,Effective}":     1,
		"checkpointhealth_refusals_total{OutsideWindow}":                   1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	m.Forget(key)
	for name := range series(t, registry) {
		if strings.Contains(name, "payments") {
			t.Errorf("%s is left after the object went", name)
		}
	}
}

func TestMetricsCountWork(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	m.Lag(-time.Second)
	m.Passed(time.Millisecond, false)
	m.Passed(time.Second, true)
	m.Requested(200, nil, time.Millisecond)
	m.Requested(503, errors.New("answered 503"), time.Millisecond)
	m.Requested(0, context.DeadlineExceeded, time.Minute)
	m.Wrote(nil)
	m.Wrote(&model.Written{Action: model.ActionApply})
	m.Wrote(&model.Written{Action: model.ActionApply, Refused: model.Refusal{Reason: api.ReasonOwnedByOtherManager}})
	m.Status(true, nil)
	m.Status(false, nil)
	m.Status(false, errors.New("refused"))
	want := map[string]float64{
		"checkpointhealth_schedule_lag_seconds{}": 1, "checkpointhealth_pass_duration_seconds{shallow}": 1, "checkpointhealth_pass_duration_seconds{deep}": 1,
		"checkpointhealth_flink_requests_total{ok}": 1, "checkpointhealth_flink_requests_total{5xx}": 1, "checkpointhealth_flink_requests_total{timeout}": 1,
		"checkpointhealth_flink_request_duration_seconds{}": 3, "checkpointhealth_target_writes_total{Apply,ok}": 1,
		"checkpointhealth_target_writes_total{Apply,OwnedByOtherManager}": 1, "checkpointhealth_status_writes_total{written}": 1,
		"checkpointhealth_status_writes_total{unchanged}": 1, "checkpointhealth_status_writes_total{error}": 1,
	}
	if diff := cmp.Diff(want, series(t, registry)); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}
