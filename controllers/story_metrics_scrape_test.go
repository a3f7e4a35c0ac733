package controllers

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/yaml"
)

// bindInstalled installs a ClusterRole of config/rbac and binds it, all for the time of a test.
func bindInstalled(t *testing.T, file string, to rbacv1.Subject) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "config", "rbac", file))
	if err != nil {
		t.Fatal(err)
	}
	role := &rbacv1.ClusterRole{}
	if err := yaml.UnmarshalStrict(text, role); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name}, Subjects: []rbacv1.Subject{to}}
	if err := admin.Create(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	if err := admin.Create(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, err := range []error{admin.Delete(context.Background(), binding), admin.Delete(context.Background(), role)} {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// untilAllowed waits until the API server has taken note of a binding.
func untilAllowed(t *testing.T, what *authorizationv1.SubjectAccessReviewSpec) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: *what}
		err := admin.Create(ctx, review)
		return review.Status.Allowed, err
	})
	if err != nil {
		t.Fatalf("%+v: %v", what, err)
	}
}

// servedMetrics starts a manager's metrics as the flags have them, with no right but that of metrics_auth_role.yaml, and returns their address.
func servedMetrics(t *testing.T) string {
	t.Helper()
	const user = "checkpoint-health-of-the-metrics-story"
	bindInstalled(t, "metrics_auth_role.yaml", rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user})
	untilAllowed(t, &authorizationv1.SubjectAccessReviewSpec{User: user,
		ResourceAttributes: &authorizationv1.ResourceAttributes{Group: authenticationv1.GroupName, Resource: "tokenreviews", Verb: "create"}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	options, err := managerOptions(&Options{MetricsAddress: address, ProbeAddress: "0"})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.CopyConfig(plane.Config())
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	manager, err := ctrl.NewManager(config, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	err = wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		connection, err := net.Dial("tcp", address)
		return err == nil && connection.Close() == nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return "https://" + address + "/metrics"
}

// tokenOf is a token of a new service account.
func tokenOf(t *testing.T, namespace, name string) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := admin.Create(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	request := &authenticationv1.TokenRequest{}
	if err := admin.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// Prometheus gets the metrics as docs/metrics.md says: over TLS, with the token of its service account, once that is bound to the role of the install; what
// else is answered means what the page says.
func TestPrometheusGetsTheMetricsWithItsToken(t *testing.T) {
	namespace := namespaceFor(t, "metrics-story")
	bindInstalled(t, "metrics_reader_role.yaml", rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "prometheus"})
	untilAllowed(t, &authorizationv1.SubjectAccessReviewSpec{User: "system:serviceaccount:" + namespace + ":prometheus",
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"}})
	url := servedMetrics(t)
	for _, asked := range []struct {
		who, token string
		status     int
		says       string
	}{
		{"nobody", "", http.StatusUnauthorized, "Unauthorized"},
		{"an unknown one", "nobody's", http.StatusInternalServerError, "Authentication failed"},
		{"an account without the role", tokenOf(t, namespace, "stranger"), http.StatusForbidden, "denied"},
		{"Prometheus", tokenOf(t, namespace, "prometheus"), http.StatusOK, "# TYPE "},
	} {
		if status, body := scraped(t, url, asked.token); status != asked.status || !strings.Contains(body, asked.says) {
			t.Errorf("%s got %d %.200s, want %d and %q", asked.who, status, body, asked.status, asked.says)
		}
	}
}

// scraped asks as the ServiceMonitor of config/prometheus does: with a token, and without a look at the certificate.
func scraped(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
