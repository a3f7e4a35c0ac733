package report

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func TestWhichPrometheusMayBeAsked(t *testing.T) {
	for _, test := range []struct {
		url  string
		says string
	}{
		{"", ""},
		{"http://prometheus.monitoring.svc:9090", ""},
		{"https://prometheus.monitoring.svc.cluster.local/prefix", ""},
		{"http://metrics.example.com", ""}, // allowed below
		{"http://metrics.example.com.evil.org", `host "metrics.example.com.evil.org" is no Service`},
		{"http://169.254.169.254/latest", `"http://169.254.169.254/latest": host "169.254.169.254"`},
		{"http://localhost:9090", "--allow-prometheus-host"},
		{"http://a.b.c.svc", "is no Service"},
		{"http://prometheus.monitoring.svc.evil.org", "is no Service"},
		{"http://prometheus.monitoring.svc@evil.org/", "without user"},
		{"http://user:hunter2@prometheus.monitoring.svc", "without user"},
		{"ftp://prometheus.monitoring.svc", "is no address"},
		{"http://[::1", "is no address"},
	} {
		spec := &api.RemediationPolicySpec{Signals: api.SignalsSpec{Prometheus: api.PrometheusSpec{URL: test.url}}}
		err := CheckPrometheus(spec, []string{"metrics.example.com"})
		if (err == nil) != (test.says == "") || err != nil && (!strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "spec.signals.prometheus.url")) {
			t.Errorf("%q: %v, want %q", test.url, err, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v tells a password", test.url, err)
		}
	}
}
