package controllers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// meter is a Prometheus with a certificate of an authority of its own, behind the Service prometheus of the story's namespace.
type meter struct {
	mu      sync.Mutex
	answer  func(w http.ResponseWriter, query string)
	queries []string
	refused int
}

// certified makes a certificate for a host and its authority in PEM.
func certified(t *testing.T, host string) (pair tls.Certificate, authority []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	mustDo(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	mustDo(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// newMeter puts one into a world: its Service, the Secret with its token and authority, and the way there.
func newMeter(w *world) *meter {
	w.t.Helper()
	m := &meter{answer: throttledBy(0.43)}
	host := "prometheus." + w.namespace + ".svc"
	pair, authority := certified(w.t, host)
	server := httptest.NewUnstartedServer(m)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	w.t.Cleanup(server.Close)
	w.create(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "prometheus"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 9090}}}})
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "prometheus"}, Data: map[string][]byte{"token": []byte("of-the-story"), "ca.crt": authority}})
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != host+":9090" {
			return nil, fmt.Errorf("dialed %s", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	w.doctor.Dial.DirectTLS = &http.Transport{DialContext: dial, DisableKeepAlives: true}
	return m
}

// asked is a policy that asks it.
func (m *meter) asked(w *world) string {
	return strings.Replace(quick, "mode: Remediate", "mode: Recommend", 1) +
		"signals: {prometheus: {url: \"https://prometheus." + w.namespace + ".svc:9090\", authSecretRef: {name: prometheus}}}\n"
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer of-the-story" {
		m.refused++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := r.FormValue("query")
	m.queries = append(m.queries, query)
	m.answer(w, query)
}

// podOf is the JobManager's pod of a query.
func podOf(query string) string {
	_, pods, _ := strings.Cut(query, `pod=~"`)
	for _, name := range strings.FieldsFunc(pods, func(r rune) bool { return r == '|' || r == '"' }) {
		if strings.Contains(name, "-jm") {
			return name
		}
	}
	return ""
}

// throttledBy answers both questions about the JobManager's pod.
func throttledBy(share float64) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, query string) {
		value := share
		if strings.Contains(query, "working_set") {
			value = 1e9
		}
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"pod":%q},"value":[1,"%g"]}]}}`, podOf(query), value)
	}
}

// A JobManager is short of CPU. The policy's Prometheus, with a token and an authority of its own, tells how much it was throttled, and that is
// evidence.
func TestThrottlingIsEvidence(t *testing.T) {
	w := newWorld(t, "story-prometheus")
	m := newMeter(w)
	w.deploy("fraud", "fraud")
	w.watch("fraud", inline(m.asked(w)))
	w.run(120, "diagnosed", func() bool { return w.health("fraud").Status.Cause == api.CauseJobManagerOverload })
	w.run(30, "evidence", func() bool { return strings.Contains(w.evidence("fraud"), "throttled 43% of the time") })
	m.mu.Lock()
	defer m.mu.Unlock()
	all := strings.Join(m.queries, "\n")
	for _, part := range []string{"container_cpu_cfs_throttled_periods_total", "container_memory_working_set_bytes", `namespace="story-prometheus"`, `container=~"flink-main-container"`} {
		if !strings.Contains(all, part) {
			t.Errorf("no query holds %s:\n%s", part, all)
		}
	}
	if m.refused > 0 {
		t.Errorf("%d requests came without the token", m.refused)
	}
}

// A Prometheus that answers 502, a million series or nothing of its API: each is a gap with a name, and the diagnosis goes on.
func TestABrokenPrometheusIsAGap(t *testing.T) {
	for i, story := range []struct {
		name, says string
		answer     func(http.ResponseWriter, string)
	}{
		{"bad gateway", "answered 502", func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusBadGateway) }},
		{"a million series", "more than 1 MiB", func(w http.ResponseWriter, _ string) {
			_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`)
			for i := range 1_000_000 {
				if _, err := fmt.Fprintf(w, `{"metric":{"pod":"p-%d"},"value":[1,"0.1"]},`, i); err != nil {
					return // nobody reads on
				}
			}
		}},
		{"a hundred and one series", "more than 100 series", func(w http.ResponseWriter, _ string) {
			series := strings.Repeat(`{"metric":{"pod":"p"},"value":[1,"0.1"]},`, 101)
			_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`+strings.TrimSuffix(series, ",")+`]}}`)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t, "story-prometheus-"+string(rune('a'+i)))
			m := newMeter(w)
			m.answer = story.answer
			w.deploy("fraud", "fraud")
			w.watch("fraud", inline(m.asked(w)))
			w.run(120, "diagnosed", func() bool { return w.health("fraud").Status.Cause == api.CauseJobManagerOverload })
			if got := w.evidence("fraud"); !strings.Contains(got, "missing throttling of the JobManager's container") || !strings.Contains(got, story.says) {
				t.Errorf("want the gap with %q, got\n%s", story.says, got)
			}
		})
	}
}

// The proxy of the JobManagers is not the way to a Prometheus.
func TestAPrometheusIsNotAskedThroughTheProxyOfTheJobManagers(t *testing.T) {
	through, err := flinkTransport("http://127.0.0.1:3128")
	mustDo(t, err)
	direct, err := flinkTransport("")
	mustDo(t, err)
	d := &Dialer{Transport: through, TLS: through, Direct: direct, DirectTLS: direct}
	reader := &secretReader{}
	if _, way := d.trusted(reader, ""); way != http.RoundTripper(direct) || direct.Proxy != nil {
		t.Errorf("asked by %+v", way)
	}
}
