package prometheus

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is a vector of the API with a series for each pair of pod and value.
func answer(pairs ...string) string {
	var series []string
	for i := 0; i+1 < len(pairs); i += 2 {
		series = append(series, fmt.Sprintf(`{"metric":{"pod":%q},"value":[1772366400,%q]}`, pairs[i], pairs[i+1]))
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(series, ",") + `]}}`
}

func clientOf(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := New(server.URL, "Bearer hunter2", http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestUsageOfPods(t *testing.T) {
	var queries []string
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer hunter2" {
			t.Errorf("Authorization is %q", got)
		}
		queries = append(queries, r.FormValue("query"))
		if strings.Contains(r.FormValue("query"), "throttled") {
			_, _ = io.WriteString(w, answer("a", "0.25", "b", "1.01", "c", "NaN", "d", "-1", "stranger", "0.5"))
			return
		}
		_, _ = io.WriteString(w, answer("a", "1073741824"))
	})
	got, err := client.Pods(t.Context(), "shop", []string{"flink-main-container", "main"}, []string{"a", "b", "c", "d", "x.y"})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(got); text != "map[a:{0.25 1.073741824e+09} b:{1 NaN}]" {
		t.Errorf("got %s", text)
	}
	matcher := `namespace="shop",container=~"flink-main-container|main",pod=~"a|b|c|d|x\\.y"`
	if want := []string{fmt.Sprintf(throttledQuery, matcher), fmt.Sprintf(workingSetQuery, matcher)}; !slices.Equal(queries, want) {
		t.Errorf("asked %q", queries)
	}
}

func TestNoPodsAskNothing(t *testing.T) {
	client := clientOf(t, func(http.ResponseWriter, *http.Request) { t.Error("something was asked") })
	if got, err := client.Pods(t.Context(), "shop", []string{"main"}, nil); len(got) != 0 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// aMillion answers with a million series, or as many as are read.
func aMillion(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, strings.TrimSuffix(answer("pod", "1"), `]}}`))
	for range 1_000_000 {
		if _, err := io.WriteString(w, `,{"metric":{"pod":"pod"},"value":[1772366400,"1"]}`); err != nil {
			return // the reader had enough
		}
	}
}

// hangsUp closes the connection without a word.
func hangsUp(w http.ResponseWriter, _ *http.Request) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// Whatever answers, it is an error in our own words: bounded, and without credentials, bodies or addresses.
func TestBadAnswers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	var many []string
	for i := range MaxSeries + 1 {
		many = append(many, fmt.Sprint("pod-", i), "1")
	}
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		says    string
	}{
		{"gateway", status(http.StatusBadGateway, "<html>hunter2"), "answered 502"},
		{"wants credentials", status(http.StatusUnauthorized, "hunter2"), "answered 401: it wants other credentials"},
		{"forbidden", status(http.StatusForbidden, "hunter2"), "answered 403"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "redirects are not followed"},
		{"page", status(http.StatusOK, "<html>hunter2</html>"), "none of Prometheus's API"},
		{"empty", status(http.StatusOK, ""), "none of Prometheus's API"},
		{"broken off", status(http.StatusOK, answer("a", "1")[:60]), "none of Prometheus's API"},
		{"binary", status(http.StatusOK, "\x00\x01\xff"), "none of Prometheus's API"},
		{"scalar", status(http.StatusOK, `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`), "no vector"},
		{"null series", status(http.StatusOK, `{"status":"success","data":{"resultType":"vector","result":[null]}}`), ""},
		{"refused", status(http.StatusUnprocessableEntity, `{"status":"error","errorType":"execution","error":"hunter2"}`), "the query was refused"},
		{"error at 200", status(http.StatusOK, `{"status":"error","errorType":"timeout","error":"hunter2"}`), "refused"},
		{"too many series", status(http.StatusOK, answer(many...)), "more than 100 series"},
		{"a million series", aMillion, "more than 1 MiB"},
		{"no method", status(http.StatusMethodNotAllowed, "hunter2"), "refused"},
		{"hangs up", hangsUp, "cannot be reached"},
	} {
		got, err := clientOf(t, test.handler).Pods(t.Context(), "shop", []string{"main"}, []string{"a"})
		text := fmt.Sprint(err)
		if len(got) != 0 || (err == nil) != (test.says == "") || !strings.Contains(text, test.says) && err != nil {
			t.Errorf("%s: %v, %v; want %q", test.name, got, err, test.says)
		}
		if strings.Contains(text, "hunter2") || strings.Contains(text, "127.0.0.1") || len(text) > 300 {
			t.Errorf("%s: %q tells too much", test.name, text)
		}
	}
}

func TestNoAnswerInTime(t *testing.T) {
	client := clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := client.Pods(ctx, "shop", []string{"main"}, []string{"a"}); err == nil || !strings.Contains(err.Error(), "no answer within") {
		t.Errorf("got %v, %v", got, err)
	}
}

// One question that is answered is not lost with the other.
func TestHalfAnAnswer(t *testing.T) {
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.FormValue("query"), "throttled") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, answer("a", "5"))
	})
	got, err := client.Pods(t.Context(), "shop", []string{"main"}, []string{"a"})
	if got["a"].WorkingSet != 5 || err == nil || !strings.Contains(err.Error(), "throttled periods: answered 502") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAddressesThatCannotBeUsed(t *testing.T) {
	for _, address := range []string{"", "prometheus", "ftp://prometheus", "http://", "http://user:hunter2@prometheus:9090", "http://[::1"} {
		_, err := New(address, "", http.DefaultTransport)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("New(%q): %v", address, err)
		}
	}
}
