package report

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// serviceHost is the host name of a Service: two DNS-1123 labels and what the cluster's DNS puts behind them.
var serviceHost = regexp.MustCompile(`^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\.([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\.svc(?:\.cluster\.local)?$`)

// ServiceOf takes the host name of a Service apart.
func ServiceOf(host string) (name, namespace string, ok bool) {
	m := serviceHost.FindStringSubmatch(host)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// CheckPrometheus refuses a Prometheus that is neither a Service of the cluster nor allowed by the operator's flag: a policy is no lever to reach
// other places. The value is told without what may be a password.
func CheckPrometheus(spec *api.RemediationPolicySpec, allowed []string) error {
	value := spec.Signals.Prometheus.URL
	if value == "" {
		return nil
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return fmt.Errorf("spec.signals.prometheus.url is no address without user such as http://prometheus.monitoring.svc:9090")
	}
	if _, _, ok := ServiceOf(parsed.Hostname()); ok || slices.Contains(allowed, parsed.Hostname()) {
		return nil
	}
	return fmt.Errorf("spec.signals.prometheus.url %q: host %q is no Service of the cluster (NAME.NAMESPACE.svc), and the operator does not allow it by --allow-prometheus-host",
		parsed.Redacted(), parsed.Hostname())
}
