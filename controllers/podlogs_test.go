package controllers

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"checkpointhealth.dev/operator/controllers/observe"
)

// What an API server is asked for: one container's newest lines with their times, bounded, and never followed.
func TestTheRequestForAContainersLog(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Encode())
		if strings.Contains(r.URL.Path, "/locked/") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			status := metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden}
			if err := json.NewEncoder(w).Encode(status); err != nil {
				t.Error(err)
			}
			return
		}
		_, _ = io.WriteString(w, "2026-03-01T12:00:00Z a line\n")
	}))
	t.Cleanup(server.Close)
	logs, err := newContainerLogs(&rest.Config{Host: server.URL})
	mustDo(t, err)
	of := observe.LogRequest{Namespace: "shop", Pod: "payments-0", Container: "flink-main-container", TailLines: 5000, LimitBytes: 1 << 20}
	for _, since := range []time.Time{{}, time.Date(2026, 3, 1, 12, 0, 1, 5e8, time.UTC)} {
		of.Since = since
		log, err := logs.ReadLog(t.Context(), of)
		mustDo(t, err)
		text, err := io.ReadAll(log)
		mustDo(t, err)
		mustDo(t, log.Close())
		if string(text) != "2026-03-01T12:00:00Z a line\n" {
			t.Errorf("read %q", text)
		}
	}
	of.Previous = true
	log, err := logs.ReadLog(t.Context(), of)
	mustDo(t, err)
	mustDo(t, log.Close())
	of.Namespace, of.Previous = "locked", false
	if _, err := logs.ReadLog(t.Context(), of); !apierrors.IsForbidden(err) {
		t.Errorf("403 becomes %v", err)
	}
	const path, query = "GET /api/v1/namespaces/shop/pods/payments-0/log ", "container=flink-main-container&limitBytes=1048576"
	want := []string{
		path + query + "&tailLines=5000&timestamps=true",
		path + query + "&sinceTime=2026-03-01T12%3A00%3A01Z&tailLines=5000&timestamps=true",
		path + query + "&previous=true&sinceTime=2026-03-01T12%3A00%3A01Z&tailLines=5000&timestamps=true",
		strings.Replace(path, "shop", "locked", 1) + query + "&sinceTime=2026-03-01T12%3A00%3A01Z&tailLines=5000&timestamps=true",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
