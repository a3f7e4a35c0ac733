package controllers

import (
	"context"
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A Secret that an endpoint names is read once a minute and not in every pass; a new token makes a new connection, and a Secret that is gone
// ends the old one.
func TestSecretsAreReadOnceAMinute(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "token"}, Data: map[string][]byte{"token": []byte("a")}}
	reads := 0
	live := interceptor.NewClient(fake.NewClientBuilder().WithObjects(secret).Build(), interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			reads++
			return c.Get(ctx, key, into, options...)
		}})
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	dialer := &Dialer{Transport: http.DefaultTransport, TLS: &http.Transport{}, Timeout: time.Second, Now: func() time.Time { return now }}
	object := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "payments", Generation: 1}}
	object.Spec.Endpoint.AuthSecretRef.Name = "token"
	target, s := &model.Target{Namespace: "shop", Cluster: "payments"}, &session{}
	dial := func(after time.Duration) {
		t.Helper()
		now = now.Add(after)
		if failure, err := dialer.connect(t.Context(), live, object, target, s); err != nil || failure != nil {
			t.Fatal(failure, err)
		}
	}
	dial(0)
	first := s.connection
	for _, later := range []struct {
		after time.Duration
		reads int
	}{{30 * time.Second, 1}, {time.Minute, 2}} {
		dial(later.after)
		if reads != later.reads || s.connection != first {
			t.Errorf("%d reads after another %s, want %d; an unchanged Secret keeps the connection", reads, later.after, later.reads)
		}
	}
	secret.Data["token"] = []byte("b")
	mustDo(t, live.Update(t.Context(), secret))
	dial(time.Minute)
	if s.connection == first {
		t.Error("a new token is not taken up")
	}
	mustDo(t, live.Delete(t.Context(), secret))
	now = now.Add(time.Minute)
	failure, err := dialer.connect(t.Context(), live, object, target, s)
	if err != nil || failure == nil || failure.Reason != api.ReasonEndpointInvalid || s.connection != nil {
		t.Errorf("a Secret that is gone: %+v, %v, connection kept: %v", failure, err, s.connection != nil)
	}
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
