package controllers

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/prometheus"
	"checkpointhealth.dev/operator/controllers/report"
)

// metering is the way to the Prometheus of a session's policy, or why there is none; it is found anew once a minute.
type metering struct {
	spec    string
	read    time.Time
	client  *prometheus.Client
	problem string
	// versions are those of the Secret that client was made with.
	versions string
}

// podsSeen reads what Kubernetes, and a Prometheus where the policy names one, know of the pods: in a deep pass, and where the job is away or a remedy
// is in flight, for pods may find no room.
func (r *CheckpointHealthReconciler) podsSeen(ctx context.Context, s *scope, snapshot *model.Snapshot) {
	if away(snapshot) {
		// From the cache alone: a job may be away for days.
		observe.Pods(ctx, r.Client, snapshot)
		return
	}
	if !snapshot.Deep && !inFlight(&snapshot.Target) {
		return
	}
	observe.Pods(ctx, r.pods(), snapshot)
	if s.policy.Prometheus.URL == "" || len(snapshot.Pods) == 0 {
		return
	}
	way := &s.session.metering
	r.Dial.meter(ctx, r.Live, s.object.Namespace, &s.policy, way)
	if way.client == nil {
		observe.NoThrottling(snapshot, way.problem)
		return
	}
	observe.Throttling(ctx, way.client, snapshot)
}

// away tells of a job that should answer and does not. One that is suspended or has ended has no pods, and is asked for none.
func away(snapshot *model.Snapshot) bool {
	reason := snapshot.Availability.Reason
	return (reason == api.ReasonJobManagerUnreachable || reason == api.ReasonUpgrading) && !snapshot.Target.Suspended
}

// meter finds the way to a policy's Prometheus, or keeps the one there is for a minute.
func (d *Dialer) meter(ctx context.Context, live client.Reader, namespace string, policy *model.Policy, way *metering) {
	spec := fmt.Sprint(policy.Name, policy.Generation, policy.Prometheus)
	if way.spec == spec && d.Now().Sub(way.read) < secretsEvery {
		return
	}
	before := *way
	*way = metering{spec: spec, read: d.Now()}
	if way.problem = d.leadsOut(ctx, live, policy.Prometheus.URL); way.problem != "" {
		return
	}
	reader := secretReader{ctx: ctx, live: live, namespace: namespace, field: "spec.signals.prometheus"}
	authorization, transport := d.trusted(&reader, policy.Prometheus.AuthSecretRef.Name)
	way.versions = strings.Join(reader.versions, ",")
	switch {
	case reader.failure != nil:
		way.problem = reader.failure.Message
	case reader.err != nil:
		way.problem = reader.err.Error()
	case before.client != nil && before.spec == spec && before.versions == way.versions:
		way.client = before.client // with its connections
	default:
		made, err := prometheus.New(policy.Prometheus.URL, authorization, transport)
		if err != nil {
			way.problem = "spec.signals.prometheus.url: " + err.Error()
			return
		}
		way.client = made
	}
}

// trusted is what the Secret of a policy's Prometheus asks for: the header of its credentials, and a way that trusts the authorities under ca.crt. One
// that holds only those has no credentials.
func (d *Dialer) trusted(reader *secretReader, name string) (authorization string, transport http.RoundTripper) {
	if name == "" {
		return "", d.Direct
	}
	data := reader.read(name)
	if len(data["ca.crt"]) == 0 {
		return reader.header(name, data), d.Direct
	}
	own := d.DirectTLS.Clone()
	own.MaxIdleConns = 2
	own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: reader.authorities(name, "spec.signals.prometheus.authSecretRef", data)}
	if len(data["token"]) == 0 && len(data["username"]) == 0 && len(data["password"]) == 0 {
		return "", own
	}
	return reader.header(name, data), own
}

// leadsOut says why the Service of a URL is not to be asked: type ExternalName is an alias for any host. Hosts that the operator allows are
// not looked at.
func (d *Dialer) leadsOut(ctx context.Context, live client.Reader, address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "spec.signals.prometheus.url is no URL"
	}
	name, namespace, ok := report.ServiceOf(parsed.Hostname())
	if !ok || slices.Contains(d.PrometheusHosts, parsed.Hostname()) {
		return "" // the policy was refused unless it is allowed
	}
	var service corev1.Service
	if err := live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &service); err != nil {
		return fmt.Sprintf("Service %s of namespace %s cannot be read, and is asked only where it is seen not to lead out of the cluster (or by --allow-prometheus-host)", name, namespace)
	}
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return fmt.Sprintf("Service %s of namespace %s is of type ExternalName, which leads out of the cluster", name, namespace)
	}
	return ""
}

// checkedHosts are the values of --allow-prometheus-host: host names or addresses, without a scheme or port.
func checkedHosts(hosts []string) error {
	for _, host := range hosts {
		if host == "" || strings.ContainsAny(host, "/@*? ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return fmt.Errorf("--allow-prometheus-host %q is not a host name such as prometheus.example.com, without a scheme and port", host)
		}
	}
	return nil
}
