package controllers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/report"
)

// Dialer makes connections to JobManagers. Addresses are Services of the object's own namespace and nothing else, redirects are not
// followed and bodies are bounded: a CheckpointHealth is no lever to reach other places.
type Dialer struct {
	// Transport is the pool that plain HTTP connections share.
	Transport http.RoundTripper
	// TLS is what a connection with TLS settings of its own is cloned from.
	TLS *http.Transport
	// Direct is the pool of connections to what is no JobManager: a policy's Prometheus. It passes by the proxy of the JobManagers.
	Direct http.RoundTripper
	// DirectTLS is what such a connection with authorities of its own is cloned from.
	DirectTLS *http.Transport
	// Now is the clock by which answers are timed.
	Now func() time.Time
	// Timeout bounds one request.
	Timeout time.Duration
	// PrometheusHosts are the hosts beside Services at which a Prometheus may be asked.
	PrometheusHosts []string
	// Report hears of every request, for the metrics.
	Report func(flink.Report)
}

// credentials are what the secrets of an endpoint say, and a mark that changes with them.
type credentials struct {
	header  string
	tls     *tls.Config
	version string
}

// secretsEvery is how often the Secrets of an endpoint are read: a rotated token is taken up within a minute, at one GET a minute and job.
const secretsEvery = time.Minute

// connect gives the session a connection to the target's JobManager, or keeps the one it has while nothing changed.
func (d *Dialer) connect(ctx context.Context, live client.Reader, object *api.CheckpointHealth, target *model.Target, s *session) (*report.Failure, error) {
	base, err := observe.Endpoint(target, &object.Spec.Endpoint)
	if err != nil {
		return &report.Failure{Reason: api.ReasonEndpointInvalid, Message: err.Error(), Stalled: true}, nil
	}
	spec := fmt.Sprintf("%s\n%d", base, object.Generation)
	if s.connection != nil && s.endpoint.spec == spec && d.Now().Sub(s.endpoint.read) < secretsEvery {
		return nil, nil
	}
	secrets, failure, err := d.secrets(ctx, live, object)
	if err != nil || failure != nil {
		s.connection = nil // what it was made with may not hold any more
		return failure, err
	}
	kept := s.connection != nil && s.endpoint.base == base && s.endpoint.secrets == secrets.version
	s.endpoint = endpointMark{spec: spec, base: base, secrets: secrets.version, read: d.Now()}
	if kept {
		return nil, nil
	}
	s.connection, err = d.open(base, secrets)
	if err != nil {
		return &report.Failure{Reason: api.ReasonEndpointInvalid, Message: err.Error(), Stalled: true}, nil
	}
	return nil, nil
}

// open makes a connection that speaks with what the endpoint's Secrets say.
func (d *Dialer) open(base string, secrets credentials) (*observe.Connection, error) {
	options := []flink.Option{flink.WithTransport(d.transport(secrets.tls)), flink.WithTimeout(d.Timeout), flink.WithClock(d.Now),
		flink.WithUnauthorizedHint("name a Secret with the credentials in spec.endpoint.authSecretRef")}
	if secrets.header != "" {
		options = append(options, flink.WithHeader("Authorization", secrets.header))
	}
	connection, err := observe.Connect(base, options...)
	if err != nil {
		return nil, err
	}
	connection.OnReport = d.Report
	return connection, nil
}

// endpointMark is what a connection was made with: the address and generation of the spec, the Secrets' versions, and when those were read.
type endpointMark struct {
	spec, base, secrets string
	read                time.Time
}

// transport is the shared one, or one of its own for an endpoint with TLS settings.
func (d *Dialer) transport(config *tls.Config) http.RoundTripper {
	if config == nil {
		return d.Transport
	}
	own := d.TLS.Clone()
	own.TLSClientConfig, own.MaxIdleConns = config, 2
	return own
}

// secrets reads the secrets an endpoint names, live: they are not cached.
func (d *Dialer) secrets(ctx context.Context, live client.Reader, object *api.CheckpointHealth) (credentials, *report.Failure, error) {
	endpoint := &object.Spec.Endpoint
	reader := secretReader{ctx: ctx, live: live, namespace: object.Namespace, field: "spec.endpoint"}
	var found credentials
	if endpoint.AuthSecretRef.Name != "" {
		found.header = reader.authorization(endpoint.AuthSecretRef.Name)
	}
	if endpoint.TLS != nil {
		found.tls = reader.tls(endpoint.TLS)
	}
	found.version = strings.Join(reader.versions, ",")
	return found, reader.failure, reader.err
}

// secretReader reads secrets until one cannot be used.
type secretReader struct {
	ctx       context.Context
	live      client.Reader
	namespace string
	// field is what names the secrets.
	field    string
	versions []string
	failure  *report.Failure
	err      error
}

// read returns the secret's data; nil after a failure.
func (r *secretReader) read(name string) map[string][]byte {
	if r.failure != nil || r.err != nil {
		return nil
	}
	var secret corev1.Secret
	err := r.live.Get(r.ctx, client.ObjectKey{Namespace: r.namespace, Name: name}, &secret)
	switch {
	case apierrors.IsNotFound(err):
		r.fail("Secret %q of namespace %q does not exist: create it or name another in %s", name, r.namespace, r.field)
		return nil
	case apierrors.IsForbidden(err):
		r.fail("Secret %q of namespace %q may not be read by the operator: allow it to get this Secret, as config/endpoint-secrets does", name, r.namespace)
		return nil
	case err != nil:
		r.err = fmt.Errorf("secret %s cannot be read: %w", name, err)
		return nil
	}
	r.versions = append(r.versions, string(secret.UID)+"/"+secret.ResourceVersion)
	if secret.Data == nil {
		return map[string][]byte{} // it was read, and lacks what is wanted
	}
	return secret.Data
}

func (r *secretReader) fail(format string, args ...any) {
	if r.failure == nil {
		r.failure = &report.Failure{Reason: api.ReasonEndpointInvalid, Message: fmt.Sprintf(format, args...)}
	}
}

// authorization is the header a secret with key token, or with username and password, asks for.
func (r *secretReader) authorization(name string) string {
	return r.header(name, r.read(name))
}

// header is authorization for data that was read already; nil data asks for none.
func (r *secretReader) header(name string, data map[string][]byte) string {
	switch {
	case data == nil:
		return ""
	case len(data["token"]) > 0:
		return "Bearer " + strings.TrimSpace(string(data["token"]))
	case len(data["username"]) > 0 && len(data["password"]) > 0:
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(string(data["username"])+":"+string(data["password"])))
	}
	r.fail("Secret %q holds neither the key token nor the keys username and password, which %s.authSecretRef wants", name, r.field)
	return ""
}

// authorities are those under ca.crt of a secret.
func (r *secretReader) authorities(name, wanted string, data map[string][]byte) *x509.CertPool {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data["ca.crt"]) {
		r.fail("Secret %q holds no certificate under ca.crt, which %s wants", name, wanted)
	}
	return pool
}

// tls is the configuration an endpoint asks for; HTTPS with the system's authorities where it names nothing.
func (r *secretReader) tls(endpoint *api.EndpointTLS) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: endpoint.ServerName}
	if name := endpoint.CASecretRef.Name; name != "" {
		if data := r.read(name); data != nil {
			config.RootCAs = r.authorities(name, "spec.endpoint.tls.caSecretRef", data)
		}
	}
	if name := endpoint.ClientSecretRef.Name; name != "" {
		if data := r.read(name); data != nil {
			pair, err := tls.X509KeyPair(data["tls.crt"], data["tls.key"])
			if err != nil {
				r.fail("Secret %q: tls.crt and tls.key are no key pair: %v", name, err)
			}
			config.Certificates = []tls.Certificate{pair}
		}
	}
	return config
}
