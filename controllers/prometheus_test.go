package controllers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// metered is a workload of one JobManager, and a Prometheus in namespace monitoring that answers what the test says.
type metered struct {
	r      *CheckpointHealthReconciler
	clock  *testingclock.FakePassiveClock
	live   client.Client
	asked  []*http.Request
	reads  int // of Secrets
	status int
	s      *scope
}

func newMetered(t *testing.T, also ...client.Object) *metered {
	t.Helper()
	scheme, err := Scheme()
	mustDo(t, err)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "payments-0", Labels: map[string]string{"app": "payments", "component": "jobmanager"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "flink-main-container"}}}}
	m := &metered{status: http.StatusOK, clock: testingclock.NewFakePassiveClock(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))}
	m.live = interceptor.NewClient(fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(also, pod)...).Build(), interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			if _, ok := into.(*corev1.Secret); ok {
				m.reads++
			}
			return c.Get(ctx, key, into, options...)
		}})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked = append(m.asked, r)
		value := "0.4"
		if strings.Contains(r.FormValue("query"), "working_set") {
			value = "1000000"
		}
		w.WriteHeader(m.status)
		_, _ = io.WriteString(w, fmt.Sprintf(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"pod":"payments-0"},"value":[1,%q]}]}}`, value))
	})
	m.r = &CheckpointHealthReconciler{Client: m.live, Live: m.live, Clock: m.clock, Dial: &Dialer{Direct: inProcess{handler}, DirectTLS: &http.Transport{}, Now: m.clock.Now}}
	m.s = &scope{object: &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "payments"}}, session: &session{}}
	m.s.policy.Prometheus = api.PrometheusSpec{URL: "http://prometheus.monitoring.svc:9090/base"}
	return m
}

// look makes a pass, and returns what it saw and the gap of throttling.
func (m *metered) look(t *testing.T, deep bool) (snapshot model.Snapshot, gap string) {
	t.Helper()
	snapshot = model.Snapshot{Deep: deep, Target: model.Target{Namespace: "shop", Name: "payments", PodLabels: map[string]string{"app": "payments"}}}
	m.r.podsSeen(t.Context(), m.s, &snapshot)
	for _, g := range snapshot.Gaps {
		if g.Kind == model.GapThrottling {
			gap += g.Why
		}
	}
	return snapshot, gap
}

func serviceOfPrometheus() *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring", Name: "prometheus"}}
}

// A deep pass learns how much the JobManager was throttled, with the Secret's token; a shallow one asks nothing, and the Secret is read once a
// minute.
func TestThrottlingComesFromThePolicysPrometheus(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "token"}, Data: map[string][]byte{"token": []byte("hunter2")}}
	m := newMetered(t, serviceOfPrometheus(), secret)
	m.s.policy.Prometheus.AuthSecretRef.Name = "token"
	if _, gap := m.look(t, false); len(m.asked) != 0 || m.reads != 0 || gap != "" {
		t.Fatalf("a shallow pass asked %d times, read %d Secrets; %s", len(m.asked), m.reads, gap)
	}
	for _, later := range []struct {
		after time.Duration
		reads int
	}{{0, 1}, {30 * time.Second, 1}, {time.Minute, 2}} {
		m.clock.SetTime(m.clock.Now().Add(later.after))
		snapshot, gap := m.look(t, true)
		got := fmt.Sprint(snapshot.JobManager.ThrottledShare, snapshot.Pods[0].MemoryUsage, m.reads, gap)
		if want := fmt.Sprint(model.Measured(0.4), model.Measured(1e6), later.reads, ""); got != want {
			t.Fatalf("after %s: share, memory, reads and gap are %s, want %s", later.after, got, want)
		}
	}
	if first := m.asked[0]; first.URL.Host != "prometheus.monitoring.svc:9090" || first.URL.Path != "/base/api/v1/query" || first.Header.Get("Authorization") != "Bearer hunter2" {
		t.Errorf("asked %s with %q", first.URL, first.Header.Get("Authorization"))
	}
	m.s.policy.Prometheus.URL = ""
	asked := len(m.asked)
	if _, gap := m.look(t, true); gap != "" || len(m.asked) != asked {
		t.Errorf("without a url: gap %q, %d requests", gap, len(m.asked)-asked)
	}
}

// Whatever stands in the way is a gap with a name, and the pass goes on.
func TestWhyThrottlingIsNotKnown(t *testing.T) {
	away := serviceOfPrometheus()
	away.Spec.Type, away.Spec.ExternalName = corev1.ServiceTypeExternalName, "evil.example"
	empty := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "token"}}
	for _, test := range []struct {
		name    string
		objects []client.Object
		change  func(*metered)
		asks    bool
		says    string
	}{
		{"502", []client.Object{serviceOfPrometheus()}, func(m *metered) { m.status = http.StatusBadGateway }, true, "answered 502"},
		{"no Service", nil, func(*metered) {}, false, "cannot be read"},
		{"a Service that leads out", []client.Object{away}, func(*metered) {}, false, "ExternalName"},
		{"no Secret", []client.Object{serviceOfPrometheus()}, func(m *metered) { m.s.policy.Prometheus.AuthSecretRef.Name = "token" }, false, "name another in spec.signals.prometheus"},
		{"an empty Secret", []client.Object{serviceOfPrometheus(), empty}, func(m *metered) { m.s.policy.Prometheus.AuthSecretRef.Name = "token" }, false, "spec.signals.prometheus.authSecretRef wants"},
		{"a broken certificate", []client.Object{serviceOfPrometheus(), &corev1.Secret{ObjectMeta: empty.ObjectMeta, Data: map[string][]byte{"ca.crt": []byte("none")}}},
			func(m *metered) { m.s.policy.Prometheus.AuthSecretRef.Name = "token" }, false, "holds no certificate under ca.crt, which spec.signals.prometheus.authSecretRef wants"},
		{"an allowed host needs no Service", nil, func(m *metered) { m.r.Dial.PrometheusHosts = []string{"prometheus.monitoring.svc"} }, true, ""},
	} {
		m := newMetered(t, test.objects...)
		test.change(m)
		snapshot, gap := m.look(t, true)
		if !strings.Contains(gap, test.says) || (gap == "") != (test.says == "") || (len(m.asked) > 0) != test.asks || len(snapshot.Pods) != 1 {
			t.Errorf("%s: gap %q, %d requests, %d pods; want %q", test.name, gap, len(m.asked), len(snapshot.Pods), test.says)
		}
	}
}

// A policy that would have another host asked is refused, inline or shared, unless the operator allows the host.
func TestAPolicyWithAnotherHostIsRefused(t *testing.T) {
	scheme, err := Scheme()
	mustDo(t, err)
	spec := api.RemediationPolicySpec{Signals: api.SignalsSpec{Prometheus: api.PrometheusSpec{URL: "http://169.254.169.254/latest"}}, NetworkProbe: api.NetworkProbePod}
	shared := &api.RemediationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "prod"}, Spec: spec}
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(shared).Build()
	inline := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}, Spec: api.CheckpointHealthSpec{Policy: spec}}
	named := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}, Spec: api.CheckpointHealthSpec{PolicyRef: api.PolicyReference{Name: "prod"}}}
	for _, object := range []*api.CheckpointHealth{inline, named} {
		policy, err := resolvePolicy(t.Context(), reader, object, nil)
		why := policy.Problem
		if err != nil || why.Reason != api.ReasonPolicyInvalid || !strings.Contains(why.Message, `spec.signals.prometheus.url "http://169.254.169.254/latest"`) {
			t.Errorf("got %+v, %v", why, err)
		}
		if policy.Prometheus.URL != "" || policy.NetworkProbe != api.NetworkProbeOff {
			t.Errorf("a host that is not allowed is asked all the same, or a pod is made: %+v, %s", policy.Prometheus, policy.NetworkProbe)
		}
		policy, err = resolvePolicy(t.Context(), reader, object, []string{"169.254.169.254"})
		if err != nil || policy.Problem.Refused() || policy.Prometheus.URL == "" {
			t.Errorf("allowed: %+v, %+v, %v", policy.Prometheus, policy.Problem, err)
		}
	}
}

func TestHostsOfTheFlag(t *testing.T) {
	for host, good := range map[string]bool{"prometheus.example.com": true, "10.0.0.1": true, "::1": true, "": false, "http://a": false, "a:9090": false, "*": false} {
		if err := checkedHosts([]string{host}); (err == nil) != good {
			t.Errorf("%q: %v", host, err)
		}
	}
}

// A job that is suspended has no pods; each look past the cache for them would be one for ever.
func TestWhoseJobIsAwayIsAskedForPods(t *testing.T) {
	for _, test := range []struct {
		reason    string
		suspended bool
		want      bool
	}{
		{api.ReasonJobManagerUnreachable, false, true}, {api.ReasonUpgrading, false, true}, {api.ReasonUpgrading, true, false},
		{api.ReasonJobNotFound, false, false}, {"", false, false},
	} {
		s := &model.Snapshot{Availability: model.Availability{Reason: test.reason}, Target: model.Target{Suspended: test.suspended}}
		if got := away(s); got != test.want {
			t.Errorf("%q, suspended %t: away %t, want %t", test.reason, test.suspended, got, test.want)
		}
	}
}
